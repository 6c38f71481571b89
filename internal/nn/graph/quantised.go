package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// quantised turns what dynamic quantisation makes of a product with a constant
// matrix (quantise, multiply as integers, cast, scale) into QuantLinear: inputs x,
// weights int8, their scales, their zero points, bias, tensor to add.
func quantised(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if !n.Is("Mul") || n.Output(0) == nil || n.Out[0].Type != onnxpb.Float {
			continue
		}
		for i, v := range n.In {
			if r.quantLinear(n, v, n.In[1-i]) {
				changed = true
				break
			}
		}
	}
	return changed
}

// quantLinear rewrites n, which multiplies sum with scale.
func (r *rewriter) quantLinear(n *Node, sum, scale *Value) bool {
	if !sum.From.Is("Cast") || sum.Type != onnxpb.Float || !r.only(sum) || !r.only(scale) || !scale.From.Is("Mul") {
		return false
	}
	m := sum.From.In[0].From
	if !m.Is("MatMulInteger") || !r.only(sum.From.In[0]) || m.Input(2) == nil {
		return false
	}
	q, w, zero := m.In[0], m.In[1], m.Input(3)
	d := q.From
	if !d.Is("DynamicQuantizeLinear") || d.Output(0) != q || d.Output(2) != m.In[2] || w.Const == nil ||
		w.Const.Type != onnxpb.Int8 || len(w.Const.Shape) != 2 || zero != nil && zero.Const == nil {
		return false
	}
	for i, s := range scale.From.In {
		ws := scale.From.In[1-i]
		if s == nil || s != d.Output(1) || ws.Const == nil || ws.Const.Type != onnxpb.Float || !ws.isRow(ws.Const.Len()) && ws.Const.Len() != 1 {
			continue
		}
		if l := ws.Const.Len(); l != 1 && l != w.Const.Shape[1] || ws.Rank() > max(1, sum.Rank()) {
			continue
		}
		switch {
		case zero == nil:
		case slices.ContainsFunc(zero.Const.Data, func(b byte) bool { return b != 0 }):
			zero = r.flat(zero)
		default:
			zero = nil
		}
		n.into(Fused, "QuantLinear", nil, d.In[0], w, r.flat(ws), zero)
		return true
	}
	return false
}
