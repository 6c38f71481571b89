package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Fused is the domain of the operators that passes make.
const Fused = "ai.quintet"

// Microsoft is the domain of ONNX Runtime's own operators.
const Microsoft = "com.microsoft"

// Graph is a model, or a graph inside a node of one.
type Graph struct {
	Name    string
	Inputs  []*Value // what a caller feeds, in order
	Outputs []*Value
	Nodes   []*Node // each behind those it reads from
	Opsets  map[string]int

	// Captured are the values of the graph around this one that it reads,
	// in the order of their names. Inside, they are Values of their own, in Held.
	Captured []string
	Held     []*Value

	symbols int // how many have been given out
}

// Node is one application of an operator.
type Node struct {
	Domain string // "" for the operators of ONNX itself
	Type   string
	Name   string
	Opset  int
	Attrs  []onnxpb.Attribute
	In     []*Value // nil where an optional input is left out
	Out    []*Value // nil where nobody asks for an output

	// Captures are the values that graphs in the attributes read, by name.
	Captures []Capture
}

// Capture is a value that a graph in an attribute reads from outside.
type Capture struct {
	Name  string
	Value *Value
}

// Value is what a node reads or writes.
type Value struct {
	Name   string
	Type   tensor.DType   // Undefined if not known
	Shape  []Dim          // if Ranked
	Ranked bool           // the number of dimensions is known
	Const  *tensor.Tensor // if it is a constant
	From   *Node          // nil for inputs and constants
	Elems  []Dim          // of a short tensor of integers, as far as known; nil if nothing is
}

// Is reports whether n is the given operator of ONNX itself.
func (n *Node) Is(types ...string) bool {
	return n != nil && n.Domain == "" && slices.Contains(types, n.Type)
}

// IsFused reports whether n is the given operator of the domain [Fused].
func (n *Node) IsFused(types ...string) bool {
	return n != nil && n.Domain == Fused && slices.Contains(types, n.Type)
}

// Input returns input i, nil if it is left out.
func (n *Node) Input(i int) *Value {
	if i >= len(n.In) {
		return nil
	}
	return n.In[i]
}

// Output returns output i, nil if nobody asks for it.
func (n *Node) Output(i int) *Value {
	if i >= len(n.Out) {
		return nil
	}
	return n.Out[i]
}

// Attr returns the named attribute, nil if it is absent.
func (n *Node) Attr(name string) *onnxpb.Attribute {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return &n.Attrs[i]
		}
	}
	return nil
}

// Int returns the named attribute of type int, def if it is absent.
func (n *Node) Int(name string, def int64) int64 {
	if a := n.Attr(name); a != nil && a.Kind() == onnxpb.AttrInt {
		return a.Int
	}
	return def
}

// Ints returns the named attribute of type ints, nil if it is absent.
func (n *Node) Ints(name string) []int64 {
	if a := n.Attr(name); a != nil && a.Kind() == onnxpb.AttrInts {
		return a.Ints
	}
	return nil
}

// Float returns the named attribute of type float, def if it is absent.
func (n *Node) Float(name string, def float32) float32 {
	if a := n.Attr(name); a != nil && a.Kind() == onnxpb.AttrFloat {
		return a.Float
	}
	return def
}

// Text returns the named attribute of type string, def if it is absent.
func (n *Node) Text(name, def string) string {
	if a := n.Attr(name); a != nil && a.Kind() == onnxpb.AttrString {
		return string(a.String)
	}
	return def
}

// Set replaces or adds an attribute.
func (n *Node) Set(a onnxpb.Attribute) {
	n.Attrs = slices.DeleteFunc(slices.Clone(n.Attrs), func(b onnxpb.Attribute) bool { return b.Name == a.Name })
	n.Attrs = append(n.Attrs, a)
}

// Rank returns the number of dimensions, -1 if it is not known.
func (v *Value) Rank() int {
	if v == nil || !v.Ranked {
		return -1
	}
	return len(v.Shape)
}

// Scalar returns the only element of a constant of float32 with any number of
// dimensions of 1; ok is false for everything else.
func (v *Value) Scalar() (x float32, ok bool) {
	if v == nil || v.Const == nil || v.Const.Type != onnxpb.Float || v.Const.Len() != 1 {
		return 0, false
	}
	return tensor.Of[float32](v.Const)[0], true
}

// beside is Scalar for a constant that, as the other operand of an element-wise
// operator on x, leaves x its shape: it has no more dimensions.
func (v *Value) beside(x *Value) (s float32, ok bool) {
	s, ok = v.Scalar()
	return s, ok && (len(v.Const.Shape) == 0 || len(v.Const.Shape) <= x.Rank())
}

// Floats returns the elements of a constant of float32; ok is false for
// everything else.
func (v *Value) Floats() (x []float32, ok bool) {
	if v == nil || v.Const == nil || v.Const.Type != onnxpb.Float {
		return nil, false
	}
	return tensor.Of[float32](v.Const), true
}

// Constant returns a value that is t.
func (g *Graph) Constant(name string, t *tensor.Tensor) *Value {
	v := &Value{Name: name, Const: t}
	v.describeConst()
	return v
}

// Uses counts, for every value, the nodes that read it, graphs in their
// attributes included, and one for each time it is an output of the graph.
func (g *Graph) Uses() map[*Value]int {
	uses := map[*Value]int{}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			if v != nil {
				uses[v]++
			}
		}
		for _, c := range n.Captures {
			uses[c.Value]++
		}
	}
	for _, v := range g.Outputs {
		uses[v]++
	}
	return uses
}

// Replace makes everybody who reads a key of with read its value instead. An output of
// the graph keeps its place.
func (g *Graph) Replace(with map[*Value]*Value) {
	replace := func(v **Value) {
		if w := with[*v]; w != nil {
			*v = w
		}
	}
	for _, n := range g.Nodes {
		for i := range n.In {
			replace(&n.In[i])
		}
		for i := range n.Captures {
			replace(&n.Captures[i].Value)
		}
	}
	for i := range g.Outputs {
		replace(&g.Outputs[i])
	}
}
