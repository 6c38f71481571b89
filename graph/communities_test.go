package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// modularity is the sum over all pairs of nodes.
func (g naive) modularity(label []int32, resolution float64) float64 {
	a, k, all := make([][]float64, g.n), make([]float64, g.n), 0.0
	for u := range a {
		a[u] = make([]float64, g.n)
	}
	for u, row := range g.out {
		for v, w := range row {
			a[u][v] += w
			if u == v {
				a[u][u] += w // a loop counts twice
			}
		}
	}
	for u := range a {
		for _, w := range a[u] {
			k[u] += w
			all += w
		}
	}
	q := 0.0
	for u := range a {
		for v, w := range a[u] {
			if label[u] == label[v] {
				q += w/all - resolution*k[u]*k[v]/all/all
			}
		}
	}
	return q
}

type finder func(t *testing.T, g *graph.Graph[int], resolution float64, seed uint64) *graph.Communities[int]

var finders = map[string]finder{
	"Louvain": func(t *testing.T, g *graph.Graph[int], resolution float64, seed uint64) *graph.Communities[int] {
		c, err := graph.Louvain(t.Context(), g, graph.LouvainOptions{Resolution: resolution, Seed: seed})
		require.NoError(t, err)
		return c
	},
	"Leiden": func(t *testing.T, g *graph.Graph[int], resolution float64, seed uint64) *graph.Communities[int] {
		c, err := graph.Leiden(t.Context(), g, graph.LeidenOptions{Resolution: resolution, Seed: seed})
		require.NoError(t, err)
		return c
	},
	"LabelPropagation": func(t *testing.T, g *graph.Graph[int], _ float64, seed uint64) *graph.Communities[int] {
		c, err := graph.LabelPropagation(t.Context(), g, graph.LabelPropagationOptions{Seed: seed})
		require.NoError(t, err)
		return c
	},
}

// requireConnected holds that edges join the nodes of each group.
func requireConnected(t *testing.T, g *graph.Graph[int], p *graph.Partition[int]) {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for u := range g.Nodes() {
		b.AddNode(u)
	}
	for e := range g.Edges() {
		if p.Of(e.From) == p.Of(e.To) {
			b.AddEdge(e.From, e.To, 1)
		}
	}
	inner, err := b.Build()
	require.NoError(t, err)
	parts, err := graph.Components(t.Context(), inner, graph.ComponentsOptions{})
	require.NoError(t, err)
	require.Equal(t, p.Count(), parts.Count())
}

func TestCommunitiesKeepTheirPromises(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		for name, find := range finders {
			for _, resolution := range []float64{1, 0.3, 4} {
				c := find(t, g, resolution, 1)
				if name == "LabelPropagation" {
					resolution = 1
				}
				requirePartition(t, &c.Partition)
				if g.Size() > 0 && !g.Directed() {
					require.InDelta(t, n.modularity(c.Labels, resolution), c.Modularity, 1e-12)
				}
				q, err := graph.Modularity(t.Context(), g, c.Labels, graph.ModularityOptions{Resolution: resolution})
				require.NoError(t, err)
				require.InDelta(t, q, c.Modularity, 1e-12)
				require.Equal(t, c.Labels, c.Levels[len(c.Levels)-1].Labels)
				for i, level := range c.Levels {
					requirePartition(t, level)
					if name == "Leiden" {
						requireConnected(t, g, level)
					}
					if i == 0 {
						continue
					}
					above := map[int32]int32{}
					for u, fine := range c.Levels[i-1].Labels {
						coarse, ok := above[fine]
						require.True(t, !ok || coarse == level.Labels[u], "%s: levels are nested", name)
						above[fine] = level.Labels[u]
					}
				}
			}
		}
	})
}

// planted has edges within groups of 25 nodes with probability 0.5, else 0.02.
func planted(t testing.TB, seed uint64) (*graph.Graph[int], []int) {
	t.Helper()
	const groups, size = 8, 25
	rng, b := synth.Rand(seed), graph.NewBuilder[int](graph.BuilderOptions{})
	label := make([]int, groups*size)
	for u := range label {
		b.AddNode(u)
		label[u] = u % groups
	}
	for u := range label {
		for v := range u {
			if p := rng.Float64(); p < 0.02 || label[u] == label[v] && p < 0.5 {
				b.AddEdge(u, v, 1)
			}
		}
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g, label
}

func TestPlantedCommunitiesAreFound(t *testing.T) {
	for seed := range uint64(5) {
		for name, find := range finders {
			t.Run(name, func(t *testing.T) {
				g, label := planted(t, seed)
				c := find(t, g, 1, seed)
				if name == "LabelPropagation" { // which unites groups, or leaves a node behind
					require.Greater(t, c.Modularity, 0.5)
				} else {
					same(t, label, c.Labels)
				}
				require.Equal(t, c, find(t, g, 1, seed), "a seed gives one result")
			})
		}
	}
}

func TestLeidenIsNotWorseThanLouvain(t *testing.T) {
	g := weighted(t, true)
	leiden, louvain := finders["Leiden"](t, g, 1, 0), finders["Louvain"](t, g, 1, 0)
	require.Greater(t, leiden.Modularity, louvain.Modularity*0.995)
	requireConnected(t, g, &leiden.Partition)
}

func TestCommunitiesOfGraphsWithoutWeight(t *testing.T) {
	tests := map[string]*graph.Graph[int]{
		"no node":   new(graph.Graph[int]),
		"weights 0": build(t, graph.BuilderOptions{}, graph.Edge[int]{From: 0, To: 1}, graph.Edge[int]{From: 1, To: 2}),
		"a loop":    build(t, graph.BuilderOptions{}, graph.Edge[int]{From: 0, To: 0, Weight: 2}),
	}
	for name, g := range tests {
		for method, find := range finders {
			t.Run(name+" "+method, func(t *testing.T) {
				c := find(t, g, 1, 0)
				require.Equal(t, g.Order(), c.Count())
				require.Zero(t, c.Modularity)
			})
		}
	}
}

func TestCommunitiesRefuse(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err := graph.Louvain(t.Context(), negative, graph.LouvainOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Louvain(t.Context(), g, graph.LouvainOptions{Resolution: math.NaN()})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Leiden(t.Context(), g, graph.LeidenOptions{Resolution: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Leiden(t.Context(), g, graph.LeidenOptions{Iterations: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.LabelPropagation(t.Context(), g, graph.LabelPropagationOptions{MaxIterations: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Modularity(t.Context(), g, nil, graph.ModularityOptions{Resolution: math.Inf(1)})
	require.ErrorIs(t, err, quintet.ErrOption)
	for _, labels := range [][]int32{nil, {0}, {0, -1}, {0, 2}, {0, 0, 0}} {
		_, err = graph.Modularity(t.Context(), g, labels, graph.ModularityOptions{})
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}
