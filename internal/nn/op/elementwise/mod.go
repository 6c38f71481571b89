package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newMod builds Mod. With fmod the remainder has the sign of the dividend,
// otherwise that of the divisor, which is for integers only.
func newMod(n *op.Node) (op.Op, []tensor.DType, error) {
	typ, err := pair(n)
	if err != nil {
		return nil, nil, err
	}
	fmod, err := n.Flag("fmod", false)
	if err != nil {
		return nil, nil, err
	}
	var o op.Op
	switch typ {
	case onnxpb.Float:
		o = modFloat[float32]()
	case onnxpb.Double:
		o = modFloat[float64]()
	case onnxpb.Int8:
		o = modInteger[int8](fmod)
	case onnxpb.Int16:
		o = modInteger[int16](fmod)
	case onnxpb.Int32:
		o = modInteger[int32](fmod)
	case onnxpb.Int64:
		o = modInteger[int64](fmod)
	case onnxpb.Uint8:
		o = modInteger[uint8](fmod)
	case onnxpb.Uint16:
		o = modInteger[uint16](fmod)
	case onnxpb.Uint32:
		o = modInteger[uint32](fmod)
	case onnxpb.Uint64:
		o = modInteger[uint64](fmod)
	default:
		return nil, nil, n.Unsupported("inputs of %s", typ)
	}
	if (typ == onnxpb.Float || typ == onnxpb.Double) && !fmod {
		return nil, nil, n.Wrong("floats without the attribute fmod")
	}
	return made(o, typ)
}

func modFloat[T float32 | float64]() op.Op {
	remainder := func(dst, a, b []T) {
		for i := range dst {
			dst[i] = T(math.Mod(float64(a[i]), float64(b[i])))
		}
	}
	return &binary[T, T, T]{out: tensor.TypeOf[T](), kernel: kernel[T, T, T]{both: remainder}}
}

func modInteger[T integer](fmod bool) op.Op {
	remainder := func(dst, a, b []T) {
		for i := range dst {
			r := a[i] % b[i]
			if !fmod && r != 0 && (r < 0) != (b[i] < 0) {
				r += b[i]
			}
			dst[i] = r
		}
	}
	return &binary[T, T, T]{out: tensor.TypeOf[T](), nonzero: true, kernel: kernel[T, T, T]{both: remainder}}
}
