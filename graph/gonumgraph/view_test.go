package gonumgraph_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/testgraph"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/graph/gonumgraph"
)

// builder makes views for gonum's own tests, whose nodes become those of the view.
func builder(directed bool) testgraph.Builder {
	return func(
		given []gonum.Node, edges []testgraph.WeightedLine, _, _ float64,
	) (gonum.Graph, []gonum.Node, []testgraph.Edge, float64, float64, bool) {
		ids := map[int64]bool{}
		for _, n := range given {
			ids[n.ID()] = true
		}
		for _, e := range edges {
			ids[e.From().ID()], ids[e.To().ID()] = true, true
		}
		b := graph.NewBuilder[int64](graph.BuilderOptions{Directed: directed})
		var nodes []gonum.Node
		for i, id := range slices.Sorted(maps.Keys(ids)) {
			if id != int64(i) {
				return nil, nil, nil, 0, 0, false // the IDs of a view have no gaps
			}
			b.AddNode(id)
			nodes = append(nodes, simple.Node(id))
		}
		var kept []testgraph.Edge
		seen := map[[2]int64]bool{}
		for _, e := range edges {
			u, v := e.From().ID(), e.To().ID()
			ends := [2]int64{u, v}
			if !directed {
				ends = [2]int64{min(u, v), max(u, v)}
			}
			if seen[ends] {
				continue // a view has one edge between two nodes
			}
			seen[ends] = true
			b.AddEdge(u, v, float32(e.Weight()))
			kept = append(kept, e)
		}
		g, err := b.Build()
		if err != nil {
			return nil, nil, nil, 0, 0, false
		}
		if directed {
			view, err := gonumgraph.NewDirected(g.CSR())
			return view, nodes, kept, 0, math.Inf(1), err == nil
		}
		view, err := gonumgraph.NewUndirected(g.CSR())
		return view, nodes, kept, 0, math.Inf(1), err == nil
	}
}

func TestViewsPassTheTestsOfGonum(t *testing.T) {
	for name, b := range map[string]testgraph.Builder{"undirected": builder(false), "directed": builder(true)} {
		t.Run(name, func(t *testing.T) {
			testgraph.ReturnAllNodes(t, b, true)
			testgraph.NodeExistence(t, b)
			testgraph.EdgeExistence(t, b, true)
			testgraph.ReturnAdjacentNodes(t, b, true, true)
			testgraph.Weight(t, b)
		})
	}
}

// sample is a random graph with weights from 1 to 9.
func sample(t testing.TB, directed bool) *graph.Graph[int] {
	t.Helper()
	bare, err := graph.Random(graph.RandomOptions{Nodes: 60, Edges: 200, Directed: directed, Seed: 3})
	require.NoError(t, err)
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: directed})
	for u := range bare.Nodes() {
		b.AddNode(u)
	}
	for e := range bare.Edges() {
		b.AddEdge(e.From, e.To, float32(1+(e.From*7+e.To)%9))
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestAlgorithmsOfGonumAgree(t *testing.T) {
	ctx := context.Background()
	g := sample(t, false)
	view, err := gonumgraph.NewUndirected(g.CSR())
	require.NoError(t, err)
	ours, err := graph.Dijkstra(ctx, g, 0, graph.DijkstraOptions{})
	require.NoError(t, err)
	theirs := path.DijkstraFrom(view.Node(0), view)
	for u, l := range ours.Lengths {
		require.Equal(t, l, theirs.WeightTo(int64(u)))
	}
	parts, err := graph.Components(ctx, g, graph.ComponentsOptions{})
	require.NoError(t, err)
	require.Len(t, topo.ConnectedComponents(view), parts.Count())

	d := sample(t, true)
	arrows, err := gonumgraph.NewDirected(d.CSR())
	require.NoError(t, err)
	strong, err := graph.StrongComponents(ctx, d, graph.StrongComponentsOptions{})
	require.NoError(t, err)
	require.Len(t, topo.TarjanSCC(arrows), strong.Count())
	between, err := graph.Betweenness(ctx, d, graph.BetweennessOptions{})
	require.NoError(t, err)
	for u, x := range network.Betweenness(arrows) {
		require.InDelta(t, x, between.Values[u], 1e-9)
	}
}

func TestParallelEdgesAreOne(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true, Multi: true})
	b.AddEdge("a", "b", 2)
	b.AddEdge("a", "b", 3)
	g, err := b.Build()
	require.NoError(t, err)
	view, err := gonumgraph.NewDirected(g.CSR())
	require.NoError(t, err)
	require.Equal(t, 1, view.From(0).Len())
	require.Equal(t, 1, view.To(1).Len())
	w, ok := view.Weight(0, 1)
	require.True(t, ok)
	require.Equal(t, 5.0, w)
	require.True(t, view.HasEdgeBetween(1, 0))
	require.False(t, view.HasEdgeFromTo(1, 0))
}

func TestTakeReturnsWhatAViewShows(t *testing.T) {
	for _, directed := range []bool{false, true} {
		g := sample(t, directed)
		var view gonum.Graph
		var err error
		if directed {
			view, err = gonumgraph.NewDirected(g.CSR())
		} else {
			view, err = gonumgraph.NewUndirected(g.CSR())
		}
		require.NoError(t, err)
		again, err := gonumgraph.Take(t.Context(), view)
		require.NoError(t, err)
		require.Equal(t, directed, again.Directed())
		var want []graph.Edge[int64]
		for e := range g.Edges() {
			want = append(want, graph.Edge[int64]{From: int64(e.From), To: int64(e.To), Weight: e.Weight})
		}
		require.Equal(t, want, slices.Collect(again.Edges()))
	}
}

func TestRefusals(t *testing.T) {
	_, err := gonumgraph.NewUndirected(sample(t, true).CSR())
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = gonumgraph.NewUndirected(nil)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = gonumgraph.NewDirected(nil)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = gonumgraph.Take(t.Context(), nil)
	require.ErrorIs(t, err, quintet.ErrInput)
	bad := simple.NewWeightedUndirectedGraph(0, 0)
	bad.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(1), T: simple.Node(2), W: math.NaN()})
	_, err = gonumgraph.Take(t.Context(), bad)
	require.ErrorIs(t, err, quintet.ErrInput)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = gonumgraph.Take(ended, bad)
	require.ErrorIs(t, err, context.Canceled)
}

func ExampleNewUndirected() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("bakery", "market", 2)
	b.AddEdge("market", "harbour", 3)
	b.AddEdge("bakery", "harbour", 9)
	g, err := b.Build()
	if err != nil {
		panic(err)
	}
	view, err := gonumgraph.NewUndirected(g.CSR())
	if err != nil {
		panic(err)
	}
	from, _ := g.Index("bakery")
	to, _ := g.Index("harbour")
	nodes, length := path.DijkstraFrom(view.Node(int64(from)), view).To(int64(to))
	for _, n := range nodes {
		key, _ := g.Key(int32(n.ID()))
		fmt.Println(key)
	}
	fmt.Println(length)
	// Output:
	// bakery
	// market
	// harbour
	// 5
}
