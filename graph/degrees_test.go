package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestDegrees(t *testing.T) {
	edges := []edge{{"a", "b", 2}, {"a", "c", 3}, {"c", "c", 4}, {"b", "a", 5}}
	directed := build(t, graph.BuilderOptions{Directed: true}, edges...)
	undirected := build(t, graph.BuilderOptions{}, edges...)
	tests := map[string]struct {
		g         *graph.Graph[string]
		direction graph.Direction
		want      graph.DegreeStats
	}{
		"directed": {directed, graph.Both, graph.DegreeStats{Min: 2, Max: 3, Mean: 8.0 / 3, Median: 3,
			Histogram: []graph.DegreeCount{{2, 1}, {3, 2}}}},
		"directed, out": {directed, graph.Out, graph.DegreeStats{Min: 1, Max: 2, Mean: 4.0 / 3, Median: 1,
			Histogram: []graph.DegreeCount{{1, 2}, {2, 1}}}},
		"directed, in": {directed, graph.In, graph.DegreeStats{Min: 1, Max: 2, Mean: 4.0 / 3, Median: 1,
			Histogram: []graph.DegreeCount{{1, 2}, {2, 1}}}},
		"undirected": {undirected, graph.Both, graph.DegreeStats{Min: 1, Max: 3, Mean: 2, Median: 2,
			Histogram: []graph.DegreeCount{{1, 1}, {2, 1}, {3, 1}}}},
		"undirected, in": {undirected, graph.In, graph.DegreeStats{Min: 1, Max: 3, Mean: 2, Median: 2,
			Histogram: []graph.DegreeCount{{1, 1}, {2, 1}, {3, 1}}}},
		"no node": {new(graph.Graph[string]), graph.Both, graph.DegreeStats{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := graph.Degrees(t.Context(), tt.g, graph.DegreesOptions{Direction: tt.direction})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	_, err := graph.Degrees[string](t.Context(), nil, graph.DegreesOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, d := range []graph.Direction{-1, 3} {
		_, err = graph.Degrees(t.Context(), directed, graph.DegreesOptions{Direction: d})
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestDegreesAreThoseOfTheNodes(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		for direction, degree := range map[graph.Direction]func(int) int{
			graph.Both: g.Degree, graph.Out: g.OutDegree, graph.In: g.InDegree,
		} {
			if !g.Directed() {
				degree = g.Degree
			}
			var all []int
			for u := range g.Nodes() {
				all = append(all, degree(u))
			}
			slices.Sort(all)
			got, err := graph.Degrees(t.Context(), g, graph.DegreesOptions{Direction: direction})
			require.NoError(t, err)
			require.Equal(t, all[0], got.Min)
			require.Equal(t, all[len(all)-1], got.Max)
			require.Equal(t, float64(all[(len(all)-1)/2]+all[len(all)/2])/2, got.Median)
			nodes, ends := 0, 0
			for _, c := range got.Histogram {
				require.Positive(t, c.Nodes)
				nodes, ends = nodes+c.Nodes, ends+c.Nodes*c.Degree
			}
			require.Equal(t, g.Order(), nodes)
			require.InDelta(t, float64(ends)/float64(nodes), got.Mean, 1e-12)
		}
	})
}
