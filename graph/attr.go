package graph

import "slices"

// Attr holds a value for each node of a graph, or for each edge, under their index.
// An undirected edge has one index, whichever end it is seen from. The index of an
// edge is its place in the order of [Graph.Edges], which is also the order of the
// values of [EdgeScores] and [Flow]. It is a slice like any other.
type Attr[T any] []T

// NodeAttr returns zero values for the nodes of a graph.
func NodeAttr[T any, K comparable](g *Graph[K]) Attr[T] { return make(Attr[T], g.Order()) }

// EdgeAttr returns zero values for the edges of a graph.
func EdgeAttr[T any, K comparable](g *Graph[K]) Attr[T] { return make(Attr[T], g.Size()) }

// Pick returns the values of some indices, such as those of a [Subgraph], in their
// order.
func (a Attr[T]) Pick(indices []int32) Attr[T] {
	out := make(Attr[T], 0, len(indices))
	for _, i := range indices {
		out = append(out, a[i])
	}
	return out
}

// EdgeIndex returns the index of the edge from one node to the other, and whether
// there is one. Edges parallel to it have the indices that follow. It takes time
// logarithmic in the degree of a node; the first call on an undirected graph costs
// O(V·log E) and 4 bytes a node, which are kept.
func (g *Graph[K]) EdgeIndex(from, to K) (int, bool) {
	if g.csr == nil {
		return 0, false
	}
	lo, hi := findEdges(g, g.csr.numbers(), from, to)
	return lo, lo < hi
}

// EdgeAt returns the edge of an index, and whether there is one. It takes time
// logarithmic in the number of nodes, after the same first call as EdgeIndex.
func (g *Graph[K]) EdgeAt(i int) (Edge[K], bool) {
	if i < 0 || i >= g.Size() {
		return Edge[K]{}, false
	}
	return edgeAt(g, g.csr.numbers(), i), true
}

// EdgeIndex returns the index of the edge at place i of Out(u), -1 if there is none.
// It takes constant time in a directed graph, and else time logarithmic in the
// degrees, after the same first call as that of [Graph.EdgeIndex].
func (c *CSR) EdgeIndex(u int32, i int) int {
	if !c.has(u) || i < 0 || i >= c.degree(u) {
		return -1
	}
	order, row := c.numbers(), c.row(u)
	v := row[i]
	if c.directed || v >= u {
		return int(order.first[u]) + i - c.yields(u)
	}
	first, _ := slices.BinarySearch(row, v)
	lo, _ := order.find(v, u)
	return lo + i - first
}

// numbers returns the order of edges, which it makes once; two first calls may both
// make it.
func (c *CSR) numbers() edgeOrder {
	if n := c.nums.Load(); n != nil {
		return *n
	}
	n := newEdgeOrder(c)
	c.nums.Store(&n)
	return n
}
