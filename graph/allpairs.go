package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// AllPairsOptions configures [AllPairs]. The zero value goes by weight.
type AllPairsOptions struct {
	// MaxNodes refuses larger graphs, as the result has a number for each
	// pair: 8 bytes each. Default: 4096, which is 128 MiB.
	MaxNodes int

	// Hops makes the length of a path the number of its edges; weights do
	// not matter, and may be negative.
	Hops bool

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

// PairLengths is the result of [AllPairs].
type PairLengths[K comparable] struct {
	Lengths []float64 // from node u to node v at u·Order + v, by node index; +Inf is no path

	g *Graph[K]
}

// Between returns the length of the shortest path from one node to another, 0 from
// a node to itself, +Inf if there is none or a node does not exist.
func (p *PairLengths[K]) Between(from, to K) float64 {
	u, ok := p.g.Index(from)
	v, known := p.g.Index(to)
	if !ok || !known {
		return math.Inf(1)
	}
	return p.Lengths[int(u)*p.g.Order()+int(v)]
}

// AllPairs finds the lengths of the shortest paths between all pairs of nodes.
//
// It returns [quintet.ErrInput] for a nil graph, one with more than MaxNodes nodes
// or, unless Hops is set, a negative weight, [quintet.ErrOption] for negative
// options, or the error of ctx. It takes O(V·(V+E)·log V) time, O(V·(V+E)) if edges
// count, and 8·V² bytes. It is a search from each node, since real graphs have few
// edges beside V².
//
// Dijkstra, A Note on Two Problems in Connexion with Graphs, Numerische Mathematik
// 1, 1959.
func AllPairs[K comparable](ctx context.Context, g *Graph[K], o AllPairsOptions) (*PairLengths[K], error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return nil, err
	}
	if o.MaxNodes < 0 {
		return nil, fmt.Errorf("graph: MaxNodes is %d: %w", o.MaxNodes, quintet.ErrOption)
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = 4096
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	if c.order() > o.MaxNodes {
		return nil, fmt.Errorf("graph: %d nodes, limit %d: %w", c.order(), o.MaxNodes, quintet.ErrInput)
	}
	r := rows{off: c.off, adj: c.adj}
	if !o.Hops {
		if err := g.nonNegative(); err != nil {
			return nil, err
		}
		r.w = c.w
	}
	n := c.order()
	p := &PairLengths[K]{Lengths: make([]float64, n*n), g: g}
	states := make([]surroundings, workers)
	err = forBlocks(ctx, n, workers, func(u, worker int) {
		s, row := &states[worker], p.Lengths[u*n:(u+1)*n]
		if s.of(ctx, &r, int32(u)) != nil {
			return
		}
		for v := range row {
			row[v] = math.Inf(1)
		}
		row[u] = 0
		for i, d := range s.distances {
			row[s.reached[i+1]] = d
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}
