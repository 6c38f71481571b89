package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// attentions turns what exporters write for multi-head attention, from the
// reshaping of the projections to that of the result, into Attention: inputs query,
// key and value [batch, length, heads*width] and an optional mask that is added to
// the scores [batch, heads, length of query, length of key]; attributes heads and
// scale. With packed 1, the first input holds all three side by side.
func attentions(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Is("Reshape") && n.Output(0) != nil && r.attention(n) {
			changed = true
		}
	}
	return changed
}

// attention rewrites n if it ends an attention.
func (r *rewriter) attention(n *Node) bool {
	t := n.In[0].From
	if !t.Is("Transpose") || !r.only(n.In[0]) || !slices.Equal(t.Ints("perm"), []int64{0, 2, 1, 3}) || !r.only(t.In[0]) {
		return false
	}
	product := t.In[0].From
	if !product.Is("MatMul") || !r.only(product.In[0]) {
		return false
	}
	soft := product.In[0].From
	if !soft.Is("Softmax") || !lastAxis(soft, soft.In[0]) {
		return false
	}
	value, heads, width, ok := r.heads(product.In[1], 0, 2, 1, 3)
	if !ok || n.Out[0].Rank() != 3 || !n.Out[0].Shape[2].Is(heads*width) {
		return false
	}
	q, k, mask, scale, ok := r.scores(soft.In[0], heads)
	if !ok || !r.joins(n, t, q) || !fits(mask, q.Shape[0], number(heads), q.Shape[1], k.Shape[1]) ||
		!maybe(q.Shape[0], k.Shape[0]) || !maybe(q.Shape[0], value.Shape[0]) {
		return false
	}
	attrs := []onnxpb.Attribute{onnxpb.IntAttr("heads", heads), onnxpb.FloatAttr("scale", float32(scale))}
	if packed := packedInput(q, k, value); packed != nil {
		n.into(Fused, "Attention", append(attrs, onnxpb.IntAttr("packed", 1)), packed, nil, nil, mask)
		return true
	}
	n.into(Fused, "Attention", attrs, q, k, value, mask)
	return true
}

// fits reports whether a mask, if there is one, leaves scores of the given shape as
// large as they are: numbers must show it, symbols are taken to be right.
func fits(mask *Value, scores ...Dim) bool {
	if mask == nil {
		return true
	}
	if mask.Rank() < 0 || mask.Rank() > len(scores) {
		return false
	}
	for i, d := range mask.Shape {
		if _, known := d.Known(); known && !d.Is(1) && d != scores[len(scores)-len(mask.Shape)+i] {
			return false
		}
	}
	return true
}

// maybe reports whether a and b can be equal.
func maybe(a, b Dim) bool {
	_, x := a.Known()
	_, y := b.Known()
	return a == b || !x || !y
}

// lastAxis reports whether a Softmax works on the last axis of v.
func lastAxis(n *Node, v *Value) bool {
	def := int64(-1)
	if n.Opset < 13 {
		def = 1
	}
	at, ok := axis(n.Int("axis", def), v.Rank())
	return ok && at == v.Rank()-1 && n.Domain == ""
}

// joins reports whether n, a Reshape of t's output [batch, length, heads, width],
// joins the last two dimensions and keeps the others.
func (r *rewriter) joins(n, t *Node, q *Value) bool {
	out, in := n.Out[0].Shape, t.Out[0]
	if in.Rank() != 4 {
		return false
	}
	return out[0] == in.Shape[0] && out[1] == in.Shape[1] || out[0] == q.Shape[0] && out[1] == q.Shape[1]
}

// heads returns what v, [batch, heads, length, width] up to the given permutation,
// was made of: [batch, length, heads*width], by Reshape and Transpose.
func (r *rewriter) heads(v *Value, perm ...int64) (src *Value, heads, width int64, ok bool) {
	t := v.From
	if !t.Is("Transpose") || !r.only(v) || !slices.Equal(t.Ints("perm"), perm) || !r.only(t.In[0]) {
		return nil, 0, 0, false
	}
	s := t.In[0].From
	if !s.Is("Reshape") || s.Out[0].Rank() != 4 || s.In[0].Rank() != 3 {
		return nil, 0, 0, false
	}
	src = s.In[0]
	from, to := src.Shape, s.Out[0].Shape
	heads, ok1 := to[2].Known()
	width, ok2 := to[3].Known()
	if !ok1 || !ok2 || heads < 1 || width < 1 || heads > bound/width || src.Type != onnxpb.Float {
		return nil, 0, 0, false
	}
	return src, heads, width, from[0] == to[0] && from[1] == to[1] && from[2].Is(heads*width)
}

// scores takes apart v, the argument of the Softmax.
func (r *rewriter) scores(v *Value, heads int64) (q, k, mask *Value, scale float64, ok bool) {
	if !r.only(v) {
		return nil, nil, nil, 0, false
	}
	if v.From.Is("Add") {
		for i, in := range v.From.In {
			m := v.From.In[1-i]
			if m.Rank() < 0 || m.Rank() > 4 || m.Type != onnxpb.Float || !r.only(in) {
				continue
			}
			if q, k, _, scale, ok = r.scores(in, heads); ok {
				return q, k, m, scale, true
			}
		}
		return nil, nil, nil, 0, false
	}
	p := r.productOf(v)
	if len(p.factors) != 1 || !p.factors[0].From.Is("MatMul") || !r.only(p.factors[0]) {
		return nil, nil, nil, 0, false
	}
	m := p.factors[0].From
	q, sq, ok1 := r.projected(m.In[0], heads, 0, 2, 1, 3)
	k, sk, ok2 := r.projected(m.In[1], heads, 0, 2, 3, 1)
	if !ok2 && m.In[1].From.Is("Transpose") && r.only(m.In[1]) &&
		slices.Equal(m.In[1].From.Ints("perm"), []int64{0, 1, 3, 2}) {
		k, sk, ok2 = r.projected(m.In[1].From.In[0], heads, 0, 2, 1, 3)
	}
	return q, k, nil, p.scale * sq * sk, ok1 && ok2
}

