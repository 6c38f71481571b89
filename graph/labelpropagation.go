package graph

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/quintet-ai/quintet"
)

// LabelPropagationOptions configures [LabelPropagation]. The zero value is good.
type LabelPropagationOptions struct {
	// MaxIterations ends the algorithm in any case. Default: 100.
	MaxIterations int

	// Seed orders the nodes and breaks ties at random. The same seed gives the same result.
	Seed uint64
}

// LabelPropagation divides a graph into communities: each node takes the label
// that has the most weight among its neighbours, again and again in random order,
// until every node has such a label. A node keeps its label if no other has more
// weight; of others with the same, it draws one. It is the quickest way to find
// communities, and the least stable; [Leiden] finds better ones.
//
// The modularity of the result is that of resolution 1, and it has one level. It
// returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for negative MaxIterations, or the error of ctx. An
// iteration takes O(V+E) time on one goroutine; few are enough. It needs up to 32
// bytes an edge. Directions do not matter.
//
// Raghavan, Albert, Kumara, Near Linear Time Algorithm to Detect Community
// Structures in Large-Scale Networks, Physical Review E 76, 2007.
func LabelPropagation[K comparable](
	ctx context.Context, g *Graph[K], o LabelPropagationOptions,
) (*Communities[K], error) {
	if o.MaxIterations < 0 {
		return nil, fmt.Errorf("graph: MaxIterations is %d: %w", o.MaxIterations, quintet.ErrOption)
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 100
	}
	m, err := meshOf(ctx, g)
	if err != nil {
		return nil, err
	}
	label := single(m.order())
	if m.w == nil {
		err = propagate[int32](ctx, m, label, o)
	} else {
		err = propagate[float64](ctx, m, label, o)
	}
	if err != nil {
		return nil, err
	}
	return newCommunities(g, m, [][]int32{label}, 1), ctx.Err()
}

// propagate gives each node the label with the most weight beside it, until none
// changes.
func propagate[N summed](ctx context.Context, m *mesh, label []int32, o LabelPropagationOptions) error {
	rng, sum := newRand(o.Seed), newTally[N](m.order())
	for i, moved := 0, true; moved && i < o.MaxIterations; i++ {
		moved = false
		work := 0
		for _, u := range shuffled(m.order(), rng) {
			row, ws := m.row(u)
			if work += len(row) + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			sum.gather(row, ws, label)
			if next := sum.heaviest(label[u], rng); next != label[u] {
				label[u], moved = next, true
			}
			sum.clear()
		}
	}
	return nil
}

// heaviest returns the key with the most weight: old if it has as much as any, else
// one of equal ones at random.
func (t *tally[N]) heaviest(old int32, rng *rand.Rand) int32 {
	best, ties := old, 0
	for _, key := range t.keys {
		switch {
		case t.of[key] > t.of[best]:
			best, ties = key, 1
		case best != old && t.of[key] == t.of[best]:
			if ties++; rng.IntN(ties) == 0 {
				best = key
			}
		}
	}
	return best
}
