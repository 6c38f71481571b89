package quantised

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// binary is an operator of two quantised tensors that broadcast.
type binary struct {
	f func(dst, a, b []float32)
}

func newQLinearAdd(n *op.Node) (op.Op, []tensor.DType, error) { return newBinary(n, vec.Add) }
func newQLinearMul(n *op.Node) (op.Op, []tensor.DType, error) { return newBinary(n, vec.Mul) }

// newBinary has the inputs A, A_scale, A_zero_point, the same of B, and the scale and
// zero point of the result. Zero points may be left out.
func newBinary(n *op.Node, f func(dst, a, b []float32)) (op.Op, []tensor.DType, error) {
	if len(n.In) < 7 || len(n.In) > 8 {
		return nil, nil, n.Wrong("has %d inputs", len(n.In))
	}
	if err := byteTypes(n, 0, 3); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 1, 4, 6); err != nil {
		return nil, nil, err
	}
	for _, i := range []int{2, 5, 7} {
		if err := like(n, i, 0); err != nil {
			return nil, nil, err
		}
	}
	if err := like(n, 3, 0); err != nil {
		return nil, nil, err
	}
	return binary{f}, []tensor.DType{n.Dtype(0)}, nil
}

func (o binary) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var q [3]quant
	for i := range q {
		at := [...]int{1, 4, 6}[i]
		var err error
		if q[i], err = quantOf(in[at], input(in, at+1), in[0].Type); err != nil {
			return err
		}
	}
	a, b := in[0], in[3]
	var buf, aBuf, bBuf, index [tensor.MaxRank]int
	shape, err := tensor.Broadcast(buf[:0], a.Shape, b.Shape)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], a.Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	work, err := op.Scratch[float32](c, 2*chunk)
	if err != nil {
		return err
	}
	if slices.Equal(a.Shape, b.Shape) {
		o.line(out[0].Data, a.Data, b.Data, q, work)
		return c.Done()
	}
	as, bs := tensor.BroadcastStrides(aBuf[:0], a.Shape, shape), tensor.BroadcastStrides(bBuf[:0], b.Shape, shape)
	last := len(shape) - 1
	for dst := out[0].Data; len(dst) > 0; dst = dst[shape[last]:] {
		i, j := 0, 0
		for d, k := range index[:last] {
			i, j = i+k*as[d], j+k*bs[d]
		}
		o.line(dst[:shape[last]], a.Data[i:][:1+as[last]*(shape[last]-1)], b.Data[j:][:1+bs[last]*(shape[last]-1)], q, work)
		for d := last - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return c.Done()
}

// line computes dst of a and b, each as long as it or of one element.
func (o binary) line(dst, a, b []byte, q [3]quant, work []float32) {
	for lo := 0; lo < len(dst); lo += chunk {
		n := min(chunk, len(dst)-lo)
		x, y := work[:n], work[chunk:][:n]
		q[0].spread(x, a, lo)
		q[1].spread(y, b, lo)
		o.f(x, x, y)
		q[2].quantize(dst[lo:lo+n], x)
	}
}

// spread dequantises the elements of x from lo on, or its only one.
func (q quant) spread(dst []float32, x []byte, lo int) {
	if len(x) > 1 {
		q.dequantize(dst, x[lo:lo+len(dst)])
		return
	}
	q.dequantize(dst[:1], x[:1])
	for i := range dst {
		dst[i] = dst[0]
	}
}

// unary is an operator of one quantised tensor, element by element.
type unary struct {
	f     func(x []float32, alpha float32)
	alpha float32
}

func newQLinearSigmoid(n *op.Node) (op.Op, []tensor.DType, error) {
	return newUnary(n, unary{f: func(x []float32, _ float32) { vec.Sigmoid(x, x) }})
}

func newQLinearLeakyRelu(n *op.Node) (op.Op, []tensor.DType, error) {
	alpha, err := n.Float("alpha", 0.01)
	if err != nil {
		return nil, nil, err
	}
	return newUnary(n, unary{func(x []float32, alpha float32) { vec.LeakyRelu(x, x, alpha) }, alpha})
}

func newUnary(n *op.Node, o unary) (op.Op, []tensor.DType, error) {
	return o, []tensor.DType{n.Dtype(0)}, xy(n)
}

// xy checks the inputs X, X_scale, X_zero_point, Y_scale and Y_zero_point. Zero points
// may be left out.
func xy(n *op.Node) error {
	if len(n.In) < 4 || len(n.In) > 5 {
		return n.Wrong("has %d inputs", len(n.In))
	}
	if err := byteTypes(n, 0); err != nil {
		return err
	}
	if err := floatTypes(n, 1, 3); err != nil {
		return err
	}
	if err := like(n, 2, 0); err != nil {
		return err
	}
	return like(n, 4, 0)
}

// xyOf reads the parameters that xy checks.
func xyOf(in []*tensor.Tensor) (x, y quant, err error) {
	if x, err = quantOf(in[1], in[2], in[0].Type); err != nil {
		return x, y, err
	}
	y, err = quantOf(in[3], input(in, 4), in[0].Type)
	return x, y, err
}

