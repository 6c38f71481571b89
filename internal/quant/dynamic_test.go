package quant_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/quant"
)

// random are n numbers that are normal.
func random(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 2))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

// matrix is a random weight.
func matrix(name string, rows, cols int64) *onnxpb.Tensor {
	return onnxpb.NewTensor(name, random(uint64(rows*1000+cols), int(rows*cols)), rows, cols)
}

// graph is a graph from x, float32[3,64], to y, made of one value by build.
func graph(build func(b *onnxpb.Builder, x string) string) *onnxpb.Model {
	b := onnxpb.NewBuilder("test")
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(3), onnxpb.FixedDim(64))
	b.Rename(build(b, x), "y")
	b.Output("y", onnxpb.Float)
	return b.Model(17)
}

// x is a random input for graph.
func x() map[string]array {
	in := array{dims: []int{3, 64}}
	for _, v := range random(9, 3*64) {
		in.v = append(in.v, float64(v))
	}
	return map[string]array{"x": in}
}

func ops(m *onnxpb.Model) (list []string) {
	for _, n := range m.Graph.Nodes {
		list = append(list, n.OpType)
	}
	return list
}

func initializers(m *onnxpb.Model) (list []string) {
	for _, w := range m.Graph.Initializers {
		list = append(list, w.Name)
	}
	return list
}

func gemmOf(attrs ...onnxpb.Attribute) func(b *onnxpb.Builder, inputs ...string) string {
	return func(b *onnxpb.Builder, inputs ...string) string { return b.OpWith("Gemm", attrs, inputs...) }
}

func TestLayersBecomeIntegerProducts(t *testing.T) {
	product := []string{"DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul", "Mul"}
	biased := append(slices.Clone(product), "Add")
	transB := onnxpb.IntAttr("transB", 1)
	perm := []onnxpb.Attribute{onnxpb.IntsAttr("perm", 1, 0)}
	tests := map[string]struct {
		build func(b *onnxpb.Builder, x string) string
		ops   []string
	}{
		"MatMul": {func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 80))) }, product},
		"MatMul with an Add before its bias": {func(b *onnxpb.Builder, x string) string {
			return b.Op("Add", b.Weight(matrix("bias", 1, 80)), b.Op("MatMul", x, b.Weight(matrix("w", 64, 80))))
		}, biased},
		"Gemm": {func(b *onnxpb.Builder, x string) string { return gemmOf()(b, x, b.Weight(matrix("w", 64, 80))) }, product},
		"Gemm with a bias": {func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.FloatAttr("alpha", 1), onnxpb.FloatAttr("beta", 1))(b, x, b.Weight(matrix("w", 64, 80)),
				b.Weight(onnxpb.NewTensor("bias", random(1, 80), 80)))
		}, biased},
		"Gemm with a column of biases": {func(b *onnxpb.Builder, x string) string {
			return gemmOf()(b, x, b.Weight(matrix("w", 64, 80)), b.Weight(onnxpb.NewTensor("bias", random(1, 3), 3, 1)))
		}, biased},
		"Gemm with transB": {func(b *onnxpb.Builder, x string) string {
			return gemmOf(transB)(b, x, b.Weight(matrix("w", 80, 64)), b.Weight(onnxpb.NewTensor("bias", random(1, 80), 80)))
		}, biased},
		"Gemm with any beta and no bias": {func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.FloatAttr("beta", 0.5))(b, x, b.Weight(matrix("w", 64, 80)))
		}, product},
		"a transposed weight": {func(b *onnxpb.Builder, x string) string {
			return b.Op("MatMul", x, b.OpWith("Transpose", perm, b.Weight(matrix("w", 80, 64))))
		}, product},
		"a weight transposed by default": {func(b *onnxpb.Builder, x string) string {
			return b.Op("MatMul", x, b.Op("Transpose", b.Weight(matrix("w", 80, 64))))
		}, product},
		"transB of a transposed weight": {func(b *onnxpb.Builder, x string) string {
			return gemmOf(transB)(b, x, b.Op("Transpose", b.Op("Identity", b.Weight(matrix("w", 64, 80)))))
		}, product},
		"a Constant node": {func(b *onnxpb.Builder, x string) string {
			return b.Op("MatMul", x, b.OpWith("Constant", []onnxpb.Attribute{onnxpb.TensorAttr("value", matrix("", 64, 80))}))
		}, product},
		"two layers with one weight": {func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return b.Op("MatMul", b.Op("MatMul", x, w), b.Op("Identity", w))
		}, append(slices.Clone(product), product...)},
		"a weight and its transpose": {func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 80))
			return b.Op("MatMul", b.Op("MatMul", x, w), b.Op("Transpose", w))
		}, append(slices.Clone(product), product...)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := graph(tt.build)
			want := run(t, m, x())
			r, err := quant.Dynamic(m, quant.Options{Bits: 8})
			require.NoError(t, err)
			require.Empty(t, r.Skipped)
			require.Equal(t, tt.ops, ops(m))
			got := run(t, m, x())
			require.Equal(t, want.dims, got.dims)
			require.Greater(t, cosine(want.v, got.v), 0.999)
			for _, w := range m.Graph.Initializers {
				require.NotEqual(t, "w", w.Name, "nobody needs it any more")
			}
			_, err = onnxpb.Read(m.Append(nil))
			require.NoError(t, err)
		})
	}
}

