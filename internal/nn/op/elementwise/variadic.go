package elementwise

import (
	"unsafe"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newVariadic returns the builder of an operator that folds any number of inputs.
// The mean is the sum times 1/n.
func newVariadic(f arith, mean bool) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(len(n.In), len(n.In)); err != nil {
			return nil, nil, err
		}
		if err := modernBroadcast(n); err != nil {
			return nil, nil, err
		}
		if len(n.In) == 0 {
			return nil, nil, n.Wrong("has no inputs")
		}
		typ := n.In[0].Type
		for _, in := range n.In {
			if in.Type != typ {
				return nil, nil, n.Wrong("inputs of %s and %s", typ, in.Type)
			}
		}
		o := variadicOp(f, typ, mean)
		if o == nil {
			return nil, nil, n.Unsupported("inputs of %s", typ)
		}
		return made(o, typ)
	})
}

func variadicOp(f arith, typ tensor.DType, mean bool) op.Op {
	switch typ {
	case onnxpb.Float:
		k := float32Kernel(mul)
		return newFold(float32Kernel(f), k.right, mean)
	case onnxpb.Double:
		return newFold(kernel[float64, float64, float64]{both: loop[float64](f)}, timesFloat64, mean)
	}
	if f == add { // Sum and Mean are of floats
		return nil
	}
	switch typ {
	case onnxpb.Int8:
		return integerFold[int8](f)
	case onnxpb.Int16:
		return integerFold[int16](f)
	case onnxpb.Int32:
		return integerFold[int32](f)
	case onnxpb.Int64:
		return integerFold[int64](f)
	case onnxpb.Uint8:
		return integerFold[uint8](f)
	case onnxpb.Uint16:
		return integerFold[uint16](f)
	case onnxpb.Uint32:
		return integerFold[uint32](f)
	case onnxpb.Uint64:
		return integerFold[uint64](f)
	}
	return nil
}

func timesFloat64(dst, x []float64, s float64) {
	for i, v := range x {
		dst[i] = v * s
	}
}

func integerFold[T integer](f arith) op.Op {
	return newFold(kernel[T, T, T]{both: loop[T](f)}, nil, false)
}

func newFold[T tensor.Elem](k kernel[T, T, T], times func(dst, x []T, s T), mean bool) op.Op {
	if !mean {
		times = nil
	}
	return &fold[T]{k, times}
}

// fold applies a kernel from the left.
type fold[T tensor.Elem] struct {
	kernel kernel[T, T, T]
	times  func(dst, x []T, s T) // for the mean; nil for none
}

func (o *fold[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	if len(in) == 1 {
		return c.Share(out[0], in[0], in[0].Shape)
	}
	var p plan
	if err := p.set(in); err != nil {
		return err
	}
	candidates := in[:2]
	if len(in) > 2 && again(in) {
		candidates = nil
	}
	typ := in[0].Type
	if err := over(c, out[0], candidates, typ, &p); err != nil {
		return err
	}
	dst := tensor.Of[T](out[0])
	p.bind(in[:2])
	if err := apply(c, &p, &o.kernel, dst, tensor.Of[T](in[0]), tensor.Of[T](in[1])); err != nil {
		return err
	}
	for _, t := range in[2:] {
		operands := [2]*tensor.Tensor{out[0], t}
		p.bind(operands[:])
		if err := apply(c, &p, &o.kernel, dst, dst, tensor.Of[T](t)); err != nil {
			return err
		}
	}
	if o.times != nil {
		o.times(dst, dst, 1/T(len(in)))
	}
	return nil
}

// again reports whether one of the first two inputs occurs behind them: its
// memory must then outlive the first step.
func again(in []*tensor.Tensor) bool {
	for _, t := range in[2:] {
		for _, u := range in[:2] {
			if unsafe.SliceData(t.Data) == unsafe.SliceData(u.Data) {
				return true
			}
		}
	}
	return false
}
