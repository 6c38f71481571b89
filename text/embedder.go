package text

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Embedder turns texts into unit vectors whose cosine, which is their dot
// product, is high for texts that are alike: by their words with the zero options
// ([Lexical]), by their meaning with a model. It is safe for concurrent use.
type Embedder struct {
	opt     EmbedderOptions
	eng     quintet.Pipeline[string, []float32]
	hashers sync.Pool // of *hasher
	model   *encoder  // nil for the lexical embedding
}

var _ quintet.Pipeline[string, []float32] = (*Embedder)(nil)

// NewEmbedder returns an embedder, or an error wrapping [quintet.ErrOption]. With
// a Model it loads the model and fails with [quintet.ErrModel] if its files do not
// make an encoder, and with what optimize.Runtime.Session fails with. Concurrent
// calls of Run are batched when that is faster.
func NewEmbedder(o EmbedderOptions) (*Embedder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Embedder{opt: o}
	if o.Model.IsZero() {
		e.hashers.New = func() any { return new(hasher) }
		e.eng = optimize.NewEngine(o.Runtime, "text.Embedder", e.step)
		return e, nil
	}
	if e.model, err = newEncoder(context.Background(), o); err != nil {
		return nil, err
	}
	var batcher *optimize.Batcher[string, []float32]
	batcher, err = optimize.NewBatcher(o.Runtime, "text.Embedder", optimize.BatchOptions[string]{Length: e.model.length},
		func(ctx context.Context, texts []string) ([][]float32, error) {
			check := func(s string) error { return checkText(s, o.MaxBytes) }
			return acceptable(texts, check, func(good []string) ([][]float32, error) {
				return e.model.embed(ctx, good, batcher.Padded)
			})
		})
	if err == nil {
		err = warmUp(batcher, o.WarmUp, e.model.length(prose(256)), prose)
	}
	if err != nil {
		return nil, errors.Join(err, e.model.close())
	}
	e.eng = batcher
	return e, nil
}

// Dim returns the length of the vectors, 0 if the model does not say.
func (e *Embedder) Dim() int {
	if e.opt.Dim == 0 && e.model != nil {
		return max(e.model.dim, 0)
	}
	return e.opt.Dim
}

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
func (e *Embedder) Close() error {
	err := e.eng.Close()
	if e.model != nil {
		err = errors.Join(err, e.model.close())
	}
	return err
}

var errBlank = fmt.Errorf("text has nothing but white space: %w", quintet.ErrInput)

func (e *Embedder) step(_ context.Context, s string) ([]float32, error) {
	if err := checkText(s, e.opt.MaxBytes); err != nil {
		return nil, err
	}
	h := e.hashers.Get().(*hasher)
	v := h.embed(s, make([]float32, e.opt.Dim))
	empty := h.words.size() == 0
	if cap(h.tokens) <= maxDesk {
		e.hashers.Put(h)
	}
	if empty {
		return nil, errBlank
	}
	return v, nil
}
