package nn_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pattern is a graph that a pass rewrites.
type pattern struct {
	pass  string
	fused string // an operator that the pass leaves
	opset int64
	x     []int // shape of the input
	build func(b builder, x string) string
}

// builder adds what patterns need to an onnxpb.Builder.
type builder struct {
	*onnxpb.Builder
	rng *rand.Rand
}

func (b builder) weight(dims ...int) string {
	n, shape := 1, make([]int64, len(dims))
	for i, d := range dims {
		n *= d
		shape[i] = int64(d)
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(b.rng.NormFloat64()) * 0.5
	}
	return b.Weight(onnxpb.NewTensor("", v, shape...))
}

func (b builder) positive(n int) string {
	v := make([]float32, n)
	for i := range v {
		v[i] = 0.5 + b.rng.Float32()
	}
	return b.Weight(onnxpb.NewTensor("", v, int64(n)))
}

func (b builder) scalar(v float32) string { return b.Weight(onnxpb.NewTensor("", []float32{v})) }

func (b builder) ints(v ...int64) string { return b.Weight(onnxpb.NewTensor("", v, int64(len(v)))) }

func attrs(a ...onnxpb.Attribute) []onnxpb.Attribute { return a }

func (b builder) mean(x string) string {
	return b.OpWith("ReduceMean", attrs(onnxpb.IntsAttr("axes", -1)), x)
}

func (b builder) conv(x, w string, extra ...onnxpb.Attribute) string {
	return b.OpWith("Conv", extra, x, w)
}

// heads is a projection of x cut into two heads of four.
func (b builder) heads(x string, perm ...int64) string {
	p := b.Op("Add", b.Op("MatMul", x, b.weight(8, 8)), b.weight(8))
	return b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", perm...)), b.Op("Reshape", p, b.ints(0, 0, 2, 4)))
}

func (b builder) attention(x string, mask bool) string {
	q, k, v := b.heads(x, 0, 2, 1, 3), b.heads(x, 0, 2, 3, 1), b.heads(x, 0, 2, 1, 3)
	s := b.Op("Div", b.Op("MatMul", q, k), b.scalar(2))
	if mask {
		s = b.Op("Add", s, b.weight(1, 1, 1, 5))
	}
	a := b.Op("MatMul", b.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", -1)), s), v)
	t := b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a)
	return b.Op("Reshape", t, b.ints(0, 0, 8))
}

