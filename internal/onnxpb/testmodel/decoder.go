package testmodel

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// DecoderOptions are the sizes of an autoregressive decoder. Zero means what is given
// behind each field.
type DecoderOptions struct {
	Seed   uint64
	Layers int // 2
	Hidden int // 32, a multiple of Heads
	Heads  int // 4
	Vocab  int // 50
	Length int // 64, the longest text in tokens

	// Cross adds to each layer attention over what an encoder gave, as Whisper and
	// T5 have it, with keys and values of the encoder that are inputs, too.
	Cross bool
}

func (o DecoderOptions) withDefaults() DecoderOptions {
	for p, def := range map[*int]int{&o.Layers: 2, &o.Hidden: 32, &o.Heads: 4, &o.Vocab: 50, &o.Length: 64} {
		if *p == 0 {
			*p = def
		}
	}
	return o
}

// Decoder returns a decoder with a cache of keys and values, as PyTorch exports GPT-2
// and Whisper: new tokens are computed after any number of earlier ones, of which only
// keys and values are given. Without earlier ones their length is 0.
//
// Inputs: input_ids int64[batch,new]; for each layer L past.L.key and past.L.value
// float32[batch,Heads,past,Hidden/Heads]; with Cross, cross.L.key and cross.L.value
// float32[batch,Heads,source,Hidden/Heads]. Outputs: logits float32[batch,new,Vocab];
// for each layer present.L.key and present.L.value, with the new tokens behind the
// earlier.
func Decoder(o DecoderOptions) *onnxpb.Model {
	o = o.withDefaults()
	d := &decoder{encoder{net: newNet("decoder", o.Seed),
		o: EncoderOptions{Opset: 17, Layers: o.Layers, Hidden: o.Hidden, Heads: o.Heads, Inner: 4 * o.Hidden}}, o}
	d.constants()
	ids := d.Input("input_ids", onnxpb.Int64, onnxpb.FreeDim("batch"), onnxpb.FreeDim("new"))
	for l := range o.Layers {
		d.cache("past", l, "past")
		if o.Cross {
			d.cache("cross", l, "source")
		}
	}
	x, mask := d.embed(ids)
	for l := range o.Layers {
		x = d.layer(l, x, mask)
	}
	x = d.norm("norm", x)
	d.Rename(d.Op("MatMul", x, d.normal("head.weight", 1/math.Sqrt(float64(o.Hidden)), o.Hidden, o.Vocab)), "logits")
	d.Output("logits", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FreeDim("new"), onnxpb.FixedDim(int64(o.Vocab)))
	for l := range o.Layers {
		for _, part := range []string{"key", "value"} {
			d.Output(name("present", l, part), onnxpb.Float, d.dims("total")...)
		}
	}
	return d.Model(17)
}

// decoder is a decoder being built, of the parts of an encoder.
type decoder struct {
	encoder
	d DecoderOptions
}

func name(kind string, layer int, part string) string {
	return fmt.Sprintf("%s.%d.%s", kind, layer, part)
}

// dims is the shape of keys and values.
func (d *decoder) dims(length string) []onnxpb.Dim {
	return []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FixedDim(int64(d.d.Heads)), onnxpb.FreeDim(length),
		onnxpb.FixedDim(int64(d.d.Hidden / d.d.Heads))}
}

func (d *decoder) cache(kind string, layer int, length string) {
	for _, part := range []string{"key", "value"} {
		d.Input(name(kind, layer, part), onnxpb.Float, d.dims(length)...)
	}
}

// length is one dimension of a value, as a scalar.
func (d *decoder) length(x string, at int64) string {
	return d.Op("Gather", d.Op("Shape", x), d.Weight(onnxpb.NewTensor("", []int64{at})))
}

// embed gives the embeddings of the new tokens at their positions, and what is added
// to the scores so that none sees a later one, [1,1,new,past+new].
func (d *decoder) embed(ids string) (x, mask string) {
	zero, one := d.Weight(onnxpb.NewTensor("", []int64{0})), d.Weight(onnxpb.NewTensor("", []int64{1}))
	past := d.length(name("past", 0, "key"), 2)
	total := d.Op("Add", past, d.length(ids, 1))
	at := d.Op("Range", past, total, one)
	x = d.Op("Add", d.Op("Gather", d.normal("wte", 0.5, d.d.Vocab, d.d.Hidden), ids),
		d.Op("Gather", d.normal("wpe", 0.3, d.d.Length, d.d.Hidden), at))
	later := d.Op("Greater", d.Op("Unsqueeze", d.Op("Range", zero, total, one), d.ints("", 0)), d.Op("Unsqueeze", at, d.ints("", 1)))
	mask = d.Op("Where", later, d.low, d.scalar("", 0))
	return x, d.Op("Unsqueeze", mask, d.ints("", 0, 1))
}

func (d *decoder) layer(l int, x, mask string) string {
	at := fmt.Sprintf("layer.%d", l)
	h := d.norm(at+".norm1", x)
	k := d.join(name("present", l, "key"), name("past", l, "key"), d.head(at+".key", h))
	v := d.join(name("present", l, "value"), name("past", l, "value"), d.head(at+".value", h))
	x = d.Op("Add", x, d.attend(at+".self", h, k, v, mask))
	if d.d.Cross {
		h = d.norm(at+".norm3", x)
		x = d.Op("Add", x, d.attend(at+".cross", h, name("cross", l, "key"), name("cross", l, "value"), ""))
	}
	h = d.gelu(d.linear(at+".up", d.norm(at+".norm2", x), d.d.Hidden, 4*d.d.Hidden))
	return d.Op("Add", x, d.linear(at+".down", h, 4*d.d.Hidden, d.d.Hidden))
}

// head projects x and separates the heads, [batch,Heads,new,width].
func (d *decoder) head(at, x string) string {
	p := d.Op("Reshape", d.linear(at, x, d.d.Hidden, d.d.Hidden), d.split)
	return d.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), p)
}

func (d *decoder) join(to, past, now string) string {
	d.Rename(d.OpWith("Concat", attrs(onnxpb.IntAttr("axis", 2)), past, now), to)
	return to
}

// attend is attention of x over keys and values.
func (d *decoder) attend(at, x, k, v, mask string) string {
	scores := d.Op("MatMul", d.head(at+".query", x), d.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 1, 3, 2)), k))
	if scores = d.Op("Div", scores, d.scale); mask != "" {
		scores = d.Op("Add", scores, mask)
	}
	a := d.Op("MatMul", d.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", -1)), scores), v)
	a = d.Op("Reshape", d.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a), d.merge)
	return d.linear(at+".out", a, d.d.Hidden, d.d.Hidden)
}
