package text

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Pipeline analyses documents. It is safe for concurrent use.
type Pipeline struct {
	opt   Options
	eng   *optimize.Engine[Document, Result]
	desks sync.Pool // of *desk
}

var _ quintet.Pipeline[Document, Result] = (*Pipeline)(nil)

// New returns a pipeline, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Pipeline, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pipeline{opt: o}
	p.desks.New = func() any { return new(desk) }
	p.eng = optimize.NewEngine(o.Runtime, "text", p.step)
	return p, nil
}

// Run analyses one document. A body longer than MaxBytes gets an error wrapping
// [quintet.ErrInput]; any other body has a result, an empty one an empty result.
func (p *Pipeline) Run(ctx context.Context, d Document) (Result, error) { return p.eng.Run(ctx, d) }

// RunBatch analyses every document; see [quintet.Pipeline] for its errors.
func (p *Pipeline) RunBatch(ctx context.Context, ds []Document) ([]Result, error) {
	return p.eng.RunBatch(ctx, ds)
}

// Stream analyses documents as they are pulled.
func (p *Pipeline) Stream(ctx context.Context, ds iter.Seq[Document]) iter.Seq2[Result, error] {
	return p.eng.Stream(ctx, ds)
}

// Close waits for running calls and releases p. Later calls return
// [quintet.ErrClosed].
func (p *Pipeline) Close() error { return p.eng.Close() }

// step is the whole of the domain's work on one document. Tokens and sentences
// are found once, on a desk that is used again, and copied if they were asked for.
func (p *Pipeline) step(ctx context.Context, d Document) (Result, error) {
	if len(d.Body) > p.opt.MaxBytes {
		return Result{}, fmt.Errorf("body has %d bytes, limit %d: %w", len(d.Body), p.opt.MaxBytes, quintet.ErrInput)
	}
	w := p.desks.Get().(*desk)
	defer p.release(w)

	r := Result{ID: d.ID}
	asked := func(t Task) bool { return p.opt.Tasks&t != 0 }
	paragraphs := 0
	if asked(TaskSentences | TaskStats) {
		w.sentences, paragraphs = appendSentences(w.sentences[:0], d.Body)
	}
	if asked(TaskTokens | TaskStats | TaskKeywords) {
		w.tokens = AppendTokens(w.tokens[:0], d.Body)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if asked(TaskStats) {
		r.Stats = statistics(&w.words, d.Body, w.tokens, len(w.sentences), paragraphs)
	}
	if asked(TaskKeywords) {
		r.Keywords = w.extractor.keywords(d.Body, w.tokens, p.opt.TopKeywords)
	}
	if asked(TaskSentences) {
		r.Sentences = append([]Sentence(nil), w.sentences...) // nil if there is none
	}
	if asked(TaskTokens) {
		r.Tokens = append([]Token(nil), w.tokens...)
	}
	return r, ctx.Err()
}

// desk holds the working memory of one document.
type desk struct {
	tokens    []Token
	sentences []Sentence
	words     vocabulary
	extractor extractor
}

// maxDesk is the number of tokens from which a desk is not kept: a few long
// documents must not make every later one pay for their memory.
const maxDesk = 1 << 15

func (p *Pipeline) release(w *desk) {
	if cap(w.tokens) > maxDesk {
		return
	}
	w.words.reset()
	w.extractor.reset()
	p.desks.Put(w)
}
