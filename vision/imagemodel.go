package vision

import (
	"context"
	"errors"
	"fmt"
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
	var none [3]float32
	if s.BGR || s.Mean != none || s.Std != none || s.Fit != FitContain || s.Fill != (RGB{}) || s.Filter != 0 {
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
