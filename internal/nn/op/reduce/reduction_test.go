package reduce_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// node makes a node with the given numbers of inputs and outputs.
func node(opType string, inputs, outputs int, attrs ...onnxpb.Attribute) *onnxpb.Node {
	n := &onnxpb.Node{OpType: opType, Attributes: attrs}
	for i := range inputs {
		n.Inputs = append(n.Inputs, fmt.Sprint("x", i))
	}
	for i := range outputs {
		n.Outputs = append(n.Outputs, fmt.Sprint("y", i))
	}
	return n
}

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	n, _ := tensor.Count(shape)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return tensor.From(x, shape...)
}

func ints(v ...int64) *tensor.Tensor { return tensor.From(v, len(v)) }

// collected returns, for every element of the output, the elements of x that a
// reduction of the given axes puts into it, in order.
func collected(x *tensor.Tensor, axes []int64) (lists [][]float64, shape []int) {
	reduced := make([]bool, x.Rank())
	for _, a := range axes {
		reduced[(int(a)+x.Rank())%x.Rank()] = true
	}
	n := 1
	for i, d := range x.Shape {
		if reduced[i] || len(axes) == 0 {
			d = 1
		}
		shape = append(shape, d)
		n *= d
	}
	lists = make([][]float64, n)
	for i, v := range tensor.Of[float32](x) {
		rest, to, step := i, 0, 1
		for d := x.Rank() - 1; d >= 0; d-- {
			if shape[d] != 1 {
				to += rest % x.Shape[d] * step
				step *= shape[d]
			}
			rest /= x.Shape[d]
		}
		lists[to] = append(lists[to], float64(v))
	}
	return lists, shape
}

// folded returns a function of a list by one of two numbers.
func folded(start float64, f func(acc, v float64) float64) func([]float64) float64 {
	return func(list []float64) float64 {
		acc := start
		for _, v := range list {
			acc = f(acc, v)
		}
		return acc
	}
}

var (
	total   = folded(0, func(acc, v float64) float64 { return acc + v })
	squares = folded(0, func(acc, v float64) float64 { return acc + v*v })

	reductions = map[string]func([]float64) float64{
		"ReduceSum":       total,
		"ReduceMean":      func(x []float64) float64 { return total(x) / float64(len(x)) },
		"ReduceProd":      folded(1, func(acc, v float64) float64 { return acc * v }),
		"ReduceMax":       folded(math.Inf(-1), math.Max),
		"ReduceMin":       folded(math.Inf(1), math.Min),
		"ReduceL1":        folded(0, func(acc, v float64) float64 { return acc + math.Abs(v) }),
		"ReduceSumSquare": squares,
		"ReduceL2":        func(x []float64) float64 { return math.Sqrt(squares(x)) },
		"ReduceLogSum":    func(x []float64) float64 { return math.Log(total(x)) },
		"ReduceLogSumExp": func(x []float64) float64 {
			return math.Log(folded(0, func(acc, v float64) float64 { return acc + math.Exp(v) })(x))
		},
	}
)

func TestReductionsAreTheirDefinitions(t *testing.T) {
	tests := []struct {
		shape []int
		axes  []int64
	}{
		{[]int{7}, []int64{0}}, {[]int{3, 50}, []int64{1}}, {[]int{3, 50}, []int64{0}}, {[]int{3, 50}, nil},
		{[]int{2, 3, 4, 5}, []int64{1, 3}}, {[]int{2, 3, 4, 5}, []int64{0, 2}}, {[]int{2, 3, 4, 5}, []int64{-1, -3}},
		{[]int{2, 3, 4, 5}, []int64{2, 1}}, {[]int{2, 3, 4, 5}, []int64{0, 3}}, {[]int{2, 1, 4, 1}, []int64{1, 3}},
		{[]int{1, 1}, []int64{0}}, {[]int{0, 3}, []int64{0}}, {[]int{3, 0}, []int64{0}}, {[]int{2, 3, 2, 3, 2, 3, 2, 3}, []int64{1, 3, 5, 7}},
		{[]int{4, 65, 33}, []int64{-2}}, {[]int{}, nil},
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, f := range reductions {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("op=%s/shape=%v/axes=%v", name, tt.shape, tt.axes), func(t *testing.T) {
				x := random(rng, tt.shape...)
				lists, shape := collected(x, tt.axes)
				want := make([]float32, len(lists))
				for i, list := range lists {
					want[i] = float32(f(list))
				}
				in := []*tensor.Tensor{x, ints(tt.axes...)}
				got, err := optest.Run(reduce.Table, node(name, 2, 1), 18, in...)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], tensor.From(want, shape...), 1e-4, 1e-5))
				got, err = optest.RunConst(reduce.Table, node(name, 2, 1, onnxpb.IntAttr("keepdims", 0)), 18, in...)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(&tensor.Tensor{Type: onnxpb.Float, Shape: shape, Data: got[0].Data},
					tensor.From(want, shape...), 1e-4, 1e-5))
			})
		}
	}
}

