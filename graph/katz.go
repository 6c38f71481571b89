package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// KatzOptions configures [Katz]. The zero value is good.
type KatzOptions struct {
	// Alpha is what an edge of weight 1 hands on of a score. It must be
	// below 1/λ, λ being the largest eigenvalue of the matrix of weights.
	// Default: 0.85 divided by an upper bound of λ.
	Alpha float64

	// Beta is the score that each node has of itself. Default: 1.
	Beta float64

	// Tolerance ends the iteration when the scores change by less than this
	// part of their sum. Default: 1e-8.
	Tolerance float64

	// MaxIterations ends the iteration in any case. Default: 1000.
	MaxIterations int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o KatzOptions) withDefaults() (KatzOptions, error) {
	for _, x := range [2]float64{o.Alpha, o.Beta} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
			return o, fmt.Errorf("graph: Alpha is %v, Beta %v: %w", o.Alpha, o.Beta, quintet.ErrOption)
		}
	}
	h, err := HITSOptions{o.Tolerance, o.MaxIterations, o.Workers}.withDefaults()
	o.Tolerance, o.MaxIterations, o.Workers = h.Tolerance, h.MaxIterations, h.Workers
	if o.Beta == 0 {
		o.Beta = 1
	}
	return o, err
}

// KatzScores is the result of [Katz].
type KatzScores[K comparable] struct {
	Scores[K]

	Alpha      float64 // as given, or what the default came to
	Iterations int     // made
	Residual   float64 // sum of the changes in the last iteration, divided by the sum of the scores
	Converged  bool    // Residual is below the Tolerance
}

// Katz scores each node by the walks that end at it: a walk counts Beta times
// Alpha for each of its edges, times their weights. The scores are the solution of
//
//	x = Alpha·Aᵀx + Beta
//
// by iteration from x = Beta, A having the weights of the edges. They are not
// normalised. Scores that have not converged are no error, as long as they are
// finite.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range or an Alpha so large that the
// scores pass all bounds, or the error of ctx. An iteration takes O(V+E) time; it
// needs 16 bytes a node, of which it returns 8. The bound of the default Alpha
// takes twenty iterations more; it is the largest growth of a node in a power
// method (Collatz, Mathematische Zeitschrift 48, 1942).
//
// Katz, A New Status Index Derived from Sociometric Analysis, Psychometrika 18(1),
// 1953.
func Katz[K comparable](ctx context.Context, g *Graph[K], o KatzOptions) (*KatzScores[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	_, in, err := g.pulled(ctx)
	if err != nil {
		return nil, err
	}
	if o.Alpha == 0 {
		bound, err := in.growth(ctx, o.Workers)
		if err != nil {
			return nil, err
		}
		o.Alpha = 0.85
		if bound > 0 {
			o.Alpha /= bound
		}
	}
	out := &KatzScores[K]{Alpha: o.Alpha, Converged: g.Order() == 0}
	x, next := slices.Repeat([]float64{o.Beta}, g.Order()), make([]float64, g.Order())
	for ; out.Iterations < o.MaxIterations && !out.Converged; out.Iterations++ {
		if err := in.multiply(ctx, next, x, o.Workers); err != nil {
			return nil, err
		}
		change, sum := 0.0, 0.0
		for u, y := range next {
			next[u] = float64(o.Alpha*y) + o.Beta
			change += math.Abs(next[u] - x[u])
			sum += next[u]
		}
		if math.IsInf(sum, 1) || math.IsNaN(change) {
			return nil, fmt.Errorf("graph: Alpha is %v, too large for the scores to converge: %w", o.Alpha, quintet.ErrOption)
		}
		x, next = next, x
		out.Residual = change / sum
		out.Converged = out.Residual < o.Tolerance
	}
	out.Scores = Scores[K]{Values: x, g: g}
	return out, ctx.Err()
}

// growth returns a number that no eigenvalue of a matrix without negative
// elements exceeds: for any x above 0, the largest quotient of an element of the
// product and the same element of x, here for the matrix plus I, less 1.
func (r *rows) growth(ctx context.Context, workers int) (float64, error) {
	x, next := slices.Repeat([]float64{1}, r.order()), make([]float64, r.order())
	least := math.Inf(1)
	for range 20 {
		if err := r.multiply(ctx, next, x, workers); err != nil {
			return 0, err
		}
		bound, largest := 0.0, 0.0
		for u, y := range next {
			bound = max(bound, y/x[u])
			next[u] = y + x[u]
			largest = max(largest, next[u])
		}
		for u := range next {
			next[u] = max(next[u]/largest, 1e-200) // above 0, lest a quotient have no meaning
		}
		x, next = next, x
		least = min(least, bound)
	}
	return least, nil
}
