package reduce

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// columns is how many columns are turned into rows at a time.
const columns = 16

// rows is an operator that works along one axis and keeps the shape.
type rows[T float32 | float64] struct {
	axis      int
	flat      bool // the axis and all behind it are one, as before opset 13
	f         func(dst, x []T)
	transpose func(dst []T, ldd int, src []T, lds, rows, cols int)
}

func (o *rows[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	shape := in[0].Shape
	outer, n, inner := 1, 1, 1
	if len(shape) > 0 || o.axis < -1 || o.axis > 0 {
		axis, err := o.place(len(shape))
		if err != nil {
			return err
		}
		if o.flat {
			outer, n = product(shape[:axis]), product(shape[axis:])
		} else {
			outer, n, inner = around(shape, axis)
		}
	}
	if err := c.NewOver(out[0], in, 0, in[0].Type, shape); err != nil {
		return err
	}
	x, y := tensor.Of[T](in[0]), tensor.Of[T](out[0])
	switch {
	case len(x) == 0:
		return nil
	case inner > 1:
		return o.strided(c, y, x, n, inner)
	case len(x) > bigRows && c.Threads() > 1:
		o.split(c, y, x, outer, n)
		return c.Done()
	}
	for ; len(x) > 0; x, y = x[n:], y[n:] {
		o.f(y[:n], x[:n])
	}
	return c.Done()
}

// place is the axis counted from the first dimension. The whole of a tensor may
// follow the last axis of a flat operator.
func (o *rows[T]) place(rank int) (int, error) {
	if o.flat && o.axis == rank {
		return rank, nil
	}
	return tensor.Axis(o.axis, rank)
}

func (o *rows[T]) split(c *op.Ctx, y, x []T, outer, n int) {
	c.Split(outer, max(1, rowsGrain/n), func(lo, hi, _ int) {
		for i := lo; i < hi; i++ {
			o.f(y[i*n:(i+1)*n], x[i*n:(i+1)*n])
		}
	})
}

// strided turns some columns into rows and back.
func (o *rows[T]) strided(c *op.Ctx, y, x []T, n, inner int) error {
	room, err := op.Scratch[T](c, n*min(columns, inner))
	if err != nil {
		return err
	}
	for ; len(x) > 0; x, y = x[n*inner:], y[n*inner:] {
		for i := 0; i < inner; i += columns {
			cols := min(columns, inner-i)
			o.transpose(room, n, x[i:n*inner], inner, n, cols)
			for j := range cols {
				row := room[j*n : (j+1)*n]
				o.f(row, row)
			}
			o.transpose(y[i:n*inner], inner, room, n, cols, n)
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// newRows returns the builder of an operator along one axis, by a function that
// the node's attributes define.
func newRows(
	axisOf func(n *op.Node) (axis int, flat bool, err error), of func(n *op.Node) (rowFunc, error),
) op.Builder {
	return elementwise.Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		axis, flat, err := axisOf(n)
		if err != nil {
			return nil, nil, err
		}
		f, err := of(n)
		if err != nil {
			return nil, nil, err
		}
		switch typ := n.In[0].Type; typ {
		case onnxpb.Float:
			return &rows[float32]{axis, flat, f.single, vec.Transpose}, []tensor.DType{typ}, nil
		case onnxpb.Double:
			return &rows[float64]{axis, flat, f.double, transpose}, []tensor.DType{typ}, nil
		default:
			return nil, nil, n.Unsupported("input of %s", typ)
		}
	})
}

func transpose(dst []float64, ldd int, src []float64, lds, rows, cols int) {
	for r := range rows {
		for c := range cols {
			dst[c*ldd+r] = src[r*lds+c]
		}
	}
}

// lastAxis is the attribute axis, the last one by default.
func lastAxis(n *op.Node) (int, bool, error) {
	axis, err := n.Int("axis", -1)
	return axis, false, err
}

// softmaxAxis is lastAxis from opset 13 on; before, the axis is the second by
// default and takes all behind it along.
func softmaxAxis(n *op.Node) (int, bool, error) {
	if n.Opset >= 13 {
		return lastAxis(n)
	}
	axis, err := n.Int("axis", 1)
	return axis, true, err
}
