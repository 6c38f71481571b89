package onnxpb

import "iter"

// Graph is a GraphProto. Nodes stand in an order in which they can run.
type Graph struct {
	Nodes              []*Node
	Name               string
	Initializers       []*Tensor // constants by name
	Doc                string
	Inputs             []ValueInfo // before IR version 4, the initializers too
	Outputs            []ValueInfo
	ValueInfos         []ValueInfo // what is known of values in between
	Annotations        [][]byte    // TensorAnnotation for quantisation, as read
	SparseInitializers [][]byte    // SparseTensorProto, as read
	Metadata           []Entry
	keep
}

func (g *Graph) fields(c *coder) {
	pointers(c, 1, "node", &g.Nodes)
	c.text(2, "name", &g.Name)
	pointers(c, 5, "initializer", &g.Initializers)
	c.text(10, "doc_string", &g.Doc)
	values(c, 11, "input", &g.Inputs)
	values(c, 12, "output", &g.Outputs)
	values(c, 13, "value_info", &g.ValueInfos)
	c.blobs(14, "quantization_annotation", &g.Annotations)
	c.blobs(15, "sparse_initializer", &g.SparseInitializers)
	values(c, 16, "metadata_props", &g.Metadata)
}

// Initializer returns the initializer with the given name, nil if there is none.
// It looks at one after the other.
func (g *Graph) Initializer(name string) *Tensor {
	for _, t := range g.Initializers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// All yields g and every graph nested in the attributes of its nodes, outer
// before inner, in the order of the nodes.
func (g *Graph) All() iter.Seq[*Graph] {
	return func(yield func(*Graph) bool) { g.each(yield) }
}

func (g *Graph) each(yield func(*Graph) bool) bool {
	if !yield(g) {
		return false
	}
	for _, n := range g.Nodes {
		for sub := range n.Graphs() {
			if !sub.each(yield) {
				return false
			}
		}
	}
	return true
}

// Node is a NodeProto: one application of an operator. An empty name among the
// inputs or outputs stands for an optional one that is left out.
type Node struct {
	Inputs     []string
	Outputs    []string
	Name       string // for people; may be empty and need not be unique
	OpType     string
	Attributes []Attribute
	Doc        string
	Domain     string // empty for the operators of ONNX itself
	Overload   string
	Metadata   []Entry
	keep
}

func (n *Node) fields(c *coder) {
	c.texts(1, "input", &n.Inputs)
	c.texts(2, "output", &n.Outputs)
	c.text(3, "name", &n.Name)
	c.text(4, "op_type", &n.OpType)
	values(c, 5, "attribute", &n.Attributes)
	c.text(6, "doc_string", &n.Doc)
	c.text(7, "domain", &n.Domain)
	c.text(8, "overload", &n.Overload)
	values(c, 9, "metadata_props", &n.Metadata)
}

// Is reports whether n is the given operator of ONNX itself.
func (n *Node) Is(opType string) bool { return n.OpType == opType && IsONNX(n.Domain) }

// Input returns the name of input i, empty if it is left out.
func (n *Node) Input(i int) string {
	if i >= len(n.Inputs) {
		return ""
	}
	return n.Inputs[i]
}

// Output returns the name of output i, empty if it is left out.
func (n *Node) Output(i int) string {
	if i >= len(n.Outputs) {
		return ""
	}
	return n.Outputs[i]
}

// Graphs yields the graphs in the attributes of n, without those inside them.
func (n *Node) Graphs() iter.Seq[*Graph] {
	return func(yield func(*Graph) bool) {
		for i := range n.Attributes {
			a := &n.Attributes[i]
			if a.Graph != nil && !yield(a.Graph) {
				return
			}
			for _, g := range a.Graphs {
				if !yield(g) {
					return
				}
			}
		}
	}
}
