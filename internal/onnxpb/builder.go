package onnxpb

import "strconv"

// Builder makes a graph operator by operator. Values are known by their names:
//
//	b := onnxpb.NewBuilder("mlp")
//	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(8))
//	h := b.Op("MatMul", x, b.Weight(onnxpb.NewTensor("w", w, 8, 4)))
//	b.Rename(b.Op("Relu", h), "y")
//	b.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(4))
//	m := b.Model(17)
//
// It checks nothing; it is for those who know their operators.
type Builder struct {
	g     *Graph
	count map[string]int // of names derived from the same word
}

// NewBuilder begins a graph with the given name.
func NewBuilder(name string) *Builder {
	return &Builder{g: &Graph{Name: name}, count: map[string]int{}}
}

// Input declares an input of the graph and returns its name.
func (b *Builder) Input(name string, elem DataType, dims ...Dim) string {
	b.g.Inputs = append(b.g.Inputs, TensorInfo(name, elem, dims...))
	return name
}

// Output declares that the value with the given name is an output of the graph.
func (b *Builder) Output(name string, elem DataType, dims ...Dim) {
	b.g.Outputs = append(b.g.Outputs, TensorInfo(name, elem, dims...))
}

// Weight adds an initializer and returns its name; one without a name gets one.
func (b *Builder) Weight(t *Tensor) string {
	if t.Name == "" {
		t.Name = b.fresh("const")
	}
	b.g.Initializers = append(b.g.Initializers, t)
	return t.Name
}

// Op adds an operator with one output, whose name it returns.
func (b *Builder) Op(opType string, inputs ...string) string {
	return b.OpWith(opType, nil, inputs...)
}

// OpWith is Op for an operator with attributes.
func (b *Builder) OpWith(opType string, attrs []Attribute, inputs ...string) string {
	n := NewNode(opType, inputs, []string{b.fresh(opType)}, attrs...)
	b.Add(n)
	return n.Outputs[0]
}

// Add adds a node, which may have any number of outputs. A node without a name
// gets that of its first output.
func (b *Builder) Add(n *Node) {
	if n.Name == "" {
		n.Name = n.Output(0)
	}
	b.g.Nodes = append(b.g.Nodes, n)
}

// Rename gives the output of the latest operator another name, for those that
// the outside world sees. Nothing may use the old name yet.
func (b *Builder) Rename(old, name string) {
	last := b.g.Nodes[len(b.g.Nodes)-1]
	for i, out := range last.Outputs {
		if out == old {
			last.Outputs[i] = name
		}
	}
}

// Graph returns the graph, which further calls continue.
func (b *Builder) Graph() *Graph { return b.g }

// Model returns the graph as a model of the given version of the operators.
func (b *Builder) Model(opset int64) *Model {
	return &Model{IRVersion: 8, ProducerName: "quintet", Graph: b.g, Opsets: []Opset{{Version: opset}}}
}

// fresh returns word_1, word_2 and so on.
func (b *Builder) fresh(word string) string {
	b.count[word]++
	return word + "_" + strconv.Itoa(b.count[word])
}
