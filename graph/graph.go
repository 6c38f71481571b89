package graph

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Graph is an immutable graph whose nodes have keys of type K and, in the order
// of their first appearance, the indices 0 to Order-1. The zero value is the
// empty undirected graph. It is safe for concurrent use.
type Graph[K comparable] struct {
	keys  []K
	index keyIndex[K]
	csr   *CSR // nil in the zero value
}

// Order returns the number of nodes.
func (g *Graph[K]) Order() int { return len(g.keys) }

// Size returns the number of edges: an undirected edge and a loop count once.
func (g *Graph[K]) Size() int { return g.CSR().Size() }

// Directed reports whether edges have a direction.
func (g *Graph[K]) Directed() bool { return g.CSR().Directed() }

// Weighted reports whether some edge weighs other than 1.
func (g *Graph[K]) Weighted() bool { return g.CSR().Weighted() }

// CSR returns the key-free view of the graph.
func (g *Graph[K]) CSR() *CSR {
	if g.csr == nil {
		return &CSR{}
	}
	return g.csr
}

// Index returns the index of a node, and whether there is such a node.
func (g *Graph[K]) Index(k K) (int32, bool) {
	return g.index.find(k)
}

// Key returns the node of an index, and whether there is such a node.
func (g *Graph[K]) Key(i int32) (K, bool) {
	if i < 0 || int(i) >= len(g.keys) {
		var none K
		return none, false
	}
	return g.keys[i], true
}

// Nodes yields the nodes in the order of their index.
func (g *Graph[K]) Nodes() iter.Seq[K] { return slices.Values(g.keys) }

// Edges yields the edges, an undirected one once, by the index of From and then
// of To. From has the smaller index in an undirected graph.
func (g *Graph[K]) Edges() iter.Seq[Edge[K]] {
	return func(yield func(Edge[K]) bool) {
		for a := range g.CSR().edges() {
			if !yield(g.edge(a)) {
				return
			}
		}
	}
}

func (g *Graph[K]) edge(a arc) Edge[K] {
	return Edge[K]{From: g.keys[a.u], To: g.keys[a.v], Weight: a.w}
}

// Neighbors yields the nodes that the edges of k lead to, with the weight of the
// edge, by index; parallel edges repeat them. An unknown node has none.
func (g *Graph[K]) Neighbors(k K) iter.Seq2[K, float32] {
	return func(yield func(K, float32) bool) {
		if u, ok := g.index.find(k); ok {
			g.yieldRow(&g.csr.rows, u, yield)
		}
	}
}

// InNeighbors yields the nodes whose edges lead to k, as Neighbors does; it is
// Neighbors in an undirected graph. The first use on a directed graph costs
// O(V+E) and as much memory as the edges.
func (g *Graph[K]) InNeighbors(k K) iter.Seq2[K, float32] {
	return func(yield func(K, float32) bool) {
		if u, ok := g.index.find(k); ok {
			g.yieldRow(g.csr.incoming(), u, yield)
		}
	}
}

func (g *Graph[K]) yieldRow(r *rows, u int32, yield func(K, float32) bool) {
	for v, w := range entries(r, u) {
		if !yield(g.keys[v], w) {
			return
		}
	}
}

// entries yields the columns of row u with their weights.
func entries(r *rows, u int32) iter.Seq2[int32, float32] {
	return func(yield func(int32, float32) bool) {
		ws := r.weights(u)
		for i, v := range r.row(u) {
			w := float32(1)
			if ws != nil {
				w = ws[i]
			}
			if !yield(v, w) {
				return
			}
		}
	}
}

// Degree returns how many ends of edges are at k: a loop counts twice, and in a
// directed graph it is OutDegree plus InDegree. An unknown node has 0.
func (g *Graph[K]) Degree(k K) int {
	u, ok := g.index.find(k)
	switch {
	case !ok:
		return 0
	case g.csr.directed:
		return g.csr.degree(u) + g.csr.incoming().degree(u)
	}
	return g.csr.degree(u) + g.csr.loopsAt(u)
}

// OutDegree returns how many nodes Neighbors yields for k; 0 if k is unknown.
func (g *Graph[K]) OutDegree(k K) int {
	if u, ok := g.index.find(k); ok {
		return g.csr.degree(u)
	}
	return 0
}

// InDegree returns how many nodes InNeighbors yields for k, at the same cost on
// first use; 0 if k is unknown.
func (g *Graph[K]) InDegree(k K) int {
	if u, ok := g.index.find(k); ok {
		return g.csr.incoming().degree(u)
	}
	return 0
}

// HasEdge reports whether an edge leads from one node to the other. It takes
// time logarithmic in the degree of from.
func (g *Graph[K]) HasEdge(from, to K) bool {
	_, ok := g.Weight(from, to)
	return ok
}

// Weight returns the weight of the edge from one node to the other, the sum of
// the weights if there are parallel ones, and whether there is an edge.
func (g *Graph[K]) Weight(from, to K) (weight float64, ok bool) {
	u, ok := g.index.find(from)
	if !ok {
		return 0, false
	}
	v, ok := g.index.find(to)
	if !ok {
		return 0, false
	}
	row, ws := g.csr.row(u), g.csr.weights(u)
	i, ok := slices.BinarySearch(row, v)
	for ; i < len(row) && row[i] == v; i++ {
		if ws == nil {
			weight++
		} else {
			weight += float64(ws[i])
		}
	}
	return weight, ok
}

// start returns the index of the node at which an algorithm starts.
func (g *Graph[K]) start(k K) (int32, error) {
	u, ok := g.index.find(k)
	if !ok {
		return 0, fmt.Errorf("graph: no node %s: %w", show(k), quintet.ErrInput)
	}
	return u, nil
}

// view returns the rows of g, or an error if g is nil or ctx has ended.
func view[K comparable](ctx context.Context, g *Graph[K]) (*CSR, error) {
	if g == nil {
		return nil, fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	return g.CSR(), ctx.Err()
}
