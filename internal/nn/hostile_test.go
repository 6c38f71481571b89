package nn_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// typed reports whether err is one that a caller can act on.
func typed(err error) bool {
	for _, cause := range []error{quintet.ErrModel, quintet.ErrUnsupported, quintet.ErrInput, context.Canceled,
		context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// zeros are inputs that a program takes, with 1 for each dimension that is free; ok
// is false if they would be too large.
func zeros(p *nn.Program) (in []*tensor.Tensor, ok bool) {
	total := 0
	for _, info := range p.Inputs() {
		shape := make([]int, len(info.Shape))
		for i, d := range info.Shape {
			if shape[i] = d; d < 0 {
				shape[i] = 1
			}
		}
		n, err := tensor.Count(shape)
		if total += n; err != nil || total > 1<<20 {
			return nil, false
		}
		t, err := tensor.New(info.Type, shape...)
		if err != nil {
			return nil, false
		}
		in = append(in, t)
	}
	return in, true
}

// tryBytes reads, loads in both forms and runs a model. It returns an error only for
// what should not happen.
func tryBytes(data []byte) error {
	m, err := onnxpb.Read(data)
	if err != nil {
		if !typed(err) {
			return fmt.Errorf("read: %w", err)
		}
		return nil
	}
	return tryModel(m)
}

func tryModel(m *onnxpb.Model) error {
	for _, plain := range []bool{true, false} {
		p, err := nn.Load(m, nn.Options{Plain: plain, MaxBytes: 64 << 20})
		if err != nil {
			if !typed(err) {
				return fmt.Errorf("plain %v, load: %w", plain, err)
			}
			continue
		}
		in, ok := zeros(p)
		if !ok {
			continue
		}
		for range 2 {
			if err := tryRun(p, in); err != nil && !typed(err) {
				return fmt.Errorf("plain %v, run: %w", plain, err)
			}
		}
	}
	return nil
}

// tryRun runs a program that may loop without end.
func tryRun(p *nn.Program, in []*tensor.Tensor) error {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := p.Run(ctx, in)
	return err
}

// broken are models that break a rule, or go as far as one can.
var broken = map[string]struct {
	cause error
	build func(b builder)
}{
	"a cycle": {quintet.ErrModel, func(b builder) {
		b.Add(onnxpb.NewNode("Relu", []string{"b"}, []string{"a"}))
		b.Add(onnxpb.NewNode("Relu", []string{"a"}, []string{"b"}))
		b.Output("b", onnxpb.Float)
	}},
	"a node that reads its own output": {quintet.ErrModel, func(b builder) {
		b.Add(onnxpb.NewNode("Add", []string{"x", "y"}, []string{"y"}))
		b.Output("y", onnxpb.Float)
	}},
	"a value that is made twice": {quintet.ErrModel, func(b builder) {
		b.Add(onnxpb.NewNode("Relu", []string{"x"}, []string{"y"}))
		b.Add(onnxpb.NewNode("Abs", []string{"x"}, []string{"y"}))
		b.Output("y", onnxpb.Float)
	}},
	"a node that makes an input": {quintet.ErrModel, func(b builder) {
		b.Add(onnxpb.NewNode("Relu", []string{"x"}, []string{"x"}))
		b.Output("x", onnxpb.Float)
	}},
	"a value that nobody makes":   {quintet.ErrModel, func(b builder) { b.Output(b.Op("Relu", "nothing"), onnxpb.Float) }},
	"an output that nobody makes": {quintet.ErrModel, func(b builder) { b.Output("nothing", onnxpb.Float) }},
	"a constant with too few bytes": {quintet.ErrModel, func(b builder) {
		b.Output(b.Op("Add", "x", b.Weight(&onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{8}, Raw: make([]byte, 31)})), onnxpb.Float)
	}},
	"a constant with a negative dimension": {quintet.ErrModel, func(b builder) {
		b.Output(b.Op("Add", "x", b.Weight(&onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{-1}, Raw: make([]byte, 4)})), onnxpb.Float)
	}},
	"a constant with 2^62 elements": {quintet.ErrModel, func(b builder) {
		b.Output(b.Op("Add", "x", b.Weight(&onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{1 << 31, 1 << 31}})), onnxpb.Float)
	}},
	"a constant whose size overflows": {quintet.ErrModel, func(b builder) {
		b.Output(b.Op("Add", "x", b.Weight(&onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{1 << 32, 1 << 32}})), onnxpb.Float)
	}},
	"a constant of strings": {quintet.ErrUnsupported, func(b builder) {
		b.Output(b.Op("Add", "x", b.Weight(&onnxpb.Tensor{DataType: onnxpb.String, Dims: []int64{1}})), onnxpb.Float)
	}},
	"a product of one factor":    {quintet.ErrModel, func(b builder) { b.Output(b.Op("MatMul", "x"), onnxpb.Float) }},
	"a product of nothing":       {quintet.ErrModel, func(b builder) { b.Output(b.Op("Mul"), onnxpb.Float) }},
	"a product of three":         {quintet.ErrModel, func(b builder) { b.Output(b.Op("Mul", "x", "x", "x"), onnxpb.Float) }},
	"operands that are left out": {quintet.ErrModel, func(b builder) { b.Output(b.Op("Add", "", ""), onnxpb.Float) }},
	"an operator of the engine's own": {quintet.ErrUnsupported, func(b builder) {
		b.Add(&onnxpb.Node{Domain: "ai.quintet", OpType: "Linear", Inputs: []string{"x", "x"}, Outputs: []string{"y"}})
		b.Output("y", onnxpb.Float)
	}},
	"an unknown operator": {quintet.ErrUnsupported, func(b builder) { b.Output(b.Op("Frobnicate", "x"), onnxpb.Float) }},
	"an axis that is not there": {quintet.ErrInput, func(b builder) {
		b.Output(b.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", 7)), "x"), onnxpb.Float)
	}},
	"an attribute of another type": {quintet.ErrModel, func(b builder) {
		b.Output(b.OpWith("Softmax", attrs(onnxpb.TextAttr("axis", "one")), "x"), onnxpb.Float)
	}},
	"a shape of 2^40 elements": {quintet.ErrInput, func(b builder) {
		b.Output(b.Op("ConstantOfShape", b.ints(1<<20, 1<<20)), onnxpb.Float)
	}},
	"4 GB from a few numbers": {quintet.ErrInput, func(b builder) {
		b.Output(b.Op("Abs", b.Op("ConstantOfShape", b.ints(1<<15, 1<<15))), onnxpb.Float)
	}},
	"an output of 128 MB from a few numbers": {quintet.ErrInput, func(b builder) {
		b.Output(b.Op("Expand", b.scalar(1), b.ints(1<<15, 1<<10)), onnxpb.Float)
	}},
	"a negative shape": {quintet.ErrInput, func(b builder) { b.Output(b.Op("Expand", "x", b.ints(-3, -4)), onnxpb.Float) }},
	"steps without end": {quintet.ErrModel, func(b builder) {
		far := b.ints(1<<63 - 1)
		s := b.Op("Slice", b.Op("Shape", "x"), b.ints(1), far, b.ints(0), far)
		b.Output(b.Op("Slice", "x", b.ints(-1<<63), far, b.ints(0), s, "x"), onnxpb.Float)
	}},
	"an If without branches": {quintet.ErrModel, func(b builder) {
		b.Output(b.Op("If", b.Weight(onnxpb.NewTensor("", []bool{true}))), onnxpb.Float)
	}},
}

