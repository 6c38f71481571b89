package reduce

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// arg is ArgMax or ArgMin.
type arg[T tensor.Elem] struct {
	axis           int
	keep           bool
	smallest, last bool
}

func newArg(smallest bool) op.Builder {
	return elementwise.Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		axis, err := n.Int("axis", 0)
		if err != nil {
			return nil, nil, err
		}
		keep, err := n.Flag("keepdims", true)
		if err != nil {
			return nil, nil, err
		}
		last, err := n.Flag("select_last_index", false)
		if err != nil {
			return nil, nil, err
		}
		o := argOf(n.In[0].Type, axis, keep, smallest, last)
		if o == nil {
			return nil, nil, n.Unsupported("input of %s", n.In[0].Type)
		}
		return o, []tensor.DType{onnxpb.Int64}, nil
	})
}

func argOf(typ tensor.DType, axis int, keep, smallest, last bool) op.Op {
	switch typ {
	case onnxpb.Float:
		return arg[float32]{axis, keep, smallest, last}
	case onnxpb.Double:
		return arg[float64]{axis, keep, smallest, last}
	case onnxpb.Int8:
		return arg[int8]{axis, keep, smallest, last}
	case onnxpb.Int16:
		return arg[int16]{axis, keep, smallest, last}
	case onnxpb.Int32:
		return arg[int32]{axis, keep, smallest, last}
	case onnxpb.Int64:
		return arg[int64]{axis, keep, smallest, last}
	case onnxpb.Uint8:
		return arg[uint8]{axis, keep, smallest, last}
	case onnxpb.Uint16:
		return arg[uint16]{axis, keep, smallest, last}
	case onnxpb.Uint32:
		return arg[uint32]{axis, keep, smallest, last}
	case onnxpb.Uint64:
		return arg[uint64]{axis, keep, smallest, last}
	}
	return nil
}

func (o arg[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	shape := in[0].Shape
	axis, err := tensor.Axis(o.axis, len(shape))
	if err != nil {
		return err
	}
	var room [tensor.MaxRank]int
	if err := c.NewShape(out[0], onnxpb.Int64, without(room[:], shape, 1<<axis, o.keep)); err != nil {
		return err
	}
	x, y := tensor.Of[T](in[0]), tensor.Of[int64](out[0])
	_, n, inner := around(shape, axis)
	if n == 0 && len(y) > 0 {
		return fmt.Errorf("the extreme of no elements along axis %d: %w", axis, quintet.ErrInput)
	}
	for i := range y {
		at := i/inner*n*inner + i%inner
		y[i] = int64(o.find(x[at:], inner, n))
		if i%4096 == 4095 {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	return nil
}

// find is the index of the extreme of n elements that lie stride apart.
func (o arg[T]) find(x []T, stride, n int) int {
	if f, ok := any(x).([]float32); ok && stride == 1 && !o.smallest && !o.last {
		return vec.ArgMax(f[:n])
	}
	return best(x, stride, n, o.smallest, o.last)
}

// best is the index of the first or the last among the largest or the smallest
// of n elements that lie stride apart. A NaN is larger and smaller than any
// number.
func best[T tensor.Elem](x []T, stride, n int, smallest, last bool) int {
	at, found := 0, x[0]
	for i := 1; i < n; i++ {
		v := x[i*stride]
		better := v > found
		if smallest {
			better = v < found
		}
		if better && found == found || v != v && found == found || last && (v == found || v != v) {
			at, found = i, v
		}
	}
	return at
}
