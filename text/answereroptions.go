package text

import (
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// AnswererOptions configures an [Answerer].
type AnswererOptions struct {
	// Model is a transformer for extractive question answering in the Hugging
	// Face layout, with outputs start_logits and end_logits. It must be given.
	Model optimize.Model

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// TopK is how many answers are given at most, 1,000 at most. Default: 1.
	TopK int

	// MaxAnswerTokens is the length of the longest answer, in tokens. Default:
	// 15.
	MaxAnswerTokens int

	// NoAnswer has the answer that there is none compete with the others. It
	// is for models that were trained with such questions, as in SQuAD 2.0,
	// and needs a tokenizer that puts a special token first.
	NoAnswer bool

	// PartWords lets answers begin and end within a word, which languages that
	// do not part words by spaces want. Default: they are widened to words.
	PartWords bool

	// MaxTokens is the length of a window: a question with as much of the
	// context as fits. Default: what the model's files say, at most 384.
	MaxTokens int

	// Stride is how many tokens of the context two neighbouring windows share;
	// an answer longer than that may lie in no window. Default: 128, or half
	// of the room in a window if that is less.
	Stride int

	// MaxBytes is the longest question and the longest context; longer ones
	// get an error wrapping quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// WarmUp is how long the constructor may take, about, to measure on this
	// machine when batches pay, see optimize.Batcher.Calibrate; the shortest
	// batches are always measured, and texts longer than was reached are not
	// batched. It pays on an idle machine unlike the one on which the default
	// was measured; on a busy one it is worse than none. Default: none.
	WarmUp time.Duration

	// Runtime runs the model on its Backend. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const maxAnswers = 1000

func (o AnswererOptions) withDefaults() (AnswererOptions, error) {
	if o.TopK < 0 || o.TopK > maxAnswers || o.MaxAnswerTokens < 0 || o.Stride < 0 {
		return o, fmt.Errorf("text: TopK %d (limit %d), MaxAnswerTokens %d, Stride %d of an answerer: %w",
			o.TopK, maxAnswers, o.MaxAnswerTokens, o.Stride, quintet.ErrOption)
	}
	c, err := ClassifierOptions{Model: o.Model, MaxTokens: o.MaxTokens, MaxBytes: o.MaxBytes, WarmUp: o.WarmUp}.withDefaults()
	if err != nil {
		return o, err
	}
	o.MaxBytes = c.MaxBytes
	if o.TopK == 0 {
		o.TopK = 1
	}
	if o.MaxAnswerTokens == 0 {
		o.MaxAnswerTokens = 15
	}
	return o, nil
}