func TestTiedEmbeddingsAreQuantisedForBothUses(t *testing.T) {
	b := onnxpb.NewBuilder("tied")
	ids := b.Input("ids", onnxpb.Int64, onnxpb.FreeDim("n"))
	table := b.Weight(matrix("table", 100, 64))
	h := b.Op("Relu", b.Op("Gather", table, ids))
	b.Rename(b.Op("MatMul", h, b.Op("Transpose", table)), "y")
	b.Output("y", onnxpb.Float)
	m := b.Model(17)
	in := map[string]array{"ids": {[]int{4}, []float64{1, 99, 0, 50}}}
	want := run(t, m, in)

	same := b.Model(17)
	r, err := quant.Dynamic(same, quant.Options{})
	require.NoError(t, err)
	require.Empty(t, r.Layers)
	require.Equal(t, "weight table is also used by Gather Gather_1", r.Skipped[0].Reason)

	r, err = quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
	require.NoError(t, err)
	require.Len(t, r.Layers, 2)
	require.Equal(t, []string{"table_quantized", "table_scale", "table_quantized_1", "table_scale_1"}, initializers(m))
	require.Greater(t, cosine(want.v, run(t, m, in).v), 0.999)
}

func TestWhatIsLeftAloneAndWhy(t *testing.T) {
	constant := func(w *onnxpb.Tensor) func(b *onnxpb.Builder, x string) string {
		return func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(w)) }
	}
	half := onnxpb.NewTensor("w", make([]uint16, 64*64), 64, 64)
	half.DataType = onnxpb.Float16
	tests := map[string]struct {
		o     quant.Options
		build func(b *onnxpb.Builder, x string) string
		want  string
	}{
		"attention":      {quant.Options{}, func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Op("Transpose", x)) }, "both operands are computed"},
		"a small weight": {quant.Options{}, constant(matrix("w", 64, 2)), "weight w has 128 elements, fewer than 4096"},
		"a smaller one":  {quant.Options{MinWeights: 5000}, constant(matrix("w", 64, 64)), "weight w has 4096 elements, fewer than 5000"},
		"half precision": {quant.Options{}, constant(half), "weight w is float16, not float32"},
		"many matrices":  {quant.Options{}, constant(onnxpb.NewTensor("w", make([]float32, 4096), 1, 64, 64)), "weight w has 3 dimensions, not 2"},
		"by name":        {quant.Options{Keep: []string{"MatMul_1"}}, constant(matrix("w", 64, 64)), "was to be kept"},
		"a long sum":     {quant.Options{MinWeights: 1}, constant(matrix("w", 131587, 1)), "a sum of 131587 products can overflow 32 bits"},
		"a left weight":  {quant.Options{}, func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", b.Weight(matrix("w", 64, 64)), x) }, "weight w is on the left"},
		"constants": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return b.Op("Add", x, b.Op("MatMul", w, w))
		}, "both operands are constant"},
		"alpha": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.FloatAttr("alpha", 0.5))(b, x, b.Weight(matrix("w", 64, 64)))
		}, "alpha is 0.5 and beta is 1, not 1"},
		"beta": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.FloatAttr("beta", 0.5))(b, x, b.Weight(matrix("w", 64, 64)), b.Weight(matrix("bias", 1, 64)))
		}, "alpha is 1 and beta is 0.5, not 1"},
		"a transposed input": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.IntAttr("transA", 1))(b, x, b.Weight(matrix("w", 3, 2000)))
		}, "its input is transposed"},
		"an attribute of another type": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return gemmOf(onnxpb.FloatAttr("transB", 1))(b, x, b.Weight(matrix("w", 64, 64)))
		}, "Gemm Gemm_1.transB: is of type float, want int: model cannot be used"},
		"a weight that is added too": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return b.Op("Add", b.Op("MatMul", x, w), w)
		}, "weight w is also used by Add Add_1"},
		"a weight whose copy is added": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return b.Op("Add", b.Op("MatMul", x, w), b.Op("Identity", w))
		}, "weight Identity_1 is also used by Add Add_1"},
		"a weight that is a bias too": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return gemmOf()(b, x, w, w)
		}, "weight w is also used by Gemm Gemm_1"},
		"a layer that would lose its partner": {quant.Options{Keep: []string{"MatMul_2"}}, func(b *onnxpb.Builder, x string) string {
			w := b.Weight(matrix("w", 64, 64))
			return b.Op("MatMul", b.Op("MatMul", x, w), w)
		}, "weight w is also used by MatMul MatMul_2"},
		"a weight turned by reshaping": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return b.Op("MatMul", x, b.Op("Relu", b.Weight(matrix("w", 64, 64))))
		}, "both operands are computed"},
		"an odd transposition": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			perm := []onnxpb.Attribute{onnxpb.IntsAttr("perm", 0, 1)}
			return b.Op("MatMul", x, b.OpWith("Transpose", perm, b.Weight(matrix("w", 64, 64))))
		}, "both operands are computed"},
		"convolutions": {quant.Options{}, func(b *onnxpb.Builder, x string) string {
			return b.Op("Conv", x, b.Weight(onnxpb.NewTensor("w", make([]float32, 4096), 64, 64, 1, 1)))
		}, "Conv is not quantised"},
		"an axis that is not the first": {quant.Options{Embeddings: quant.PerRow}, func(b *onnxpb.Builder, _ string) string {
			axis := []onnxpb.Attribute{onnxpb.IntAttr("axis", 1)}
			return b.OpWith("Gather", axis, b.Weight(matrix("w", 64, 64)), b.Weight(onnxpb.NewTensor("i", []int64{1}, 1)))
		}, "picks along axis 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := graph(tt.build)
			before := m.Append(nil)
			r, err := quant.Dynamic(m, tt.o)
			require.NoError(t, err)
			require.Empty(t, r.Layers)
			require.Equal(t, tt.want, r.Skipped[0].Reason)
			require.True(t, string(before) == string(m.Append(nil)), "unchanged")
			require.Equal(t, r.BytesBefore, r.BytesAfter)
		})
	}
}

