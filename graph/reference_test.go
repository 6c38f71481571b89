package graph_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// reference is a graph of testdata/reference.json, which testdata/reference.py
// makes with NetworkX.
type reference struct {
	Name       string
	Nodes      int
	Directed   bool
	Edges      [][3]float32
	Density    float64
	Degrees    []int
	Distances  []int32
	Components [][]int
	Strong     [][]int
	PageRank   []float64 `json:"pagerank"`
	Half       []float64 `json:"pagerank_damping_half"`
	Seeds      []float64 `json:"pagerank_seeds"`
}

func groups(p *graph.Partition[int]) [][]int {
	var out [][]int
	for i := range p.Count() {
		out = append(out, slices.Sorted(p.Members(i)))
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

func TestNetworkXAgrees(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	require.NoError(t, err)
	var all []reference
	require.NoError(t, json.Unmarshal(data, &all))
	for _, want := range all {
		t.Run(want.Name, func(t *testing.T) {
			b := graph.NewBuilder[int](graph.BuilderOptions{Directed: want.Directed})
			for u := range want.Nodes {
				b.AddNode(u)
			}
			for _, e := range want.Edges {
				b.AddEdge(int(e[0]), int(e[1]), e[2])
			}
			g, err := b.Build()
			require.NoError(t, err)
			require.Equal(t, len(want.Edges), g.Size())

			p, err := graph.New[int](graph.Options{Tasks: graph.TaskStats})
			require.NoError(t, err)
			r, err := p.Run(t.Context(), g)
			require.NoError(t, err)
			require.InDelta(t, want.Density, r.Stats.Density, 1e-15)
			for u, d := range want.Degrees {
				require.Equal(t, d, g.Degree(u), "degree of %d", u)
			}
			tree, err := graph.BFS(t.Context(), g, 0, graph.BFSOptions{})
			require.NoError(t, err)
			require.Equal(t, want.Distances, tree.Distances)
			weak, err := graph.Components(t.Context(), g, graph.ComponentsOptions{})
			require.NoError(t, err)
			require.Equal(t, want.Components, groups(weak))
			strong, err := graph.StrongComponents(t.Context(), g, graph.StrongComponentsOptions{})
			require.NoError(t, err)
			require.Equal(t, want.Strong, groups(strong))

			// NetworkX stops at 1e-15 for each node; the rest is rounding.
			ranks, err := graph.PageRank(t.Context(), g, exact)
			require.NoError(t, err)
			require.InDeltaSlice(t, want.PageRank, ranks.Values, 1e-12)
			half := exact
			half.Damping = 0.5
			ranks, err = graph.PageRank(t.Context(), g, half)
			require.NoError(t, err)
			require.InDeltaSlice(t, want.Half, ranks.Values, 1e-12)
			ranks, err = graph.PersonalizedPageRank(t.Context(), g, map[int]float64{0: 3, 7: 1}, exact)
			require.NoError(t, err)
			require.InDeltaSlice(t, want.Seeds, ranks.Values, 1e-12)
		})
	}
}
