package graph

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Pipeline analyses graphs. It is safe for concurrent use.
type Pipeline[K comparable] struct {
	opt Options
	eng *optimize.Engine[*Graph[K], Result[K]]
}

var _ quintet.Pipeline[*Graph[string], Result[string]] = (*Pipeline[string])(nil)

// New returns an analyser of graphs with keys of type K, or an error with the
// cause [quintet.ErrOption].
func New[K comparable](o Options) (*Pipeline[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pipeline[K]{opt: o}
	p.eng = optimize.NewEngine(o.Runtime, "graph", p.step)
	return p, nil
}

// Run analyses one graph. A nil graph, and with TaskRanks or TaskCommunities a graph
// with a negative weight, have the cause [quintet.ErrInput].
func (p *Pipeline[K]) Run(ctx context.Context, g *Graph[K]) (Result[K], error) {
	return p.eng.Run(ctx, g)
}

// RunBatch analyses graphs; see [quintet.Pipeline].
func (p *Pipeline[K]) RunBatch(ctx context.Context, gs []*Graph[K]) ([]Result[K], error) {
	return p.eng.RunBatch(ctx, gs)
}

// Stream analyses graphs as they come; see [quintet.Pipeline].
func (p *Pipeline[K]) Stream(ctx context.Context, gs iter.Seq[*Graph[K]]) iter.Seq2[Result[K], error] {
	return p.eng.Stream(ctx, gs)
}

// Close waits for running calls; see [quintet.Pipeline].
func (p *Pipeline[K]) Close() error { return p.eng.Close() }

func (p *Pipeline[K]) step(ctx context.Context, g *Graph[K]) (r Result[K], err error) {
	if g == nil {
		return r, fmt.Errorf("nil graph: %w", quintet.ErrInput)
	}
	if g.CSR().negative && p.opt.Tasks&(TaskRanks|TaskCommunities) != 0 {
		return r, fmt.Errorf("edge %s has a negative weight: %w", g.firstNegative(), quintet.ErrInput)
	}
	if p.opt.Tasks&TaskStats != 0 {
		if r.Stats, err = newStats(ctx, g); err != nil {
			return r, err
		}
	}
	if p.opt.Tasks&TaskComponents != 0 {
		c, err := Components(ctx, g, ComponentsOptions{Workers: p.opt.Workers})
		if err != nil {
			return r, err
		}
		r.Components = ComponentStats{Count: c.Count(), Sizes: largest(c.Sizes, p.opt.TopComponents)}
	}
	if p.opt.Tasks&TaskRanks != 0 {
		ranks, err := PageRank(ctx, g, p.opt.PageRank)
		if err != nil {
			return r, err
		}
		r.Ranks = ranks.Top(p.opt.TopRanks)
	}
	if p.opt.Tasks&TaskCommunities != 0 {
		c, err := Leiden(ctx, g, p.opt.Leiden)
		if err != nil {
			return r, err
		}
		r.Communities = CommunityStats{Count: c.Count(), Sizes: largest(c.Sizes, p.opt.TopCommunities), Modularity: c.Modularity}
	}
	if p.opt.Tasks&TaskAnomalies != 0 {
		if r.Anomalies, err = Anomalies(ctx, g, p.opt.Anomalies); err != nil {
			return r, err
		}
	}
	return r, ctx.Err()
}

// largest returns the n largest of sizes, largest first.
func largest(sizes []int, n int) []int {
	sorted := slices.SortedFunc(slices.Values(sizes), func(a, b int) int { return b - a })
	return slices.Clone(sorted[:min(n, len(sorted))])
}
