package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// channelsLast gives convolutions, and what lies between them, the layout in which
// the channels of a pixel lie together. Each convolution gets a transposition before
// and one behind it; then those behind sink through what follows until they meet
// one before and both vanish.
func channelsLast(r *rewriter) (changed bool) {
	c := &sinker{rewriter: r}
	for _, n := range slices.Clone(r.g.Nodes) {
		if n.Output(0) == nil {
			continue
		}
		if c.convolution(n) || c.sunk && c.sink(n) {
			changed = true
		}
		if n.IsFused("Conv", "ConvTranspose") {
			c.sunk = true
		}
	}
	return changed
}

// sinker moves transpositions.
type sinker struct {
	*rewriter
	sunk bool // there is a convolution with channels last
}

// toLast is the permutation that puts channels last.
func toLast(rank int) []int64 {
	p := []int64{0}
	for i := 2; i < rank; i++ {
		p = append(p, int64(i))
	}
	return append(p, 1)
}

// toFirst is its inverse.
func toFirst(rank int) []int64 {
	p := []int64{0, int64(rank - 1)}
	for i := 1; i < rank-1; i++ {
		p = append(p, int64(i))
	}
	return p
}

// lastOf returns v with channels last: what it was transposed from, or through a new
// transposition.
func (c *sinker) lastOf(v *Value, rank int) *Value {
	if y := c.source(v, rank); y != nil {
		return y
	}
	return c.transposed(v, toLast(rank))
}

// source returns the value of which v is the transposition to channels first, nil
// if v is none.
func (c *sinker) source(v *Value, rank int) *Value {
	if v != nil && v.From.Is("Transpose") && slices.Equal(v.From.Ints("perm"), toFirst(rank)) {
		return v.From.In[0]
	}
	return nil
}

// transposed returns a new value.
func (c *sinker) transposed(v *Value, perm []int64) *Value {
	n := &Node{Type: "Transpose", Name: v.Name + "_t", Opset: 13, Attrs: []onnxpb.Attribute{onnxpb.IntsAttr("perm", perm...)},
		In: []*Value{v}}
	t := &Value{Name: n.Name, From: n}
	n.Out = []*Value{t}
	inference{c.g, n}.run()
	c.g.Nodes = append(c.g.Nodes, n)
	return t
}

// behind lets n compute its outputs with channels last, and transposes them.
func (c *sinker) behind(n *Node, rank int) {
	for i, v := range n.Out {
		if v == nil {
			continue
		}
		last := &Value{Name: v.Name + "_last", From: n}
		n.Out[i] = last
		t := &Node{Type: "Transpose", Name: v.Name + "_t", Opset: 13, In: []*Value{last}, Out: []*Value{v},
			Attrs: []onnxpb.Attribute{onnxpb.IntsAttr("perm", toFirst(rank)...)}}
		v.From = t
		c.g.Nodes = append(c.g.Nodes, t)
	}
	inference{c.g, n}.run()
}

// convolution gives a convolution channels last.
func (c *sinker) convolution(n *Node) bool {
	if !n.Is("Conv", "ConvTranspose") || !c.foldable(n) && !c.groupedTranspose(n) || n.In[0].Type != onnxpb.Float {
		return false
	}
	rank := len(n.In[1].Const.Shape)
	if rank > 4 {
		return false
	}
	n.In[0] = c.lastOf(n.In[0], rank)
	n.Domain, n.Opset = Fused, 1
	c.behind(n, rank)
	return true
}

// groupedTranspose reports whether n is a transposed convolution in groups, whose
// bias is longer than a channel of its weights.
func (c *sinker) groupedTranspose(n *Node) bool {
	w, b := n.Input(1), n.Input(2)
	return n.Is("ConvTranspose") && w.Const != nil && w.Const.Type == onnxpb.Float && len(w.Const.Shape) >= 3 &&
		(b == nil || b.Const != nil)
}

// sink moves the transpositions before n behind it.
func (c *sinker) sink(n *Node) bool {
	rank := -1
	for _, v := range n.In {
		if v != nil && c.source(v, v.Rank()) != nil && v.Rank() > 2 {
			rank = v.Rank()
		}
	}
	if rank < 0 {
		return false
	}
	switch {
	case n.Is("Transpose"):
		return c.join(n, rank)
	case n.elementwise():
		return c.sinkElementwise(n, rank)
	case n.Is("Concat"):
		return c.sinkConcat(n, rank)
	}
	if c.source(n.In[0], rank) == nil {
		return false
	}
	switch {
	case n.Is("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "InstanceNormalization",
		"Resize", "Upsample"):
		return c.sinkSpatial(n, rank)
	case n.Is("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"):
		return c.sinkReduce(n, rank)
	case n.Is("Pad"):
		return c.sinkPad(n, rank)
	case n.Is("Split"):
		return c.sinkSplit(n, rank)
	case n.Is("Softmax", "LogSoftmax") && n.Opset >= 13:
		return c.sinkAxis(n, rank, -1)
	}
	return false
}

// join makes one transposition of two.
func (c *sinker) join(n *Node, rank int) bool {
	outer, inner := n.Ints("perm"), n.In[0].From.Ints("perm")
	if len(outer) != rank || len(inner) != rank {
		return false
	}
	perm := make([]int64, rank)
	for i, p := range outer {
		if p < 0 || p >= int64(rank) {
			return false
		}
		perm[i] = inner[p]
	}
	n.In[0] = n.In[0].From.In[0]
	n.Set(onnxpb.IntsAttr("perm", perm...))
	return true
}

