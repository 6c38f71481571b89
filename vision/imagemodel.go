package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// defaultMaxBatch is how many pictures a model gets at once unless options say
// otherwise.
const defaultMaxBatch = 8

// imageModelOptions are what the options of all pipelines with a model have.
type imageModelOptions struct {
	name     string // of the pipeline, for messages
	model    optimize.Model
	session  optimize.SessionOptions
	runtime  *optimize.Runtime
	spec     TensorSpec
	crop     float64 // the part of width and height that is kept in the middle
	maxBatch int
}

func (o imageModelOptions) withDefaults() (imageModelOptions, error) {
	switch {
	case o.model.IsZero():
		return o, fmt.Errorf("vision: %s needs a Model: %w", o.name, quintet.ErrModel)
	case o.maxBatch < 0:
		return o, fmt.Errorf("vision: MaxBatch is %d: %w", o.maxBatch, quintet.ErrOption)
	case !(o.crop > 0 && o.crop <= 1): // nor NaN
		return o, fmt.Errorf("vision: Crop is %v, want 0 to 1: %w", o.crop, quintet.ErrOption)
	}
	if o.maxBatch == 0 {
		o.maxBatch = defaultMaxBatch
	}
	if o.runtime == nil {
		o.runtime = optimize.Default()
	}
	return o, nil
}

// imageModel runs a model whose only input is pictures. It is safe for concurrent
// use.
type imageModel struct {
	opt     imageModelOptions
	session optimize.Session
	spec    TensorSpec // of the input
	read    TensorSpec // of what is read, of which the input is the middle
	bytes   bool       // the input is of bytes, not of numbers
	fixed   int        // pictures that the graph wants at once, 0: any number
	outputs []modelOutput
	buffers sync.Pool // of *[]float32 or *[]uint8
}

// modelOutput is an output as it is for one picture.
type modelOutput struct {
	name  string
	dtype optimize.DType
	shape []int // with the dimension of the batch
}

func (o modelOutput) String() string { return fmt.Sprintf("%s %v%v", o.name, o.dtype, o.shape) }

// openImageModel loads a model. preset is asked for the way to fill the input, once its
// size and the outputs are known. The caller closes the model.
func openImageModel(
	ctx context.Context, o imageModelOptions, preset func(*imageModel) (TensorSpec, error),
) (*imageModel, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	session, err := o.runtime.Session(ctx, o.model, o.session)
	if err != nil {
		return nil, err
	}
	m := &imageModel{opt: o, session: session}
	if err := m.prepare(ctx, preset); err != nil {
		return nil, errors.Join(fmt.Errorf("vision: %w", err), session.Close())
	}
	return m, nil
}

func (m *imageModel) close() error { return m.session.Close() }

// prepare learns what the input must be and what the outputs are.
func (m *imageModel) prepare(ctx context.Context, preset func(*imageModel) (TensorSpec, error)) error {
	inputs := m.session.Inputs()
	if len(inputs) != 1 || inputs[0].AnyRank || len(inputs[0].Shape) != 4 {
		return fmt.Errorf("the model takes %v, want one input of four dimensions: %w", inputs, quintet.ErrModel)
	}
	in := inputs[0]
	if in.DType != optimize.Float32 && in.DType != optimize.Uint8 {
		return fmt.Errorf("the model takes %v, want float32 or uint8: %w", in, quintet.ErrUnsupported)
	}
	m.bytes, m.fixed = in.DType == optimize.Uint8, max(in.Shape[0], 0)
	if err := m.measure(in); err != nil {
		return err
	}
	m.buffers.New = func() any {
		if m.bytes {
			return new([]uint8)
		}
		return new([]float32)
	}
	if err := m.learnOutputs(ctx); err != nil {
		return err
	}
	p, err := preset(m)
	if err != nil {
		return err
	}
	return m.complete(p)
}