func TestWithoutAxesNoopIsTheInput(t *testing.T) {
	x := tensor.From([]float32{1, -2}, 2)
	got, err := optest.Run(reduce.Table, node("ReduceMax", 1, 1, onnxpb.IntAttr("noop_with_empty_axes", 1)), 18, x)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], x, 0, 0))
}

func TestReductionsOfIntegersAndBooleans(t *testing.T) {
	i8, u8 := tensor.From([]int8{-128, 127, 3}, 3), tensor.From([]uint8{7, 0, 255}, 3)
	truths := &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{2, 2}, Data: []byte{0, 1, 0, 0}}
	tests := map[string]struct {
		op   string
		x    *tensor.Tensor
		want *tensor.Tensor
	}{
		"the largest int8":     {"ReduceMax", i8, tensor.From([]int8{127}, 1)},
		"the smallest uint8":   {"ReduceMin", u8, tensor.From([]uint8{0}, 1)},
		"a sum of int64":       {"ReduceSum", ints(1<<62, 1, 1<<62), ints(math.MinInt64 + 1)},
		"a truncated mean":     {"ReduceMean", tensor.From([]int32{-3, 0}, 2), tensor.From([]int32{-1}, 1)},
		"the largest of none":  {"ReduceMax", tensor.From([]uint32{}, 0), tensor.From([]uint32{0}, 1)},
		"the smallest of none": {"ReduceMin", tensor.From([]int64{}, 0), ints(math.MaxInt64)},
		"any of booleans":      {"ReduceMax", truths, &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{1, 1}, Data: []byte{1}}},
		"all of booleans":      {"ReduceMin", truths, &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{1, 1}, Data: []byte{0}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := optest.Run(reduce.Table, node(tt.op, 1, 1), 18, tt.x)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], tt.want, 0, 0))
		})
	}
}

func TestExtremesOfNaN(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := tensor.From([]float32{1, nan, 3, nan, -inf, -inf, -inf, -inf}, 2, 4)
	rows := ints(1)
	got, err := optest.Run(reduce.Table, node("ReduceMax", 2, 1), 18, x, rows)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], tensor.From([]float32{nan, -inf}, 2, 1), 0, 0))
	got, err = optest.Run(reduce.Table, node("ReduceLogSumExp", 2, 1), 18, x, rows)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], tensor.From([]float32{nan, -inf}, 2, 1), 0, 0))
}

func TestPlacesOfExtremes(t *testing.T) {
	nan := float32(math.NaN())
	x := tensor.From([]float32{1, 5, 5, -2, -2, 0, nan, 7, nan}, 3, 3)
	flag := func(name string) onnxpb.Attribute { return onnxpb.IntAttr(name, 1) }
	axis := onnxpb.IntAttr("axis", 1)
	tests := map[string]struct {
		node *onnxpb.Node
		want []int64
	}{
		"the first largest":           {node("ArgMax", 1, 1, axis), []int64{1, 2, 0}},
		"the last largest":            {node("ArgMax", 1, 1, axis, flag("select_last_index")), []int64{2, 2, 2}},
		"the first smallest":          {node("ArgMin", 1, 1, axis), []int64{0, 0, 0}},
		"the last smallest":           {node("ArgMin", 1, 1, axis, flag("select_last_index")), []int64{0, 1, 2}},
		"the largest of columns":      {node("ArgMax", 1, 1), []int64{2, 2, 2}},
		"the smallest of columns":     {node("ArgMin", 1, 1), []int64{2, 1, 2}},
		"the last smallest, downward": {node("ArgMin", 1, 1, flag("select_last_index")), []int64{2, 1, 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := optest.Run(reduce.Table, tt.node, 13, x)
			require.NoError(t, err)
			require.Equal(t, tt.want, append([]int64{}, tensor.Of[int64](got[0])...))
		})
	}
}

