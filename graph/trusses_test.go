package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestNetworkXAgreesOnTrusses(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		trusses, err := graph.Trusses(t.Context(), g, graph.TrussesOptions{})
		require.NoError(t, err)
		for i, number := range want.Trusses {
			require.Equal(t, number, trusses.Of(int(want.Edges[i][0]), int(want.Edges[i][1])))
		}
	})
}

// truss takes edges away that are in too few triangles until none is.
func (g naive) truss(k int) map[[2]int]bool {
	sets := g.around()
	for changed := true; changed; {
		changed = false
		for u := range sets {
			for v := range sets[u] {
				triangles := 0
				for x := range sets[u] {
					if sets[v][x] {
						triangles++
					}
				}
				if triangles < k-2 {
					delete(sets[u], v)
					delete(sets[v], u)
					changed = true
				}
			}
		}
	}
	edges := map[[2]int]bool{}
	for u := range sets {
		for v := range sets[u] {
			edges[[2]int{u, v}] = true
		}
	}
	return edges
}

func TestTrussesAreWhatRemovalLeaves(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		trusses, err := graph.Trusses(t.Context(), g, graph.TrussesOptions{})
		require.NoError(t, err)
		require.Len(t, trusses.Numbers, g.Size())
		for k := 2; k <= trusses.Max+1; k++ {
			want := n.truss(k)
			for e := range g.Edges() {
				require.Equal(t, want[[2]int{e.From, e.To}], trusses.Of(e.From, e.To) >= k, "%d %v", k, e)
			}
			for e := range trusses.Members(k) {
				require.True(t, want[[2]int{e.From, e.To}])
			}
		}
	})
	hub := graph.NewBuilder[int](graph.BuilderOptions{})
	for u := range 100 {
		hub.AddEdge(1000, u, 1)
	}
	hub.AddEdge(3, 4, 1)
	g, err := hub.Build()
	require.NoError(t, err)
	trusses, err := graph.Trusses(t.Context(), g, graph.TrussesOptions{})
	require.NoError(t, err)
	require.Len(t, slices.Collect(trusses.Members(3)), 3, "long rows are searched")
}

func TestTrussesOfOddGraphs(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true, Directed: true},
		edge{"a", "b", 1}, edge{"b", "a", 1}, edge{"a", "b", 1}, edge{"a", "a", 1})
	trusses, err := graph.Trusses(t.Context(), g, graph.TrussesOptions{})
	require.NoError(t, err)
	require.Equal(t, []int32{0, 2, 2, 2}, trusses.Numbers)
	require.Zero(t, trusses.Of("a", "x"))
	_, err = graph.Trusses(t.Context(), g, graph.TrussesOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	empty, err := graph.Trusses(t.Context(), new(graph.Graph[int]), graph.TrussesOptions{})
	require.NoError(t, err)
	require.Zero(t, empty.Max)
}
