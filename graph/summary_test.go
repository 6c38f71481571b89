package graph_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func ExampleSummarizeCommunities() {
	g := clubs()
	c, err := graph.Leiden(context.Background(), g, graph.LeidenOptions{})
	if err != nil {
		log.Fatal(err)
	}
	summaries, err := graph.SummarizeCommunities(context.Background(), g, &c.Partition, graph.CommunitySummariesOptions{TopNodes: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range summaries {
		fmt.Printf("%v around %v, density %.1f\n", s.Members, s.Top[0].Node, s.Density)
	}
	// Output:
	// [a b c] around a, density 1.0
	// [x y z] around x, density 1.0
}

func TestSummariesAddUp(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		p, err := graph.Leiden(t.Context(), g, graph.LeidenOptions{})
		require.NoError(t, err)
		got, err := graph.SummarizeCommunities(t.Context(), g, &p.Partition, graph.CommunitySummariesOptions{TopNodes: 3, SampleEdges: 2})
		require.NoError(t, err)
		require.Len(t, got, p.Count())
		for i, s := range got {
			require.True(t, i == 0 || len(got[i-1].Members) >= len(s.Members))
			require.Equal(t, slices.Collect(p.Members(s.Group)), s.Members)
			requireSummary(t, g, p, s)
		}
	})
}

// requireSummary compares a summary with its definition.
func requireSummary(t *testing.T, g *graph.Graph[int], p *graph.Communities[int], s graph.CommunitySummary[int]) {
	t.Helper()
	size, inside, ends := 0, 0.0, 0.0
	central, pairs := map[int]float64{}, map[[2]int]bool{}
	heaviest := float32(0)
	for e := range g.Edges() {
		from, to := p.Of(e.From) == s.Group, p.Of(e.To) == s.Group
		for _, in := range [2]bool{from, to} {
			if in {
				ends += float64(e.Weight)
			}
		}
		if !from || !to {
			continue
		}
		size++
		inside += 2 * float64(e.Weight)
		if e.From != e.To {
			central[e.From] += float64(e.Weight)
			central[e.To] += float64(e.Weight)
			pairs[[2]int{min(e.From, e.To), max(e.From, e.To)}] = true
			heaviest = max(heaviest, e.Weight)
		}
	}
	require.Equal(t, size, s.Size)
	n := float64(len(s.Members))
	if n > 1 {
		require.InDelta(t, float64(len(pairs))/(n*(n-1)/2), s.Density, 1e-12)
	}
	if ends > 0 {
		require.InDelta(t, 1-inside/ends, s.Outward, 1e-9)
	}
	require.Len(t, s.Top, min(3, len(s.Members)))
	sum := 0.0
	for _, w := range central {
		sum += w
	}
	for i, r := range s.Top {
		require.True(t, i == 0 || s.Top[i-1].Score >= r.Score)
		if sum > 0 {
			require.InDelta(t, central[r.Node]/sum, r.Score, 1e-9)
		}
	}
	if len(pairs) > 0 {
		require.Equal(t, heaviest, s.Edges[0].Weight)
	}
	require.LessOrEqual(t, len(s.Edges), 2)
}

func TestSmallCommunitiesMayBeLeftOut(t *testing.T) {
	g := links(t, true)
	c, err := graph.Components(t.Context(), g, graph.ComponentsOptions{})
	require.NoError(t, err)
	got, err := graph.SummarizeCommunities(t.Context(), g, c, graph.CommunitySummariesOptions{MinSize: 3})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, []string{"home", "docs", "blog", "news"}, got[0].Members)
	require.Zero(t, got[0].Outward)
	require.Equal(t, 4.0/6, got[0].Density)
	require.Equal(t, "home", got[0].Top[0].Node)
	require.NotContains(t, got[0].Edges, edge{"home", "home", 1}, "no loops")
}

func TestSummariesRefuse(t *testing.T) {
	g := links(t, true)
	c, err := graph.Components(t.Context(), g, graph.ComponentsOptions{})
	require.NoError(t, err)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	parts, err := graph.Components(t.Context(), negative, graph.ComponentsOptions{})
	require.NoError(t, err)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	bad := &graph.Partition[string]{Labels: slices.Repeat([]int32{7}, g.Order()), Sizes: []int{g.Order()}}
	for name, tt := range map[string]struct {
		ctx  context.Context
		g    *graph.Graph[string]
		p    *graph.Partition[string]
		o    graph.CommunitySummariesOptions
		want error
	}{
		"a nil graph":                  {t.Context(), nil, c, graph.CommunitySummariesOptions{}, quintet.ErrInput},
		"a nil partition":              {t.Context(), g, nil, graph.CommunitySummariesOptions{}, quintet.ErrInput},
		"a partition of other nodes":   {t.Context(), g, parts, graph.CommunitySummariesOptions{}, quintet.ErrInput},
		"a label that is no group":     {t.Context(), g, bad, graph.CommunitySummariesOptions{}, quintet.ErrInput},
		"a negative weight":            {t.Context(), negative, parts, graph.CommunitySummariesOptions{}, quintet.ErrInput},
		"a negative number of nodes":   {t.Context(), g, c, graph.CommunitySummariesOptions{TopNodes: -1}, quintet.ErrOption},
		"a negative number of members": {t.Context(), g, c, graph.CommunitySummariesOptions{MinSize: -1}, quintet.ErrOption},
		"a negative number of edges":   {t.Context(), g, c, graph.CommunitySummariesOptions{SampleEdges: -1}, quintet.ErrOption},
		"after its context":            {over, g, c, graph.CommunitySummariesOptions{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.SummarizeCommunities(tt.ctx, tt.g, tt.p, tt.o)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
