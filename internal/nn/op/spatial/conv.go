package spatial

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// conv is a convolution, or a transposed one.
type conv struct {
	layout     layout
	window     window
	groups     int
	activation activation.Func
	fixed      *filter // if the weights are constant

	transposed bool
	extra      [space]int // output_padding
	size       [space]int // output_shape, 0 if not given
}

func newConv(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		return (&conv{layout: l}).build(n)
	}
}

// build reads what both kinds of convolution have, and packs constant weights.
func (v *conv) build(n *op.Node) (op.Op, []tensor.DType, error) {
	most := 3
	var err error
	if v.layout == last && !v.transposed {
		most = 4
	}
	if err := n.Inputs(2, most); err != nil {
		return nil, nil, err
	}
	if v.layout == last {
		if v.activation, err = activation.Of(n); err != nil {
			return nil, nil, err
		}
	}
	if err := n.Float32(0, 1, 2, 3); err != nil {
		return nil, nil, err
	}
	if v.window, err = newWindow(n); err != nil {
		return nil, nil, err
	}
	v.window.ceil = false // means nothing here
	if v.groups, err = n.Int("group", 1); err != nil {
		return nil, nil, err
	}
	if v.groups < 1 {
		return nil, nil, n.Wrong("%d groups", v.groups)
	}
	if v.transposed {
		if err := v.readTransposed(n); err != nil {
			return nil, nil, err
		}
	}
	if w := n.Const(1); w != nil {
		if v.fixed, err = v.newFilter(w, true); err != nil {
			return nil, nil, n.Wrong("%v", err)
		}
	}
	return v, []tensor.DType{onnxpb.Float}, nil
}

// call is a convolution of one image under way.
type call struct {
	f       *filter
	g       grid
	s       gemm.ConvShape
	bias    []float32
	add     []float32 // of the whole batch, then of the image
	dst, x  []float32 // of the image
	step    int       // rows at a time
	rows    int       // of the output, of all steps in depth
	rowSize int       // elements
}

func (v *conv) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	f, err := v.fixed, error(nil)
	if f == nil {
		if f, err = v.newFilter(in[1], false); err != nil {
			return err
		}
	}
	from, err := v.layout.picture(in[0].Shape)
	if err != nil {
		return err
	}
	if from.rank != f.rank || from.c != f.in {
		return fmt.Errorf("%v for kernel %v of %d channels: %w", in[0], f.kernel[space-f.rank:], f.in, quintet.ErrInput)
	}
	k := call{f: f}
	if k.g, err = v.place(from, f); err != nil {
		return err
	}
	to := k.g.picture(from, f.out)
	if err := v.layout.newPicture(c, out[0], onnxpb.Float, to); err != nil {
		return err
	}
	if err := k.operands(in, out[0]); err != nil || out[0].Len() == 0 {
		return err
	}
	k.s = v.shape(f, k.g)
	v.steps(&k)
	m, err := newImages(c, v.layout, from, to, in[0], out[0])
	if err != nil {
		return err
	}
	for i := range from.n {
		k.x, k.dst = m.open(i)
		if err := v.image(c, &k); err != nil {
			return err
		}
		m.done(i)
		if k.add != nil {
			k.add = k.add[len(k.dst):]
		}
	}
	return nil
}

// operands takes bias and residual from the inputs.
func (k *call) operands(in []*tensor.Tensor, out *tensor.Tensor) error {
	if len(in) > 2 && in[2] != nil {
		if in[2].Len() != k.f.out {
			return fmt.Errorf("bias %v for %d channels: %w", in[2], k.f.out, quintet.ErrInput)
		}
		k.bias = tensor.Of[float32](in[2])
	}
	if len(in) > 3 && in[3] != nil {
		if !slices.Equal(in[3].Shape, out.Shape) {
			return fmt.Errorf("residual %v for %v: %w", in[3], out, quintet.ErrInput)
		}
		k.add = tensor.Of[float32](in[3])
	}
	return nil
}

