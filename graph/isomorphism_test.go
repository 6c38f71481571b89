package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// edgeCounts is a graph as a matrix of how many edges lead from node to node.
func edgeCounts(g *graph.Graph[int]) [][]int {
	count := make([][]int, g.Order())
	for u := range count {
		count[u] = make([]int, g.Order())
		for _, v := range g.CSR().Out(int32(u)) {
			count[u][v]++
		}
	}
	return count
}

// injections tries all ways to give the nodes of a different nodes of b.
func injections(a, b [][]int, mono bool, found func(image []int32)) {
	var image []int32
	used := make([]bool, len(b))
	var try func()
	try = func() {
		u := len(image)
		if u == len(a) {
			found(slices.Clone(image))
			return
		}
	candidates:
		for v := range b {
			if used[v] {
				continue
			}
			image = append(image, int32(v))
			for x, y := range image {
				for _, e := range [2][2]int{{a[u][x], b[v][y]}, {a[x][u], b[y][v]}} {
					if e[1] < e[0] || !mono && e[1] != e[0] {
						image = image[:u]
						continue candidates
					}
				}
			}
			used[v] = true
			try()
			used[v], image = false, image[:u]
		}
	}
	try()
}

func TestMatchesAreThoseOfAllInjections(t *testing.T) {
	for seed := range uint64(120) {
		rng := synth.Rand(seed)
		o := graph.BuilderOptions{Directed: seed%2 == 0, Multi: seed%3 == 0}
		draw := func(nodes, edges int) *graph.Graph[int] {
			b := graph.NewBuilder[int](o)
			for u := range nodes {
				b.AddNode(u)
			}
			for range edges {
				b.AddEdge(rng.IntN(nodes), rng.IntN(nodes), 1)
			}
			g, err := b.Build()
			require.NoError(t, err)
			return g
		}
		target := draw(2+rng.IntN(6), rng.IntN(14))
		for _, pattern := range []*graph.Graph[int]{draw(1+rng.IntN(4), rng.IntN(5)), target} {
			for _, mono := range []bool{false, true} {
				var want [][]int32
				injections(edgeCounts(pattern), edgeCounts(target), mono, func(image []int32) { want = append(want, image) })
				m, err := graph.SubgraphIsomorphisms(t.Context(), pattern, target,
					graph.IsomorphismsOptions[int, int]{MaxMatches: 1e6, Monomorphism: mono})
				require.NoError(t, err)
				require.True(t, m.Complete)
				got := slices.SortedFunc(slices.Values(m.Indices), slices.Compare)
				require.Equal(t, want, got)
				if pattern != target || mono {
					continue
				}
				m, err = graph.Isomorphisms(t.Context(), pattern, target, graph.IsomorphismsOptions[int, int]{MaxMatches: 1e6})
				require.NoError(t, err)
				require.Equal(t, want, slices.SortedFunc(slices.Values(m.Indices), slices.Compare))
			}
		}
	}
}

func TestARenamedGraphIsIsomorphicAndAChangedOneIsNot(t *testing.T) {
	for _, directed := range []bool{false, true} {
		g, err := graph.Random(graph.RandomOptions{Nodes: 800, Edges: 3000, Directed: directed, Seed: 4})
		require.NoError(t, err)
		names := synth.Rand(1).Perm(800)
		same, changed := graph.NewBuilder[int](graph.BuilderOptions{Directed: directed}), graph.NewBuilder[int](graph.BuilderOptions{Directed: directed})
		for u := range 800 {
			same.AddNode(u)
			changed.AddNode(u)
		}
		for e := range g.Edges() {
			same.AddEdge(names[e.From], names[e.To], 1)
		}
		renamed, err := same.Build()
		require.NoError(t, err)
		m, err := graph.Isomorphisms(t.Context(), g, renamed, graph.IsomorphismsOptions[int, int]{})
		require.NoError(t, err)
		require.True(t, m.Found())
		require.False(t, m.Complete, "the search ended with the first match")
		for nodes := range m.All() {
			for e := range g.Edges() {
				require.True(t, renamed.HasEdge(nodes[e.From], nodes[e.To]))
			}
		}
		last := graph.Edge[int]{}
		for e := range g.Edges() {
			if last != (graph.Edge[int]{}) {
				changed.AddEdge(names[last.From], names[last.To], 1)
			}
			last = e
		}
		u, v := 0, 1
		for g.HasEdge(u, v) || g.HasEdge(v, u) {
			v++
		}
		changed.AddEdge(names[u], names[v], 1)
		other, err := changed.Build()
		require.NoError(t, err)
		m, err = graph.Isomorphisms(t.Context(), g, other, graph.IsomorphismsOptions[int, int]{})
		require.NoError(t, err)
		require.False(t, m.Found())
		require.True(t, m.Complete)
	}
}