// elementwise reports whether each element of n's output is a function of those of
// its inputs at the same place, up to broadcasting.
func (n *Node) elementwise() bool {
	if _, _, _, ok := n.activation(); ok {
		return true
	}
	return n.Is("Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Sum", "Mean", "Abs", "Neg", "Sqrt", "Exp", "Log", "Floor",
		"Ceil", "Round", "Reciprocal", "Clip", "Softsign", "Selu", "Celu", "ThresholdedRelu", "PRelu", "Sign", "Not", "Cast") ||
		n.IsFused("AddActivation")
}

func (c *sinker) sinkElementwise(n *Node, rank int) bool {
	if n.Is("Clip", "Cast") || len(n.In) == 1 {
		n.In[0] = c.source(n.In[0], rank)
		if n.In[0] == nil {
			return false
		}
		c.behind(n, rank)
		return true
	}
	in := make([]*Value, len(n.In))
	for i, v := range n.In {
		switch {
		case v == nil || v.Rank() < 0 || v.Rank() > rank:
			return false
		case v.Const != nil:
			if in[i] = c.constant(v, rank, n.Is("PRelu")); in[i] == nil {
				return false
			}
		case v.Rank() != rank:
			return false
		}
	}
	for i, v := range n.In {
		if in[i] == nil {
			in[i] = c.lastOf(v, rank)
		}
	}
	n.In = in
	c.behind(n, rank)
	return true
}

// constant returns a small constant with channels last.
func (c *sinker) constant(v *Value, rank int, slope bool) *Value {
	t := v.Const
	if t.Len() == 1 {
		return c.g.Constant(v.Name, &tensor.Tensor{Type: t.Type, Data: t.Data})
	}
	at := len(t.Shape) - rank + 1 // of the channels
	for i, d := range t.Shape {
		if d != 1 && i != at {
			return nil
		}
	}
	if at < 0 || slope && len(t.Shape) != rank-1 {
		return nil
	}
	return c.g.Constant(v.Name, &tensor.Tensor{Type: t.Type, Shape: []int{t.Len()}, Data: t.Data})
}

// moved returns where axis a of channels first is with channels last.
func moved(a, rank int) int64 {
	return int64(slices.Index(toLast(rank), int64(a)))
}

func (c *sinker) sinkConcat(n *Node, rank int) bool {
	at, ok := axis(n.Int("axis", 1), rank)
	if !ok || slices.ContainsFunc(n.In, func(v *Value) bool { return v == nil || v.Rank() != rank }) {
		return false
	}
	for i, v := range n.In {
		n.In[i] = c.lastOf(v, rank)
	}
	n.Set(onnxpb.IntAttr("axis", moved(at, rank)))
	c.behind(n, rank)
	return true
}

func (c *sinker) sinkSpatial(n *Node, rank int) bool {
	if rank != 4 || n.In[0].Type != onnxpb.Float || len(n.Out) > 1 && slices.ContainsFunc(n.Out[1:], isValue) {
		return false
	}
	n.In[0] = c.source(n.In[0], rank)
	// A fused operator has no version of its own: it keeps that of its model.
	n.Domain = Fused
	c.behind(n, rank)
	return true
}

func (c *sinker) sinkAxis(n *Node, rank int, def int64) bool {
	at, ok := axis(n.Int("axis", def), rank)
	if !ok {
		return false
	}
	n.In[0] = c.source(n.In[0], rank)
	n.Set(onnxpb.IntAttr("axis", moved(at, rank)))
	c.behind(n, rank)
	return true
}

func (c *sinker) sinkReduce(n *Node, rank int) bool {
	axes, ok := inference{c.g, n}.axes(1, rank)
	if !ok || len(axes) == 0 {
		return false
	}
	to := make([]int64, len(axes))
	for i, a := range axes {
		to[i] = moved(a, rank)
	}
	keep := n.Int("keepdims", 1) != 0
	if !keep && !slices.Equal(slices.Sorted(slices.Values(axes)), spatialAxes(rank)) {
		return false // what is left would be in another order
	}
	n.In[0] = c.source(n.In[0], rank)
	if n.Attr("axes") != nil {
		n.Set(onnxpb.IntsAttr("axes", to...))
	} else {
		n.In[1] = c.g.Constant(n.Name+"_axes", tensor.From(to, len(to)))
	}
	if keep {
		c.behind(n, rank)
	}
	return true
}

// spatialAxes are all axes but those of images and channels.
func spatialAxes(rank int) (all []int) {
	for i := 2; i < rank; i++ {
		all = append(all, i)
	}
	return all
}

func (c *sinker) sinkPad(n *Node, rank int) bool {
	list := n.Ints("pads")
	if n.Opset >= 11 {
		var ok bool
		if list, ok = n.Input(1).ints(); !ok || n.Input(3) != nil {
			return false
		}
	}
	if len(list) != 2*rank {
		return false
	}
	to := make([]int64, 2*rank)
	for i, from := range toLast(rank) {
		to[i], to[rank+i] = list[from], list[rank+int(from)]
	}
	n.In[0] = c.source(n.In[0], rank)
	if n.Opset >= 11 {
		n.In[1] = c.g.Constant(n.Name+"_pads", tensor.From(to, len(to)))
	} else {
		n.Set(onnxpb.IntsAttr("pads", to...))
	}
	c.behind(n, rank)
	return true
}

func (c *sinker) sinkSplit(n *Node, rank int) bool {
	return c.sinkAxis(n, rank, 0)
}
