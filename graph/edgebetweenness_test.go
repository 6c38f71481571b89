package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestNetworkXAgreesOnEdgeBetweenness(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		for weighted, scores := range map[bool][]float64{
			false: want.EdgeBetweenness, true: want.EdgeBetweennessWeighted,
		} {
			s, err := graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{Weighted: weighted})
			require.NoError(t, err)
			for i, e := range want.Edges {
				require.InDelta(t, scores[i], s.Of(int(e[0]), int(e[1])), 1e-9)
			}
		}
	})
}

// A path from s to t passes as many nodes as it has edges, less one.
func TestPathsGoAlongEdgesAndPassNodes(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		nodes, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{})
		require.NoError(t, err)
		edges, err := graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{})
		require.NoError(t, err)
		require.Len(t, edges.Values, g.Size())
		sum := 0.0
		for e, top := range edges.Top(g.Size()) {
			require.InDelta(t, top.Score, edges.Of(top.Edge.From, top.Edge.To), 1e-9, "edge %d of the top", e)
			sum += top.Score
		}
		for u := range n.n {
			sum -= nodes.Values[u]
			for v, d := range n.distances(u) {
				if d > 0 && (g.Directed() || v > u) {
					sum--
				}
			}
		}
		require.InDelta(t, 0, sum, 1e-8)
		normal, err := graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{Normalized: true})
		require.NoError(t, err)
		for _, x := range normal.Values {
			require.LessOrEqual(t, x, 1.0)
		}
	})
}

func TestParallelEdgesShareThePaths(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 1}, edge{"b", "a", 1}, edge{"b", "c", 1}, edge{"b", "b", 1})
	s, err := graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 0, 2}, s.Values)
	require.Equal(t, 2.0, s.Of("b", "a"))
	require.Zero(t, s.Of("a", "c"))
	require.Zero(t, s.Of("a", "x"))
	require.Zero(t, s.Of("x", "a"))
	require.Empty(t, s.Top(-1))
	_, err = graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{Samples: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	s, err = graph.EdgeBetweenness(t.Context(), new(graph.Graph[string]), graph.BetweennessOptions{Normalized: true})
	require.NoError(t, err)
	require.Empty(t, s.Values)
}

func TestBetweennessWithScalesIsTheSame(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		if !g.Directed() {
			return
		}
		want, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{})
		require.NoError(t, err)
		wantEdges, err := graph.EdgeBetweenness(t.Context(), g, graph.BetweennessOptions{})
		require.NoError(t, err)
		nodes, edges, err := g.CSR().ScaledBetweenness(t.Context())
		require.NoError(t, err)
		require.InDeltaSlice(t, want.Values, nodes, 1e-9)
		require.InDeltaSlice(t, wantEdges.Values, edges, 1e-9)
	})
}

func TestBetweennessCountsMorePathsThanFloat64Holds(t *testing.T) {
	const diamonds = 1100 // each doubles the paths, to 2^1100
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	for u := range diamonds {
		b.AddEdge(3*u, 3*u+1, 1)
		b.AddEdge(3*u, 3*u+2, 1)
		b.AddEdge(3*u+1, 3*u+3, 1)
		b.AddEdge(3*u+2, 3*u+3, 1)
	}
	g, err := b.Build()
	require.NoError(t, err)
	s, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{})
	require.NoError(t, err)
	for u := range diamonds {
		before, after := float64(3*u), float64(3*(diamonds-u))
		require.InEpsilon(t, before*after+1, s.Of(3*u)+1, 1e-9, "all paths pass a joint")
		half := (before + 1) * (after - 2) / 2
		require.InEpsilon(t, half, s.Of(3*u+1), 1e-9, "half of them a side")
		require.InEpsilon(t, half, s.Of(3*u+2), 1e-9)
	}
}
