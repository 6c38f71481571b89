package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestWalksFollowEdges(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		o := graph.RandomWalksOptions{Length: 9, PerNode: 2, P: 0.5, Q: 4, Seed: 3, Workers: 2}
		w, err := graph.RandomWalks(t.Context(), g, nil, o)
		require.NoError(t, err)
		require.Len(t, w.Indices, 2*n.n)
		i := 0
		for walk := range w.All() {
			require.Equal(t, i%n.n, walk[0])
			for j := 1; j < len(walk); j++ {
				require.Positive(t, n.out[walk[j-1]][walk[j]])
			}
			require.True(t, len(walk) == 9 || g.OutDegree(walk[len(walk)-1]) == 0)
			i++
		}
		again, err := graph.RandomWalks(t.Context(), g, nil, o)
		require.NoError(t, err)
		require.Equal(t, w.Indices, again.Indices)
	})
}

// Three steps decide the third node by the second order: its frequency is held
// against the weights of the definition.
func TestStepsHaveTheirProbabilities(t *testing.T) {
	tests := map[string]struct {
		p, q  float64
		edges []edge
	}{
		"uniform":                       {1, 1, nil},
		"back is likely":                {0.25, 2, nil},
		"away is likely":                {4, 0.5, nil},
		"weights count":                 {2, 0.5, []edge{{"a", "b", 3}, {"b", "c", 0.5}, {"b", "b", 2}, {"b", "z", 0}}},
		"most draws are refused":        {1e-9, 1e9, nil},
		"back has nearly all of it":     {1e-80, 1, nil},
		"all draws but one are refused": {1e-6, 1e3, []edge{{"a", "b", 1e-3}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			list := []edge{{"a", "b", 1}, {"b", "c", 1}, {"b", "d", 1}, {"b", "e", 1}, {"a", "c", 1}}
			g := build(t, graph.BuilderOptions{}, append(list, tt.edges...)...)
			const walks = 20_000
			o := graph.RandomWalksOptions{Length: 3, PerNode: walks, P: tt.p, Q: tt.q, Seed: 5}
			w, err := graph.RandomWalks(t.Context(), g, []string{"a"}, o)
			require.NoError(t, err)
			count, through := map[string]float64{}, 0.0
			for walk := range w.All() {
				if walk[1] == "b" {
					count[walk[2]]++
					through++
				}
			}
			want, all := map[string]float64{}, 0.0
			for v, weight := range g.Neighbors("b") {
				bias := 1 / tt.q
				if v == "a" {
					bias = 1 / tt.p
				} else if g.HasEdge("a", v) {
					bias = 1
				}
				want[v] = float64(weight) * bias
				all += want[v]
			}
			require.NotZero(t, through)
			for v, x := range want {
				p := x / all
				require.InDelta(t, p, count[v]/through, 5*math.Sqrt(p*(1-p)/through)+1e-9, "five deviations of %s", v)
			}
		})
	}
}

func TestWalksOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true, Multi: true}, edge{"a", "b", 0}, edge{"c", "c", 1}, edge{"c", "c", 2})
	w, err := graph.RandomWalks(t.Context(), g, []string{"c", "a"}, graph.RandomWalksOptions{Length: 4, PerNode: 1, P: 3})
	require.NoError(t, err)
	require.Equal(t, [][]string{{"c", "c", "c", "c"}, {"a"}}, slices.Collect(w.All()))
	w, err = graph.RandomWalks(t.Context(), new(graph.Graph[string]), nil, graph.RandomWalksOptions{})
	require.NoError(t, err)
	require.Empty(t, w.Indices)
	w, err = graph.RandomWalks(t.Context(), g, []string{}, graph.RandomWalksOptions{})
	require.NoError(t, err)
	require.Empty(t, w.Indices)
	_, err = graph.RandomWalks(t.Context(), g, []string{"x"}, graph.RandomWalksOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err = graph.RandomWalks(t.Context(), negative, nil, graph.RandomWalksOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, o := range []graph.RandomWalksOptions{
		{Length: -1}, {PerNode: -1}, {P: -1}, {Q: math.NaN()}, {P: math.Inf(1)}, {Q: 1e-300}, {Workers: -1},
		{Length: math.MaxInt32, PerNode: 2}, {PerNode: math.MaxInt},
	} {
		_, err = graph.RandomWalks(t.Context(), g, nil, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}
