package gonumgraph

import (
	"context"
	"fmt"

	gonum "gonum.org/v1/gonum/graph"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// Take builds the graph of one of gonum. The keys are its IDs, in the order in which
// it yields its nodes, and it is directed if g is a gonum Directed graph. Weights are
// those of a gonum Weighted graph, as float32, else 1. Lines between two nodes of a
// multigraph count as what g says of its edge.
//
// It returns [quintet.ErrInput] for a nil graph or a weight that is not finite, or
// the error of ctx. It takes O(V+E) calls of g.
func Take(ctx context.Context, g gonum.Graph) (*graph.Graph[int64], error) {
	if g == nil {
		return nil, fmt.Errorf("gonumgraph: nil graph: %w", quintet.ErrInput)
	}
	_, directed := g.(gonum.Directed)
	b := graph.NewBuilder[int64](graph.BuilderOptions{Directed: directed})
	nodes := gonum.NodesOf(g.Nodes())
	for _, n := range nodes {
		b.AddNode(n.ID())
	}
	for _, n := range nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		addEdges(b, g, n.ID(), directed)
	}
	return b.Build()
}

// addEdges adds the edges from a node, of an undirected edge the end with the lower ID.
func addEdges(b *graph.Builder[int64], g gonum.Graph, from int64, directed bool) {
	weighted, _ := g.(gonum.Weighted)
	around := g.From(from)
	for around.Next() {
		to, w := around.Node().ID(), 1.0
		if !directed && to < from {
			continue
		}
		if weighted != nil {
			if e := weighted.WeightedEdge(from, to); e != nil {
				w = e.Weight()
			}
		}
		b.AddEdge(from, to, float32(w))
	}
}
