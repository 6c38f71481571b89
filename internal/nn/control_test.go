package nn_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// infos describes values of a body whose types the graph around gives.
func infos(names ...string) (list []onnxpb.ValueInfo) {
	for _, name := range names {
		list = append(list, onnxpb.ValueInfo{Name: name})
	}
	return list
}

// node is an operator with inputs and outputs by name.
func node(typ string, in, out []string, a ...onnxpb.Attribute) *onnxpb.Node {
	return onnxpb.NewNode(typ, in, out, a...)
}

// looping is a Loop of a body over x, [n], with a trip count.
func looping(times int64, outputs []string, body *onnxpb.Graph) *onnxpb.Model {
	b := onnxpb.NewBuilder("loop")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	count := b.Weight(onnxpb.NewTensor("", []int64{times}))
	b.Add(node("Loop", []string{count, "", x}, outputs, onnxpb.GraphAttr("body", body)))
	for i, name := range outputs {
		dims := []onnxpb.Dim{{}, {}}
		b.Output(name, onnxpb.Float, dims[:1+i]...)
	}
	return b.Model(17)
}

// counting adds x to a sum a number of times and collects the sums.
func counting(times int64) *onnxpb.Model {
	return looping(times, []string{"sum", "list"}, &onnxpb.Graph{Name: "body", Inputs: infos("i", "go", "a"),
		Outputs: infos("on", "b", "each"), Nodes: []*onnxpb.Node{
			node("Identity", []string{"go"}, []string{"on"}),
			node("Add", []string{"a", "x"}, []string{"b"}),
			node("Identity", []string{"b"}, []string{"each"})}})
}

// summing is counting without the list.
func summing(times int64) *onnxpb.Model {
	return looping(times, []string{"sum"}, &onnxpb.Graph{Name: "body", Inputs: infos("i", "go", "a"),
		Outputs: infos("on", "b"), Nodes: []*onnxpb.Node{
			node("Identity", []string{"go"}, []string{"on"}),
			node("Sin", []string{"a"}, []string{"s"}),
			node("Add", []string{"s", "x"}, []string{"b"})}})
}

func floatsOf(t *testing.T, m *onnxpb.Model, in ...*tensor.Tensor) (all [][]float32, shapes [][]int) {
	t.Helper()
	var first []*tensor.Tensor
	for _, plain := range []bool{true, false} {
		p, err := nn.Load(m, nn.Options{Plain: plain})
		require.NoError(t, err)
		for range 3 {
			out, err := p.Run(context.Background(), in)
			require.NoError(t, err)
			if first == nil {
				first = out
			}
			require.NoError(t, sameOutputs(out, first))
		}
	}
	for _, o := range first {
		all, shapes = append(all, tensor.Of[float32](o)), append(shapes, o.Shape)
	}
	return all, shapes
}

func TestLoops(t *testing.T) {
	x := tensor.From([]float32{1, 2}, 2)
	got, shapes := floatsOf(t, counting(3), x)
	require.Equal(t, [][]float32{{4, 8}, {2, 4, 3, 6, 4, 8}}, got)
	require.Equal(t, [][]int{{2}, {3, 2}}, shapes)
	got, shapes = floatsOf(t, counting(0), x)
	require.Equal(t, []float32{1, 2}, got[0])
	require.Empty(t, got[1])
	require.Zero(t, shapes[1][0])
	got, _ = floatsOf(t, counting(-4), x)
	require.Equal(t, []float32{1, 2}, got[0])
}

// TestLoopsEndByTheirCondition has a body that goes on below a bound, from a first
// condition of either kind.
func TestLoopsEndByTheirCondition(t *testing.T) {
	body := &onnxpb.Graph{Name: "body", Inputs: infos("i", "go", "a"), Outputs: infos("on", "b"),
		Initializers: []*onnxpb.Tensor{onnxpb.NewTensor("two", []float32{2}), onnxpb.NewTensor("most", []float32{100})},
		Nodes:        []*onnxpb.Node{node("Mul", []string{"a", "two"}, []string{"b"}), node("Less", []string{"b", "most"}, []string{"on"})}}
	b := onnxpb.NewBuilder("loop")
	x, first := b.Input("x", onnxpb.Float), b.Input("first", onnxpb.Bool)
	b.Add(node("Loop", []string{"", first, x}, []string{"y"}, onnxpb.GraphAttr("body", body)))
	b.Output("y", onnxpb.Float)
	for start, want := range map[byte]float32{0: 3, 1: 192} {
		got, _ := floatsOf(t, b.Model(17), tensor.From([]float32{3}), &tensor.Tensor{Type: onnxpb.Bool, Data: []byte{start}})
		require.Equal(t, []float32{want}, got[0])
	}
}

