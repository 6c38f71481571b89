package quantised

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// scaling is QuantizeLinear or DequantizeLinear: a scale for the tensor, for each
// slice along an axis, or for each block of slices.
type scaling struct {
	axis, block int
	perAxis     bool // versions that know more than one scale
	to          tensor.DType
}

// newScaling reads what both operators have in common.
func newScaling(n *op.Node) (scaling, error) {
	s := scaling{perAxis: n.Opset >= 13 || n.Domain != ""}
	if err := n.Inputs(2, 3); err != nil {
		return s, err
	}
	if err := n.Typed(1, onnxpb.Float); err != nil {
		return s, err
	}
	var err error
	if s.axis, err = n.Int("axis", 1); err != nil {
		return s, err
	}
	if s.block, err = n.Int("block_size", 0); err == nil && s.block < 0 {
		err = n.Wrong("block_size %d", s.block)
	}
	return s, err
}

func newQuantizeLinear(n *op.Node) (op.Op, []tensor.DType, error) {
	s, err := newScaling(n)
	if err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Float); err != nil {
		return nil, nil, err
	}
	asked, err := n.Int("output_dtype", 0)
	if err != nil {
		return nil, nil, err
	}
	switch s.to = tensor.DType(asked); {
	case n.Has(2):
		s.to = n.Dtype(2)
	case asked == 0:
		s.to = onnxpb.Uint8
	}
	if asked != 0 && s.to != tensor.DType(asked) {
		return nil, nil, n.Wrong("zero point of %s for output_dtype %s", s.to, tensor.DType(asked))
	}
	if s.to != onnxpb.Uint8 && s.to != onnxpb.Int8 {
		return nil, nil, n.Unsupported("output of %s", s.to)
	}
	return quantizeLinear{s}, []tensor.DType{s.to}, nil
}

func newDequantizeLinear(n *op.Node) (op.Op, []tensor.DType, error) {
	s, err := newScaling(n)
	if err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Uint8, onnxpb.Int8, onnxpb.Int32); err != nil {
		return nil, nil, err
	}
	asked, err := n.Int("output_dtype", int(onnxpb.Float))
	if err == nil && asked != 0 && tensor.DType(asked) != onnxpb.Float {
		err = n.Unsupported("output of %s", tensor.DType(asked))
	}
	if err != nil {
		return nil, nil, err
	}
	s.to = onnxpb.Float
	return dequantizeLinear{s}, []tensor.DType{s.to}, like(n, 2, 0)
}

type (
	quantizeLinear   struct{ scaling }
	dequantizeLinear struct{ scaling }
)

func (q quantizeLinear) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	b, err := q.blocks(in)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], q.to, in[0].Shape); err != nil {
		return err
	}
	x, zero := tensor.Of[float32](in[0]), input(in, 2)
	if q.to == onnxpb.Int8 {
		return convert(c, b, tensor.Of[int8](out[0]), x, elements[int8](zero), qgemm.QuantizeInt8)
	}
	return convert(c, b, out[0].Data, x, elements[uint8](zero), qgemm.Quantize)
}

func (d dequantizeLinear) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	b, err := d.blocks(in)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], d.to, in[0].Shape); err != nil {
		return err
	}
	y, zero := tensor.Of[float32](out[0]), input(in, 2)
	switch in[0].Type {
	case onnxpb.Int8:
		return convert(c, b, y, tensor.Of[int8](in[0]), elements[int8](zero), qgemm.DequantizeInt8)
	case onnxpb.Uint8:
		return convert(c, b, y, in[0].Data, elements[uint8](zero), qgemm.Dequantize)
	}
	return convert(c, b, y, tensor.Of[int32](in[0]), elements[int32](zero), dequantizeInt32)
}

func dequantizeInt32(dst []float32, x []int32, scale float32, zero int32) {
	for i, v := range x {
		dst[i] = float32(v-zero) * scale
	}
}

// elements returns the elements of t, nil for nil.
func elements[T tensor.Elem](t *tensor.Tensor) []T {
	if t == nil {
		return nil
	}
	return tensor.Of[T](t)
}

