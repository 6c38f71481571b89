package elementwise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// node makes a node of one output.
func node(opType string, inputs int, attrs ...onnxpb.Attribute) *onnxpb.Node {
	n := &onnxpb.Node{OpType: opType, Outputs: []string{"y"}, Attributes: attrs}
	for i := range inputs {
		n.Inputs = append(n.Inputs, fmt.Sprint("x", i))
	}
	return n
}

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return tensor.From(x, shape...)
}

// places returns, for every element of shape, where a tensor of shape from is
// read for it: broadcasting by its definition.
func places(from, shape []int) []int {
	strides := tensor.BroadcastStrides(nil, from, shape)
	n := 1
	for _, d := range shape {
		n *= d
	}
	at := make([]int, n)
	for i := range at {
		rest := i
		for d := len(shape) - 1; d >= 0; d-- {
			at[i] += rest % shape[d] * strides[d]
			rest /= shape[d]
		}
	}
	return at
}

// naive is f by the definition of broadcasting.
func naive[T, R tensor.Elem](a, b *tensor.Tensor, f func(x, y T) R) ([]R, []int, error) {
	shape, err := tensor.Broadcast(nil, a.Shape, b.Shape)
	if err != nil {
		return nil, nil, err
	}
	ia, ib := places(a.Shape, shape), places(b.Shape, shape)
	y := make([]R, len(ia))
	for i := range y {
		y[i] = f(tensor.Of[T](a)[ia[i]], tensor.Of[T](b)[ib[i]])
	}
	return y, shape, nil
}

var shapes = [][2][]int{
	{{}, {}},
	{{5}, {}},
	{{}, {2, 3}},
	{{1, 1}, {1}},
	{{2, 3}, {3}},
	{{3}, {2, 3}},
	{{2, 3}, {2, 1}},
	{{2, 1}, {1, 3}},
	{{7, 100}, {100}},
	{{7, 100}, {7, 1}},
	{{7, 1}, {1, 100}},
	{{100, 7}, {7}},
	{{600, 3}, {3}},
	{{600, 3}, {600, 1}},
	{{1, 600}, {5, 1, 1}},
	{{1, 16, 9, 11}, {16, 1, 1}},
	{{2, 3, 4, 5}, {3, 1, 5}},
	{{2, 3, 4, 5}, {2, 1, 4, 1}},
	{{2, 1, 4, 1}, {1, 3, 1, 5}},
	{{2, 1, 2, 1, 2, 1, 2, 1}, {3, 1, 3, 1, 3, 1, 3}},
	{{341, 3}, {3}},
	{{342, 3}, {3}},
	{{2, 1, 26}, {19, 26}},
	{{2, 1, 26}, {25, 26}},
	{{67, 31}, {67, 1}},
	{{67, 32}, {67, 1}},
	{{67, 31}, {31}},
	{{1025}, {1}},
	{{0, 3}, {3}},
	{{0, 3}, {1, 3}},
	{{1}, {0}},
	{{3, 2000}, {3, 2000}},
	{{3, 2000}, {1, 1}},
	{{1, 2000}, {3, 1}},
}

func TestBroadcastIsTheDefinition(t *testing.T) {
	operators := map[string]func(x, y float32) float32{
		"Add": func(x, y float32) float32 { return x + y },
		"Sub": func(x, y float32) float32 { return x - y },
		"Mul": func(x, y float32) float32 { return x * y },
		"Div": func(x, y float32) float32 { return x / y },
		"Max": func(x, y float32) float32 { return max(x, y) },
		"Min": func(x, y float32) float32 { return min(x, y) },
		"Pow": func(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) },
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, f := range operators {
		for _, s := range shapes {
			t.Run(fmt.Sprintf("op=%s/a=%v/b=%v", name, s[0], s[1]), func(t *testing.T) {
				a, b := random(rng, s[0]...), random(rng, s[1]...)
				want, shape, err := naive(a, b, f)
				require.NoError(t, err)
				out, err := optest.Run(elementwise.Table, node(name, 2), 17, a, b)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(out[0], tensor.From(want, shape...), 1e-6, 1e-6))
			})
		}
	}
}

func TestWhereIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tests := [][3][]int{
		{{}, {}, {}}, {{3, 1}, {4}, {}}, {{2, 3, 4}, {2, 3, 4}, {1}}, {{1, 1, 50, 50}, {8, 50, 50}, {}},
		{{}, {700, 3}, {3}}, {{0}, {1}, {1}}, {{40}, {40, 1}, {2, 1, 1}},
	}
	for _, s := range tests {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			x, y := random(rng, s[1]...), random(rng, s[2]...)
			n, err := tensor.Count(s[0])
			require.NoError(t, err)
			condition, err := tensor.New(onnxpb.Bool, s[0]...)
			require.NoError(t, err)
			for i := range n {
				condition.Data[i] = uint8(rng.IntN(2))
			}
			xy, err := tensor.Broadcast(nil, s[1], s[2])
			require.NoError(t, err)
			shape, err := tensor.Broadcast(nil, s[0], xy)
			require.NoError(t, err)
			ic, ix, iy := places(s[0], shape), places(s[1], shape), places(s[2], shape)
			want := make([]float32, len(ic))
			for i := range want {
				want[i] = tensor.Of[float32](y)[iy[i]]
				if condition.Data[ic[i]] != 0 {
					want[i] = tensor.Of[float32](x)[ix[i]]
				}
			}
			out, err := optest.Run(elementwise.Table, node("Where", 3), 16, condition, x, y)
			require.NoError(t, err)
			require.Equal(t, shape, slices.Clone(out[0].Shape))
			require.Equal(t, want, append([]float32{}, tensor.Of[float32](out[0])...))
		})
	}
}

func TestVariadicFoldsInOrder(t *testing.T) {
	a := tensor.From([]float32{1, 2}, 2)
	b := tensor.From([]float32{10}, 1)
	c := tensor.From([]float32{100, 200, 300}, 3, 1)
	tests := map[string][]float32{
		"Sum":  {111, 112, 211, 212, 311, 312},
		"Mean": {37, 112 / 3.0, 211 / 3.0, 212 / 3.0, 311 / 3.0, 104},
		"Max":  {100, 100, 200, 200, 300, 300},
		"Min":  {1, 2, 1, 2, 1, 2},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := optest.Run(elementwise.Table, node(name, 3), 13, a, b, c)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(out[0], tensor.From(want, 3, 2), 1e-6, 0))
		})
	}
}

func TestBadInputIsATypedError(t *testing.T) {
	ints := func(v ...int32) *tensor.Tensor { return tensor.From(v, len(v)) }
	f := tensor.From([]float32{1, 2, 3}, 3)
	tests := map[string]struct {
		node *onnxpb.Node
		in   []*tensor.Tensor
		want error
	}{
		"shapes that do not fit":        {node("Add", 2), []*tensor.Tensor{f, tensor.From([]float32{1, 2}, 2)}, quintet.ErrInput},
		"an integer division by zero":   {node("Div", 2), []*tensor.Tensor{ints(1, 2), ints(1, 0)}, quintet.ErrInput},
		"an integer remainder by zero":  {node("Mod", 2), []*tensor.Tensor{ints(1, 2), ints(0)}, quintet.ErrInput},
		"a slope larger than the input": {node("PRelu", 2), []*tensor.Tensor{f, tensor.From([]float32{1, 2, 3}, 3, 1)}, quintet.ErrInput},
		"a bound of two elements":       {node("Clip", 2), []*tensor.Tensor{ints(1), ints(1, 2)}, quintet.ErrInput},
		"two types":                     {node("Add", 2), []*tensor.Tensor{f, ints(1)}, quintet.ErrModel},
		"an input too few":              {node("Add", 1), []*tensor.Tensor{f}, quintet.ErrModel},
		"the remainder of floats":       {node("Mod", 2), []*tensor.Tensor{f, f}, quintet.ErrModel},
		"old broadcasting":              {node("Add", 2, onnxpb.IntAttr("broadcast", 1)), []*tensor.Tensor{f, f}, quintet.ErrUnsupported},
		"the sine of integers":          {node("Sin", 1), []*tensor.Tensor{ints(1)}, quintet.ErrUnsupported},
		"a cast to strings":             {node("Cast", 1, onnxpb.IntAttr("to", 8)), []*tensor.Tensor{f}, quintet.ErrUnsupported},
		"a cast to nothing":             {node("Cast", 1), []*tensor.Tensor{f}, quintet.ErrUnsupported},
		"a shift without direction":     {node("BitShift", 2), []*tensor.Tensor{f, f}, quintet.ErrModel},
		"an unknown approximation": {node("Gelu", 1, onnxpb.TextAttr("approximate", "fast")), []*tensor.Tensor{f},
			quintet.ErrUnsupported},
		"more elements than there may be": {node("Add", 2), []*tensor.Tensor{
			{Type: onnxpb.Uint8, Shape: []int{1 << 16, 1}, Data: make([]byte, 1<<16)},
			{Type: onnxpb.Uint8, Shape: []int{1, 1 << 16}, Data: make([]byte, 1<<16)}}, quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.Run(elementwise.Table, tt.node, 20, tt.in...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestNothingIsDividedByZeroIfThereIsNothing(t *testing.T) {
	out, err := optest.Run(elementwise.Table, node("Div", 2), 13, tensor.From([]int32{}, 0), tensor.From([]int32{0}, 1))
	require.NoError(t, err)
	require.Equal(t, []int{0}, out[0].Shape)
}
