package graph_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// requireCycle holds that edges lead around the nodes, and in an undirected graph
// that none is used twice.
func requireCycle(t *testing.T, g *graph.Graph[int], cycle []int) {
	t.Helper()
	for i, u := range cycle {
		require.True(t, g.HasEdge(u, cycle[(i+1)%len(cycle)]))
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(cycle))), len(cycle))
	if !g.Directed() {
		require.NotEqual(t, 2, len(cycle), "there are no parallel edges here")
	}
}

func TestOrdersAndCyclesOfRandomGraphs(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		cycle, err := graph.FindCycle(t.Context(), g, graph.FindCycleOptions{})
		require.NoError(t, err)
		requireCycle(t, g, cycle)
		forest, err := graph.SpanningForest(t.Context(), g, graph.SpanningForestOptions{})
		require.NoError(t, err)
		if !g.Directed() {
			require.Equal(t, len(forest.Edges) < g.Size(), cycle != nil)
			return
		}
		strong := n.strong()
		acyclic := len(slices.Compact(slices.Sorted(slices.Values(strong)))) == n.n
		for u, row := range n.out {
			if _, loop := row[u]; loop {
				acyclic = false
			}
		}
		require.Equal(t, acyclic, cycle == nil)
		order, err := graph.TopologicalOrder(t.Context(), g, graph.TopologicalOrderOptions{})
		if !acyclic {
			require.ErrorIs(t, err, quintet.ErrInput)
			var found *graph.CycleError[int]
			require.ErrorAs(t, err, &found)
			requireCycle(t, g, found.Nodes)
			return
		}
		require.NoError(t, err)
		requireOrder(t, g, order)
	})
}

func requireOrder(t *testing.T, g *graph.Graph[int], order []int) {
	t.Helper()
	require.Len(t, order, g.Order())
	place := map[int]int{}
	for i, u := range order {
		place[u] = i
	}
	require.Len(t, place, g.Order())
	for e := range g.Edges() {
		require.Less(t, place[e.From], place[e.To])
	}
}

func TestTopologicalOrder(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	for u := range 200 {
		b.AddNode(u)
		for v := u + 1; v < 200; v += 1 + u%7 {
			b.AddEdge(v, u, 1)
		}
	}
	g, err := b.Build()
	require.NoError(t, err)
	order, err := graph.TopologicalOrder(t.Context(), g, graph.TopologicalOrderOptions{})
	require.NoError(t, err)
	requireOrder(t, g, order)
	got, err := graph.TopologicalOrder(t.Context(), new(graph.Graph[int]), graph.TopologicalOrderOptions{})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestFindCycle(t *testing.T) {
	directed, multi := graph.BuilderOptions{Directed: true}, graph.BuilderOptions{Multi: true}
	tests := map[string]struct {
		g    *graph.Graph[string]
		want []string
	}{
		"a loop":                    {build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "b", 1}), []string{"b"}},
		"an edge there and back":    {build(t, directed, edge{"a", "b", 1}, edge{"b", "a", 1}), []string{"a", "b"}},
		"an undirected edge":        {build(t, graph.BuilderOptions{}, edge{"a", "b", 1}), nil},
		"two undirected edges":      {build(t, multi, edge{"a", "b", 1}, edge{"a", "b", 1}), []string{"a", "b"}},
		"two directions of a path":  {build(t, directed, edge{"a", "c", 1}, edge{"a", "b", 1}, edge{"b", "c", 1}), nil},
		"a triangle behind a chain": {build(t, directed, edge{"a", "b", 1}, edge{"b", "c", 1}, edge{"c", "d", 1}, edge{"d", "b", 1}), []string{"b", "c", "d"}},
		"no node":                   {new(graph.Graph[string]), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := graph.FindCycle(t.Context(), tt.g, graph.FindCycleOptions{})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestDFS(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 1}, edge{"a", "c", 1}, edge{"b", "d", 1},
		edge{"d", "c", 1}, edge{"c", "a", 1}, edge{"e", "a", 1})
	tree, err := graph.DFS(t.Context(), g, "a", graph.DFSOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "d", "c"}, tree.Preorder)
	require.Equal(t, []string{"c", "d", "b", "a"}, tree.Postorder)
	require.Equal(t, []int32{-1, 0, 3, 1, -1}, tree.Parents)
	_, err = graph.DFS(t.Context(), g, "x", graph.DFSOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestDFSIsTheRecursiveSearch(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		var pre, post []int
		seen := make([]bool, n.n)
		var visit func(u int)
		visit = func(u int) {
			seen[u] = true
			pre = append(pre, u)
			for v := range g.Neighbors(u) {
				if !seen[v] {
					visit(v)
				}
			}
			post = append(post, u)
		}
		visit(0)
		tree, err := graph.DFS(t.Context(), g, 0, graph.DFSOptions{})
		require.NoError(t, err)
		require.Equal(t, pre, tree.Preorder)
		require.Equal(t, post, tree.Postorder)
	})
}