func TestAModelWithoutLayersIsReturnedAsItIs(t *testing.T) {
	m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("Relu", x) })
	m.Opsets[0].Version = 6 // too old for anything else
	r, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	require.Equal(t, quant.Report{BytesBefore: m.Size(), BytesAfter: m.Size(), OpsetBefore: 6, OpsetAfter: 6}, r)
}

func TestWhatOthersSeeStays(t *testing.T) {
	layer := func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) }
	tests := map[string]struct {
		change func(m *onnxpb.Model)
		want   []quant.Skipped
	}{
		"an input that may replace the weight": {func(m *onnxpb.Model) {
			m.Graph.Inputs = append(m.Graph.Inputs, onnxpb.TensorInfo("w", onnxpb.Float))
		}, []quant.Skipped{{Node: "MatMul_1", Op: "MatMul", Reason: "weight w is an input, which the caller may replace"}}},
		"a weight that is an output": {func(m *onnxpb.Model) {
			m.Graph.Outputs = append(m.Graph.Outputs, onnxpb.TensorInfo("w", onnxpb.Float))
		}, []quant.Skipped{{Node: "MatMul_1", Op: "MatMul", Reason: "weight w is an output of the model"}}},
		"a subgraph that uses the weight": {func(m *onnxpb.Model) {
			branch := &onnxpb.Graph{Nodes: []*onnxpb.Node{onnxpb.NewNode("MatMul", []string{"x", "w"}, []string{"z"})}}
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("If", []string{"c"}, []string{"z"}, onnxpb.GraphAttr("then_branch", branch)))
		}, []quant.Skipped{{Node: "MatMul_1", Op: "MatMul", Reason: "weight w is used in a subgraph"},
			{Node: "z", Op: "MatMul", Reason: "is in a subgraph"}}},
		"a subgraph that gives the weight": {func(m *onnxpb.Model) {
			branch := &onnxpb.Graph{Outputs: []onnxpb.ValueInfo{{Name: "w"}}}
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("If", []string{"c"}, []string{"z"}, onnxpb.GraphAttr("then_branch", branch)))
		}, []quant.Skipped{{Node: "MatMul_1", Op: "MatMul", Reason: "weight w is used in a subgraph"}}},
		"a function": {func(m *onnxpb.Model) {
			m.Graph.Nodes[0].OpType = "Relu"
			m.Functions = []*onnxpb.Function{{Name: "F", Nodes: []*onnxpb.Node{onnxpb.NewNode("Gemm", []string{"a", "b"}, []string{"c"})}}}
		}, []quant.Skipped{{Node: "c", Op: "Gemm", Reason: "is in function F"}}},
		"an operator of another domain": {func(m *onnxpb.Model) { m.Graph.Nodes[0].Domain = "our.ops" }, nil},
		"a node with two outputs":       {func(m *onnxpb.Model) { m.Graph.Nodes[0].Outputs = []string{"y", "z"} }, nil},
		"a weight made of itself": {func(m *onnxpb.Model) {
			m.Graph.Initializers = nil
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("Identity", []string{"w"}, []string{"w"}))
		}, []quant.Skipped{{Node: "MatMul_1", Op: "MatMul", Reason: "both operands are computed"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := graph(layer)
			tt.change(m)
			r, err := quant.Dynamic(m, quant.Options{})
			require.NoError(t, err)
			require.Empty(t, r.Layers)
			require.Equal(t, tt.want, r.Skipped)
		})
	}
}

