package onnxpb

import "iter"

// Tensors yields the initializers and the tensors in attributes of m, those of
// subgraphs and functions included, in file order.
func (m *Model) Tensors() iter.Seq[*Tensor] {
	return func(yield func(*Tensor) bool) {
		if m.Graph != nil && !m.Graph.eachTensor(yield) {
			return
		}
		for _, f := range m.Functions {
			if !eachTensor(f.Nodes, yield) {
				return
			}
		}
	}
}

func (g *Graph) eachTensor(yield func(*Tensor) bool) bool {
	if !eachTensor(g.Nodes, yield) {
		return false
	}
	for _, t := range g.Initializers {
		if !yield(t) {
			return false
		}
	}
	return true
}

func eachTensor(nodes []*Node, yield func(*Tensor) bool) bool {
	for _, n := range nodes {
		for i := range n.Attributes {
			a := &n.Attributes[i]
			if a.Tensor != nil && !yield(a.Tensor) {
				return false
			}
			for _, t := range a.Tensors {
				if !yield(t) {
					return false
				}
			}
		}
		for sub := range n.Graphs() {
			if !sub.eachTensor(yield) {
				return false
			}
		}
	}
	return true
}