// measure finds layout and size of the input.
func (m *imageModel) measure(in optimize.TensorInfo) error {
	s := m.opt.spec
	c, h, w := in.Shape[1], in.Shape[2], in.Shape[3]
	switch {
	case c == 3 || c < 0 && w != 3 && s.Layout == NCHW:
		s.Layout = NCHW
	case w == 3 || w < 0:
		s.Layout = NHWC
		h, w = in.Shape[1], in.Shape[2]
	default:
		return fmt.Errorf("input %v has no dimension of three colours: %w", in, quintet.ErrModel)
	}
	if w > 0 && s.Width == 0 {
		s.Width = w
	}
	if h > 0 && s.Height == 0 {
		s.Height = h
	}
	if s.Width <= 0 || s.Height <= 0 {
		return fmt.Errorf("input %v takes any size, so Spec needs Width and Height: %w", in, quintet.ErrOption)
	}
	if w > 0 && s.Width != w || h > 0 && s.Height != h {
		return fmt.Errorf("Spec has %dx%d pixels, input is %v: %w", s.Width, s.Height, in, quintet.ErrOption)
	}
	m.spec = s
	return defaultLimits().size(s.Width, s.Height)
}

// complete makes the specification of the input and of what is read for it.
func (m *imageModel) complete(preset TensorSpec) (err error) {
	m.spec = m.spec.or(preset, m.bytes)
	s := m.spec
	if m.opt.crop < 1 {
		s.Width = int(math.Round(float64(s.Width) / m.opt.crop))
		s.Height = int(math.Round(float64(s.Height) / m.opt.crop))
	}
	m.read, err = s.check(m.bytes, 3*s.Width*s.Height)
	return err
}

// or returns s, or the way of the preset to fill a tensor if s names none of its
// own.
func (s TensorSpec) or(preset TensorSpec, bytes bool) TensorSpec {
	if s.BGR || s.Mean != [3]float32{} || s.Std != [3]float32{} || s.Fit != FitContain || s.Fill != (RGB{}) || s.Filter != 0 {
		return s
	}
	s.BGR, s.Fit, s.Fill, s.Filter = preset.BGR, preset.Fit, preset.Fill, preset.Filter
	if !bytes {
		s.Mean, s.Std = preset.Mean, preset.Std
	}
	return s
}

// learnOutputs asks the model for its outputs, by running it on a black picture if
// it does not say their shapes.
func (m *imageModel) learnOutputs(ctx context.Context) error {
	known := true
	for _, info := range m.session.Outputs() {
		o := modelOutput{info.Name, info.DType, slices.Clone(info.Shape)}
		if len(o.shape) > 0 && o.shape[0] < 0 {
			o.shape[0] = max(m.fixed, 1)
		}
		known = known && !info.AnyRank && !slices.ContainsFunc(o.shape, func(n int) bool { return n < 0 })
		m.outputs = append(m.outputs, o)
	}
	if known {
		return nil
	}
	black := optimize.Zeros[float32]
	if m.bytes {
		black = optimize.Zeros[uint8]
	}
	x, err := black(m.shape(max(m.fixed, 1))...)
	if err != nil {
		return err
	}
	got, err := m.session.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return err
	}
	if len(got) != len(m.outputs) {
		return fmt.Errorf("the model gave %d outputs, it names %d: %w", len(got), len(m.outputs), quintet.ErrModel)
	}
	for i, t := range got {
		m.outputs[i].dtype, m.outputs[i].shape = t.DType(), t.Shape()
	}
	return nil
}

// maxBatch returns how many pictures may run at once: one if an output has no
// dimension for more.
func (m *imageModel) maxBatch() int {
	if m.fixed > 0 {
		return m.fixed
	}
	for i, info := range m.session.Outputs() {
		if shape := info.Shape; len(m.outputs[i].shape) == 0 || len(shape) > 0 && shape[0] == 1 {
			return 1
		}
	}
	return m.opt.maxBatch
}

// shape returns that of an input of n pictures.
func (m *imageModel) shape(n int) []int {
	if m.spec.Layout == NHWC {
		return []int{n, m.spec.Height, m.spec.Width, 3}
	}
	return []int{n, 3, m.spec.Height, m.spec.Width}
}

// view says how the model saw a picture.
type view struct {
	Transform
	origin image.Point // the upper left corner of the picture's bounds
}

// bounds returns those of the picture.
func (v view) bounds() image.Rectangle {
	return image.Rect(0, 0, v.Width, v.Height).Add(v.origin)
}

// runImages runs the model on the pictures that can be read, all at once, and makes
// a result of each with decode, which gets its place in the outputs.
func runImages[Out any](
	ctx context.Context, m *imageModel, in []Picture, decode func(outputs []optimize.Tensor, i int, v view) (Out, error),
) ([]Out, error) {
	if m.bytes {
		return runImagesAs[uint8](ctx, m, in, decode)
	}
	return runImagesAs[float32](ctx, m, in, decode)
}

