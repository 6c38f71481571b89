package graph_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func ExampleRetrieve() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("radium", "Marie Curie", 3)
	b.AddEdge("Marie Curie", "Paris", 1)
	b.AddEdge("Paris", "Seine", 1)
	b.AddEdge("Seine", "boats", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	near, err := graph.Retrieve(context.Background(), g, map[string]float64{"radium": 1}, graph.RetrieveOptions{Nodes: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range near.Nodes {
		fmt.Println(r.Node)
	}
	fmt.Println(near.Edges)
	// Output:
	// radium
	// Marie Curie
	// [{radium Marie Curie 3}]
}

func TestRetrieveReturnsTheNeighbourhood(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		seeds := map[int]float64{0: 1, g.Order() / 2: 3}
		ranks, err := graph.PushPageRank(t.Context(), g, seeds, graph.PushPageRankOptions{})
		require.NoError(t, err)
		want := slices.DeleteFunc(ranks.Top(5), func(r graph.Ranked[int]) bool { return r.Score == 0 })
		var edges []graph.Edge[int]
		in := func(k int) bool {
			return slices.ContainsFunc(want, func(r graph.Ranked[int]) bool { return r.Node == k })
		}
		for e := range g.Edges() {
			if in(e.From) && in(e.To) {
				edges = append(edges, e)
			}
		}
		slices.SortStableFunc(edges, func(a, b graph.Edge[int]) int { return cmp.Compare(b.Weight, a.Weight) })
		got, err := graph.Retrieve(t.Context(), g, seeds, graph.RetrieveOptions{Nodes: 5, Edges: 4})
		require.NoError(t, err)
		require.Equal(t, want, got.Nodes)
		require.Equal(t, edges[:min(4, len(edges))], got.Edges)
		require.Equal(t, ranks.Residual, got.Residual)
	})
}

func TestRetrieveRefuses(t *testing.T) {
	g := links(t, true)
	for name, tt := range map[string]struct {
		seeds map[string]float64
		o     graph.RetrieveOptions
		want  error
	}{
		"no seeds":         {nil, graph.RetrieveOptions{}, quintet.ErrInput},
		"an unknown seed":  {map[string]float64{"nobody": 1}, graph.RetrieveOptions{}, quintet.ErrInput},
		"negative nodes":   {map[string]float64{"home": 1}, graph.RetrieveOptions{Nodes: -1}, quintet.ErrOption},
		"negative edges":   {map[string]float64{"home": 1}, graph.RetrieveOptions{Edges: -1}, quintet.ErrOption},
		"a damping of two": {map[string]float64{"home": 1}, graph.RetrieveOptions{Push: graph.PushPageRankOptions{Damping: 2}}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.Retrieve(t.Context(), g, tt.seeds, tt.o)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
