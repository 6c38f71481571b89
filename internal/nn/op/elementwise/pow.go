package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newPow builds Pow. The result has the type of the base; an exponent of another
// type counts as a float64.
func newPow(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := modernBroadcast(n); err != nil {
		return nil, nil, err
	}
	typ, by := n.In[0].Type, n.In[1].Type
	same := typ == by
	if !same && converter(by, onnxpb.Double) == nil {
		return nil, nil, n.Unsupported("exponent of %s", by)
	}
	var o op.Op
	switch typ {
	case onnxpb.Float:
		o = powOp(kernel[float32, float32, float32]{both: powFloat32, right: powScalar}, same)
	case onnxpb.Double:
		o = powOp(kernel[float64, float64, float64]{both: powFloat64}, same)
	case onnxpb.Int32:
		o = powOp(kernel[int32, int32, int32]{both: powInt[int32]}, same)
	case onnxpb.Int64:
		o = powOp(kernel[int64, int64, int64]{both: powInt[int64]}, same)
	default:
		return nil, nil, n.Unsupported("base of %s", typ)
	}
	return made(o, typ)
}

// powOp raises by exponents of the base's type with k, by others as float64.
func powOp[T tensor.Elem](k kernel[T, T, T], same bool) op.Op {
	typ := tensor.TypeOf[T]()
	if same {
		return &binary[T, T, T]{kernel: k, out: typ}
	}
	return &mixedPow[T]{binary[T, float64, T]{kernel: kernel[T, float64, T]{both: powMixed[T]}, out: typ}}
}

// mixedPow is Pow with exponents of another type than the base.
type mixedPow[T tensor.Elem] struct{ binary[T, float64, T] }

func (o *mixedPow[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	by, err := op.Scratch[float64](c, in[1].Len())
	if err != nil {
		return err
	}
	exponent := tensor.Tensor{Type: onnxpb.Double, Shape: in[1].Shape, Data: tensor.Bytes(by)}
	converter(in[1].Type, onnxpb.Double)(&exponent, in[1])
	return o.binary.Run(c, []*tensor.Tensor{in[0], &exponent}, out)
}

func powFloat64(dst, x, by []float64) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		dst[i] = math.Pow(x[i], by[i])
	}
}

func powFloat32(dst, x, by []float32) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		dst[i] = pow32(x[i], by[i])
	}
}

// pow32 is right to float32 by way of a float64 logarithm, which is several times
// as fast as a float64 power.
func pow32(x, e float32) float32 {
	if x > 0 && x <= math.MaxFloat32 && e-e == 0 {
		return float32(math.Exp(float64(e) * math.Log(float64(x))))
	}
	return float32(math.Pow(float64(x), float64(e)))
}

// powMixed truncates for integers.
func powMixed[T tensor.Elem](dst, x []T, by []float64) {
	x, by = x[:len(dst)], by[:len(dst)]
	typ := tensor.TypeOf[T]()
	for i := range dst {
		v := math.Pow(float64(x[i]), by[i])
		switch typ {
		case onnxpb.Int32:
			dst[i] = T(toInt32(v))
		case onnxpb.Int64:
			dst[i] = T(toInt64(v))
		default:
			dst[i] = T(v)
		}
	}
}

// powInt is exact modulo 2^bits; a negative exponent truncates the fraction.
func powInt[T int32 | int64](dst, x, by []T) {
	x, by = x[:len(dst)], by[:len(dst)]
	for i := range dst {
		v, e := x[i], by[i]
		if e < 0 {
			dst[i] = T(toInt64(math.Pow(float64(v), float64(e))))
			continue
		}
		r := T(1)
		for ; e > 0; e >>= 1 {
			if e&1 != 0 {
				r *= v
			}
			v *= v
		}
		dst[i] = r
	}
}

// powScalar does the exponents that models use without a power.
func powScalar(dst, x []float32, e float32) {
	x = x[:len(dst)]
	switch e {
	case 0:
		fill(dst, 1)
	case 1:
		copy(dst, x)
	case 2:
		vec.Mul(dst, x, x)
	case -1:
		vec.Reciprocal(dst, x)
	case 0.5, -0.5:
		powRoot(dst, x, e)
	case 3:
		for i, v := range x {
			dst[i] = v * v * v
		}
	default:
		for i, v := range x {
			dst[i] = pow32(v, e)
		}
	}
}

// powRoot is the square root or its reciprocal. Unlike a root, a power of -Inf is
// that of +Inf and one of -0 that of 0.
func powRoot(dst, x []float32, e float32) {
	lowest := vec.MinOf(x)
	if !(lowest >= -math.MaxFloat32) {
		for i, v := range x {
			dst[i] = pow32(v, e)
		}
		return
	}
	vec.Sqrt(dst, x)
	if lowest <= 0 {
		vec.AddScalar(dst, dst, 0)
	}
	if e < 0 {
		vec.Reciprocal(dst, dst)
	}
}
