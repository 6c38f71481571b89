package recurrent_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/recurrent"
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

// layer returns a layer with constant weights, a context and room for outputs.
func layer(t testing.TB, s spec) (op.Op, *op.Ctx, []*tensor.Tensor, []*tensor.Tensor) {
	t.Helper()
	s.direction = "forward"
	s.fill(rand.New(rand.NewPCG(5, 6)), true)
	n, in := s.node()
	o, _, err := optest.Build(op.Domains{"": recurrent.Table}, n, 14, in, 1, 2)
	require.NoError(t, err)
	var out []*tensor.Tensor
	for range n.Outputs {
		out = append(out, &tensor.Tensor{})
	}
	return o, &op.Ctx{Context: context.Background(), Mem: &stack{room: tensor.Alloc(16 << 20)}, Outs: out}, in, out
}

func TestNothingIsAllocatedOnceWarm(t *testing.T) {
	for _, name := range []string{"LSTM", "GRU", "RNN"} {
		t.Run(name, func(t *testing.T) {
			o, c, in, out := layer(t, spec{op: name, steps: 2, batch: 1, input: 128, hidden: 128})
			run := func() {
				c.Mem.(*stack).used = 0
				require.NoError(t, o.Run(c, in, out))
				c.EndScratch()
			}
			run()
			require.Zero(t, testing.AllocsPerRun(20, run))
		})
	}
}

func TestThreadsGiveTheSameNumbers(t *testing.T) {
	o, c, in, out := layer(t, spec{op: "LSTM", steps: 100, batch: 2, input: 128, hidden: 64})
	require.NoError(t, o.Run(c, in, out))
	want := out[0].Clone()
	c.Team, c.Mem = team{}, &stack{room: tensor.Alloc(16 << 20)}
	require.NoError(t, o.Run(c, in, out))
	require.NoError(t, optest.Compare(out[0], want, 0, 0))
}

func TestACancelledRunEnds(t *testing.T) {
	o, c, in, out := layer(t, spec{op: "GRU", steps: 65, batch: 1, input: 1, hidden: 1})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Context = ctx
	require.ErrorIs(t, o.Run(c, in, out), context.Canceled)
}

func TestBadInputIsATypedError(t *testing.T) {
	tests := map[string]struct {
		change func(n *onnxpb.Node, in []*tensor.Tensor)
		want   error
	}{
		"an unknown direction": {func(n *onnxpb.Node, _ []*tensor.Tensor) { n.Attributes[0] = onnxpb.TextAttr("direction", "up") }, quintet.ErrModel},
		"another hidden size":  {func(n *onnxpb.Node, _ []*tensor.Tensor) { n.Attributes[1] = onnxpb.IntAttr("hidden_size", 9) }, quintet.ErrInput},
		"an unknown activation": {func(n *onnxpb.Node, _ []*tensor.Tensor) {
			n.Attributes[0] = onnxpb.TextsAttr("activations", "Tanh", "Tanh", "Cosine")
		}, quintet.ErrUnsupported},
		"an activation too few":      {func(n *onnxpb.Node, _ []*tensor.Tensor) { n.Attributes[0] = onnxpb.TextsAttr("activations", "Tanh") }, quintet.ErrModel},
		"a negative clip":            {func(n *onnxpb.Node, _ []*tensor.Tensor) { n.Attributes[0] = onnxpb.FloatAttr("clip", -1) }, quintet.ErrModel},
		"an input of rank 2":         {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[0] = tensor.From(make([]float32, 5), 1, 5) }, quintet.ErrInput},
		"an input of another width":  {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[0] = tensor.From(make([]float32, 4), 1, 1, 4) }, quintet.ErrInput},
		"weights that do not match":  {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[2] = in[1] }, quintet.ErrInput},
		"a bias that does not match": {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[3] = tensor.From(make([]float32, 5), 1, 5) }, quintet.ErrInput},
		"a state that does not fit":  {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[5] = tensor.From(make([]float32, 4), 1, 1, 4) }, quintet.ErrInput},
		"a cell that does not fit":   {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[6] = tensor.From(make([]float32, 4), 1, 1, 4) }, quintet.ErrInput},
		"lengths too many":           {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[4] = tensor.From(make([]int32, 4), 4) }, quintet.ErrInput},
		"a length too long":          {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[4] = tensor.From([]int32{1, 3}, 2) }, quintet.ErrInput},
		"a negative length":          {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[4] = tensor.From([]int32{1, -3}, 2) }, quintet.ErrInput},
		"lengths of int64":           {func(_ *onnxpb.Node, in []*tensor.Tensor) { in[4] = tensor.From([]int64{1, 1}, 2) }, quintet.ErrUnsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := spec{op: "LSTM", steps: 2, batch: 2, input: 5, hidden: 3, direction: "forward"}
			s.fill(rand.New(rand.NewPCG(7, 8)), true)
			n, in := s.node()
			tt.change(n, in)
			_, err := optest.Run(recurrent.Table, n, 14, in...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// FuzzLayer holds random layers against the formulas.
func FuzzLayer(f *testing.F) {
	f.Add(uint64(1), uint32(0x1234567))
	f.Add(uint64(2), uint32(0xfedcba9))
	f.Fuzz(func(t *testing.T, seed uint64, bits uint32) {
		take := func(n uint32) int {
			v := bits % n
			bits /= n
			return int(v)
		}
		op := take(3)
		s := spec{
			op: []string{"LSTM", "GRU", "RNN"}[op], direction: []string{"forward", "reverse", "bidirectional"}[take(3)],
			relu: take(2) == 0, batchFirst: take(2) == 0, steps: take(4), batch: take(4), input: take(9), hidden: 1 + take(20),
		}
		if take(2) == 0 {
			s.flag = []string{"input_forget", "linear_before_reset", ""}[op]
		}
		s.clip = float64(take(3)) / 4
		s.fill(rand.New(rand.NewPCG(seed, 1)), take(2) == 0)
		s.check(t)
	})
}

func BenchmarkLayer(b *testing.B) {
	for _, name := range []string{"LSTM", "GRU", "RNN"} {
		s := spec{op: name, steps: 1, batch: 1, input: 128, hidden: 128}
		o, c, in, out := layer(b, s)
		b.Run("op="+name+"/hidden=128/engine", func(b *testing.B) {
			for b.Loop() {
				c.Mem.(*stack).used = 0
				if err := o.Run(c, in, out); err != nil {
					b.Fatal(err)
				}
				c.EndScratch()
			}
		})
		s.direction = "forward"
		s.fill(rand.New(rand.NewPCG(5, 6)), true)
		b.Run("op="+name+"/hidden=128/naive", func(b *testing.B) {
			for b.Loop() {
				s.naive()
			}
		})
	}
}
