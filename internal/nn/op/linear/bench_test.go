package linear_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// step is one operator of a chain, ready to run.
type step struct {
	op      op.Op
	in, out []*tensor.Tensor
}

// chain is operators that run one after the other.
type chain struct {
	c      *op.Ctx
	memory *stack
	steps  []step
}

func newChain() *chain {
	memory := &stack{room: tensor.Alloc(1 << 28)}
	return &chain{c: &op.Ctx{Context: context.Background(), Mem: memory}, memory: memory}
}

// add runs an operator once and keeps it.
func (h *chain) add(b *testing.B, table op.Table, typ string, in []*tensor.Tensor, constant []int, attrs ...onnxpb.Attribute) *tensor.Tensor {
	b.Helper()
	o, _, err := optest.Build(op.Domains{"": table}, node(typ, in, 1, attrs...), 23, in, constant...)
	require.NoError(b, err)
	out := list(&tensor.Tensor{})
	require.NoError(b, o.Run(h.c, in, out))
	h.steps = append(h.steps, step{o, in, out})
	return out[0]
}

func (h *chain) run(b *testing.B) {
	for b.Loop() {
		h.memory.used = 0
		for _, s := range h.steps {
			if err := s.op.Run(h.c, s.in, s.out); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func perm(axes ...int64) onnxpb.Attribute { return onnxpb.IntsAttr("perm", axes...) }

func BenchmarkAttention(b *testing.B) {
	rng := seeded()
	for _, s := range []scene{
		{1, 12, 12, 16, 16, 32, 32}, {1, 12, 12, 128, 128, 32, 32}, {1, 12, 12, 128, 128, 64, 64}, {1, 12, 12, 512, 512, 64, 64},
		{8, 12, 12, 64, 64, 64, 64},
	} {
		name := fmt.Sprintf("batch=%d/length=%d/width=%d/", s.batch, s.s, s.d)
		x := random(rng, s.batch, s.s, s.heads*s.d)
		scale := float32(0.125)
		b.Run(name+"fused", func(b *testing.B) {
			h := newChain()
			h.add(b, linear.Fused, "Attention", list(x, x, x), nil, onnxpb.IntAttr("heads", int64(s.heads)), onnxpb.FloatAttr("scale", scale))
			h.run(b)
		})
		b.Run(name+"unfused", func(b *testing.B) {
			h := newChain()
			cut := func(p ...int64) *tensor.Tensor {
				y := tensor.From(tensor.Of[float32](x), s.batch, s.s, s.heads, s.d)
				return h.add(b, layout.Table, "Transpose", list(y), nil, perm(p...))
			}
			scores := h.add(b, linear.Table, "MatMul", list(cut(0, 2, 1, 3), cut(0, 2, 3, 1)), nil)
			soft := h.add(b, reduce.Table, "Softmax", list(scores), nil)
			h.add(b, layout.Table, "Transpose", list(h.add(b, linear.Table, "MatMul", list(soft, cut(0, 2, 1, 3)), nil)), nil, perm(0, 2, 1, 3))
			h.run(b)
		})
	}
}

func BenchmarkDecoding(b *testing.B) {
	rng := seeded()
	for _, s := range []scene{{1, 12, 12, 1, 128, 64, 64}, {1, 12, 12, 1, 1024, 64, 64}, {1, 32, 8, 1, 1024, 64, 64}} {
		name := fmt.Sprintf("heads=%d/shared=%d/keys=%d/", s.heads, s.shared, s.t)
		q, k, v := s.operands(rng)
		b.Run(name+"fused", func(b *testing.B) {
			h := newChain()
			h.add(b, linear.Fused, "HeadAttention", list(q, k, v), nil)
			h.run(b)
		})
		if s.heads != s.shared {
			continue
		}
		b.Run(name+"unfused", func(b *testing.B) {
			h := newChain()
			turned := h.add(b, layout.Table, "Transpose", list(k), nil, perm(0, 1, 3, 2))
			soft := h.add(b, reduce.Table, "Softmax", list(h.add(b, linear.Table, "MatMul", list(q, turned), nil)), nil)
			h.add(b, linear.Table, "MatMul", list(soft, v), nil)
			h.run(b)
		})
	}
}

func BenchmarkLinear(b *testing.B) {
	rng := seeded()
	for _, s := range [][3]int{{1, 384, 384}, {1, 384, 1536}, {128, 384, 384}, {128, 384, 1536}, {128, 1536, 384}, {512, 768, 768}} {
		x, w, bias := random(rng, s[0], s[1]), random(rng, s[1], s[2]), random(rng, s[2])
		name := fmt.Sprintf("m=%d/k=%d/n=%d/", s[0], s[1], s[2])
		b.Run(name+"fused", func(b *testing.B) {
			h := newChain()
			h.add(b, linear.Fused, "Linear", list(x, w, bias), []int{1, 2}, onnxpb.TextAttr("activation", "Gelu"))
			h.run(b)
		})
		b.Run(name+"unfused", func(b *testing.B) {
			h := newChain()
			h.add(b, elementwise.Table, "Gelu", list(h.add(b, linear.Table, "Gemm", list(x, w, bias), nil)), nil)
			h.run(b)
		})
	}
}

func BenchmarkEinsum(b *testing.B) {
	rng := seeded()
	q := random(rng, 1, 12, 128, 64)
	for _, equation := range []string{"bhid,bhjd->bhij", "bind,bjnd->bnij"} {
		b.Run("equation="+equation, func(b *testing.B) {
			h := newChain()
			h.add(b, linear.Table, "Einsum", list(q, q), nil, onnxpb.TextAttr("equation", equation))
			h.run(b)
		})
	}
}
