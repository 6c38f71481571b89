package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// ShortestPathOptions configures [ShortestPath]. The zero value goes by weight.
type ShortestPathOptions struct {
	// Hops makes the length of a path the number of its edges; weights do
	// not matter, and may be negative.
	Hops bool
}

// ShortestPath finds a shortest path between two nodes. If there is none, the
// path has no nodes; see [Path]. Of several it returns always the same.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown node or, unless Hops
// is set, a negative weight, or the error of ctx. It takes O((V+E)·log V) time at
// worst, O(V+E) if edges count, on one goroutine, and 24 bytes a node; on a
// directed graph the first call makes the copy of the edges that leads backwards.
//
// It searches from both ends. Pohl, Bi-Directional Search, Machine Intelligence
// 6, 1971.
func ShortestPath[K comparable](
	ctx context.Context, g *Graph[K], from, to K, o ShortestPathOptions,
) (Path[K], error) {
	c, s, t, err := g.ends(ctx, from, to)
	if err != nil {
		return Path[K]{}, err
	}
	if !o.Hops {
		if err := g.nonNegative(); err != nil {
			return Path[K]{}, err
		}
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return Path[K]{}, err
	}
	if !o.Hops && c.w != nil {
		nodes, err := meet(ctx, c, in, s, t)
		return g.path(nodes), err
	}
	nodes, err := fewest(ctx, c, in, s, t)
	p := g.path(nodes)
	if p.Found() {
		p.Length = float64(len(nodes) - 1)
	}
	return p, err
}

// meet returns the nodes of a shortest path by weight, nil if there is none.
// Two waves settle nodes in turn until their fronts together are longer than the
// best path that joins them.
func meet(ctx context.Context, c *CSR, in *rows, s, t int32) ([]int32, error) {
	ahead, back := newWave(&c.rows, s), newWave(in, t)
	ahead.parents = slices.Repeat([]int32{-1}, c.order())
	back.parents = slices.Repeat([]int32{-1}, c.order())
	best, middle := math.Inf(1), int32(-1)
	if s == t {
		best, middle = 0, s
	}
	var done [2]float64 // length of the last node settled
	for turn := 0; ; turn ^= 1 {
		w, other := ahead, back
		if turn == 1 {
			w, other = back, ahead
		}
		u, ok, err := w.next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if done[turn] = w.lengths[u]; done[0]+done[1] >= best {
			break
		}
		w.relax(u)
		for _, v := range w.r.row(u) {
			if l := w.lengths[v] + other.lengths[v]; l < best {
				best, middle = l, v
			}
		}
	}
	return join(ahead.parents, back.parents, middle), ctx.Err()
}

// join returns the path through middle, from the root of one tree to the root of
// the other; nil if middle is below 0.
func join(ahead, back []int32, middle int32) []int32 {
	if middle < 0 {
		return nil
	}
	path := ascend(ahead, middle)
	for v := back[middle]; v >= 0; v = back[v] {
		path = append(path, v)
	}
	return path
}

// fewest returns the nodes of a path with the fewest edges, nil if there is none.
func fewest(ctx context.Context, c *CSR, in *rows, s, t int32) ([]int32, error) {
	const unreached = -2
	ahead := ring{r: &c.rows, parents: slices.Repeat([]int32{unreached}, c.order()), front: []int32{s}}
	back := ring{r: in, parents: slices.Repeat([]int32{unreached}, c.order()), front: []int32{t}}
	ahead.parents[s], back.parents[t] = -1, -1
	if s == t {
		return []int32{s}, ctx.Err()
	}
	for work := 0; len(ahead.front) > 0 && len(back.front) > 0; {
		a, b := &ahead, &back
		if len(b.front) < len(a.front) {
			a, b = b, a
		}
		front := a.front
		a.front = nil
		for _, u := range front {
			for _, v := range a.r.row(u) {
				if a.parents[v] != unreached {
					continue
				}
				a.parents[v] = u
				if b.parents[v] != unreached { // on the front of b, or the fronts would have met before
					return join(ahead.parents, back.parents, v), ctx.Err()
				}
				a.front = append(a.front, v)
			}
			if work += a.r.degree(u) + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
		}
	}
	return nil, ctx.Err()
}

// ring is one side of a breadth-first search from both ends.
type ring struct {
	r       *rows
	parents []int32
	front   []int32
}

// AStarOptions configures [AStar], which has nothing to configure yet.
type AStarOptions struct{}

// AStar finds a shortest path between two nodes with the help of a heuristic: a
// lower bound of the length from a node to the target. A good bound leaves most
// nodes unseen. Numbers below 0 count as 0, and +Inf says that no path leads from
// the node to the target; a bound that is too high may cost the shortest path.
// The heuristic is called once for a node. If there is no path, the path has no
// nodes; see [Path].
//
// It returns [quintet.ErrInput] for a nil graph, a nil heuristic, one that
// returns NaN, an unknown node or a negative weight, or the error of ctx. It
// takes O((V+E)·log V) time for a consistent heuristic, on one goroutine, and 20
// bytes a node.
//
// Hart, Nilsson, Raphael, A Formal Basis for the Heuristic Determination of
// Minimum Cost Paths, IEEE Transactions on Systems Science and Cybernetics 4(2),
// 1968.
func AStar[K comparable](
	ctx context.Context, g *Graph[K], from, to K, heuristic func(K) float64, _ AStarOptions,
) (Path[K], error) {
	c, s, t, err := g.ends(ctx, from, to)
	if err != nil {
		return Path[K]{}, err
	}
	if err := g.nonNegative(); err != nil {
		return Path[K]{}, err
	}
	if heuristic == nil {
		return Path[K]{}, fmt.Errorf("graph: nil heuristic: %w", quintet.ErrInput)
	}
	var bad error
	bounds := slices.Repeat([]float64{math.NaN()}, c.order())
	w := newWave(&c.rows, s)
	w.parents = slices.Repeat([]int32{-1}, c.order())
	w.bound = func(u int32) float64 {
		if math.IsNaN(bounds[u]) {
			h := heuristic(g.keys[u])
			if math.IsNaN(h) {
				bad = fmt.Errorf("graph: the heuristic of node %s is NaN: %w", show(g.keys[u]), quintet.ErrInput)
			}
			bounds[u] = max(h, 0)
		}
		return bounds[u]
	}
	nodes, err := w.seek(ctx, t, &bad)
	return g.path(nodes), err
}

// seek settles nodes until it settles t and returns the path to it, or nil. It
// stops at a bad bound.
func (w *wave) seek(ctx context.Context, t int32, bad *error) ([]int32, error) {
	for {
		u, ok, err := w.next(ctx)
		if *bad != nil {
			return nil, *bad
		}
		if err != nil || !ok {
			return nil, err
		}
		if u == t {
			return ascend(w.parents, t), ctx.Err()
		}
		w.relax(u)
	}
}
