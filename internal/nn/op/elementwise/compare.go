package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// relation is a comparison of two numbers; any with a NaN is false.
type relation int

const (
	equal relation = iota
	greater
	less
	greaterOrEqual
	lessOrEqual
)

func truth(v bool) uint8 {
	if v {
		return 1
	}
	return 0
}

func compareLoop[T tensor.Elem](f relation) func(dst []uint8, a, b []T) {
	return func(dst []uint8, a, b []T) {
		a, b = a[:len(dst)], b[:len(dst)]
		switch f {
		case equal:
			for i := range dst {
				dst[i] = truth(a[i] == b[i])
			}
		case greater:
			for i := range dst {
				dst[i] = truth(a[i] > b[i])
			}
		case less:
			for i := range dst {
				dst[i] = truth(a[i] < b[i])
			}
		case greaterOrEqual:
			for i := range dst {
				dst[i] = truth(a[i] >= b[i])
			}
		case lessOrEqual:
			for i := range dst {
				dst[i] = truth(a[i] <= b[i])
			}
		}
	}
}

func compareOp[T tensor.Elem](f relation) op.Op {
	return &binary[T, T, uint8]{kernel: kernel[T, T, uint8]{both: compareLoop[T](f)}, out: onnxpb.Bool}
}

// newCompare returns the builder of a comparison. Booleans can only be equal.
func newCompare(f relation) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		typ, err := pair(n)
		if err != nil {
			return nil, nil, err
		}
		var o op.Op
		switch typ {
		case onnxpb.Float:
			o = compareOp[float32](f)
		case onnxpb.Double:
			o = compareOp[float64](f)
		case onnxpb.Int8:
			o = compareOp[int8](f)
		case onnxpb.Int16:
			o = compareOp[int16](f)
		case onnxpb.Int32:
			o = compareOp[int32](f)
		case onnxpb.Int64:
			o = compareOp[int64](f)
		case onnxpb.Uint8:
			o = compareOp[uint8](f)
		case onnxpb.Uint16:
			o = compareOp[uint16](f)
		case onnxpb.Uint32:
			o = compareOp[uint32](f)
		case onnxpb.Uint64:
			o = compareOp[uint64](f)
		case onnxpb.Bool:
			if f == equal {
				o = compareOp[uint8](f)
			}
		}
		if o == nil {
			return nil, nil, n.Unsupported("inputs of %s", typ)
		}
		return made(o, onnxpb.Bool)
	})
}