// without counts the components of the nodes and edges that keep holds for.
func without(t *testing.T, g *graph.Graph[int], keep func(u, v int) bool) int {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for u := range g.Nodes() {
		if keep(u, u) {
			b.AddNode(u)
		}
	}
	for e := range g.Edges() {
		if keep(e.From, e.To) {
			b.AddEdge(e.From, e.To, 1)
		}
	}
	h, err := b.Build()
	require.NoError(t, err)
	parts, err := graph.Components(t.Context(), h, graph.ComponentsOptions{})
	require.NoError(t, err)
	return parts.Count()
}

func TestCutsAndForestsOfRandomGraphs(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		if n.n > 40 {
			return
		}
		all := without(t, g, func(int, int) bool { return true })
		var bridges []graph.Edge[int]
		for e := range g.Edges() {
			twin := g.Directed() && g.HasEdge(e.To, e.From)
			rest := without(t, g, func(u, v int) bool { return u != e.From || v != e.To })
			if e.From != e.To && !twin && rest > all {
				bridges = append(bridges, e)
			}
		}
		var points []int
		for u := range n.n {
			if without(t, g, func(a, b int) bool { return a != u && b != u }) > all {
				points = append(points, u)
			}
		}
		cuts, err := graph.Cuts(t.Context(), g, graph.CutsOptions{})
		require.NoError(t, err)
		require.Equal(t, bridges, cuts.Bridges)
		require.Equal(t, points, cuts.Articulation)

		forest, err := graph.SpanningForest(t.Context(), g, graph.SpanningForestOptions{})
		require.NoError(t, err)
		require.Equal(t, all, forest.Trees)
		require.Len(t, forest.Edges, n.n-all)
		require.Equal(t, n.prim(), forest.Weight)
	})
}

// kruskal sorts the edges and takes each that closes no cycle.
func kruskal(g *graph.Graph[int]) []graph.Edge[int] {
	edges := slices.Collect(g.Edges())
	slices.SortStableFunc(edges, func(a, b graph.Edge[int]) int { return cmp.Compare(a.Weight, b.Weight) })
	tree, chosen := make([]int, g.Order()), []graph.Edge[int]{}
	for u := range tree {
		tree[u] = u
	}
	for _, e := range edges {
		from, to := tree[e.From], tree[e.To]
		if from == to {
			continue
		}
		chosen = append(chosen, e)
		for u, label := range tree {
			if label == from {
				tree[u] = to
			}
		}
	}
	return chosen
}

func TestForestsAreThoseOfKruskal(t *testing.T) {
	weights := []float32{0, 1, -1, 0.25, -3e38, 3e38, 1e-40, -1e-40, 255, 1 << 20, 1 + 1.0/(1<<23)}
	weights = append(weights, float32(math.Copysign(0, -1)))
	for seed := range uint64(30) {
		rng := synth.Rand(seed)
		b := graph.NewBuilder[int](graph.BuilderOptions{Directed: seed%2 == 0, Multi: true})
		for u := range 60 {
			b.AddNode(u)
		}
		for range 10 * (1 + seed) {
			b.AddEdge(rng.IntN(60), rng.IntN(60), weights[rng.IntN(len(weights))])
		}
		g, err := b.Build()
		require.NoError(t, err)
		forest, err := graph.SpanningForest(t.Context(), g, graph.SpanningForestOptions{})
		require.NoError(t, err)
		require.Equal(t, kruskal(g), forest.Edges)
	}
}

// prim grows trees by the lightest edge that leaves them.
func (g naive) prim() (weight float64) {
	in := make([]bool, g.n)
	for start := range g.n {
		for next, least := start, 0.0; next >= 0 && !in[next]; {
			in[next] = true
			weight += least
			next, least = -1, math.Inf(1)
			for u, row := range g.out {
				for v, w := range row {
					if in[u] != in[v] && w < least { // the trees before are complete: no edge leaves them
						next, least = u, w
						if in[u] {
							next = v
						}
					}
				}
			}
		}
	}
	return weight
}

func TestCutsOfParallelEdges(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 1}, edge{"a", "b", 1}, edge{"b", "c", 2}, edge{"c", "c", 1})
	cuts, err := graph.Cuts(t.Context(), g, graph.CutsOptions{})
	require.NoError(t, err)
	require.Equal(t, []edge{{"b", "c", 2}}, cuts.Bridges)
	require.Equal(t, []string{"b"}, cuts.Articulation)
	forest, err := graph.SpanningForest(t.Context(), g, graph.SpanningForestOptions{})
	require.NoError(t, err)
	require.Equal(t, []edge{{"a", "b", 1}, {"b", "c", 2}}, forest.Edges)
	require.Equal(t, 3.0, forest.Weight)
	require.Equal(t, 1, forest.Trees)
}