func TestModelsThatBreakTheRules(t *testing.T) {
	for name, tt := range broken {
		t.Run(name, func(t *testing.T) {
			b := builder{onnxpb.NewBuilder("broken"), rand.New(rand.NewPCG(1, 1))}
			b.Input("x", onnxpb.Float, onnxpb.FixedDim(2), onnxpb.FixedDim(8))
			tt.build(b)
			m := b.Model(17)
			require.NoError(t, tryModel(m))
			require.NoError(t, tryBytes(m.Append(nil)))
			p, err := nn.Load(m, nn.Options{Plain: true, MaxBytes: 64 << 20})
			if err == nil {
				in, _ := zeros(p)
				_, err = p.Run(context.Background(), in)
			}
			require.ErrorIs(t, err, tt.cause)
		})
	}
}

func TestVersionsOfOperatorsThatAreNotKnown(t *testing.T) {
	for version, cause := range map[int64]error{0: quintet.ErrModel, -5: quintet.ErrModel, 999: quintet.ErrUnsupported, 1 << 62: quintet.ErrUnsupported} {
		b := onnxpb.NewBuilder("version")
		b.Output(b.Op("Relu", b.Input("x", onnxpb.Float)), onnxpb.Float)
		_, err := nn.Load(b.Model(version), nn.Options{})
		require.ErrorIs(t, err, cause, version)
		m := b.Model(1)
		m.Opsets = nil
		_, err = nn.Load(m, nn.Options{})
		require.ErrorIs(t, err, quintet.ErrModel)
	}
}

