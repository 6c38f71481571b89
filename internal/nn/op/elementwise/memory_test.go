package elementwise_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pool is memory that is given out again, as a run's is.
type pool struct {
	free []*tensor.Buffer
	data map[*tensor.Buffer][]byte
}

func newPool() *pool { return &pool{data: map[*tensor.Buffer][]byte{}} }

func (p *pool) Get(n int) ([]byte, *tensor.Buffer, error) {
	for i, b := range p.free {
		if d := p.data[b]; len(d) >= n {
			p.free = append(p.free[:i], p.free[i+1:]...)
			b.Refs = 1
			return d[:n:n], b, nil
		}
	}
	b := &tensor.Buffer{Refs: 1}
	p.data[b] = tensor.Alloc(n)
	return p.data[b], b, nil
}

func (p *pool) Put(b *tensor.Buffer) { p.free = append(p.free, b) }

// team is two threads.
type team struct{}

func (team) Size() int { return 2 }

func (team) Do(parts int, f func(part, worker int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for worker := range 2 {
		wait.Go(func() {
			for part := int(next.Add(1)) - 1; part < parts; part = int(next.Add(1)) - 1 {
				f(part, worker)
			}
		})
	}
	wait.Wait()
}

func build(t testing.TB, table op.Table, n *onnxpb.Node, in ...*tensor.Tensor) op.Op {
	t.Helper()
	o, _, err := optest.Build(op.Domains{"": table}, n, 20, in)
	require.NoError(t, err)
	return o
}

var hot = map[string][][]int{
	"Add same":   {{64, 384}, {64, 384}},
	"Add row":    {{64, 384}, {384}},
	"Add short":  {{64, 7}, {7}},
	"Mul column": {{64, 384}, {64, 1}},
	"Div scalar": {{64, 384}, {}},
	"Pow scalar": {{64, 384}, {}},
	"Where mask": {{64, 384}, {64, 384}},
}

func hotNode(name string, s [][]int) (*onnxpb.Node, []*tensor.Tensor) {
	rng := rand.New(rand.NewPCG(1, 2))
	opType, _, _ := strings.Cut(name, " ")
	in := []*tensor.Tensor{random(rng, s[0]...), random(rng, s[1]...)}
	if opType == "Pow" {
		in[1] = tensor.From([]float32{2})
	}
	if opType == "Where" {
		in = append([]*tensor.Tensor{{Type: onnxpb.Bool, Shape: []int{1}, Data: []byte{1}}}, in...)
	}
	return node(opType, len(in)), in
}

func TestNothingIsAllocatedOnceWarm(t *testing.T) {
	for name, s := range hot {
		t.Run(name, func(t *testing.T) {
			n, in := hotNode(name, s)
			o := build(t, elementwise.Table, n, in...)
			out := []*tensor.Tensor{{}}
			c := &op.Ctx{Context: context.Background(), Mem: newPool(), Outs: out}
			run := func() {
				require.NoError(t, o.Run(c, in, out))
				c.EndScratch()
			}
			run()
			require.Zero(t, testing.AllocsPerRun(20, run))
		})
	}
}

func TestOutputsTakeTheMemoryOfInputs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, tt := range map[string]struct {
		shapes [2][]int
		last   uint64
		taken  int // -1: none
	}{
		"the first input":             {[2][]int{{3, 50}, {50}}, 1, 0},
		"the second input":            {[2][]int{{50}, {3, 50}}, 3, 1},
		"one that is needed again":    {[2][]int{{3, 50}, {50}}, 2, -1},
		"one that is too small":       {[2][]int{{3, 1}, {50}}, 3, -1},
		"either of two":               {[2][]int{{3, 50}, {3, 50}}, 3, 0},
		"the only one that may go":    {[2][]int{{3, 50}, {3, 50}}, 2, 1},
		"a column under short rows":   {[2][]int{{60, 5}, {60, 1}}, 3, 0},
		"a repeated row, larger last": {[2][]int{{5}, {60, 5}}, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			in := []*tensor.Tensor{random(rng, tt.shapes[0]...), random(rng, tt.shapes[1]...)}
			want, err := optest.Run(elementwise.Table, node("Sub", 2), 20, in...)
			require.NoError(t, err)
			for _, x := range in {
				x.Buf = &tensor.Buffer{Refs: 1}
			}
			o, out := build(t, elementwise.Table, node("Sub", 2), in...), []*tensor.Tensor{{}}
			c := &op.Ctx{Context: context.Background(), Mem: newPool(), Outs: out, Last: tt.last}
			require.NoError(t, o.Run(c, in, out))
			require.NoError(t, optest.Compare(out[0], want[0], 0, 0))
			for i, x := range in {
				require.Equal(t, i == tt.taken, &x.Data[0] == &out[0].Data[0], "input %d", i)
			}
		})
	}
}