// TestNamesThatAreTakenAreNotTaken: the new values must not hide others, not
// even in subgraphs.
func TestNamesThatAreTakenAreNotTaken(t *testing.T) {
	m := graph(func(b *onnxpb.Builder, x string) string {
		taken := b.Weight(onnxpb.NewTensor("x_quantized", []float32{1}))
		return b.Op("MatMul", b.Op("Mul", x, taken), b.Weight(matrix("w", 64, 64)))
	})
	sub := &onnxpb.Graph{Nodes: []*onnxpb.Node{onnxpb.NewNode("Neg", []string{"w_scale"}, []string{"Mul_1_scale"})}}
	m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("If", []string{"c"}, []string{"Mul_1_quantized"}, onnxpb.GraphAttr("then_branch", sub)))
	_, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"x_quantized", "w_quantized", "w_scale_1"}, initializers(m))
	require.Equal(t, []string{"Mul_1_quantized_1", "Mul_1_scale_1", "Mul_1_zero_point"}, m.Graph.Nodes[1].Outputs)
}

// TestBeforeIRVersion4InitializersAreInputs: new ones too, and nobody can replace
// the old ones.
func TestBeforeIRVersion4InitializersAreInputs(t *testing.T) {
	m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) })
	m.IRVersion = 3
	m.Graph.Inputs = append(m.Graph.Inputs, onnxpb.TensorInfo("w", onnxpb.Float, onnxpb.FixedDim(64), onnxpb.FixedDim(64)))
	m.Graph.ValueInfos = []onnxpb.ValueInfo{onnxpb.TensorInfo("w", onnxpb.Float), onnxpb.TensorInfo("other", onnxpb.Float)}
	r, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	require.Len(t, r.Layers, 1)
	require.Len(t, m.Graph.Inputs, 3)
	require.Equal(t, "int8[64,64]", m.Graph.Inputs[1].Type.String())
	require.Equal(t, "w_quantized", m.Graph.Inputs[1].Name)
	require.Equal(t, "float32[64]", m.Graph.Inputs[2].Type.String())
	require.Len(t, m.Graph.ValueInfos, 1)
}

