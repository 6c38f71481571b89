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
	rng, label, sum := newRand(o.Seed), single(m.order()), newTally(m.order())
	for i, moved := 0, true; moved && i < o.MaxIterations; i++ {
		moved = false
		work := 0
		for _, u := range shuffled(m.order(), rng) {
			if work += m.off[u+1] - m.off[u] + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
			if next := m.heaviest(u, label, &sum, rng); next != label[u] {
				label[u], moved = next, true
			}
		}
	}
	return newCommunities(g, m, [][]int32{label}, 1), ctx.Err()
}

// heaviest returns the label with the most weight beside u.
func (m *mesh) heaviest(u int32, label []int32, sum *tally, rng *rand.Rand) int32 {
	row, ws := m.row(u)
	for i, v := range row {
		sum.add(label[v], ws[i])
	}
	best, ties := label[u], 0
	for _, l := range sum.keys {
		switch {
		case sum.of[l] > sum.of[best]:
			best, ties = l, 1
		case best != label[u] && sum.of[l] == sum.of[best]:
			if ties++; rng.IntN(ties) == 0 {
				best = l
			}
		}
	}
	sum.clear()
	return best
}
