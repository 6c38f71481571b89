package graph_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestNetworkXAgreesOnFlowsAndMatchings(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		for _, pair := range want.Flow {
			f, err := graph.MaxFlow(t.Context(), g, pair.From, pair.To, graph.MaxFlowOptions{})
			require.NoError(t, err)
			require.Equal(t, pair.Value, f.Value)
		}
		if want.Matching != nil {
			m, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
			require.NoError(t, err)
			require.Equal(t, *want.Matching, m.Size)
			requireMatching(t, g, m)
		}
		if want.Dominators != nil {
			d, err := graph.Dominators(t.Context(), g, 0, graph.DominatorsOptions{})
			require.NoError(t, err)
			require.Equal(t, want.Dominators, d.Parents)
		}
	})
	data, err := os.ReadFile("testdata/analytics.json")
	require.NoError(t, err)
	var all struct{ Bipartite []twoSided }
	require.NoError(t, json.Unmarshal(data, &all))
	for _, want := range all.Bipartite {
		k := known{Nodes: want.Nodes}
		for _, e := range want.Edges {
			k.Edges = append(k.Edges, [3]float32{e[0], e[1], 1})
		}
		m, err := graph.BipartiteMatching(t.Context(), k.build(t, nil), graph.BipartiteMatchingOptions{})
		require.NoError(t, err)
		require.Equal(t, want.Matching, m.Size)
	}
}

// requireFlow holds a flow against its definition, and against the cut, which
// proves that no flow is larger.
func requireFlow(t *testing.T, g *graph.Graph[int], f *graph.Flow[int], source, sink int) {
	t.Helper()
	require.Len(t, f.Values, g.Size())
	net, within, i := make([]float64, g.Order()), true, 0
	for e := range g.Edges() {
		x, least := f.Values[i], 0.0
		if !g.Directed() {
			least = -float64(e.Weight)
		}
		within = within && least <= x && x <= float64(e.Weight)
		net[e.From] += x
		net[e.To] -= x
		i++
	}
	require.True(t, within, "no edge carries more than its weight")
	want := make([]float64, g.Order())
	want[source], want[sink] = f.Value, -f.Value
	require.Equal(t, want, net, "what comes leaves")
	cut := 0.0
	for _, e := range f.Cut() {
		cut += float64(e.Weight)
	}
	require.Equal(t, f.Value, cut)
	s, _ := g.Index(source)
	to, _ := g.Index(sink)
	require.True(t, f.Side[s])
	require.False(t, f.Side[to])
}

func TestFlowsAreAsLargeAsCuts(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		if n.n < 2 {
			return
		}
		for _, sink := range []int{1, n.n / 2, n.n - 1} {
			f, err := graph.MaxFlow(t.Context(), g, 0, sink, graph.MaxFlowOptions{})
			require.NoError(t, err)
			requireFlow(t, g, f, 0, sink)
			require.Equal(t, n.distances(0)[sink] >= 0, f.Value > 0)
			for e := range g.Edges() {
				if !g.Directed() && f.Of(e.From, e.To) != -f.Of(e.To, e.From) {
					t.Fatalf("%v", e)
				}
			}
		}
	})
	for _, directed := range []bool{false, true} {
		g := weighted(t, directed)
		f, err := graph.MaxFlow(t.Context(), g, 11, 15, graph.MaxFlowOptions{})
		require.NoError(t, err)
		requireFlow(t, g, f, 11, 15)
	}
}

func TestFlowsOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true, Directed: true},
		edge{"a", "b", 1}, edge{"a", "b", 2}, edge{"b", "b", 5}, edge{"b", "c", 9}, edge{"d", "c", 1})
	f, err := graph.MaxFlow(t.Context(), g, "a", "c", graph.MaxFlowOptions{})
	require.NoError(t, err)
	require.Equal(t, 3.0, f.Value)
	require.Equal(t, []float64{1, 2, 0, 3, 0}, f.Values)
	require.Equal(t, 3.0, f.Of("a", "b"))
	require.Zero(t, f.Of("a", "x"))
	f, err = graph.MaxFlow(t.Context(), g, "c", "a", graph.MaxFlowOptions{})
	require.NoError(t, err)
	require.Zero(t, f.Value)
	require.Empty(t, f.Cut())
	_, err = graph.MaxFlow(t.Context(), g, "a", "a", graph.MaxFlowOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.MaxFlow(t.Context(), g, "a", "x", graph.MaxFlowOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err = graph.MaxFlow(t.Context(), negative, "a", "b", graph.MaxFlowOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func requireMatching(t *testing.T, g *graph.Graph[int], m *graph.Matching[int]) {
	t.Helper()
	require.Len(t, m.Mates, g.Order())
	size := 0
	for u, v := range m.Pairs() {
		require.NotEqual(t, u, v)
		require.True(t, g.HasEdge(u, v) || g.HasEdge(v, u))
		mate, ok := m.Of(v)
		require.True(t, ok)
		require.Equal(t, u, mate)
		size++
	}
	require.Equal(t, m.Size, size)
}

// matching tries, for each node in turn, to leave it alone or to match it.
func (g naive) matching(sets []map[int]bool, u int, used []bool) int {
	if u == g.n {
		return 0
	}
	best := g.matching(sets, u+1, used)
	if used[u] {
		return best
	}
	used[u] = true
	for v := range sets[u] {
		if v > u && !used[v] {
			used[v] = true
			best = max(best, 1+g.matching(sets, u+1, used))
			used[v] = false
		}
	}
	used[u] = false
	return best
}

func TestMatchingsAreMaximum(t *testing.T) {
	for seed := range uint64(300) {
		nodes := 2 + int(seed%9)
		g, n := sample(t, seed, nodes, nodes+int(seed%7), seed%2 == 0)
		m, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
		require.NoError(t, err)
		requireMatching(t, g, m)
		require.Equal(t, n.matching(n.around(), 0, make([]bool, nodes)), m.Size)
	}
	// Five cliques of odd order, joined by a node: each leaves one node over.
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for k := range 5 {
		for u := range 7 {
			b.AddEdge(1000, 10*k+u, 1)
			for v := range u {
				b.AddEdge(10*k+u, 10*k+v, 1)
			}
		}
	}
	g, err := b.Build()
	require.NoError(t, err)
	m, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
	require.NoError(t, err)
	require.Equal(t, 5*3+1, m.Size)
}

// A matching of two sides is a flow through edges of weight 1.
func TestBipartiteMatchingsAreFlows(t *testing.T) {
	for seed := range uint64(60) {
		rng := synth.Rand(seed)
		left, right := 1+rng.IntN(30), 1+rng.IntN(30)
		b := graph.NewBuilder[int](graph.BuilderOptions{})
		net := graph.NewBuilder[int](graph.BuilderOptions{Directed: true, Unweighted: true})
		net.AddNode(-1)
		net.AddNode(-2)
		for range rng.IntN(2*left + 2*right) {
			u, v := rng.IntN(left), 100+rng.IntN(right)
			b.AddEdge(u, v, 1)
			net.AddEdge(-1, u, 1)
			net.AddEdge(u, v, 1)
			net.AddEdge(v, -2, 1)
		}
		g, err := b.Build()
		require.NoError(t, err)
		flowing, err := net.Build()
		require.NoError(t, err)
		f, err := graph.MaxFlow(t.Context(), flowing, -1, -2, graph.MaxFlowOptions{})
		require.NoError(t, err)
		m, err := graph.BipartiteMatching(t.Context(), g, graph.BipartiteMatchingOptions{})
		require.NoError(t, err)
		requireMatching(t, g, m)
		require.Equal(t, int(f.Value), m.Size)
		any, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
		require.NoError(t, err)
		require.Equal(t, m.Size, any.Size)
	}
}

func TestMatchingsRefuse(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true, Multi: true},
		edge{"a", "b", 1}, edge{"b", "c", 1}, edge{"c", "a", 1}, edge{"a", "a", 1}, edge{"b", "a", -1})
	_, err := graph.BipartiteMatching(t.Context(), g, graph.BipartiteMatchingOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	m, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, m.Size)
	_, ok := m.Of("x")
	require.False(t, ok)
	empty, err := graph.BipartiteMatching(t.Context(), new(graph.Graph[int]), graph.BipartiteMatchingOptions{})
	require.NoError(t, err)
	require.Zero(t, empty.Size)
}

func TestDominatorsAreTheNodesThatCutAllPaths(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		d, err := graph.Dominators(t.Context(), g, 0, graph.DominatorsOptions{})
		require.NoError(t, err)
		reached := n.distances(0)
		dominated := make([]map[int]bool, n.n)
		for v := range n.n {
			dominated[v] = map[int]bool{}
			without := naive{n: n.n, out: map[int]map[int]float64{}}
			for x, row := range n.out {
				if x != v {
					without.out[x] = row
				}
			}
			for u, distance := range without.distances(0) {
				if reached[u] >= 0 && (distance < 0 || u == v) {
					dominated[v][u] = true
				}
			}
		}
		for u := range n.n {
			chain := map[int]bool{}
			for _, v := range d.Chain(u) {
				chain[v] = true
			}
			for v := range n.n {
				if reached[u] >= 0 {
					require.Equal(t, dominated[v][u] || v == 0, chain[v], "%d dominates %d", v, u)
				}
			}
			dominator, ok := d.Of(u)
			require.Equal(t, reached[u] > 0, ok)
			if ok {
				require.Equal(t, d.Chain(dominator), d.Chain(u)[:len(d.Chain(u))-1])
			}
		}
	})
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	_, err := graph.Dominators(t.Context(), g, "x", graph.DominatorsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}
