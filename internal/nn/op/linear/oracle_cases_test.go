//go:build cgo

package linear_test

import (
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// cases are what is compared with ONNX Runtime, by name.
type cases map[string]single

func (c cases) add(domain, typ, name string, outputs int, attrs []onnxpb.Attribute, in func(r *rand.Rand) []*tensor.Tensor) {
	c[typ+" "+name] = single{domain, typ, outputs, attrs, in}
}

// maker makes one input.
type maker = func(r *rand.Rand) *tensor.Tensor

const ms = "com.microsoft"

func floats(shape ...int) maker {
	return func(r *rand.Rand) *tensor.Tensor { return random(r, shape...) }
}

func mask(shape ...int) maker {
	return func(r *rand.Rand) *tensor.Tensor { return bits[int32](r, shape...) }
}

func numbers(v ...int32) maker {
	return func(*rand.Rand) *tensor.Tensor { return tensor.From(v, len(v)) }
}

// multi makes all inputs; nil is one that is left out.
func multi(in ...maker) func(r *rand.Rand) []*tensor.Tensor {
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

// merged is the inputs of com.microsoft's Attention behind its bias: 2 batches of 5
// rows of 8, 2 heads of 4.
func merged(in ...maker) func(r *rand.Rand) []*tensor.Tensor {
	return multi(append([]maker{floats(2, 5, 8), floats(8, 24), floats(24)}, in...)...)
}

func heads(extra ...onnxpb.Attribute) []onnxpb.Attribute {
	return append(extra, onnxpb.IntAttr("num_heads", 2))
}

var (
	causal = onnxpb.IntAttr("unidirectional", 1)
	low    = onnxpb.FloatAttr("mask_filter_value", -1)
	table  = floats(12, 8) // of cosines or sines
)

func (c cases) merged() {
	c.add(ms, "Attention", "plain", 1, heads(), merged(nil))
	c.add(ms, "Attention", "lengths", 1, heads(low), merged(numbers(3, 5)))
	c.add(ms, "Attention", "ends and starts", 1, heads(low), merged(numbers(3, 5, 1, 2)))
	c.add(ms, "Attention", "raw mask", 1, heads(low), merged(mask(2, 5)))
	c.add(ms, "Attention", "raw mask of rows", 1, heads(low), merged(mask(2, 5, 5)))
	c.add(ms, "Attention", "mask of zeros", 1, heads(), merged(func(*rand.Rand) *tensor.Tensor { return tensor.From(make([]int32, 10), 2, 5) }))
	c.add(ms, "Attention", "causal", 1, heads(causal), merged(nil))
	c.add(ms, "Attention", "causal raw mask", 1, heads(causal), merged(mask(2, 5)))
	c.add(ms, "Attention", "past", 2, heads(), merged(nil, floats(2, 2, 2, 3, 4)))
	c.add(ms, "Attention", "causal past raw mask", 2, heads(causal, low), merged(mask(2, 8), floats(2, 2, 2, 3, 4)))
	c.add(ms, "Attention", "present alone", 2, heads(causal), merged(nil))
	c.add(ms, "Attention", "bias of scores", 1, heads(), merged(mask(2, 5), nil, floats(1, 2, 5, 5)))
	c.add(ms, "Attention", "scale", 1, heads(onnxpb.FloatAttr("scale", 0.1)), merged(nil))
	c.add(ms, "Attention", "sizes", 1, heads(onnxpb.IntsAttr("qkv_hidden_sizes", 8, 8, 4)), func(r *rand.Rand) []*tensor.Tensor {
		return list(random(r, 2, 5, 8), random(r, 8, 20), random(r, 20))
	})
}

// multiHead has 2 batches, 3 queries, 5 keys and 2 heads of 4.
func (c cases) multiHead() {
	q, k := floats(2, 3, 8), floats(2, 5, 8)
	c.add(ms, "MultiHeadAttention", "plain", 1, heads(), multi(q, k, k))
	c.add(ms, "MultiHeadAttention", "other width of values", 1, heads(), multi(q, k, floats(2, 5, 6)))
	c.add(ms, "MultiHeadAttention", "bias", 1, heads(), multi(q, k, k, floats(24)))
	c.add(ms, "MultiHeadAttention", "lengths", 1, heads(low), multi(q, k, k, nil, numbers(2, 4)))
	c.add(ms, "MultiHeadAttention", "padding", 1, heads(low), multi(q, k, k, nil, mask(2, 5)))
	c.add(ms, "MultiHeadAttention", "padding of rows", 1, heads(low), multi(q, k, k, nil, mask(2, 3, 5)))
	c.add(ms, "MultiHeadAttention", "bias of scores", 1, heads(low), multi(q, k, k, nil, mask(2, 5), floats(1, 2, 3, 5)))
	c.add(ms, "MultiHeadAttention", "bias of scores of batches", 1, heads(), multi(q, k, k, nil, nil, floats(2, 1, 3, 5)))
	c.add(ms, "MultiHeadAttention", "causal", 1, heads(causal), multi(q, q, q))
	c.add(ms, "MultiHeadAttention", "past", 3, heads(), multi(q, q, q, nil, nil, nil, floats(2, 2, 4, 4), floats(2, 2, 4, 4)))
	c.add(ms, "MultiHeadAttention", "causal past with bias", 3, heads(causal, low),
		multi(q, q, q, floats(24), mask(2, 7), nil, floats(2, 2, 4, 4), floats(2, 2, 4, 4)))
	c.add(ms, "MultiHeadAttention", "present alone", 3, heads(), multi(q, q, q, floats(24)))
	c.add(ms, "MultiHeadAttention", "keys of an earlier run", 1, heads(), multi(q, floats(2, 2, 5, 4), floats(2, 2, 5, 4)))
	c.add(ms, "MultiHeadAttention", "keys of an earlier run with bias", 1, heads(),
		multi(q, floats(2, 2, 5, 4), floats(2, 2, 5, 4), floats(24)))
}

// group has 4 heads of 16 that share 2.
func group(extra ...onnxpb.Attribute) []onnxpb.Attribute {
	return append(extra, onnxpb.IntAttr("num_heads", 4), onnxpb.IntAttr("kv_num_heads", 2))
}

func (c cases) groupQuery() {
	turn := onnxpb.IntAttr("do_rotary", 1)
	gq, gk := floats(1, 3, 64), floats(1, 3, 32)
	past, past2 := floats(1, 2, 6, 16), floats(2, 2, 6, 16)
	c.add(ms, "GroupQueryAttention", "prompt", 3, group(), multi(gq, gk, gk, nil, nil, numbers(2), numbers(3)))
	c.add(ms, "GroupQueryAttention", "past", 3, group(), multi(gq, gk, gk, past, past, numbers(8), numbers(9)))
	c.add(ms, "GroupQueryAttention", "one row", 3, group(),
		multi(floats(2, 1, 64), floats(2, 1, 32), floats(2, 1, 32), past2, past2, numbers(6, 4), numbers(7)))
	c.add(ms, "GroupQueryAttention", "room in the past", 3, group(), multi(floats(1, 1, 64), floats(1, 1, 32), floats(1, 1, 32),
		floats(1, 2, 9, 16), floats(1, 2, 9, 16), numbers(4), numbers(5)))
	c.add(ms, "GroupQueryAttention", "packed rotary", 3, group(turn),
		multi(floats(1, 3, 128), nil, nil, past, past, numbers(8), numbers(9), table, table))
	c.add(ms, "GroupQueryAttention", "rotary prompt", 3, group(turn),
		multi(gq, gk, gk, nil, nil, numbers(2), numbers(3), table, table))
	c.add(ms, "GroupQueryAttention", "interleaved", 3, group(turn, onnxpb.IntAttr("rotary_interleaved", 1)),
		multi(gq, gk, gk, past, past, numbers(8), numbers(9), table, table))
	c.add(ms, "GroupQueryAttention", "window", 3, group(onnxpb.IntAttr("local_window_size", 4)),
		multi(gq, gk, gk, past, past, numbers(8), numbers(9)))
	c.add(ms, "GroupQueryAttention", "softcap and scale", 3, group(onnxpb.FloatAttr("softcap", 2), onnxpb.FloatAttr("scale", 0.7)),
		multi(gq, gk, gk, past, past, numbers(8), numbers(9)))
	c.add(ms, "GroupQueryAttention", "bias of scores", 3, group(),
		multi(gq, gk, gk, past, past, numbers(8), numbers(9), nil, nil, nil, floats(1, 4, 3, 9)))
}

func (c cases) rotary() {
	longs := func(shape []int, v ...int64) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return tensor.From(v, shape...) }
	}
	places := longs([]int{2, 3}, 0, 5, 2, 11, 1, 7)
	c.add(ms, "RotaryEmbedding", "offset", 1, nil, multi(floats(2, 3, 32), longs([]int{1}, 4), table, table))
	c.add(ms, "RotaryEmbedding", "places", 1, nil, multi(floats(2, 3, 32), places, table, table))
	c.add(ms, "RotaryEmbedding", "heads apart", 1, nil, multi(floats(2, 2, 3, 16), places, table, table))
	c.add(ms, "RotaryEmbedding", "interleaved", 1, with(onnxpb.IntAttr("interleaved", 1)), multi(floats(2, 3, 32), places, table, table))
	c.add(ms, "RotaryEmbedding", "a part", 1, heads(onnxpb.IntAttr("rotary_embedding_dim", 16)), multi(floats(2, 3, 40), places, table, table))
	c.add("", "RotaryEmbedding", "of ONNX", 1, heads(), multi(floats(2, 3, 32), table, table, places))
	c.add("", "RotaryEmbedding", "of ONNX, apart", 1, nil, multi(floats(2, 2, 3, 16), floats(2, 3, 8), floats(2, 3, 8)))
	c.add("", "RotaryEmbedding", "of ONNX, a part", 1, heads(onnxpb.IntAttr("rotary_embedding_dim", 16), onnxpb.IntAttr("interleaved", 1)),
		multi(floats(2, 3, 40), table, table, places))
}

