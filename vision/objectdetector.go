package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ObjectDetectorOptions configures an [ObjectDetector]. Only Model is needed where
// its outputs tell what kind of detector it is.
type ObjectDetectorOptions struct {
	// Model is an ONNX file with one input, pictures. It must be given.
	Model optimize.Model

	// Labels are the names of the classes as the model counts them, from 0 on.
	// Default: id2label of the config.json beside the model, the names of COCO
	// for 80 classes, or 91 with their gaps, and LABEL_0, LABEL_1... for others.
	Labels []string

	// Decoder says what the outputs mean. Default: told from their names and
	// shapes.
	Decoder ObjectDecoder

	// Boxes says what the four numbers of a box are, for decoders whose networks
	// differ in that. Default: see [ObjectDecoder].
	Boxes BoxFormat

	// MinScore drops objects with a lower score, from 0 to 1. Default: 0.35.
	MinScore float64

	// Overlap is the area that two boxes of one class share over the area of
	// both, from 0 to 1: beyond it they are one object, that with the higher
	// score. 1 keeps all. Default: 0.45, for CenterNet 0.4, for DETR 1.
	Overlap float64

	// MaxObjects keeps the objects with the highest scores. Default: all, of the
	// 8192 that are looked at.
	MaxObjects int

	// Spec says how a picture becomes the input of the model. Width and Height
	// are needed where the model takes any size; the model's layout counts where
	// its input shows it. If none of BGR, Mean, Std, Fit, Fill and Filter is
	// given, they are those of [ObjectDecoder.Spec]. Decode has limits.
	Spec TensorSpec

	// MaxBatch is how many pictures the model gets at once, if its graph takes
	// any number. Stream waits for as many. Default: 8.
	MaxBatch int

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o ObjectDetectorOptions) withDefaults() (ObjectDetectorOptions, error) {
	switch {
	case !(o.MinScore >= 0 && o.MinScore <= 1): // nor NaN
		return o, fmt.Errorf("vision: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	case !(o.Overlap >= 0 && o.Overlap <= 1):
		return o, fmt.Errorf("vision: Overlap is %v, want 0 to 1: %w", o.Overlap, quintet.ErrOption)
	case o.MaxObjects < 0:
		return o, fmt.Errorf("vision: MaxObjects is %d: %w", o.MaxObjects, quintet.ErrOption)
	case o.Decoder < DecoderAuto || o.Decoder > DecoderCenterNet:
		return o, fmt.Errorf("vision: Decoder is %d: %w", int(o.Decoder), quintet.ErrOption)
	case o.Boxes < BoxesOfDecoder || o.Boxes > BoxesYXYXUnit:
		return o, fmt.Errorf("vision: Boxes is %d: %w", int(o.Boxes), quintet.ErrOption)
	}
	if o.MinScore == 0 {
		o.MinScore = 0.35
	}
	return o, nil
}

// ObjectDetector finds objects with a model of the caller's. It is safe for
// concurrent use.
type ObjectDetector struct {
	opt     ObjectDetectorOptions
	model   *imageModel
	decoder ObjectDecoder
	head    objectHead
	labels  []string
	eng     *optimize.Engine[Picture, []Object]
}

var _ quintet.Pipeline[Picture, []Object] = (*ObjectDetector)(nil)

// NewObjectDetector loads a model and finds out how its outputs are read. A model
// that does not say their shapes is run once on a black picture.
//
// It fails with [quintet.ErrModel] if no decoder fits the outputs or several do,
// naming them; with [quintet.ErrOption] if the labels are not as many as the model's
// classes or Spec contradicts the model; and with what [optimize.Runtime.Session]
// fails with.
func NewObjectDetector(o ObjectDetectorOptions) (*ObjectDetector, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &ObjectDetector{opt: o}
	d.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "an object detector", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: 1, maxBatch: o.MaxBatch,
	}, d.learn)
	if err != nil {
		return nil, err
	}
	d.eng = optimize.NewBatchEngine(o.Runtime, "vision.ObjectDetector", d.maxBatch(), d.step)
	return d, nil
}