// TestBodiesThatGiveWhatTheyGot has outputs that are inputs, constants, captured
// values and the same value twice.
func TestBodiesThatGiveWhatTheyGot(t *testing.T) {
	body := &onnxpb.Graph{Name: "body", Inputs: infos("i", "go", "a", "b", "c"), Outputs: infos("go", "b", "a", "k", "x", "s", "s", "a"),
		Initializers: []*onnxpb.Tensor{onnxpb.NewTensor("k", []float32{7, 8}, 2)},
		Nodes:        []*onnxpb.Node{node("Add", []string{"a", "c"}, []string{"s"})}}
	b := onnxpb.NewBuilder("loop")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	count, two := b.Weight(onnxpb.NewTensor("", []int64{2})), b.Op("Add", x, x)
	out := []string{"y0", "y1", "y2", "y3", "y4", "y5", "y6"}
	b.Add(node("Loop", []string{count, "", x, two, x}, out, onnxpb.GraphAttr("body", body)))
	for i, name := range out {
		dims := []onnxpb.Dim{{}, {}}
		b.Output(name, onnxpb.Float, dims[:1+min(i/3, 1)]...)
	}
	got, _ := floatsOf(t, b.Model(17), tensor.From([]float32{1, 2}, 2))
	// (a, b, c) is (x, 2x, x), (2x, x, k), (x, 2x, k).
	require.Equal(t, [][]float32{{1, 2}, {2, 4}, {7, 8}, {1, 2, 1, 2}, {2, 4, 9, 12}, {2, 4, 9, 12}, {1, 2, 2, 4}}, got)
}

// choosing is an If whose branches make their outputs in different orders, read
// captured values and a nested If; behind it is work that takes memory.
func choosing() *onnxpb.Model {
	inner := func(name string, op string) *onnxpb.Graph {
		return &onnxpb.Graph{Name: name, Outputs: infos(name + "z"), Nodes: []*onnxpb.Node{node(op, []string{"x"}, []string{name + "z"})}}
	}
	branch := func(name string, swap bool) *onnxpb.Graph {
		a := node("Exp", []string{"x"}, []string{name + "a"})
		b := node("If", []string{"d"}, []string{name + "b"}, onnxpb.GraphAttr("then_branch", inner(name+"p", "Sin")),
			onnxpb.GraphAttr("else_branch", inner(name+"q", "Cos")))
		g := &onnxpb.Graph{Name: name, Outputs: infos(name+"a", name+"b"), Nodes: []*onnxpb.Node{a, b}}
		if swap {
			g.Nodes = []*onnxpb.Node{b, a}
		}
		return g
	}
	b := onnxpb.NewBuilder("if")
	b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	c := b.Input("c", onnxpb.Bool)
	b.Input("d", onnxpb.Bool)
	b.Add(node("If", []string{c}, []string{"u", "v"}, onnxpb.GraphAttr("then_branch", branch("t", false)),
		onnxpb.GraphAttr("else_branch", branch("e", true))))
	s := b.Op("Sin", b.Op("Neg", "u")) // v lives longer than u
	s = b.Op("Mul", b.Op("Cos", b.Op("Abs", s)), "v")
	b.Output(s, onnxpb.Float, onnxpb.FreeDim("n"))
	return b.Model(17)
}

// branchValue is what choosing computes.
func branchValue(x float32, sine bool) float32 {
	v := math.Cos(float64(x))
	if sine {
		v = math.Sin(float64(x))
	}
	u := math.Sin(-math.Exp(float64(x)))
	return float32(math.Cos(math.Abs(u)) * v)
}

