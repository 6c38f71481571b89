package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newClassify returns the builder of a yes-no question about floats.
func newClassify(of func(n *op.Node) (func(float64) bool, error)) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		f, err := of(n)
		if err != nil {
			return nil, nil, err
		}
		switch n.In[0].Type {
		case onnxpb.Float:
			return made(&unary[float32, uint8]{f: classifyLoop[float32](f), out: onnxpb.Bool}, onnxpb.Bool)
		case onnxpb.Double:
			return made(&unary[float64, uint8]{f: classifyLoop[float64](f), out: onnxpb.Bool}, onnxpb.Bool)
		}
		return nil, nil, n.Unsupported("input of %s", n.In[0].Type)
	})
}

func classifyLoop[T float32 | float64](f func(float64) bool) func(dst []uint8, x []T) {
	return func(dst []uint8, x []T) {
		for i, v := range x[:len(dst)] {
			dst[i] = truth(f(float64(v)))
		}
	}
}

func isNaNOf(*op.Node) (func(float64) bool, error) { return isNaN, nil }

func isInfOf(n *op.Node) (func(float64) bool, error) {
	positive, err := n.Flag("detect_positive", true)
	if err != nil {
		return nil, err
	}
	negative, err := n.Flag("detect_negative", true)
	return infinite(positive, negative), err
}

func isNaN(v float64) bool { return v != v }

func infinite(positive, negative bool) func(float64) bool {
	return func(v float64) bool {
		return positive && v > math.MaxFloat64 || negative && v < -math.MaxFloat64
	}
}