// TestEveryPrefixOfAModel cuts a model at every byte.
func TestEveryPrefixOfAModel(t *testing.T) {
	data := small().Append(nil)
	for n := range data {
		require.NoError(t, tryBytes(data[:n]), "%d bytes", n)
	}
}

// TestDamagedModels flips bits of models that use all passes.
func TestDamagedModels(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for _, data := range seeds() {
		for range 40 {
			bad := slices.Clone(data)
			for range 1 + rng.IntN(4) {
				bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
			}
			require.NoError(t, tryBytes(bad), "%x", bad)
		}
	}
}

// small is a model with a bit of everything, of some hundred bytes.
func small() *onnxpb.Model {
	b := builder{onnxpb.NewBuilder("small"), rand.New(rand.NewPCG(1, 2))}
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(4))
	y := b.Op("Relu", b.Op("Add", b.Op("MatMul", x, b.weight(4, 3)), b.weight(3)))
	b.Output(b.Op("Reshape", y, b.ints(-1)), onnxpb.Float, onnxpb.FreeDim("m"))
	return b.Model(17)
}

// seeds are small models for fuzzing.
func seeds() [][]byte {
	list := [][]byte{small().Append(nil), testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 8, Heads: 2, Inner: 8, Vocab: 4,
		Positions: 4}).Append(nil), counting(3).Append(nil)}
	for seed := range uint64(6) {
		list = append(list, testmodel.RandomGraph(seed, 12).Model.Append(nil))
	}
	names := make([]string, 0, len(patterns))
	for name := range patterns {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		list = append(list, patterns[name].model(false).Append(nil))
	}
	return list
}

// FuzzLoad checks that no bytes make reading, loading or running panic, and that
// every error is one of the module's causes.
func FuzzLoad(f *testing.F) {
	for _, data := range seeds() {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := tryBytes(data); err != nil {
			t.Fatal(err)
		}
	})
}

