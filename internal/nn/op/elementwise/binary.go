package elementwise

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// binary is an operator of two inputs.
type binary[A, B, R tensor.Elem] struct {
	kernel  kernel[A, B, R]
	out     tensor.DType
	nonzero bool // the second operand divides integers
}

func (o *binary[A, B, R]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var p plan
	if err := p.set(in[:2]); err != nil {
		return err
	}
	a, b := tensor.Of[A](in[0]), tensor.Of[B](in[1])
	if o.nonzero && p.n > 0 && slices.Contains(b, 0) {
		return fmt.Errorf("integer division by zero: %w", quintet.ErrInput)
	}
	if err := over(c, out[0], in[:2], o.out, &p); err != nil {
		return err
	}
	return apply(c, &p, &o.kernel, tensor.Of[R](out[0]), a, b)
}

// over gives out the memory of one of the inputs, or else memory of its own.
func over(c *op.Ctx, out *tensor.Tensor, in []*tensor.Tensor, typ tensor.DType, p *plan) error {
	for i, t := range in {
		if c.Last>>i&1 != 0 && t.Buf != nil && t.Buf.Refs == 1 && t.Type == typ && t.Len() == p.n {
			return c.NewOver(out, in, i, typ, p.shape())
		}
	}
	return c.NewShape(out, typ, p.shape())
}

// pair checks a node of two inputs of one type.
func pair(n *op.Node) (tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return 0, err
	}
	if err := modernBroadcast(n); err != nil {
		return 0, err
	}
	if n.In[0].Type != n.In[1].Type {
		return 0, n.Wrong("inputs of %s and %s", n.In[0].Type, n.In[1].Type)
	}
	return n.In[0].Type, nil
}

// modernBroadcast refuses the broadcasting that the attributes of operators
// before opset 7 ask for.
func modernBroadcast(n *op.Node) error {
	if n.HasAttr("broadcast") || n.HasAttr("axis") {
		return n.Unsupported("the attributes broadcast and axis of opset %d", n.Opset)
	}
	return nil
}

// made is what a builder of one output returns.
func made(o op.Op, typ tensor.DType) (op.Op, []tensor.DType, error) {
	return o, []tensor.DType{typ}, nil
}

// newArith returns the builder of an operator on numbers of one type.
func newArith(f arith) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		typ, err := pair(n)
		if err != nil {
			return nil, nil, err
		}
		o := arithOp(f, typ)
		if o == nil {
			return nil, nil, n.Unsupported("inputs of %s", typ)
		}
		return made(o, typ)
	})
}

// arithOp returns the operator for elements of the given type, nil if there is
// none.
func arithOp(f arith, typ tensor.DType) op.Op {
	switch typ {
	case onnxpb.Float:
		return &binary[float32, float32, float32]{kernel: float32Kernel(f), out: typ}
	case onnxpb.Double:
		k := kernel[float64, float64, float64]{both: loop[float64](f)}
		return &binary[float64, float64, float64]{kernel: k, out: typ}
	case onnxpb.Int8:
		return integerOp[int8](f)
	case onnxpb.Int16:
		return integerOp[int16](f)
	case onnxpb.Int32:
		return integerOp[int32](f)
	case onnxpb.Int64:
		return integerOp[int64](f)
	case onnxpb.Uint8:
		return integerOp[uint8](f)
	case onnxpb.Uint16:
		return integerOp[uint16](f)
	case onnxpb.Uint32:
		return integerOp[uint32](f)
	case onnxpb.Uint64:
		return integerOp[uint64](f)
	}
	return nil
}

func integerOp[T integer](f arith) op.Op {
	return &binary[T, T, T]{
		kernel:  kernel[T, T, T]{both: loop[T](f)},
		out:     tensor.TypeOf[T](),
		nonzero: f == div,
	}
}