func TestAnInputThatComesAgainIsNotOverwritten(t *testing.T) {
	x, y := tensor.From([]float32{1, 2}, 2), tensor.From([]float32{10, 20}, 2)
	x.Buf, y.Buf = &tensor.Buffer{Refs: 1}, &tensor.Buffer{Refs: 1}
	in, out := []*tensor.Tensor{x, y, x}, []*tensor.Tensor{{}}
	o := build(t, elementwise.Table, node("Sum", 3), in...)
	require.NoError(t, o.Run(&op.Ctx{Mem: newPool(), Outs: out, Last: 7}, in, out))
	require.Equal(t, []float32{12, 24}, append([]float32{}, tensor.Of[float32](out[0])...))
}

func TestThreadsGiveTheSameNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, s := range map[string][2][]int{
		"same": {{1 << 18}, {1 << 18}}, "row": {{600, 500}, {500}}, "short row": {{90001, 3}, {3}},
		"column": {{90001, 3}, {90001, 1}}, "channels": {{8, 64, 513}, {64, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			in := []*tensor.Tensor{random(rng, s[0]...), random(rng, s[1]...)}
			for _, opType := range []string{"Sub", "Less", "Relu"} {
				n := node(opType, 2)
				if opType == "Relu" {
					n = node(opType, 1)
				}
				in := in[:len(n.Inputs)]
				want, err := optest.Run(elementwise.Table, n, 20, in...)
				require.NoError(t, err)
				out := []*tensor.Tensor{{}}
				c := &op.Ctx{Context: context.Background(), Mem: newPool(), Team: team{}, Outs: out}
				require.NoError(t, build(t, elementwise.Table, n, in...).Run(c, in, out))
				require.NoError(t, optest.Compare(out[0], want[0], 0, 0))
			}
		})
	}
}

func TestACancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x := tensor.From(make([]uint8, 5<<20), 5<<20)
	in, out := []*tensor.Tensor{x, x}, []*tensor.Tensor{{}}
	c := &op.Ctx{Context: ctx, Mem: newPool(), Outs: out}
	require.ErrorIs(t, build(t, elementwise.Table, node("Add", 2), in...).Run(c, in, out), context.Canceled)
}

func BenchmarkBinary(b *testing.B) {
	for name, s := range hot {
		n, in := hotNode(name, s)
		o, out := build(b, elementwise.Table, n, in...), []*tensor.Tensor{{}}
		c := &op.Ctx{Context: context.Background(), Mem: newPool(), Outs: out}
		b.Run("op="+name+"/engine", func(b *testing.B) {
			for b.Loop() {
				if err := o.Run(c, in, out); err != nil {
					b.Fatal(err)
				}
				c.EndScratch()
			}
		})
		if len(in) == 2 {
			b.Run("op="+name+"/naive", func(b *testing.B) {
				for b.Loop() {
					_, _, _ = naive(in[0], in[1], func(x, y float32) float32 { return x + y })
				}
			})
		}
	}
}
