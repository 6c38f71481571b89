package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// HITSOptions configures [HITS]. The zero value is good.
type HITSOptions struct {
	// Tolerance ends the iteration when the hub scores change by less than
	// this in all. Default: 1e-8.
	Tolerance float64

	// MaxIterations ends the iteration in any case. Default: 1000.
	MaxIterations int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o HITSOptions) withDefaults() (HITSOptions, error) {
	switch {
	case math.IsNaN(o.Tolerance) || math.IsInf(o.Tolerance, 0) || o.Tolerance < 0:
		return o, fmt.Errorf("graph: Tolerance is %v: %w", o.Tolerance, quintet.ErrOption)
	case o.MaxIterations < 0:
		return o, fmt.Errorf("graph: MaxIterations is %d: %w", o.MaxIterations, quintet.ErrOption)
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-8
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 1000
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// HubScores is the result of [HITS]. Each kind of scores adds up to 1, or is 0 if
// the graph has no weight.
type HubScores[K comparable] struct {
	Hubs        Scores[K] // of nodes whose edges lead to good authorities
	Authorities Scores[K] // of nodes to which the edges of good hubs lead

	Iterations int     // made
	Residual   float64 // sum of the changes of hub scores in the last iteration
	Converged  bool    // Residual is below the Tolerance
}

// HITS finds hubs and authorities: the score of an authority is the sum of the
// scores of the hubs that lead to it, in proportion to weights, and the reverse.
// It is the power method from equal scores; scores that have not converged are no
// error. In an undirected graph both kinds are the same.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range, or the error of ctx. An
// iteration takes O(V+E) time; it needs 24 bytes a node, of which it returns 16.
//
// Kleinberg, Authoritative Sources in a Hyperlinked Environment, Journal of the
// ACM 46(5), 1999, §3.
func HITS[K comparable](ctx context.Context, g *Graph[K], o HITSOptions) (*HubScores[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, in, err := g.pulled(ctx)
	if err != nil {
		return nil, err
	}
	n := c.order()
	h := &HubScores[K]{}
	hubs, authorities := slices.Repeat([]float64{1 / float64(max(n, 1))}, n), make([]float64, n)
	for before := make([]float64, n); h.Iterations < o.MaxIterations && !h.Converged; h.Iterations++ {
		copy(before, hubs)
		if err := in.gather(ctx, authorities, before, o.Workers); err != nil {
			return nil, err
		}
		if err := c.gather(ctx, hubs, authorities, o.Workers); err != nil {
			return nil, err
		}
		h.Residual = 0
		for u := range hubs {
			h.Residual += math.Abs(hubs[u] - before[u])
		}
		h.Converged = h.Residual < o.Tolerance
	}
	h.Hubs, h.Authorities = Scores[K]{Values: hubs, g: g}, Scores[K]{Values: authorities, g: g}
	return h, ctx.Err()
}

// pulled returns the rows of a graph without negative weights, and its incoming
// rows.
func (g *Graph[K]) pulled(ctx context.Context) (*CSR, *rows, error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, nil, err
	}
	in, err := c.reverse(ctx)
	return c, in, err
}

// gather sets to to the product of r and from, divided by the sum of its elements.
func (r *rows) gather(ctx context.Context, to, from []float64, workers int) error {
	if err := r.multiply(ctx, to, from, workers); err != nil {
		return err
	}
	all := 0.0
	for _, x := range to {
		all += x
	}
	if all > 0 {
		for u := range to {
			to[u] /= all
		}
	}
	return nil
}

// multiply sets each element of to to the weighted sum of from over its row.
func (r *rows) multiply(ctx context.Context, to, from []float64, workers int) error {
	return forBlocks(ctx, r.blocks(), workers, func(b, _ int) {
		for u, end := r.block(b); u < end; u++ {
			ws, sum := r.weights(int32(u)), 0.0
			for i, v := range r.row(int32(u)) {
				w := 1.0
				if ws != nil {
					w = float64(ws[i])
				}
				sum += float64(w * from[v])
			}
			to[u] = sum
		}
	})
}
