package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// lengths relaxes every edge as often as there are nodes. It reports whether a
// length still falls then.
func (g naive) lengths(source int) (d []float64, cycle bool) {
	d = slices.Repeat([]float64{math.Inf(1)}, g.n)
	d[source] = 0
	for range g.n + 1 {
		cycle = false
		for u := range g.n {
			for v, w := range g.out[u] {
				if l := d[u] + w; l < d[v] {
					d[v], cycle = l, true
				}
			}
		}
	}
	return d, cycle
}

// simplePaths returns the lengths of all paths that pass no node twice.
func (g naive) simplePaths(s, t int) []float64 {
	var out []float64
	seen := make([]bool, g.n)
	var visit func(u int, length float64)
	visit = func(u int, length float64) {
		if u == t {
			out = append(out, length)
			return
		}
		seen[u] = true
		for v, w := range g.out[u] {
			if !seen[v] {
				visit(v, length+w)
			}
		}
		seen[u] = false
	}
	visit(s, 0)
	slices.Sort(out)
	return out
}

// requirePath holds a path against its ends, its edges and its length. Weights
// are in quarters, so that sums are exact.
func requirePath(t *testing.T, g *graph.Graph[int], from, to int, length float64, p graph.Path[int]) {
	t.Helper()
	require.Equal(t, length, p.Length)
	require.Equal(t, !math.IsInf(length, 1), p.Found())
	if !p.Found() {
		require.Nil(t, p.Nodes)
		return
	}
	require.Equal(t, from, p.Nodes[0])
	require.Equal(t, to, p.Nodes[len(p.Nodes)-1])
	var sum float64
	for i := 1; i < len(p.Nodes); i++ {
		w, ok := g.Weight(p.Nodes[i-1], p.Nodes[i])
		require.True(t, ok)
		sum += w
	}
	require.Equal(t, length, sum)
}

func TestShortestPathsAreThoseOfTheNaiveSearch(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		source := n.n / 2
		want, cycle := n.lengths(source)
		require.False(t, cycle)
		tree, err := graph.Dijkstra(t.Context(), g, source, graph.DijkstraOptions{})
		require.NoError(t, err)
		require.Equal(t, want, tree.Lengths)
		for _, workers := range workerCounts {
			for _, delta := range []float64{0, 0.1, 1e9} {
				o := graph.DeltaSteppingOptions{Workers: workers, Delta: delta}
				got, err := graph.DeltaStepping(t.Context(), g, source, o)
				require.NoError(t, err)
				require.Equal(t, tree, got)
			}
		}
		ford, err := graph.BellmanFord(t.Context(), g, source, graph.BellmanFordOptions{})
		require.NoError(t, err)
		require.Equal(t, want, ford.Lengths)
		hops := n.distances(source)
		for to := range n.n {
			requirePath(t, g, source, to, want[to], tree.Path(to))
			requirePath(t, g, source, to, want[to], ford.Path(to))
			p, err := graph.ShortestPath(t.Context(), g, source, to, graph.ShortestPathOptions{})
			require.NoError(t, err)
			requirePath(t, g, source, to, want[to], p)
			p, err = graph.ShortestPath(t.Context(), g, source, to, graph.ShortestPathOptions{Hops: true})
			require.NoError(t, err)
			require.Len(t, p.Nodes, hops[to]+1)
			if n.n > 30 {
				continue
			}
			// Half the length of a shortest path is a bound, and not a consistent one if it is 0 at places.
			rest, _ := n.reversed().lengths(to)
			bound := func(u int) float64 {
				if u%3 == 0 {
					return 0
				}
				return rest[u] * float64(u%3) / 2
			}
			p, err = graph.AStar(t.Context(), g, source, to, bound, graph.AStarOptions{})
			require.NoError(t, err)
			requirePath(t, g, source, to, want[to], p)
		}
	})
}

func (g naive) reversed() naive {
	r := naive{n: g.n, out: map[int]map[int]float64{}}
	for u, row := range g.out {
		for v, w := range row {
			if r.out[v] == nil {
				r.out[v] = map[int]float64{}
			}
			r.out[v][u] = w
		}
	}
	return r
}

