package graph_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// exact are options under which the iteration ends at the precision of float64.
var exact = graph.PageRankOptions{Tolerance: 1e-15, MaxIterations: 1000}

// sumsTo1 allows what the rounding of a few thousand additions can lose.
func sumsTo1(t *testing.T, values []float64) {
	t.Helper()
	var sum float64
	for _, v := range values {
		require.GreaterOrEqual(t, v, 0.0)
		sum += v
	}
	require.InDelta(t, 1, sum, 1e-12)
}

func TestPageRankOfACycleIsEven(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 1}, edge{"b", "c", 1}, edge{"c", "a", 1})
	ranks, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	for k := range g.Nodes() {
		require.InDelta(t, 1.0/3, ranks.Of(k), 1e-15)
	}
	require.True(t, ranks.Converged)
	require.Equal(t, 1, ranks.Iterations)
	require.Zero(t, ranks.Of("x"))
}

func TestPageRankIsTheFixedPointOfTheDenseMatrix(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		for _, damping := range []float64{0.5, 0.85} {
			opt := exact
			opt.Damping = damping
			uniform := slices.Repeat([]float64{1 / float64(n.n)}, n.n)
			ranks, err := graph.PageRank(t.Context(), g, opt)
			require.NoError(t, err)
			// Both iterations contract errors of 1e-16 per operation by the damping.
			require.InDeltaSlice(t, n.pageRank(uniform, damping), ranks.Values, 1e-13)
			sumsTo1(t, ranks.Values)

			seeded := make([]float64, n.n)
			seeded[0] += 0.75
			seeded[n.n-1] += 0.25
			seeds := map[int]float64{n.n - 1: 1}
			seeds[0] += 3
			ranks, err = graph.PersonalizedPageRank(t.Context(), g, seeds, opt)
			require.NoError(t, err)
			require.InDeltaSlice(t, n.pageRank(seeded, damping), ranks.Values, 1e-13)
			sumsTo1(t, ranks.Values)
		}
	})
}

func TestPageRankIsTheSameForAllWorkers(t *testing.T) {
	weighted := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	for e := range large(t, true).Edges() {
		weighted.AddEdge(e.From, e.To, 1/float32(1+e.To%7))
	}
	third, err := weighted.Build()
	require.NoError(t, err)
	for _, g := range []*graph.Graph[int]{large(t, false), large(t, true), third} {
		want, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{Workers: 1})
		require.NoError(t, err)
		require.True(t, want.Converged)
		sumsTo1(t, want.Values)
		for _, workers := range workerCounts {
			got, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{Workers: workers})
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestPageRankIsAsNearAsPromised(t *testing.T) {
	g := large(t, true)
	far, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{Tolerance: 1e-4})
	require.NoError(t, err)
	near, err := graph.PageRank(t.Context(), g, exact)
	require.NoError(t, err)
	var off float64
	for u := range far.Values {
		off += math.Abs(far.Values[u] - near.Values[u])
	}
	require.Less(t, off, 1e-4*0.85/0.15)
	require.Less(t, far.Iterations, near.Iterations)
}

func TestPageRankStopsAtMaxIterations(t *testing.T) {
	g := large(t, true)
	ranks, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{MaxIterations: 3})
	require.NoError(t, err)
	require.False(t, ranks.Converged)
	require.Equal(t, 3, ranks.Iterations)
	require.Greater(t, ranks.Residual, 1e-8)
	sumsTo1(t, ranks.Values)
}

func TestPageRankDoesNotDependOnNames(t *testing.T) {
	g, n := sample(t, 9, 90, 200, true)
	name := synth.Rand(6).Perm(n.n)
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	for _, u := range synth.Rand(7).Perm(n.n) {
		b.AddNode(u)
	}
	for e := range g.Edges() {
		b.AddEdge(name[e.From], name[e.To], e.Weight)
	}
	renamed, err := b.Build()
	require.NoError(t, err)
	want, err := graph.PageRank(t.Context(), g, exact)
	require.NoError(t, err)
	got, err := graph.PageRank(t.Context(), renamed, exact)
	require.NoError(t, err)
	for u := range n.n {
		require.InDelta(t, want.Of(u), got.Of(name[u]), 1e-14)
	}
}

func TestPageRankCountsParallelEdgesLikeTheirSum(t *testing.T) {
	edges := []edge{{"a", "b", 1}, {"a", "b", 1}, {"a", "c", 1}, {"b", "a", 1}, {"c", "a", 1}}
	multi := build(t, graph.BuilderOptions{Directed: true, Multi: true}, edges...)
	merged := build(t, graph.BuilderOptions{Directed: true}, edges...)
	require.False(t, multi.Weighted())
	want, err := graph.PageRank(t.Context(), merged, exact)
	require.NoError(t, err)
	got, err := graph.PageRank(t.Context(), multi, exact)
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Values, got.Values, 1e-15)
	require.Greater(t, got.Of("b"), got.Of("c"))
}

