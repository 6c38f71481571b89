package main

import (
	"context"
	"time"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
	"gonum.org/v1/gonum/graph/traverse"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/report"
)

// gonumFigures compare with gonum's algorithms on gonum's graphs.
func gonumFigures() []report.Figure {
	ctx := context.Background()
	return []report.Figure{
		gonumFigure("bfs_kron16", 30, kron16, undirected, func(t *testGraph) error {
			_, err := runBFS(ctx, t, 1)
			return err
		}, func(t *testGraph, g *simple.UndirectedGraph) {
			for _, s := range t.sources {
				new(traverse.BreadthFirst).Walk(g, g.Node(int64(s)), nil)
			}
		}),
		gonumFigure("components_kron16", 30, kron16, undirected, func(t *testGraph) error {
			_, err := runComponents(ctx, t, 1)
			return err
		}, func(t *testGraph, g *simple.UndirectedGraph) {
			topo.ConnectedComponents(g)
		}),
		gonumFigure("dijkstra_kron16", 30, kron16, undirectedWeighted, func(t *testGraph) error {
			_, err := runShortest(ctx, t, 1)
			return err
		}, func(t *testGraph, g *simple.WeightedUndirectedGraph) {
			for _, s := range t.sources {
				path.DijkstraFrom(g.Node(int64(s)), g)
			}
		}),
		gonumFigure("pagerank_kron16", 8, kron16, directed, func(t *testGraph) error {
			_, err := graph.PageRank(ctx, t.plain, graph.PageRankOptions{Tolerance: 1e-6, Workers: 1})
			return err
		}, func(t *testGraph, g *simple.DirectedGraph) {
			network.PageRankSparse(g, 0.85, 1e-6)
		}),
		gonumFigure("triangles_kron12", 30, kron12, undirected, func(t *testGraph) error {
			_, err := runTriangles(ctx, t, 1)
			return err
		}, func(t *testGraph, g *simple.UndirectedGraph) {
			gonumTriangles(g)
		}),
		gonumFigure("betweenness_kron10", 30, kron10, undirected, func(t *testGraph) error {
			_, err := graph.Betweenness(ctx, t.plain, graph.BetweennessOptions{Workers: 1})
			return err
		}, func(t *testGraph, g *simple.UndirectedGraph) {
			network.Betweenness(g)
		}),
		gonumFigure("louvain_groups", 30, groups, undirected, func(t *testGraph) error {
			_, err := graph.Louvain(ctx, t.plain, graph.LouvainOptions{})
			return err
		}, func(t *testGraph, g *simple.UndirectedGraph) {
			community.Modularize(g, 1, nil)
		}),
	}
}

func gonumFigure[G gonum.Graph](
	name string, goal float64, of madeGraph, convert func(*testGraph) G,
	ours func(*testGraph) error, theirs func(*testGraph, G),
) report.Figure {
	return report.Figure{
		Name: "graph/" + name + "_gonum", Unit: "x", Peer: "gonum", Goal: report.AtLeast(goal),
		Measure: func(m *report.Meter) ([]float64, error) {
			t, err := of()
			if err != nil {
				return nil, err
			}
			g := convert(t)
			return beside(m, func() error { return ours(t) }, func() (time.Duration, error) {
				took := m.Took(func() { theirs(t, g) })
				return took, nil
			})
		}}
}

func undirected(t *testGraph) *simple.UndirectedGraph {
	g := simple.NewUndirectedGraph()
	for u := range t.plain.Nodes() {
		g.AddNode(simple.Node(u))
	}
	for e := range t.plain.Edges() {
		g.SetEdge(simple.Edge{F: simple.Node(e.From), T: simple.Node(e.To)})
	}
	return g
}

func directed(t *testGraph) *simple.DirectedGraph {
	g := simple.NewDirectedGraph()
	for u := range t.plain.Nodes() {
		g.AddNode(simple.Node(u))
	}
	for e := range t.plain.Edges() {
		g.SetEdge(simple.Edge{F: simple.Node(e.From), T: simple.Node(e.To)})
		g.SetEdge(simple.Edge{F: simple.Node(e.To), T: simple.Node(e.From)})
	}
	return g
}

func undirectedWeighted(t *testGraph) *simple.WeightedUndirectedGraph {
	g := simple.NewWeightedUndirectedGraph(0, 0)
	for u := range t.weighted.Nodes() {
		g.AddNode(simple.Node(u))
	}
	for e := range t.weighted.Edges() {
		g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(e.From), T: simple.Node(e.To), W: float64(e.Weight)})
	}
	return g
}

// gonumTriangles looks whether each two neighbours of a node are joined, since
// gonum does not count triangles.
func gonumTriangles(g *simple.UndirectedGraph) (sum float64) {
	for _, n := range gonum.NodesOf(g.Nodes()) {
		around := gonum.NodesOf(g.From(n.ID()))
		for i, u := range around {
			for _, v := range around[:i] {
				if g.HasEdgeBetween(u.ID(), v.ID()) {
					sum++
				}
			}
		}
	}
	return sum / 3
}
