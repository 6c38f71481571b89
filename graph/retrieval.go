package graph

import (
	"cmp"
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// RetrieveOptions configures [Retrieve]. The zero value is good.
type RetrieveOptions struct {
	// Nodes is how many nodes to return at most. Default: 20.
	Nodes int

	// Edges is how many edges between them to return at most. Default: 100.
	Edges int

	// Push configures the ranks: less Damping stays nearer to the seeds.
	Push PushPageRankOptions
}

func (o RetrieveOptions) withDefaults() (RetrieveOptions, error) {
	if o.Nodes < 0 || o.Edges < 0 {
		return o, fmt.Errorf("graph: Nodes is %d, Edges %d: %w", o.Nodes, o.Edges, quintet.ErrOption)
	}
	if o.Nodes == 0 {
		o.Nodes = 20
	}
	if o.Edges == 0 {
		o.Edges = 100
	}
	return o, nil
}

// Retrieved is the part of a graph that is nearest to some seeds.
type Retrieved[K comparable] struct {
	Nodes    []Ranked[K] // best first; a seed is not always the best
	Edges    []Edge[K]   // between these nodes, heaviest first
	Residual float64     // no score is too low by more, and none is too high
}

// Retrieve returns the nodes that matter most as seen from seeds, such as the nodes
// that a search for a question has found, and the edges between them: the context for
// an answer. It ranks by [PushPageRank], whose seeds, errors and cost it has; nodes
// with the score 0 are left out. Ties are in the order of the node index, those of
// edges by From and then To.
func Retrieve[K comparable](
	ctx context.Context, g *Graph[K], seeds map[K]float64, o RetrieveOptions,
) (*Retrieved[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	ranks, err := PushPageRank(ctx, g, seeds, o.Push)
	if err != nil {
		return nil, err
	}
	out := &Retrieved[K]{Residual: ranks.Residual}
	inside := map[int32]bool{}
	for _, u := range highest(ranks.Values, o.Nodes) {
		if ranks.Values[u] > 0 {
			inside[u] = true
			out.Nodes = append(out.Nodes, Ranked[K]{g.keys[u], ranks.Values[u]})
		}
	}
	best := top[heavy]{n: o.Edges, before: heavy.compare}
	for u := range inside {
		for v, w := range entries(&g.csr.rows, u) {
			if inside[v] && (g.csr.directed || u <= v) {
				best.add(heavy{u, v, w})
			}
		}
	}
	for _, e := range best.sorted() {
		out.Edges = append(out.Edges, Edge[K]{g.keys[e.u], g.keys[e.v], e.w})
	}
	return out, ctx.Err()
}

// heavy is an edge among edges in the order of their weight.
type heavy struct {
	u, v int32
	w    float32
}

func (a heavy) compare(b heavy) int {
	return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(a.u, b.u), cmp.Compare(a.v, b.v))
}