var patterns = map[string]pattern{
	"a product with constants": {"linear", "ai.quintet.Linear", 13, []int{2, 3, 8},
		func(b builder, x string) string { return b.Op("MatMul", x, b.weight(8, 21)) }},
	"a Gemm": {"linear", "ai.quintet.Linear", 13, []int{3, 8}, func(b builder, x string) string {
		return b.OpWith("Gemm", attrs(onnxpb.IntAttr("transB", 1)), x, b.weight(5, 8), b.weight(5))
	}},
	"a bias": {"bias", "ai.quintet.Linear", 13, []int{2, 3, 8}, func(b builder, x string) string {
		return b.Op("Add", b.weight(21), b.Op("MatMul", x, b.weight(8, 21)))
	}},
	"an activation behind a product": {"epilogue", "ai.quintet.Linear", 13, []int{2, 3, 8}, func(b builder, x string) string {
		return b.Op("Tanh", b.Op("MatMul", x, b.weight(8, 21)))
	}},
	"a residual": {"epilogue", "ai.quintet.Linear", 13, []int{2, 3, 8}, func(b builder, x string) string {
		return b.Op("Add", x, b.Op("MatMul", x, b.weight(8, 8)))
	}},
	"GELU by Erf": {"activation", "ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		e := b.Op("Add", b.Op("Erf", b.Op("Div", x, b.scalar(math.Sqrt2))), b.scalar(1))
		return b.Op("Mul", b.Op("Mul", x, e), b.scalar(0.5))
	}},
	"GELU by Erf, half first": {"activation", "ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		e := b.Op("Add", b.scalar(1), b.Op("Erf", b.Op("Mul", x, b.scalar(math.Sqrt2/2))))
		return b.Op("Mul", e, b.Op("Mul", b.scalar(0.5), x))
	}},
	"GELU by Tanh": {"activation", "ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		cube := b.Op("Mul", b.scalar(0.044715), b.Op("Pow", x, b.scalar(3)))
		inner := b.Op("Mul", b.Op("Add", x, cube), b.scalar(float32(math.Sqrt(2/math.Pi))))
		return b.Op("Mul", b.Op("Mul", x, b.scalar(0.5)), b.Op("Add", b.Op("Tanh", inner), b.scalar(1)))
	}},
	"SiLU": {"activation", "ai.quintet.Activation", 13, []int{4, 9},
		func(b builder, x string) string { return b.Op("Mul", x, b.Op("Sigmoid", x)) }},
	"quick GELU": {"activation", "ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		return b.Op("Mul", x, b.Op("Sigmoid", b.Op("Mul", x, b.scalar(1.702))))
	}},
	"hard swish by Clip": {"activation", "ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		c := b.Op("Clip", b.Op("Add", x, b.scalar(3)), b.scalar(0), b.scalar(6))
		return b.Op("Div", b.Op("Mul", x, c), b.scalar(6))
	}},
	"a layer norm of means": {"layernorm", "LayerNormalization", 12, []int{2, 3, 8}, func(b builder, x string) string {
		d := b.Op("Sub", x, b.mean(x))
		v := b.Op("Add", b.mean(b.Op("Pow", d, b.scalar(2))), b.scalar(1e-5))
		return b.Op("Add", b.Op("Mul", b.Op("Div", d, b.Op("Sqrt", v)), b.weight(8)), b.weight(8))
	}},
	"a layer norm of means without weights": {"layernorm", "LayerNormalization", 12, []int{2, 3, 8},
		func(b builder, x string) string {
			d := b.Op("Sub", x, b.mean(x))
			return b.Op("Div", d, b.Op("Sqrt", b.Op("Add", b.mean(b.Op("Mul", d, d)), b.scalar(1e-5))))
		}},
	"a residual before a layer norm": {"addnorm", "ai.quintet.AddLayerNormalization", 17, []int{2, 3, 8},
		func(b builder, x string) string {
			sum := b.Op("Add", x, b.Op("Tanh", x))
			norm := b.OpWith("LayerNormalization", attrs(onnxpb.IntAttr("axis", -1)), sum, b.weight(8), b.weight(8))
			return b.Op("Add", sum, norm)
		}},
	"attention": {"attention", "ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attention(x, false) }},
	"attention with a mask": {"attention", "ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attention(x, true) }},
	"projections of attention": {"qkv", "ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attention(x, true) }},
	"attention over separate heads": {"headattention", "ai.quintet.HeadAttention", 13, []int{2, 5, 8},
		func(b builder, x string) string {
			q, k, v := b.Op("Neg", b.heads(x, 0, 2, 1, 3)), b.Op("Neg", b.heads(x, 0, 2, 1, 3)), b.heads(x, 0, 2, 1, 3)
			k = b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 1, 3, 2)), k)
			s := b.Op("Add", b.Op("Mul", b.Op("MatMul", q, k), b.scalar(0.5)), b.weight(5, 5))
			a := b.Op("MatMul", b.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", -1)), s), v)
			t := b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a)
			return b.Op("Reshape", t, b.ints(0, 0, 8))
		}},
	"attention over separate heads that stay apart": {"headattention", "ai.quintet.HeadAttention", 13, []int{2, 5, 8},
		func(b builder, x string) string {
			q, k, v := b.heads(x, 0, 2, 1, 3), b.Op("Neg", b.heads(x, 0, 2, 3, 1)), b.heads(x, 0, 2, 1, 3)
			s := b.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", 3)), b.Op("MatMul", q, k))
			return b.Op("Tanh", b.Op("MatMul", s, v))
		}},
	"a normalised convolution": {"conv", "ai.quintet.Conv", 13, []int{2, 3, 9, 7}, func(b builder, x string) string {
		c := b.conv(x, b.weight(4, 3, 3, 3), onnxpb.IntsAttr("pads", 1, 0, 1, 2))
		return b.Op("Relu", b.Op("BatchNormalization", c, b.weight(4), b.weight(4), b.weight(4), b.positive(4)))
	}},
	"a scaled and shifted convolution": {"conv", "ai.quintet.Conv", 13, []int{2, 3, 9, 7}, func(b builder, x string) string {
		return b.Op("Add", b.weight(1, 4, 1, 1), b.Op("Mul", b.conv(x, b.weight(4, 3, 3, 3)), b.weight(4, 1, 1)))
	}},
	"a block of convolutions": {"nhwc", "ai.quintet.Conv", 13, []int{2, 4, 8, 8}, func(b builder, x string) string {
		pad := onnxpb.IntsAttr("pads", 1, 1, 1, 1)
		y := b.Op("Relu", b.conv(x, b.weight(4, 4, 3, 3), pad))
		y = b.Op("Relu", b.Op("Add", x, b.conv(y, b.weight(4, 4, 3, 3), pad)))
		s := b.Op("HardSigmoid", b.conv(b.Op("GlobalAveragePool", y), b.weight(4, 4, 1, 1)))
		y = b.OpWith("Concat", attrs(onnxpb.IntAttr("axis", 1)), b.Op("Mul", y, s), x)
		y = b.OpWith("MaxPool", attrs(onnxpb.IntsAttr("kernel_shape", 2, 2), onnxpb.IntsAttr("strides", 2, 2)), y)
		y = b.OpWith("Resize", attrs(onnxpb.TextAttr("mode", "nearest")), y, "", b.Weight(onnxpb.NewTensor("", []float32{1, 1, 2, 2}, 4)))
		y = b.Op("Pad", y, b.ints(0, 0, 1, 0, 0, 1, 0, 2))
		return b.OpWith("ReduceMean", attrs(onnxpb.IntsAttr("axes", 2, 3), onnxpb.IntAttr("keepdims", 0)), y)
	}},
	"convolutions in one dimension": {"nhwc", "ai.quintet.Conv", 13, []int{2, 4, 11}, func(b builder, x string) string {
		y := b.Op("Relu", b.conv(x, b.weight(6, 4, 3), onnxpb.IntsAttr("pads", 1, 1)))
		return b.Op("Sigmoid", b.conv(y, b.weight(2, 6, 3), onnxpb.IntsAttr("strides", 2)))
	}},
	"a sum and its activation": {"addactivation", "ai.quintet.AddActivation", 13, []int{4, 9},
		func(b builder, x string) string { return b.Op("Relu", b.Op("Add", x, b.Op("Exp", x))) }},
	"an identity": {"identity", "Neg", 13, []int{4, 9},
		func(b builder, x string) string { return b.Op("Neg", b.Op("Identity", b.Op("Abs", x))) }},
}

