package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// strip is the number of elements that two passes go over together, so that the
// second finds them in the nearest cache.
const strip = 4096

// newActivation builds the activation that the attributes name, as a node of its
// own.
func newActivation(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0); err != nil {
		return nil, nil, err
	}
	f, err := activation.Of(n)
	if err != nil {
		return nil, nil, err
	}
	return made(&unary[float32, float32]{f: applied(f), out: onnxpb.Float}, onnxpb.Float)
}

func applied(f activation.Func) func(dst, x []float32) {
	if lo, hi, ok := f.Clamp(); ok {
		return func(dst, x []float32) { vec.Clip(dst, x, lo, hi) }
	}
	return func(dst, x []float32) {
		for i := 0; i < len(dst); i += strip {
			part := dst[i:min(i+strip, len(dst))]
			copy(part, x[i:])
			f.Apply(part)
		}
	}
}

// newAddActivation builds the sum of two inputs with an activation.
func newAddActivation(n *op.Node) (op.Op, []tensor.DType, error) {
	f, err := activation.Of(n)
	if err != nil {
		return nil, nil, err
	}
	return newSumThen(n, f.Apply)
}

// newSumThen builds the sum of two inputs of float32 that f then changes.
func newSumThen(n *op.Node, f func(x []float32)) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1); err != nil {
		return nil, nil, err
	}
	right := func(dst, a []float32, b float32) {
		for i := 0; i < len(dst); i += strip {
			part := dst[i:min(i+strip, len(dst))]
			vec.AddScalar(part, a[i:], b)
			f(part)
		}
	}
	k := kernel[float32, float32, float32]{right: right, left: flip(right), both: func(dst, a, b []float32) {
		for i := 0; i < len(dst); i += strip {
			part := dst[i:min(i+strip, len(dst))]
			vec.Add(part, a[i:], b[i:])
			f(part)
		}
	}}
	return made(&binary[float32, float32, float32]{kernel: k, out: onnxpb.Float}, onnxpb.Float)
}

// newFastGelu builds Gelu by tanh, after an optional bias.
func newFastGelu(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 2); err != nil {
		return nil, nil, err
	}
	if !n.Has(1) {
		one := *n
		one.In = n.In[:1]
		return newFloat(vec.GeluTanh, geluTanh)(&one)
	}
	return newSumThen(n, func(x []float32) { vec.GeluTanh(x, x) })
}

// newBiasGelu builds Gelu of the sum of the inputs.
func newBiasGelu(n *op.Node) (op.Op, []tensor.DType, error) {
	return newSumThen(n, func(x []float32) { vec.Gelu(x, x) })
}
