package graph

import (
	"context"
	"slices"
)

// CutsOptions configures [Cuts], which has nothing to configure yet.
type CutsOptions struct{}

// CutSet is the result of [Cuts].
type CutSet[K comparable] struct {
	Bridges      []Edge[K] // in the order of Graph.Edges, with its direction and weight
	Articulation []K       // nodes by index
}

// Cuts finds the bridges, the edges that alone join two parts of the graph, and
// the articulation points, the nodes that do. Without one of them the graph has
// more components. Directions and loops do not matter; an edge with a parallel
// one, or one in the opposite direction, is no bridge.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V+E) time on one goroutine and 25 bytes a node, and up to 8 an edge if there
// are directions, loops or parallel edges. It does not recurse.
//
// Hopcroft and Tarjan, Efficient Algorithms for Graph Manipulation,
// Communications of the ACM 16(6), 1973.
func Cuts[K comparable](ctx context.Context, g *Graph[K], _ CutsOptions) (*CutSet[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	r, err := c.simple(ctx, 1)
	if err != nil {
		return nil, err
	}
	w := cutter{c: c, descent: newDescent(&CSR{rows: *r}), low: make([]int32, c.order()), cut: make([]bool, c.order())}
	for u := range int32(c.order()) {
		if w.number[u] == 0 {
			if err := w.search(ctx, u); err != nil {
				return nil, err
			}
		}
	}
	return cutSet(g, &w), ctx.Err()
}

func cutSet[K comparable](g *Graph[K], w *cutter) *CutSet[K] {
	out := &CutSet[K]{}
	slices.SortFunc(w.bridges, func(a, b arc) int { return slices.Compare([]int32{a.u, a.v}, []int32{b.u, b.v}) })
	for _, b := range w.bridges {
		out.Bridges = append(out.Bridges, Edge[K]{From: g.keys[b.u], To: g.keys[b.v], Weight: b.w})
	}
	for u, cut := range w.cut {
		if cut {
			out.Articulation = append(out.Articulation, g.keys[u])
		}
	}
	return out
}

// cutter searches the simple rows of a graph.
type cutter struct {
	*descent
	c       *CSR    // the graph itself
	low     []int32 // lowest visit number that the nodes below reach without the edge by which they were found
	cut     []bool
	bridges []arc
}

func (w *cutter) search(ctx context.Context, root int32) error {
	w.enter(root)
	w.low[root] = w.number[root]
	children := 0
	for len(w.path) > 0 {
		u, v, ok, err := w.next(ctx)
		switch {
		case err != nil:
			return err
		case !ok:
			if w.leave(); len(w.path) == 0 {
				break
			}
			above := w.path[len(w.path)-1].node
			w.close(above, u)
			if above == root {
				children++
			}
		case w.number[v] == 0:
			w.enter(v)
			w.low[v] = w.number[v]
		case !w.back(v):
			w.low[u] = min(w.low[u], w.number[v])
		}
	}
	w.cut[root] = children > 1
	return nil
}

// close ends the search below u, which came from above.
func (w *cutter) close(above, u int32) {
	w.low[above] = min(w.low[above], w.low[u])
	if w.low[u] >= w.number[above] {
		w.cut[above] = true
	}
	if w.low[u] > w.number[above] {
		if b, one := w.c.only(above, u); one {
			w.bridges = append(w.bridges, b)
		}
	}
}

// only returns the edge between two different nodes that some edge joins, and
// whether it is the only one.
func (c *CSR) only(u, v int32) (a arc, one bool) {
	count := 0
	ends := [][2]int32{{min(u, v), max(u, v)}}
	if c.directed {
		ends = append(ends, [2]int32{max(u, v), min(u, v)})
	}
	for _, e := range ends {
		row, ws := c.row(e[0]), c.weights(e[0])
		i, _ := slices.BinarySearch(row, e[1])
		for ; i < len(row) && row[i] == e[1]; i++ {
			count++
			a = arc{e[0], e[1], 1}
			if ws != nil {
				a.w = ws[i]
			}
		}
	}
	return a, count == 1
}
