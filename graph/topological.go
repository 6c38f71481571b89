package graph

import (
	"context"
	"slices"

	"github.com/quintet-ai/quintet"
)

// CycleError says that a graph has a cycle where none may be. Its cause is
// [quintet.ErrInput].
type CycleError[K comparable] struct {
	Nodes []K // in the order of the cycle, each once
}

// Error names some nodes of the cycle.
func (e *CycleError[K]) Error() string { return "graph: cycle of " + some(e.Nodes) }

// Unwrap returns [quintet.ErrInput].
func (e *CycleError[K]) Unwrap() error { return quintet.ErrInput }

// TopologicalOrderOptions configures [TopologicalOrder], which has nothing to
// configure yet.
type TopologicalOrderOptions struct{}

// TopologicalOrder returns the nodes of a directed graph without cycles such that
// every edge leads from an earlier node to a later. Of the nodes that could be
// next it takes the one that has waited longest, and those that began to wait
// together by index.
//
// If there is a cycle, the error is a [*CycleError]; an undirected edge and a
// loop are cycles. It returns [quintet.ErrInput] for a nil graph, or the error of
// ctx. It takes O(V+E) time on one goroutine and 8 bytes a node.
//
// Kahn, Topological Sorting of Large Networks, Communications of the ACM 5(11),
// 1962.
func TopologicalOrder[K comparable](ctx context.Context, g *Graph[K], _ TopologicalOrderOptions) ([]K, error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	waits := make([]int32, c.order()) // edges from nodes that are not in order yet
	err = forBlocks(ctx, c.blocks(), 1, func(b, _ int) {
		lo, hi := c.block(b)
		for _, v := range c.adj[c.off[lo]:c.off[hi]] {
			waits[v]++
		}
	})
	if err != nil {
		return nil, err
	}
	order := make([]int32, 0, c.order())
	for u, w := range waits {
		if w == 0 {
			order = append(order, int32(u))
		}
	}
	for i, work := 0, 0; i < len(order); i++ {
		row := c.row(order[i])
		for _, v := range row {
			if waits[v]--; waits[v] == 0 {
				order = append(order, v)
			}
		}
		if work += len(row) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	if len(order) < c.order() {
		cycle, err := FindCycle(ctx, g, FindCycleOptions{})
		if err != nil {
			return nil, err
		}
		return nil, &CycleError[K]{Nodes: cycle}
	}
	return g.keysOf(order), ctx.Err()
}

// FindCycleOptions configures [FindCycle], which has nothing to configure yet.
type FindCycleOptions struct{}

// FindCycle returns the nodes of a cycle in the order of its edges, each once;
// nil if there is none, which for a directed graph means that it is a DAG. A loop
// is a cycle of one node, two edges in opposite directions are one of two. In an
// undirected graph a cycle uses no edge twice: it has three nodes or more, or two
// that parallel edges join, or is a loop. Of several cycles it returns always the
// same.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V+E) time on one goroutine and up to 17 bytes a node.
func FindCycle[K comparable](ctx context.Context, g *Graph[K], _ FindCycleOptions) ([]K, error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	w := newDescent(c)
	for u := range int32(c.order()) {
		if w.number[u] != 0 {
			continue
		}
		cycle, err := w.cycleFrom(ctx, u)
		if err != nil {
			return nil, err
		}
		if cycle != nil {
			return g.keysOf(cycle), nil
		}
	}
	return nil, ctx.Err()
}

// descent is a depth-first search that does not recurse.
type descent struct {
	c       *CSR
	number  []int32 // in order of visits, from 1; 0 is not visited
	path    []step  // from the start to the present node
	onPath  []bool
	visited int32
	work    int
}

func newDescent(c *CSR) *descent {
	return &descent{c: c, number: make([]int32, c.order()), onPath: make([]bool, c.order())}
}

func (w *descent) enter(u int32) {
	w.visited++
	w.number[u], w.onPath[u] = w.visited, true
	w.path = append(w.path, step{node: u, number: w.visited, next: w.c.off[u]})
}

func (w *descent) leave() step {
	last := w.path[len(w.path)-1]
	w.path, w.onPath[last.node] = w.path[:len(w.path)-1], false
	return last
}

// next returns the next edge of the present node, and whether there is one.
func (w *descent) next(ctx context.Context) (from, to int32, ok bool, err error) {
	if w.work++; w.work >= blockWork {
		w.work = 0
		if err := ctx.Err(); err != nil {
			return 0, 0, false, err
		}
	}
	at := &w.path[len(w.path)-1]
	if at.next == w.c.off[at.node+1] {
		return at.node, 0, false, nil
	}
	at.next++
	return at.node, w.c.adj[at.next-1], true, nil
}

// back reports whether the edge just followed, which leads to v, is the
// undirected one by which the search came; the first of parallel ones is.
func (w *descent) back(v int32) bool {
	if w.c.directed || len(w.path) < 2 || w.path[len(w.path)-2].node != v {
		return false
	}
	at := w.path[len(w.path)-1]
	i := at.next - 1
	return i == w.c.off[at.node] || w.c.adj[i-1] != v
}

// cycleFrom searches from a start and returns the first cycle that it closes.
func (w *descent) cycleFrom(ctx context.Context, start int32) ([]int32, error) {
	w.enter(start)
	for len(w.path) > 0 {
		_, v, ok, err := w.next(ctx)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			w.leave()
		case w.number[v] == 0:
			w.enter(v)
		case w.onPath[v] && !w.back(v):
			i := slices.IndexFunc(w.path, func(s step) bool { return s.node == v })
			var cycle []int32
			for _, s := range w.path[i:] {
				cycle = append(cycle, s.node)
			}
			return cycle, ctx.Err()
		}
	}
	return nil, nil
}
