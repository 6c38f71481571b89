package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// bits is an operation on the bits of two whole numbers, or on two booleans.
type bits int

const (
	bitAnd bits = iota
	bitOr
	bitXor
	shiftLeft
	shiftRight
)

func bitLoop[T integer](f bits) func(dst, a, b []T) {
	return func(dst, a, b []T) {
		a, b = a[:len(dst)], b[:len(dst)]
		switch f {
		case bitAnd:
			for i := range dst {
				dst[i] = a[i] & b[i]
			}
		case bitOr:
			for i := range dst {
				dst[i] = a[i] | b[i]
			}
		case bitXor:
			for i := range dst {
				dst[i] = a[i] ^ b[i]
			}
		case shiftLeft:
			for i := range dst {
				dst[i] = a[i] << uint64(b[i])
			}
		case shiftRight:
			for i := range dst {
				dst[i] = a[i] >> uint64(b[i])
			}
		}
	}
}

func bitOp[T integer](f bits, typ tensor.DType) op.Op {
	return &binary[T, T, T]{kernel: kernel[T, T, T]{both: bitLoop[T](f)}, out: typ}
}

// newLogic returns the builder of an operator on booleans.
func newLogic(f bits) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		typ, err := pair(n)
		if err != nil {
			return nil, nil, err
		}
		if typ != onnxpb.Bool {
			return nil, nil, n.Wrong("inputs of %s", typ)
		}
		return made(bitOp[uint8](f, typ), typ)
	}
}

// newBitwise returns the builder of an operator on the bits of integers.
func newBitwise(f bits) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		typ, err := pair(n)
		if err != nil {
			return nil, nil, err
		}
		var o op.Op
		switch typ {
		case onnxpb.Int8, onnxpb.Uint8:
			o = bitOp[uint8](f, typ)
		case onnxpb.Int16, onnxpb.Uint16:
			o = bitOp[uint16](f, typ)
		case onnxpb.Int32, onnxpb.Uint32:
			o = bitOp[uint32](f, typ)
		case onnxpb.Int64, onnxpb.Uint64:
			o = bitOp[uint64](f, typ)
		default:
			return nil, nil, n.Wrong("inputs of %s", typ)
		}
		return made(o, typ)
	}
}

// newBitShift builds BitShift; a shift by the width of the type or more gives 0.
func newBitShift(n *op.Node) (op.Op, []tensor.DType, error) {
	direction, err := n.Text("direction", "")
	if err != nil {
		return nil, nil, err
	}
	f := shiftLeft
	switch direction {
	case "LEFT":
	case "RIGHT":
		f = shiftRight
	default:
		return nil, nil, n.Wrong("direction %q", direction)
	}
	switch typ := n.Dtype(0); typ {
	case onnxpb.Uint8, onnxpb.Uint16, onnxpb.Uint32, onnxpb.Uint64:
	default:
		return nil, nil, n.Wrong("input of %s", typ)
	}
	return newBitwise(f)(n)
}

// newNot builds Not for booleans.
func newNot(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if n.In[0].Type != onnxpb.Bool {
		return nil, nil, n.Wrong("input of %s", n.In[0].Type)
	}
	return made(&unary[uint8, uint8]{f: func(dst, x []uint8) {
		for i, v := range x {
			dst[i] = v ^ 1
		}
	}, out: onnxpb.Bool}, onnxpb.Bool)
}

func complement[T integer](typ tensor.DType) op.Op {
	return &unary[T, T]{f: func(dst, x []T) {
		for i, v := range x {
			dst[i] = ^v
		}
	}, out: typ}
}

// newBitwiseNot builds BitwiseNot.
func newBitwiseNot(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	switch typ := n.In[0].Type; typ {
	case onnxpb.Int8, onnxpb.Uint8:
		return made(complement[uint8](typ), typ)
	case onnxpb.Int16, onnxpb.Uint16:
		return made(complement[uint16](typ), typ)
	case onnxpb.Int32, onnxpb.Uint32:
		return made(complement[uint32](typ), typ)
	case onnxpb.Int64, onnxpb.Uint64:
		return made(complement[uint64](typ), typ)
	default:
		return nil, nil, n.Wrong("input of %s", typ)
	}
}
