package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// The inputs of the fused products: what they multiply, then, at these places, what
// they add.
const (
	linearBias, linearAdd = 2, 3
	quantBias, quantAdd   = 4, 5
)

// places returns where a fused product has its bias and the tensor that it adds.
func (n *Node) places() (bias, add int) {
	if n.IsFused("QuantLinear") {
		return quantBias, quantAdd
	}
	return linearBias, linearAdd
}

// bare reports whether a fused product has nothing added from input at on, and no
// activation.
func (n *Node) bare(at int) bool {
	for i := at; i < len(n.In); i++ {
		if n.In[i] != nil {
			return false
		}
	}
	return n.Text("activation", "") == ""
}

// put makes v input i of n.
func (n *Node) put(i int, v *Value) {
	for len(n.In) <= i {
		n.In = append(n.In, nil)
	}
	n.In[i] = v
}

// linears turns products with a constant matrix into Linear.
func linears(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		switch {
		case n.Is("MatMul") && n.In[1].isMatrix() && n.In[0].Type == onnxpb.Float:
			n.into(Fused, "Linear", nil, n.In[0], n.In[1])
			changed = true
		case n.Is("Gemm") && n.In[1].isMatrix() && n.In[0].Type == onnxpb.Float && gemmIsLinear(n):
			bias := n.Input(2)
			if bias != nil {
				bias = r.flat(bias)
			}
			n.into(Fused, "Linear", []onnxpb.Attribute{onnxpb.IntAttr("transposed", n.Int("transB", 0))}, n.In[0], n.In[1], bias)
			changed = true
		}
	}
	return changed
}

// isMatrix reports whether v is a constant matrix of float32.
func (v *Value) isMatrix() bool {
	return v != nil && v.Const != nil && v.Const.Type == onnxpb.Float && len(v.Const.Shape) == 2 && v.Const.Len() > 0
}

func gemmIsLinear(n *Node) bool {
	if n.Int("transA", 0) != 0 || n.Float("alpha", 1) != 1 {
		return false
	}
	c := n.Input(2)
	if c == nil {
		return true
	}
	width := n.In[1].Const.Shape[1]
	if n.Int("transB", 0) != 0 {
		width = n.In[1].Const.Shape[0]
	}
	return n.Float("beta", 1) == 1 && c.isRow(width)
}

// isRow reports whether v is a constant of float32 with width elements, all in its
// last dimension.
func (v *Value) isRow(width int) bool {
	if v == nil || v.Const == nil || v.Const.Type != onnxpb.Float || len(v.Const.Shape) == 0 || v.Const.Len() != width {
		return false
	}
	return v.Const.Shape[len(v.Const.Shape)-1] == width
}

// flat returns a constant with the elements of v in one dimension.
func (r *rewriter) flat(v *Value) *Value {
	if len(v.Const.Shape) == 1 {
		return v
	}
	return r.g.Constant(v.Name, &tensor.Tensor{Type: v.Const.Type, Shape: []int{v.Const.Len()}, Data: v.Const.Data})
}

// biases puts the addition of a constant row behind a product into the product.
func biases(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if !n.Is("Add") || n.Output(0) == nil {
			continue
		}
		for i, v := range n.In {
			p, c := v.From, n.In[1-i]
			if !p.IsFused("Linear", "QuantLinear") || !r.only(v) || v.Rank() < 1 {
				continue
			}
			at, _ := p.places()
			width, known := v.Shape[v.Rank()-1].Known()
			if !known || !p.bare(at) || !c.isRow(int(width)) || c.Rank() > v.Rank() {
				continue
			}
			p.put(at, r.flat(c))
			r.takeOver(n, p)
			changed = true
			break
		}
	}
	return changed
}

// takeOver makes p, whose only reader is n, give what n gave.
func (r *rewriter) takeOver(n, p *Node) {
	p.Out[0] = n.Out[0]
	p.Out[0].From = p
	n.Out[0] = nil
}

// epilogues puts an activation, or the addition of a tensor of the same shape,
// behind a product or convolution into it.
func epilogues(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Output(0) == nil || n.Out[0].Type != onnxpb.Float {
			continue
		}
		if name, alpha, beta, ok := n.activation(); ok {
			p := n.In[0].From
			if p.IsFused("Linear", "QuantLinear", "Conv") && r.only(n.In[0]) && p.Text("activation", "") == "" {
				for _, a := range named(name, alpha, beta) {
					p.Set(a)
				}
				r.takeOver(n, p)
				changed = true
			}
			continue
		}
		changed = r.residual(n) || changed
	}
	return changed
}

