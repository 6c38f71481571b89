package audio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Scores says what the numbers are that a model gives.
type Scores int

// The kinds.
const (
	ScoresGiven   Scores = iota // scores already
	ScoresSigmoid               // logits of labels that may be true together, as those of AudioSet
	ScoresSoftmax               // logits of labels of which one is true

	scoreKinds
)

// ClassifierOptions configures a [Classifier].
type ClassifierOptions struct {
	// Model is an ONNX model whose first output has a number for each label in its
	// last dimension. Over other dimensions the mean of the scores is taken.
	// Required.
	Model optimize.Model

	// Labels are the names of the labels in the order of the model. Required.
	Labels []string

	// Input says how the model wants sound.
	Input ModelInput

	// Scores says what the model gives. Default: scores.
	Scores Scores

	// TopK is how many labels a result has at most. Default: 5.
	TopK int

	// MinScore leaves out labels with lower scores. Default: none.
	MinScore float64

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the classifier, on its Backend if that can run the model and
	// else on the native one. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o ClassifierOptions) withDefaults() (ClassifierOptions, error) {
	switch {
	case len(o.Labels) == 0:
		return o, fmt.Errorf("audio: no Labels: %w", quintet.ErrOption)
	case o.Scores < 0 || o.Scores >= scoreKinds:
		return o, fmt.Errorf("audio: unknown Scores %d: %w", o.Scores, quintet.ErrOption)
	case o.TopK < 0 || o.MinScore != o.MinScore:
		return o, fmt.Errorf("audio: TopK is %d, MinScore %v: %w", o.TopK, o.MinScore, quintet.ErrOption)
	}
	if o.TopK == 0 {
		o.TopK = 5
	}
	o.Labels = slices.Clone(o.Labels)
	return o, nil
}

// Tag is what a sound is like.
type Tag struct {
	Label string  `json:"label"` // one of ClassifierOptions.Labels
	Score float64 `json:"score"` // a higher one is a better tag
}

// Classifier names what is to be heard in a clip, with a model that the caller supplies.
// No weights come with this package. It is safe for concurrent use.
type Classifier struct {
	opt   ClassifierOptions
	model *soundModel
	eng   *optimize.Engine[Clip, []Tag]
}

var _ quintet.Pipeline[Clip, []Tag] = (*Classifier)(nil)

// NewClassifier returns a classifier. Its error wraps [quintet.ErrOption] for options
// that make no sense and [quintet.ErrModel] for a model that does not fit them; it also
// fails with what optimize.Runtime.Session fails with.
func NewClassifier(o ClassifierOptions) (*Classifier, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	k := &Classifier{opt: o}
	if k.model, err = openSoundModel(context.Background(), o.Runtime, o.Model, o.Input, o.Session); err != nil {
		return nil, err
	}
	k.eng = optimize.NewEngine(o.Runtime, "audio.Classifier", k.step)
	return k, nil
}

// Run returns the best labels of a clip, best first; ties are in order of the labels.
// Scores are the means over the windows of the clip, by their length. A clip without
// samples has none.
func (k *Classifier) Run(ctx context.Context, c Clip) ([]Tag, error) { return k.eng.Run(ctx, c) }

// RunBatch classifies every clip; see [quintet.Pipeline] for its errors.
func (k *Classifier) RunBatch(ctx context.Context, cs []Clip) ([][]Tag, error) {
	return k.eng.RunBatch(ctx, cs)
}

// Stream classifies clips as they are pulled.
func (k *Classifier) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[[]Tag, error] {
	return k.eng.Stream(ctx, cs)
}

// Close waits for running calls and releases k.
func (k *Classifier) Close() error { return errors.Join(k.eng.Close(), k.model.close()) }

func (k *Classifier) step(ctx context.Context, c Clip) ([]Tag, error) {
	sums, total := make([]float64, len(k.opt.Labels)), 0.0
	err := k.model.each(ctx, c, func(out optimize.Tensor, samples int) error {
		r, err := rows(out)
		if err == nil && len(r[0]) != len(sums) {
			err = fmt.Errorf("the model gave %v for %d labels: %w", out, len(sums), quintet.ErrModel)
		}
		if err != nil {
			return err
		}
		share := float64(samples) / float64(len(r))
		for _, row := range r {
			k.opt.Scores.add(sums, row, share)
		}
		total += float64(samples)
		return nil
	})
	if err != nil || total == 0 {
		return nil, err
	}
	tags := make([]Tag, len(sums))
	for i, label := range k.opt.Labels {
		tags[i] = Tag{label, sums[i] / total}
		if tags[i].Score-tags[i].Score != 0 {
			return nil, fmt.Errorf("the model gave %v for %q: %w", tags[i].Score, label, quintet.ErrModel)
		}
	}
	slices.SortStableFunc(tags, func(a, b Tag) int { return cmp.Compare(b.Score, a.Score) })
	tags = tags[:min(k.opt.TopK, len(tags))]
	if k.opt.MinScore != 0 {
		tags = slices.DeleteFunc(tags, func(t Tag) bool { return t.Score < k.opt.MinScore })
	}
	return slices.Clone(tags), nil
}

// add adds the scores of a row, times share, to sums.
func (s Scores) add(sums []float64, row []float32, share float64) {
	switch s {
	case ScoresSigmoid:
		for i, v := range row {
			sums[i] += share / (1 + math.Exp(-float64(v)))
		}
	case ScoresSoftmax:
		top, all := float64(slices.Max(row)), 0.0
		for _, v := range row {
			all += math.Exp(float64(v) - top)
		}
		for i, v := range row {
			sums[i] += share * math.Exp(float64(v)-top) / all
		}
	default:
		for i, v := range row {
			sums[i] += share * float64(v)
		}
	}
}
