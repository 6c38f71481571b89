package graph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// KShortestPathsOptions configures [KShortestPaths].
type KShortestPathsOptions struct {
	// Paths is how many paths to find. Default: 10.
	Paths int
}

// KShortestPaths finds the shortest paths between two nodes that pass no node
// twice, the shortest first, and fewer than Paths if there are no more. Two paths
// differ in their nodes: of parallel edges the lightest counts. A node has one
// path to itself.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown node or a negative
// weight, [quintet.ErrOption] for negative Paths, or the error of ctx. It takes
// O(Paths·V·(V+E)·log V) time at worst, on one goroutine, and in practice far
// less: the exact lengths to the target, which are found first, guide every
// search. On a directed graph the first call makes the copy of the edges that
// leads backwards.
//
// Yen, Finding the K Shortest Loopless Paths in a Network, Management Science
// 17(11), 1971, with the saving of Lawler, Management Science 18(7), 1972.
func KShortestPaths[K comparable](
	ctx context.Context, g *Graph[K], from, to K, o KShortestPathsOptions,
) ([]Path[K], error) {
	if o.Paths < 0 {
		return nil, fmt.Errorf("graph: Paths is %d: %w", o.Paths, quintet.ErrOption)
	}
	if o.Paths == 0 {
		o.Paths = 10
	}
	c, s, t, err := g.ends(ctx, from, to)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	back := newWave(in, t)
	if err := back.run(ctx, math.Inf(1)); err != nil {
		return nil, err
	}
	y := yen{c: c, target: t, rest: back.lengths, blocked: make([]bool, c.order())}
	found, err := y.run(ctx, s, o.Paths)
	if err != nil {
		return nil, err
	}
	paths := make([]Path[K], len(found))
	for i, f := range found {
		paths[i] = g.path(f.nodes)
	}
	return paths, nil
}

// yen finds each further path as the least way to leave a path found before.
type yen struct {
	c       *CSR
	target  int32
	rest    []float64 // length to the target from each node
	blocked []bool    // nodes of the path so far
	open    []route   // candidates, the best last
}

type route struct {
	nodes  []int32
	length float64
	leaves int // at which node the route leaves the one it was made from
}

func (a route) compare(b route) int {
	return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(len(a.nodes), len(b.nodes)),
		slices.Compare(a.nodes, b.nodes))
}

func (y *yen) run(ctx context.Context, s int32, n int) ([]route, error) {
	if err := y.depart(ctx, []int32{s}, nil, 0); err != nil {
		return nil, err
	}
	var found []route
	for len(found) < n && len(y.open) > 0 {
		last := len(y.open) - 1
		next := y.open[last]
		y.open = y.open[:last]
		found = append(found, next)
		if len(found) == n {
			break
		}
		for i := next.leaves; i < len(next.nodes)-1; i++ {
			if err := y.depart(ctx, next.nodes[:i+1], found, i); err != nil {
				return nil, err
			}
		}
		if room := n - len(found); len(y.open) > room { // the worst are of no use
			y.open = slices.Delete(y.open, 0, len(y.open)-room)
		}
	}
	return found, ctx.Err()
}

// depart adds the best route that begins with root and then goes no way that a
// route found before goes.
func (y *yen) depart(ctx context.Context, root []int32, found []route, leaves int) error {
	var taken []int32
	for _, f := range found {
		if len(f.nodes) > len(root) && slices.Equal(f.nodes[:len(root)], root) {
			taken = append(taken, f.nodes[len(root)])
		}
	}
	slices.Sort(taken)
	for _, u := range root {
		y.blocked[u] = true
	}
	tail, err := y.search(ctx, root[len(root)-1], taken)
	for _, u := range root {
		y.blocked[u] = false
	}
	if err != nil || tail == nil {
		return err
	}
	nodes := slices.Concat(root[:len(root)-1], tail)
	r := route{nodes: nodes, length: y.c.length(nodes), leaves: leaves}
	at, there := slices.BinarySearchFunc(y.open, r, func(a, b route) int { return b.compare(a) })
	if !there {
		y.open = slices.Insert(y.open, at, r)
	}
	return nil
}

// search returns the shortest path from s to the target, past the blocked nodes
// and not first to one of taken.
func (y *yen) search(ctx context.Context, s int32, taken []int32) ([]int32, error) {
	w := detour{y: y, lengths: map[int32]float64{s: 0}, parents: map[int32]int32{s: -1}}
	if s == y.target {
		return []int32{s}, ctx.Err()
	}
	w.relax(s, taken)
	for work := 0; len(w.queue) > 0; {
		at := w.queue.pop()
		u := at.node
		if at.key > w.lengths[u]+y.rest[u] {
			continue
		}
		if u == y.target {
			return w.path(u), ctx.Err()
		}
		w.relax(u, nil)
		if work += y.c.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	return nil, ctx.Err()
}

// detour is a search with exact bounds, which sees so few nodes that maps are
// quicker than arrays of all.
type detour struct {
	y       *yen
	lengths map[int32]float64
	parents map[int32]int32
	queue   queue
}

func (w *detour) relax(u int32, taken []int32) {
	d := w.lengths[u]
	for v, weight := range entries(&w.y.c.rows, u) {
		if w.y.blocked[v] || math.IsInf(w.y.rest[v], 1) {
			continue
		}
		if _, there := slices.BinarySearch(taken, v); there {
			continue
		}
		l := d + float64(weight)
		if old, there := w.lengths[v]; !there || l < old {
			w.lengths[v], w.parents[v] = l, u
			w.queue.push(l+w.y.rest[v], v)
		}
	}
}

func (w *detour) path(u int32) []int32 {
	var path []int32
	for ; u >= 0; u = w.parents[u] {
		path = append(path, u)
	}
	slices.Reverse(path)
	return path
}