// place computes the output size.
func (v *conv) place(p picture, f *filter) (grid, error) {
	if v.transposed {
		return v.placeTransposed(p, f)
	}
	g, err := v.window.resolve(p, f.kernel)
	if err != nil {
		return g, err
	}
	// Padding must stay in proportion: where the kernels copy it, it costs
	// memory.
	const free, ratio = 1 << 24, 8
	padded, size := float64(p.c), float64(p.c)
	for _, a := range g {
		padded *= float64(max((a.out-1)*a.stride, a.in+a.begin) + int(reach(a.kernel, a.dilation)))
		size *= float64(a.in)
	}
	if padded > free && padded > ratio*size {
		return g, fmt.Errorf("%v of padding for %v elements: %w", padded, size, quintet.ErrInput)
	}
	return g, nil
}

// macsEach is the number of multiplications after which the context is asked,
// and pixelsEach the least number of pixels: the weights are read anew each time.
const (
	macsEach   = 1 << 25
	pixelsEach = 192
	hotEach    = 1 << 15 // elements, if an activation is to find them in the cache
)

// parallelWork is the number of multiplications from which on an image is worth
// several threads.
const parallelWork = 1 << 23

// steps sets the number of rows to do at a time.
func (v *conv) steps(k *call) {
	s := &k.s
	k.rows, k.rowSize = k.g[0].out*s.OutH, s.OutW*s.OutC
	macs := k.f.in / v.groups * k.f.out * s.KernelH * s.KernelW
	pixels := max(macsEach/macs, pixelsEach)
	if k.f.minimal {
		pixels *= 2 // less work for each
	}
	if _, _, clamp := v.activation.Clamp(); !clamp && v.activation.Name != "" {
		pixels = min(pixels, max(hotEach/s.OutC, pixelsEach))
	}
	if k.step = max(pixels/s.OutW, 1); v.transposed {
		k.step = s.OutH
	}
	if k.f.minimal {
		k.step += k.step % 2
	}
}

// image convolves one image.
func (v *conv) image(c *op.Ctx, k *call) error {
	work := float64(len(k.dst)) * float64(k.f.in/v.groups*k.s.KernelH*k.s.KernelW)
	switch {
	case k.f.blocks != nil:
		return v.blocks(c, k, work)
	case c.Threads() == 1 || v.transposed || work < parallelWork:
		v.span(c, k, 0, k.rows, op.StateOf[gemm.Scratch](c, 0, "spatial.conv"))
	case v.heavy(c, k):
		v.splitChannels(c, *k)
	case k.rows > 1:
		v.split(c, *k)
	default:
		v.span(c, k, 0, k.rows, op.StateOf[gemm.Scratch](c, 0, "spatial.conv"))
	}
	return c.Done()
}

// split is span of all rows, on all threads.
func (v *conv) split(c *op.Ctx, k call) {
	for w := range c.Threads() {
		op.StateOf[gemm.Scratch](c, w, "spatial.conv")
	}
	grain := 1
	if k.f.minimal { // few parts of equal size, since each reads all weights
		if grain = share(k.rows, 2*c.Threads(), 2); grain*2*c.Threads() != k.rows {
			grain = share(k.rows, c.Threads(), 2)
		}
	}
	c.Split(k.rows, grain, func(lo, hi, worker int) {
		v.span(c, &k, lo, hi, op.StateOf[gemm.Scratch](c, worker, "spatial.conv"))
	})
}

// share is an equal part of n, a multiple of unit.
func share(n, parts, unit int) int {
	n = (n + parts - 1) / parts
	return (n + unit - 1) / unit * unit
}

// heavyWeights is the number of weights beyond which threads share the output
// channels rather than the rows, for which each would read all weights.
const heavyWeights = 1 << 16

// heavy reports whether threads should share the output channels.
func (v *conv) heavy(c *op.Ctx, k *call) bool {
	s := &k.s
	weights, limit := s.KernelH*s.KernelW*s.InC*s.OutC, heavyWeights
	if k.f.minimal {
		limit *= 4 // each part transforms all of the image
	}
	return len(k.f.packed) == 1 && k.g[0].out == 1 && s.Columns() && weights >= limit && s.OutC >= 32*c.Threads()
}

