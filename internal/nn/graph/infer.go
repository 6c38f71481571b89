package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Infer works out, in the order of the nodes, what is known of the type, shape
// and elements of every value. What it cannot tell stays unknown; it says nothing
// about whether a node is right. Only inputs and constants are believed.
func (g *Graph) Infer() {
	for _, n := range g.Nodes {
		for _, v := range n.Out {
			if v != nil {
				v.Type, v.Ranked, v.Shape, v.Elems = onnxpb.Undefined, false, nil, nil
			}
		}
		inference{g, n}.run()
	}
}

// inference is one node being looked at.
type inference struct {
	g *Graph
	n *Node
}

// set says what output i is.
func (f inference) set(i int, typ tensor.DType, shape []Dim) {
	v := f.n.Output(i)
	if v == nil {
		return
	}
	v.Type, v.Shape, v.Ranked = typ, shape, true
	for i, d := range shape {
		if d.Sym == 0 && d.N < 0 { // the node will fail
			v.Shape = slices.Clone(v.Shape)
			v.Shape[i] = f.g.symbol()
		}
	}
}

// typed says of what type output i is, of unknown shape.
func (f inference) typed(i int, typ tensor.DType) {
	if v := f.n.Output(i); v != nil {
		v.Type = typ
	}
}

// like says that output i is of type typ and has the shape of v.
func (f inference) like(i int, typ tensor.DType, v *Value) {
	if v.Ranked {
		f.set(i, typ, v.Shape)
		return
	}
	f.typed(i, typ)
}

// fresh returns rank dimensions of which nothing is known.
func (f inference) fresh(rank int) []Dim {
	d := make([]Dim, rank)
	for i := range d {
		d[i] = f.g.symbol()
	}
	return d
}

// dims is a shape as a list that may be changed.
func dims(v *Value) []Dim { return slices.Clone(v.Shape) }

func (f inference) run() {
	if rule := rules[key{f.n.Domain, f.n.Type}]; rule != nil && f.given(rule.least) {
		rule.apply(f)
	}
}

// given reports whether the first inputs are there.
func (f inference) given(least int) bool {
	for i := range least {
		if f.n.Input(i) == nil {
			return false
		}
	}
	return true
}

// axis returns an axis of rank dimensions, counted from 0.
func axis(a int64, rank int) (int, bool) {
	if a < 0 {
		a += int64(rank)
	}
	return int(a), a >= 0 && a < int64(rank)
}

// axes returns the axes that a node names by an attribute or by input i; ok is
// false if they are not known or not there.
func (f inference) axes(i, rank int) (all []int, ok bool) {
	list, ok := f.n.Ints("axes"), f.n.Attr("axes") != nil
	if !ok {
		if list, ok = f.n.Input(i).ints(); !ok {
			return nil, false
		}
	}
	for _, a := range list {
		x, ok := axis(a, rank)
		if !ok {
			return nil, false
		}
		all = append(all, x)
	}
	return all, true
}

// stretch is the dimension that a and b broadcast to.
func (f inference) stretch(a, b Dim) Dim {
	switch {
	case a == b, b.Is(1):
		return a
	case a.Is(1):
		return b
	}
	if _, ok := a.Known(); ok {
		return a // not 1: b is 1 or the same
	}
	if _, ok := b.Known(); ok {
		return b
	}
	return f.g.symbol()
}

// broadcast is the shape that a and b are brought to.
func (f inference) broadcast(a, b []Dim) []Dim {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, d := range b {
		j := len(a) - len(b) + i
		out[j] = f.stretch(a[j], d)
	}
	return out
}