func TestOldOperatorsAreRaisedIfTheyMeanTheSame(t *testing.T) {
	node := func(op string, outputs int, attrs ...onnxpb.Attribute) *onnxpb.Node {
		return onnxpb.NewNode(op, []string{"y"}, []string{"z", "z2"}[:outputs], attrs...)
	}
	tests := map[string]struct {
		opset int64
		node  *onnxpb.Node
		want  string // empty: works
	}{
		"version 11":                   {11, node("Clip", 1), ""},
		"Relu of version 7":            {7, node("Relu", 1), ""},
		"Slice of version 10":          {10, node("Slice", 1), ""},
		"Slice of version 9":           {9, node("Slice", 1, onnxpb.IntsAttr("starts", 0), onnxpb.IntsAttr("ends", 1)), ""},
		"Slice without its ends":       {9, node("Slice", 1, onnxpb.IntsAttr("starts", 0)), "Slice z would change"},
		"Clip of version 10":           {10, node("Clip", 1), ""},
		"Clip with ints":               {10, node("Clip", 1, onnxpb.IntsAttr("min", 0)), "Clip z would change"},
		"Clip with a bound in between": {10, node("Clip", 1, onnxpb.Attribute{Name: "min", Type: onnxpb.AttrInt}), "Clip z would change"},
		"Pad of version 10":            {10, node("Pad", 1), "opset 10 has no DynamicQuantizeLinear, and Pad z would change in opset 11"},
		"Dropout without its mask":     {9, node("Dropout", 1), ""},
		"Dropout with its mask":        {9, node("Dropout", 2), "Dropout z would change"},
		"BatchNormalization":           {8, node("BatchNormalization", 1), ""},
		"BatchNormalization by pixels": {8, node("BatchNormalization", 1, onnxpb.IntAttr("spatial", 0)), "BatchNormalization z would change"},
		"an operator nobody knows":     {9, node("Strange", 1), "Strange z would change"},
		"an operator of another set":   {9, &onnxpb.Node{OpType: "Strange", Domain: "our.ops"}, ""},
		"version 6":                    {6, node("Relu", 1), "model has opset 6, want at least 7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) })
			m.Opsets = []onnxpb.Opset{{Domain: "our.ops", Version: 1}, {Domain: "ai.onnx", Version: tt.opset}}
			m.Graph.Nodes = append(m.Graph.Nodes, tt.node)
			before := m.Append(nil)
			r, err := quant.Dynamic(m, quant.Options{})
			if tt.want != "" {
				require.ErrorContains(t, err, tt.want)
				require.ErrorIs(t, err, quintet.ErrUnsupported)
				require.True(t, string(before) == string(m.Append(nil)), "unchanged")
				return
			}
			require.NoError(t, err)
			require.Equal(t, [2]int64{tt.opset, 11}, [2]int64{r.OpsetBefore, r.OpsetAfter})
			require.EqualValues(t, 11, m.Opset(""))
			require.EqualValues(t, 1, m.Opset("our.ops"))
		})
	}
}

