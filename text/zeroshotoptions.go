package text

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ZeroShotOptions configures a [ZeroShot].
type ZeroShotOptions struct {
	// Model is a transformer for natural language inference in the Hugging Face
	// layout: an ONNX file whose first output is the logits, tokenizer.json,
	// and config.json, which says which class means entailment and which
	// contradiction. It must be given.
	Model optimize.Model

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Labels are those of requests that have none. Default: none, each request
	// must have its own.
	Labels []string

	// Template makes a sentence of a label, which replaces its only "{}".
	// Default: "This example is {}."
	Template string

	// MultiLabel scores each label by itself; several may be true of a text.
	// Default: the scores of a text's labels add up to 1.
	MultiLabel bool

	// MaxTokens is the number of tokens at which a text with a sentence is cut,
	// at the end of the text. Default: what the model's files say, at most 512.
	MaxTokens int

	// MaxBytes is the longest text, and the longest label; longer ones get an
	// error wrapping quintet.ErrInput. Default: 1 MiB.
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

const maxLabels = 1024

func (o ZeroShotOptions) withDefaults() (ZeroShotOptions, error) {
	if o.Template == "" {
		o.Template = "This example is {}."
	}
	if n := strings.Count(o.Template, "{}"); n != 1 {
		return o, fmt.Errorf("text: template %q has %d places for the label, want one {}: %w", o.Template, n, quintet.ErrOption)
	}
	c, err := ClassifierOptions{Model: o.Model, MaxTokens: o.MaxTokens, MaxBytes: o.MaxBytes, WarmUp: o.WarmUp}.withDefaults()
	if err != nil {
		return o, err
	}
	o.MaxBytes = c.MaxBytes
	if len(o.Labels) > 0 {
		if err := checkLabels(o.Labels, o.MaxBytes); err != nil {
			return o, fmt.Errorf("text: Labels: %w: %w", err, quintet.ErrOption)
		}
	}
	o.Labels = slices.Clone(o.Labels)
	return o, nil
}

// checkLabels says what is wrong with labels.
func checkLabels(labels []string, maxBytes int) error {
	if len(labels) == 0 || len(labels) > maxLabels {
		return fmt.Errorf("%d labels, want 1 to %d", len(labels), maxLabels)
	}
	seen := make(map[string]bool, len(labels))
	for i, l := range labels {
		switch {
		case strings.TrimSpace(l) == "":
			return fmt.Errorf("label %d has nothing but white space", i)
		case len(l) > maxBytes:
			return fmt.Errorf("label %d has %d bytes, limit %d", i, len(l), maxBytes)
		case seen[l]:
			return fmt.Errorf("label %q is given twice", l)
		}
		seen[l] = true
	}
	return nil
}