// splitChannels computes the image with the output channels shared among threads.
func (v *conv) splitChannels(c *op.Ctx, k call) {
	for w := range c.Threads() {
		op.StateOf[gemm.Scratch](c, w, "spatial.conv")
	}
	e := gemm.Epilogue{Bias: k.bias}
	if k.add != nil {
		e.Add, e.AddStride = k.add, k.s.OutC
	}
	e.Lo, e.Hi, e.Clamp = v.activation.Clamp()
	grain := 16
	if k.f.minimal { // one part for each thread, since each transforms all of the image
		grain = share(k.s.OutC, c.Threads(), grain)
	}
	c.Split(k.s.OutC, grain, func(lo, hi, worker int) {
		gemm.ConvColumns(k.dst, k.x, k.s, k.f.packed[0], lo, hi, op.StateOf[gemm.Scratch](c, worker, "spatial.conv"), e)
	})
	if !e.Clamp && v.activation.Name != "" {
		c.Split(k.rows, 1, func(lo, hi, _ int) { v.activation.Apply(k.dst[lo*k.rowSize : hi*k.rowSize]) })
	}
}

// span computes the output rows [lo, hi), where rows count through the depth. It
// stops when the run's context ends.
func (v *conv) span(c *op.Ctx, k *call, lo, hi int, scratch *gemm.Scratch) {
	_, _, clamp := v.activation.Clamp()
	for lo < hi && c.Done() == nil {
		d, h := lo/k.s.OutH, lo%k.s.OutH
		n := min(k.s.OutH-h, hi-lo, k.step)
		v.slice(k, d, h, h+n, scratch)
		if !clamp && v.activation.Name != "" {
			v.activation.Apply(k.dst[lo*k.rowSize : (lo+n)*k.rowSize])
		}
		lo += n
	}
}

// slice computes the rows [lo, hi) at one depth of the output: the sum of
// convolutions of pictures.
func (v *conv) slice(k *call, depth, lo, hi int, scratch *gemm.Scratch) {
	in, out := k.s.InH*k.s.InW*k.s.InC, k.s.OutH*k.rowSize
	dst := k.dst[depth*out:][:out]
	e := gemm.Epilogue{Bias: k.bias}
	if k.add != nil {
		e.Add, e.AddStride = k.add[depth*out:], k.s.OutC
	}
	final := -1
	for i := range k.f.packed {
		if v.source(&k.g[0], depth, i) >= 0 {
			final = i
		}
	}
	for i, w := range k.f.packed {
		from := v.source(&k.g[0], depth, i)
		if from < 0 {
			continue
		}
		if i == final {
			e.Lo, e.Hi, e.Clamp = v.activation.Clamp()
		}
		x := k.x[from*in:][:in]
		if v.transposed {
			gemm.ConvTranspose(dst, x, k.s, w, scratch, e)
		} else {
			gemm.Conv(dst, x, k.s, w, lo, hi, scratch, e)
		}
		e = gemm.Epilogue{Accumulate: true}
	}
	if final < 0 {
		v.empty(dst, lo, hi, k, e)
	}
}

// source returns the depth of the input that a tap sees from an output depth, -1
// if there is none.
func (v *conv) source(a *axis, depth, tap int) int {
	at := depth*a.stride - a.begin + tap*a.dilation
	if v.transposed {
		at = depth + a.begin - tap*a.dilation
		if at%a.stride != 0 {
			return -1
		}
		at /= a.stride
	}
	if at < 0 || at >= a.in {
		return -1
	}
	return at
}

// empty computes rows that see nothing of the input.
func (v *conv) empty(dst []float32, lo, hi int, k *call, e gemm.Epilogue) {
	dst = dst[lo*k.rowSize : hi*k.rowSize]
	clear(dst)
	if e.Add != nil {
		copy(dst, e.Add[lo*k.rowSize:])
	}
	if k.bias != nil {
		vec.AddRow(dst, dst, k.bias)
	}
	if low, high, clamp := v.activation.Clamp(); clamp {
		vec.Clip(dst, dst, low, high)
	}
}
