package graph_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// ring is a ring of n nodes, each joined to the two on either side.
func ring(b *graph.Builder[int], n int) {
	for i := range n {
		b.AddEdge(i, (i+1)%n, 1)
		b.AddEdge(i, (i+2)%n, 1)
	}
}

func ExampleAnomalies() {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	ring(b, 30)
	for i := range 10 {
		b.AddEdge(0, 3*i+5, 1) // one knows many
	}
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	unusual, err := graph.Anomalies(context.Background(), g, graph.AnomaliesOptions{Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	a := unusual[0]
	fmt.Printf("node %d: %s %.0f where %.0f is usual", a.Node, a.Feature, a.Value, a.Median)
	// Output: node 0: degree 13 where 4 is usual
}

func TestAnomaliesFollowTheirFormula(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		got, err := graph.Anomalies(t.Context(), g, graph.AnomaliesOptions{Threshold: 1, Limit: 1000, Workers: 2})
		require.NoError(t, err)
		c, err := graph.Clustering(t.Context(), g, graph.ClusteringOptions{})
		require.NoError(t, err)
		for i, a := range got {
			require.True(t, i == 0 || got[i-1].Score >= a.Score)
			require.GreaterOrEqual(t, a.Score, 1.0)
			want := float64(g.Degree(a.Node))
			if a.Feature == graph.FeatureClustering {
				want = c.Of(a.Node)
			}
			require.Equal(t, want, a.Value)
		}
	})
	// The degrees of this star, as ln(1+degree), are ln 2 four times and ln 5 once.
	star := build(t, graph.BuilderOptions{}, edge{"hub", "a", 1}, edge{"hub", "b", 1}, edge{"hub", "c", 1}, edge{"hub", "d", 1})
	got, err := graph.Anomalies(t.Context(), star, graph.AnomaliesOptions{})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.InDelta(t, 1.0, got[0].Median, 1e-12)
	require.InDelta(t, 5/1.2533, got[0].Score, 1e-12, "the mean, since most are alike")
}

func TestAlikeNodesAreNotUnusual(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	ring(b, 12)
	g, err := b.Build()
	require.NoError(t, err)
	for name, g := range map[string]*graph.Graph[int]{"a ring": g, "nothing": new(graph.Graph[int])} {
		got, err := graph.Anomalies(t.Context(), g, graph.AnomaliesOptions{})
		require.NoError(t, err)
		require.Empty(t, got, name)
	}
}

func TestACliqueAmongStrangersIsUnusual(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	g, err := graph.Random(graph.RandomOptions{Nodes: 300, Edges: 900, Seed: 1})
	require.NoError(t, err)
	for e := range g.Edges() {
		b.AddEdge(e.From, e.To, 1)
	}
	for u := 1000; u < 1005; u++ {
		for v := 1000; v < u; v++ {
			b.AddEdge(v, u, 1)
		}
	}
	g, err = b.Build()
	require.NoError(t, err)
	got, err := graph.Anomalies(t.Context(), g, graph.AnomaliesOptions{})
	require.NoError(t, err)
	for i := range 5 {
		require.Equal(t, graph.FeatureClustering, got[i].Feature)
		require.Equal(t, 1000+i, got[i].Node)
		require.Equal(t, 1.0, got[i].Value)
	}
}

func TestAnomaliesRefuse(t *testing.T) {
	g := links(t, true)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		g    *graph.Graph[string]
		o    graph.AnomaliesOptions
		want error
	}{
		"a nil graph":             {t.Context(), nil, graph.AnomaliesOptions{}, quintet.ErrInput},
		"a threshold that is NaN": {t.Context(), g, graph.AnomaliesOptions{Threshold: math.NaN()}, quintet.ErrOption},
		"a negative limit":        {t.Context(), g, graph.AnomaliesOptions{Limit: -1}, quintet.ErrOption},
		"negative workers":        {t.Context(), g, graph.AnomaliesOptions{Workers: -1}, quintet.ErrOption},
		"after its context":       {over, g, graph.AnomaliesOptions{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.Anomalies(tt.ctx, tt.g, tt.o)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
