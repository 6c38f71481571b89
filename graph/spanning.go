package graph

import (
	"cmp"
	"context"
	"slices"
)

// SpanningForestOptions configures [SpanningForest], which has nothing to
// configure yet.
type SpanningForestOptions struct{}

// Forest is the result of [SpanningForest].
type Forest[K comparable] struct {
	Edges  []Edge[K] // lightest first, equal ones in the order of Graph.Edges
	Weight float64   // sum of the weights in that order
	Trees  int       // the components of the graph
}

// SpanningForest returns a minimum spanning forest: edges that join what the graph
// joins, without a cycle, with the least sum of weights. Directions do not matter
// and weights may be negative. Of edges that weigh the same it prefers the one
// that [Graph.Edges] yields first.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(E·log E) time on one goroutine and 12 bytes an edge.
//
// Kruskal, On the Shortest Spanning Subtree of a Graph and the Traveling Salesman
// Problem, Proceedings of the American Mathematical Society 7(1), 1956.
func SpanningForest[K comparable](
	ctx context.Context, g *Graph[K], _ SpanningForestOptions,
) (*Forest[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	arcs := c.arcs()
	if c.w != nil {
		slices.SortStableFunc(arcs, func(a, b arc) int { return cmp.Compare(a.w, b.w) })
	}
	out := &Forest[K]{Trees: c.order()}
	f := forest(single(c.order()))
	for i, a := range arcs {
		if i%blockWork == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if f.find(a.u) == f.find(a.v) {
			continue
		}
		f.union(a.u, a.v)
		out.Edges = append(out.Edges, Edge[K]{From: g.keys[a.u], To: g.keys[a.v], Weight: a.w})
		out.Weight += float64(a.w)
		out.Trees--
	}
	return out, ctx.Err()
}

type arc struct {
	u, v int32
	w    float32
}

// arcs returns the edges but loops, an undirected one once.
func (c *CSR) arcs() []arc {
	arcs := make([]arc, 0, c.Size())
	for u := range int32(c.order()) {
		for v, w := range entries(&c.rows, u) {
			if u < v || c.directed && u != v {
				arcs = append(arcs, arc{u, v, w})
			}
		}
	}
	return arcs
}

// find returns the root of u and shortens the way there.
func (f forest) find(u int32) int32 {
	for f[u] != u {
		f[u] = f[f[u]]
		u = f[u]
	}
	return u
}
