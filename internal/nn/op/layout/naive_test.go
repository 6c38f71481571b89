package layout_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// node is a node with the given number of outputs.
func node(typ string, outputs int, attrs ...onnxpb.Attribute) *onnxpb.Node {
	return onnxpb.NewNode(typ, nil, []string{"a", "b", "c", "d"}[:outputs], attrs...)
}

func ints(v ...int64) *tensor.Tensor { return tensor.From(v, len(v)) }

func integer(v int64) *tensor.Tensor { return tensor.From([]int64{v}) }

func toInts(v []int) *tensor.Tensor {
	w := make([]int64, len(v))
	for i, x := range v {
		w[i] = int64(x)
	}
	return ints(w...)
}

// counting is a tensor of 0, 1, 2, ... in the given shape.
func counting[T tensor.Elem](shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]T, n)
	for i := range v {
		v[i] = T(i)
	}
	return tensor.From(v, shape...)
}

// allSizes are counting tensors with elements of 1, 2, 4 and 8 bytes.
func allSizes(shape ...int) []*tensor.Tensor {
	return []*tensor.Tensor{
		counting[uint8](shape...), counting[int16](shape...), counting[float32](shape...), counting[int64](shape...),
	}
}

// reference makes a tensor like x of another shape, whose element at an index is the
// element of x where from says, or zero if that is nil.
func reference(x *tensor.Tensor, shape []int, from func(at []int) []int) *tensor.Tensor {
	y, err := tensor.New(x.Type, shape...)
	if err != nil {
		panic(err)
	}
	size := tensor.Size(x.Type)
	for i := range y.Len() {
		at, rest := make([]int, len(shape)), i
		for d := len(shape) - 1; d >= 0; d-- {
			at[d], rest = rest%shape[d], rest/shape[d]
		}
		src := from(at)
		if src == nil {
			continue
		}
		j := 0
		for d, n := range x.Shape {
			j = j*n + src[d]
		}
		copy(y.Data[i*size:(i+1)*size], x.Data[j*size:])
	}
	return y
}

// run runs a node and wants one output.
func run(t *testing.T, n *onnxpb.Node, opset int, in ...*tensor.Tensor) *tensor.Tensor {
	t.Helper()
	out, err := optest.Run(layout.Table, n, opset, in...)
	require.NoError(t, err)
	return out[0]
}

func same(t *testing.T, want, got *tensor.Tensor, what ...any) {
	t.Helper()
	require.NoError(t, optest.Compare(got, want, 0, 0), what...)
}

// randomShape has at most most dimensions of 0 to 5, few of them 0.
func randomShape(rng *rand.Rand, most int) []int {
	shape := make([]int, rng.IntN(most+1))
	for i := range shape {
		shape[i] = max(rng.IntN(6), 1)
		if rng.IntN(40) == 0 {
			shape[i] = 0
		}
	}
	return shape
}
