package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestNetworkXAgreesOnEigenvectorsAndKatz(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		plain := known{Nodes: want.Nodes, Directed: want.Directed}
		for _, e := range want.Edges {
			plain.Edges = append(plain.Edges, [3]float32{e[0], e[1], 1})
		}
		flat := plain.build(t, nil)
		if want.Connected {
			e, err := graph.Eigenvector(t.Context(), flat, graph.EigenvectorOptions{Tolerance: 1e-14, MaxIterations: 100_000})
			require.NoError(t, err)
			require.InDeltaSlice(t, want.Eigenvector, e.Values, 1e-9)
		}
		k, err := graph.Katz(t.Context(), flat, graph.KatzOptions{Alpha: 0.02, Tolerance: 1e-15})
		require.NoError(t, err)
		require.InDeltaSlice(t, want.Katz, k.Values, 1e-9)
		k, err = graph.Katz(t.Context(), g, graph.KatzOptions{Alpha: 0.004, Beta: 2, Tolerance: 1e-15})
		require.NoError(t, err)
		norm := 0.0
		for _, x := range k.Values {
			norm += x * x
		}
		for u, x := range k.Values {
			require.InDelta(t, want.KatzWeighted[u], x/math.Sqrt(norm), 1e-9)
		}
	})
}

func TestEigenvectorsAndKatzSolveTheirEquations(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		e, err := graph.Eigenvector(t.Context(), g, graph.EigenvectorOptions{Tolerance: 1e-12, MaxIterations: 20_000})
		require.NoError(t, err)
		k, err := graph.Katz(t.Context(), g, graph.KatzOptions{Tolerance: 1e-14})
		require.NoError(t, err)
		require.True(t, k.Converged, "the default of Alpha is below 1/λ")
		left, walks, norm := make([]float64, n.n), make([]float64, n.n), 0.0
		for u, row := range n.out {
			for v, w := range row {
				left[v] += w * e.Values[u]
				walks[v] += w * k.Values[u]
			}
		}
		for u := range n.n {
			norm += e.Values[u] * e.Values[u]
			require.InDelta(t, k.Values[u], k.Alpha*walks[u]+1, 1e-9*k.Values[u])
			if e.Converged {
				require.InDelta(t, left[u], e.Eigenvalue*e.Values[u], 1e-6)
			}
		}
		require.InDelta(t, 1, norm, 1e-9)
	})
}

func TestEigenvectorOfABipartiteGraphConverges(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"hub", "a", 1}, edge{"hub", "b", 1}, edge{"hub", "c", 1}, edge{"hub", "d", 1})
	e, err := graph.Eigenvector(t.Context(), g, graph.EigenvectorOptions{})
	require.NoError(t, err)
	require.True(t, e.Converged)
	require.InDelta(t, 2, e.Eigenvalue, 1e-6)
	require.InDelta(t, math.Sqrt(0.5), e.Of("hub"), 1e-6)
}

func TestEigenvectorAndKatzRefuse(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "c", 1})
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err := graph.Eigenvector(t.Context(), negative, graph.EigenvectorOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Katz(t.Context(), negative, graph.KatzOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Eigenvector(t.Context(), g, graph.EigenvectorOptions{Tolerance: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	for _, o := range []graph.KatzOptions{
		{Alpha: -1}, {Alpha: math.NaN()}, {Beta: math.Inf(1)}, {Tolerance: -1}, {MaxIterations: -1}, {Workers: -1},
		{Alpha: 3, MaxIterations: 10_000}, // 1/λ is 0.7
	} {
		_, err = graph.Katz(t.Context(), g, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	e, err := graph.Eigenvector(t.Context(), new(graph.Graph[int]), graph.EigenvectorOptions{})
	require.NoError(t, err)
	require.True(t, e.Converged)
	k, err := graph.Katz(t.Context(), new(graph.Graph[int]), graph.KatzOptions{})
	require.NoError(t, err)
	require.True(t, k.Converged)
}