// residual puts n, an addition, into the product that one of its operands is.
func (r *rewriter) residual(n *Node) bool {
	if !n.Is("Add") || !sameShape(n.In[0], n.In[1]) || n.In[0] == n.In[1] {
		return false
	}
	for i, v := range n.In {
		p := v.From
		if !p.IsFused("Linear", "QuantLinear", "Conv") || !r.only(v) || n.In[1-i].Const != nil {
			continue
		}
		if _, at := p.places(); p.bare(at) {
			p.put(at, n.In[1-i])
			r.takeOver(n, p)
			return true
		}
	}
	return false
}

// addActivations joins an addition and the activation behind it.
func addActivations(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Output(0) == nil || n.Out[0].Type != onnxpb.Float {
			continue
		}
		name, alpha, beta, ok := n.activation()
		if !ok || !n.In[0].From.Is("Add") || !r.only(n.In[0]) {
			continue
		}
		n.into(Fused, "AddActivation", named(name, alpha, beta), n.In[0].From.In...)
		changed = true
	}
	return changed
}

// activation recognises n as an activation of its first input, in the words of
// package activation.
func (n *Node) activation() (name string, alpha, beta float32, ok bool) {
	switch {
	case n.IsFused("Activation"):
		return n.Text("activation", ""), n.Float("alpha", 0), n.Float("beta", 0), true
	case n.Is("Relu", "Sigmoid", "Tanh", "HardSwish", "Softplus", "Mish", "Erf"):
		return n.Type, 0, 0, true
	case n.Is("LeakyRelu"):
		return n.Type, n.Float("alpha", 0.01), 0, true
	case n.Is("Elu"):
		return n.Type, n.Float("alpha", 1), 0, true
	case n.Is("HardSigmoid"):
		return n.Type, n.Float("alpha", 0.2), n.Float("beta", 0.5), true
	case n.Is("Gelu"):
		if n.Text("approximate", "none") == "tanh" {
			return "GeluTanh", 0, 0, true
		}
		return "Gelu", 0, 0, n.Text("approximate", "none") == "none"
	case n.Is("Clip"):
		lo, hi, known := n.clip()
		return "Clip", lo, hi, known && lo <= hi
	}
	return "", 0, 0, false
}

// mergeProjections makes the three products that feed an attention one.
func mergeProjections(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if !n.IsFused("Attention") || n.Int("packed", 0) != 0 || !r.mergeable(n.In[:3]) {
			continue
		}
		q, k, v := n.In[0].From, n.In[1].From, n.In[2].From
		merged := &Node{Domain: Fused, Type: q.Type, Name: q.Name + "+kv", Opset: 1, Attrs: q.Attrs, In: slices.Clone(q.In)}
		for i := 1; i < len(q.In); i++ {
			if q.In[i] != nil {
				merged.In[i] = r.g.Constant(q.In[i].Name+"+kv", joined(q.In[i].Const, k.In[i].Const, v.In[i].Const))
			}
		}
		packed := &Value{Name: n.In[0].Name + "+kv", From: merged}
		merged.Out = []*Value{packed}
		r.g.Nodes = append(r.g.Nodes, merged) // the next settle puts it in its place
		n.In = append([]*Value{packed, nil, nil}, n.In[3:]...)
		n.Set(onnxpb.IntAttr("packed", 1))
		q.Out[0], k.Out[0], v.Out[0] = nil, nil, nil
		changed = true
	}
	return changed
}

// mergeable reports whether the values are products of the same input with
// constants of the same shapes, that nobody else reads.
func (r *rewriter) mergeable(values []*Value) bool {
	first := values[0].From
	for i, v := range values {
		p := v.From
		if !p.IsFused("Linear", "QuantLinear") || !r.only(v) || p.Type != first.Type || p.In[0] != first.In[0] ||
			len(p.In) != len(first.In) || p.Text("activation", "") != "" || p.Int("transposed", 0) != 0 ||
			slices.Contains(values[:i], v) {
			return false
		}
		_, add := p.places()
		for j := 1; j < len(p.In); j++ {
			a, b := p.In[j], first.In[j]
			if (a == nil) != (b == nil) || j == add && a != nil {
				return false
			}
			if a != nil && (a.Const == nil || b.Const == nil || a.Const.Type != b.Const.Type ||
				!slices.Equal(a.Const.Shape, b.Const.Shape) || p.IsFused("QuantLinear") && a.Const.Len() == 1) {
				return false
			}
		}
	}
	return true
}

// joined puts matrices side by side, or vectors one behind the other.
func joined(parts ...*tensor.Tensor) *tensor.Tensor {
	last := len(parts[0].Shape) - 1
	shape := slices.Clone(parts[0].Shape)
	row := shape[last] * tensor.Size(parts[0].Type)
	shape[last] *= len(parts)
	t := &tensor.Tensor{Type: parts[0].Type, Shape: shape, Data: tensor.Alloc(len(parts[0].Data) * len(parts))}
	at := 0
	for from := 0; from < len(parts[0].Data); from += row {
		for _, p := range parts {
			at += copy(t.Data[at:], p.Data[from:from+row])
		}
	}
	return t
}
