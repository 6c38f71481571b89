package graph

import (
	"context"
	"slices"
)

// StrongComponentsOptions configures [StrongComponents], which has nothing to
// configure yet.
type StrongComponentsOptions struct{}

// StrongComponents finds the strongly connected components: two nodes are in one
// group if edges lead from each to the other. In an undirected graph they are
// the connected components. The empty graph has no component.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V+E) time on one goroutine, at most 40 bytes a node, and does not recurse.
//
// Tarjan, Depth-First Search and Linear Graph Algorithms, SIAM Journal on
// Computing 1(2), 1972, §4.
func StrongComponents[K comparable](
	ctx context.Context, g *Graph[K], _ StrongComponentsOptions,
) (*Partition[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s := tarjan{c: c, low: make([]int32, c.order()), component: slices.Repeat([]int32{-1}, c.order())}
	for u := range int32(c.order()) {
		if s.low[u] == 0 {
			if err := s.visit(ctx, u); err != nil {
				return nil, err
			}
		}
	}
	return newPartition(g, s.component), nil
}

// tarjan is a depth-first search that closes components as it leaves their
// first node.
type tarjan struct {
	c         *CSR
	low       []int32 // lowest visit number reached from the node; 0 is not visited
	component []int32 // -1 is open
	open      []int32 // visited nodes whose component is open
	path      []step  // from the start of the search to the present node
	visited   int32
	closed    int32
	work      int // edges since the last look at the context
}

// step is a node on the path of a depth-first search.
type step struct {
	node   int32
	number int32  // in order of visits, from 1
	next   uint32 // edge to follow next
}

func (s *tarjan) visit(ctx context.Context, start int32) error {
	s.enter(start)
	for len(s.path) > 0 {
		if s.work >= blockWork {
			s.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		at := &s.path[len(s.path)-1]
		if at.next == s.c.off[at.node+1] {
			s.leave(*at)
			continue
		}
		v := s.c.adj[at.next]
		at.next++
		s.work++
		switch {
		case s.low[v] == 0:
			s.enter(v)
		case s.component[v] < 0:
			s.low[at.node] = min(s.low[at.node], s.low[v])
		}
	}
	return ctx.Err()
}

func (s *tarjan) enter(u int32) {
	s.visited++
	s.low[u] = s.visited
	s.open = append(s.open, u)
	s.path = append(s.path, step{node: u, number: s.visited, next: s.c.off[u]})
}

// leave closes the component of a node from which no lower node is reached.
func (s *tarjan) leave(done step) {
	s.path = s.path[:len(s.path)-1]
	if len(s.path) > 0 {
		above := s.path[len(s.path)-1].node
		s.low[above] = min(s.low[above], s.low[done.node])
	}
	if s.low[done.node] < done.number {
		return
	}
	for {
		u := s.open[len(s.open)-1]
		s.open = s.open[:len(s.open)-1]
		s.component[u] = s.closed
		if u == done.node {
			break
		}
	}
	s.closed++
}
