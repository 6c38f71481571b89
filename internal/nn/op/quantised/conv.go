package quantised

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// convolution is what both operators share.
type convolution struct {
	window
	groups int
	packed []*qgemm.Packed // of constant weights, by group; nil: not constant or depthwise
}

func newConvolution(n *op.Node, weights int) (o convolution, err error) {
	if o.window, err = newWindow(n); err != nil {
		return o, err
	}
	if o.groups, err = n.Int("group", 1); err != nil {
		return o, err
	}
	if o.groups < 1 {
		return o, n.Wrong("%d groups", o.groups)
	}
	if v := n.In[weights]; v.Ranked && (len(v.Shape) < 3 || len(v.Shape) > 4) {
		return o, n.Unsupported("weights of %d dimensions", len(v.Shape))
	}
	if w := n.Const(weights); w != nil && w.Len() > 0 && w.Shape[0]%o.groups == 0 && !o.depthwise(w) {
		o.packed = packGroups(w, o.groups)
	}
	return o, nil
}

// depthwise reports whether each group has one channel in and one out.
func (o convolution) depthwise(w *tensor.Tensor) bool {
	return o.groups > 1 && w.Shape[1] == 1 && w.Shape[0] == o.groups
}

// packGroups packs weights, output channels first, as matrices whose columns are the
// channels of a group.
func packGroups(w *tensor.Tensor, groups int) []*qgemm.Packed {
	out := w.Shape[0] / groups
	k := w.Len() / w.Shape[0]
	packed := make([]*qgemm.Packed, groups)
	for g := range packed {
		data := w.Data[g*out*k : (g+1)*out*k]
		if w.Type == onnxpb.Int8 {
			packed[g] = qgemm.Pack(int8s(data), k, out, k, true)
		} else {
			packed[g] = qgemm.PackUint8(data, k, out, k, true)
		}
	}
	return packed
}

// conv is a convolution at work: pixels of the output are rows of a product.
type conv struct {
	convolution
	plane
	x, w      *tensor.Tensor
	signed    bool
	xZero     byte
	xPoint    [1]int32
	wPoints   []int32 // one, or one for each output channel; none is 0
	in, out   int     // channels of a group
	k         int     // products in a sum
	pixels    int     // of an output
	depth     bool
	rows      []byte  // of a block of pixels, k each
	sums      []int32 // of a block of pixels, out each; depthwise, of a picture
	perWorker int     // of sums
	store     func(worker, image, channel, pixel int, sums []int32, count int)
}

// begin checks the shapes and finds the geometry.
func (o convolution) begin(c *op.Ctx, x, w, xZero, wZero *tensor.Tensor) (*conv, error) {
	v := &conv{convolution: o, x: x, w: w, signed: x.Type == onnxpb.Int8}
	if x.Rank() < 3 || x.Rank() > 4 || w.Rank() != x.Rank() || w.Shape[0]%o.groups != 0 ||
		w.Shape[1]*o.groups != x.Shape[1] {
		return nil, fmt.Errorf("convolution of %s with %s in %d groups: %w", x, w, o.groups, quintet.ErrInput)
	}
	var err error
	if v.plane, err = o.window.plane(x.Shape[2:], w.Shape[2:]); err != nil {
		return nil, err
	}
	if v.xZero, err = zeroOf(xZero); err != nil {
		return nil, err
	}
	v.xPoint[0] = quant{zero: v.xZero, signed: v.signed}.point()
	if v.wPoints, err = scratchPoints(c, wZero); err != nil {
		return nil, err
	}
	if k := len(v.wPoints); k > 1 && k != w.Shape[0] {
		return nil, fmt.Errorf("zero point %s for %s: %w", wZero, w, quintet.ErrInput)
	}
	v.in, v.out = w.Shape[1], w.Shape[0]/o.groups
	v.k, v.pixels = v.in*v.h.kernel*v.plane.w.kernel, v.h.out*v.plane.w.out
	v.depth = o.depthwise(w)
	return v, nil
}