func runImagesAs[T TensorElement, Out any](
	ctx context.Context, m *imageModel, in []Picture, decode func(outputs []optimize.Tensor, i int, v view) (Out, error),
) ([]Out, error) {
	size := 3 * m.spec.Width * m.spec.Height
	buffer := m.buffers.Get().(*[]T)
	defer m.buffers.Put(buffer)
	data := slices.Grow((*buffer)[:0], size*max(len(in), m.fixed))[:size*max(len(in), m.fixed)]
	*buffer = data
	out, errs := make([]Out, len(in)), make([]error, 0, len(in))
	var views []view
	var at []int // where in the input the pictures stand that can be read
	for i, picture := range in {
		v, err := readInput(ctx, m, picture, data[len(at)*size:(len(at)+1)*size])
		if err != nil {
			errs = append(errs, optimize.FailItem(i, err))
			continue
		}
		views, at = append(views, v), append(at, i)
	}
	if len(at) == 0 {
		return out, errors.Join(errs...)
	}
	n := max(len(at), m.fixed)
	clear(data[len(at)*size : n*size])
	outputs, err := runModel(ctx, m, data[:n*size], n)
	for k, i := range at {
		itemErr := err
		if err == nil {
			out[i], itemErr = decode(outputs, k, views[k])
		}
		if itemErr != nil {
			errs = append(errs, optimize.FailItem(i, itemErr))
		}
	}
	return out, errors.Join(errs...)
}

// runModel runs the model on n pictures and checks that the outputs are as announced,
// but for their dimensions.
func runModel[T TensorElement](ctx context.Context, m *imageModel, data []T, n int) ([]optimize.Tensor, error) {
	x, err := optimize.NewTensor(data, m.shape(n)...)
	if err != nil {
		return nil, err
	}
	outputs, err := m.session.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(outputs) != len(m.outputs) {
		return nil, fmt.Errorf("the model gave %d outputs, want %d: %w", len(outputs), len(m.outputs), quintet.ErrModel)
	}
	for i, o := range outputs {
		if want := m.outputs[i]; o.DType() != want.dtype || o.Rank() != len(want.shape) {
			return nil, fmt.Errorf("the model gave %s as %v, want %v: %w", want.name, o, want, quintet.ErrModel)
		}
	}
	return outputs, nil
}

// readInput fills the part of the input that is a picture's.
func readInput[T TensorElement](ctx context.Context, m *imageModel, in Picture, dst []T) (view, error) {
	if m.read.Width == m.spec.Width && m.read.Height == m.spec.Height {
		return readPicture(ctx, in, m.read, dst)
	}
	whole := make([]T, 3*m.read.Width*m.read.Height)
	v, err := readPicture(ctx, in, m.read, whole)
	if err != nil {
		return v, err
	}
	left, top := (m.read.Width-m.spec.Width)/2, (m.read.Height-m.spec.Height)/2
	planes, pixel := 3, 1 // rows of all planes, elements of a pixel
	if m.spec.Layout == NHWC {
		planes, pixel = 1, 3
	}
	for p := range planes {
		for y := range m.spec.Height {
			from := whole[((p*m.read.Height+top+y)*m.read.Width+left)*pixel:]
			copy(dst[(p*m.spec.Height+y)*m.spec.Width*pixel:][:m.spec.Width*pixel], from)
		}
	}
	v.OffsetX += float64(left) * v.ScaleX
	v.OffsetY += float64(top) * v.ScaleY
	return v, nil
}

// readPicture is ReadTensor for a picture and a checked specification.
func readPicture[T TensorElement](ctx context.Context, in Picture, spec TensorSpec, dst []T) (view, error) {
	if in.Image == nil && len(in.Data) > 0 {
		t, err := readTensor(ctx, in.Data, spec, newRoom(spec.Decode.Limits.MaxMemory), dst)
		return view{Transform: t}, err
	}
	s, _, err := openPicture(ctx, in, spec.Decode)
	if err != nil {
		return view{}, err
	}
	p := newPlacement(spec, s.w, s.h, 1)
	return view{p.transform, s.img.Bounds().Min}, fillTensor(ctx, s, 1, p, spec, dst)
}
