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

// DepthMap says how near the parts of a picture are, compared with each other. It is
// no measure of metres.
type DepthMap struct {
	// Near is 0 where the picture is farthest and 65535 where it is nearest, in
	// the coordinates of the picture's Bounds. It is all 0 if nothing differs.
	Near *image.Gray16 `json:"near"`

	// Min and Max are the least and greatest number that the model gave.
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

// DepthOptions configures a [Depth]. Only Model is needed for the usual networks.
type DepthOptions struct {
	// Model is an ONNX file with one input, pictures, and a map of numbers as
	// output, such as MiDaS or Depth Anything. It must be given.
	Model optimize.Model

	// Output names the output that has the map. Default: the only map, of several
	// that whose name has "depth".
	Output string

	// Distances says that the model's numbers grow with the distance. Default:
	// they grow with nearness.
	Distances bool

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

// Depth estimates depth from one picture with a model of the caller's. It is safe for
// concurrent use.
type Depth struct {
	opt    DepthOptions
	model  *imageModel
	output int
	eng    *optimize.Engine[Picture, DepthMap]
}

var _ quintet.Pipeline[Picture, DepthMap] = (*Depth)(nil)

// NewDepth loads a model. A model that does not say the shapes of its outputs is run
// once on a black picture. It fails with [quintet.ErrModel] if no output is a map or
// several are, with [quintet.ErrOption] if Spec contradicts the model, and with what
// [optimize.Runtime.Session] fails with.
func NewDepth(o DepthOptions) (*Depth, error) {
	if err := wantsAll(o.Spec); err != nil {
		return nil, err
	}
	d := &Depth{opt: o}
	var err error
	d.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "an estimator of depth", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: 1, maxBatch: o.MaxBatch,
	}, func(m *imageModel) (TensorSpec, error) {
		var err error
		d.output, err = m.pick(o.Output, func(out modelOutput) bool {
			return isMap(out) && out.dtype == optimize.Float32
		}, "depth")
		return stretched(0, 0), err
	})
	if err != nil {
		return nil, err
	}
	d.eng = optimize.NewBatchEngine(o.Runtime, "vision.Depth", d.model.maxBatch(), d.step)
	return d, nil
}

// wantsAll refuses to cut off parts of the picture.
func wantsAll(s TensorSpec) error {
	if s.Fit == FitCover {
		return fmt.Errorf("vision: Spec.Fit cuts off parts of the picture: %w", quintet.ErrOption)
	}
	return nil
}

// Run returns the depth of one picture, interpolated linearly between the model's
// numbers. Causes of errors are those of [ReadTensor] for the picture,
// [quintet.ErrInput] for one with both Data and Image or neither, and
// [quintet.ErrModel] for outputs that cannot be, such as NaN.
func (d *Depth) Run(ctx context.Context, in Picture) (DepthMap, error) { return d.eng.Run(ctx, in) }

// RunBatch returns the depth of many pictures; see [quintet.Pipeline].
func (d *Depth) RunBatch(ctx context.Context, in []Picture) ([]DepthMap, error) {
	return d.eng.RunBatch(ctx, in)
}

// Stream returns the depth of pictures as they come; see [quintet.Pipeline].
func (d *Depth) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[DepthMap, error] {
	return d.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (d *Depth) Close() error { return errors.Join(d.eng.Close(), d.model.close()) }

func (d *Depth) step(ctx context.Context, in []Picture) ([]DepthMap, error) {
	return runImages(ctx, d.model, in, d.read)
}

// read makes the map of a picture.
func (d *Depth) read(outputs []optimize.Tensor, i int, v view) (DepthMap, error) {
	t := outputs[d.output]
	rows, columns := mapSize(t.Shape())
	data, err := vector(t, i, rows*columns)
	if err != nil {
		return DepthMap{}, err
	}
	if len(data) == 0 {
		return DepthMap{}, fmt.Errorf("output %v is empty: %w", t, quintet.ErrModel)
	}
	low, high := slices.Min(data), slices.Max(data)
	return DepthMap{d.paint(data, columns, rows, low, high, v), float64(low), float64(high)}, nil
}

// paint interpolates between the numbers of a grid, which are from low to high.
func (d *Depth) paint(data []float32, columns, rows int, low, high float32, v view) *image.Gray16 {
	out := image.NewGray16(v.bounds())
	x, y := v.axes(d.model.spec, columns, rows)
	scale, shift := 65535/(float64(high)-float64(low)), float64(low)
	if d.opt.Distances {
		scale, shift = -scale, float64(high)
	}
	if low == high {
		return out
	}
	for py := range v.Height {
		a, b := data[y.from[py]*columns:], data[y.next(py)*columns:]
		line := out.Pix[py*out.Stride:]
		for px := range v.Width {
			l, r := x.from[px], x.next(px)
			n := mix(mix(a[l], a[r], x.part[px]), mix(b[l], b[r], x.part[px]), y.part[py])
			value := uint16(min(max(math.Round((float64(n)-shift)*scale), 0), 65535))
			line[2*px], line[2*px+1] = uint8(value>>8), uint8(value)
		}
	}
	return out
}
