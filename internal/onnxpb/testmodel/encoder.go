package testmodel

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// EncoderOptions are the sizes of a BERT encoder. Zero means what all-MiniLM-L6
// has, given behind each field.
type EncoderOptions struct {
	Seed      uint64
	Opset     int64 // 17; at least 11; below 17, layer norms are made of simpler operators
	Layers    int   // 6
	Hidden    int   // 384, a multiple of Heads
	Heads     int   // 12
	Inner     int   // 1536, the width between the two linears of the feed-forward block
	Vocab     int   // 30522
	Positions int   // 512, the longest text in tokens
	Pooled    bool  // also give the mean over the tokens, sentence_embedding
}

func (o EncoderOptions) withDefaults() EncoderOptions {
	for p, def := range map[*int]int{&o.Layers: 6, &o.Hidden: 384, &o.Heads: 12, &o.Inner: 1536, &o.Vocab: 30522,
		&o.Positions: 512} {
		if *p == 0 {
			*p = def
		}
	}
	if o.Opset == 0 {
		o.Opset = 17
	}
	return o
}

// Encoder returns a BERT encoder as PyTorch exports it: constant MatMul and Add
// for linears, Erf for GELU, attention by Reshape and Transpose.
//
// Inputs: input_ids, attention_mask, token_type_ids, int64[batch,seq]. Output:
// last_hidden_state, float32[batch,seq,Hidden].
func Encoder(o EncoderOptions) *onnxpb.Model {
	o = o.withDefaults()
	e := &encoder{net: newNet("encoder", o.Seed), o: o}
	batch, seq := onnxpb.FreeDim("batch"), onnxpb.FreeDim("seq")
	ids := e.Input("input_ids", onnxpb.Int64, batch, seq)
	mask := e.Input("attention_mask", onnxpb.Int64, batch, seq)
	types := e.Input("token_type_ids", onnxpb.Int64, batch, seq)
	e.constants()
	x := e.embed(ids, types)
	bias := e.maskBias(mask)
	for l := range o.Layers {
		x = e.layer(fmt.Sprintf("encoder.layer.%d", l), x, bias)
	}
	e.Rename(x, "last_hidden_state")
	e.Output("last_hidden_state", onnxpb.Float, batch, seq, onnxpb.FixedDim(int64(o.Hidden)))
	if o.Pooled {
		e.pool("last_hidden_state", mask)
		e.Output("sentence_embedding", onnxpb.Float, batch, onnxpb.FixedDim(int64(o.Hidden)))
	}
	return e.Model(o.Opset)
}

// encoder is an encoder being built.
type encoder struct {
	net
	o EncoderOptions

	one, half, sqrt2, two, eps, low, scale string // scalars
	split, merge                           string // shapes of Reshape
}

func (e *encoder) constants() {
	width := e.o.Hidden / e.o.Heads
	e.one, e.half, e.two = e.scalar("one", 1), e.scalar("half", 0.5), e.scalar("two", 2)
	e.sqrt2, e.eps = e.scalar("sqrt2", math.Sqrt2), e.scalar("epsilon", 1e-12)
	e.low, e.scale = e.scalar("masked", -10000), e.scalar("sqrt_width", float32(math.Sqrt(float64(width))))
	e.split = e.ints("split_heads", 0, 0, int64(e.o.Heads), int64(width))
	e.merge = e.ints("merge_heads", 0, 0, int64(e.o.Hidden))
}

// embed adds the embeddings of word, type and position and normalises them.
func (e *encoder) embed(ids, types string) string {
	h := e.o.Hidden
	word := e.normal("embeddings.word_embeddings.weight", 0.5, e.o.Vocab, h)
	typ := e.normal("embeddings.token_type_embeddings.weight", 0.1, 2, h)
	pos := e.normal("embeddings.position_embeddings.weight", 0.3, e.o.Positions, h)
	zero, one, two := e.ints("index_0", 0), e.ints("index_1", 1), e.ints("index_2", 2)
	seq := e.Op("Slice", e.Op("Shape", ids), one, two, zero)
	sum := e.Op("Add", e.Op("Gather", word, ids), e.Op("Gather", typ, types))
	sum = e.Op("Add", sum, e.Op("Slice", pos, zero, seq, zero))
	return e.norm("embeddings.LayerNorm", sum)
}

