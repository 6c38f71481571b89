package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestBarabasiAlbertPrefersHighDegrees(t *testing.T) {
	for _, o := range []graph.BarabasiAlbertOptions{{Nodes: 2000, Edges: 3, Seed: 1}, {Nodes: 5, Edges: 4}, {Nodes: 9}, {}} {
		g, err := graph.BarabasiAlbert(o)
		require.NoError(t, err)
		requireSimple(t, o.Nodes, g)
		require.Equal(t, (o.Nodes-o.Edges)*o.Edges, g.Size())
		if o.Nodes < 100 {
			continue
		}
		stats, err := graph.Degrees(t.Context(), g, graph.DegreesOptions{})
		require.NoError(t, err)
		require.GreaterOrEqual(t, stats.Min, 1)
		require.Greater(t, stats.Max, 60, "a random graph with a mean of 6 has no such node")
	}
	for _, o := range []graph.BarabasiAlbertOptions{
		{Nodes: -1}, {Nodes: 3, Edges: 3}, {Nodes: 3, Edges: -1}, {Nodes: math.MaxInt32, Edges: 4}, {Edges: 1},
	} {
		_, err := graph.BarabasiAlbert(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestWattsStrogatzHasShortPathsAndManyTriangles(t *testing.T) {
	measure := func(rewire float64) (clustering, distance float64) {
		g, err := graph.WattsStrogatz(graph.WattsStrogatzOptions{Nodes: 600, Neighbors: 8, Rewire: rewire, Seed: 1})
		require.NoError(t, err)
		requireSimple(t, 600, g)
		require.Equal(t, 600*4, g.Size())
		c, err := graph.Clustering(t.Context(), g, graph.ClusteringOptions{})
		require.NoError(t, err)
		tree, err := graph.BFS(t.Context(), g, 0, graph.BFSOptions{})
		require.NoError(t, err)
		for _, d := range tree.Distances {
			distance += float64(d) / 600
		}
		return c.Average, distance
	}
	ring, far := measure(0)
	require.InDelta(t, 9.0/14, ring, 1e-9, "(3k-6) / (4k-4) of a ring")
	world, near := measure(0.1)
	require.Greater(t, world, 0.4)
	require.Less(t, near, far/4)
	random, _ := measure(1)
	require.Less(t, random, 0.05)

	full, err := graph.WattsStrogatz(graph.WattsStrogatzOptions{Nodes: 7, Neighbors: 6, Rewire: 1})
	require.NoError(t, err)
	require.Equal(t, 21, full.Size(), "a full graph has nowhere to move edges to")
	for _, o := range []graph.WattsStrogatzOptions{
		{Nodes: -1}, {Nodes: 5, Neighbors: 3}, {Nodes: 5, Neighbors: 6}, {Nodes: 5, Neighbors: -2}, {Nodes: 5, Rewire: 1.5},
		{Nodes: 5, Rewire: math.NaN()}, {Nodes: math.MaxInt32, Neighbors: 4},
	} {
		_, err := graph.WattsStrogatz(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestPlantedPartitionHasItsProbabilities(t *testing.T) {
	o := graph.PlantedPartitionOptions{Groups: 5, Size: 60, Inside: 0.3, Between: 0.02, Seed: 1}
	g, err := graph.PlantedPartition(o)
	require.NoError(t, err)
	requireSimple(t, 300, g)
	inside := 0.0
	for e := range g.Edges() {
		if e.From/o.Size == e.To/o.Size {
			inside++
		}
	}
	for _, part := range []struct{ edges, pairs, p float64 }{
		{inside, 5 * 60 * 59 / 2, o.Inside}, {float64(g.Size()) - inside, 10 * 60 * 60, o.Between},
	} {
		require.InDelta(t, part.pairs*part.p, part.edges, 5*math.Sqrt(part.pairs*part.p*(1-part.p)), "five deviations")
	}
	for p, want := range map[float64]int{0: 0, 1: 20 * 19 / 2} {
		g, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Groups: 4, Size: 5, Inside: p, Between: p})
		require.NoError(t, err)
		requireSimple(t, 20, g)
		require.Equal(t, want, g.Size())
	}
	for _, o := range []graph.PlantedPartitionOptions{
		{Groups: -1}, {Size: -1}, {Groups: 1 << 20, Size: 1 << 20}, {Groups: 2, Size: 2, Inside: 2},
		{Groups: 2, Size: 2, Between: math.NaN()}, {Groups: 2, Size: 1 << 20, Between: 1},
	} {
		_, err := graph.PlantedPartition(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	empty, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Inside: 1, Between: 1})
	require.NoError(t, err)
	require.Zero(t, empty.Order())
}
