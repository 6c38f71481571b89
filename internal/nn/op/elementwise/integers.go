package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// oneNumber is a function of one integer. The negative of the least one is itself.
type oneNumber int

const (
	absolute oneNumber = iota
	negative
	signum
	rectified
)

func integerLoop[T integer](f oneNumber) op.Op {
	var loop func(dst, x []T)
	switch f {
	case absolute:
		loop = func(dst, x []T) {
			for i, v := range x {
				if v < 0 {
					dst[i] = -v
				} else {
					dst[i] = v
				}
			}
		}
	case negative:
		loop = func(dst, x []T) {
			for i, v := range x {
				dst[i] = -v
			}
		}
	case signum:
		loop = func(dst, x []T) {
			for i, v := range x {
				dst[i] = T(truth(v > 0)) - T(truth(v < 0))
			}
		}
	case rectified:
		loop = func(dst, x []T) {
			for i, v := range x {
				dst[i] = max(v, 0)
			}
		}
	}
	return &unary[T, T]{f: loop, out: tensor.TypeOf[T]()}
}

// signed returns f for signed integers.
func signed(f oneNumber) func(typ tensor.DType) op.Op {
	return func(typ tensor.DType) op.Op {
		switch typ {
		case onnxpb.Int8:
			return integerLoop[int8](f)
		case onnxpb.Int16:
			return integerLoop[int16](f)
		case onnxpb.Int32:
			return integerLoop[int32](f)
		case onnxpb.Int64:
			return integerLoop[int64](f)
		}
		return nil
	}
}

// whole returns f for all integers.
func whole(f oneNumber) func(typ tensor.DType) op.Op {
	return func(typ tensor.DType) op.Op {
		switch typ {
		case onnxpb.Uint8:
			return integerLoop[uint8](f)
		case onnxpb.Uint16:
			return integerLoop[uint16](f)
		case onnxpb.Uint32:
			return integerLoop[uint32](f)
		case onnxpb.Uint64:
			return integerLoop[uint64](f)
		}
		return signed(f)(typ)
	}
}