// TestSubgraphsInSubgraphs nests graphs deeper than any real model does.
func TestSubgraphsInSubgraphs(t *testing.T) {
	for _, depth := range []int{1, 20, 150} {
		g := &onnxpb.Graph{Name: "innermost", Outputs: []onnxpb.ValueInfo{{Name: "x"}}}
		for i := range depth {
			out := fmt.Sprint("y", i)
			g = &onnxpb.Graph{Name: out, Outputs: []onnxpb.ValueInfo{onnxpb.TensorInfo(out, onnxpb.Float)},
				Nodes: []*onnxpb.Node{onnxpb.NewNode("If", []string{"c"}, []string{out}, onnxpb.GraphAttr("then_branch", g),
					onnxpb.GraphAttr("else_branch", &onnxpb.Graph{Outputs: []onnxpb.ValueInfo{{Name: "x"}}}))}}
		}
		g.Inputs = []onnxpb.ValueInfo{onnxpb.TensorInfo("x", onnxpb.Float), onnxpb.TensorInfo("c", onnxpb.Bool)}
		m := &onnxpb.Model{IRVersion: 8, Graph: g, Opsets: []onnxpb.Opset{{Version: 17}}}
		require.NoError(t, tryBytes(m.Append(nil)))
		p, err := nn.Load(m, nn.Options{})
		require.NoError(t, err)
		out, err := p.Run(context.Background(), []*tensor.Tensor{tensor.From([]float32{3}), {Type: onnxpb.Bool, Data: []byte{1}}})
		require.NoError(t, err)
		require.Equal(t, []float32{3}, tensor.Of[float32](out[0]))
	}
}

// chain is a graph of n nodes of the given types in turn.
func chain(n int, types ...string) *onnxpb.Model {
	b := builder{onnxpb.NewBuilder("chain"), rand.New(rand.NewPCG(1, 2))}
	y := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(4))
	for i := range n {
		switch typ := types[i%len(types)]; typ {
		case "Add":
			y = b.Op("Add", y, b.scalar(1))
		case "LayerNormalization":
			y = b.Op("LayerNormalization", y, b.weight(4))
		case "MatMul":
			y = b.Op("MatMul", y, b.weight(4, 4))
		default:
			y = b.Op(typ, y)
		}
	}
	b.Output(y, onnxpb.Float)
	return b.Model(17)
}

// TestLongChains loads graphs of many nodes. A pass that looks through the graph for
// every node would take minutes.
func TestLongChains(t *testing.T) {
	for _, types := range [][]string{{"Identity"}, {"Relu", "Neg"}, {"Identity", "Relu"}, {"MatMul", "Add", "Relu"},
		{"LayerNormalization", "Add"}, {"Dropout", "Exp", "Sigmoid"}} {
		n := 30_000
		if testing.Short() || raceEnabled {
			n = 3000
		}
		p, err := nn.Load(chain(n, types...), nn.Options{})
		require.NoError(t, err)
		_, err = p.Run(context.Background(), []*tensor.Tensor{tensor.From(make([]float32, 8), 2, 4)})
		require.NoError(t, err)
	}
}

// TestWeightsOutsideTheFile has models whose tensors stand elsewhere and were not
// read.
func TestWeightsOutsideTheFile(t *testing.T) {
	b := onnxpb.NewBuilder("outside")
	w := b.Weight(&onnxpb.Tensor{Name: "w", DataType: onnxpb.Float, Dims: []int64{2}, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: "../w"}}})
	b.Output(b.Op("Add", b.Input("x", onnxpb.Float, onnxpb.FixedDim(2)), w), onnxpb.Float)
	_, err := nn.Load(b.Model(17), nn.Options{})
	require.Error(t, err)
	require.True(t, typed(err), err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "w"), make([]byte, 8), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "model"), 0o700))
	err = b.Model(17).LoadExternal(os.DirFS(filepath.Join(dir, "model")), 0)
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestRefusalsAreListed(t *testing.T) {
	b := onnxpb.NewBuilder("refused")
	x := b.Input("x", onnxpb.Float)
	for range 7 {
		b.Output(b.Op("Frobnicate", x), onnxpb.Float)
	}
	_, err := nn.Load(b.Model(17), nn.Options{})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	var list *nn.UnsupportedError
	require.ErrorAs(t, err, &list)
	require.Len(t, list.Refusals, 7)
	require.Equal(t, "Frobnicate", list.Refusals[6].Op)
	require.True(t, strings.HasSuffix(err.Error(), "; and 2 more"), err)
	require.ErrorContains(t, err, "7 nodes cannot run: Frobnicate_1 (Frobnicate-17 of float32): no such operator here")
}