func TestAttributesThatBecameInputsAreRaised(t *testing.T) {
	build := func() *onnxpb.Model {
		m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) })
		m.Opsets[0].Version = 9
		m.Graph.Nodes = append(m.Graph.Nodes,
			onnxpb.NewNode("Clip", []string{"y"}, []string{"a"}, onnxpb.FloatAttr("max", 6), onnxpb.FloatAttr("min", -1)),
			onnxpb.NewNode("Clip", []string{"a"}, []string{"b"}, onnxpb.FloatAttr("max", 5)),
			onnxpb.NewNode("Slice", []string{"b"}, []string{"c"}, onnxpb.IntsAttr("starts", 1, 0), onnxpb.IntsAttr("ends", 3, -1)),
			onnxpb.NewNode("Slice", []string{"c"}, []string{"d"}, onnxpb.IntsAttr("axes", 1), onnxpb.IntsAttr("ends", 9), onnxpb.IntsAttr("starts", 2)))
		return m
	}
	m := build()
	_, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	nodes := m.Graph.Nodes[5:]
	for i, want := range [][]string{{"y", "a_min", "a_max"}, {"a", "", "b_max"}, {"b", "c_starts", "c_ends"}, {"c", "d_starts", "d_ends", "d_axes"}} {
		require.Equal(t, want, nodes[i].Inputs)
		require.Empty(t, nodes[i].Attributes)
	}
	low, err := m.Graph.Initializer("a_min").Float32s()
	require.NoError(t, err)
	require.Equal(t, []float32{-1}, low)
	require.Empty(t, m.Graph.Initializer("a_min").Dims, "a scalar")
	ends, err := m.Graph.Initializer("c_ends").Int64s()
	require.NoError(t, err)
	require.Equal(t, []int64{3, -1}, ends)

	m = build() // an error after that leaves the nodes as they are
	m.Graph.Initializers[0].Raw = nil
	before := m.Append(nil)
	_, err = quant.Dynamic(m, quant.Options{})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.True(t, string(before) == string(m.Append(nil)))
}

// TestBoundsOfOtherFloatsAreNotRaised: a Clip of float16 would need bounds of
// float16, and the node does not say what it clips.
func TestBoundsOfOtherFloatsAreNotRaised(t *testing.T) {
	for name, change := range map[string]func(m *onnxpb.Model){
		"a weight": func(m *onnxpb.Model) {
			m.Graph.Initializers = append(m.Graph.Initializers, onnxpb.NewTensor("v", []float64{1}))
		},
		"an input": func(m *onnxpb.Model) {
			m.Graph.Inputs = append(m.Graph.Inputs, onnxpb.TensorInfo("v", onnxpb.Float16))
		},
		"a Cast": func(m *onnxpb.Model) {
			to := onnxpb.IntAttr("to", int64(onnxpb.Double))
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("Cast", []string{"y"}, []string{"v"}, to))
		},
		"a Cast to nothing": func(m *onnxpb.Model) {
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("Cast", []string{"y"}, []string{"v"}, onnxpb.FloatAttr("to", 1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) })
			m.Opsets[0].Version = 9
			m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("Clip", []string{"y"}, []string{"z"}))
			change(m)
			_, err := quant.Dynamic(m, quant.Options{})
			require.ErrorIs(t, err, quintet.ErrUnsupported)
		})
	}
}

