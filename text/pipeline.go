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
	pii   piiDetector
	eng   *optimize.Engine[Document, Result]
	desks [2]sync.Pool // of *desk: for short bodies, and for long ones
}

var _ quintet.Pipeline[Document, Result] = (*Pipeline)(nil)

// New returns a pipeline, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Pipeline, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pipeline{opt: o, pii: newPIIDetector(o.PII)}
	for i := range p.desks {
		p.desks[i].New = func() any { return new(desk) }
	}
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
	desks := &p.desks[0]
	if len(d.Body) > longBody {
		desks = &p.desks[1]
	}
	w := desks.Get().(*desk)
	defer w.release(desks)

	r := Result{ID: d.ID}
	paragraphs := p.split(w, d.Body)
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if p.asked(TaskLanguage) {
		r.Language.Code, r.Language.Confidence = p.opt.Language.DetectLanguage(d.Body)
	}
	if p.asked(TaskStats) {
		r.Stats = statistics(&w.words, d.Body, w.tokens, len(w.sentences), paragraphs)
	}
	if p.asked(TaskKeywords) {
		r.Keywords = w.extractor.keywordsBy(p.opt.KeywordMethod, d.Body, w.tokens, p.opt.TopKeywords)
	}
	if p.asked(TaskSentiment) {
		r.Sentiment = w.sentiment.sentiment(d.Body, w.tokens, w.sentences)
		r.Sentiment.Sentences = append([]SentenceSentiment(nil), r.Sentiment.Sentences...)
	}
	if p.asked(TaskSummary) {
		r.Summary = w.summary.summarize(d.Body, w.tokens, w.sentences, p.opt.Summary)
	}
	if p.asked(TaskSentences) {
		r.Sentences = append([]Sentence(nil), w.sentences...) // nil if there is none
	}
	if err := p.read(ctx, w, d.Body, &r); err != nil {
		return Result{}, err
	}
	if p.asked(TaskTopics) {
		var err error
		if r.Topics, err = documentTopics(ctx, d.Body, w.tokens, w.sentences, p.opt.Topics); err != nil {
			return Result{}, err
		}
	}
	if p.asked(TaskTokens) {
		r.Tokens = handOver(&w.tokens)
	}
	return r, ctx.Err()
}

func (p *Pipeline) asked(t Task) bool { return p.opt.Tasks&t != 0 }

// split finds the tokens and sentences that some task needs, and counts paragraphs.
func (p *Pipeline) split(w *desk, body string) (paragraphs int) {
	const both = TaskTags | TaskLemmas | TaskEntities | TaskAspects | TaskTopics
	names := p.opt.namesPeople()
	if p.asked(TaskSentences|TaskStats|TaskSentiment|TaskSummary|both) || names {
		w.sentences, paragraphs = appendSentences(w.sentences[:0], body)
	}
	if p.asked(TaskTokens|TaskStats|TaskKeywords|TaskSentiment|TaskSummary|both) || names {
		w.tokens = AppendTokens(w.tokens[:0], body)
	}
	return paragraphs
}

// read fills in what needs the grammar of the body, or a model.
func (p *Pipeline) read(ctx context.Context, w *desk, body string, r *Result) (err error) {
	var what want
	if p.asked(TaskTags | TaskAspects) {
		what |= wantTags
	}
	if p.asked(TaskLemmas) {
		what |= wantTags | wantLemmas
	}
	entities := p.asked(TaskEntities) || p.opt.namesPeople()
	if entities && p.opt.Entities == nil {
		what |= wantEntities
	}
	if what != 0 {
		w.grammar.read(body, w.tokens, w.sentences, what)
		if p.asked(TaskAspects) {
			r.Aspects = w.aspects.find(body, w.tokens, w.sentences, w.grammar.tagged)
		}
		if p.asked(TaskTags | TaskLemmas) {
			r.Words = handOver(&w.grammar.tagged)
		}
		r.Entities = append([]Entity(nil), w.grammar.entities...)
	}
	if entities && p.opt.Entities != nil {
		if r.Entities, err = p.opt.Entities.Run(ctx, body); err != nil {
			return err
		}
	}
	if p.asked(TaskPII) {
		r.PII = p.pii.find(nil, body, p.names(body, r.Entities))
	}
	if !p.asked(TaskEntities) {
		r.Entities = nil
	}
	switch {
	case !p.asked(TaskEmbedding):
	case p.opt.Embedder != nil:
		r.Embedding, err = p.opt.Embedder.Run(ctx, body)
	default:
		r.Embedding = Lexical(body, make([]float32, defaultDim))
	}
	return err
}

// names returns the spans of people, for personal data.
func (p *Pipeline) names(body string, entities []Entity) (names []Span) {
	switch {
	case p.opt.PII.Names != nil:
		return p.opt.PII.Names(body)
	case p.opt.namesPeople():
		for _, e := range entities {
			if e.Label == EntityPerson {
				names = append(names, e.Span)
			}
		}
	}
	return names
}

// desk holds the working memory of one document.
type desk struct {
	tokens    []Token
	sentences []Sentence
	words     vocabulary
	extractor extractor
	sentiment sentimentScorer
	summary   summarizer
	grammar   grammar
	aspects   aspectFinder
}

// longBody is the number of bytes from which a body has a desk for long ones, so that
// a few of them do not make every short one hold on to their memory. A desk that has
// grown beyond maxDesk tokens is not kept at all.
const (
	longBody = 1 << 15
	maxDesk  = 1 << 21
)

// release gives the desk back.
func (w *desk) release(desks *sync.Pool) {
	if cap(w.tokens) > maxDesk {
		return
	}
	w.words.reset()
	w.extractor.reset()
	desks.Put(w)
}

// handOver returns what is on a desk for the result: a copy, or if it is long and its
// memory well used the slice itself, which costs less than to copy it. Nothing is nil.
func handOver[T any](from *[]T) []T {
	all := *from
	if len(all) <= longBody || len(all) < cap(all)/2 {
		return append([]T(nil), all...)
	}
	*from = nil
	return all
}