func (c cases) embedding() {
	word := func(rows int) maker { return floats(rows, 8) }
	tokens := func(most int) func(r *rand.Rand) *tensor.Tensor {
		return func(*rand.Rand) *tensor.Tensor { return ids(most, 2, 5) }
	}
	c.add(ms, "EmbedLayerNormalization", "with segments", 2, nil,
		multi(tokens(9), tokens(2), word(9), word(6), word(2), floats(8), floats(8), mask(2, 5)))
	c.add(ms, "EmbedLayerNormalization", "with a sum", 3, with(onnxpb.FloatAttr("epsilon", 0.1)),
		multi(tokens(9), nil, word(9), word(6), nil, floats(8), floats(8)))
	c.add(ms, "EmbedLayerNormalization", "with positions", 2, nil,
		multi(tokens(9), tokens(2), word(9), word(6), word(2), floats(8), floats(8), nil, tokens(6)))
}

// standard has 4 heads that share 2.
func (c cases) standard() {
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
	c.add("", "Attention", "of ONNX", 1, standard(), multi(oq, ok, ov))
	c.add("", "Attention", "of ONNX, apart", 1, nil, multi(floats(2, 4, 3, 4), floats(2, 2, 5, 4), floats(2, 2, 5, 3)))
	c.add("", "Attention", "of ONNX, causal", 1, standard(isCausal), multi(oq, ok, ov))
	c.add("", "Attention", "of ONNX, softcap", 1, standard(cap), multi(oq, ok, ov))
	c.add("", "Attention", "of ONNX, mask and softcap", 1, standard(cap, isCausal), multi(oq, ok, ov, floats(3, 5)))
	c.add("", "Attention", "of ONNX, flags", 1, standard(onnxpb.FloatAttr("scale", 0.3)), multi(oq, ok, ov, flags(2, 1, 3, 5)))
	c.add("", "Attention", "of ONNX, flags and softcap", 1, standard(cap), multi(oq, ok, ov, flags(2, 1, 3, 5)))
	c.add("", "Attention", "of ONNX, flags all down", 1, standard(), multi(oq, ok, ov, func(*rand.Rand) *tensor.Tensor {
		x := tensor.From(make([]uint8, 15), 3, 5)
		x.Type = onnxpb.Bool
		return x
	}))
	c.add("", "Attention", "of ONNX, mask of infinities", 1, standard(), multi(oq, ok, ov, func(*rand.Rand) *tensor.Tensor {
		x := tensor.From(make([]float32, 15), 3, 5)
		for i := range 7 {
			tensor.Of[float32](x)[i] = float32(math.Inf(-1))
		}
		return x
	}))
	c.add("", "Attention", "of ONNX, past", 3, standard(), multi(oq, ok, ov, nil, floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
	c.add("", "Attention", "of ONNX, causal past", 3, standard(isCausal), multi(oq, ok, ov, nil, floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
	c.add("", "Attention", "of ONNX, causal past and mask", 3, standard(isCausal),
		multi(oq, ok, ov, floats(4, 3, 11), floats(2, 2, 6, 4), floats(2, 2, 6, 3)))
}

func (c cases) products() {
	c.add(ms, "FusedMatMul", "transposed", 1, with(onnxpb.IntAttr("transA", 1), onnxpb.IntAttr("transB", 1), onnxpb.FloatAttr("alpha", 0.5)),
		multi(floats(2, 4, 3), floats(2, 5, 4)))
	c.add(ms, "FusedGemm", "activation", 1, with(onnxpb.IntAttr("transA", 1), onnxpb.TextAttr("activation", "LeakyRelu"),
		onnxpb.FloatAttr("activation_alpha", 0.3), onnxpb.FloatAttr("alpha", 0.5), onnxpb.FloatAttr("beta", 2)),
		multi(floats(4, 3), floats(4, 5), floats(5)))
	for equation, in := range map[string]func(r *rand.Rand) []*tensor.Tensor{
		"ij,jk->ik": multi(floats(3, 4), floats(4, 5)), "bij,bjk->bki": multi(floats(2, 3, 4), floats(2, 4, 5)),
		"bhid,bhjd->bhij": multi(floats(2, 3, 4, 5), floats(2, 3, 6, 5)), "...ii->...": multi(floats(2, 3, 3)),
		"ij,jk,kl->il": multi(floats(3, 4), floats(4, 5), floats(5, 2)), "ij->j": multi(floats(3, 4)),
		"b...k,...kn->bn...": multi(floats(2, 3, 4), floats(1, 4, 5)), "ba": multi(floats(3, 4)), "ijk,ijk->k": multi(floats(3, 4, 5), floats(3, 4, 5)),
	} {
		c.add("", "Einsum", equation, 1, with(onnxpb.TextAttr("equation", equation)), in)
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
