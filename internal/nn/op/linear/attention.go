package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// attention is the fused op Attention: softmax(scale * q*k' + mask) * v for each
// head. Inputs: query [batch, S, heads*D], key [batch, T, heads*D], value [batch, T,
// heads*E], or all three side by side in the first with attribute packed; a mask
// that broadcasts to [batch, heads, S, T], or nothing. Output: [batch, S, heads*E].
// Heads are addressed by strides, nothing is transposed.
type attention struct {
	heads  int
	scale  float32
	packed bool
}

func newAttention(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 4); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, 3); err != nil {
		return nil, nil, err
	}
	r := reader{n: n}
	a := attention{heads: r.int("heads", 0), scale: r.float("scale", 1), packed: r.flag("packed", false)}
	if r.err != nil {
		return nil, nil, r.err
	}
	if a.heads < 1 || !a.packed && (!n.Has(1) || !n.Has(2)) {
		return nil, nil, n.Wrong("%d heads, packed %v, %d inputs", a.heads, a.packed, len(n.In))
	}
	return a, []tensor.DType{onnxpb.Float}, nil
}

func (a attention) Run(c *op.Ctx, in, out []*tensor.Tensor) (err error) {
	j := job{scale: a.scale}
	if a.packed {
		err = j.packed(in[0], a.heads)
	} else {
		err = j.operands(in[0], in[1], in[2], a.heads, a.heads)
	}
	if err != nil {
		return err
	}
	if err := j.addMask(input(in, 3)); err != nil {
		return err
	}
	if err := j.output(c, out[0], true); err != nil {
		return err
	}
	return j.run(c)
}

// input returns input i, nil if it is left out.
func input(in []*tensor.Tensor, i int) *tensor.Tensor {
	if i >= len(in) {
		return nil
	}
	return in[i]
}

// packed takes queries, keys and values of the same width from one tensor [batch,
// length, 3*heads*width].
func (j *job) packed(t *tensor.Tensor, heads int) error {
	if len(t.Shape) != 3 || t.Shape[2]%(3*heads) != 0 {
		return fmt.Errorf("shape %v for three times %d heads: %w", t.Shape, heads, quintet.ErrInput)
	}
	j.batch = t.Shape[0]
	length, width := t.Shape[1], t.Shape[2]/(3*heads)
	x := tensor.Of[float32](t)
	for i, o := range []*operand{&j.q, &j.k, &j.v} {
		*o = joined(x[min(len(x), i*heads*width):], heads, length, width)
		o.batch, o.row = 3*o.batch, 3*o.row
	}
	return j.check()
}

// operands takes queries, keys and values: all [batch, length, heads*width].
func (j *job) operands(q, k, v *tensor.Tensor, heads, shared int) (err error) {
	j.batch = 0
	if len(q.Shape) > 0 {
		j.batch = q.Shape[0]
	}
	if j.q, err = j.joined(q, heads); err != nil {
		return err
	}
	if j.k, err = j.joined(k, shared); err != nil {
		return err
	}
	if j.v, err = j.joined(v, shared); err != nil {
		return err
	}
	return j.check()
}

// joined is the operand t, [batch, length, heads*width].
func (j *job) joined(t *tensor.Tensor, heads int) (operand, error) {
	if len(t.Shape) != 3 || t.Shape[0] != j.batch || heads < 1 || t.Shape[2]%heads != 0 {
		return operand{}, fmt.Errorf("shape %v for %d heads and %d batches: %w", t.Shape, heads, j.batch, quintet.ErrInput)
	}
	return joined(tensor.Of[float32](t), heads, t.Shape[1], t.Shape[2]/heads), nil
}

// apart is the operand t, [batch, heads, length, width].
func (j *job) apart(t *tensor.Tensor) (operand, error) {
	if len(t.Shape) != 4 || t.Shape[0] != j.batch {
		return operand{}, fmt.Errorf("shape %v for %d batches of heads: %w", t.Shape, j.batch, quintet.ErrInput)
	}
	return apart(tensor.Of[float32](t), t.Shape[1], t.Shape[2], t.Shape[3]), nil
}

// separate takes queries, keys and values: all [batch, heads, length, width].
func (j *job) separate(q, k, v *tensor.Tensor) (err error) {
	j.batch = 0
	if len(q.Shape) > 0 {
		j.batch = q.Shape[0]
	}
	if j.q, err = j.apart(q); err != nil {
		return err
	}
	if j.k, err = j.apart(k); err != nil {
		return err
	}
	j.v, err = j.apart(v)
	return err
}

// headAttention is the fused op HeadAttention, attention over separate heads.
// Inputs: query [batch, heads, S, D], key [batch, shared, T, D] or with attribute
// key_transposed [batch, shared, D, T], value [batch, shared, T, E], where heads is a
// multiple of shared; a mask as that of Attention, or nothing. With attribute causal,
// row r sees the first T-S+r+1 keys. Output: [batch, heads, S, E], or with attribute
// merge [batch, S, heads*E].
type headAttention struct {
	scale                     float32
	causal, transposed, merge bool
}

func newHeadAttention(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 4); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, 3); err != nil {
		return nil, nil, err
	}
	r := reader{n: n}
	a := headAttention{
		scale: r.float("scale", 1), causal: r.flag("causal", false),
		transposed: r.flag("key_transposed", false), merge: r.flag("merge", false),
	}
	return a, []tensor.DType{onnxpb.Float}, r.err
}

func (a headAttention) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	j := job{scale: a.scale, causal: a.causal}
	if err := j.separate(in[0], in[1], in[2]); err != nil {
		return err
	}
	if k := &j.k; a.transposed {
		k.length, k.width, k.transposed = k.width, k.length, true
		k.row = k.length
	}
	if err := j.check(); err != nil {
		return err
	}
	j.past = j.k.length - j.q.length
	if err := j.addMask(input(in, 3)); err != nil {
		return err
	}
	if err := j.output(c, out[0], a.merge); err != nil {
		return err
	}
	return j.run(c)
}
