package nn_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// randomPieces are requests as a run of n steps makes them.
func randomPieces(rng *rand.Rand, n int) []nn.Piece {
	list := make([]nn.Piece, n)
	for i := range list {
		list[i] = nn.Piece{Size: 64 * rng.IntN(20), Start: i, End: min(i+1+rng.IntN(1+rng.IntN(n)), n+1)}
	}
	return list
}

func TestPiecesInUseAtTheSameTimeDoNotOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 150 {
		list := randomPieces(rng, trial%60)
		placed, total := nn.Lay(list)
		peak, all := 0, 0
		for i, p := range placed {
			require.Equal(t, list[i].Size, p.Size)
			require.GreaterOrEqual(t, p.Offset, 0)
			require.LessOrEqual(t, p.Offset+p.Size, total)
			held := 0
			for _, q := range placed[:i+1] {
				if q.End > p.Start {
					held += q.Size
				}
			}
			peak, all = max(peak, held), all+p.Size
			for _, q := range placed[:i] {
				together := p.Start < q.End && q.Start < p.End
				apart := p.Offset+p.Size <= q.Offset || q.Offset+q.Size <= p.Offset
				require.True(t, !together || apart || p.Size == 0 || q.Size == 0, "%v and %v", p, q)
			}
		}
		require.GreaterOrEqual(t, total, peak)
		require.LessOrEqual(t, total, all)
	}
}

// holder uses memory as a run does and notices when somebody else writes to it.
type holder struct {
	*nn.Memory
	t    *testing.T
	held []held
}

type held struct {
	data []byte
	buf  *tensor.Buffer
	mark byte
}

func (h *holder) get(n int, mark byte) {
	data, buf, err := h.Get(n)
	require.NoError(h.t, err)
	require.Len(h.t, data, n)
	for i := range data {
		data[i] = mark
	}
	h.held = append(h.held, held{data, buf, mark})
}

func (h *holder) put(i int) {
	x := h.held[i]
	require.Equal(h.t, len(x.data), bytes.Count(x.data, []byte{x.mark}), "somebody wrote to a piece in use")
	h.Put(x.buf)
	h.held = append(h.held[:i], h.held[i+1:]...)
}

// TestRunsThatDeviateFromTheirPlan makes plans and then runs with other sizes, other
// lifetimes, fewer and more requests.
func TestRunsThatDeviateFromTheirPlan(t *testing.T) {
	for seed := range uint64(100) {
		h := &holder{Memory: nn.NewMemory(1 << 30), t: t}
		for run := range 6 {
			rng := rand.New(rand.NewPCG(seed, 3)) // runs 0 and 1 are alike
			other := rand.New(rand.NewPCG(seed, uint64(run)))
			h.Begin()
			for step := range 5 + rng.IntN(40) {
				size, back, which := 1+rng.IntN(900), rng.IntN(3) > 0, rng.IntN(1<<20)
				if run >= 2 && other.IntN(12) == 0 {
					size, back, which = other.IntN(900), !back, which+other.IntN(2)
				}
				h.get(size, byte(step))
				if back {
					h.put(which % len(h.held))
				}
			}
			for len(h.held) > 0 {
				h.put(0)
			}
			planned := h.End()
			require.True(t, run != 0 || !planned)
			require.True(t, run != 1 || planned)
		}
	}
}

func TestMoreRequestsThanAPlanHolds(t *testing.T) {
	h := &holder{Memory: nn.NewMemory(1 << 30), t: t}
	rng := rand.New(rand.NewPCG(1, 5))
	for range 3 {
		h.Begin()
		for step := range 4 * nn.MaxPieces {
			h.get(1+rng.IntN(300), byte(step))
			if step%7 > 0 || len(h.held) > 50 {
				h.put(rng.IntN(len(h.held)))
			}
		}
		for len(h.held) > 0 {
			h.put(len(h.held) - 1)
		}
		require.False(t, h.End())
	}
}

func TestTheLimitCountsWhatIsHeld(t *testing.T) {
	m := nn.NewMemory(10_000)
	for range 2 {
		m.Begin()
		for range 100 {
			_, b, err := m.Get(4000)
			require.NoError(t, err)
			m.Put(b)
		}
		_, a, err := m.Get(4000)
		require.NoError(t, err)
		_, b, err := m.Get(4000)
		require.NoError(t, err)
		_, _, err = m.Get(4000)
		require.ErrorIs(t, err, quintet.ErrInput)
		m.Put(a)
		m.Put(b)
		m.End()
	}
}

// steady are models whose runs of one shape allocate nothing but outputs.
var steady = map[string]func() (*onnxpb.Model, []*tensor.Tensor){
	"a perceptron": func() (*onnxpb.Model, []*tensor.Tensor) {
		return chain(9, "MatMul", "Add", "Relu"), feedFor(1, [][]int{{5, 4}})
	},
	"convolutions": func() (*onnxpb.Model, []*tensor.Tensor) {
		return patterns["a block of convolutions"].model(true), []*tensor.Tensor{patterns["a block of convolutions"].input()}
	},
	"an encoder": func() (*onnxpb.Model, []*tensor.Tensor) {
		ids := tensor.From([]int64{1, 2, 3, 4, 5, 6}, 2, 3)
		ones := tensor.From([]int64{1, 1, 1, 1, 1, 0}, 2, 3)
		return testmodel.Encoder(testmodel.EncoderOptions{Layers: 2, Hidden: 16, Heads: 2, Inner: 32, Vocab: 9, Positions: 9}),
			[]*tensor.Tensor{ids, ones, tensor.From(make([]int64, 6), 2, 3)}
	},
	"element-wise functions": func() (*onnxpb.Model, []*tensor.Tensor) { return patternless(), feedFor(1, [][]int{{5}}) },
}