// maskBias is 0 for a token and -10000 for padding, [batch,1,1,seq].
func (e *encoder) maskBias(mask string) string {
	m := e.OpWith("Cast", attrs(onnxpb.IntAttr("to", int64(onnxpb.Float))), e.unsqueeze(mask, 1, 2))
	return e.Op("Mul", e.Op("Sub", e.one, m), e.low)
}

func (e *encoder) unsqueeze(x string, axes ...int64) string {
	if e.o.Opset < 13 {
		return e.OpWith("Unsqueeze", attrs(onnxpb.IntsAttr("axes", axes...)), x)
	}
	return e.Op("Unsqueeze", x, e.ints("", axes...))
}

func (e *encoder) layer(name, x, bias string) string {
	a := e.linear(name+".attention.output.dense", e.attention(name+".attention.self", x, bias), e.o.Hidden, e.o.Hidden)
	x = e.norm(name+".attention.output.LayerNorm", e.Op("Add", a, x))
	h := e.gelu(e.linear(name+".intermediate.dense", x, e.o.Hidden, e.o.Inner))
	h = e.linear(name+".output.dense", h, e.o.Inner, e.o.Hidden)
	return e.norm(name+".output.LayerNorm", e.Op("Add", h, x))
}

func (e *encoder) attention(name, x, bias string) string {
	head := func(part string, perm ...int64) string {
		p := e.linear(name+"."+part, x, e.o.Hidden, e.o.Hidden)
		return e.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", perm...)), e.Op("Reshape", p, e.split))
	}
	q, k, v := head("query", 0, 2, 1, 3), head("key", 0, 2, 3, 1), head("value", 0, 2, 1, 3)
	scores := e.Op("Add", e.Op("Div", e.Op("MatMul", q, k), e.scale), bias)
	a := e.Op("MatMul", e.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", -1)), scores), v)
	return e.Op("Reshape", e.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a), e.merge)
}

func (e *encoder) linear(name, x string, in, out int) string {
	w := e.normal(name+".weight", 1/math.Sqrt(float64(in)), in, out)
	return e.Op("Add", e.normal(name+".bias", 0.02, out), e.Op("MatMul", x, w))
}

func (e *encoder) gelu(x string) string {
	erf := e.Op("Add", e.Op("Erf", e.Op("Div", x, e.sqrt2)), e.one)
	return e.Op("Mul", e.Op("Mul", x, erf), e.half)
}

func (e *encoder) norm(name, x string) string {
	gain := e.around(name+".weight", 1, 0.1, e.o.Hidden)
	bias := e.normal(name+".bias", 0.02, e.o.Hidden)
	if e.o.Opset >= 17 {
		at := attrs(onnxpb.IntAttr("axis", -1), onnxpb.FloatAttr("epsilon", 1e-12))
		return e.OpWith("LayerNormalization", at, x, gain, bias)
	}
	mean := attrs(onnxpb.IntsAttr("axes", -1))
	d := e.Op("Sub", x, e.OpWith("ReduceMean", mean, x))
	variance := e.OpWith("ReduceMean", mean, e.Op("Pow", d, e.two))
	d = e.Op("Div", d, e.Op("Sqrt", e.Op("Add", variance, e.eps)))
	return e.Op("Add", e.Op("Mul", d, gain), bias)
}

// pool is the mean of x over the tokens that are no padding.
func (e *encoder) pool(x, mask string) {
	m := e.OpWith("Cast", attrs(onnxpb.IntAttr("to", int64(onnxpb.Float))), e.unsqueeze(mask, 2))
	sum, count := e.sumTokens(e.Op("Mul", x, m)), e.sumTokens(m)
	e.Rename(e.Op("Div", sum, count), "sentence_embedding")
}

func (e *encoder) sumTokens(x string) string {
	if e.o.Opset < 13 {
		return e.OpWith("ReduceSum", attrs(onnxpb.IntsAttr("axes", 1), onnxpb.IntAttr("keepdims", 0)), x)
	}
	return e.OpWith("ReduceSum", attrs(onnxpb.IntAttr("keepdims", 0)), x, e.ints("", 1))
}
