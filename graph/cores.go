package graph

import (
	"context"
	"iter"
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
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	r, err := c.simple(ctx, 1)
	if err != nil {
		return nil, err
	}
	p := newPeel(r)
	if err := p.run(ctx); err != nil {
		return nil, err
	}
	out := &CoreNumbers[K]{Numbers: p.degree, g: g}
	for _, number := range p.degree {
		out.Degeneracy = max(out.Degeneracy, int(number))
	}
	return out, nil
}

// peel takes away nodes, the one with the fewest neighbours left first. The nodes
// are kept in the order of what they have left.
type peel struct {
	r      *rows
	degree []int32 // neighbours left, in the end the core number
	order  []int32 // nodes by degree
	place  []int32 // of a node in order
	start  []int32 // where the nodes of a degree start in order
}

func newPeel(r *rows) *peel {
	n := r.order()
	p := &peel{r: r, degree: make([]int32, n), order: make([]int32, n), place: make([]int32, n)}
	falling := r.falling()
	for i, u := range falling {
		at := n - 1 - i
		p.order[at], p.place[u], p.degree[u] = u, int32(at), int32(r.degree(u))
	}
	for i, u := range p.order {
		for len(p.start) <= int(p.degree[u]) {
			p.start = append(p.start, int32(i))
		}
	}
	return p
}

func (p *peel) run(ctx context.Context) error {
	work := 0
	for _, u := range p.order {
		for _, v := range p.r.row(u) {
			if p.degree[v] > p.degree[u] {
				p.lower(v)
			}
		}
		if work += p.r.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// lower moves a node to the end of the nodes with one neighbour less.
func (p *peel) lower(v int32) {
	at, first := p.place[v], p.start[p.degree[v]]
	if other := p.order[first]; other != v {
		p.order[at], p.order[first] = other, v
		p.place[other], p.place[v] = at, first
	}
	p.start[p.degree[v]]++
	p.degree[v]--
}