func TestLabelsNarrowMatches(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "c", 2}, edge{"c", "a", 1})
	all := graph.IsomorphismsOptions[string, string]{MaxMatches: 100}
	count := func(o graph.IsomorphismsOptions[string, string]) int {
		m, err := graph.Isomorphisms(t.Context(), g, g, o)
		require.NoError(t, err)
		return len(m.Indices)
	}
	require.Equal(t, 6, count(all))
	byWeight := all
	byWeight.EdgesMatch = func(a, b graph.Edge[string]) bool { return a.Weight == b.Weight }
	require.Equal(t, 2, count(byWeight))
	byNode := all
	byNode.NodesMatch = func(a, b string) bool { return (a == "a") == (b == "a") }
	require.Equal(t, 2, count(byNode))
	byWeight.NodesMatch = func(a, b string) bool { return a == b }
	require.Equal(t, 1, count(byWeight))
}

func TestMatchingsOfShapesStopAtTheirLimits(t *testing.T) {
	g, err := graph.Grid(graph.GridOptions{Rows: 5, Columns: 5})
	require.NoError(t, err)
	m, err := graph.Isomorphisms(t.Context(), g, g, graph.IsomorphismsOptions[int, int]{MaxMatches: 100})
	require.NoError(t, err)
	require.Len(t, m.Indices, 8, "turns and mirrors of a square")
	require.True(t, m.Complete)
	few, err := graph.Isomorphisms(t.Context(), g, g, graph.IsomorphismsOptions[int, int]{MaxMatches: 3})
	require.NoError(t, err)
	require.Equal(t, m.Indices[:3], few.Indices)
	short, err := graph.Isomorphisms(t.Context(), g, g, graph.IsomorphismsOptions[int, int]{MaxMatches: 100, MaxSteps: m.Steps - 1})
	require.NoError(t, err)
	require.False(t, short.Complete)
	require.Equal(t, m.Steps-1, short.Steps)
	exact, err := graph.Isomorphisms(t.Context(), g, g, graph.IsomorphismsOptions[int, int]{MaxMatches: 100, MaxSteps: m.Steps})
	require.NoError(t, err)
	require.Equal(t, m.Indices, exact.Indices)
}

func TestIsomorphismsOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	directed := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 1})
	empty := new(graph.Graph[string])
	type options = graph.IsomorphismsOptions[string, string]
	_, err := graph.Isomorphisms(t.Context(), g, directed, options{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.SubgraphIsomorphisms(t.Context(), g, nil, options{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, o := range []options{{MaxMatches: -1}, {MaxSteps: -1}, {Monomorphism: true}} {
		_, err = graph.Isomorphisms(t.Context(), g, g, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	m, err := graph.Isomorphisms(t.Context(), empty, empty, options{})
	require.NoError(t, err)
	require.Equal(t, [][]int32{{}}, m.Indices)
	require.True(t, m.Complete)
	m, err = graph.SubgraphIsomorphisms(t.Context(), empty, g, options{})
	require.NoError(t, err)
	require.True(t, m.Found())
	m, err = graph.Isomorphisms(t.Context(), empty, g, options{})
	require.NoError(t, err)
	require.False(t, m.Found())
	m, err = graph.SubgraphIsomorphisms(t.Context(), g, empty, options{})
	require.NoError(t, err)
	require.False(t, m.Found())
	require.True(t, m.Complete)
}
