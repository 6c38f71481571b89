package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/golden"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
)

// links are pages that link to each other, with one page nobody links to and one
// pair apart.
func links(t testing.TB, directed bool) *graph.Graph[string] {
	t.Helper()
	return build(t, graph.BuilderOptions{Directed: directed},
		edge{"home", "docs", 2}, edge{"home", "blog", 1}, edge{"docs", "home", 1}, edge{"blog", "docs", 1},
		edge{"news", "home", 1}, edge{"home", "home", 1}, edge{"attic", "cellar", 1})
}

func TestPipelineContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[*graph.Graph[string], graph.Result[string]]{
		Name: "graph",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[*graph.Graph[string], graph.Result[string]] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			p, err := graph.New[string](graph.Options{Runtime: rt, Workers: 2})
			require.NoError(t, err)
			return p
		},
		Good: []*graph.Graph[string]{links(t, true), links(t, false), new(graph.Graph[string])},
		Bad:  []*graph.Graph[string]{nil, build(t, graph.BuilderOptions{}, edge{"a", "b", -1})},
	})
}

func TestPipelineResult(t *testing.T) {
	p, err := graph.New[string](graph.Options{})
	require.NoError(t, err)
	defer p.Close()
	for name, directed := range map[string]bool{"directed": true, "undirected": false} {
		r, err := p.Run(t.Context(), links(t, directed))
		require.NoError(t, err)
		golden.JSON(t, name, r)
	}
}

func TestPipelineRunsOnlyItsTasks(t *testing.T) {
	full, err := graph.New[string](graph.Options{TopRanks: 2, TopComponents: 1})
	require.NoError(t, err)
	want, err := full.Run(t.Context(), links(t, true))
	require.NoError(t, err)
	require.Len(t, want.Ranks, 2)
	require.Equal(t, graph.ComponentStats{Count: 2, Sizes: []int{4}}, want.Components)
	tests := map[string]struct {
		tasks graph.Task
		want  graph.Result[string]
	}{
		"stats":           {graph.TaskStats, graph.Result[string]{Stats: want.Stats}},
		"components":      {graph.TaskComponents, graph.Result[string]{Components: want.Components}},
		"ranks":           {graph.TaskRanks, graph.Result[string]{Ranks: want.Ranks}},
		"communities":     {graph.TaskCommunities, graph.Result[string]{Communities: want.Communities}},
		"anomalies":       {graph.TaskAnomalies, graph.Result[string]{Anomalies: want.Anomalies}},
		"stats and ranks": {graph.TaskStats | graph.TaskRanks, graph.Result[string]{Stats: want.Stats, Ranks: want.Ranks}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := graph.New[string](graph.Options{Tasks: tt.tasks, TopRanks: 2, TopComponents: 1})
			require.NoError(t, err)
			got, err := p.Run(t.Context(), links(t, true))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestANegativeWeightMattersToRanksAndCommunitiesOnly(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	p, err := graph.New[string](graph.Options{Tasks: graph.TaskStats | graph.TaskComponents | graph.TaskAnomalies})
	require.NoError(t, err)
	r, err := p.Run(t.Context(), g)
	require.NoError(t, err)
	require.Equal(t, 1, r.Components.Count)

	p, err = graph.New[string](graph.Options{})
	require.NoError(t, err)
	_, err = p.Run(t.Context(), g)
	require.EqualError(t, err, `graph.Run: edge "a" -> "b" has a negative weight: invalid input`)
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]graph.Options{
		"unknown tasks":                {Tasks: 1 << 20},
		"a negative top of ranks":      {TopRanks: -1},
		"a negative top of components": {TopComponents: -1},
		"a negative top of groups":     {TopCommunities: -1},
		"a bad resolution":             {Leiden: graph.LeidenOptions{Resolution: -1}},
		"a bad threshold":              {Anomalies: graph.AnomaliesOptions{Threshold: -1}},
		"negative workers":             {Workers: -1},
		"a bad damping":                {PageRank: graph.PageRankOptions{Damping: 2}},
		"negative rank workers":        {PageRank: graph.PageRankOptions{Workers: -1}},
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := graph.New[string](o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "graph: ")
			require.Nil(t, p)
		})
	}
}
