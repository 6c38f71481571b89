package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestEdgesHaveTheIndexOfTheirPlaceInEdges(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		seen := graph.EdgeAttr[int](g)
		i := 0
		for e := range g.Edges() {
			index, ok := g.EdgeIndex(e.From, e.To)
			require.True(t, ok)
			require.Equal(t, i, index)
			at, ok := g.EdgeAt(i)
			require.True(t, ok)
			require.Equal(t, e, at)
			i++
		}
		c := g.CSR()
		for u := range int32(c.Order()) {
			for j, v := range c.Out(u) {
				index := c.EdgeIndex(u, j)
				e, ok := g.EdgeAt(index)
				require.True(t, ok)
				from, to := int32(e.From), int32(e.To)
				require.True(t, from == u && to == v || !g.Directed() && from == v && to == u)
				seen[index]++
			}
			require.Equal(t, -1, c.EdgeIndex(u, len(c.Out(u))))
		}
		for i, n := range seen {
			e, _ := g.EdgeAt(i)
			if g.Directed() || e.From == e.To {
				require.Equal(t, 1, n)
			} else {
				require.Equal(t, 2, n, "both directions share an index")
			}
		}
		_, ok := g.EdgeAt(g.Size())
		require.False(t, ok)
		_, ok = g.EdgeIndex(-1, 0)
		require.False(t, ok)
		require.Equal(t, -1, c.EdgeIndex(int32(c.Order()), 0))
	})
	var none graph.Graph[int]
	_, ok := none.EdgeIndex(0, 1)
	require.False(t, ok)
	require.Empty(t, graph.NodeAttr[string](&none))
}

func TestParallelEdgesHaveIndicesThatFollow(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 1}, edge{"b", "a", 2}, edge{"a", "c", 3}, edge{"b", "b", 4})
	i, ok := g.EdgeIndex("b", "a")
	require.True(t, ok)
	require.Equal(t, 0, i)
	b, _ := g.Index("b")
	indices := []int{}
	for j := range g.CSR().Out(b) {
		indices = append(indices, g.CSR().EdgeIndex(b, j))
	}
	require.Equal(t, []int{0, 1, 3}, indices)
}

func TestFilterKeepsWhatTheFunctionsSay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		node, edges := graph.NodeAttr[bool](g), graph.EdgeAttr[bool](g)
		for i := range node {
			node[i] = rng.IntN(4) > 0
		}
		for i := range edges {
			edges[i] = rng.IntN(4) > 0
		}
		var want []graph.Edge[int]
		i := 0
		for e := range g.Edges() {
			if node[e.From] && node[e.To] && edges[i] {
				want = append(want, e)
			}
			i++
		}
		for _, drop := range []bool{false, true} {
			s, err := graph.Filter(context.Background(), g, graph.FilterOptions[int]{
				Node: func(i int32, k int) bool { return node[i] && int(i) == k },
				Edge: func(i int, e graph.Edge[int]) bool {
					at, _ := g.EdgeAt(i)
					return edges[i] && at == e
				},
				DropIsolated: drop,
			})
			require.NoError(t, err)
			require.Equal(t, want, slices.Collect(s.Graph.Edges()))
			require.Equal(t, g.Directed(), s.Graph.Directed())
			for i, whole := range s.Edges {
				a, _ := s.Graph.EdgeAt(i)
				b, _ := g.EdgeAt(int(whole))
				require.Equal(t, b, a)
			}
			require.Len(t, s.Nodes, s.Graph.Order())
			for i, whole := range s.Nodes {
				k, ok := s.Graph.Key(int32(i))
				require.True(t, ok)
				require.Equal(t, int(whole), k)
				index, ok := s.Graph.Index(k)
				require.True(t, ok)
				require.Equal(t, int32(i), index)
				require.True(t, node[whole])
				require.True(t, !drop || s.Graph.Degree(k) > 0)
			}
			for _, kept := range node.Pick(s.Nodes) {
				require.True(t, kept)
			}
		}
	})
}

func TestFilterWithoutOptionsIsTheGraph(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 2}, edge{"b", "a", 3}, edge{"c", "c", 1})
	s, err := graph.Filter(context.Background(), g, graph.FilterOptions[string]{})
	require.NoError(t, err)
	requireSameGraph(t, g, s.Graph)
}

func TestInduced(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 2}, edge{"b", "c", 3}, edge{"c", "a", 1})
	s, err := graph.Induced(context.Background(), g, []string{"c", "b", "c"})
	require.NoError(t, err)
	require.Equal(t, []string{"b", "c"}, slices.Collect(s.Graph.Nodes()))
	require.Equal(t, []edge{{"b", "c", 3}}, slices.Collect(s.Graph.Edges()))
	_, err = graph.Induced(context.Background(), g, []string{"x"})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestWindowIsHalfOpen(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC) }
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 1}, edge{"b", "c", 1}, edge{"c", "a", 1})
	s, err := graph.Window(context.Background(), g, graph.Attr[time.Time]{day(1), day(2), day(3)}, day(1), day(3))
	require.NoError(t, err)
	require.Equal(t, []edge{{"a", "b", 1}, {"b", "c", 1}}, slices.Collect(s.Graph.Edges()))
	require.Equal(t, 3, s.Graph.Order())
	_, err = graph.Window(context.Background(), g, nil, day(1), day(3))
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestReverseTurnsEdges(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		r, err := graph.Reverse(context.Background(), g)
		require.NoError(t, err)
		require.Equal(t, g.Size(), r.Size())
		require.Equal(t, g.Weighted(), r.Weighted())
		for e := range g.Edges() {
			want, _ := g.Weight(e.From, e.To)
			w, ok := r.Weight(e.To, e.From)
			require.True(t, ok)
			require.Equal(t, want, w)
		}
		back, err := graph.Reverse(context.Background(), r)
		require.NoError(t, err)
		requireSameGraph(t, g, back)
	})
}

func TestViewsReportContextsAndNil(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, g := range []*graph.Graph[int]{nil, large(t, true)} {
		is, ctx := error(context.Canceled), ended
		if g == nil {
			is, ctx = quintet.ErrInput, context.Background()
		}
		_, err := graph.Filter(ctx, g, graph.FilterOptions[int]{})
		require.ErrorIs(t, err, is)
		_, err = graph.Induced(ctx, g, nil)
		require.ErrorIs(t, err, is)
		_, err = graph.Window(ctx, g, nil, time.Time{}, time.Time{})
		require.ErrorIs(t, err, is)
		_, err = graph.Reverse(ctx, g)
		require.ErrorIs(t, err, is)
	}
}

func ExampleFilter() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("ann", "bob", 1)
	b.AddEdge("bob", "cleo", 1)
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	kind := graph.EdgeAttr[string](g)
	i, _ := g.EdgeIndex("ann", "bob")
	kind[i] = "knows"
	s, err := graph.Filter(context.Background(), g, graph.FilterOptions[string]{
		Edge: func(i int, _ graph.Edge[string]) bool { return kind[i] == "knows" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range s.Graph.Edges() {
		fmt.Println(e.From, e.To)
	}
	fmt.Println(kind.Pick(s.Edges))
	// Output:
	// ann bob
	// [knows]
}
