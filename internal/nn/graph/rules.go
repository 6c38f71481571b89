package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// key names an operator.
type key struct{ domain, typ string }

// rule says how the outputs of an operator follow from its inputs, the first
// least of which must be there.
type rule struct {
	least int
	apply func(f inference)
}

// rules are read only.
var rules = makeRules()

func makeRules() map[key]*rule {
	all := map[key]*rule{}
	add := func(least int, apply func(f inference), domain string, types ...string) {
		for _, t := range types {
			all[key{domain, t}] = &rule{least, apply}
		}
	}
	add(1, same, "", "Abs", "Neg", "Sqrt", "Exp", "Log", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "Celu",
		"ThresholdedRelu", "HardSigmoid", "HardSwish", "Softplus", "Softsign", "Clip", "Floor", "Ceil", "Round", "Reciprocal",
		"Sign", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Gelu", "Mish",
		"Softmax", "LogSoftmax", "Hardmax", "LayerNormalization", "BatchNormalization", "InstanceNormalization",
		"GroupNormalization", "LpNormalization", "MeanVarianceNormalization", "LRN", "Dropout", "Identity", "CumSum", "Trilu",
		"PRelu", "ScatterElements", "ScatterND", "Scatter", "RMSNormalization", "SimplifiedLayerNormalization")
	add(1, same, Fused, "Activation", "BatchNormalization", "InstanceNormalization", "AddLayerNormalization")
	add(1, attention, Fused, "Attention")
	add(3, headAttention, Fused, "HeadAttention")
	add(1, same, Microsoft, "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization")
	add(1, cast, "", "Cast")
	add(2, arithmetic, "", "Add", "Sub", "Mul", "Div")
	add(2, binary, "", "Pow", "Mod", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor")
	add(1, variadic, "", "Max", "Min", "Mean", "Sum")
	add(2, binary, Fused, "AddActivation")
	add(2, compare, "", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor")
	add(1, func(f inference) { f.like(0, onnxpb.Bool, f.n.In[0]) }, "", "Not", "IsNaN", "IsInf")
	add(3, where, "", "Where")
	add(2, matmul, "", "MatMul")
	add(2, matmulInteger, "", "MatMulInteger")
	add(2, linear, Fused, "Linear", "QuantLinear")
	add(2, gemm, "", "Gemm")
	add(1, transpose, "", "Transpose")
	add(2, reshape, "", "Reshape")
	add(1, flatten, "", "Flatten")
	add(1, squeeze, "", "Squeeze")
	add(1, unsqueeze, "", "Unsqueeze")
	add(1, concat, "", "Concat")
	add(1, slice, "", "Slice")
	add(2, gather, "", "Gather")
	add(1, shapeOf, "", "Shape")
	add(1, func(f inference) { f.set(0, onnxpb.Int64, []Dim{}) }, "", "Size")
	add(1, constantOfShape, "", "ConstantOfShape")
	add(2, expand, "", "Expand")
	add(1, split, "", "Split")
	add(1, reduce, "", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
		"ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp")
	add(1, argReduce, "", "ArgMax", "ArgMin")
	add(2, sameRank, "", "Tile", "Resize", "GatherElements", "GridSample")
	add(1, compress, "", "Compress")
	add(1, sameRank, "", "Pad", "Upsample", "DepthToSpace", "SpaceToDepth", "LpPool")
	add(1, sameRank, Fused, "Resize", "Upsample", "GridSample")
	add(1, pool(1), "", "MaxPool", "AveragePool")
	add(1, pool(-1), Fused, "MaxPool", "AveragePool")
	add(1, globalPool, "", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
	add(1, globalPoolLast, Fused, "GlobalAveragePool", "GlobalMaxPool")
	add(2, convolution(1, 0), "", "Conv")
	add(2, convolution(-1, 0), Fused, "Conv")
	add(2, transposedConvolution(1), "", "ConvTranspose")
	add(2, transposedConvolution(-1), Fused, "ConvTranspose")
	add(1, func(f inference) { f.rank(0, f.n.In[0].Type, 1) }, "", "Range")
	add(1, func(f inference) { f.rank(0, onnxpb.Int64, 2) }, "", "NonZero")
	add(2, func(f inference) { f.rank(0, onnxpb.Int64, 2) }, "", "NonMaxSuppression")
	add(1, topK, "", "TopK")
	add(3, oneHot, "", "OneHot")
	add(3, recurrent, "", "LSTM", "GRU", "RNN")
	add(2, quantize, "", "QuantizeLinear")
	add(2, func(f inference) { f.like(0, onnxpb.Float, f.n.In[0]) }, "", "DequantizeLinear")
	add(1, dynamicQuantize, "", "DynamicQuantizeLinear")
	add(1, func(f inference) { f.typed(0, f.n.In[0].Type) }, "", "GatherND", "Einsum", "Unique", "ReverseSequence")
	add(1, same, "", "RotaryEmbedding")
	add(1, same, Microsoft, "RotaryEmbedding")
	typed := func(f inference) { f.typed(0, f.n.In[0].Type) }
	add(1, typed, "", "Attention")
	add(1, typed, Microsoft, "Attention", "MultiHeadAttention", "GroupQueryAttention", "FusedMatMul", "FusedGemm")
	add(3, func(f inference) { f.typed(0, f.n.In[2].Type) }, Microsoft, "EmbedLayerNormalization")
	return all
}

// rank says that output i has the given number of dimensions.
func (f inference) rank(i int, typ tensor.DType, rank int) { f.set(i, typ, f.fresh(rank)) }

func same(f inference) {
	x := f.n.In[0]
	f.like(0, x.Type, x)
	if f.n.Type == "Identity" && f.n.Output(0) != nil {
		f.n.Out[0].Elems = x.Elems
	}
	switch f.n.Type {
	case "Dropout":
		f.like(1, onnxpb.Bool, x)
	case "AddLayerNormalization":
		f.like(1, x.Type, x)
	}
}

func cast(f inference) {
	x, to := f.n.In[0], tensor.DType(f.n.Int("to", 0))
	f.like(0, to, x)
	if v := f.n.Output(0); v != nil && (to == onnxpb.Int64 || to == onnxpb.Int32) &&
		(x.Type == onnxpb.Int64 || x.Type == onnxpb.Int32) && !slices.ContainsFunc(x.Elems, Dim.large) {
		v.Elems = x.Elems
	}
}

// compress knows the rank only: 1 where no axis is named.
func compress(f inference) {
	if f.n.Attr("axis") == nil {
		f.rank(0, f.n.In[0].Type, 1)
		return
	}
	sameRank(f)
}

func binary(f inference) {
	a, b := f.n.In[0], f.n.In[1]
	if !a.Ranked || !b.Ranked {
		f.typed(0, a.Type)
		return
	}
	f.set(0, a.Type, f.broadcast(a.Shape, b.Shape))
}

func variadic(f inference) {
	shape, ranked := []Dim{}, true
	for _, v := range f.n.In {
		if v == nil || !v.Ranked {
			ranked = false
			break
		}
		shape = f.broadcast(shape, v.Shape)
	}
	f.typed(0, f.n.In[0].Type)
	if ranked {
		f.set(0, f.n.In[0].Type, shape)
	}
}

func compare(f inference) {
	binary(f)
	f.typed(0, onnxpb.Bool)
}

func where(f inference) {
	c, a, b := f.n.In[0], f.n.In[1], f.n.In[2]
	if !c.Ranked || !a.Ranked || !b.Ranked {
		f.typed(0, a.Type)
		return
	}
	f.set(0, a.Type, f.broadcast(f.broadcast(c.Shape, a.Shape), b.Shape))
}

// arithmetic is binary that follows the elements of shapes.
func arithmetic(f inference) {
	binary(f)
	a, b, out := f.n.In[0], f.n.In[1], f.n.Output(0)
	if out == nil || a.Elems == nil || b.Elems == nil || !out.Ranked || len(out.Shape) > 1 {
		return
	}
	size := max(len(a.Elems), len(b.Elems))
	if len(a.Elems) != size && len(a.Elems) != 1 || len(b.Elems) != size && len(b.Elems) != 1 {
		return
	}
	out.Elems = make([]Dim, size)
	for i := range out.Elems {
		out.Elems[i] = f.compute(a.Elems[min(i, len(a.Elems)-1)], b.Elems[min(i, len(b.Elems)-1)])
	}
}

func (f inference) compute(a, b Dim) Dim {
	x, xok := a.Known()
	y, yok := b.Known()
	switch f.n.Type {
	case "Add":
		if a.Is(0) {
			return b
		}
		if b.Is(0) {
			return a
		}
	case "Sub":
		if b.Is(0) {
			return a
		}
	case "Mul":
		if a.Is(1) {
			return b
		}
		if b.Is(1) {
			return a
		}
	case "Div":
		if b.Is(1) {
			return a
		}
	}
	if !xok || !yok || a.large() || b.large() {
		return f.unknown(a, b)
	}
	var r Dim
	switch {
	case f.n.Type == "Add":
		r = number(x + y)
	case f.n.Type == "Sub":
		r = number(x - y)
	case f.n.Type == "Mul":
		r = number(x * y)
	case y == 0:
		return f.g.number()
	default:
		r = number(x / y)
	}
	if r.large() && f.n.In[0].Type != onnxpb.Int64 {
		return f.g.number()
	}
	return r
}

// unknown is the symbol of what arithmetic makes of a and b: a length, if it follows
// from their being lengths.
func (f inference) unknown(a, b Dim) Dim {
	if (f.n.Type == "Add" || f.n.Type == "Mul") && a.length() && b.length() {
		return f.g.symbol()
	}
	return f.g.number()
}
