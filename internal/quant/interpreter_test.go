package quant_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// array is a value of the interpreter: any type of tensor as float64, which holds
// all integers that occur exactly.
type array struct {
	dims []int
	v    []float64
}

// interpreter runs a graph by the definitions of the operators, slowly, in
// float64 but for what quantisation defines in float32. It is the oracle of this
// package's tests.
type interpreter struct {
	t      testing.TB
	values map[string]array
}

// run returns the first output of m for the given inputs.
func run(t testing.TB, m *onnxpb.Model, inputs map[string]array) array {
	t.Helper()
	p := interpreter{t, map[string]array{}}
	for _, w := range m.Graph.Initializers {
		p.values[w.Name] = p.constant(w)
	}
	for name, v := range inputs {
		p.values[name] = v
	}
	for _, n := range m.Graph.Nodes {
		op := operators[n.OpType]
		require.NotNil(t, op, "the interpreter has no %s", n.OpType)
		in := make([]array, len(n.Inputs))
		for i, name := range n.Inputs {
			v, ok := p.values[name]
			require.True(t, ok || name == "", "%s %s reads %s, which nobody made", n.OpType, n.Name, name)
			in[i] = v
		}
		for i, v := range op(p, n, in) {
			p.values[n.Outputs[i]] = v
		}
	}
	out, ok := p.values[m.Graph.Outputs[0].Name]
	require.True(t, ok, "nobody made the output")
	return out
}

func (p interpreter) constant(w *onnxpb.Tensor) array {
	a := array{dims: make([]int, len(w.Dims))}
	for i, d := range w.Dims {
		a.dims[i] = int(d)
	}
	v, err := w.Float64s()
	if w.DataType != onnxpb.Float && w.DataType != onnxpb.Double {
		var ints []int64
		ints, err = w.Int64s()
		for _, i := range ints {
			v = append(v, float64(i))
		}
	}
	require.NoError(p.t, err)
	a.v = v
	return a
}

func (p interpreter) int(n *onnxpb.Node, name string, def int) int {
	v, err := n.Int(name, int64(def))
	require.NoError(p.t, err)
	return int(v)
}

// axes are the ints of an attribute or, since opset 13, of an input.
func (p interpreter) axes(n *onnxpb.Node, in []array) (list []int) {
	if len(in) > 1 {
		for _, v := range in[1].v {
			list = append(list, int(v))
		}
		return list
	}
	ints, err := n.Ints("axes")
	require.NoError(p.t, err)
	for _, v := range ints {
		list = append(list, int(v))
	}
	return list
}

type operator func(p interpreter, n *onnxpb.Node, in []array) []array

var operators = allOperators()

func allOperators() map[string]operator {
	binary := func(f func(a, b float64) float64) operator {
		return func(p interpreter, _ *onnxpb.Node, in []array) []array { return []array{broadcast(in[0], in[1], f)} }
	}
	unary := func(f func(a float64) float64) operator {
		return func(_ interpreter, _ *onnxpb.Node, in []array) []array {
			return []array{broadcast(in[0], array{v: []float64{0}}, func(a, _ float64) float64 { return f(a) })}
		}
	}
	return map[string]operator{
		"Add": binary(func(a, b float64) float64 { return a + b }), "Sub": binary(func(a, b float64) float64 { return a - b }),
		"Mul": binary(func(a, b float64) float64 { return a * b }), "Div": binary(func(a, b float64) float64 { return a / b }),
		"Pow": binary(math.Pow), "Sqrt": unary(math.Sqrt), "Erf": unary(math.Erf), "Cast": unary(func(a float64) float64 { return a }),
		"Identity": unary(func(a float64) float64 { return a }), "Constant": constantNode, "Relu": unary(func(a float64) float64 { return max(a, 0) }),
		"Shape": shape, "Slice": slice, "Gather": gather, "Unsqueeze": unsqueeze, "Reshape": reshape, "Transpose": transpose,
		"Softmax": softmax, "LayerNormalization": layerNorm, "ReduceMean": reduceMean, "MatMul": matMul, "Gemm": gemm,
		"DynamicQuantizeLinear": dynamicQuantize, "MatMulInteger": matMulInteger, "DequantizeLinear": dequantize,
	}
}

// strides are those of a row-major array, 0 where a dimension of 1 is repeated
// to make it as large as dims.
func (a array) strides(dims []int) []int {
	s, step := make([]int, len(dims)), 1
	for i := range a.dims {
		d, at := a.dims[len(a.dims)-1-i], len(dims)-1-i
		if d > 1 {
			s[at] = step
		}
		step *= d
	}
	return s
}

// each calls f with the number of an element and its places in arrays with the
// given strides.
func each(dims []int, strides [][]int, f func(i int, at []int)) {
	index, at := make([]int, len(dims)), make([]int, len(strides))
	for i := range size(dims) {
		rest := i
		for d := len(dims) - 1; d >= 0; d-- {
			index[d], rest = rest%dims[d], rest/dims[d]
		}
		for k, s := range strides {
			at[k] = 0
			for d, x := range index {
				at[k] += x * s[d]
			}
		}
		f(i, at)
	}
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func broadcast(a, b array, f func(a, b float64) float64) array {
	dims := make([]int, max(len(a.dims), len(b.dims)))
	for i := range dims {
		dims[i] = 1
		for _, x := range []array{a, b} {
			if k := i - len(dims) + len(x.dims); k >= 0 && x.dims[k] != 1 {
				dims[i] = x.dims[k]
			}
		}
	}
	out := array{dims, make([]float64, size(dims))}
	each(dims, [][]int{a.strides(dims), b.strides(dims)}, func(i int, at []int) { out.v[i] = f(a.v[at[0]], b.v[at[1]]) })
	return out
}