// patternless adds without rewriting anything.
func patternless() *onnxpb.Model {
	b := onnxpb.NewBuilder("sum")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	b.Output(b.Op("Max", b.Op("Sin", x), b.Op("Cos", x)), onnxpb.Float, onnxpb.FreeDim("n"))
	return b.Model(17)
}

// TestSteadyRunsAllocateOnlyOutputs counts: a list of outputs and, for each, the
// tensor, its shape and its elements.
func TestSteadyRunsAllocateOnlyOutputs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, build := range steady {
		t.Run(name, func(t *testing.T) {
			m, in := build()
			p, err := nn.Load(m, nn.Options{})
			require.NoError(t, err)
			run := func() {
				_, err := p.Run(context.Background(), in)
				require.NoError(t, err)
			}
			run()
			require.LessOrEqual(t, testing.AllocsPerRun(20, run), float64(1+3*len(p.Outputs())))
		})
	}
}

// TestShapesThatAlternate has a plan for each shape.
func TestShapesThatAlternate(t *testing.T) {
	m, _ := steady["an encoder"]()
	p, err := nn.Load(m, nn.Options{})
	require.NoError(t, err)
	plain, err := nn.Load(m, nn.Options{Plain: true})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		shape := []int{1 + rng.IntN(3), 1 + rng.IntN(8)}
		ids := tensor.From(make([]int64, shape[0]*shape[1]), shape...)
		for i := range ids.Len() {
			tensor.Of[int64](ids)[i] = rng.Int64N(9)
		}
		ones, types := ids.Clone(), ids.Clone()
		for i := range ids.Len() {
			tensor.Of[int64](ones)[i], tensor.Of[int64](types)[i] = 1, rng.Int64N(2)
		}
		in := []*tensor.Tensor{ids, ones, types}
		got, err := p.Run(context.Background(), in)
		require.NoError(t, err)
		want, err := plain.Run(context.Background(), in)
		require.NoError(t, err)
		require.NoError(t, sameOutputs(got, want))
	}
}

// nonZero gives the places of what is not zero, twice the numbers there, and sums of
// them: sizes that depend on values.
func nonZero() *onnxpb.Model {
	b := onnxpb.NewBuilder("nonzero")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	at := b.Op("NonZero", x)
	y := b.Op("Gather", x, b.Op("Squeeze", at, b.Weight(onnxpb.NewTensor("", []int64{0}, 1))))
	b.Output(b.Op("Exp", b.Op("Sin", b.Op("Neg", y))), onnxpb.Float, onnxpb.FreeDim("m"))
	b.Output(b.Op("Abs", b.Op("Cos", x)), onnxpb.Float, onnxpb.FreeDim("n"))
	return b.Model(17)
}

func TestSizesThatDependOnValues(t *testing.T) {
	p, err := nn.Load(nonZero(), nn.Options{})
	require.NoError(t, err)
	plain, err := nn.Load(nonZero(), nn.Options{Plain: true})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(2, 2))
	for range 50 {
		v := make([]float32, 100)
		for i := range v {
			v[i] = float32(rng.IntN(5) - 2)
			if rng.IntN(3) == 0 {
				v[i] = 0
			}
		}
		in := []*tensor.Tensor{tensor.From(v, 100)}
		got, err := p.Run(context.Background(), in)
		require.NoError(t, err)
		want, err := plain.Run(context.Background(), in)
		require.NoError(t, err)
		require.NoError(t, sameOutputs(got, want))
	}
}

func TestRunsThatNeedMoreThanTheyMay(t *testing.T) {
	m, in := steady["an encoder"]()
	p, err := nn.Load(m, nn.Options{MaxBytes: 2000})
	require.NoError(t, err)
	for range 3 {
		_, err = p.Run(context.Background(), in)
		require.ErrorIs(t, err, quintet.ErrInput)
		require.ErrorContains(t, err, "needs more than 2000 bytes")
	}
}

// TestLongLoopsTakeLittleMemory runs 10,000 iterations with a state of 400 bytes.
func TestLongLoopsTakeLittleMemory(t *testing.T) {
	p, err := nn.Load(summing(10_000), nn.Options{MaxBytes: 1 << 20})
	require.NoError(t, err)
	in := []*tensor.Tensor{tensor.From(make([]float32, 100), 100)}
	for range 2 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = p.Run(context.Background(), in)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	}
	t.Run("a list without end meets the limit", func(t *testing.T) {
		p, err := nn.Load(counting(1<<62), nn.Options{MaxBytes: 4 << 20})
		require.NoError(t, err)
		_, err = p.Run(context.Background(), []*tensor.Tensor{tensor.From([]float32{1}, 1)})
		require.ErrorIs(t, err, quintet.ErrInput)
	})
}
