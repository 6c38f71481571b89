package vision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Label is a class of a picture.
type Label struct {
	Label string  `json:"label"` // the name of the class
	Class int     `json:"class"` // its index in the labels
	Score float64 `json:"score"` // 0 to 1
}

// ClassScores says what a classifier's numbers are.
type ClassScores int

// The kinds of numbers.
const (
	ScoresLogits        ClassScores = iota // logits of classes that exclude each other: a softmax makes scores
	ScoresProbabilities                    // scores already
	ScoresIndependent                      // logits of classes that do not exclude each other: each has a sigmoid
)

// ClassifierOptions configures a [Classifier]. Only Model is needed for the usual
// networks for ImageNet, whose labels the caller should know.
type ClassifierOptions struct {
	// Model is an ONNX file with one input, pictures, and a number for each
	// class as output. It must be given.
	Model optimize.Model

	// Labels are the names of the classes as the model counts them. Default:
	// id2label of the config.json beside the model, or LABEL_0, LABEL_1...
	Labels []string

	// Output names the output that has the classes. Default: the only one with a
	// list of numbers, of several that whose name has "logit" or "prob".
	Output string

	// Scores says what the numbers are. Default: ScoresLogits.
	Scores ClassScores

	// MaxLabels keeps the labels with the highest scores. Default: 5.
	MaxLabels int

	// MinScore drops labels with a lower score. Default: 0.
	MinScore float64

	// Crop is the part of width and height that the model sees, in the middle,
	// after Spec.Fit: with 0.875 the shorter side is scaled to 256 pixels and 224
	// of them are taken. 1 takes all. Default: 0.875.
	Crop float64

	// Spec says how a picture becomes the input of the model. Width and Height
	// are needed where the model takes any size; the model's layout counts where
	// its input shows it. If none of BGR, Mean, Std, Fit, Fill and Filter is
	// given, they are those of [ImageNetSpec]. Decode has limits.
	Spec TensorSpec

	// MaxBatch is how many pictures the model gets at once, if its graph takes
	// any number. Stream waits for as many. Default: 8.
	MaxBatch int

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o ClassifierOptions) withDefaults() (ClassifierOptions, error) {
	switch {
	case !(o.MinScore >= 0 && o.MinScore <= 1): // nor NaN
		return o, fmt.Errorf("vision: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	case o.MaxLabels < 0:
		return o, fmt.Errorf("vision: MaxLabels is %d: %w", o.MaxLabels, quintet.ErrOption)
	case o.Scores < ScoresLogits || o.Scores > ScoresIndependent:
		return o, fmt.Errorf("vision: Scores is %d: %w", int(o.Scores), quintet.ErrOption)
	}
	if o.MaxLabels == 0 {
		o.MaxLabels = 5
	}
	if o.Crop == 0 {
		o.Crop = 0.875
	}
	return o, nil
}

// Classifier labels pictures with a model of the caller's. It is safe for concurrent
// use.
type Classifier struct {
	opt    ClassifierOptions
	model  *imageModel
	output int
	labels []string
	eng    *optimize.Engine[Picture, []Label]
}

var _ quintet.Pipeline[Picture, []Label] = (*Classifier)(nil)

// NewClassifier loads a model. A model that does not say the shapes of its outputs is
// run once on a black picture. It fails with [quintet.ErrModel] if no output has one
// number for each class, with [quintet.ErrOption] if there are not as many labels or
// Spec contradicts the model, and with what [optimize.Runtime.Session] fails with.
func NewClassifier(o ClassifierOptions) (*Classifier, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Classifier{opt: o}
	c.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "a classifier", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: o.Crop, maxBatch: o.MaxBatch,
	}, c.learn)
	if err != nil {
		return nil, err
	}
	c.eng = optimize.NewBatchEngine(o.Runtime, "vision.Classifier", c.model.maxBatch(), c.step)
	return c, nil
}

// learn finds the output and the labels.
func (c *Classifier) learn(m *imageModel) (spec TensorSpec, err error) {
	if c.output, err = m.pick(c.opt.Output, isVector, "logit", "prob"); err != nil {
		return spec, err
	}
	if c.labels, err = modelLabels(c.opt.Labels, c.opt.Model); err != nil {
		return spec, err
	}
	n := m.outputs[c.output].size()
	if c.labels == nil {
		c.labels = numbered(n)
	}
	if n != len(c.labels) {
		return spec, fmt.Errorf("%d labels for %d classes: %w", len(c.labels), n, quintet.ErrOption)
	}
	return ImageNetSpec(0, 0), nil
}

// Labels returns the names of the classes, in the model's order.
func (c *Classifier) Labels() []string { return slices.Clone(c.labels) }

// Run returns the labels of one picture, the highest score first, equal ones in the
// model's order. Causes of errors are those of [ReadTensor] for the picture,
// [quintet.ErrInput] for one with both Data and Image or neither, and
// [quintet.ErrModel] for outputs that cannot be, such as NaN.
func (c *Classifier) Run(ctx context.Context, in Picture) ([]Label, error) { return c.eng.Run(ctx, in) }

// RunBatch returns the labels of many pictures; see [quintet.Pipeline].
func (c *Classifier) RunBatch(ctx context.Context, in []Picture) ([][]Label, error) {
	return c.eng.RunBatch(ctx, in)
}

// Stream returns the labels of pictures as they come; see [quintet.Pipeline].
func (c *Classifier) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[[]Label, error] {
	return c.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (c *Classifier) Close() error { return errors.Join(c.eng.Close(), c.model.close()) }

func (c *Classifier) step(ctx context.Context, in []Picture) ([][]Label, error) {
	return runImages(ctx, c.model, in, func(outputs []optimize.Tensor, i int, _ view) ([]Label, error) {
		v, err := vector(outputs[c.output], i, len(c.labels))
		if err != nil {
			return nil, err
		}
		return c.rank(v)
	})
}

// rank turns the numbers of a picture into labels.
func (c *Classifier) rank(v []float32) ([]Label, error) {
	scores := make([]float64, len(v))
	switch c.opt.Scores {
	case ScoresLogits:
		scores = softmax(v)
	case ScoresIndependent:
		for i, x := range v {
			scores[i] = sigmoid(x)
		}
	default:
		for i, x := range v {
			p, err := probability(float64(x))
			if err != nil {
				return nil, err
			}
			scores[i] = min(max(p, 0), 1)
		}
	}
	var out []Label
	for i, s := range scores {
		if s >= c.opt.MinScore {
			out = append(out, Label{c.labels[i], i, s})
		}
	}
	slices.SortStableFunc(out, func(a, b Label) int { return cmp.Compare(b.Score, a.Score) })
	return slices.Clip(out[:min(len(out), c.opt.MaxLabels)]), nil
}
