package graph

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// layerNorms turns a layer normalisation that is written out with means, as files
// before version 17 have it, into the one operator.
func layerNorms(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Output(0) == nil || n.Out[0].Type != onnxpb.Float {
			continue
		}
		x, eps, ok := r.normalised(n)
		if !ok {
			continue
		}
		width, known := x.Shape[len(x.Shape)-1].Known()
		if !known || width < 1 || width > 1<<20 {
			continue
		}
		root, gamma, beta := r.affine(n, int(width))
		if gamma == nil {
			gamma = r.g.Constant("ones", tensor.From(slices.Repeat([]float32{1}, int(width)), int(width)))
		}
		root.into("", "LayerNormalization", []onnxpb.Attribute{onnxpb.IntAttr("axis", -1), onnxpb.FloatAttr("epsilon", eps)},
			x, gamma, beta)
		root.Opset = 17
		changed = true
	}
	return changed
}

// normalised recognises n as (x-mean(x)) / sqrt(mean((x-mean(x))^2) + eps) over the
// last axis.
func (r *rewriter) normalised(n *Node) (x *Value, eps float32, ok bool) {
	var d, root *Value
	switch {
	case n.Is("Div"):
		d, root = n.In[0], n.In[1]
	case n.Is("Mul"):
		for i, in := range n.In {
			if in.From.Is("Reciprocal") && r.only(in) {
				d, root = n.In[1-i], in.From.In[0]
			}
		}
	}
	if d == nil || !d.From.Is("Sub") || !r.only(root) {
		return nil, 0, false
	}
	variance, ok := squareRootOf(root)
	if !ok || !r.only(variance) || !variance.From.Is("Add") {
		return nil, 0, false
	}
	mean := variance.From.In[0]
	c, ok := variance.From.In[1].beside(mean)
	if !ok {
		mean = variance.From.In[1]
		if c, ok = variance.From.In[0].beside(mean); !ok {
			return nil, 0, false
		}
	}
	square := r.meanOf(mean)
	x = d.From.In[0]
	if square == nil || !r.only(square) || !r.isSquare(square, d) || r.meanOf(d.From.In[1]) != x {
		return nil, 0, false
	}
	return x, c, true
}

// squareRootOf returns what v is the square root of.
func squareRootOf(v *Value) (*Value, bool) {
	switch n := v.From; {
	case n.Is("Sqrt"):
		return n.In[0], true
	case n.Is("Pow"):
		s, ok := n.In[1].beside(n.In[0])
		return n.In[0], ok && s == 0.5
	}
	return nil, false
}

// meanOf returns what v is the mean of over the last axis, which stays.
func (r *rewriter) meanOf(v *Value) *Value {
	n := v.From
	if !n.Is("ReduceMean") || n.Int("keepdims", 1) == 0 || n.In[0].Rank() < 1 {
		return nil
	}
	axes, ok := inference{r.g, n}.axes(1, n.In[0].Rank())
	if !ok || len(axes) != 1 || axes[0] != n.In[0].Rank()-1 {
		return nil
	}
	return n.In[0]
}

// isSquare reports whether v is d times d, where other Subs of the same operands as
// d count as d.
func (r *rewriter) isSquare(v, d *Value) bool {
	p := r.productOf(v)
	return len(p.factors) == 2 && p.scale == 1 && sameDifference(p.factors[0], d) && sameDifference(p.factors[1], d)
}

func sameDifference(a, b *Value) bool {
	return a == b || a.From.Is("Sub") && b.From.Is("Sub") && a.From.In[0] == b.From.In[0] && a.From.In[1] == b.From.In[1]
}

// affine follows n through a product with, and the addition of, a constant for each
// element of the last axis. It returns the last of these nodes.
func (r *rewriter) affine(n *Node, width int) (last *Node, gamma, beta *Value) {
	last = n
	if next, c := r.next(last, "Mul", width); next != nil {
		last, gamma = next, c
	}
	if next, c := r.next(last, "Add", width); next != nil {
		last, beta = next, c
	}
	return last, gamma, beta
}

// next returns the only reader of n's output if that is of the given type and its
// other operand a constant vector of the given length.
func (r *rewriter) next(n *Node, typ string, width int) (*Node, *Value) {
	v := n.Out[0]
	if !r.only(v) {
		return nil, nil
	}
	m := r.reader(v)
	if !m.Is(typ) || len(m.In) != 2 {
		return nil, nil
	}
	c := m.In[0]
	if c == v {
		c = m.In[1]
	}
	if !c.isVector(width) {
		return nil, nil
	}
	return m, c
}

// reader returns a node that reads v, nil if there is none, or none any more.
func (r *rewriter) reader(v *Value) *Node {
	if r.readers == nil {
		r.readers = map[*Value]*Node{}
		for _, n := range r.g.Nodes {
			for _, in := range n.In {
				if in != nil && r.readers[in] == nil {
					r.readers[in] = n
				}
			}
		}
	}
	if n := r.readers[v]; n != nil && slices.Contains(n.In, v) {
		return n
	}
	return nil
}

// isVector reports whether v is a constant of float32 with one dimension.
func (v *Value) isVector(width int) bool {
	return v != nil && v.Const != nil && v.Const.Type == onnxpb.Float && slices.Equal(v.Const.Shape, []int{width})
}

// addNorms joins a layer normalisation with the addition before it.
func addNorms(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if !n.Is("LayerNormalization") || n.Output(1) != nil || n.Output(2) != nil {
			continue
		}
		x := n.In[0]
		at, ok := axis(n.Int("axis", -1), x.Rank())
		if !ok || at != x.Rank()-1 || !x.From.Is("Add") || x.Type != onnxpb.Float || slices.Contains(r.g.Outputs, x) {
			continue
		}
		a, b := x.From.In[0], x.From.In[1]
		width, known := x.Shape[at].Known()
		gamma, beta := n.Input(1), n.Input(2)
		if !known || !sameShape(a, b) || !gamma.isVector(int(min(width, math.MaxInt32))) ||
			beta != nil && beta.Const == nil { // it could be made of x
			continue
		}
		add := x.From
		n.into(Fused, "AddLayerNormalization", []onnxpb.Attribute{onnxpb.FloatAttr("epsilon", n.Float("epsilon", 1e-5))},
			a, b, nil, gamma, beta)
		n.Out = []*Value{n.Out[0], x}
		x.From, add.Out[0] = n, nil
		changed = true
	}
	return changed
}

// sameShape reports whether a and b are known to have the same shape.
func sameShape(a, b *Value) bool {
	return a.Ranked && b.Ranked && slices.Equal(a.Shape, b.Shape)
}
