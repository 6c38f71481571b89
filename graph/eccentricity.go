package graph

import (
	"context"
	"iter"
)

// EccentricityOptions configures [Eccentricity]. The zero value counts edges.
type EccentricityOptions struct {
	// Weighted makes the length of a path the sum of its weights. Default:
	// the number of its edges.
	Weighted bool

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

// Eccentricities is the result of [Eccentricity].
type Eccentricities[K comparable] struct {
	Values   []float64 // by node index
	Diameter float64   // the largest; 0 for the empty graph
	Radius   float64   // the least; 0 for the empty graph

	g *Graph[K]
}

// Of returns the eccentricity of a node, 0 if there is no such node.
func (e *Eccentricities[K]) Of(k K) float64 {
	if u, ok := e.g.Index(k); ok {
		return e.Values[u]
	}
	return 0
}

// Center yields the nodes whose eccentricity is the radius, by index.
func (e *Eccentricities[K]) Center() iter.Seq[K] { return e.with(&e.Radius) }

// Periphery yields the nodes whose eccentricity is the diameter, by index.
func (e *Eccentricities[K]) Periphery() iter.Seq[K] { return e.with(&e.Diameter) }

func (e *Eccentricities[K]) with(value *float64) iter.Seq[K] {
	return func(yield func(K) bool) {
		for u, x := range e.Values {
			if x == *value && !yield(e.g.keys[u]) {
				return
			}
		}
	}
}

// Eccentricity finds the eccentricity of each node: the length of the longest of
// the shortest paths from it to the nodes that it reaches. A node that reaches no
// other has 0. [Diameter] is far quicker if the largest and the least are enough.
//
// It returns [quintet.ErrInput] for a nil graph or, if Weighted, a negative weight,
// [quintet.ErrOption] for negative Workers, or the error of ctx. It takes
// O(V·(V+E)) time, by weight O(V·(V+E)·log V), and about 13 bytes a node for each
// worker.
//
// Harary, Graph Theory, 1969, chapter 4.
func Eccentricity[K comparable](
	ctx context.Context, g *Graph[K], o EccentricityOptions,
) (*Eccentricities[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s, err := near(ctx, g, &c.rows, ClosenessOptions(o), func(distances []float64) float64 {
		farthest := 0.0
		for _, d := range distances {
			farthest = max(farthest, d)
		}
		return farthest
	})
	if err != nil {
		return nil, err
	}
	e := &Eccentricities[K]{Values: s.Values, g: g}
	for u, x := range e.Values {
		e.Diameter = max(e.Diameter, x)
		if u == 0 || x < e.Radius {
			e.Radius = x
		}
	}
	return e, nil
}
