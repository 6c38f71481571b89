package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// exposed makes every value of a model an output of it.
func exposed(m *onnxpb.Model) []string {
	var names []string
	m.Graph.Outputs = nil
	for _, n := range m.Graph.Nodes {
		for _, name := range n.Outputs {
			if name != "" {
				names = append(names, name)
				m.Graph.Outputs = append(m.Graph.Outputs, onnxpb.ValueInfo{Name: name})
			}
		}
	}
	return names
}

// facts are what has been seen of symbols.
type facts map[int]int64

// check compares a dimension, or an element, with what there is.
func (f facts) check(d graph.Dim, got int64) error {
	if n, ok := d.Known(); ok {
		if n != got {
			return fmt.Errorf("is %d, inferred was %d", got, n)
		}
		return nil
	}
	if before, ok := f[d.Sym]; ok && before != got {
		return fmt.Errorf("is %d, %v was %d before", got, d, before)
	}
	f[d.Sym] = got
	return nil
}

// requireTrue compares all that is inferred of a value with the value.
func requireTrue(t *testing.T, f facts, v *graph.Value, got *tensor.Tensor, seed any) {
	t.Helper()
	if v.Type != onnxpb.Undefined {
		require.Equal(t, got.Type, v.Type, "%v: %s", seed, v.Name)
	}
	if v.Ranked {
		require.Len(t, got.Shape, len(v.Shape), "%v: %s", seed, v.Name)
		for i, d := range v.Shape {
			require.NoError(t, f.check(d, int64(got.Shape[i])), "%v: dimension %d of %s %v", seed, i, v.Name, got)
		}
	}
	if v.Elems == nil || got.Type != onnxpb.Int64 {
		return
	}
	require.Equal(t, got.Len(), len(v.Elems), "%v: %s", seed, v.Name)
	for i, d := range v.Elems {
		require.NoError(t, f.check(d, tensor.Of[int64](got)[i]), "%v: element %d of %s", seed, i, v.Name)
	}
}

// infers runs a model with all its values as outputs and checks what is inferred of
// each.
func infers(t *testing.T, m *onnxpb.Model, in []*tensor.Tensor, seed any) {
	t.Helper()
	names := exposed(m)
	p, err := nn.Load(m, nn.Options{Plain: true})
	require.NoError(t, err, seed)
	out, err := p.Run(context.Background(), in)
	require.NoError(t, err, seed)
	got := map[string]*tensor.Tensor{}
	for i, name := range names {
		got[name] = out[i]
	}
	g, err := graph.Read(m)
	require.NoError(t, err)
	g.Infer()
	f := facts{}
	for i, v := range g.Inputs {
		requireTrue(t, f, v, in[i], seed)
	}
	for _, n := range g.Nodes {
		for _, v := range n.Out {
			if v != nil {
				requireTrue(t, f, v, got[v.Name], seed)
			}
		}
	}
}

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	n, err := tensor.Count(shape)
	if err != nil {
		panic(err)
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return tensor.From(v, shape...)
}

// TestWhatIsInferredIsTrue runs random graphs with all that they compute as outputs.
func TestWhatIsInferredIsTrue(t *testing.T) {
	for seed := range uint64(400) {
		s := testmodel.RandomGraph(seed, 4+int(seed%30))
		rng := rand.New(rand.NewPCG(seed, 1))
		in := make([]*tensor.Tensor, len(s.Shapes))
		for i, shape := range s.Shapes {
			in[i] = random(rng, shape...)
		}
		infers(t, s.Model, in, seed)
	}
}

// tower is a graph of one operator or few.
type tower struct {
	shapes [][]int // of the inputs x0, x1, ..., whose dimensions are all free
	build  func(b *onnxpb.Builder)
}

func ints(b *onnxpb.Builder, v ...int64) string {
	return b.Weight(onnxpb.NewTensor("", v, int64(len(v))))
}

func number(b *onnxpb.Builder, v int64) string { return b.Weight(onnxpb.NewTensor("", []int64{v})) }