func TestBadModelsAreRefusedAndStayAsTheyAre(t *testing.T) {
	with := func(i int, v float32) *onnxpb.Tensor {
		values := random(1, 64*64)
		values[i] = v
		return onnxpb.NewTensor("w", values, 64, 64)
	}
	short := matrix("w", 64, 64)
	short.Raw = short.Raw[:100]
	outside := &onnxpb.Tensor{Name: "w", DataType: onnxpb.Float, Dims: []int64{64, 64}, Location: onnxpb.Outside}
	tests := map[string]struct {
		w    *onnxpb.Tensor
		want string
	}{
		"NaN":                  {with(7, float32(math.NaN())), "weight w has NaN at element 7: model cannot be used"},
		"infinity":             {with(4095, float32(math.Inf(-1))), "weight w has -Inf at element 4095: model cannot be used"},
		"too little data":      {short, "tensor w: float32[64 64] needs 16384 bytes of raw data and has 100: model cannot be used"},
		"data in another file": {outside, "tensor w: its data is in another file, which was not read: model cannot be used"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := graph(func(b *onnxpb.Builder, x string) string {
				return b.Op("MatMul", b.Op("MatMul", x, b.Weight(matrix("v", 64, 64))), b.Weight(tt.w))
			})
			before := m.Append(nil)
			_, err := quant.Dynamic(m, quant.Options{})
			require.EqualError(t, err, tt.want)
			require.ErrorIs(t, err, quintet.ErrModel)
			require.True(t, string(before) == string(m.Append(nil)), "unchanged")
		})
	}
	_, err := quant.Dynamic(&onnxpb.Model{}, quant.Options{})
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestAModelIsQuantisedOnce(t *testing.T) {
	m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(matrix("w", 64, 64))) })
	_, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	once := m.Append(nil)
	_, err = quant.Dynamic(m, quant.Options{})
	require.EqualError(t, err, "model is quantised already: it has DynamicQuantizeLinear x_DynamicQuantizeLinear: model cannot be used")
	require.ErrorIs(t, err, quintet.ErrModel)
	require.True(t, string(once) == string(m.Append(nil)))

	m = graph(func(b *onnxpb.Builder, x string) string { return b.Op("Gather", b.Weight(matrix("w", 64, 64)), x) })
	_, err = quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
	require.NoError(t, err)
	_, err = quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
	require.ErrorContains(t, err, "model is quantised already: it has Gather y_int8_Gather")

	m = graph(func(b *onnxpb.Builder, x string) string { return b.Op("Relu", x) })
	m.Graph.Annotations = [][]byte{{}}
	_, err = quant.Dynamic(m, quant.Options{})
	require.ErrorContains(t, err, "model is quantised already: it has quantisation annotations")

	m.Graph.Annotations = nil
	branch := &onnxpb.Graph{Nodes: []*onnxpb.Node{onnxpb.NewNode("QLinearConv", nil, []string{"q"})}}
	m.Graph.Nodes = append(m.Graph.Nodes, onnxpb.NewNode("If", nil, nil, onnxpb.GraphAttr("then_branch", branch)))
	_, err = quant.Dynamic(m, quant.Options{})
	require.ErrorContains(t, err, "it has QLinearConv q")
}

func TestOptionsOutOfRangeAreRefused(t *testing.T) {
	for want, o := range map[string]quant.Options{
		"quant: 6 bits, want 7 or 8: invalid option":                  {Bits: 6},
		"quant: embeddings 3: invalid option":                         {Embeddings: 3},
		"quant: embeddings -1: invalid option":                        {Embeddings: -1},
		"quant: negative least number of weights: invalid option":     {MinWeights: -1},
		`quant: no node is called "encoder/MatMul_9": invalid option`: {Keep: []string{"Relu_1", "encoder/MatMul_9"}},
	} {
		t.Run(want, func(t *testing.T) {
			m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("Relu", x) })
			_, err := quant.Dynamic(m, o)
			require.EqualError(t, err, want)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}
