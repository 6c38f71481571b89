package reduce

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// big is the number of elements from which on threads are worth their start.
const big = 1 << 18

// bigRows is that for functions of a row, which take some passes, and rowsGrain the
// number of elements in the least share.
const (
	bigRows   = 1 << 15
	rowsGrain = 1 << 12
)

// reduction is an operator that makes one element of many.
type reduction[T number] struct {
	axes    axes
	keep    bool
	kind    kind
	reducer *reducer[T]
}

// newReduction returns the builder of a reduction, whose axes are an input from
// the given opset on.
func newReduction(k kind, inputSince int) op.Builder {
	return elementwise.Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		a, err := axesOf(n, inputSince)
		if err != nil {
			return nil, nil, err
		}
		keep, err := n.Flag("keepdims", true)
		if err != nil {
			return nil, nil, err
		}
		typ := n.In[0].Type
		if a.noop && len(a.list) == 0 && k >= sumSquares {
			return nil, nil, n.Unsupported("noop_with_empty_axes")
		}
		o := reductionOf(k, typ, a, keep)
		if o == nil {
			return nil, nil, n.Unsupported("input of %s", typ)
		}
		return o, []tensor.DType{typ}, nil
	})
}

// reductionOf returns the operator for elements of the given type, nil if there is
// none.
func reductionOf(k kind, typ tensor.DType, a axes, keep bool) op.Op {
	switch {
	case k == logSumExp && typ == onnxpb.Float:
		return &sumOfExp[float32]{a, keep, float32Reducer(largest)}
	case k == logSumExp && typ == onnxpb.Double:
		return &sumOfExp[float64]{a, keep, plain[float64](largest)}
	case typ == onnxpb.Float:
		return &reduction[float32]{a, keep, k, float32Reducer(k)}
	case typ == onnxpb.Double:
		return &reduction[float64]{a, keep, k, plain[float64](k)}
	case k >= norm2:
		return nil
	}
	switch typ {
	case onnxpb.Int32:
		return &reduction[int32]{a, keep, k, plain[int32](k)}
	case onnxpb.Int64:
		return &reduction[int64]{a, keep, k, plain[int64](k)}
	case onnxpb.Uint32:
		return &reduction[uint32]{a, keep, k, plain[uint32](k)}
	case onnxpb.Uint64:
		return &reduction[uint64]{a, keep, k, plain[uint64](k)}
	}
	if k != largest && k != smallest {
		return nil
	}
	switch typ {
	case onnxpb.Int8:
		return &reduction[int8]{a, keep, k, plain[int8](k)}
	case onnxpb.Uint8:
		return &reduction[uint8]{a, keep, k, plain[uint8](k)}
	case onnxpb.Bool:
		r := plain[uint8](k)
		r.start = min(r.start, 1)
		return &reduction[uint8]{a, keep, k, r}
	}
	return nil
}

func (o *reduction[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	bits, err := o.axes.of(in)
	if err != nil {
		return err
	}
	if bits == 0 && o.kind < sumSquares {
		return c.Share(out[0], in[0], in[0].Shape)
	}
	var g groups
	g.set(in[0].Shape, bits)
	if g.count == 0 && g.kept > 0 && o.kind == mean && T(1)/2 == 0 {
		return fmt.Errorf("the mean of no integers: %w", quintet.ErrInput)
	}
	if err := newReduced(c, out[0], in[0], bits, o.keep); err != nil {
		return err
	}
	y, x := tensor.Of[T](out[0]), tensor.Of[T](in[0])
	fill(y, o.reducer.start)
	if len(x) >= big && c.Threads() > 1 && g.nd > 1 && !g.reduced[0] {
		o.split(c, g, y, x)
	} else {
		o.reducer.fold(&g, y, x, 0, g.dims[0])
	}
	if o.reducer.finish != nil {
		o.reducer.finish(y, float64(g.count))
	}
	return c.Done()
}

func (o *reduction[T]) split(c *op.Ctx, g groups, y, x []T) {
	c.Split(g.dims[0], 1, func(lo, hi, _ int) { o.reducer.fold(&g, y, x, lo, hi) })
}

// newReduced makes the memory of an output with the reduced dimensions of x.
func newReduced(c *op.Ctx, out, x *tensor.Tensor, bits uint, keep bool) error {
	var room [tensor.MaxRank]int
	return c.NewShape(out, x.Type, without(room[:], x.Shape, bits, keep))
}

func fill[T number](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}