// rules are operators that random graphs do not have, and corners of those that they
// have.
var rules = map[string]tower{
	"Compress without an axis": {[][]int{{2, 3}}, func(b *onnxpb.Builder) {
		b.Op("Compress", "x0", b.Weight(onnxpb.NewTensor("", []bool{true, false, true, true}, 4)))
	}},
	"Compress": {[][]int{{2, 3}}, func(b *onnxpb.Builder) {
		b.OpWith("Compress", []onnxpb.Attribute{onnxpb.IntAttr("axis", 1)}, "x0", b.Weight(onnxpb.NewTensor("", []bool{true, false, true}, 3)))
	}},
	"a length of -1 that is computed": {[][]int{{6, 4}, {8, 5}}, func(b *onnxpb.Builder) {
		for _, x := range []string{"x0", "x1"} {
			rows := b.Op("Gather", b.Op("Shape", "x0"), ints(b, 0))
			open := b.Op("Sub", rows, b.Op("Add", rows, ints(b, 1))) // -1
			b.Op("Reshape", x, b.OpWith("Concat", []onnxpb.Attribute{onnxpb.IntAttr("axis", 0)}, open, ints(b, 2)))
		}
	}},
	"one computed length for two values": {[][]int{{6, 4}, {8, 5}}, func(b *onnxpb.Builder) {
		rows := b.Op("Gather", b.Op("Shape", "x0"), ints(b, 0))
		open := b.Op("Sub", rows, ints(b, 7)) // -1
		want := b.OpWith("Concat", []onnxpb.Attribute{onnxpb.IntAttr("axis", 0)}, open, ints(b, 2))
		b.Op("Reshape", "x0", want)
		b.Op("Reshape", "x1", want)
	}},
	"zeros that copy": {[][]int{{6, 4, 2}}, func(b *onnxpb.Builder) { b.Op("Reshape", "x0", ints(b, 0, 0, -1)) }},
	"a cut with steps as large as can be": {[][]int{{6, 4}}, func(b *onnxpb.Builder) {
		b.Op("Slice", "x0", ints(b, 1), ints(b, 1<<62), ints(b, 0), ints(b, 1<<63-1))
		s := b.Op("Shape", "x0")
		b.Op("Slice", s, ints(b, 1), ints(b, 1<<62), ints(b, 0), ints(b, 1<<63-1))
		b.Op("Slice", s, ints(b, -1), ints(b, -1<<62), ints(b, 0), ints(b, -1))
	}},
	"integers of 32 bits that overflow": {[][]int{{6}}, func(b *onnxpb.Builder) {
		large := b.Weight(onnxpb.NewTensor("", []int32{1 << 20}, 1))
		to := []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Int64))}
		b.OpWith("Cast", to, b.Op("Mul", large, large))
		down := []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Int32))}
		b.OpWith("Cast", to, b.OpWith("Cast", down, ints(b, 1<<40+3)))
	}},
	"arithmetic with shapes": {[][]int{{6, 4}}, func(b *onnxpb.Builder) {
		s := b.Op("Shape", "x0")
		for _, op := range []string{"Add", "Sub", "Mul", "Div"} {
			b.Op(op, s, number(b, 2))
			b.Op(op, number(b, -7), s)
			b.Op(op, s, s)
			b.Op(op, ints(b, -7), ints(b, 2))
		}
	}},
	"Shape of a part": {[][]int{{6, 4, 5}}, func(b *onnxpb.Builder) {
		b.OpWith("Shape", []onnxpb.Attribute{onnxpb.IntAttr("start", -2)}, "x0")
		b.OpWith("Shape", []onnxpb.Attribute{onnxpb.IntAttr("start", 1), onnxpb.IntAttr("end", -1)}, "x0")
		b.OpWith("Shape", []onnxpb.Attribute{onnxpb.IntAttr("start", 2), onnxpb.IntAttr("end", 1)}, "x0")
	}},
	"operands that stretch each other": {[][]int{{6, 1}, {1, 5}, {5}, {}}, func(b *onnxpb.Builder) {
		b.Op("Add", "x0", "x1")
		b.Op("Sum", "x0", "x2", "x3", "x1")
		b.Op("Where", b.Op("Greater", "x3", "x2"), "x0", "x1")
	}},
	"products of vectors": {[][]int{{6}, {6, 5}, {2, 5, 6}}, func(b *onnxpb.Builder) {
		b.Op("MatMul", "x0", "x0")
		b.Op("MatMul", "x0", "x1")
		b.Op("MatMul", "x2", "x0")
		b.Op("MatMul", "x2", "x1")
	}},
	"reductions to a number": {[][]int{{6, 5}}, func(b *onnxpb.Builder) {
		b.OpWith("ReduceMax", []onnxpb.Attribute{onnxpb.IntAttr("keepdims", 0)}, "x0")
		b.OpWith("ReduceSum", []onnxpb.Attribute{onnxpb.IntAttr("noop_with_empty_axes", 1)}, "x0")
		b.Op("ReduceSum", "x0", ints(b, -1, 0))
		b.Op("Size", "x0")
	}},
	"places and choices": {[][]int{{6, 5}}, func(b *onnxpb.Builder) {
		at := b.Op("NonZero", "x0")
		b.Op("GatherND", "x0", b.Op("Transpose", at))
		b.Op("OneHot", ints(b, 1, 2), number(b, 4), b.Weight(onnxpb.NewTensor("", []float32{0, 1}, 2)))
		b.Op("Range", number(b, 0), number(b, 7), number(b, 2))
		b.Op("GatherElements", "x0", b.Weight(onnxpb.NewTensor("", []int64{1, 2, 0}, 1, 3)))
		b.Op("Trilu", "x0")
	}},
	"quantised values": {[][]int{{6, 5}}, func(b *onnxpb.Builder) {
		b.Add(onnxpb.NewNode("DynamicQuantizeLinear", []string{"x0"}, []string{"q", "s", "z"}))
		b.Op("MatMulInteger", "q", b.Weight(onnxpb.NewTensor("", make([]int8, 10), 5, 2)), "z")
		b.Op("DequantizeLinear", "q", "s", "z")
		b.Op("QuantizeLinear", "x0", "s")
	}},
	"pools that round up": {[][]int{{1, 2, 7, 6}}, func(b *onnxpb.Builder) {
		kernel := onnxpb.IntsAttr("kernel_shape", 2, 3)
		b.OpWith("MaxPool", []onnxpb.Attribute{kernel, onnxpb.IntsAttr("strides", 2, 2), onnxpb.IntAttr("ceil_mode", 1)}, "x0")
		b.OpWith("AveragePool", []onnxpb.Attribute{kernel, onnxpb.TextAttr("auto_pad", "SAME_LOWER")}, "x0")
		b.Op("GlobalAveragePool", "x0")
	}},
	"lengths of zero": {[][]int{{0, 4}, {1, 4}}, func(b *onnxpb.Builder) {
		b.Op("Add", "x0", "x1")
		b.OpWith("Concat", []onnxpb.Attribute{onnxpb.IntAttr("axis", 0)}, "x0", "x1")
		b.Op("Reshape", "x0", ints(b, 0, 2, 2))
		b.Op("ReduceSum", "x0", ints(b, 0))
		b.Op("MatMul", "x0", b.Op("Transpose", "x1"))
	}},
}

func TestRules(t *testing.T) {
	for name, r := range rules {
		t.Run(name, func(t *testing.T) {
			for _, free := range []bool{true, false} {
				b := onnxpb.NewBuilder("rule")
				rng := rand.New(rand.NewPCG(1, 2))
				var in []*tensor.Tensor
				for i, shape := range r.shapes {
					x := fmt.Sprint("x", i)
					var dims []onnxpb.Dim
					for j, d := range shape {
						if dims = append(dims, onnxpb.FixedDim(int64(d))); free {
							dims[j] = onnxpb.FreeDim(fmt.Sprint(x, j))
						}
					}
					b.Input(x, onnxpb.Float, dims...)
					in = append(in, random(rng, shape...))
				}
				r.build(b)
				infers(t, b.Model(17), in, free)
			}
		})
	}
}
