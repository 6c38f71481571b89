package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// through counts shortest paths between all pairs: those from s to t that pass v
// are the paths from s to v times those from v to t.
func (g naive) through(weighted bool) []float64 {
	dist, paths := make([][]float64, g.n), make([][]float64, g.n)
	h := naive{n: g.n, out: map[int]map[int]float64{}}
	for u, row := range g.out {
		h.out[u] = map[int]float64{}
		for v, w := range row {
			if !weighted {
				w = 1
			}
			h.out[u][v] = w
		}
	}
	for s := range g.n {
		dist[s], _ = h.lengths(s)
		paths[s] = make([]float64, g.n)
		paths[s][s] = 1
		for range g.n { // a path has less than n edges; counts settle along it
			next := make([]float64, g.n)
			next[s] = 1
			for u, row := range h.out {
				for v, w := range row {
					if v != s && !math.IsInf(dist[s][u], 1) && dist[s][u]+w == dist[s][v] {
						next[v] += paths[s][u]
					}
				}
			}
			paths[s] = next
		}
	}
	score := make([]float64, g.n)
	for s := range g.n {
		for t := range g.n {
			for v := range g.n {
				if v != s && v != t && s != t && dist[s][v]+dist[v][t] == dist[s][t] && paths[s][t] > 0 {
					score[v] += paths[s][v] * paths[v][t] / paths[s][t]
				}
			}
		}
	}
	return score
}

func TestCentralitiesAreThoseOfTheDefinition(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		if n.n > 28 {
			return
		}
		for _, weighted := range []bool{false, true} {
			want := n.through(weighted)
			if !g.Directed() {
				for u := range want {
					want[u] /= 2
				}
			}
			got, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{Weighted: weighted, Workers: 2})
			require.NoError(t, err)
			require.InDeltaSlice(t, want, got.Values, 1e-9)
			r := n.reversed()
			harmonic, err := graph.Harmonic(t.Context(), g, graph.ClosenessOptions{Weighted: weighted})
			require.NoError(t, err)
			closeness, err := graph.Closeness(t.Context(), g, graph.ClosenessOptions{Weighted: weighted})
			require.NoError(t, err)
			for u := range n.n {
				sum, inverse, reached := 0.0, 0.0, 0.0
				hops := r.distances(u)
				lengths, _ := r.lengths(u)
				for v := range n.n {
					d := float64(hops[v])
					if weighted {
						d = lengths[v]
					}
					if v == u || hops[v] < 0 {
						continue
					}
					sum, inverse, reached = sum+d, inverse+1/d, reached+1
				}
				want := 0.0
				if reached > 0 {
					want = reached / sum * reached / float64(n.n-1)
				}
				require.InDelta(t, want, closeness.Values[u], 1e-12)
				require.InDelta(t, inverse, harmonic.Values[u], 1e-12)
			}
		}
	})
}

func TestSampledBetweennessIsNearTheExact(t *testing.T) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 200, Edges: 800, Seed: 3})
	require.NoError(t, err)
	exact, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{})
	require.NoError(t, err)
	all, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{Samples: 200})
	require.NoError(t, err)
	require.Equal(t, exact, all)
	mean := make([]float64, g.Order())
	for seed := range uint64(40) {
		some, err := graph.Betweenness(t.Context(), g, graph.BetweennessOptions{Samples: 50, Seed: seed})
		require.NoError(t, err)
		for u, x := range some.Values {
			mean[u] += x / 40
		}
	}
	for u, x := range exact.Values {
		require.InEpsilon(t, x+1, mean[u]+1, 0.3, "the estimate has no bias")
	}
}

func TestPushApproximatesPersonalizedPageRank(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		seeds := map[int]float64{0: 3, n.n / 2: 1}
		want, err := graph.PersonalizedPageRank(t.Context(), g, seeds, exact)
		require.NoError(t, err)
		for _, epsilon := range []float64{0.1, 1e-3, 1e-9} {
			got, err := graph.PushPageRank(t.Context(), g, seeds, graph.PushPageRankOptions{Epsilon: epsilon})
			require.NoError(t, err)
			sum := got.Residual
			for u, r := range got.Values {
				sum += r
				require.LessOrEqual(t, r, want.Values[u]+1e-12)
				require.GreaterOrEqual(t, r+got.Residual, want.Values[u]-1e-12)
			}
			require.InDelta(t, 1, sum, 1e-9)
			require.LessOrEqual(t, got.Residual, epsilon*float64(n.n+2*g.Size()))
		}
	})
}

func TestHITSScoresAreFixed(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		h, err := graph.HITS(t.Context(), g, graph.HITSOptions{Tolerance: 1e-14, MaxIterations: 3000})
		require.NoError(t, err)
		if !h.Converged || g.Size() == 0 {
			return
		}
		next, sum := make([]float64, n.n), 0.0
		for u, row := range n.out {
			for v, w := range row {
				next[v] += w * h.Hubs.Values[u]
				sum += w * h.Hubs.Values[u]
			}
		}
		for u := range next {
			require.InDelta(t, h.Authorities.Values[u], next[u]/sum, 1e-9)
		}
	})
	h, err := graph.HITS(t.Context(), new(graph.Graph[int]), graph.HITSOptions{})
	require.NoError(t, err)
	require.True(t, h.Converged)
}

func TestDegreeCentrality(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 1}, edge{"a", "c", 1})
	for direction, want := range map[graph.Direction][]float64{
		graph.Both: {1, 0.5, 0.5}, graph.Out: {1, 0, 0}, graph.In: {0, 0.5, 0.5},
	} {
		s, err := graph.DegreeCentrality(t.Context(), g, graph.DegreeCentralityOptions{Direction: direction})
		require.NoError(t, err)
		require.Equal(t, want, s.Values)
	}
	_, err := graph.DegreeCentrality(t.Context(), g, graph.DegreeCentralityOptions{Direction: 9})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestCentralitiesRefuse(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	zero := build(t, graph.BuilderOptions{}, edge{"a", "b", 0})
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	_, err := graph.Betweenness(t.Context(), zero, graph.BetweennessOptions{Weighted: true})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Betweenness(t.Context(), g, graph.BetweennessOptions{Samples: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.Closeness(t.Context(), negative, graph.ClosenessOptions{Weighted: true})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Harmonic(t.Context(), g, graph.ClosenessOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.HITS(t.Context(), negative, graph.HITSOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.HITS(t.Context(), g, graph.HITSOptions{MaxIterations: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.HITS(t.Context(), g, graph.HITSOptions{Tolerance: math.NaN()})
	require.ErrorIs(t, err, quintet.ErrOption)
	seeds := map[string]float64{"a": 1}
	_, err = graph.PushPageRank(t.Context(), g, seeds, graph.PushPageRankOptions{Damping: 1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.PushPageRank(t.Context(), g, seeds, graph.PushPageRankOptions{Epsilon: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.PushPageRank(t.Context(), g, nil, graph.PushPageRankOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.PushPageRank(t.Context(), negative, seeds, graph.PushPageRankOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}
