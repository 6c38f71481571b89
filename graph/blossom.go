package graph

import (
	"context"
	"slices"
)

// MaximumMatchingOptions configures [MaximumMatching], which has nothing to
// configure yet.
type MaximumMatchingOptions struct{}

// MaximumMatching finds a matching with as many edges as possible. Directions,
// loops, parallel edges and weights do not matter. Of several such matchings it
// returns always the same.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V³) time at worst on one goroutine, and in practice far less, as most nodes
// have a mate before the search; it needs 29 bytes a node, and up to 8 an edge if
// there are directions, loops or parallel edges. [BipartiteMatching] is quicker on
// large graphs with two sides.
//
// Edmonds, Paths, Trees, and Flowers, Canadian Journal of Mathematics 17, 1965,
// with the sets of Gabow, An Efficient Implementation of Edmonds' Algorithm for
// Maximum Matching on Graphs, Journal of the ACM 23(2), 1976.
func MaximumMatching[K comparable](
	ctx context.Context, g *Graph[K], _ MaximumMatchingOptions,
) (*Matching[K], error) {
	r, err := simpleRows(ctx, g, 1)
	if err != nil {
		return nil, err
	}
	f := newFlowers(r)
	for u := range int32(r.order()) {
		if f.mate[u] < 0 {
			if err := f.search(ctx, u); err != nil {
				return nil, err
			}
		}
	}
	return newMatching(g, f.mate), ctx.Err()
}

// Labels of nodes in a search for an augmenting path.
const (
	unlabelled = iota
	even       // at an even distance from the root, over edges in and out of the matching in turn
	odd
	hopeless // in a search that found no path; none ever goes there
)

// flowers is the state of Edmonds' algorithm. A blossom, which is an odd cycle of
// the search tree, becomes one even node: the sets of base hold its nodes.
type flowers struct {
	r      *rows
	mate   []int32
	label  []uint8
	parent []int32 // of an odd node: the even node from which the search came, also within a blossom
	base   []int32 // union-find; the root is the node of a blossom nearest to the root of the tree
	stamp  []int32 // of the last climb that passed a node
	climbs int32
	queue  []int32 // even nodes
	seen   []int32 // nodes with a label
	work   int
}

func newFlowers(r *rows) *flowers {
	n := r.order()
	return &flowers{
		r: r, mate: r.greedy(single(n)), label: make([]uint8, n), parent: slices.Repeat([]int32{-1}, n),
		base: single(n), stamp: make([]int32, n),
	}
}

// search looks for an augmenting path from root, and exchanges the edges on it.
func (f *flowers) search(ctx context.Context, root int32) error {
	f.queue, f.seen = f.queue[:0], f.seen[:0]
	f.mark(root, even)
	for i := 0; i < len(f.queue); i++ {
		u := f.queue[i]
		for _, v := range f.r.row(u) {
			if f.visit(u, v) {
				f.clear(unlabelled)
				return nil
			}
		}
		if f.work += f.r.degree(u) + 1; f.work >= blockWork {
			f.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	f.clear(hopeless)
	return nil
}

func (f *flowers) mark(u int32, label uint8) {
	if f.label[u] == unlabelled {
		f.seen = append(f.seen, u)
	}
	if f.label[u] = label; label == even {
		f.queue = append(f.queue, u)
	}
}

func (f *flowers) clear(label uint8) {
	for _, u := range f.seen {
		f.label[u], f.parent[u], f.base[u] = label, -1, u
	}
}

// visit follows an edge from an even node, and reports whether it ended an
// augmenting path.
func (f *flowers) visit(u, v int32) bool {
	switch f.label[v] {
	case unlabelled:
		f.mark(v, odd)
		f.parent[v] = u
		w := f.mate[v]
		if w < 0 {
			f.exchange(v)
			return true
		}
		f.mark(w, even)
	case even:
		if a, b := f.find(u), f.find(v); a != b {
			top := f.meet(a, b)
			f.shrink(u, v, top)
			f.shrink(v, u, top)
		}
	}
	return false
}

func (f *flowers) exchange(v int32) {
	for v >= 0 {
		u := f.parent[v]
		next := f.mate[u]
		f.mate[u], f.mate[v] = v, u
		v = next
	}
}

// meet returns where the ways from two even nodes to the root meet. The nodes are
// the bases of their blossoms.
func (f *flowers) meet(a, b int32) int32 {
	for f.climbs++; ; a, b = b, a {
		if a < 0 {
			continue
		}
		if f.stamp[a] == f.climbs {
			return a
		}
		f.stamp[a] = f.climbs
		if up := f.mate[a]; up >= 0 {
			a = f.find(f.parent[up])
		} else {
			a = -1
		}
	}
}

// shrink makes the way from u up to top a part of one blossom; v is the neighbour
// beyond u on the odd cycle. Odd nodes on the way become even. It passes the nodes
// of older blossoms one by one, as their parents lead around the new cycle too.
func (f *flowers) shrink(u, v, top int32) {
	for f.find(u) != top {
		f.parent[u] = v
		v = f.mate[u]
		if f.label[v] == odd {
			f.mark(v, even)
		}
		for _, x := range [2]int32{u, v} {
			if f.base[x] == x {
				f.base[x] = top
			}
		}
		u = f.parent[v]
	}
}

func (f *flowers) find(u int32) int32 { return forest(f.base).find(u) }
