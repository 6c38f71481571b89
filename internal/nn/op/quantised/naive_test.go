package quantised_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func node(typ string, attrs ...onnxpb.Attribute) *onnxpb.Node {
	return onnxpb.NewNode(typ, nil, []string{"a"}, attrs...)
}

// run runs a node twice, with all inputs but the first known when it is built or not,
// and wants one output, the same both times.
func run(t *testing.T, table op.Table, n *onnxpb.Node, in ...*tensor.Tensor) *tensor.Tensor {
	t.Helper()
	free, err := optest.Run(table, n, 21, in...)
	require.NoError(t, err)
	fixed, err := optest.RunConst(table, n, 21, in...)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(fixed[0], free[0], 0, 0))
	return free[0]
}

func scalar[T tensor.Elem](v T) *tensor.Tensor { return tensor.From([]T{v}) }

func vector[T tensor.Elem](v ...T) *tensor.Tensor { return tensor.From(v, len(v)) }

// random returns a tensor of any bytes.
func random[T int8 | uint8](rng *rand.Rand, shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]T, n)
	for i := range v {
		v[i] = T(rng.Uint32())
	}
	return tensor.From(v, shape...)
}

func randomBytes(rng *rand.Rand, signed bool, shape ...int) *tensor.Tensor {
	if signed {
		return random[int8](rng, shape...)
	}
	return random[uint8](rng, shape...)
}

func randomFloats(rng *rand.Rand, shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return tensor.From(v, shape...)
}

// at is element i of a tensor of 8-bit integers; the only one if there is but one, and
// 0 if there is none.
func at(t *tensor.Tensor, i int) int {
	switch {
	case t == nil:
		return 0
	case t.Len() == 1:
		i = 0
	}
	if t.Type == onnxpb.Int8 {
		return int(tensor.Of[int8](t)[i])
	}
	return int(t.Data[i])
}

func floatAt(t *tensor.Tensor, i int) float64 {
	if t.Len() == 1 {
		i = 0
	}
	return float64(tensor.Of[float32](t)[i])
}

// rounded is QuantizeLinear of one number.
func rounded(v, scale float64, zero int, signed bool) int {
	lo, hi := 0.0, 255.0
	if signed {
		lo, hi = -128, 127
	}
	return int(min(max(math.RoundToEven(v/scale)+float64(zero), lo), hi))
}

// close1 wants integers that differ by one at most, where a rounding was close, and in
// few places.
func close1(t *testing.T, want func(i int) int, got *tensor.Tensor, what ...any) {
	t.Helper()
	off := 0
	for i := range got.Len() {
		d := want(i) - at(got, i)
		require.LessOrEqual(t, max(d, -d), 1, what...)
		off += max(d, -d)
	}
	require.LessOrEqual(t, off, 1+got.Len()/50, what...)
}