// model builds the graph, with free dimensions where free says so.
func (p pattern) model(free bool) *onnxpb.Model {
	b := builder{onnxpb.NewBuilder("pattern"), rand.New(rand.NewPCG(3, 4))}
	var dims []onnxpb.Dim
	for i, d := range p.x {
		if free && i != len(p.x)-1 && (len(p.x) < 3 || i != 1) {
			dims = append(dims, onnxpb.FreeDim(string(rune('a'+i))))
			continue
		}
		dims = append(dims, onnxpb.FixedDim(int64(d)))
	}
	y := p.build(b, b.Input("x", onnxpb.Float, dims...))
	b.Output(y, onnxpb.Float)
	return b.Model(p.opset)
}

func (p pattern) input() *tensor.Tensor {
	rng := rand.New(rand.NewPCG(5, 6))
	n := 1
	for _, d := range p.x {
		n *= d
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64()) * 2
	}
	return tensor.From(v, p.x...)
}

func runOnce(t *testing.T, m *onnxpb.Model, o nn.Options, in ...*tensor.Tensor) ([]*tensor.Tensor, []string) {
	t.Helper()
	p, err := nn.Load(m, o)
	require.NoError(t, err)
	defer p.Close()
	out, err := p.Run(context.Background(), in)
	require.NoError(t, err)
	var ops []string
	for _, s := range p.Steps() {
		ops = append(ops, s.Op)
	}
	return out, ops
}

// TestPassesKeepTheNumbers runs every pattern as it is, with all passes and without
// the one that it is about, whose trace must be there only with it.
func TestPassesKeepTheNumbers(t *testing.T) {
	for name, p := range patterns {
		t.Run(name, func(t *testing.T) {
			for _, free := range []bool{false, true} {
				want, _ := runOnce(t, p.model(free), nn.Options{Plain: true}, p.input())
				got, ops := runOnce(t, p.model(free), nn.Options{}, p.input())
				require.Contains(t, ops, p.fused)
				require.NoError(t, optest.Compare(got[0], want[0], 1e-4, 1e-5))
				off, without := runOnce(t, p.model(free), nn.Options{Without: []string{p.pass}}, p.input())
				require.NotEqual(t, ops, without, "the pass has left no trace")
				require.NoError(t, optest.Compare(off[0], want[0], 1e-4, 1e-5))
			}
		})
	}
}

func TestEveryPassHasAPattern(t *testing.T) {
	var seen []string
	for _, p := range patterns {
		seen = append(seen, p.pass)
	}
	for _, name := range graph.Passes() {
		if name != "quantised" { // it takes a quantised model, which the backends' test runs
			require.True(t, slices.Contains(seen, name), name)
		}
	}
}