// run computes all sums and stores them.
func (v *conv) run(c *op.Ctx) error {
	packed := v.packed
	if packed == nil && !v.depth && v.w.Len() > 0 {
		packed = packGroups(v.w, v.groups)
	}
	v.perWorker = block * v.out
	if v.depth {
		v.perWorker = v.plane.w.out
	}
	var err error
	if v.sums, err = accumulators(c, v.perWorker); err != nil {
		return err
	}
	if !v.depth {
		if v.rows, err = op.Scratch[uint8](c, block*v.k*c.Threads()); err != nil {
			return err
		}
	}
	for image := range v.x.Shape[0] {
		for g := range v.groups {
			if v.depth {
				err = v.channel(c, image, g)
			} else {
				err = eachBlock(c, v.pixels, v.k*v.out, func(lo, hi, worker int) {
					v.block(image, g, lo, hi, worker, packed[g])
				})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// block computes pixels lo to hi-1 of the channels of a group.
func (v *conv) block(image, g, lo, hi, worker int, w *qgemm.Packed) {
	rows := v.rows[worker*block*v.k:][:(hi-lo)*v.k]
	area := v.h.in * v.plane.w.in
	x := v.x.Data[(image*v.groups+g)*v.in*area:][:v.in*area]
	v.unfold(rows, x, lo, hi)
	sums := v.sums[worker*v.perWorker:][:(hi-lo)*v.out]
	z := zeros{a: v.xPoint[:], b: v.wPoints}
	if len(z.b) > 1 {
		z.b = z.b[g*v.out : (g+1)*v.out]
	}
	mul(sums, rows, v.signed, hi-lo, w, z)
	v.store(worker, image, g*v.out, lo, sums, hi-lo)
}

// unfold stores what pixels lo to hi-1 read of the channels x, one row for each.
// Padding is the zero point, which counts for nothing.
func (v *conv) unfold(rows, x []byte, lo, hi int) {
	h, w := v.h, v.plane.w
	if v.k == v.in && h.whole() && w.whole() {
		layout.TransposeBytes(rows, v.k, x[lo:], h.in*w.in, v.in, hi-lo)
		return
	}
	for p := lo; p < hi; p++ {
		row := rows[(p-lo)*v.k:][:v.k]
		y0, x0 := p/w.out*h.stride-h.pad, p%w.out*w.stride-w.pad
		v.unfoldPixel(row, x, y0, x0)
	}
}

// unfoldPixel stores the inputs of one pixel whose window begins at y0, x0.
func (v *conv) unfoldPixel(row, x []byte, y0, x0 int) {
	h, w := v.h, v.plane.w
	whole := w.dilation == 1 && x0 >= 0 && x0+w.kernel <= w.in
	for c := range v.in {
		for ky := range h.kernel {
			to := row[:w.kernel]
			row = row[w.kernel:]
			y := y0 + ky*h.dilation
			if y < 0 || y >= h.in {
				fillBytes(to, v.xZero)
				continue
			}
			line := x[(c*h.in+y)*w.in:][:w.in]
			if whole { // too short for copy to be worth its call
				for kx, b := range line[x0 : x0+len(to)] {
					to[kx] = b
				}
				continue
			}
			for kx := range to {
				to[kx] = v.xZero
				if at := x0 + kx*w.dilation; at >= 0 && at < w.in {
					to[kx] = line[at]
				}
			}
		}
	}
}

func fillBytes(dst []byte, b byte) {
	for i := range dst {
		dst[i] = b
	}
}

// channel computes a channel whose only input is the channel of the same place.
func (v *conv) channel(c *op.Ctx, image, g int) error {
	h, w := v.h, v.plane.w
	if w.out == 0 {
		return nil
	}
	if err := c.Done(); err != nil {
		return err
	}
	x := v.x.Data[(image*v.groups+g)*h.in*w.in:][:h.in*w.in]
	kernel := v.w.Data[g*v.k:][:v.k]
	var point int32
	if len(v.wPoints) > 0 {
		point = v.wPoints[g%len(v.wPoints)]
	}
	sums := v.sums[:w.out]
	for oy := range h.out {
		clear(sums)
		for ky := range h.kernel {
			y := oy*h.stride - h.pad + ky*h.dilation
			if y < 0 || y >= h.in {
				continue
			}
			for kx := range w.kernel {
				weight := quant{zero: kernel[ky*w.kernel+kx], signed: v.w.Type == onnxpb.Int8}.point() - point
				lo, hi := w.inside(kx)
				if lo < hi {
					line := x[y*w.in+lo*w.stride-w.pad+kx*w.dilation:]
					v.addLine(sums[lo:hi], line, w.stride, weight)
				}
			}
		}
		v.store(0, image, g, oy*w.out, sums, w.out)
	}
	return nil
}

// addLine is sums[i] += (x[i*stride]-zero) * weight.
func (v *conv) addLine(sums []int32, x []byte, stride int, weight int32) {
	zero := v.xPoint[0]
	switch {
	case v.signed:
		for i, at := 0, 0; i < len(sums); i, at = i+1, at+stride {
			sums[i] += (int32(int8(x[at])) - zero) * weight
		}
	case stride == 1:
		for i, b := range x[:len(sums)] {
			sums[i] += (int32(b) - zero) * weight
		}
	default:
		for i, at := 0, 0; i < len(sums); i, at = i+1, at+stride {
			sums[i] += (int32(x[at]) - zero) * weight
		}
	}
}

// convInteger is a convolution of integers, without scales.
type convInteger struct{ convolution }

func newConvInteger(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 4); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0, 1); err != nil {
		return nil, nil, err
	}
	for i := range 2 {
		if err := like(n, i+2, i); err != nil {
			return nil, nil, err
		}
	}
	o, err := newConvolution(n, 1)
	return convInteger{o}, []tensor.DType{onnxpb.Int32}, err
}

func (o convInteger) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	v, err := o.begin(c, in[0], in[1], input(in, 2), input(in, 3))
	if err != nil {
		return err
	}
	var buf [tensor.MaxRank]int
	channels := in[1].Shape[0]
	shape := v.shape(buf[:0], in[0].Shape[0], channels, in[0].Rank()-2)
	if err := c.NewShape(out[0], onnxpb.Int32, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	if clear(out[0].Data); v.k == 0 {
		return nil
	}
	y := tensor.Of[int32](out[0])
	v.store = func(_, image, channel, pixel int, sums []int32, count int) {
		to := y[(image*channels+channel)*v.pixels+pixel:]
		n := len(sums) / count
		for i := range n {
			for p, line := 0, to[i*v.pixels:][:count]; p < count; p++ {
				line[p] = sums[p*n+i]
			}
		}
	}
	return v.run(c)
}

// qLinearConv is a convolution whose result is quantised again.
type qLinearConv struct{ convolution }

func newQLinearConv(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(8, 9); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0, 2, 3, 5, 7); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 1, 4, 6); err != nil {
		return nil, nil, err
	}
	if n.Has(8) {
		if err := n.Typed(8, onnxpb.Int32); err != nil {
			return nil, nil, err
		}
	}
	for _, i := range []int{0, 3} {
		if err := like(n, i+2, i); err != nil {
			return nil, nil, err
		}
	}
	o, err := newConvolution(n, 3)
	return qLinearConv{o}, []tensor.DType{n.Dtype(7)}, err
}

