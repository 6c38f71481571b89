package nn_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// unlike is a graph that a pass must leave alone, though it looks nearly like one of
// its patterns. It may declare outputs of its own.
type unlike struct {
	fused string // an operator that must not come of it
	opset int64
	x     []int
	build func(b builder, x string) string
}

func (b builder) meanOf(x string, axis int64) string {
	return b.OpWith("ReduceMean", attrs(onnxpb.IntsAttr("axes", axis)), x)
}

// normed is a layer norm of means with the given axes of its two means.
func (b builder) normed(x string, first, second int64) string {
	d := b.Op("Sub", x, b.meanOf(x, first))
	return b.Op("Div", d, b.Op("Sqrt", b.Op("Add", b.meanOf(b.Op("Mul", d, d), second), b.scalar(1e-5))))
}

// rowOf is a number as a tensor of the given dimensions.
func (b builder) rowOf(v float32, dims ...int64) string {
	return b.Weight(onnxpb.NewTensor("", []float32{v}, dims...))
}

// attending is attention with its parts as they are given.
func (b builder) attending(x string, axis int64, mask, perm string) string {
	q, k, v := b.heads(x, 0, 2, 1, 3), b.heads(x, 0, 2, 3, 1), b.heads(x, 0, 2, 1, 3)
	s := b.Op("Div", b.Op("MatMul", q, k), b.scalar(2))
	if mask != "" {
		s = b.Op("Add", s, mask)
	}
	if perm == "scores leave" {
		b.Output(s, onnxpb.Float)
	}
	a := b.Op("MatMul", b.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", axis)), s), v)
	if perm == "heads inside" {
		return b.Op("Reshape", b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 3, 1)), a), b.ints(0, 0, 8))
	}
	return b.Op("Reshape", b.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a), b.ints(0, 0, 8))
}