// blocks says which scale goes with which elements of a tensor: those of slice k
// along an axis with the k/size-th, and within the slice all with one, or each
// with its own.
type blocks struct {
	scale           []float32
	outer, n, inner int
	size            int // slices of a block
	own             bool
}

func (s scaling) blocks(in []*tensor.Tensor) (blocks, error) {
	x, scale, zero := in[0], in[1], input(in, 2)
	b := blocks{scale: tensor.Of[float32](scale), outer: 1, n: 1, inner: x.Len(), size: 1}
	wrong := func() error {
		return fmt.Errorf("scale %s for %s: %w", scale, x, quintet.ErrInput)
	}
	if zero != nil && zero.Len() != scale.Len() {
		return b, fmt.Errorf("zero point %s with scale %s: %w", zero, scale, quintet.ErrInput)
	}
	if scale.Len() == 1 && s.block == 0 {
		return b, nil
	}
	axis, err := tensor.Axis(s.axis, x.Rank())
	if err != nil || !s.perAxis {
		return b, wrong()
	}
	b.outer, b.n, b.inner = count(x.Shape[:axis]), x.Shape[axis], count(x.Shape[axis+1:])
	if s.block == 0 {
		if scale.Rank() != 1 || scale.Len() != b.n {
			return b, wrong()
		}
		return b, nil
	}
	b.size, b.own = s.block, true
	if scale.Rank() != x.Rank() || scale.Shape[axis] != (b.n+b.size-1)/b.size ||
		!slices.Equal(scale.Shape[:axis], x.Shape[:axis]) || !slices.Equal(scale.Shape[axis+1:], x.Shape[axis+1:]) {
		return b, wrong()
	}
	return b, nil
}

func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// bigConvert is from how many elements on a conversion is split among threads.
const bigConvert = 1 << 18

// convert turns src into dst, which are of equal length, by f.
func convert[D, S, Z any](c *op.Ctx, b blocks, dst []D, src []S, zero []Z, f func([]D, []S, float32, Z)) error {
	if len(dst) == 0 {
		return nil
	}
	if len(b.scale) == 1 && !b.own {
		var z Z
		if zero != nil {
			z = zero[0]
		}
		if c.Threads() > 1 && len(dst) >= bigConvert {
			c.Split(len(dst), chunk, func(lo, hi, _ int) { f(dst[lo:hi], src[lo:hi], b.scale[0], z) })
		} else {
			f(dst, src, b.scale[0], z)
		}
		return c.Done()
	}
	for o := range b.outer {
		for k := range b.n {
			at, scaleAt, step := (o*b.n+k)*b.inner, k, b.inner
			if b.own {
				scaleAt, step = (o*((b.n+b.size-1)/b.size)+k/b.size)*b.inner, 1
			}
			for i := 0; i < b.inner; i += step {
				var z Z
				if zero != nil {
					z = zero[scaleAt]
				}
				f(dst[at+i:at+i+step], src[at+i:at+i+step], b.scale[scaleAt], z)
				scaleAt++
			}
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// dynamicQuantizeLinear finds the scale and zero point itself.
type dynamicQuantizeLinear struct{}

func newDynamicQuantizeLinear(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	return dynamicQuantizeLinear{}, []tensor.DType{onnxpb.Uint8, onnxpb.Float, onnxpb.Uint8}, floatTypes(n, 0)
}

func (dynamicQuantizeLinear) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := tensor.Of[float32](in[0])
	scale, zero := qgemm.DynamicParams(x)
	if y := out[0]; y != nil {
		if err := c.NewShape(y, onnxpb.Uint8, in[0].Shape); err != nil {
			return err
		}
		qgemm.Quantize(y.Data, x, scale, zero)
	}
	if len(out) > 1 && out[1] != nil {
		if err := c.New(out[1], onnxpb.Float); err != nil {
			return err
		}
		tensor.Of[float32](out[1])[0] = scale
	}
	if len(out) > 2 && out[2] != nil {
		if err := c.New(out[2], onnxpb.Uint8); err != nil {
			return err
		}
		out[2].Data[0] = zero
	}
	return nil
}
