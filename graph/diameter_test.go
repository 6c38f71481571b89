package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestOthersAgreeOnAllPairsAndEccentricities(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		p, err := graph.AllPairs(t.Context(), g, graph.AllPairsOptions{})
		require.NoError(t, err)
		for u, lengths := range want.AllPairs {
			require.Equal(t, infinite(lengths), p.Lengths[u*want.Nodes:(u+1)*want.Nodes])
		}
		e, err := graph.Eccentricity(t.Context(), g, graph.EccentricityOptions{})
		require.NoError(t, err)
		require.Equal(t, want.Eccentricity, e.Values)
		require.Equal(t, want.Diameter, e.Diameter)
		require.Equal(t, want.Radius, e.Radius)
	})
}

func TestAllPairsAreThoseOfEachNode(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		if n.n > 40 {
			return
		}
		byHops, err := graph.AllPairs(t.Context(), g, graph.AllPairsOptions{Hops: true, Workers: 2})
		require.NoError(t, err)
		byWeight, err := graph.AllPairs(t.Context(), g, graph.AllPairsOptions{Workers: 2})
		require.NoError(t, err)
		e, err := graph.Eccentricity(t.Context(), g, graph.EccentricityOptions{Weighted: true})
		require.NoError(t, err)
		for u := range n.n {
			lengths, _ := n.lengths(u)
			hops, farthest := make([]float64, n.n), 0.0
			for v, d := range n.distances(u) {
				if hops[v] = float64(d); d < 0 {
					hops[v] = math.Inf(1)
				} else {
					farthest = max(farthest, lengths[v])
				}
			}
			require.Equal(t, lengths, byWeight.Lengths[u*n.n:(u+1)*n.n])
			require.Equal(t, hops, byHops.Lengths[u*n.n:(u+1)*n.n])
			require.Equal(t, hops[0], byHops.Between(u, 0))
			require.Equal(t, farthest, e.Of(u))
		}
		for u := range e.Periphery() {
			require.Equal(t, e.Diameter, e.Of(u))
		}
	})
}

func TestDiameterIsThatOfAllEccentricities(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		label := n.components()
		if g.Directed() {
			label = n.strong()
		}
		size := map[int]int{}
		for _, l := range label {
			size[l]++
		}
		largest := label[0]
		for _, l := range label {
			if size[l] > size[largest] {
				largest = l
			}
		}
		diameter, radius := 0, math.MaxInt
		far := make([]int, n.n)
		for u := range n.n {
			if label[u] != largest {
				continue
			}
			for v, d := range n.distances(u) {
				if label[v] == largest {
					far[u] = max(far[u], d)
				}
			}
			diameter, radius = max(diameter, far[u]), min(radius, far[u])
		}
		e, err := graph.Diameter(t.Context(), g, graph.DiameterOptions{Workers: 2})
		require.NoError(t, err)
		require.Equal(t, size[largest], e.Nodes)
		require.Equal(t, diameter, e.Diameter)
		require.Equal(t, radius, e.Radius)
		require.Equal(t, radius, far[e.Center])
		require.Equal(t, diameter, n.distances(e.From)[e.To])
		require.LessOrEqual(t, e.Searches, e.Nodes)
	})
}

func TestDiameterNeedsFewSearches(t *testing.T) {
	g := large(t, false)
	e, err := graph.Diameter(t.Context(), g, graph.DiameterOptions{})
	require.NoError(t, err)
	require.Less(t, e.Searches, e.Nodes/10)
}

func TestPairLengthsOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 2}, edge{"a", "b", 1}, edge{"a", "a", 9})
	p, err := graph.AllPairs(t.Context(), g, graph.AllPairsOptions{})
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 1, 0}, p.Lengths)
	require.True(t, math.IsInf(p.Between("a", "x"), 1))
	_, err = graph.AllPairs(t.Context(), g, graph.AllPairsOptions{MaxNodes: 1})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.AllPairs(t.Context(), g, graph.AllPairsOptions{MaxNodes: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.AllPairs(t.Context(), g, graph.AllPairsOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Diameter(t.Context(), g, graph.DiameterOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err = graph.AllPairs(t.Context(), negative, graph.AllPairsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	p, err = graph.AllPairs(t.Context(), negative, graph.AllPairsOptions{Hops: true})
	require.NoError(t, err)
	require.Equal(t, 1.0, p.Between("a", "b"))
	_, err = graph.Eccentricity(t.Context(), negative, graph.EccentricityOptions{Weighted: true})
	require.ErrorIs(t, err, quintet.ErrInput)

	empty := new(graph.Graph[string])
	extent, err := graph.Diameter(t.Context(), empty, graph.DiameterOptions{})
	require.NoError(t, err)
	require.Zero(t, extent)
	e, err := graph.Eccentricity(t.Context(), empty, graph.EccentricityOptions{})
	require.NoError(t, err)
	require.Empty(t, slices.Collect(e.Center()))
	require.Zero(t, e.Of("a"))
}
