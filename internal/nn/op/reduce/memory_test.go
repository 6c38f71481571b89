package reduce_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// stack is memory that is given out from the start again for every run.
type stack struct {
	room []byte
	used int
}

func (s *stack) Get(n int) ([]byte, *tensor.Buffer, error) {
	b := s.room[s.used : s.used+n : s.used+n]
	s.used += (n + 63) &^ 63
	return b, nil, nil
}

func (*stack) Put(*tensor.Buffer) {}

// team is two threads, each of which does every second part.
type team struct{}

func (team) Size() int { return 2 }

func (team) Do(parts int, f func(part, worker int)) {
	var wait sync.WaitGroup
	for worker := range 2 {
		wait.Go(func() {
			for part := worker; part < parts; part += 2 {
				f(part, worker)
			}
		})
	}
	wait.Wait()
}

type hotCase struct {
	table op.Table
	node  *onnxpb.Node
	in    []*tensor.Tensor
}

func hot() map[string]hotCase {
	rng := rand.New(rand.NewPCG(1, 2))
	x, row := random(rng, 64, 384), random(rng, 384)
	return map[string]hotCase{
		"ReduceMean rows":       {reduce.Table, node("ReduceMean", 1, 1, onnxpb.IntsAttr("axes", -1)), []*tensor.Tensor{x}},
		"ReduceMax columns":     {reduce.Table, node("ReduceMax", 1, 1, onnxpb.IntsAttr("axes", 0)), []*tensor.Tensor{x}},
		"ReduceSum input":       {reduce.Table, node("ReduceSum", 2, 1), []*tensor.Tensor{x, ints(1)}},
		"Softmax rows":          {reduce.Table, node("Softmax", 1, 1), []*tensor.Tensor{x}},
		"Softmax columns":       {reduce.Table, node("Softmax", 1, 1, onnxpb.IntAttr("axis", 0)), []*tensor.Tensor{x}},
		"ArgMax":                {reduce.Table, node("ArgMax", 1, 1, onnxpb.IntAttr("axis", 1)), []*tensor.Tensor{x}},
		"LayerNormalization":    {reduce.Table, node("LayerNormalization", 3, 1), []*tensor.Tensor{x, row, row}},
		"AddLayerNormalization": {reduce.Fused, node("AddLayerNormalization", 5, 2), []*tensor.Tensor{x, x, nil, row, row}},
	}
}

func (h hotCase) build(t testing.TB) (op.Op, []*tensor.Tensor) {
	t.Helper()
	o, _, err := optest.Build(op.Domains{"": h.table}, h.node, 17, h.in)
	require.NoError(t, err)
	out := []*tensor.Tensor{}
	for range h.node.Outputs {
		out = append(out, &tensor.Tensor{})
	}
	return o, out
}

func TestNothingIsAllocatedOnceWarm(t *testing.T) {
	for name, h := range hot() {
		t.Run(name, func(t *testing.T) {
			o, out := h.build(t)
			mem := &stack{room: tensor.Alloc(1 << 20)}
			c := &op.Ctx{Context: context.Background(), Mem: mem, Outs: out}
			run := func() {
				mem.used = 0
				require.NoError(t, o.Run(c, h.in, out))
				c.EndScratch()
			}
			run()
			require.Zero(t, testing.AllocsPerRun(20, run))
		})
	}
}

func TestThreadsGiveTheSameNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	x, row := random(rng, 512, 520), random(rng, 520)
	for name, h := range hot() {
		t.Run(name, func(t *testing.T) {
			for i, v := range h.in {
				switch {
				case v != nil && v.Rank() == 2:
					h.in[i] = x
				case v != nil && v.Type == onnxpb.Float:
					h.in[i] = row
				}
			}
			o, out := h.build(t)
			want, err := optest.Run(h.table, h.node, 17, h.in...)
			require.NoError(t, err)
			c := &op.Ctx{Context: context.Background(), Mem: &stack{room: tensor.Alloc(8 << 20)}, Team: team{}, Outs: out}
			require.NoError(t, o.Run(c, h.in, out))
			for i := range out {
				require.NoError(t, optest.Compare(out[i], want[i], 0, 0))
			}
		})
	}
}

func TestAnInputThatComesAgainIsNotOverwritten(t *testing.T) {
	x := tensor.From([]float32{1, 2, 6}, 3)
	n := node("AddLayerNormalization", 4, 1)
	in, out := []*tensor.Tensor{x, x, nil, x}, []*tensor.Tensor{{}}
	want, err := optest.Run(reduce.Fused, n, 1, in...)
	require.NoError(t, err)
	o, _, err := optest.Build(op.Domains{"": reduce.Fused}, n, 1, in)
	require.NoError(t, err)
	x.Buf = &tensor.Buffer{Refs: 1}
	c := &op.Ctx{Context: context.Background(), Mem: &stack{room: tensor.Alloc(1 << 10)}, Outs: out, Last: 15}
	require.NoError(t, o.Run(c, in, out))
	require.NoError(t, optest.Compare(out[0], want[0], 0, 0))
}

// FuzzReduction holds reductions of random axes against the definition: the right
// numbers, or an error for axes that are not there.
func FuzzReduction(f *testing.F) {
	f.Add(uint32(3+6*2+36*3+216*4), int8(1), int8(-1), uint8(0))
	f.Add(uint32(5+6*2+36*3+216*4), int8(0), int8(2), uint8(1))
	f.Add(uint32(0), int8(0), int8(0), uint8(2))
	f.Fuzz(func(t *testing.T, dims uint32, a, b int8, which uint8) {
		var shape []int
		for rank := dims % 6; rank > 0; rank-- {
			dims /= 6
			shape = append(shape, int(dims%6))
		}
		name := []string{"ReduceSum", "ReduceMax", "ReduceLogSumExp", "ReduceL1"}[which%4]
		x := random(rand.New(rand.NewPCG(1, uint64(dims))), shape...)
		axes := []int64{int64(a), int64(b)}
		got, err := optest.Run(reduce.Table, node(name, 2, 1), 18, x, ints(axes...))
		for _, axis := range axes {
			if rank := int64(len(shape)); axis < -rank || axis >= rank {
				if !errors.Is(err, quintet.ErrInput) {
					t.Fatalf("axis %d of %v: %v", axis, shape, err)
				}
				return
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		lists, to := collected(x, axes)
		want := make([]float32, len(lists))
		for i, list := range lists {
			want[i] = float32(reductions[name](list))
		}
		if err := optest.Compare(got[0], tensor.From(want, to...), 1e-4, 1e-5); err != nil {
			t.Fatal(fmt.Errorf("%v %v: %w", shape, axes, err))
		}
	})
}

func BenchmarkReduce(b *testing.B) {
	for name, h := range hot() {
		o, out := h.build(b)
		mem := &stack{room: tensor.Alloc(1 << 20)}
		c := &op.Ctx{Context: context.Background(), Mem: mem, Outs: out}
		b.Run("op="+name+"/engine", func(b *testing.B) {
			b.SetBytes(int64(len(h.in[0].Data)))
			for b.Loop() {
				mem.used = 0
				if err := o.Run(c, h.in, out); err != nil {
					b.Fatal(err)
				}
				c.EndScratch()
			}
		})
	}
	x := hot()["Softmax rows"].in[0]
	b.Run("op=Softmax rows/naive", func(b *testing.B) {
		for b.Loop() {
			alongAxis(x, 1, false, naiveSoftmax)
		}
	})
}
