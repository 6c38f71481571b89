package text

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// Question is a question and the text in which the answer is looked for.
type Question struct {
	Question string `json:"question"` // what is asked
	Context  string `json:"context"`  // where the answer is looked for
}

// Answer is a part of a context. The answer that there is none, which an
// [Answerer] gives with NoAnswer only, has no text and an empty span.
type Answer struct {
	Span          // in the context
	Text  string  `json:"text"`  // what the span covers
	Score float64 `json:"score"` // from 0 to 1; see [Answerer.Run]
}

// Answerer finds the answers to questions in texts of any length. It is safe for
// concurrent use.
type Answerer struct {
	*transformer
	opt        AnswererOptions // with Stride filled in
	start, end int             // outputs of the session
	eng        *optimize.Batcher[Question, []Answer]
}

var _ quintet.Pipeline[Question, []Answer] = (*Answerer)(nil)

// NewAnswerer loads a model. It fails with [quintet.ErrModel] if the model has no
// outputs for where an answer starts and ends, and as [NewClassifier] does.
func NewAnswerer(o AnswererOptions) (*Answerer, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Answerer{opt: o}
	a.transformer, err = openTransformer(context.Background(), o.Runtime, o.Model, o.Session, o.MaxTokens)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.setWindow(), a.bind()); err != nil {
		return nil, errors.Join(err, a.close())
	}
	length := func(q Question) int { return (len(q.Question)+len(q.Context))/4 + 4 }
	bo := optimize.BatchOptions[Question]{Length: length}
	a.eng, err = optimize.NewBatcher(o.Runtime, "text.Answerer", bo, a.step)
	if err == nil {
		err = warmUp(a.eng, o.WarmUp, a.length(prose(256)), func(n int) Question {
			return Question{prose(4), prose(n - 4)}
		})
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// setWindow says how contexts are cut.
func (a *Answerer) setWindow() (err error) {
	window := a.tokens.Truncation().MaxTokens
	if a.opt.MaxTokens == 0 {
		window = min(window, 384)
	}
	room := window - a.tokens.SpecialTokens(true)
	if a.opt.Stride == 0 {
		a.opt.Stride = min(128, max(room, 0)/2)
	}
	if a.opt.Stride >= room {
		return fmt.Errorf("text: Stride %d of windows of %d tokens: %w", a.opt.Stride, window, quintet.ErrOption)
	}
	return a.cutAt(window, tokenize.OnlySecond)
}

// bind finds the outputs.
func (a *Answerer) bind() error {
	a.start, a.end = -1, -1
	for i, out := range a.session.Outputs() {
		switch fits := out.DType == optimize.Float32 && len(out.Shape) == 2; {
		case fits && out.Name == "start_logits":
			a.start = i
		case fits && out.Name == "end_logits":
			a.end = i
		}
	}
	if a.start < 0 || a.end < 0 {
		return fmt.Errorf("text: outputs %v have no start_logits and end_logits of tokens: %w",
			a.session.Outputs(), quintet.ErrModel)
	}
	sample := a.tokens.EncodePair(tokenize.Encoding{}, "a", "a")
	if a.opt.NoAnswer && (sample.Len() == 0 || sample.SpecialMask[0] == 0) {
		return fmt.Errorf("text: NoAnswer needs a tokenizer that puts a special token first: %w", quintet.ErrModel)
	}
	return nil
}

// Run returns the best answers, best first, equal ones by their place in the
// context, at least one. They may overlap, but no span is given twice.
//
// The score of a span is the probability that the answer starts with its first
// token times that that it ends with its last one, both among the tokens of one
// window and the special token before them. It does not compare windows with each
// other: where one has no answer, only a model that can say so has low scores
// there. Of a span that several windows have, the best score counts. With NoAnswer
// the score of none is its lowest in any window.
//
// A question that leaves no more than Stride tokens of a window for the context, a
// blank one and a context without tokens are [quintet.ErrInput].
func (a *Answerer) Run(ctx context.Context, q Question) ([]Answer, error) { return a.eng.Run(ctx, q) }

// RunBatch answers every question; see [quintet.Pipeline] for its errors.
func (a *Answerer) RunBatch(ctx context.Context, questions []Question) ([][]Answer, error) {
	return a.eng.RunBatch(ctx, questions)
}

// Stream answers questions as they are pulled.
func (a *Answerer) Stream(ctx context.Context, questions iter.Seq[Question]) iter.Seq2[[]Answer, error] {
	return a.eng.Stream(ctx, questions)
}

// Close waits for running calls and gives the model back.
func (a *Answerer) Close() error { return errors.Join(a.eng.Close(), a.close()) }

func (a *Answerer) step(ctx context.Context, questions []Question) ([][]Answer, error) {
	check := func(q Question) error {
		if err := checkText(q.Question, a.opt.MaxBytes); err != nil {
			return fmt.Errorf("question: %w", err)
		}
		if err := checkText(q.Context, a.opt.MaxBytes); err != nil {
			return fmt.Errorf("context: %w", err)
		}
		return nil
	}
	return acceptable(questions, check, func(good []Question) ([][]Answer, error) { return a.answer(ctx, good) })
}

// answer runs the windows of all questions and picks the best spans of each.
func (a *Answerer) answer(ctx context.Context, questions []Question) ([][]Answer, error) {
	var windows []tokenize.Encoding
	var of []int // the question of each window
	var errs []error
	best := make([]topSpans, len(questions))
	for i, q := range questions {
		best[i] = topSpans{
			body: q.Context, most: a.opt.TopK, longest: a.opt.MaxAnswerTokens, partWords: a.opt.PartWords,
		}
		own, err := a.windows(q)
		if err != nil {
			errs = append(errs, optimize.FailItem(i, err))
			continue
		}
		for _, w := range own {
			windows, of = append(windows, w), append(of, i)
		}
	}
	err := a.runGroups(ctx, windows, a.eng.Padded, func(outputs []optimize.Tensor, at []int) error {
		return a.collect(outputs, windows, at, func(i int) *topSpans { return &best[of[i]] })
	})
	if err != nil {
		return nil, err
	}
	out := make([][]Answer, len(questions))
	for i := range questions {
		if out[i] = best[i].answers(a.opt.NoAnswer); len(out[i]) == 0 && best[i].windows > 0 {
			errs = append(errs, optimize.FailItem(i, fmt.Errorf("context has no words: %w", quintet.ErrInput)))
		}
	}
	return out, errors.Join(errs...)
}

// windows returns the encodings of a question with each part of its context.
func (a *Answerer) windows(q Question) ([]tokenize.Encoding, error) {
	windows, err := a.tokens.EncodePairWindows(q.Question, q.Context, a.opt.Stride)
	if err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	var tokens [2]int
	for _, sequence := range windows[0].SequenceIDs {
		if sequence >= 0 {
			tokens[sequence]++
		}
	}
	if tokens[0] == 0 || tokens[1] == 0 {
		return nil, fmt.Errorf("question has %d tokens, context %d: %w", tokens[0], tokens[1], quintet.ErrInput)
	}
	return windows, nil
}

// collect adds the spans of a group of windows to those of their questions.
func (a *Answerer) collect(
	outputs []optimize.Tensor, windows []tokenize.Encoding, at []int, best func(window int) *topSpans,
) error {
	starts, err := rows(outputs[a.start], len(at))
	if err != nil {
		return err
	}
	ends, err := rows(outputs[a.end], len(at))
	if err != nil {
		return err
	}
	for k, i := range at {
		w := windows[i]
		if len(starts[k]) < w.Len() || len(ends[k]) < w.Len() {
			return fmt.Errorf("%d and %d logits for %d tokens: %w",
				len(starts[k]), len(ends[k]), w.Len(), quintet.ErrModel)
		}
		best(i).add(w, starts[k], ends[k])
	}
	return nil
}
