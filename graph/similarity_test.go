package graph_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

var measures = []graph.Measure{
	graph.Jaccard, graph.AdamicAdar, graph.ResourceAllocation, graph.CommonNeighbors, graph.PreferentialAttachment,
}

func TestNetworkXAgreesOnSimilarity(t *testing.T) {
	fixtures(t, func(t *testing.T, g *graph.Graph[int], want analysed) {
		if want.Similarity == nil {
			return
		}
		for _, m := range measures {
			links, err := graph.Similarity(t.Context(), g, want.Similarity.Pairs, graph.SimilarityOptions{Measure: m})
			require.NoError(t, err)
			for i, l := range links {
				require.Equal(t, want.Similarity.Pairs[i], [2]int{l.From, l.To})
				require.InDelta(t, want.Similarity.Scores[m][i], l.Score, 1e-12)
			}
		}
	})
}

// around returns the sets of neighbours of the definition.
func (g naive) around() []map[int]bool {
	sets := make([]map[int]bool, g.n)
	for u := range sets {
		sets[u] = map[int]bool{}
	}
	for u, row := range g.out {
		for v := range row {
			if u != v {
				sets[u][v], sets[v][u] = true, true
			}
		}
	}
	return sets
}

func similarity(sets []map[int]bool, m graph.Measure, u, v int) float64 {
	union, shares := len(sets[u])+len(sets[v]), 0.0
	for x := range sets[u] {
		if !sets[v][x] {
			continue
		}
		union--
		switch degree := float64(len(sets[x])); {
		case m == graph.AdamicAdar && degree > 1:
			shares += 1 / math.Log(degree)
		case m == graph.ResourceAllocation:
			shares += 1 / degree
		case m == graph.Jaccard || m == graph.CommonNeighbors:
			shares++
		}
	}
	switch {
	case m == graph.PreferentialAttachment:
		return float64(len(sets[u]) * len(sets[v]))
	case m == graph.Jaccard && union > 0:
		return shares / float64(union)
	}
	return shares
}

func TestLinksAreThoseOfAllPairs(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		if n.n > 40 {
			return
		}
		sets := n.around()
		for _, m := range measures {
			scores := map[[2]int]float64{}
			for u := range n.n {
				for v := u + 1; v < n.n; v++ {
					if similarity(sets, graph.CommonNeighbors, u, v) > 0 && !sets[u][v] {
						scores[[2]int{u, v}] = similarity(sets, m, u, v)
					}
				}
			}
			links, err := graph.PredictLinks(t.Context(), g, nil, graph.PredictLinksOptions{Measure: m, Links: 10_000})
			require.NoError(t, err)
			require.Len(t, links, len(scores))
			for _, l := range links {
				require.InDelta(t, scores[[2]int{l.From, l.To}], l.Score, 1e-12)
			}
			require.True(t, slices.IsSortedFunc(links, func(a, b graph.Link[int]) int {
				return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
			}))
			few, err := graph.PredictLinks(t.Context(), g, nil, graph.PredictLinksOptions{Measure: m, Links: 3})
			require.NoError(t, err)
			require.Equal(t, links[:min(3, len(links))], few)
			some, err := graph.PredictLinks(t.Context(), g, []int{0, n.n / 2}, graph.PredictLinksOptions{Measure: m, Links: 10_000})
			require.NoError(t, err)
			of := slices.DeleteFunc(links, func(l graph.Link[int]) bool {
				return l.From != 0 && l.To != 0 && l.From != n.n/2 && l.To != n.n/2
			})
			require.Len(t, some, len(of))
			for i, l := range some {
				require.InDelta(t, of[i].Score, l.Score, 1e-12)
			}
		}
	})
}

func TestHubsAreNotWalkedThroughButCount(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for u := range 9 {
		b.AddEdge(100, u, 1) // a hub
	}
	b.AddEdge(200, 0, 1)
	b.AddEdge(200, 1, 1)
	g, err := b.Build()
	require.NoError(t, err)
	o := graph.PredictLinksOptions{Measure: graph.CommonNeighbors, MaxDegree: 8, Links: 100}
	links, err := graph.PredictLinks(t.Context(), g, nil, o)
	require.NoError(t, err)
	require.Equal(t, []graph.Link[int]{{From: 100, To: 200, Score: 2}, {From: 0, To: 1, Score: 2}}, links)
	o.MaxDegree = 9
	links, err = graph.PredictLinks(t.Context(), g, nil, o)
	require.NoError(t, err)
	require.Len(t, links, 9*8/2+1)
}

func TestSimilarityRefuses(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	_, err := graph.Similarity(t.Context(), g, [][2]string{{"a", "x"}}, graph.SimilarityOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Similarity(t.Context(), g, nil, graph.SimilarityOptions{Measure: 9})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Similarity(t.Context(), g, nil, graph.SimilarityOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.PredictLinks(t.Context(), g, []string{"x"}, graph.PredictLinksOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, o := range []graph.PredictLinksOptions{{Links: -1}, {MaxDegree: -1}, {Measure: -1}, {Workers: -1}} {
		_, err = graph.PredictLinks(t.Context(), g, nil, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	links, err := graph.PredictLinks(t.Context(), new(graph.Graph[int]), nil, graph.PredictLinksOptions{})
	require.NoError(t, err)
	require.Empty(t, links)
	none, err := graph.Similarity(t.Context(), g, [][2]string{{"a", "a"}}, graph.SimilarityOptions{Measure: graph.AdamicAdar})
	require.NoError(t, err)
	require.Zero(t, none[0].Score)
}
