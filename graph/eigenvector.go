package graph

import (
	"context"
	"math"
	"slices"
)

// EigenvectorOptions configures [Eigenvector]. The zero value is good.
type EigenvectorOptions struct {
	// Tolerance ends the iteration when the scores change by less than this
	// in all. Default: 1e-8.
	Tolerance float64

	// MaxIterations ends the iteration in any case. Default: 1000.
	MaxIterations int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o EigenvectorOptions) withDefaults() (EigenvectorOptions, error) {
	h, err := HITSOptions(o).withDefaults() // the same fields and defaults
	return EigenvectorOptions(h), err
}

// EigenvectorScores is the result of [Eigenvector]. The squares of the scores add
// up to 1.
type EigenvectorScores[K comparable] struct {
	Scores[K]

	Eigenvalue float64 // the largest, as far as the scores have converged
	Iterations int     // made
	Residual   float64 // sum of the changes in the last iteration
	Converged  bool    // Residual is below the Tolerance
}

// Eigenvector scores each node by the scores of the nodes whose edges lead to it,
// in proportion to weights: the scores are the eigenvector of Aᵀ that belongs to
// its largest eigenvalue, A having the weights of the edges. It is the power
// method on Aᵀ+I, whose eigenvectors are the same and which converges on bipartite
// graphs too, from equal scores. If the graph falls into parts, those of the
// largest eigenvalue get all the score, and parts with the same eigenvalue share
// it. In a graph without cycles no eigenvalue is above 0: the scores converge
// slowly to nodes at the end of the longest paths, and [Katz] says more. Scores
// that have not converged are no error. The empty graph has converged.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range, or the error of ctx. An
// iteration takes O(V+E) time; it needs 16 bytes a node, of which it returns 8.
//
// Bonacich, Factoring and Weighting Approaches to Status Scores and Clique
// Identification, Journal of Mathematical Sociology 2(1), 1972.
func Eigenvector[K comparable](
	ctx context.Context, g *Graph[K], o EigenvectorOptions,
) (*EigenvectorScores[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	_, in, err := g.pulled(ctx)
	if err != nil {
		return nil, err
	}
	n := g.Order()
	out := &EigenvectorScores[K]{Converged: n == 0}
	x, next := slices.Repeat([]float64{1 / math.Sqrt(float64(max(n, 1)))}, n), make([]float64, n)
	for ; out.Iterations < o.MaxIterations && !out.Converged; out.Iterations++ {
		if err := in.multiply(ctx, next, x, o.Workers); err != nil {
			return nil, err
		}
		norm := 0.0
		for u, y := range next {
			next[u] = y + x[u]
			norm += float64(next[u] * next[u])
		}
		norm = math.Sqrt(norm)
		out.Eigenvalue, out.Residual = norm-1, 0 // x has the norm 1
		for u := range next {
			next[u] /= norm
			out.Residual += math.Abs(next[u] - x[u])
		}
		x, next = next, x
		out.Converged = out.Residual < o.Tolerance
	}
	out.Scores = Scores[K]{Values: x, g: g}
	return out, ctx.Err()
}
