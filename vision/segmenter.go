package vision

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// maxClasses is how many classes fit in the bytes of a Segmentation.
const maxClasses = 256

// SegmenterOptions configures a [Segmenter]. Only Model is needed where it has one
// output.
type SegmenterOptions struct {
	// Model is an ONNX file with one input, pictures, and one of three outputs:
	// scores or logits [B,C,h,w] of classes, [B,h,w,C] if its input has this
	// order too; one map [B,1,h,w] or [B,h,w] of the scores, or logits, of a
	// foreground; or maps of integers, the numbers of classes. It must be given.
	Model optimize.Model

	// Labels are the names of the classes as the model counts them, at most 256.
	// Default: id2label of the config.json beside the model, background and
	// foreground where there is one map, or LABEL_0, LABEL_1...
	Labels []string

	// Output names the output that counts. Default: the only one that fits, of
	// several that whose name has "logit", "mask" or "out".
	Output string

	// Spec says how a picture becomes the input of the model. Width and Height
	// are needed where the model takes any size; the model's layout counts where
	// its input shows it. If none of BGR, Mean, Std, Fit, Fill and Filter is
	// given, they are those of [ImageNetSpec] with FitStretch. FitCover, which
	// does not show all of the picture, is an error. Decode has limits.
	Spec TensorSpec

	// MaxBatch is how many pictures the model gets at once, if its graph takes
	// any number. Stream waits for as many. Default: 8.
	MaxBatch int

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

// Segmenter finds the class of every pixel with a model of the caller's. It is safe
// for concurrent use.
type Segmenter struct {
	opt    SegmenterOptions
	model  *imageModel
	output int
	kind   mapKind
	labels []string // empty if a map of integers has no names
	eng    *optimize.Engine[Picture, Segmentation]
}

// mapKind is a kind of output.
type mapKind int

const (
	mapOfClasses    mapKind = iota // a plane of scores for each class
	mapOfForeground                // one plane of scores
	mapOfNumbers                   // one plane of class numbers
)

var _ quintet.Pipeline[Picture, Segmentation] = (*Segmenter)(nil)

// NewSegmenter loads a model. A model that does not say the shapes of its outputs is
// run once on a black picture. It fails with [quintet.ErrModel] if no output fits or
// several do, with [quintet.ErrOption] if there are not as many labels as classes or
// Spec contradicts the model, with [quintet.ErrUnsupported] for more than 256
// classes, and with what [optimize.Runtime.Session] fails with.
func NewSegmenter(o SegmenterOptions) (*Segmenter, error) {
	if err := wantsAll(o.Spec); err != nil {
		return nil, err
	}
	s := &Segmenter{opt: o}
	var err error
	s.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "a segmenter", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: 1, maxBatch: o.MaxBatch,
	}, s.learn)
	if err != nil {
		return nil, err
	}
	s.eng = optimize.NewBatchEngine(o.Runtime, "vision.Segmenter", s.model.maxBatch(), s.step)
	return s, nil
}

// learn finds the output, what it is, and the labels.
func (s *Segmenter) learn(m *imageModel) (spec TensorSpec, err error) {
	fits := func(o modelOutput) bool {
		return isMap(o) || len(o.shape) == 4 && o.dtype == optimize.Float32
	}
	if s.output, err = m.pick(s.opt.Output, fits, "logit", "mask", "out"); err != nil {
		return spec, err
	}
	if s.labels, err = modelLabels(s.opt.Labels, s.opt.Model); err != nil {
		return spec, err
	}
	o := m.outputs[s.output]
	classes := len(s.labels)
	switch {
	case o.dtype == optimize.Int64 || o.dtype == optimize.Int32:
		s.kind = mapOfNumbers
	case o.dtype != optimize.Float32:
		return spec, fmt.Errorf("output %v, want float32, int64 or int32: %w", o, quintet.ErrUnsupported)
	case isMap(o):
		s.kind, classes = mapOfForeground, 2
		if s.labels == nil {
			s.labels = []string{"background", "foreground"}
		}
	default:
		if classes = o.shape[1]; m.spec.Layout == NHWC {
			classes = o.shape[3]
		}
		if s.labels == nil {
			s.labels = numbered(min(classes, maxClasses+1))
		}
	}
	if max(classes, len(s.labels)) > maxClasses {
		return spec, fmt.Errorf("%d classes, at most %d: %w", classes, maxClasses, quintet.ErrUnsupported)
	}
	if len(s.labels) != classes {
		return spec, fmt.Errorf("%d labels for %d classes: %w", len(s.labels), classes, quintet.ErrOption)
	}
	return stretched(0, 0), nil
}

// Labels returns the names of the classes, in the model's order. They are empty for a
// model that gives numbers of classes and has no labels.
func (s *Segmenter) Labels() []string { return slices.Clone(s.labels) }

// Run returns the classes of the pixels of one picture: of linearly interpolated
// scores the highest, the first class of equal ones; numbers of classes are those of
// the nearest cell. Causes of errors are those of [ReadTensor] for the picture,
// [quintet.ErrInput] for one with both Data and Image or neither, and
// [quintet.ErrModel] for outputs that cannot be, such as NaN.
func (s *Segmenter) Run(ctx context.Context, in Picture) (Segmentation, error) {
	return s.eng.Run(ctx, in)
}

// RunBatch returns the classes of many pictures; see [quintet.Pipeline].
func (s *Segmenter) RunBatch(ctx context.Context, in []Picture) ([]Segmentation, error) {
	return s.eng.RunBatch(ctx, in)
}

// Stream returns the classes of pictures as they come; see [quintet.Pipeline].
func (s *Segmenter) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[Segmentation, error] {
	return s.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (s *Segmenter) Close() error { return errors.Join(s.eng.Close(), s.model.close()) }

func (s *Segmenter) step(ctx context.Context, in []Picture) ([]Segmentation, error) {
	return runImages(ctx, s.model, in, s.read)
}
