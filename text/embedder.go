package text

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Embedder turns texts into unit vectors whose cosine, which is their dot
// product, is high for texts that are alike. With the zero options it is
// [Lexical]. It is safe for concurrent use.
type Embedder struct {
	opt     EmbedderOptions
	eng     *optimize.Engine[string, []float32]
	hashers sync.Pool // of *hasher
}

var _ quintet.Pipeline[string, []float32] = (*Embedder)(nil)

// NewEmbedder returns an embedder, or an error wrapping [quintet.ErrOption].
func NewEmbedder(o EmbedderOptions) (*Embedder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Embedder{opt: o}
	e.hashers.New = func() any { return new(hasher) }
	e.eng = optimize.NewEngine(o.Runtime, "text.Embedder", e.step)
	return e, nil
}

// Dim returns the length of the vectors.
func (e *Embedder) Dim() int { return e.opt.Dim }

// Run returns the vector of one text; the caller owns it. A text of white space
// or longer than MaxBytes has none and gets an error wrapping [quintet.ErrInput],
// so that no vector without direction reaches an index.
func (e *Embedder) Run(ctx context.Context, s string) ([]float32, error) { return e.eng.Run(ctx, s) }

// RunBatch returns the vectors of all texts; see [quintet.Pipeline] for its
// errors.
func (e *Embedder) RunBatch(ctx context.Context, texts []string) ([][]float32, error) {
	return e.eng.RunBatch(ctx, texts)
}

// Stream returns the vectors of texts as they are pulled.
func (e *Embedder) Stream(ctx context.Context, texts iter.Seq[string]) iter.Seq2[[]float32, error] {
	return e.eng.Stream(ctx, texts)
}

// Close waits for running calls and releases e. Later calls return
// [quintet.ErrClosed].
func (e *Embedder) Close() error { return e.eng.Close() }

func (e *Embedder) step(_ context.Context, s string) ([]float32, error) {
	if len(s) > e.opt.MaxBytes {
		return nil, fmt.Errorf("text has %d bytes, limit %d: %w", len(s), e.opt.MaxBytes, quintet.ErrInput)
	}
	h := e.hashers.Get().(*hasher)
	v := h.embed(s, make([]float32, e.opt.Dim))
	empty := h.words.size() == 0
	if cap(h.tokens) <= maxDesk {
		e.hashers.Put(h)
	}
	if empty {
		return nil, fmt.Errorf("text has nothing but white space: %w", quintet.ErrInput)
	}
	return v, nil
}
