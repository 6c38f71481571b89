package text

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// Entity is a name in a text.
type Entity struct {
	Span
	Label string  `json:"label"` // such as PER, without the B- and I- of the model
	Score float64 `json:"score"` // mean probability of its parts, from 0 to 1
}

// Aggregation is how the labels of a word's tokens become one.
type Aggregation uint8

const (
	// AggregateAverage takes the mean of the tokens' probabilities.
	AggregateAverage Aggregation = iota
	// AggregateFirst takes the first token's.
	AggregateFirst
	// AggregateMax takes those of the token that is most sure.
	AggregateMax
	// AggregateNone lets each token have a label of its own, so that an entity
	// may be a part of a word.
	AggregateNone
)

// EntityTaggerOptions configures an [EntityTagger].
type EntityTaggerOptions struct {
	// Model is a transformer for token classification in the Hugging Face
	// layout, whose config.json names the labels in the style of B-PER and
	// I-PER. It must be given.
	Model optimize.Model

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Aggregation makes one label of those of a word's tokens. Default:
	// AggregateAverage.
	Aggregation Aggregation

	// MaxTokens is the number of tokens at which texts are cut. Default: what
	// the model's files say, at most 512.
	MaxTokens int

	// MaxBytes is the longest text; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
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

func (o EntityTaggerOptions) withDefaults() (EntityTaggerOptions, error) {
	if o.Aggregation > AggregateNone {
		return o, fmt.Errorf("text: unknown aggregation %d: %w", o.Aggregation, quintet.ErrOption)
	}
	c, err := ClassifierOptions{Model: o.Model, MaxTokens: o.MaxTokens, MaxBytes: o.MaxBytes, WarmUp: o.WarmUp}.withDefaults()
	o.MaxBytes = c.MaxBytes
	return o, err
}

// EntityTagger finds names in texts with a transformer. It is safe for concurrent
// use.
type EntityTagger struct {
	*transformer
	opt    EntityTaggerOptions
	labels []string
	eng    *optimize.Batcher[string, []Entity]
}

var _ quintet.Pipeline[string, []Entity] = (*EntityTagger)(nil)

// NewEntityTagger loads a model. It fails as [NewClassifier] does.
func NewEntityTagger(o EntityTaggerOptions) (*EntityTagger, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &EntityTagger{opt: o}
	e.transformer, err = openTransformer(context.Background(), o.Runtime, o.Model, o.Session, o.MaxTokens)
	if err != nil {
		return nil, err
	}
	if err := e.bind(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	e.eng, err = optimize.NewBatcher(o.Runtime, "text.EntityTagger", optimize.BatchOptions[string]{Length: e.length}, e.step)
	if err == nil {
		err = warmUp(e.eng, o.WarmUp, e.length(prose(256)), prose)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// bind checks the output and reads the labels.
func (e *EntityTagger) bind() error {
	outputs := e.session.Outputs()
	if len(outputs) == 0 || outputs[0].DType != optimize.Float32 || len(outputs[0].Shape) != 3 {
		return fmt.Errorf("text: outputs %v are not the logits of tokens: %w", outputs, quintet.ErrModel)
	}
	var config struct {
		Labels map[string]string `json:"id2label"`
	}
	if err := readJSON(e.opt.Model, "config.json", &config); err != nil {
		return err
	}
	for i := range len(config.Labels) {
		label, ok := config.Labels[strconv.Itoa(i)]
		if !ok {
			return fmt.Errorf("text: config.json has no label %d: %w", i, quintet.ErrModel)
		}
		e.labels = append(e.labels, label)
	}
	if n := outputs[0].Shape[2]; len(e.labels) == 0 || n >= 0 && n != len(e.labels) {
		return fmt.Errorf("text: config.json names %d labels, the model has %d: %w", len(e.labels), n, quintet.ErrModel)
	}
	return nil
}

// Run returns the entities of a text in order; they do not overlap. What stands
// behind MaxTokens is not looked at.
func (e *EntityTagger) Run(ctx context.Context, s string) ([]Entity, error) { return e.eng.Run(ctx, s) }

// RunBatch finds the entities of every text; see [quintet.Pipeline] for its errors.
func (e *EntityTagger) RunBatch(ctx context.Context, texts []string) ([][]Entity, error) {
	return e.eng.RunBatch(ctx, texts)
}

// Stream finds the entities of texts as they are pulled.
func (e *EntityTagger) Stream(ctx context.Context, texts iter.Seq[string]) iter.Seq2[[]Entity, error] {
	return e.eng.Stream(ctx, texts)
}

// Close waits for running calls and gives the model back.
func (e *EntityTagger) Close() error { return errors.Join(e.eng.Close(), e.close()) }

func (e *EntityTagger) step(ctx context.Context, texts []string) ([][]Entity, error) {
	check := func(s string) error { return checkText(s, e.opt.MaxBytes) }
	return acceptable(texts, check, func(good []string) ([][]Entity, error) {
		encodings := e.encode(good, "")
		outputs, err := e.run(ctx, encodings, e.eng.Padded)
		if err != nil {
			return nil, err
		}
		logits, err := optimize.Data[float32](outputs[0])
		if err != nil {
			return nil, err
		}
		shape, classes := outputs[0].Shape(), len(e.labels)
		if shape[0] != len(good) || shape[2] != classes {
			return nil, fmt.Errorf("output %v for %d texts and %d labels: %w", outputs[0], len(good), classes, quintet.ErrModel)
		}
		out := make([][]Entity, len(good))
		for i, x := range encodings {
			out[i] = e.entities(x, logits[i*shape[1]*classes:(i+1)*shape[1]*classes])
		}
		return out, nil
	})
}

// labelled is a word, or a token, with the probabilities of its labels.
type labelled struct {
	at    Span
	probs []float64
}

// entities joins what belongs together: units that follow each other with the same
// label, unless the model says that a new one begins.
func (e *EntityTagger) entities(x tokenize.Encoding, logits []float32) []Entity {
	var out []Entity
	open, parts := false, 0
	for _, u := range e.units(x, logits) {
		best := 0
		for i, p := range u.probs {
			if p > u.probs[best] {
				best = i
			}
		}
		prefix, label, marked := strings.Cut(e.labels[best], "-")
		if !marked || prefix != "B" && prefix != "I" {
			prefix, label = "I", e.labels[best]
		}
		if label == "O" {
			open = false
			continue
		}
		if open && prefix == "I" && out[len(out)-1].Label == label {
			last := &out[len(out)-1]
			last.End = u.at.End
			last.Score = (last.Score*float64(parts) + u.probs[best]) / float64(parts+1)
			parts++
			continue
		}
		out = append(out, Entity{u.at, label, u.probs[best]})
		open, parts = true, 1
	}
	return out
}

// units returns the words of a text, or its tokens with AggregateNone. Special
// tokens are left out.
func (e *EntityTagger) units(x tokenize.Encoding, logits []float32) []labelled {
	var out []labelled
	classes, tokens, word := len(e.labels), 0, int32(-1)
	for t := range x.Len() {
		if x.SpecialMask[t] == 1 {
			continue
		}
		probs := softmax(logits[t*classes : (t+1)*classes])
		at := Span{x.Offsets[t].Start, x.Offsets[t].End}
		if len(out) == 0 || x.WordIDs[t] != word || e.opt.Aggregation == AggregateNone {
			out, tokens, word = append(out, labelled{at, probs}), 1, x.WordIDs[t]
			continue
		}
		u := &out[len(out)-1]
		u.at.End = at.End
		switch e.opt.Aggregation {
		case AggregateAverage:
			for i, p := range probs {
				u.probs[i] = (u.probs[i]*float64(tokens) + p) / float64(tokens+1)
			}
		case AggregateMax:
			if slices.Max(probs) > slices.Max(u.probs) {
				u.probs = probs
			}
		}
		tokens++
	}
	return out
}