func TestRunningSums(t *testing.T) {
	x := tensor.From([]int32{1, 2, 3, 4, 5, 6}, 2, 3)
	flag := func(name string) onnxpb.Attribute { return onnxpb.IntAttr(name, 1) }
	tests := map[string]struct {
		axis  int64
		attrs []onnxpb.Attribute
		want  []int32
	}{
		"along rows":                     {1, nil, []int32{1, 3, 6, 4, 9, 15}},
		"down columns":                   {0, nil, []int32{1, 2, 3, 5, 7, 9}},
		"exclusive":                      {-1, []onnxpb.Attribute{flag("exclusive")}, []int32{0, 1, 3, 0, 4, 9}},
		"from the end":                   {1, []onnxpb.Attribute{flag("reverse")}, []int32{6, 5, 3, 15, 11, 6}},
		"exclusive columns from the end": {0, []onnxpb.Attribute{flag("reverse"), flag("exclusive")}, []int32{4, 5, 6, 0, 0, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := optest.Run(reduce.Table, node("CumSum", 2, 1, tt.attrs...), 14, x, tensor.From([]int64{tt.axis}))
			require.NoError(t, err)
			require.Equal(t, tt.want, append([]int32{}, tensor.Of[int32](got[0])...))
		})
	}
}

func TestBadInputIsATypedError(t *testing.T) {
	f := tensor.From([]float32{1, 2, 3, 4}, 2, 2)
	one := tensor.From([]float32{1}, 1)
	tests := map[string]struct {
		node *onnxpb.Node
		in   []*tensor.Tensor
		want error
	}{
		"an axis outside":              {node("ReduceSum", 2, 1), []*tensor.Tensor{f, ints(2)}, quintet.ErrInput},
		"an axis far outside":          {node("ReduceSum", 2, 1), []*tensor.Tensor{f, ints(math.MinInt64)}, quintet.ErrInput},
		"a softmax outside":            {node("Softmax", 1, 1, onnxpb.IntAttr("axis", 2)), []*tensor.Tensor{f}, quintet.ErrInput},
		"the place of none":            {node("ArgMax", 1, 1), []*tensor.Tensor{tensor.From([]float32{}, 0, 2)}, quintet.ErrInput},
		"the place in a scalar":        {node("ArgMax", 1, 1), []*tensor.Tensor{tensor.From([]float32{1})}, quintet.ErrInput},
		"the mean of no integers":      {node("ReduceMean", 1, 1), []*tensor.Tensor{ints()}, quintet.ErrInput},
		"two axes of a running sum":    {node("CumSum", 2, 1), []*tensor.Tensor{f, ints(0, 1)}, quintet.ErrInput},
		"a scale that does not fit":    {node("LayerNormalization", 2, 1), []*tensor.Tensor{f, tensor.From([]float32{1, 2, 3}, 3)}, quintet.ErrInput},
		"a scale larger than the rows": {node("LayerNormalization", 2, 1), []*tensor.Tensor{f, f}, quintet.ErrInput},
		"the norm of a scalar":         {node("LayerNormalization", 2, 1), []*tensor.Tensor{tensor.From([]float32{1}), one}, quintet.ErrInput},
		"the root of integers":         {node("ReduceL2", 1, 1), []*tensor.Tensor{ints(1)}, quintet.ErrUnsupported},
		"axes of float":                {node("ReduceSum", 2, 1), []*tensor.Tensor{f, one}, quintet.ErrUnsupported},
		"another norm":                 {node("LpNormalization", 1, 1, onnxpb.IntAttr("p", 3)), []*tensor.Tensor{f}, quintet.ErrModel},
		"a norm of nothing to reduce":  {node("ReduceL1", 1, 1, onnxpb.IntAttr("noop_with_empty_axes", 1)), []*tensor.Tensor{f}, quintet.ErrUnsupported},
		"an input too many":            {node("Softmax", 2, 1), []*tensor.Tensor{f, f}, quintet.ErrModel},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.Run(reduce.Table, tt.node, 18, tt.in...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