func TestKShortestPathsAreTheFirstOfAll(t *testing.T) {
	for seed := range uint64(30) {
		g, n := sample(t, seed, 9, 14+int(seed)%8, seed%2 == 0)
		want := n.simplePaths(0, 8)
		for _, k := range []int{1, 2, 5, 1000} {
			paths, err := graph.KShortestPaths(t.Context(), g, 0, 8, graph.KShortestPathsOptions{Paths: k})
			require.NoError(t, err)
			require.Len(t, paths, min(k, len(want)))
			seen := [][]int{}
			for i, p := range paths {
				requirePath(t, g, 0, 8, want[i], p)
				require.NotContains(t, seen, p.Nodes)
				require.Len(t, slices.Compact(slices.Sorted(slices.Values(p.Nodes))), len(p.Nodes), "no node twice")
				seen = append(seen, p.Nodes)
			}
		}
	}
}

func TestShortestPathsOfOddGraphs(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true, Multi: true})
	for _, e := range []edge{{"a", "b", 4}, {"a", "b", 1}, {"b", "c", 0}, {"c", "b", 0}, {"c", "c", 0}, {"c", "d", 1e30}} {
		b.AddEdge(e.From, e.To, e.Weight)
	}
	b.AddNode("e")
	g, err := b.Build()
	require.NoError(t, err)
	tree, err := graph.Dijkstra(t.Context(), g, "a", graph.DijkstraOptions{})
	require.NoError(t, err)
	require.Equal(t, []int32{-1, 0, 1, 2, -1}, tree.Parents)
	require.Equal(t, 4, tree.Reached)
	require.Equal(t, []string{"a", "b", "c"}, tree.Path("c").Nodes)
	require.Equal(t, 1.0, tree.Length("c"), "the lighter of two parallel edges")
	for _, k := range []string{"e", "nobody"} {
		require.False(t, tree.Path(k).Found())
		require.Equal(t, math.Inf(1), tree.Length(k))
		require.Equal(t, math.Inf(1), tree.Path(k).Length)
	}
	for _, delta := range []float64{0, 5e-324, 1e-3, math.MaxFloat64} {
		got, err := graph.DeltaStepping(t.Context(), g, "a", graph.DeltaSteppingOptions{Delta: delta})
		require.NoError(t, err)
		require.Equal(t, tree, got)
	}
	near, err := graph.Dijkstra(t.Context(), g, "a", graph.DijkstraOptions{MaxLength: 1})
	require.NoError(t, err)
	require.Equal(t, 3, near.Reached)
	require.False(t, near.Path("d").Found())
	short, err := graph.DeltaStepping(t.Context(), g, "a", graph.DeltaSteppingOptions{LengthsOnly: true})
	require.NoError(t, err)
	require.Equal(t, tree.Lengths, short.Lengths)
	require.Equal(t, graph.Path[string]{Length: 1}, short.Path("c"))
	same, err := graph.KShortestPaths(t.Context(), g, "a", "a", graph.KShortestPathsOptions{})
	require.NoError(t, err)
	require.Equal(t, []graph.Path[string]{{Nodes: []string{"a"}}}, same)
	none, err := graph.KShortestPaths(t.Context(), g, "d", "a", graph.KShortestPathsOptions{})
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestBellmanFord(t *testing.T) {
	directed := graph.BuilderOptions{Directed: true}
	g := build(t, directed, edge{"a", "b", 4}, edge{"a", "c", 5}, edge{"c", "b", -3}, edge{"b", "d", 1},
		edge{"d", "c", 2}, edge{"y", "z", -1}, edge{"z", "y", -1})
	tree, err := graph.BellmanFord(t.Context(), g, "a", graph.BellmanFordOptions{})
	require.NoError(t, err, "the negative cycle is out of reach")
	require.Equal(t, 3.0, tree.Length("d"))
	require.Equal(t, []string{"a", "c", "b", "d"}, tree.Path("d").Nodes)

	tests := map[string]*graph.Graph[string]{
		"a cycle":                     build(t, directed, edge{"a", "b", 4}, edge{"b", "c", -3}, edge{"c", "b", 2}),
		"a loop":                      build(t, directed, edge{"a", "b", 4}, edge{"b", "b", -1}),
		"an undirected negative edge": build(t, graph.BuilderOptions{}, edge{"a", "b", 4}, edge{"b", "c", -1}),
	}
	for name, g := range tests {
		t.Run(name, func(t *testing.T) {
			tree, err := graph.BellmanFord(t.Context(), g, "a", graph.BellmanFordOptions{})
			require.Nil(t, tree)
			require.ErrorIs(t, err, quintet.ErrInput)
			var cycle *graph.NegativeCycleError[string]
			require.ErrorAs(t, err, &cycle)
			sum := 0.0
			for i, k := range cycle.Nodes {
				w, ok := g.Weight(k, cycle.Nodes[(i+1)%len(cycle.Nodes)])
				require.True(t, ok)
				sum += w
			}
			require.Negative(t, sum)
			require.Contains(t, err.Error(), "negative cycle")
		})
	}
}