// learn finds the decoder and the labels and returns the input that they want.
func (d *ObjectDetector) learn(m *imageModel) (TensorSpec, error) {
	var err error
	if d.labels, err = modelLabels(d.opt.Labels, d.opt.Model); err != nil {
		return TensorSpec{}, err
	}
	s := headSearch{outputs: m.outputs, w: m.spec.Width, h: m.spec.Height, boxes: d.opt.Boxes, labels: len(d.labels)}
	if d.decoder, d.head, err = s.find(d.opt.Decoder); err != nil {
		return TensorSpec{}, err
	}
	switch n := d.head.classes(); {
	case len(d.labels) > 0 && n > 0 && n != len(d.labels):
		return TensorSpec{}, fmt.Errorf("%d labels for %d classes: %w", len(d.labels), n, quintet.ErrOption)
	case len(d.labels) > 0:
	case n == 80 || n == 0 && d.decoder == DecoderCenterNet:
		d.labels = COCOLabels()
	case n == 91 || n == 0:
		d.labels = coco91()
	default:
		d.labels = numbered(n)
	}
	if d.opt.Overlap == 0 {
		d.opt.Overlap = d.decoder.overlap()
	}
	return d.decoder.Spec(), nil
}

// maxBatch is 1 for outputs that are all of one picture.
func (d *ObjectDetector) maxBatch() int {
	if h, ok := d.head.(*rankedHead); ok && h.single {
		return 1
	}
	return d.model.maxBatch()
}

// Decoder returns what decodes the model's outputs.
func (d *ObjectDetector) Decoder() ObjectDecoder { return d.decoder }

// Labels returns the names of the classes, in the model's order.
func (d *ObjectDetector) Labels() []string { return slices.Clone(d.labels) }

// Run returns the objects of one picture, the highest score first, equal ones in the
// model's order. A picture without one has no error. Causes of errors are those of
// [ReadTensor] for the picture, [quintet.ErrInput] for one with both Data and Image
// or neither, and [quintet.ErrModel] for outputs that cannot be: scores that are not
// from 0 to 1, numbers that are not finite, classes without a label, other shapes
// than announced.
func (d *ObjectDetector) Run(ctx context.Context, in Picture) ([]Object, error) {
	return d.eng.Run(ctx, in)
}

// RunBatch returns the objects of many pictures; see [quintet.Pipeline].
func (d *ObjectDetector) RunBatch(ctx context.Context, in []Picture) ([][]Object, error) {
	return d.eng.RunBatch(ctx, in)
}

// Stream returns the objects of pictures as they come; see [quintet.Pipeline].
func (d *ObjectDetector) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[[]Object, error] {
	return d.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (d *ObjectDetector) Close() error { return errors.Join(d.eng.Close(), d.model.close()) }

func (d *ObjectDetector) step(ctx context.Context, in []Picture) ([][]Object, error) {
	return runImages(ctx, d.model, in, d.objects)
}

// objects reads the outputs for a picture.
func (d *ObjectDetector) objects(outputs []optimize.Tensor, i int, v view) ([]Object, error) {
	found := detections{}
	if err := d.head.detect(outputs, i, d.opt.MinScore, &found); err != nil {
		return nil, err
	}
	var out []Object
	for _, f := range suppress(found.best(), d.opt.Overlap) {
		if n := d.opt.MaxObjects; n > 0 && len(out) == n {
			break
		}
		if f.class < 0 || f.class >= len(d.labels) {
			return nil, fmt.Errorf("class %d, there are %d labels: %w", f.class, len(d.labels), quintet.ErrModel)
		}
		box := v.box(f.box, d.model.spec)
		if !box.Empty() {
			out = append(out, Object{box, d.labels[f.class], f.class, min(f.score, 1)})
		}
	}
	return out, nil
}

// box returns what a box in the tensor covers of the picture, rounded. It is first
// cut far outside of the tensor, so that its numbers fit.
func (v view) box(f frame, spec TensorSpec) (r image.Rectangle) {
	w, h := float64(spec.Width), float64(spec.Height)
	round := func(x, y float64) image.Point {
		x, y = v.ToSource(min(max(x, -4*w), 5*w), min(max(y, -4*h), 5*h))
		return image.Pt(int(math.Round(x)), int(math.Round(y)))
	}
	r = image.Rectangle{Min: round(f.x0, f.y0), Max: round(f.x1, f.y1)}
	return r.Add(v.origin).Intersect(v.bounds())
}
