package graph

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// DegreeCentralityOptions configures [DegreeCentrality].
type DegreeCentralityOptions struct {
	// Direction is which edges count in a directed graph. Default: Both.
	Direction Direction
}

// DegreeCentrality returns the degree of each node, as [Degrees] counts it,
// divided by V-1: the part of the other nodes that it is joined to, if there are
// no loops and parallel edges. A node without others scores 0.
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for an
// unknown direction, or the error of ctx. It takes O(V·log V) time, and O(V+E) and
// memory for the edges of a directed graph backwards unless the direction is Out.
func DegreeCentrality[K comparable](
	ctx context.Context, g *Graph[K], o DegreeCentralityOptions,
) (*Scores[K], error) {
	if o.Direction < Both || o.Direction > In {
		return nil, fmt.Errorf("graph: Direction is %d: %w", o.Direction, quintet.ErrOption)
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	degree, err := c.degreeOf(ctx, o.Direction)
	if err != nil {
		return nil, err
	}
	s := &Scores[K]{Values: make([]float64, c.order()), g: g}
	for u := range s.Values {
		if len(s.Values) > 1 {
			s.Values[u] = float64(degree(int32(u))) / float64(len(s.Values)-1)
		}
	}
	return s, ctx.Err()
}