// projected is heads, through factors before and behind it.
func (r *rewriter) projected(v *Value, heads int64, perm ...int64) (src *Value, scale float64, ok bool) {
	p := r.productOf(v)
	if len(p.factors) != 1 || v.From == nil || !r.only(v) {
		return nil, 0, false
	}
	src, h, _, ok := r.heads(p.factors[0], perm...)
	if !ok || h != heads {
		return nil, 0, false
	}
	inner := product{scale: 1, factors: []*Value{src}}
	if r.only(src) {
		inner = r.productOf(src)
	}
	if len(inner.factors) != 1 || !sameShape(inner.factors[0], src) {
		return src, p.scale, true
	}
	return inner.factors[0], p.scale * inner.scale, true
}

// packedInput returns the value of which q, k and v are the thirds, if they are.
func packedInput(q, k, v *Value) *Value {
	n := q.From
	if !n.Is("Split") || len(n.Out) != 3 || n.Out[0] != q || n.Out[1] != k || n.Out[2] != v {
		return nil
	}
	at, ok := axis(n.Int("axis", 0), n.In[0].Rank())
	if !ok || at != n.In[0].Rank()-1 || !sameShape(q, k) || !sameShape(q, v) {
		return nil
	}
	if _, known := q.Shape[at].Known(); !known {
		return nil
	}
	return n.In[0]
}

// headAttentions turns attention over separate heads, as decoders and rotary models
// have it, into HeadAttention: inputs query [batch, heads, length, width], key and
// value alike, and an optional mask that is added to the scores; attributes scale,
// key_transposed if the key is [batch, heads, width, length], and merge if the
// result is [batch, length, heads*width].
func headAttentions(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Is("MatMul") && n.Output(0) != nil && r.headAttention(n) {
			changed = true
		}
	}
	return changed
}

func (r *rewriter) headAttention(n *Node) bool {
	soft := n.In[0].From
	if !soft.Is("Softmax") || !r.only(n.In[0]) || !lastAxis(soft, soft.In[0]) || !r.only(soft.In[0]) {
		return false
	}
	q, k, mask, scale, ok := r.headScores(soft.In[0])
	v := n.In[1]
	if !ok || !sameHeads(q, k) || !sameHeads(q, v) || q.Type != onnxpb.Float ||
		!fits(mask, q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[3]) {
		return false
	}
	attrs := []onnxpb.Attribute{onnxpb.FloatAttr("scale", float32(scale)), onnxpb.IntAttr("key_transposed", 1)}
	if t := k.From; t.Is("Transpose") && slices.Equal(t.Ints("perm"), []int64{0, 1, 3, 2}) && t.In[0].Ranked {
		k, attrs[1] = t.In[0], onnxpb.IntAttr("key_transposed", 0)
	}
	if last := r.merging(n, q); last != nil {
		last.into(Fused, "HeadAttention", append(attrs, onnxpb.IntAttr("merge", 1)), q, k, v, mask)
		return true
	}
	n.into(Fused, "HeadAttention", attrs, q, k, v, mask)
	return true
}

// headScores takes apart v, the argument of the Softmax.
func (r *rewriter) headScores(v *Value) (q, k, mask *Value, scale float64, ok bool) {
	if v.From.Is("Add") {
		for i, in := range v.From.In {
			m := v.From.In[1-i]
			if m.Rank() < 0 || m.Rank() > 4 || m.Type != onnxpb.Float || !r.only(in) {
				continue
			}
			if q, k, _, scale, ok = r.headScores(in); ok {
				return q, k, m, scale, true
			}
		}
		return nil, nil, nil, 0, false
	}
	p := r.productOf(v)
	if len(p.factors) != 1 || !p.factors[0].From.Is("MatMul") || !r.only(p.factors[0]) {
		return nil, nil, nil, 0, false
	}
	m := p.factors[0].From
	return m.In[0], m.In[1], nil, p.scale, m.In[0].Rank() == 4 && m.In[1].Rank() == 4
}

// sameHeads reports whether a and b are known to have as many batches and heads.
func sameHeads(a, b *Value) bool {
	return a.Rank() == 4 && b.Rank() == 4 && a.Shape[0] == b.Shape[0] && a.Shape[1] == b.Shape[1]
}

// merging returns the Reshape that joins the heads of n's output, if that is all
// that happens to it.
func (r *rewriter) merging(n *Node, q *Value) *Node {
	if !r.only(n.Out[0]) {
		return nil
	}
	t := r.reader(n.Out[0])
	if !t.Is("Transpose") || !slices.Equal(t.Ints("perm"), []int64{0, 2, 1, 3}) || !r.only(t.Out[0]) || t.Out[0].Rank() != 4 {
		return nil
	}
	last := r.reader(t.Out[0])
	if !last.Is("Reshape") || last.Out[0].Rank() != 3 {
		return nil
	}
	in, out := t.Out[0].Shape, last.Out[0].Shape
	heads, ok1 := in[2].Known()
	width, ok2 := in[3].Known()
	if !ok1 || !ok2 || heads < 1 || width < 1 || heads > bound/width || !out[2].Is(heads*width) {
		return nil
	}
	if out[0] == in[0] && out[1] == in[1] || out[0] == q.Shape[0] && out[1] == q.Shape[2] {
		return last
	}
	return nil
}
