package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// BetweennessOptions configures [Betweenness]. The zero value is exact.
type BetweennessOptions struct {
	// Samples is from how many nodes to search, drawn at random; the scores
	// are then estimates. Default: all, which is exact.
	Samples int

	// Seed draws the samples. The same seed gives the same result.
	Seed uint64

	// Normalized divides the scores by the number of pairs of other nodes.
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
// It returns [quintet.ErrInput] for a nil graph, a graph in which a node has more
// than 1e308 shortest paths from another (large grids) or, if Weighted, a weight
// that is not above 0, [quintet.ErrOption] for negative options, or the error of
// ctx. It takes O(V·E) time, by weight O(V·E·log V), with Samples in place of V,
// and up to 128 bytes a node, and 28 for each worker. Lengths are sums in float64;
// two paths are equally short if their sums are equal.
//
// Brandes, A Faster Algorithm for Betweenness Centrality, Journal of Mathematical
// Sociology 25(2), 2001; samples as in Brandes and Pich, Centrality Estimation in
// Large Networks, Bifurcation and Chaos 17(7), 2007.
func Betweenness[K comparable](ctx context.Context, g *Graph[K], o BetweennessOptions) (*Scores[K], error) {
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
	s := &Scores[K]{g: g}
	if s.Values, err = r.between(ctx, sources, workers); err != nil {
		return nil, err
	}
	n := float64(c.order())
	scale := n / max(float64(len(sources)), 1)
	if !c.directed {
		scale /= 2 // both ends of a pair are sources
	}
	if o.Normalized && n > 2 {
		scale /= (n - 1) * (n - 2)
		if !c.directed {
			scale *= 2
		}
	}
	for u := range s.Values {
		s.Values[u] *= scale
	}
	return s, ctx.Err()
}

// lanes are sums that are made apart and added in order, so that the result does
// not depend on who makes them.
const lanes = 16

// between returns the sum of the dependencies of the sources on each node.
func (r *rows) between(ctx context.Context, sources []int32, workers int) ([]float64, error) {
	sums, failures := make([][]float64, lanes), make([]error, lanes)
	states := make([]brandes, workers)
	err := forBlocks(ctx, min(lanes, len(sources)), workers, func(lane, worker int) {
		sums[lane] = make([]float64, r.order())
		b := &states[worker]
		b.ready(r)
		for i := lane; i < len(sources) && failures[lane] == nil; i += lanes {
			failures[lane] = b.run(ctx, sources[i], sums[lane])
		}
	})
	if err != nil {
		return nil, err
	}
	all := make([]float64, r.order())
	for lane, sum := range sums {
		if failures[lane] != nil {
			return nil, failures[lane]
		}
		for u, x := range sum {
			all[u] += x
		}
	}
	return all, ctx.Err()
}

// brandes is the memory of searches from one source after the other.
type brandes struct {
	r       *rows
	lengths []float64 // -1 is not reached
	paths   []float64 // shortest paths from the source
	share   []float64 // (1 + dependency) / paths
	order   []int32   // nodes by length
}

func (b *brandes) ready(r *rows) {
	if b.r != nil {
		return
	}
	n := r.order()
	b.r, b.lengths, b.paths, b.share = r, make([]float64, n), make([]float64, n), make([]float64, n)
	for u := range b.lengths {
		b.lengths[u] = -1
	}
}

// run adds the dependencies of a source to sum. It clears only what it used.
func (b *brandes) run(ctx context.Context, source int32, sum []float64) error {
	b.order = b.order[:0]
	find := b.breadth
	if b.r.w != nil {
		find = b.weighted
	}
	err := find(ctx, source)
	if err == nil {
		err = b.depend(ctx, source, sum)
	}
	for _, u := range b.order {
		b.lengths[u], b.paths[u] = -1, 0
	}
	return err
}

// breadth counts paths by their edges.
func (b *brandes) breadth(ctx context.Context, source int32) error {
	b.lengths[source], b.paths[source] = 0, 1
	order, work := append(b.order, source), 0
	var err error
	for i := 0; i < len(order) && err == nil; i++ {
		u := order[i]
		d, paths, row := b.lengths[u]+1, b.paths[u], b.r.row(u)
		for _, v := range row {
			if b.lengths[v] < 0 {
				b.lengths[v] = d
				order = append(order, v)
			}
			if b.lengths[v] == d {
				b.paths[v] += paths
			}
		}
		if work += len(row) + 1; work >= blockWork {
			work, err = 0, ctx.Err()
		}
	}
	b.order = order
	return err
}

// weighted counts paths by their weights. Nodes settle after all that lead to
// them, since weights are above 0.
func (b *brandes) weighted(ctx context.Context, source int32) error {
	w := newWave(b.r, source)
	for {
		u, ok, err := w.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b.lengths[u] = w.lengths[u]
		b.order = append(b.order, u)
		w.relax(u)
	}
	b.paths[source] = 1
	for i, u := range b.order {
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ws := b.r.weights(u)
		for i, v := range b.r.row(u) {
			if b.lengths[u]+float64(ws[i]) == b.lengths[v] {
				b.paths[v] += b.paths[u]
			}
		}
	}
	return nil
}

// depend adds dependencies, the farthest nodes first.
func (b *brandes) depend(ctx context.Context, source int32, sum []float64) error {
	work := 0
	for i := len(b.order) - 1; i >= 0; i-- {
		u := b.order[i]
		if math.IsInf(b.paths[u], 1) {
			return fmt.Errorf("graph: more than 1e308 shortest paths between two nodes: %w", quintet.ErrInput)
		}
		row, ws, d, x := b.r.row(u), b.r.weights(u), b.lengths[u], 0.0
		if ws == nil {
			for _, v := range row {
				if b.lengths[v] == d+1 {
					x += b.share[v]
				}
			}
		} else {
			for i, v := range row {
				if b.lengths[v] == d+float64(ws[i]) {
					x += b.share[v]
				}
			}
		}
		x *= b.paths[u]
		b.share[u] = (1 + x) / b.paths[u]
		if u != source {
			sum[u] += x
		}
		if work += len(row) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
