package optimize_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// backends are the native one, and ONNX Runtime where it is installed.
func backends(t testing.TB) (own, ort optimize.Backend) {
	t.Helper()
	runtime, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, runtime.Close()) })
	own, err = optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	return own, runtime
}

// normal is a tensor of seeded numbers.
func normal(t testing.TB, rng *rand.Rand, shape ...int) optimize.Tensor {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	x, err := optimize.NewTensor(v, shape...)
	require.NoError(t, err)
	return x
}

// runsOn loads a model on a backend and runs it.
func runsOn(t testing.TB, b optimize.Backend, m *onnxpb.Model, in []optimize.Tensor) []optimize.Tensor {
	t.Helper()
	s, err := b.Load(context.Background(), optimize.ModelBytes(m.Append(nil)), optimize.SessionOptions{})
	require.NoError(t, err, b.Name())
	out, err := s.Run(context.Background(), in)
	require.NoError(t, err, b.Name())
	require.NoError(t, s.Close())
	return out
}

// requireSame compares the outputs of two backends.
func requireSame(t *testing.T, got, want []optimize.Tensor, bound float64, name string) {
	t.Helper()
	require.Len(t, got, len(want), name)
	for i := range want {
		require.Equal(t, want[i].Shape(), got[i].Shape(), "%s, output %d", name, i)
		if want[i].DType() == optimize.Float32 {
			require.LessOrEqual(t, difference(t, got[i], want[i]), bound, "%s, output %d", name, i)
			continue
		}
		require.Equal(t, want[i], got[i], "%s, output %d", name, i)
	}
}

// TestNativeAgreesOnRandomGraphs compares seeded random graphs; FuzzNativeGraph goes
// on where it stops.
func TestNativeAgreesOnRandomGraphs(t *testing.T) {
	own, ort := backends(t)
	count := uint64(60)
	if testing.Short() {
		count = 15
	}
	for seed := range count {
		agreesOn(t, own, ort, seed, 3+int(seed%12))
	}
}

func agreesOn(t *testing.T, own, ort optimize.Backend, seed uint64, size int) {
	t.Helper()
	s := testmodel.RandomGraph(seed, size)
	rng := rand.New(rand.NewPCG(seed, 7))
	var in []optimize.Tensor
	for _, shape := range s.Shapes {
		in = append(in, normal(t, rng, shape...))
	}
	// Normalising nearly equal numbers multiplies their rounding.
	requireSame(t, runsOn(t, own, s.Model, in), runsOn(t, ort, s.Model, in), 5e-3, s.Model.Graph.Name)
}

// FuzzNativeGraph checks that a random valid graph gives ONNX Runtime's answer.
func FuzzNativeGraph(f *testing.F) {
	own, ort := backends(f)
	f.Add(uint64(1), uint8(8))
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) { agreesOn(t, own, ort, seed, 1+int(size%24)) })
}

// TestNativeDecodesAsONNXRuntime decodes on both backends, each with its own keys and
// values of the tokens before.
func TestNativeDecodesAsONNXRuntime(t *testing.T) {
	own, ort := backends(t)
	for name, cross := range map[string]bool{"as GPT": false, "as Whisper": true} {
		t.Run(name, func(t *testing.T) {
			o := testmodel.DecoderOptions{Layers: 2, Hidden: 32, Heads: 4, Cross: cross}
			m := testmodel.Decoder(o)
			rng := rand.New(rand.NewPCG(3, 4))
			rest := []optimize.Tensor{}
			for range o.Layers {
				rest = append(rest, normal(t, rng, 1, 4, 0, 8), normal(t, rng, 1, 4, 0, 8))
				if cross {
					rest = append(rest, normal(t, rng, 1, 4, 5, 8), normal(t, rng, 1, 4, 5, 8))
				}
			}
			first, second := slices.Clone(rest), slices.Clone(rest)
			for step := range 6 {
				v := make([]int64, 1+step%3)
				for i := range v {
					v[i] = rng.Int64N(50)
				}
				ids, err := optimize.NewTensor(v, 1, len(v))
				require.NoError(t, err)
				got := runsOn(t, own, m, append([]optimize.Tensor{ids}, first...))
				want := runsOn(t, ort, m, append([]optimize.Tensor{ids}, second...))
				requireSame(t, got, want, 1e-4, "decoder")
				for l := range o.Layers {
					at := 2 * l
					if cross {
						at = 4 * l
					}
					copy(first[at:at+2], got[1+2*l:3+2*l])
					copy(second[at:at+2], want[1+2*l:3+2*l])
				}
			}
		})
	}
}

// TestNativeControlFlowAgrees compares a loop around a choice.
func TestNativeControlFlowAgrees(t *testing.T) {
	own, ort := backends(t)
	in := []optimize.Tensor{normal(t, rand.New(rand.NewPCG(1, 1)), 3)}
	for _, trips := range []int64{0, 1, 5} {
		m := choosingLoop(trips)
		got, want := runsOn(t, own, m, in), runsOn(t, ort, m, in)
		requireSame(t, got[:1], want[:1], 1e-5, "loop")
		if trips > 0 {
			requireSame(t, got[1:], want[1:], 1e-5, "loop")
		}
	}
}

// choosingLoop takes the sine or the cosine of its state, as the number of the
// iteration says, adds a captured value and collects the states.
func choosingLoop(trips int64) *onnxpb.Model {
	free := []onnxpb.Dim{{}}
	info := func(name string) []onnxpb.ValueInfo {
		return []onnxpb.ValueInfo{onnxpb.TensorInfo(name, onnxpb.Float, free...)}
	}
	branch := func(name, op string) *onnxpb.Graph {
		return &onnxpb.Graph{Name: name, Outputs: info(name + "y"),
			Nodes: []*onnxpb.Node{onnxpb.NewNode(op, []string{"a"}, []string{name + "y"})}}
	}
	body := &onnxpb.Graph{Name: "body",
		Inputs:  append([]onnxpb.ValueInfo{onnxpb.TensorInfo("i", onnxpb.Int64), onnxpb.TensorInfo("go", onnxpb.Bool)}, info("a")...),
		Outputs: append(append([]onnxpb.ValueInfo{onnxpb.TensorInfo("on", onnxpb.Bool)}, info("b")...), info("each")...),
		Initializers: []*onnxpb.Tensor{onnxpb.NewTensor("two", []int64{2}),
			onnxpb.NewTensor("zero", []int64{0})},
		Nodes: []*onnxpb.Node{
			onnxpb.NewNode("Identity", []string{"go"}, []string{"on"}),
			onnxpb.NewNode("Mod", []string{"i", "two"}, []string{"r"}),
			onnxpb.NewNode("Equal", []string{"r", "zero"}, []string{"even"}),
			onnxpb.NewNode("If", []string{"even"}, []string{"s"}, onnxpb.GraphAttr("then_branch", branch("t", "Sin")),
				onnxpb.GraphAttr("else_branch", branch("e", "Cos"))),
			onnxpb.NewNode("Add", []string{"s", "x"}, []string{"b"}),
			onnxpb.NewNode("Identity", []string{"b"}, []string{"each"}),
		}}
	b := onnxpb.NewBuilder("loop")
	x := b.Input("x", onnxpb.Float, free...)
	count := b.Weight(onnxpb.NewTensor("count", []int64{trips}))
	b.Add(onnxpb.NewNode("Loop", []string{count, "", x}, []string{"y", "list"}, onnxpb.GraphAttr("body", body)))
	b.Output("y", onnxpb.Float, free...)
	b.Output("list", onnxpb.Float, onnxpb.Dim{}, onnxpb.Dim{})
	return b.Model(17)
}