func (o unary) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, y, err := xyOf(in)
	if err != nil {
		return err
	}
	if err := c.NewOver(out[0], in, 0, in[0].Type, in[0].Shape); err != nil {
		return err
	}
	t := newTable(x, y, o.f, o.alpha)
	t.apply(out[0].Data, in[0].Data)
	return c.Done()
}

// table has the result of a function of a byte for each of them.
type table [256]byte

func newTable(x, y quant, f func(x []float32, alpha float32), alpha float32) (t table) {
	var v [256]float32
	for i := range t {
		t[i] = byte(i)
	}
	x.dequantize(v[:], t[:])
	if f != nil {
		f(v[:], alpha)
	}
	y.quantize(t[:], v[:])
	return t
}

func (t *table) apply(dst, x []byte) {
	for i, v := range x {
		dst[i] = t[v]
	}
}

// qLinearConcat joins tensors along an axis and brings them to one scale.
type qLinearConcat struct{ axis int }

// newQLinearConcat has the inputs Y_scale, Y_zero_point, and then a tensor, its scale
// and its zero point for each that is joined.
func newQLinearConcat(n *op.Node) (op.Op, []tensor.DType, error) {
	if len(n.In) < 5 || len(n.In)%3 != 2 {
		return nil, nil, n.Wrong("has %d inputs", len(n.In))
	}
	if err := byteTypes(n, 1); err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(n.In); i += 3 {
		if err := floatTypes(n, i); err != nil {
			return nil, nil, err
		}
		for _, j := range []int{i + 1, i - 1} {
			if j < 0 || !n.Has(j) && j == i+1 {
				continue
			}
			if err := n.Typed(j, n.Dtype(1)); err != nil {
				return nil, nil, err
			}
		}
	}
	if !n.HasAttr("axis") {
		return nil, nil, n.Wrong("lacks the axis")
	}
	axis, err := n.Int("axis", 0)
	return qLinearConcat{axis}, []tensor.DType{n.Dtype(1)}, err
}

func (o qLinearConcat) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	to, err := quantOf(in[0], in[1], in[1].Type)
	if err != nil {
		return err
	}
	first := in[2]
	axis, err := tensor.Axis(o.axis, first.Rank())
	if err != nil {
		return err
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], first.Shape...)
	for i := 5; i < len(in); i += 3 {
		s := in[i].Shape
		if len(s) != len(shape) || !slices.Equal(s[:axis], first.Shape[:axis]) ||
			!slices.Equal(s[axis+1:], first.Shape[axis+1:]) {
			return fmt.Errorf("%s beside %s along axis %d: %w", in[i], first, axis, quintet.ErrInput)
		}
		shape[axis] += s[axis]
	}
	if err := c.NewShape(out[0], in[1].Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	row, place := count(shape[axis:]), 0
	for i := 2; i < len(in); i += 3 {
		from, err := quantOf(in[i+1], in[i+2], in[i].Type)
		if err != nil {
			return err
		}
		t, x, n := newTable(from, to, nil, 0), in[i].Data, count(in[i].Shape[axis:])
		for at := place; len(x) > 0; at += row {
			t.apply(out[0].Data[at:at+n], x[:n])
			x = x[n:]
		}
		place += n
	}
	return c.Done()
}

// qLinearSoftmax is Softmax along an axis, of versions from 13 on, or over all
// dimensions from the axis on.
type qLinearSoftmax struct {
	axis int
	rest bool
}

func newQLinearSoftmax(n *op.Node) (op.Op, []tensor.DType, error) {
	axis, err := n.Int("axis", -1)
	if err != nil {
		return nil, nil, err
	}
	version, err := n.Int("opset", 0)
	if err == nil && version < 1 {
		err = n.Wrong("opset is %d", version)
	}
	if err != nil {
		return nil, nil, err
	}
	return qLinearSoftmax{axis, version < 13}, []tensor.DType{n.Dtype(0)}, xy(n)
}

func (o qLinearSoftmax) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, to, err := xyOf(in)
	if err != nil {
		return err
	}
	x := in[0]
	axis, err := tensor.Axis(o.axis, x.Rank())
	if err != nil {
		return err
	}
	n, inner := x.Shape[axis], count(x.Shape[axis+1:])
	if o.rest {
		n, inner = n*inner, 1
	}
	if err := c.NewShape(out[0], x.Type, x.Shape); err != nil || len(x.Data) == 0 {
		return err
	}
	v, err := op.Scratch[float32](c, n)
	if err != nil {
		return err
	}
	line, err := op.Scratch[uint8](c, n)
	if err != nil {
		return err
	}
	for src, dst := x.Data, out[0].Data; len(src) > 0; src, dst = src[n*inner:], dst[n*inner:] {
		for i := range inner {
			for k := range line {
				line[k] = src[k*inner+i]
			}
			from.dequantize(v, line)
			vec.Softmax(v, v)
			to.quantize(line, v)
			for k, b := range line {
				dst[k*inner+i] = b
			}
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}