func TestBellmanFordFindsEveryNegativeCycle(t *testing.T) {
	for seed := range uint64(60) {
		_, n := sample(t, seed, 12, 30, true)
		b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
		for u := range n.n {
			b.AddNode(u)
		}
		for u := range n.n {
			for v := range n.n {
				if w, ok := n.out[u][v]; ok {
					n.out[u][v] = w - float64(seed%3)/2
					b.AddEdge(u, v, float32(n.out[u][v]))
				}
			}
		}
		g, err := b.Build()
		require.NoError(t, err)
		want, cycle := n.lengths(0)
		tree, err := graph.BellmanFord(t.Context(), g, 0, graph.BellmanFordOptions{})
		require.Equal(t, cycle, err != nil)
		if err == nil {
			require.Equal(t, want, tree.Lengths)
		}
	}
}

func TestShortestPathsRefuse(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	tests := map[string]struct {
		call  func() error
		cause error
	}{
		"an unknown source": {func() error {
			_, err := graph.Dijkstra(t.Context(), g, "x", graph.DijkstraOptions{})
			return err
		}, quintet.ErrInput},
		"a negative weight": {func() error {
			_, err := graph.DeltaStepping(t.Context(), negative, "a", graph.DeltaSteppingOptions{})
			return err
		}, quintet.ErrInput},
		"a negative limit": {func() error {
			_, err := graph.Dijkstra(t.Context(), g, "a", graph.DijkstraOptions{MaxLength: -1})
			return err
		}, quintet.ErrOption},
		"an infinite delta": {func() error {
			_, err := graph.DeltaStepping(t.Context(), g, "a", graph.DeltaSteppingOptions{Delta: math.Inf(1)})
			return err
		}, quintet.ErrOption},
		"an unknown target": {func() error {
			_, err := graph.ShortestPath(t.Context(), g, "a", "x", graph.ShortestPathOptions{})
			return err
		}, quintet.ErrInput},
		"a nil heuristic": {func() error {
			_, err := graph.AStar(t.Context(), g, "a", "b", nil, graph.AStarOptions{})
			return err
		}, quintet.ErrInput},
		"a heuristic that is not a number": {func() error {
			nan := func(string) float64 { return math.NaN() }
			_, err := graph.AStar(t.Context(), g, "a", "b", nan, graph.AStarOptions{})
			return err
		}, quintet.ErrInput},
		"a negative number of paths": {func() error {
			_, err := graph.KShortestPaths(t.Context(), g, "a", "b", graph.KShortestPathsOptions{Paths: -1})
			return err
		}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, tt.call(), tt.cause) })
	}
	p, err := graph.ShortestPath(t.Context(), negative, "a", "b", graph.ShortestPathOptions{Hops: true})
	require.NoError(t, err, "weights do not matter")
	require.Equal(t, 1.0, p.Length)
}
