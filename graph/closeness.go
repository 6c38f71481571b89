package graph

import (
	"context"
	"math"
)

// ClosenessOptions configures [Closeness] and [Harmonic]. The zero value counts
// edges.
type ClosenessOptions struct {
	// Weighted makes the length of a path the sum of its weights. Default:
	// the number of its edges.
	Weighted bool

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

// Closeness scores each node by how near it is to those that reach it: with r
// other nodes that reach it, and the sum of their distances to it,
//
//	r/sum · r/(V-1)
//
// and 0 if none does, or all at distance 0. In an undirected graph it is how near
// the others are.
//
// It returns [quintet.ErrInput] for a nil graph or, if Weighted, a negative
// weight, [quintet.ErrOption] for negative Workers, or the error of ctx. It takes
// O(V·(V+E)) time, by weight O(V·(V+E)·log V), and about 12 bytes a node for each
// worker.
//
// Wasserman and Faust, Social Network Analysis, 1994, §5.3, whose second factor
// makes components comparable.
func Closeness[K comparable](ctx context.Context, g *Graph[K], o ClosenessOptions) (*Scores[K], error) {
	return approached(ctx, g, o, func(distances []float64) float64 {
		reached, sum := 0.0, 0.0
		for _, d := range distances {
			reached++
			sum += d
		}
		if sum == 0 {
			return 0
		}
		return reached / sum * reached / float64(g.Order()-1)
	})
}

// Harmonic scores each node by the sum of 1/d over the other nodes that reach it,
// d being their distance to it. A node at distance 0 does not count. Options,
// errors and cost are those of [Closeness].
//
// Boldi and Vigna, Axioms for Centrality, Internet Mathematics 10(3-4), 2014, §3.
func Harmonic[K comparable](ctx context.Context, g *Graph[K], o ClosenessOptions) (*Scores[K], error) {
	return approached(ctx, g, o, func(distances []float64) float64 {
		sum := 0.0
		for _, d := range distances {
			if d > 0 {
				sum += 1 / d
			}
		}
		return sum
	})
}

// approached is near along the edges that lead to nodes.
func approached[K comparable](
	ctx context.Context, g *Graph[K], o ClosenessOptions, score func([]float64) float64,
) (*Scores[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	return near(ctx, g, in, o, score)
}

// near scores each node by the distances of the other nodes that a search in r
// reaches, which are in an order that depends on the graph alone.
func near[K comparable](
	ctx context.Context, g *Graph[K], all *rows, o ClosenessOptions, score func([]float64) float64,
) (*Scores[K], error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return nil, err
	}
	r := rows{off: all.off, adj: all.adj}
	if o.Weighted {
		if err := g.nonNegative(); err != nil {
			return nil, err
		}
		r.w = all.w
	}
	s := &Scores[K]{Values: make([]float64, r.order()), g: g}
	states := make([]surroundings, workers)
	err = forBlocks(ctx, r.order(), workers, func(u, worker int) {
		if states[worker].of(ctx, &r, int32(u)) == nil {
			s.Values[u] = score(states[worker].distances)
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// surroundings is the memory of searches from one node after the other.
type surroundings struct {
	seen      []bool
	reached   []int32   // the node itself first
	distances []float64 // of the others, in the same order
}

// of finds the distances of all nodes that a search from u reaches, but its own.
func (s *surroundings) of(ctx context.Context, r *rows, u int32) error {
	s.reached, s.distances = append(s.reached[:0], u), s.distances[:0]
	if r.w != nil {
		w := newWave(r, u)
		err := w.run(ctx, math.Inf(1))
		for v, d := range w.lengths {
			if int32(v) != u && !math.IsInf(d, 1) {
				s.reached, s.distances = append(s.reached, int32(v)), append(s.distances, d)
			}
		}
		return err
	}
	if s.seen == nil {
		s.seen = make([]bool, r.order())
	}
	s.seen[u] = true
	err := s.spread(ctx, r)
	for _, v := range s.reached {
		s.seen[v] = false
	}
	return err
}

// spread is a breadth-first search from the nodes in reached.
func (s *surroundings) spread(ctx context.Context, r *rows) error {
	work, level := 0, len(s.reached) // where the next distance starts
	for i, d := 0, 1.0; i < len(s.reached); i++ {
		if i == level {
			level = len(s.reached)
			d++
		}
		row := r.row(s.reached[i])
		for _, v := range row {
			if !s.seen[v] {
				s.seen[v] = true
				s.reached = append(s.reached, v)
				s.distances = append(s.distances, d)
			}
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
