package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// einsum is the op Einsum. Operands are multiplied from left to right, each time as
// a batch of matrices, and axes are summed as soon as nobody needs them any more.
type einsum[T tensor.Elem] struct {
	kernels  kernels[T]
	equation equation
}

func newEinsum(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := same(n, 1, 64); err != nil {
		return nil, nil, err
	}
	for i := range n.In {
		if !n.Has(i) {
			return nil, nil, n.Wrong("lacks input %d", i)
		}
	}
	return elementwise.Half(buildEinsum)(n)
}

func buildEinsum(n *op.Node) (op.Op, []tensor.DType, error) {
	e, err := equationOf(n)
	if err != nil {
		return nil, nil, err
	}
	types := []tensor.DType{n.Dtype(0)}
	switch n.Dtype(0) {
	case onnxpb.Float:
		return einsum[float32]{floats(), e}, types, nil
	case onnxpb.Double:
		return einsum[float64]{plain[float64](), e}, types, nil
	case onnxpb.Int8:
		return einsum[int8]{plain[int8](), e}, types, nil
	case onnxpb.Int16:
		return einsum[int16]{plain[int16](), e}, types, nil
	case onnxpb.Int32:
		return einsum[int32]{plain[int32](), e}, types, nil
	case onnxpb.Int64:
		return einsum[int64]{plain[int64](), e}, types, nil
	case onnxpb.Uint8:
		return einsum[uint8]{plain[uint8](), e}, types, nil
	case onnxpb.Uint16:
		return einsum[uint16]{plain[uint16](), e}, types, nil
	case onnxpb.Uint32:
		return einsum[uint32]{plain[uint32](), e}, types, nil
	case onnxpb.Uint64:
		return einsum[uint64]{plain[uint64](), e}, types, nil
	}
	return nil, nil, n.Unsupported("operands of %s", n.Dtype(0))
}

// factor is an operand, or the product of some: its elements, which axes it has, and
// their strides, 0 where one element serves all.
type factor[T tensor.Elem] struct {
	x      []T
	axes   set
	stride [maxLabels]int
}

func (e einsum[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var a axes
	if err := e.equation.fit(&a, in); err != nil {
		return err
	}
	var shape [maxLabels]int
	result := set(0)
	for i, l := range a.result() {
		shape[i] = a.dim[l]
		result |= 1 << l
	}
	if a.out > tensor.MaxRank {
		return fmt.Errorf("a result of %d axes: %w", a.out, quintet.ErrInput)
	}
	if err := c.NewShape(out[0], in[0].Type, shape[:a.out]); err != nil {
		return err
	}
	dst := tensor.Of[T](out[0])
	if len(dst) == 0 {
		return nil
	}
	product, last := e.operand(&a, in, 0), len(in)-1
	for i := 1; i <= last; i++ {
		keep := result
		for k := i + 1; k <= last; k++ {
			keep |= e.operand(&a, in, k).axes
		}
		next := e.operand(&a, in, i)
		var to []T
		if i == last {
			to = dst
		}
		done, err := e.multiply(c, &a, &product, &next, keep, to)
		if err != nil || done {
			return err
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	gather(&a, dst, &product, a.result())
	return nil
}

// operand is input i as a factor.
func (e einsum[T]) operand(a *axes, in []*tensor.Tensor, i int) (f factor[T]) {
	t := in[i]
	f.x = tensor.Of[T](t)
	labels, step := a.labels(e.equation.in[i], len(t.Shape)), 1
	for at := len(labels) - 1; at >= 0; at-- {
		l := labels[at]
		f.axes |= 1 << l
		if t.Shape[at] != 1 {
			f.stride[l] += step
		}
		step *= t.Shape[at]
	}
	return f
}

// multiply makes f the product of f and g without the axes that are not in keep. The
// product goes to dst, and done is true, if that is where it can lie in the order of
// the result.
func (e einsum[T]) multiply(c *op.Ctx, a *axes, f, g *factor[T], keep set, dst []T) (done bool, err error) {
	both, left, right := f.axes&g.axes, f.axes&^g.axes&keep, g.axes&^f.axes&keep
	batch, inner := both&keep, both&^keep
	into := f
	if dst != nil && a.leads(right, batch) {
		f, g, left, right = g, f, right, left // so that the columns come last
	}
	var buf [4][maxLabels]uint8
	rows := a.order(a.order(buf[0][:0], batch), left)
	whole := a.order(append(buf[1][:0], rows...), right)
	var size [4]int
	for i, s := range [4]set{batch, left, inner, right} {
		if size[i], err = a.size(s); err != nil {
			return false, err
		}
	}
	if _, err = a.size(batch | left | right); err != nil {
		return false, err
	}
	inOrder := dst != nil && string(whole) == string(a.result())
	if !inOrder {
		if dst, err = op.Scratch[T](c, size[0]*size[1]*size[3]); err != nil {
			return false, err
		}
	}
	x, err := matrix(c, a, f, a.order(append(buf[2][:0], rows...), inner), batch|left|inner)
	if err != nil {
		return false, err
	}
	y, err := matrix(c, a, g, a.order(a.order(a.order(buf[3][:0], batch), inner), right), batch|inner|right)
	if err != nil {
		return false, err
	}
	if err := e.products(c, product{m: size[1], k: size[2], n: size[3]}, size[0], dst, x, y); err != nil {
		return false, err
	}
	into.set(a, dst, whole)
	return inOrder, nil
}

// set makes f the elements x without gaps, with axes in the given order.
func (f *factor[T]) set(a *axes, x []T, order []uint8) {
	*f = factor[T]{x: x}
	step := 1
	for i := len(order) - 1; i >= 0; i-- {
		f.axes |= 1 << order[i]
		f.stride[order[i]] = step
		step *= a.dim[order[i]]
	}
}

// smallProduct is how many multiplications a kernel is not worth its call for.
const smallProduct = 64

// products multiplies count pairs of matrices.
func (e einsum[T]) products(c *op.Ctx, p product, count int, dst, x, y []T) error {
	switch {
	case len(dst) == 0:
		return nil
	case p.k == 0:
		clear(dst)
		return nil
	}
	small := p.m*p.k*p.n < smallProduct
	for i := range count {
		d, l, r := dst[i*p.m*p.n:(i+1)*p.m*p.n], x[i*p.m*p.k:], y[i*p.k*p.n:]
		if small {
			plainPart(p, d, l, r, span{0, p.m}, span{0, p.n})
			continue
		}
		e.kernels.run(c, p, d, l, r)
		if i%1024 == 1023 {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	return nil
}

// matrix returns the elements of f in the given order of axes, summed over its
// others: f's own where they lie like that.
func matrix[T tensor.Elem](c *op.Ctx, a *axes, f *factor[T], order []uint8, axes set) ([]T, error) {
	if f.lies(a, order, axes) {
		return f.x, nil
	}
	n, err := a.size(axes)
	if err != nil {
		return nil, err
	}
	x, err := op.Scratch[T](c, n)
	if err == nil {
		gather(a, x, f, order)
	}
	return x, err
}

// lies reports whether the elements of f lie in the given order, without gaps.
func (f *factor[T]) lies(a *axes, order []uint8, axes set) bool {
	if f.axes&^axes != 0 {
		return false
	}
	step := 1
	for i := len(order) - 1; i >= 0; i-- {
		d := a.dim[order[i]]
		if d != 1 && f.stride[order[i]] != step {
			return false
		}
		step *= d
	}
	return true
}
