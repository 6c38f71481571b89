package reduce

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// cumSum is CumSum: running sums along an axis, which is an input.
type cumSum[T number] struct{ exclusive, reverse bool }

func newCumSum(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Int32, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	exclusive, err := n.Flag("exclusive", false)
	if err != nil {
		return nil, nil, err
	}
	reverse, err := n.Flag("reverse", false)
	if err != nil {
		return nil, nil, err
	}
	var o op.Op
	switch n.In[0].Type {
	case onnxpb.Float:
		o = cumSum[float32]{exclusive, reverse}
	case onnxpb.Double:
		o = cumSum[float64]{exclusive, reverse}
	case onnxpb.Int32:
		o = cumSum[int32]{exclusive, reverse}
	case onnxpb.Int64:
		o = cumSum[int64]{exclusive, reverse}
	case onnxpb.Uint32:
		o = cumSum[uint32]{exclusive, reverse}
	case onnxpb.Uint64:
		o = cumSum[uint64]{exclusive, reverse}
	default:
		return nil, nil, n.Unsupported("input of %s", n.In[0].Type)
	}
	return o, []tensor.DType{n.In[0].Type}, nil
}

func (o cumSum[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var room [1]int
	where, _ := op.Ints(room[:0], in[1])
	if len(where) != 1 {
		return fmt.Errorf("an axis of %d elements: %w", len(where), quintet.ErrInput)
	}
	shape := in[0].Shape
	axis, err := tensor.Axis(where[0], len(shape))
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], in[0].Type, shape); err != nil {
		return err
	}
	x, y := tensor.Of[T](in[0]), tensor.Of[T](out[0])
	_, n, inner := around(shape, axis)
	for ; len(x) > 0; x, y = x[n*inner:], y[n*inner:] {
		o.rows(y[:n*inner], x, n, inner)
	}
	return c.Done()
}

// rows adds up n rows of inner elements.
func (o cumSum[T]) rows(y, x []T, n, inner int) {
	step, at := inner, 0
	if o.reverse {
		step, at = -inner, (n-1)*inner
	}
	for k := range n {
		row := y[at : at+inner]
		switch {
		case k == 0 && o.exclusive:
			clear(row)
		case k == 0:
			copy(row, x[at:])
		default:
			from := at
			if o.exclusive {
				from = at - step
			}
			addRows(row, y[at-step:], x[from:])
		}
		at += step
	}
}

func addRows[T number](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}
