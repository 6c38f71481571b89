package linear_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
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

type hotCase struct {
	table   op.Table
	typ     string
	outputs int
	in      []*tensor.Tensor
	attrs   []onnxpb.Attribute
}

func hot() map[string]hotCase {
	rng := seeded()
	x, w, b := random(rng, 2, 16, 64), random(rng, 64, 64), random(rng, 64)
	all := random(rng, 2, 16, 192)
	q, past, one := random(rng, 2, 4, 16, 16), random(rng, 2, 4, 30, 16), random(rng, 2, 1, 64)
	table := random(rng, 64, 8)
	heads, num := with(onnxpb.IntAttr("heads", 4)), with(onnxpb.IntAttr("num_heads", 4))
	group := append(num[:1:1], onnxpb.IntAttr("kv_num_heads", 4), onnxpb.IntAttr("do_rotary", 1))
	mask := bits[int32](rng, 2, 16)
	lengths, total := tensor.From([]int32{30, 20}, 2), tensor.From([]int32{31}, 1)
	return map[string]hotCase{
		"MatMul":             {linear.Table, "MatMul", 1, list(x, w), nil},
		"MatMul of batches":  {linear.Table, "MatMul", 1, list(q, random(rng, 2, 4, 16, 16)), nil},
		"Gemm":               {linear.Table, "Gemm", 1, list(w, w, b), nil},
		"Linear":             {linear.Fused, "Linear", 1, list(x, w, b, random(rng, 2, 16, 64)), with(onnxpb.TextAttr("activation", "Gelu"))},
		"Attention":          {linear.Fused, "Attention", 1, list(x, x, x, random(rng, 2, 1, 1, 16)), heads},
		"packed Attention":   {linear.Fused, "Attention", 1, list(all, nil, nil), append(heads, onnxpb.IntAttr("packed", 1))},
		"HeadAttention":      {linear.Fused, "HeadAttention", 1, list(q, past, past), nil},
		"merged Attention":   {linear.Microsoft, "Attention", 1, list(x, random(rng, 64, 192), nil, mask), num},
		"MultiHeadAttention": {linear.Microsoft, "MultiHeadAttention", 3, list(x, x, x, random(rng, 192), nil, nil, past, past), num},
		"GroupQueryAttention": {linear.Microsoft, "GroupQueryAttention", 3,
			list(one, one, one, past, past, lengths, total, table, table), group},
		"RotaryEmbedding": {linear.Microsoft, "RotaryEmbedding", 1, list(q, tensor.From([]int64{3}, 1), table, table), nil},
	}
}

func (h hotCase) build(t testing.TB) (op.Op, []*tensor.Tensor) {
	t.Helper()
	var constant []int
	if h.typ == "Linear" {
		constant = []int{1, 2}
	}
	o, _, err := optest.Build(op.Domains{"": h.table}, node(h.typ, h.in, h.outputs, h.attrs...), 23, h.in, constant...)
	require.NoError(t, err)
	out := []*tensor.Tensor{}
	for range h.outputs {
		out = append(out, &tensor.Tensor{})
	}
	return o, out
}

func TestHotOperatorsDoNotAllocate(t *testing.T) {
	for name, h := range hot() {
		t.Run(name, func(t *testing.T) {
			o, out := h.build(t)
			memory := &stack{room: tensor.Alloc(1 << 22)}
			c := &op.Ctx{Context: context.Background(), Mem: memory}
			run := func() {
				memory.used = 0
				if err := o.Run(c, h.in, out); err != nil {
					t.Fatal(err)
				}
			}
			run()
			require.Zero(t, testing.AllocsPerRun(10, run))
		})
	}
}

func TestAttentionEndsWithItsContext(t *testing.T) {
	h := hot()["Attention"]
	o, out := h.build(t)
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(over)
	for _, threads := range []int{1, 2} {
		c := optest.NewCtx()
		c.Context, c.Team = ctx, team(threads)
		require.ErrorIs(t, o.Run(c, h.in, out), over)
	}
}

// lent is memory with buffers that somebody else may want.
type lent struct{}

func (lent) Get(n int) ([]byte, *tensor.Buffer, error) {
	return tensor.Alloc(n), &tensor.Buffer{Refs: 1}, nil
}

func (lent) Put(*tensor.Buffer) {}

func TestGroupQueryAttentionExtendsItsCacheInPlace(t *testing.T) {
	rng := seeded()
	attrs := with(onnxpb.IntAttr("num_heads", 2), onnxpb.IntAttr("kv_num_heads", 2))
	one := random(rng, 1, 1, 8)
	in := list(one, one, one, random(rng, 1, 2, 6, 4), random(rng, 1, 2, 6, 4), tensor.From([]int32{4}, 1), tensor.From([]int32{5}, 1))
	want, err := compute(linear.Microsoft, "GroupQueryAttention", in, 3, attrs...)
	require.NoError(t, err)
	o, _, err := optest.Build(op.Domains{"": linear.Microsoft}, node("GroupQueryAttention", in, 3, attrs...), 1, in)
	require.NoError(t, err)
	for _, i := range []int{3, 4} {
		in[i] = in[i].Clone()
		in[i].Buf = &tensor.Buffer{Refs: 1}
	}
	out := list(&tensor.Tensor{}, &tensor.Tensor{}, &tensor.Tensor{})
	c := &op.Ctx{Context: context.Background(), Mem: lent{}, Last: 1<<3 | 1<<4, Outs: out}
	require.NoError(t, o.Run(c, in, out))
	near(t, want[0], out[0])
	require.Same(t, &in[3].Data[0], &out[1].Data[0])
	for i := 1; i < 3; i++ { // behind what counts, the old cache is left as it was
		for head := range 2 {
			at := head * 24
			require.Equal(t, tensor.Of[float32](want[i])[at:at+20], tensor.Of[float32](out[i])[at:at+20])
		}
	}
}