func (o qLinearConv) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, w, bias := in[0], in[3], input(in, 8)
	v, err := o.begin(c, x, w, in[2], in[5])
	if err != nil {
		return err
	}
	to, err := quantOf(in[6], in[7], in[7].Type)
	if err != nil {
		return err
	}
	channels := w.Shape[0]
	scale, err := productScale(c, in[1], in[4], to.scale, channels)
	if err != nil {
		return err
	}
	if bias != nil && bias.Len() != channels {
		return fmt.Errorf("bias %s for %d channels: %w", bias, channels, quintet.ErrInput)
	}
	var buf [tensor.MaxRank]int
	shape := v.shape(buf[:0], x.Shape[0], channels, x.Rank()-2)
	if err := c.NewShape(out[0], in[7].Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	var offsets []int32
	if bias != nil {
		offsets = tensor.Of[int32](bias)
	}
	q := requantizer{to: to, scale: scale, bias: offsets, dst: out[0].Data, channels: channels, pixels: v.pixels}
	if q.bytes, err = op.Scratch[uint8](c, max(block*v.out, v.plane.w.out)*c.Threads()); err != nil {
		return err
	}
	q.perWorker = len(q.bytes) / c.Threads()
	v.store = q.store
	if v.k == 0 {
		return fmt.Errorf("convolution with %s: %w", w, quintet.ErrInput)
	}
	return v.run(c)
}

// requantizer stores sums as quantised channels.
type requantizer struct {
	to               quant
	scale            []float32 // one, or one for each channel
	bias             []int32   // one for each channel; nil: 0
	dst              []byte
	channels, pixels int
	bytes            []byte
	perWorker        int
}

// store takes sums of count pixels, the channels of each beside one another.
func (q *requantizer) store(worker, image, channel, pixel int, sums []int32, count int) {
	n := len(sums) / count
	if q.bias != nil {
		for row := sums; len(row) > 0; row = row[n:] {
			for i, b := range q.bias[channel : channel+n] {
				row[i] += b
			}
		}
	}
	scale := q.scale
	if len(scale) > 1 {
		scale = scale[channel : channel+n]
	}
	bytes := q.bytes[worker*q.perWorker:][:len(sums)]
	q.to.requantize(bytes, sums, scale)
	layout.TransposeBytes(q.dst[(image*q.channels+channel)*q.pixels+pixel:], q.pixels, bytes, n, count, n)
}
