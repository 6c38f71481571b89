package graph

import (
	"context"
	"iter"
	"slices"
)

// CoresOptions configures [Cores], which has nothing to configure yet.
type CoresOptions struct{}

// CoreNumbers is the result of [Cores].
type CoreNumbers[K comparable] struct {
	Numbers    []int32 // core number, by node index
	Degeneracy int     // the largest; 0 for the empty graph

	g *Graph[K]
}

// Of returns the core number of a node, 0 if there is no such node.
func (c *CoreNumbers[K]) Of(k K) int {
	if u, ok := c.g.Index(k); ok {
		return int(c.Numbers[u])
	}
	return 0
}

// Members yields the nodes of the k-core by index: those whose number is at least
// k.
func (c *CoreNumbers[K]) Members(k int) iter.Seq[K] {
	return func(yield func(K) bool) {
		for u, number := range c.Numbers {
			if int(number) >= k && !yield(c.g.keys[u]) {
				return
			}
		}
	}
}

// Cores finds the core number of each node. The k-core is the largest set of
// nodes that have k neighbours or more in the set; the number of a node is the
// largest k whose core has the node. Directions, loops, parallel edges and
// weights do not matter.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V+E) time on one goroutine and 16 bytes a node, and up to 8 an edge if there
// are directions, loops or parallel edges.
//
// Batagelj and Zaveršnik, An O(m) Algorithm for Cores Decomposition of Networks,
// arXiv:cs/0310049, 2003.
func Cores[K comparable](ctx context.Context, g *Graph[K], _ CoresOptions) (*CoreNumbers[K], error) {
	r, err := simpleRows(ctx, g, 1)
	if err != nil {
		return nil, err
	}
	degrees := make([]int32, r.order())
	for u := range degrees {
		degrees[u] = int32(r.degree(int32(u)))
	}
	left := newShelf(degrees)
	if err := left.peel(ctx, r); err != nil {
		return nil, err
	}
	out := &CoreNumbers[K]{Numbers: left.count, g: g}
	for _, number := range left.count {
		out.Degeneracy = max(out.Degeneracy, int(number))
	}
	return out, nil
}

// peel takes away nodes, the one with the fewest neighbours left first. In the end
// the counts are the core numbers.
func (s *shelf) peel(ctx context.Context, r *rows) error {
	work := 0
	for _, u := range s.order {
		for _, v := range r.row(u) {
			if s.count[v] > s.count[u] {
				s.lower(v)
			}
		}
		if work += r.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// shelf keeps items in the order of a count that goes down.
type shelf struct {
	count []int32
	order []int32 // items by count
	place []int32 // of an item in order
	start []int32 // where the items of a count start in order
}

// newShelf sorts the items 0 to len(count)-1. It keeps count.
func newShelf(count []int32) *shelf {
	s := &shelf{count: count, order: make([]int32, len(count)), place: make([]int32, len(count))}
	for _, n := range count {
		for len(s.start) <= int(n)+1 {
			s.start = append(s.start, 0)
		}
		s.start[n+1]++
	}
	for n := 1; n < len(s.start); n++ {
		s.start[n] += s.start[n-1]
	}
	next := slices.Clone(s.start)
	for i, n := range count {
		s.order[next[n]], s.place[i] = int32(i), next[n]
		next[n]++
	}
	return s
}

// lower moves an item to the end of the items with one less.
func (s *shelf) lower(item int32) {
	at, first := s.place[item], s.start[s.count[item]]
	if other := s.order[first]; other != item {
		s.order[at], s.order[first] = other, item
		s.place[other], s.place[item] = at, first
	}
	s.start[s.count[item]]++
	s.count[item]--
}