func TestBranchesThatUseMemoryInAnotherOrder(t *testing.T) {
	p, err := nn.Load(choosing(), nn.Options{})
	require.NoError(t, err)
	fresh, err := nn.Load(choosing(), nn.Options{Plain: true})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		in := append(feedFor(1, [][]int{{64}}), &tensor.Tensor{Type: onnxpb.Bool, Data: []byte{byte(rng.IntN(2))}},
			&tensor.Tensor{Type: onnxpb.Bool, Data: []byte{byte(rng.IntN(2))}})
		got, err := p.Run(context.Background(), in)
		require.NoError(t, err)
		want := feedFor(1, [][]int{{64}})[0]
		x, y := tensor.Of[float32](in[0]), tensor.Of[float32](want)
		for i := range x {
			y[i] = branchValue(x[i], in[2].Data[0] == 1)
		}
		require.NoError(t, sameOutputs(got, []*tensor.Tensor{want}))
		other, err := fresh.Run(context.Background(), in)
		require.NoError(t, err)
		require.NoError(t, sameOutputs(other, []*tensor.Tensor{want}))
	}
}

// TestScansInBothDirections adds up rows, from the first or the last, and gives the
// sums in either order.
func TestScansInBothDirections(t *testing.T) {
	body := &onnxpb.Graph{Name: "body", Inputs: infos("sum", "row"), Outputs: infos("next", "each"), Nodes: []*onnxpb.Node{
		node("Add", []string{"sum", "row"}, []string{"next"}), node("Identity", []string{"next"}, []string{"each"})}}
	tests := map[string]struct {
		in, out int64
		list    []float32
	}{
		"forwards":              {0, 0, []float32{1, 10, 3, 30, 6, 60}},
		"backwards":             {1, 0, []float32{3, 30, 5, 50, 6, 60}},
		"into the other order":  {0, 1, []float32{6, 60, 3, 30, 1, 10}},
		"backwards and forward": {1, 1, []float32{6, 60, 5, 50, 3, 30}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := onnxpb.NewBuilder("scan")
			x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(2))
			zero := b.Weight(onnxpb.NewTensor("", []float32{0, 0}, 2))
			b.Add(node("Scan", []string{zero, x}, []string{"y", "list"}, onnxpb.GraphAttr("body", body), onnxpb.IntAttr("num_scan_inputs", 1),
				onnxpb.IntsAttr("scan_input_directions", tt.in), onnxpb.IntsAttr("scan_output_directions", tt.out)))
			b.Output("y", onnxpb.Float, onnxpb.FixedDim(2))
			b.Output("list", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(2))
			got, shapes := floatsOf(t, b.Model(17), tensor.From([]float32{1, 10, 2, 20, 3, 30}, 3, 2))
			require.Equal(t, [][]float32{{6, 60}, tt.list}, got)
			require.Equal(t, []int{3, 2}, shapes[1])
		})
	}
}

// TestListsOfDifferentShapes has a Loop that collects longer and longer vectors.
func TestListsOfDifferentShapes(t *testing.T) {
	m := looping(3, []string{"all", "list"}, &onnxpb.Graph{Name: "body", Inputs: infos("i", "go", "a"), Outputs: infos("go", "b", "b"),
		Nodes: []*onnxpb.Node{node("Concat", []string{"a", "x"}, []string{"b"}, onnxpb.IntAttr("axis", 0))}})
	p, err := nn.Load(m, nn.Options{})
	require.NoError(t, err)
	_, err = p.Run(context.Background(), feedFor(1, [][]int{{2}}))
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestContextEndsALoopWithoutEnd(t *testing.T) {
	p, err := nn.Load(summing(1<<62), nn.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	started := make(chan struct{})
	go func() {
		<-started
		cancel()
	}()
	close(started)
	_, err = p.Run(ctx, feedFor(1, [][]int{{2}}))
	require.ErrorIs(t, err, context.Canceled)
	_, err = p.Run(ctx, feedFor(1, [][]int{{2}}))
	require.ErrorIs(t, err, context.Canceled)
}
