package graph

import (
	"iter"
	"slices"
	"sort"
)

// RankedEdge is an edge with its score. A higher score is a more important edge.
type RankedEdge[K comparable] struct {
	Edge  Edge[K] `json:"edge"`
	Score float64 `json:"score"`
}

// EdgeScores gives each edge of a graph a number.
type EdgeScores[K comparable] struct {
	Values []float64 // in the order of Graph.Edges

	edges edgeOrder
	g     *Graph[K]
}

// Of returns the score of the edge from one node to the other, the sum of the
// scores if there are parallel ones, 0 if there is none.
func (s *EdgeScores[K]) Of(from, to K) float64 {
	lo, hi := findEdges(s.g, s.edges, from, to)
	sum := 0.0
	for _, x := range s.Values[lo:hi] {
		sum += x
	}
	return sum
}

// Top returns the n edges with the highest scores, all if there are fewer, best
// first; equal scores are in the order of [Graph.Edges]. It takes O(E·log n) time
// and O(n) memory.
func (s *EdgeScores[K]) Top(n int) []RankedEdge[K] {
	best := highest(s.Values, n)
	out := slices.Grow([]RankedEdge[K](nil), len(best))
	for _, e := range best {
		out = append(out, RankedEdge[K]{Edge: edgeAt(s.g, s.edges, int(e)), Score: s.Values[e]})
	}
	return out
}

// arc is an edge by the index of its ends.
type arc struct {
	u, v int32
	w    float32
}

// edges yields the edges in the order of Graph.Edges.
func (c *CSR) edges() iter.Seq[arc] {
	return func(yield func(arc) bool) {
		for u := range int32(c.order()) {
			for i := c.off[u] + uint32(c.yields(u)); i < c.off[u+1]; i++ {
				a := arc{u: u, v: c.adj[i], w: 1}
				if c.w != nil {
					a.w = c.w[i]
				}
				if !yield(a) {
					return
				}
			}
		}
	}
}

// edgeOrder is the order of Graph.Edges: the edges of row u that it yields, which
// in an undirected graph are those to u and later nodes, have the numbers
// first[u] to first[u+1].
type edgeOrder struct {
	c     *CSR
	first []uint32
}

func newEdgeOrder(c *CSR) edgeOrder {
	if c.directed {
		return edgeOrder{c: c, first: c.off}
	}
	e := edgeOrder{c: c, first: make([]uint32, c.order()+1)}
	for u := range int32(c.order()) {
		e.first[u+1] = e.first[u] + uint32(c.degree(u)-c.yields(u))
	}
	return e
}

// yields returns where in row u the edges start that Graph.Edges yields.
func (c *CSR) yields(u int32) int {
	if c.directed {
		return 0
	}
	i, _ := slices.BinarySearch(c.row(u), u)
	return i
}

// find returns the numbers of the edges from u to v.
func (e edgeOrder) find(u, v int32) (lo, hi int) {
	if !e.c.directed && v < u {
		u, v = v, u
	}
	row := e.c.row(u)[e.c.yields(u):]
	i, _ := slices.BinarySearch(row, v)
	lo, hi = i, i
	for hi < len(row) && row[hi] == v {
		hi++
	}
	return int(e.first[u]) + lo, int(e.first[u]) + hi
}

// ends returns the ends of an edge and its weight.
func (e edgeOrder) ends(number int) arc {
	u := int32(sort.Search(e.c.order(), func(u int) bool { return int(e.first[u+1]) > number }))
	i := int(e.c.off[u+1]) - (int(e.first[u+1]) - number)
	a := arc{u: u, v: e.c.adj[i], w: 1}
	if e.c.w != nil {
		a.w = e.c.w[i]
	}
	return a
}

// findEdges returns the numbers of the edges between two nodes, none if one is
// unknown.
func findEdges[K comparable](g *Graph[K], e edgeOrder, from, to K) (lo, hi int) {
	u, ok := g.Index(from)
	if !ok {
		return 0, 0
	}
	v, ok := g.Index(to)
	if !ok {
		return 0, 0
	}
	return e.find(u, v)
}

func edgeAt[K comparable](g *Graph[K], e edgeOrder, number int) Edge[K] {
	return g.edge(e.ends(number))
}

// fold adds up, for each edge in the order of Graph.Edges, the values of the one
// or two places where it is stored. Rows ascend, so the places of an edge in the
// rows of its later end come in the same order as in those of its first.
func (c *CSR) fold(byPlace []float64) []float64 {
	if c.directed {
		return byPlace
	}
	out := make([]float64, 0, c.Size())
	next := slices.Clone(c.off)
	for u := range int32(c.order()) {
		start := c.yields(u)
		for i, v := range c.row(u)[start:] {
			x := byPlace[int(c.off[u])+start+i]
			if v > u {
				x += byPlace[next[v]]
				next[v]++
			}
			out = append(out, x)
		}
	}
	return out
}
