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

// Pair is a question and a passage that may answer it.
type Pair struct {
	Query   string `json:"query"`   // the question
	Passage string `json:"passage"` // what may answer it
}

// RerankerOptions configures a [Reranker]. The fields are those of
// [ClassifierOptions].
type RerankerOptions ClassifierOptions

// Reranker scores how well passages answer a question, with a cross-encoder: a
// transformer that reads both together. It is slower than comparing vectors and
// better; give it the best few dozen hits of a search. It is safe for concurrent
// use.
type Reranker struct {
	*head
	eng *optimize.Batcher[Pair, float64]
}

var _ quintet.Pipeline[Pair, float64] = (*Reranker)(nil)

// NewReranker loads a model with one logit, or with two of which the second means
// yes. It fails as [NewClassifier] does.
func NewReranker(o RerankerOptions) (*Reranker, error) {
	h, err := newHead(context.Background(), ClassifierOptions(o))
	if err != nil {
		return nil, err
	}
	if h.classes > 2 {
		err := fmt.Errorf("text: a model with %d classes is no reranker: %w", h.classes, quintet.ErrModel)
		return nil, errors.Join(err, h.close())
	}
	r := &Reranker{head: h}
	length := func(p Pair) int { return h.length(p.Query) + h.length(p.Passage) }
	r.eng, err = optimize.NewBatcher(o.Runtime, "text.Reranker", optimize.BatchOptions[Pair]{Length: length}, r.step)
	if err == nil {
		err = warmUp(r.eng, o.WarmUp, length(Pair{prose(256), prose(256)}), func(n int) Pair {
			return Pair{prose(n / 4), prose(n - n/4)}
		})
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return r, nil
}

// Run returns the probability, from 0 to 1, that the passage answers the query. Of
// a pair that is too long the longer text is cut.
func (r *Reranker) Run(ctx context.Context, p Pair) (float64, error) { return r.eng.Run(ctx, p) }

// RunBatch scores every pair; see [quintet.Pipeline] for its errors.
func (r *Reranker) RunBatch(ctx context.Context, pairs []Pair) ([]float64, error) {
	return r.eng.RunBatch(ctx, pairs)
}

// Stream scores pairs as they are pulled.
func (r *Reranker) Stream(ctx context.Context, pairs iter.Seq[Pair]) iter.Seq2[float64, error] {
	return r.eng.Stream(ctx, pairs)
}

// Close waits for running calls and gives the model back.
func (r *Reranker) Close() error { return errors.Join(r.eng.Close(), r.close()) }

func (r *Reranker) step(ctx context.Context, pairs []Pair) ([]float64, error) {
	check := func(p Pair) error {
		return errors.Join(checkText(p.Query, r.opt.MaxBytes), checkText(p.Passage, r.opt.MaxBytes))
	}
	return acceptable(pairs, check, func(good []Pair) ([]float64, error) {
		encodings := make([]tokenize.Encoding, len(good))
		for i, p := range good {
			encodings[i] = r.tokens.EncodePair(tokenize.Encoding{}, p.Query, p.Passage)
		}
		logits, err := r.logits(ctx, encodings, r.eng.Padded)
		if err != nil {
			return nil, err
		}
		out := make([]float64, len(good))
		for i, row := range logits {
			switch len(row) {
			case 1:
				out[i] = sigmoid(row[0])
			case 2:
				out[i] = softmax(row)[1]
			default:
				return nil, fmt.Errorf("the model gave %d logits: %w", len(row), quintet.ErrModel)
			}
		}
		return out, nil
	})
}