func TestPageRankOfExtremeWeights(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true},
		edge{"a", "b", math.MaxFloat32}, edge{"a", "c", math.MaxFloat32}, edge{"b", "a", math.SmallestNonzeroFloat32},
		edge{"c", "a", 0}, edge{"c", "c", 0})
	ranks, err := graph.PageRank(t.Context(), g, exact)
	require.NoError(t, err)
	sumsTo1(t, ranks.Values)
	require.InDelta(t, ranks.Of("b"), ranks.Of("c"), 1e-15)
}

func TestPageRankOfNothing(t *testing.T) {
	ranks, err := graph.PageRank(t.Context(), new(graph.Graph[int]), graph.PageRankOptions{})
	require.NoError(t, err)
	require.Empty(t, ranks.Values)
	require.True(t, ranks.Converged)
	require.Nil(t, ranks.Top(3))

	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddNode("a")
	b.AddNode("b")
	g, err := b.Build()
	require.NoError(t, err)
	ranks2, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	require.Equal(t, []float64{0.5, 0.5}, ranks2.Values)
}

func TestPageRankRefuses(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "c", -1})
	nan, inf := math.NaN(), math.Inf(1)
	seeds := map[string]float64{"a": 1}
	tests := map[string]struct {
		g     *graph.Graph[string]
		opt   graph.PageRankOptions
		seeds map[string]float64 // nil asks for both functions
		cause error
	}{
		"a nil graph":               {nil, graph.PageRankOptions{}, nil, quintet.ErrInput},
		"a negative weight":         {negative, graph.PageRankOptions{}, nil, quintet.ErrInput},
		"damping 1":                 {g, graph.PageRankOptions{Damping: 1}, nil, quintet.ErrOption},
		"damping above 1":           {g, graph.PageRankOptions{Damping: 1.5}, nil, quintet.ErrOption},
		"damping below 0":           {g, graph.PageRankOptions{Damping: -0.1}, nil, quintet.ErrOption},
		"damping that is NaN":       {g, graph.PageRankOptions{Damping: nan}, nil, quintet.ErrOption},
		"a negative tolerance":      {g, graph.PageRankOptions{Tolerance: -1e-9}, nil, quintet.ErrOption},
		"a tolerance that is NaN":   {g, graph.PageRankOptions{Tolerance: nan}, nil, quintet.ErrOption},
		"an infinite tolerance":     {g, graph.PageRankOptions{Tolerance: inf}, nil, quintet.ErrOption},
		"negative iterations":       {g, graph.PageRankOptions{MaxIterations: -1}, nil, quintet.ErrOption},
		"negative workers":          {g, graph.PageRankOptions{Workers: -1}, nil, quintet.ErrOption},
		"no seed":                   {g, graph.PageRankOptions{}, map[string]float64{}, quintet.ErrInput},
		"seeds without weight":      {g, graph.PageRankOptions{}, map[string]float64{"a": 0}, quintet.ErrInput},
		"an unknown seed":           {g, graph.PageRankOptions{}, map[string]float64{"x": 1}, quintet.ErrInput},
		"a seed of negative weight": {g, graph.PageRankOptions{}, map[string]float64{"a": -1, "b": 2}, quintet.ErrInput},
		"a seed that is NaN":        {g, graph.PageRankOptions{}, map[string]float64{"a": nan}, quintet.ErrInput},
		"an infinite seed":          {g, graph.PageRankOptions{}, map[string]float64{"a": inf}, quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.seeds == nil {
				ranks, err := graph.PageRank(t.Context(), tt.g, tt.opt)
				require.ErrorIs(t, err, tt.cause)
				require.Nil(t, ranks)
				tt.seeds = seeds
			}
			ranks, err := graph.PersonalizedPageRank(t.Context(), tt.g, tt.seeds, tt.opt)
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, ranks)
		})
	}
	_, err := graph.PageRank(t.Context(), negative, graph.PageRankOptions{})
	require.EqualError(t, err, `graph: edge "b" -> "c" has a negative weight: invalid input`)
}

func TestSeedsOfHugeWeight(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "c", 1})
	seeds := map[string]float64{"a": math.MaxFloat64, "c": math.MaxFloat64}
	before := maps.Clone(seeds)
	ranks, err := graph.PersonalizedPageRank(t.Context(), g, seeds, exact)
	require.NoError(t, err)
	sumsTo1(t, ranks.Values)
	require.InDelta(t, ranks.Of("a"), ranks.Of("c"), 1e-15)
	require.Equal(t, before, seeds)
}

func TestTop(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for u := range 100 {
		b.AddNode(u)
	}
	g, err := b.Build()
	require.NoError(t, err)
	ranks, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	rng := synth.Rand(1)
	for range 200 {
		for u := range ranks.Values {
			ranks.Values[u] = float64(rng.IntN(12)) // with many ties
		}
		var want []graph.Ranked[int]
		for u, v := range ranks.Values {
			want = append(want, graph.Ranked[int]{Node: u, Score: v})
		}
		slices.SortStableFunc(want, func(a, b graph.Ranked[int]) int { return int(b.Score - a.Score) })
		for _, n := range []int{1, 2, 10, 99, 100} {
			require.Equal(t, want[:n], ranks.Top(n))
		}
		require.Equal(t, want, ranks.Top(math.MaxInt))
	}
	require.Nil(t, ranks.Top(0))
	require.Nil(t, ranks.Top(-5))
}
