//go:build cgo

package linear_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// open returns a backend on the library that is installed. Without one the test
// is skipped, unless the environment names one.
func open(t *testing.T) *onnx.Backend {
	t.Helper()
	b, err := onnx.New(onnx.Options{Dev: true, Devices: []string{"cpu"}})
	if err != nil && os.Getenv("QUINTET_ORT_LIB") == "" {
		t.Skipf("run \"go run github.com/quintet-ai/quintet/optimize/onnx/install\" first: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// oracle runs a node by ONNX Runtime.
func oracle(t *testing.T, b *onnx.Backend, n *onnxpb.Node, in []*tensor.Tensor, types []tensor.DType) []*tensor.Tensor {
	t.Helper()
	build := onnxpb.NewBuilder("one")
	var feed []optimize.Tensor
	for i, x := range in {
		if x == nil {
			continue
		}
		dims := make([]onnxpb.Dim, len(x.Shape))
		for d, size := range x.Shape {
			dims[d] = onnxpb.FixedDim(int64(size))
		}
		build.Input(n.Inputs[i], x.Type, dims...)
		feed = append(feed, foreign(t, x))
	}
	build.Add(n)
	for i, name := range n.Outputs {
		build.Output(name, types[i])
	}
	m := build.Model(23)
	m.Opsets = append(m.Opsets, onnxpb.Opset{Domain: "com.microsoft", Version: 1})
	m.IRVersion = 10
	for i := range m.Graph.Outputs {
		m.Graph.Outputs[i].Type.Tensor.Shape = nil
	}
	s, err := b.Load(context.Background(), optimize.ModelBytes(m.Append(nil)), optimize.SessionOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	got, err := s.Run(context.Background(), feed)
	require.NoError(t, err)
	out := make([]*tensor.Tensor, len(got))
	for i, x := range got {
		out[i] = native(t, x)
	}
	return out
}

func foreign(t *testing.T, x *tensor.Tensor) (y optimize.Tensor) {
	t.Helper()
	var err error
	switch x.Type {
	case onnxpb.Float:
		y, err = optimize.NewTensor(tensor.Of[float32](x), x.Shape...)
	case onnxpb.Int32:
		y, err = optimize.NewTensor(tensor.Of[int32](x), x.Shape...)
	case onnxpb.Int64:
		y, err = optimize.NewTensor(tensor.Of[int64](x), x.Shape...)
	case onnxpb.Bool:
		flags := make([]bool, x.Len())
		for i, v := range tensor.Of[uint8](x) {
			flags[i] = v != 0
		}
		y, err = optimize.NewTensor(flags, x.Shape...)
	default:
		t.Fatalf("no tensor of %s", x.Type)
	}
	require.NoError(t, err)
	return y
}

func native(t *testing.T, x optimize.Tensor) *tensor.Tensor {
	t.Helper()
	if data, err := optimize.Data[int32](x); err == nil {
		return tensor.From(data, x.Shape()...)
	}
	data, err := optimize.Data[float32](x)
	require.NoError(t, err)
	return tensor.From(data, x.Shape()...)
}

// single is an operator with its inputs.
type single struct {
	domain, typ string
	outputs     int
	attrs       []onnxpb.Attribute
	in          func(rng *rand.Rand) []*tensor.Tensor
}

func TestNodesDoWhatONNXRuntimeDoes(t *testing.T) {
	b := open(t)
	tables := op.Domains{"": linear.Table, "com.microsoft": linear.Microsoft}
	for name, tt := range singles() {
		t.Run(name, func(t *testing.T) {
			in := tt.in(seeded())
			n := node(tt.typ, in, tt.outputs, tt.attrs...)
			n.Domain = tt.domain
			got, err := compute(tables[tt.domain], tt.typ, in, tt.outputs, tt.attrs...)
			require.NoError(t, err)
			var types []tensor.DType
			for _, x := range got {
				types = append(types, x.Type)
			}
			for i, want := range oracle(t, b, n, in, types) {
				near(t, want, got[i])
			}
		})
	}
}

func ids(most int, shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(i * 7 % most)
	}
	return tensor.From(x, shape...)
}

// singles are what is compared with ONNX Runtime.
func singles() map[string]single {
	const ms = "com.microsoft"
	heads := func(extra ...onnxpb.Attribute) []onnxpb.Attribute {
		return append(extra, onnxpb.IntAttr("num_heads", 2))
	}
	all := map[string]single{}
	add := func(domain, typ, name string, outputs int, attrs []onnxpb.Attribute, in func(r *rand.Rand) []*tensor.Tensor) {
		all[typ+" "+name] = single{domain, typ, outputs, attrs, in}
	}
	// com.microsoft.Attention: 2 batches of 5 rows of 8, 2 heads of 4.
	merged := func(mask func(r *rand.Rand) *tensor.Tensor, rest ...func(r *rand.Rand) *tensor.Tensor) func(r *rand.Rand) []*tensor.Tensor {
		return func(r *rand.Rand) []*tensor.Tensor {
			in := list(random(r, 2, 5, 8), random(r, 8, 24), random(r, 24))
			for _, f := range append([]func(r *rand.Rand) *tensor.Tensor{mask}, rest...) {
				if f == nil {
					in = append(in, nil)
					continue
				}
				in = append(in, f(r))
			}
			return in
		}
	}
	floats := func(shape ...int) func(r *rand.Rand) *tensor.Tensor {
		return func(r *rand.Rand) *tensor.Tensor { return random(r, shape...) }
	}
	mask := func(shape ...int) func(r *rand.Rand) *tensor.Tensor {
		return func(r *rand.Rand) *tensor.Tensor { return bits[int32](r, shape...) }
	}
	numbers := func(v ...int32) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return tensor.From(v, len(v)) }
	}
	causal, low := onnxpb.IntAttr("unidirectional", 1), onnxpb.FloatAttr("mask_filter_value", -1)
	add(ms, "Attention", "plain", 1, heads(), merged(nil))
	add(ms, "Attention", "lengths", 1, heads(low), merged(numbers(3, 5)))
	add(ms, "Attention", "ends and starts", 1, heads(low), merged(numbers(3, 5, 1, 2)))
	add(ms, "Attention", "raw mask", 1, heads(low), merged(mask(2, 5)))
	add(ms, "Attention", "raw mask of rows", 1, heads(low), merged(mask(2, 5, 5)))
	add(ms, "Attention", "mask of zeros", 1, heads(), merged(func(*rand.Rand) *tensor.Tensor { return tensor.From(make([]int32, 10), 2, 5) }))
	add(ms, "Attention", "causal", 1, heads(causal), merged(nil))
	add(ms, "Attention", "causal raw mask", 1, heads(causal), merged(mask(2, 5)))
	add(ms, "Attention", "past", 2, heads(), merged(nil, floats(2, 2, 2, 3, 4)))
	add(ms, "Attention", "causal past raw mask", 2, heads(causal, low), merged(mask(2, 8), floats(2, 2, 2, 3, 4)))
	add(ms, "Attention", "present alone", 2, heads(causal), merged(nil))
	add(ms, "Attention", "bias of scores", 1, heads(), merged(mask(2, 5), nil, floats(1, 2, 5, 5)))
	add(ms, "Attention", "scale", 1, heads(onnxpb.FloatAttr("scale", 0.1)), merged(nil))
	add(ms, "Attention", "sizes", 1, heads(onnxpb.IntsAttr("qkv_hidden_sizes", 8, 8, 4)), func(r *rand.Rand) []*tensor.Tensor {
		return list(random(r, 2, 5, 8), random(r, 8, 20), random(r, 20))
	})
	// MultiHeadAttention: 2 batches, 3 queries, 5 keys, 2 heads of 4.
	multi := func(in ...func(r *rand.Rand) *tensor.Tensor) func(r *rand.Rand) []*tensor.Tensor {
		return func(r *rand.Rand) (all []*tensor.Tensor) {
			for _, f := range in {
				if f == nil {
					all = append(all, nil)
					continue
				}
				all = append(all, f(r))
			}
			return all
		}
	}
	q, k := floats(2, 3, 8), floats(2, 5, 8)
	add(ms, "MultiHeadAttention", "plain", 1, heads(), multi(q, k, k))
	add(ms, "MultiHeadAttention", "other width of values", 1, heads(), multi(q, k, floats(2, 5, 6)))
	add(ms, "MultiHeadAttention", "bias", 1, heads(), multi(q, k, k, floats(24)))
	add(ms, "MultiHeadAttention", "lengths", 1, heads(low), multi(q, k, k, nil, numbers(2, 4)))
	add(ms, "MultiHeadAttention", "padding", 1, heads(low), multi(q, k, k, nil, mask(2, 5)))
	add(ms, "MultiHeadAttention", "padding of rows", 1, heads(low), multi(q, k, k, nil, mask(2, 3, 5)))
	add(ms, "MultiHeadAttention", "bias of scores", 1, heads(low), multi(q, k, k, nil, mask(2, 5), floats(1, 2, 3, 5)))
	add(ms, "MultiHeadAttention", "bias of scores of batches", 1, heads(), multi(q, k, k, nil, nil, floats(2, 1, 3, 5)))
	add(ms, "MultiHeadAttention", "causal", 1, heads(causal), multi(q, q, q))
	add(ms, "MultiHeadAttention", "past", 3, heads(), multi(q, q, q, nil, nil, nil, floats(2, 2, 4, 4), floats(2, 2, 4, 4)))
	add(ms, "MultiHeadAttention", "causal past with bias", 3, heads(causal, low),
		multi(q, q, q, floats(24), mask(2, 7), nil, floats(2, 2, 4, 4), floats(2, 2, 4, 4)))
	add(ms, "MultiHeadAttention", "present alone", 3, heads(), multi(q, q, q, floats(24)))
	add(ms, "MultiHeadAttention", "keys of an earlier run", 1, heads(), multi(q, floats(2, 2, 5, 4), floats(2, 2, 5, 4)))
	add(ms, "MultiHeadAttention", "keys of an earlier run with bias", 1, heads(),
		multi(q, floats(2, 2, 5, 4), floats(2, 2, 5, 4), floats(24)))
	// GroupQueryAttention: 4 heads that share 2, of 4.
	group := func(extra ...onnxpb.Attribute) []onnxpb.Attribute {
		return append(extra, onnxpb.IntAttr("num_heads", 4), onnxpb.IntAttr("kv_num_heads", 2))
	}
	one := func(v int32) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return tensor.From([]int32{v}, 1) }
	}
	gq, gk := floats(1, 3, 64), floats(1, 3, 32)
	past, past2 := floats(1, 2, 6, 16), floats(2, 2, 6, 16)
	table := floats(12, 8)
	turn := onnxpb.IntAttr("do_rotary", 1)
	add(ms, "GroupQueryAttention", "prompt", 3, group(), multi(gq, gk, gk, nil, nil, numbers(2), one(3)))
	add(ms, "GroupQueryAttention", "past", 3, group(), multi(gq, gk, gk, past, past, numbers(8), one(9)))
	add(ms, "GroupQueryAttention", "one row", 3, group(),
		multi(floats(2, 1, 64), floats(2, 1, 32), floats(2, 1, 32), past2, past2, numbers(6, 4), one(7)))
	add(ms, "GroupQueryAttention", "room in the past", 3, group(), multi(floats(1, 1, 64), floats(1, 1, 32), floats(1, 1, 32),
		floats(1, 2, 9, 16), floats(1, 2, 9, 16), numbers(4), one(5)))
	add(ms, "GroupQueryAttention", "packed rotary", 3, group(turn),
		multi(floats(1, 3, 128), nil, nil, past, past, numbers(8), one(9), table, table))
	add(ms, "GroupQueryAttention", "rotary prompt", 3, group(turn),
		multi(gq, gk, gk, nil, nil, numbers(2), one(3), table, table))
	add(ms, "GroupQueryAttention", "interleaved", 3, group(turn, onnxpb.IntAttr("rotary_interleaved", 1)),
		multi(gq, gk, gk, past, past, numbers(8), one(9), table, table))
	add(ms, "GroupQueryAttention", "window", 3, group(onnxpb.IntAttr("local_window_size", 4)),
		multi(gq, gk, gk, past, past, numbers(8), one(9)))
	add(ms, "GroupQueryAttention", "softcap and scale", 3, group(onnxpb.FloatAttr("softcap", 2), onnxpb.FloatAttr("scale", 0.7)),
		multi(gq, gk, gk, past, past, numbers(8), one(9)))
	add(ms, "GroupQueryAttention", "bias of scores", 3, group(),
		multi(gq, gk, gk, past, past, numbers(8), one(9), nil, nil, nil, floats(1, 4, 3, 9)))
	// RotaryEmbedding, of both domains.
	longs := func(shape []int, v ...int64) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return tensor.From(v, shape...) }
	}
	places := longs([]int{2, 3}, 0, 5, 2, 11, 1, 7)
	add(ms, "RotaryEmbedding", "offset", 1, nil, multi(floats(2, 3, 32), longs([]int{1}, 4), table, table))
	add(ms, "RotaryEmbedding", "places", 1, nil, multi(floats(2, 3, 32), places, table, table))
	add(ms, "RotaryEmbedding", "heads apart", 1, nil, multi(floats(2, 2, 3, 16), places, table, table))
	add(ms, "RotaryEmbedding", "interleaved", 1, with(onnxpb.IntAttr("interleaved", 1)), multi(floats(2, 3, 32), places, table, table))
	add(ms, "RotaryEmbedding", "a part", 1, heads(onnxpb.IntAttr("rotary_embedding_dim", 16)), multi(floats(2, 3, 40), places, table, table))
	add("", "RotaryEmbedding", "of ONNX", 1, heads(), multi(floats(2, 3, 32), table, table, places))
	add("", "RotaryEmbedding", "of ONNX, apart", 1, nil, multi(floats(2, 2, 3, 16), floats(2, 3, 8), floats(2, 3, 8)))
	add("", "RotaryEmbedding", "of ONNX, a part", 1, heads(onnxpb.IntAttr("rotary_embedding_dim", 16), onnxpb.IntAttr("interleaved", 1)),
		multi(floats(2, 3, 40), table, table, places))
	// EmbedLayerNormalization.
	word := func(rows int) func(r *rand.Rand) *tensor.Tensor { return floats(rows, 8) }
	tokens := func(most int) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return ids(most, 2, 5) }
	}
	add(ms, "EmbedLayerNormalization", "with segments", 2, nil,
		multi(tokens(9), tokens(2), word(9), word(6), word(2), floats(8), floats(8), mask(2, 5)))
	add(ms, "EmbedLayerNormalization", "with a sum", 3, with(onnxpb.FloatAttr("epsilon", 0.1)),
		multi(tokens(9), nil, word(9), word(6), nil, floats(8), floats(8)))
	add(ms, "EmbedLayerNormalization", "with positions", 2, nil,
		multi(tokens(9), tokens(2), word(9), word(6), word(2), floats(8), floats(8), nil, tokens(6)))
	// Attention of ONNX: 4 heads that share 2.
	standard := func(extra ...onnxpb.Attribute) []onnxpb.Attribute {
		return append(extra, onnxpb.IntAttr("q_num_heads", 4), onnxpb.IntAttr("kv_num_heads", 2))
	}
	flags := func(shape ...int) func(r *rand.Rand) *tensor.Tensor {
		return func(r *rand.Rand) *tensor.Tensor {
			x := bits[uint8](r, shape...)
			x.Type = onnxpb.Bool
			return x
		}
	}
	oq, ok, ov := floats(2, 3, 16), floats(2, 5, 8), floats(2, 5, 6)
	isCausal, cap := onnxpb.IntAttr("is_causal", 1), onnxpb.FloatAttr("softcap", 2)
	add("", "Attention", "of ONNX", 1, standard(), multi(oq, ok, ov))
	add("", "Attention", "of ONNX, apart", 1, nil, multi(floats(2, 4, 3, 4), floats(2, 2, 5, 4), floats(2, 2, 5, 3)))
	add("", "Attention", "of ONNX, causal", 1, standard(isCausal), multi(oq, ok, ov))
	add("", "Attention", "of ONNX, softcap", 1, standard(cap), multi(oq, ok, ov))
	add("", "Attention", "of ONNX, mask and softcap", 1, standard(cap, isCausal), multi(oq, ok, ov, floats(3, 5)))
	add("", "Attention", "of ONNX, flags", 1, standard(onnxpb.FloatAttr("scale", 0.3)), multi(oq, ok, ov, flags(2, 1, 3, 5)))
	add("", "Attention", "of ONNX, flags and softcap", 1, standard(cap), multi(oq, ok, ov, flags(2, 1, 3, 5)))
	add("", "Attention", "of ONNX, flags all down", 1, standard(), multi(oq, ok, ov, func(*rand.Rand) *tensor.Tensor {
		x := tensor.From(make([]uint8, 15), 3, 5)
		x.Type = onnxpb.Bool
		return x
	}))
	add("", "Attention", "of ONNX, mask of infinities", 1, standard(), multi(oq, ok, ov, func(*rand.Rand) *tensor.Tensor {
		x := tensor.From(make([]float32, 15), 3, 5)
		for i := range 7 {
			tensor.Of[float32](x)[i] = float32(math.Inf(-1))
		}
		return x
	}))
	add("", "Attention", "of ONNX, past", 3, standard(), multi(oq, ok, ov, nil, floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
	add("", "Attention", "of ONNX, causal past", 3, standard(isCausal), multi(oq, ok, ov, nil, floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
	add("", "Attention", "of ONNX, causal past and mask", 3, standard(isCausal),
		multi(oq, ok, ov, floats(4, 3, 11), floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
	add(ms, "FusedMatMul", "transposed", 1, with(onnxpb.IntAttr("transA", 1), onnxpb.IntAttr("transB", 1), onnxpb.FloatAttr("alpha", 0.5)),
		multi(floats(2, 4, 3), floats(2, 5, 4)))
	add(ms, "FusedGemm", "activation", 1, with(onnxpb.IntAttr("transA", 1), onnxpb.TextAttr("activation", "LeakyRelu"),
		onnxpb.FloatAttr("activation_alpha", 0.3), onnxpb.FloatAttr("alpha", 0.5), onnxpb.FloatAttr("beta", 2)),
		multi(floats(4, 3), floats(4, 5), floats(5)))
	for equation, in := range map[string]func(r *rand.Rand) []*tensor.Tensor{
		"ij,jk->ik": multi(floats(3, 4), floats(4, 5)), "bij,bjk->bki": multi(floats(2, 3, 4), floats(2, 4, 5)),
		"bhid,bhjd->bhij": multi(floats(2, 3, 4, 5), floats(2, 3, 6, 5)), "...ii->...": multi(floats(2, 3, 3)),
		"ij,jk,kl->il": multi(floats(3, 4), floats(4, 5), floats(5, 2)), "ij->j": multi(floats(3, 4)),
		"b...k,...kn->bn...": multi(floats(2, 3, 4), floats(1, 4, 5)), "ba": multi(floats(3, 4)), "ijk,ijk->k": multi(floats(3, 4, 5), floats(3, 4, 5)),
	} {
		add("", "Einsum", equation, 1, with(onnxpb.TextAttr("equation", equation)), in)
	}
	return all
}
