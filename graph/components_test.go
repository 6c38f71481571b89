package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestComponents(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddNode("alone")
	b.AddEdge("a", "b", 1)
	b.AddEdge("c", "b", 1)
	b.AddEdge("x", "y", 1)
	b.AddEdge("z", "z", 1)
	g, err := b.Build()
	require.NoError(t, err)
	p, err := graph.Components(t.Context(), g, graph.ComponentsOptions{})
	require.NoError(t, err)
	require.Equal(t, 4, p.Count())
	require.Equal(t, []int{1, 3, 2, 1}, p.Sizes)
	require.Equal(t, []int32{0, 1, 1, 1, 2, 2, 3}, p.Labels)
	require.Equal(t, 1, p.Largest())
	require.Equal(t, 1, p.Of("c"))
	require.Equal(t, -1, p.Of("nobody"))
	require.Equal(t, []string{"a", "b", "c"}, slices.Collect(p.Members(1)))
	require.Empty(t, slices.Collect(p.Members(-1)))
	require.Empty(t, slices.Collect(p.Members(4)))
	for k := range p.Members(1) {
		require.Equal(t, "a", k)
		break
	}
}

func TestComponentsAreThoseOfTheNaiveSearch(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		want := n.components()
		for _, workers := range workerCounts {
			p, err := graph.Components(t.Context(), g, graph.ComponentsOptions{Workers: workers})
			require.NoError(t, err)
			same(t, want, p.Labels)
			requirePartition(t, p)
		}
	})
}

// requirePartition holds a partition against its doc comment.
func requirePartition(t *testing.T, p *graph.Partition[int]) {
	t.Helper()
	sizes, next := make([]int, p.Count()), int32(0)
	for _, label := range p.Labels {
		if label > next {
			t.Fatalf("group %d before group %d: groups are numbered by their first node", label, next)
		}
		next = max(next, label+1)
		sizes[label]++
	}
	require.Equal(t, sizes, p.Sizes)
	require.Equal(t, slices.Index(sizes, slices.Max(sizes)), p.Largest())
}

func TestComponentsAreTheSameForAllWorkers(t *testing.T) {
	for _, directed := range []bool{false, true} {
		sparse, err := graph.Random(graph.RandomOptions{Nodes: 30_000, Edges: 20_000, Directed: directed, Seed: 4})
		require.NoError(t, err)
		for _, g := range []*graph.Graph[int]{large(t, directed), sparse} {
			want, err := graph.Components(t.Context(), g, graph.ComponentsOptions{Workers: 1})
			require.NoError(t, err)
			requirePartition(t, want)
			for _, workers := range workerCounts {
				got, err := graph.Components(t.Context(), g, graph.ComponentsOptions{Workers: workers})
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			tree, err := graph.BFS(t.Context(), g, 0, graph.BFSOptions{})
			require.NoError(t, err)
			if !directed {
				require.Equal(t, tree.Reached, want.Sizes[want.Of(0)], "a search reaches its component")
			}
		}
	}
}

func TestComponentsOfSpecialGraphs(t *testing.T) {
	empty, err := graph.Components(t.Context(), new(graph.Graph[int]), graph.ComponentsOptions{})
	require.NoError(t, err)
	require.Zero(t, empty.Count())
	require.Equal(t, -1, empty.Largest())
	require.Equal(t, -1, empty.Of(0))

	grid, err := graph.Grid(graph.GridOptions{Rows: 100, Columns: 300})
	require.NoError(t, err)
	one, err := graph.Components(t.Context(), grid, graph.ComponentsOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{30_000}, one.Sizes)

	_, err = graph.Components[int](t.Context(), nil, graph.ComponentsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Components(t.Context(), grid, graph.ComponentsOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestStrongComponents(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true},
		edge{"a", "b", 1}, edge{"b", "c", 1}, edge{"c", "a", 1}, edge{"c", "d", 1}, edge{"d", "e", 1},
		edge{"e", "d", 1}, edge{"f", "f", 1})
	p, err := graph.StrongComponents(t.Context(), g, graph.StrongComponentsOptions{})
	require.NoError(t, err)
	require.Equal(t, []int32{0, 0, 0, 1, 1, 2}, p.Labels)
	require.Equal(t, []int{3, 2, 1}, p.Sizes)

	_, err = graph.StrongComponents[int](t.Context(), nil, graph.StrongComponentsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	empty, err := graph.StrongComponents(t.Context(), new(graph.Graph[int]), graph.StrongComponentsOptions{})
	require.NoError(t, err)
	require.Zero(t, empty.Count())
}

func TestStrongComponentsReachEachOther(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		p, err := graph.StrongComponents(t.Context(), g, graph.StrongComponentsOptions{})
		require.NoError(t, err)
		same(t, n.strong(), p.Labels)
		requirePartition(t, p)
	})
}

func TestStrongComponentsOfALongCycle(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	const n = 200_000 // deep enough to show recursion
	for u := range n {
		b.AddEdge(u, (u+1)%n, 1)
	}
	g, err := b.Build()
	require.NoError(t, err)
	p, err := graph.StrongComponents(t.Context(), g, graph.StrongComponentsOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{n}, p.Sizes)
}
