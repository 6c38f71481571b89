package graph

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// BetweennessOptions configures [Betweenness] and [EdgeBetweenness]. The zero
// value is exact.
type BetweennessOptions struct {
	// Samples is from how many nodes to search, drawn at random; the scores
	// are then estimates. Default: all, which is exact.
	Samples int

	// Seed draws the samples. The same seed gives the same result.
	Seed uint64

	// Normalized divides the scores by the number of pairs that could count.
	Normalized bool

	// Weighted makes the length of a path the sum of its weights. Default:
	// the number of its edges.
	Weighted bool

	// Workers is how many goroutines share the work, at most 16. Default:
	// GOMAXPROCS.
	Workers int
}

// Betweenness scores each node v by the paths that pass it,
//
//	Σ  paths(s,t through v) / paths(s,t)
//
// over the pairs of other nodes s and t that a path joins, where paths counts the
// shortest paths. In an undirected graph each pair counts once. Parallel edges
// make different paths.
//
// It returns [quintet.ErrInput] for a nil graph or, if Weighted, a weight that is
// not above 0, [quintet.ErrOption] for negative options, or the error of ctx. It
// takes O(V·E) time, by weight O(V·E·log V), with Samples in place of V, and up to
// 128 bytes a node, and for each worker 24 more, by weight 48, and 4 an edge. Lengths
// are sums in float64; two paths are equally short if their sums are equal. A node
// may have any number of shortest paths from another.
//
// Brandes, A Faster Algorithm for Betweenness Centrality, Journal of Mathematical
// Sociology 25(2), 2001; samples as in Brandes and Pich, Centrality Estimation in
// Large Networks, Bifurcation and Chaos 17(7), 2007.
func Betweenness[K comparable](ctx context.Context, g *Graph[K], o BetweennessOptions) (*Scores[K], error) {
	sums, err := dependencies(ctx, g, o, false)
	if err != nil {
		return nil, err
	}
	n, scale := float64(g.Order()), 1.0
	if o.Normalized && n > 2 {
		scale = pairs(n-1, g.Directed())
	}
	for u := range sums {
		sums[u] /= scale
	}
	return &Scores[K]{Values: sums, g: g}, ctx.Err()
}

// EdgeBetweenness scores each edge as [Betweenness] scores nodes: by the paths
// that go along it, over all pairs of nodes that a path joins, whose own paths to
// their ends count too. Errors and time are the same. It takes up to 128 bytes for
// each direction of an edge, from 4 million of these on 512 MB in all, and for each
// worker what Betweenness takes.
//
// Brandes, On Variants of Shortest-Path Betweenness Centrality and their Generic
// Computation, Social Networks 30(2), 2008, §3.5.
func EdgeBetweenness[K comparable](
	ctx context.Context, g *Graph[K], o BetweennessOptions,
) (*EdgeScores[K], error) {
	sums, err := dependencies(ctx, g, o, true)
	if err != nil {
		return nil, err
	}
	n, scale := float64(g.Order()), 1.0
	if o.Normalized && n > 1 {
		scale = pairs(n, g.Directed())
	}
	c := g.CSR()
	s := &EdgeScores[K]{Values: c.fold(sums), edges: newEdgeOrder(c), g: g}
	for e := range s.Values {
		s.Values[e] /= scale
	}
	return s, ctx.Err()
}

// pairs returns how many pairs of different nodes there are.
func pairs(n float64, directed bool) float64 {
	if directed {
		return n * (n - 1)
	}
	return n * (n - 1) / 2
}

// dependencies returns the sums of Betweenness by node, or by place of an edge in
// the rows, scaled up if there are samples.
func dependencies[K comparable](
	ctx context.Context, g *Graph[K], o BetweennessOptions, edges bool,
) ([]float64, error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return nil, err
	}
	if o.Samples < 0 {
		return nil, fmt.Errorf("graph: Samples is %d: %w", o.Samples, quintet.ErrOption)
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	r := rows{off: c.off, adj: c.adj}
	if o.Weighted && c.w != nil {
		r.w = c.w
		for _, w := range c.w {
			if w <= 0 {
				return nil, fmt.Errorf("graph: a weight is %v, not above 0: %w", w, quintet.ErrInput)
			}
		}
	}
	sources := single(c.order())
	if o.Samples > 0 && o.Samples < len(sources) {
		sources = shuffled(len(sources), newRand(o.Seed))[:o.Samples]
	}
	sums, err := r.between(ctx, sources, workers, edges)
	scale := float64(c.order()) / max(float64(len(sources)), 1)
	if !c.directed {
		scale /= 2 // both ends of a pair are sources
	}
	for i := range sums {
		sums[i] *= scale
	}
	return sums, err
}

// lanes are sums that are made apart and added in order, so that the result does
// not depend on who makes them. Long sums have fewer, lest they fill the memory.
const (
	lanes   = 16
	laneMax = 1 << 26 // numbers in all lanes
)

// between returns the sum of the dependencies of the sources on each node, or on
// each edge.
func (r *rows) between(ctx context.Context, sources []int32, workers int, edges bool) ([]float64, error) {
	size := r.order()
	if edges {
		size = len(r.adj)
	}
	apart := max(min(lanes, laneMax/max(size, 1), len(sources)), 1)
	sums, failures := make([][]float64, apart), make([]error, apart)
	states := make([]brandes, workers)
	err := forBlocks(ctx, apart, workers, func(lane, worker int) {
		sums[lane] = make([]float64, size)
		b := &states[worker]
		b.ready(r)
		if b.sum = sums[lane]; edges {
			b.sum, b.edges = nil, sums[lane]
		}
		for i := lane; i < len(sources) && failures[lane] == nil; i += apart {
			failures[lane] = b.run(ctx, sources[i])
		}
	})
	if err != nil {
		return nil, err
	}
	all := sums[0]
	for lane, sum := range sums {
		if failures[lane] != nil {
			return nil, failures[lane]
		}
		if lane == 0 {
			continue
		}
		for u, x := range sum {
			all[u] += x
		}
	}
	return all, ctx.Err()
}