var unlikes = map[string]unlike{
	"means over another axis": {"LayerNormalization", 12, []int{2, 3, 8},
		func(b builder, x string) string { return b.normed(x, 1, 1) }},
	"means over different axes": {"LayerNormalization", 12, []int{2, 3, 8},
		func(b builder, x string) string { return b.normed(x, -1, 1) }},
	"a norm whose variance leaves the graph": {"LayerNormalization", 12, []int{2, 3, 8}, func(b builder, x string) string {
		d := b.Op("Sub", x, b.mean(x))
		v := b.Op("Add", b.mean(b.Op("Mul", d, d)), b.scalar(1e-5))
		b.Output(v, onnxpb.Float)
		return b.Op("Div", d, b.Op("Sqrt", v))
	}},
	"a norm whose root is used twice": {"LayerNormalization", 12, []int{2, 3, 8}, func(b builder, x string) string {
		d := b.Op("Sub", x, b.mean(x))
		v := b.Op("Sqrt", b.Op("Add", b.mean(b.Op("Mul", d, d)), b.scalar(1e-5)))
		return b.Op("Mul", b.Op("Div", d, v), v)
	}},
	"a norm with an epsilon of more dimensions": {"LayerNormalization", 12, []int{3, 8}, func(b builder, x string) string {
		d := b.Op("Sub", x, b.mean(x))
		return b.Op("Div", d, b.Op("Sqrt", b.Op("Add", b.mean(b.Op("Mul", d, d)), b.rowOf(1e-5, 1, 1, 1))))
	}},
	"a sum that is added to a norm over another axis": {"ai.quintet.AddLayerNormalization", 17, []int{2, 3, 8},
		func(b builder, x string) string {
			sum := b.Op("Add", x, b.Op("Tanh", x))
			return b.OpWith("LayerNormalization", attrs(onnxpb.IntAttr("axis", 1)), sum, b.weight(3, 8), b.weight(3, 8))
		}},
	"a norm of a sum that stretches": {"ai.quintet.AddLayerNormalization", 17, []int{2, 3, 8}, func(b builder, x string) string {
		return b.Op("LayerNormalization", b.Op("Add", x, b.weight(3, 8)), b.weight(8))
	}},
	"GELU with another number": {"ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		e := b.Op("Add", b.Op("Erf", b.Op("Div", x, b.scalar(1.4))), b.scalar(1))
		return b.Op("Mul", b.Op("Mul", x, e), b.scalar(0.5))
	}},
	"GELU of two values": {"ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		e := b.Op("Add", b.Op("Erf", b.Op("Mul", b.Op("Abs", x), b.scalar(0.70710677))), b.scalar(1))
		return b.Op("Mul", b.Op("Mul", x, e), b.scalar(0.5))
	}},
	"GELU with a number of more dimensions": {"ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		e := b.Op("Add", b.Op("Erf", b.Op("Div", x, b.scalar(1.4142135))), b.scalar(1))
		return b.Op("Mul", b.Op("Mul", x, e), b.rowOf(0.5, 1, 1, 1))
	}},
	"a gate that leaves the graph": {"ai.quintet.Activation", 13, []int{4, 9}, func(b builder, x string) string {
		s := b.Op("Sigmoid", x)
		b.Output(s, onnxpb.Float)
		return b.Op("Mul", x, s)
	}},
	"attention whose Softmax is over another axis": {"ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attending(x, 2, "", "") }},
	"attention whose mask makes more scores": {"ai.quintet.Attention", 13, []int{1, 5, 8},
		func(b builder, x string) string { return b.attending(x, -1, b.weight(2, 1, 1, 5), "") }},
	"attention whose scores leave the graph": {"ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attending(x, -1, "", "scores leave") }},
	"attention whose heads are not joined": {"ai.quintet.Attention", 13, []int{2, 5, 8},
		func(b builder, x string) string { return b.attending(x, -1, "", "heads inside") }},
	"a product in more dimensions": {"ai.quintet.Linear", 13, []int{2, 3, 8},
		func(b builder, x string) string { return b.Op("MatMul", x, b.weight(2, 8, 3)) }},
	"a Gemm of a transposed input": {"ai.quintet.Linear", 13, []int{8, 3}, func(b builder, x string) string {
		return b.OpWith("Gemm", attrs(onnxpb.IntAttr("transA", 1)), x, b.weight(8, 5))
	}},
	"a Gemm with a bias for each row": {"ai.quintet.Linear", 13, []int{3, 8}, func(b builder, x string) string {
		return b.Op("Gemm", x, b.weight(8, 5), b.weight(3, 1))
	}},
	"a sum that leaves the graph before its activation": {"ai.quintet.AddActivation", 13, []int{4, 9}, func(b builder, x string) string {
		s := b.Op("Add", x, b.Op("Exp", x))
		b.Output(s, onnxpb.Float)
		return b.Op("Relu", s)
	}},
}

// kept are graphs in which a fused operator is right and what is behind it must stay.
var kept = map[string]unlike{
	"a bias for each row": {"Add", 13, []int{4, 8}, func(b builder, x string) string {
		return b.Op("Add", b.Op("MatMul", x, b.weight(8, 4)), b.weight(4, 1))
	}},
	"a bias of more dimensions": {"Add", 13, []int{4, 8}, func(b builder, x string) string {
		return b.Op("Add", b.Op("MatMul", x, b.weight(8, 4)), b.weight(1, 1, 4))
	}},
	"a sum that stretches a product": {"Add", 13, []int{1, 8}, func(b builder, x string) string {
		return b.Op("Add", b.Op("MatMul", x, b.weight(8, 4)), b.Op("Abs", b.weight(3, 4)))
	}},
	"a gain of another length": {"Mul", 12, []int{2, 8, 1}, func(b builder, x string) string {
		return b.Op("Mul", b.normed(x, -1, -1), b.weight(8))
	}},
	"a convolution that leaves the graph before its normalisation": {"ai.quintet.BatchNormalization", 15, []int{2, 3, 6, 6}, func(b builder, x string) string {
		c := b.conv(x, b.weight(4, 3, 3, 3))
		n := onnxpb.NewNode("BatchNormalization", []string{c, b.weight(4), b.weight(4), b.weight(4), b.positive(4)}, []string{"normal"})
		b.Add(n)
		b.Output(c, onnxpb.Float)
		return "normal"
	}},
	"a factor for each column behind a convolution": {"Mul", 13, []int{2, 3, 6, 6}, func(b builder, x string) string {
		return b.Op("Mul", b.conv(x, b.weight(4, 3, 3, 3)), b.weight(1, 1, 1, 4))
	}},
	"a factor that makes more channels": {"Mul", 13, []int{2, 3, 6, 6}, func(b builder, x string) string {
		return b.Op("Mul", b.conv(x, b.weight(1, 3, 3, 3)), b.weight(1, 5, 1, 1))
	}},
	"a quotient the other way round": {"Div", 13, []int{2, 3, 6, 6}, func(b builder, x string) string {
		return b.Op("Div", b.weight(4, 1, 1), b.Op("Add", b.Op("Abs", b.conv(x, b.weight(4, 3, 3, 3))), b.scalar(1)))
	}},
	"a factor behind transposed convolutions in groups": {"Mul", 13, []int{2, 4, 5, 5}, func(b builder, x string) string {
		c := b.OpWith("ConvTranspose", attrs(onnxpb.IntAttr("group", 2)), x, b.weight(4, 3, 2, 2))
		return b.Op("Mul", c, b.weight(1, 6, 1, 1))
	}},
	"a convolution that others read": {"Mul", 13, []int{2, 3, 6, 6}, func(b builder, x string) string {
		c := b.conv(x, b.weight(4, 3, 3, 3))
		return b.Op("Sub", b.Op("Mul", c, b.weight(1, 4, 1, 1)), b.Op("Exp", c))
	}},
}

func (u unlike) run(t *testing.T) []string {
	t.Helper()
	b := builder{onnxpb.NewBuilder("unlike"), rand.New(rand.NewPCG(3, 4))}
	dims := make([]onnxpb.Dim, len(u.x))
	for i, d := range u.x {
		dims[i] = onnxpb.FixedDim(int64(d))
	}
	b.Output(u.build(b, b.Input("x", onnxpb.Float, dims...)), onnxpb.Float)
	in := feedFor(5, [][]int{u.x})
	want, _ := runOnce(t, b.Model(u.opset), nn.Options{Plain: true}, in...)
	got, ops := runOnce(t, b.Model(u.opset), nn.Options{}, in...)
	require.NoError(t, sameOutputs(got, want))
	return ops
}

func TestPassesLeaveAloneWhatTheyDoNotMean(t *testing.T) {
	for name, u := range unlikes {
		t.Run(name, func(t *testing.T) { require.NotContains(t, u.run(t), u.fused) })
	}
}

func TestPassesKeepWhatDoesNotFit(t *testing.T) {
	for name, u := range kept {
		t.Run(name, func(t *testing.T) { require.Contains(t, u.run(t), u.fused) })
	}
}

// TestConstantsThatWouldBeHuge are not computed at load.
func TestConstantsThatWouldBeHuge(t *testing.T) {
	for _, n := range []int64{1 << 18, 1 << 30, 1 << 40} {
		b := builder{onnxpb.NewBuilder("huge"), rand.New(rand.NewPCG(3, 4))}
		b.Output(b.Op("ReduceMax", b.Op("ConstantOfShape", b.ints(n))), onnxpb.Float)
		b.Input("x", onnxpb.Float)
		p, err := nn.Load(b.Model(17), nn.Options{MaxBytes: 1 << 22})
		require.NoError(t, err)
		if n > 1<<18 {
			require.Len(t, p.Steps(), 2)
			in, _ := zeros(p)
			_, err = p.Run(context.Background(), in)
			require.Error(t, err)
			require.True(t, typed(err))
		}
	}
}

// TestOutputsKeepTheirPlaces has outputs that are inputs, constants, each other and
// the same.
func TestOutputsKeepTheirPlaces(t *testing.T) {
	b := builder{onnxpb.NewBuilder("outputs"), rand.New(rand.NewPCG(3, 4))}
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(4))
	w := b.weight(4)
	neg := b.Op("Neg", x)
	for _, name := range []string{x, w, b.Op("Identity", x), b.Op("Identity", b.Op("Identity", w)), neg, b.Op("Identity", neg), neg,
		b.Op("Identity", b.Op("Identity", neg)), b.Op("Add", w, w), x} {
		b.Output(name, onnxpb.Float)
	}
	in := feedFor(5, [][]int{{4}})
	want, _ := runOnce(t, b.Model(17), nn.Options{Plain: true}, in...)
	got, _ := runOnce(t, b.Model(17), nn.Options{}, in...)
	require.Len(t, got, 10)
	require.NoError(t, sameOutputs(got, want))
	for i, a := range got {
		for _, o := range append(got[:i:i], in...) {
			require.NotSame(t, &a.Data[0], &o.Data[0], "outputs share memory with nobody")
		}
	}
	p, err := nn.Load(b.Model(17), nn.Options{})
	require.NoError(t, err)
	for i, info := range p.Outputs() {
		require.Equal(t, b.Graph().Outputs[i].Name, info.Name)
	}
}
