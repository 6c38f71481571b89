package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// joined is whether an edge of any direction is between two different nodes.
func (g naive) joined() [][]bool {
	joined := make([][]bool, g.n)
	for u := range joined {
		joined[u] = make([]bool, g.n)
	}
	for u, row := range g.out {
		for v := range row {
			if u != v {
				joined[u][v], joined[v][u] = true, true
			}
		}
	}
	return joined
}

// triangles tries every three nodes.
func (g naive) triangles() []int64 {
	joined, counts := g.joined(), make([]int64, g.n)
	for u := range g.n {
		for v := range u {
			for w := range v {
				if joined[u][v] && joined[v][w] && joined[u][w] {
					counts[u]++
					counts[v]++
					counts[w]++
				}
			}
		}
	}
	return counts
}

// cores takes away nodes with less than k neighbours for each k.
func (g naive) cores() []int32 {
	joined, cores := g.joined(), make([]int32, g.n)
	left := slices.Repeat([]bool{true}, g.n)
	for k := int32(1); slices.Contains(left, true); k++ {
		for changed := true; changed; {
			changed = false
			for u := range g.n {
				degree := int32(0)
				for v := range g.n {
					if left[v] && joined[u][v] {
						degree++
					}
				}
				if left[u] && degree < k {
					left[u], changed, cores[u] = false, true, k-1
				}
			}
		}
	}
	return cores
}

func TestTrianglesAndCoresAreThoseOfTheNaiveSearch(t *testing.T) {
	check := func(t *testing.T, g *graph.Graph[int], n naive) {
		want := n.triangles()
		sum := int64(0)
		for _, count := range want {
			sum += count
		}
		for _, workers := range workerCounts {
			got, err := graph.Triangles(t.Context(), g, graph.TrianglesOptions{Workers: workers})
			require.NoError(t, err)
			require.Equal(t, want, got.Counts)
			require.Equal(t, sum, 3*got.Total)
			total, err := graph.Triangles(t.Context(), g, graph.TrianglesOptions{Workers: workers, TotalOnly: true})
			require.NoError(t, err)
			require.Equal(t, got.Total, total.Total)
			require.Nil(t, total.Counts)
		}
		cores, err := graph.Cores(t.Context(), g, graph.CoresOptions{})
		require.NoError(t, err)
		require.Equal(t, n.cores(), cores.Numbers)
		require.Equal(t, int(slices.Max(cores.Numbers)), cores.Degeneracy)
	}
	samples(t, check)
	g, n := sample(t, 1, 60, 900, false) // dense enough to be ordered by degree
	check(t, g, n)
	g, n = sample(t, 2, 60, 900, true)
	check(t, g, n)
}

func TestTriangles(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true, Multi: true})
	for _, e := range []edge{{"a", "b", 1}, {"b", "a", 1}, {"b", "c", 1}, {"a", "c", 1}, {"a", "c", 1}, {"c", "c", 1},
		{"c", "d", 1}} {
		b.AddEdge(e.From, e.To, e.Weight)
	}
	g, err := b.Build()
	require.NoError(t, err)
	triangles, err := graph.Triangles(t.Context(), g, graph.TrianglesOptions{})
	require.NoError(t, err)
	require.Equal(t, int64(1), triangles.Total, "directions, loops and parallel edges do not matter")
	require.Equal(t, int64(1), triangles.Of("a"))
	require.Zero(t, triangles.Of("d"))
	require.Zero(t, triangles.Of("x"))
	c, err := graph.Clustering(t.Context(), g, graph.ClusteringOptions{})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1.0 / 3, 0}, c.Values)
	require.InDelta(t, 7.0/12, c.Average, 1e-15)
	require.InDelta(t, 3.0/5, c.Transitivity, 1e-15)
	require.Equal(t, int64(1), c.Triangles)
	cores, err := graph.Cores(t.Context(), g, graph.CoresOptions{})
	require.NoError(t, err)
	require.Equal(t, []int32{2, 2, 2, 1}, cores.Numbers)
	require.Equal(t, []string{"a", "b", "c"}, slices.Collect(cores.Members(2)))
	require.Equal(t, 1, cores.Of("d"))
	require.Zero(t, cores.Of("x"))

	empty := new(graph.Graph[string])
	c, err = graph.Clustering(t.Context(), empty, graph.ClusteringOptions{})
	require.NoError(t, err)
	require.Zero(t, c.Average)
	cores, err = graph.Cores(t.Context(), empty, graph.CoresOptions{})
	require.NoError(t, err)
	require.Zero(t, cores.Degeneracy)

	_, err = graph.Triangles(t.Context(), g, graph.TrianglesOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Clustering(t.Context(), g, graph.ClusteringOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}
