package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// A node belongs to the group to whose nodes its vector is most similar on average.
func TestNode2VecSeparatesPlantedGroups(t *testing.T) {
	const groups, size = 4, 25
	g, err := graph.PlantedPartition(graph.PlantedPartitionOptions{
		Groups: groups, Size: size, Inside: 0.3, Between: 0.03, Seed: 1,
	})
	require.NoError(t, err)
	for name, walks := range map[string]graph.RandomWalksOptions{
		"uniform":    {Length: 30, PerNode: 10, Seed: 2},
		"in and out": {Length: 30, PerNode: 10, Seed: 2, P: 2, Q: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := graph.Node2Vec(t.Context(), g, graph.Node2VecOptions{Dimensions: 16, LearningRate: 0.1, Walks: walks})
			require.NoError(t, err)
			require.Len(t, e.Vectors, groups*size*16)
			right := 0
			for u := range groups * size {
				var mean [groups]float64
				for v := range groups * size {
					if u != v {
						mean[v/size] += e.Cosine(u, v) / size
					}
				}
				best := 0
				for i, x := range mean {
					if x > mean[best] {
						best = i
					}
				}
				if best == u/size {
					right++
				}
			}
			t.Logf("%d of %d nodes in their group", right, groups*size)
			require.GreaterOrEqual(t, right, groups*size*90/100)
		})
	}
}

func TestNode2VecOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1e30}, edge{"b", "b", 1e-30}, edge{"c", "c", 0})
	o := graph.Node2VecOptions{Dimensions: 3, Window: math.MaxInt, Walks: graph.RandomWalksOptions{P: 1e-9}}
	e, err := graph.Node2Vec(t.Context(), g, o)
	require.NoError(t, err)
	for _, x := range e.Vectors {
		require.False(t, math.IsNaN(float64(x)) || math.IsInf(float64(x), 0))
	}
	require.Len(t, e.Of("a"), 3)
	require.Nil(t, e.Of("x"))
	require.Zero(t, e.Cosine("a", "x"))
	require.InDelta(t, 1, e.Cosine("a", "a"), 1e-6)

	e2, err := graph.Node2Vec(t.Context(), new(graph.Graph[string]), graph.Node2VecOptions{})
	require.NoError(t, err)
	require.Empty(t, e2.Vectors)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err = graph.Node2Vec(t.Context(), negative, graph.Node2VecOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, o := range []graph.Node2VecOptions{
		{Dimensions: -1}, {Dimensions: 5000}, {Window: -1}, {Negatives: 101}, {LearningRate: 2}, {LearningRate: math.NaN()},
		{Dimensions: 3, Window: 80, LearningRate: 1},
		{Walks: graph.RandomWalksOptions{P: -1}}, {Walks: graph.RandomWalksOptions{PerNode: math.MaxInt}},
	} {
		_, err = graph.Node2Vec(t.Context(), g, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}
