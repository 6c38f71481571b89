package graph_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// heaviestMatching tries every matching of the nodes from u on that are not used.
func heaviestMatching(w [][]float64, u int, used uint) float64 {
	for ; u < len(w) && used>>u&1 != 0; u++ {
	}
	if u >= len(w)-1 {
		return 0
	}
	best := heaviestMatching(w, u+1, used)
	for v := u + 1; v < len(w); v++ {
		if used>>v&1 == 0 && w[u][v] > 0 {
			best = max(best, w[u][v]+heaviestMatching(w, u+1, used|1<<v))
		}
	}
	return best
}

// requireWeightedMatching holds a matching against the edges it is made of.
func requireWeightedMatching(t *testing.T, w [][]float64, m *graph.WeightedMatching[int]) {
	t.Helper()
	sum, size := 0.0, 0
	for u, v := range m.Pairs() {
		require.Greater(t, w[u][v], 0.0)
		sum += w[u][v]
		size++
	}
	for u, v := range m.Mates {
		if v >= 0 {
			require.EqualValues(t, u, m.Mates[v])
		}
	}
	require.Equal(t, size, m.Size)
	require.InDelta(t, sum, m.Weight, 1e-9*math.Abs(sum))
}

func TestNoMatchingIsHeavier(t *testing.T) {
	weights := map[string]func(rng *rand.Rand) float32{
		"ties":     func(rng *rand.Rand) float32 { return float32(1 + rng.IntN(3)) },
		"whole":    func(rng *rand.Rand) float32 { return float32(rng.IntN(40) - 4) },
		"anything": func(rng *rand.Rand) float32 { return rng.Float32() },
		"far":      func(rng *rand.Rand) float32 { return float32(math.Exp2(float64(rng.IntN(20)))) },
	}
	for name, weight := range weights {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			for range 1500 {
				n := 1 + rng.IntN(11)
				w := make([][]float64, n)
				for u := range w {
					w[u] = make([]float64, n)
				}
				b := graph.NewBuilder[int](graph.BuilderOptions{Multi: true, Directed: rng.IntN(4) == 0})
				for u := range n {
					b.AddNode(u)
				}
				for range rng.IntN(3 * n) {
					u, v, x := rng.IntN(n), rng.IntN(n), weight(rng)
					b.AddEdge(u, v, x)
					if u != v {
						w[u][v] = max(w[u][v], float64(x))
						w[v][u] = w[u][v]
					}
				}
				g, err := b.Build()
				require.NoError(t, err)
				m, err := graph.MaximumWeightMatching(t.Context(), g, graph.MaximumWeightMatchingOptions{})
				require.NoError(t, err)
				requireWeightedMatching(t, w, m)
				require.InDelta(t, heaviestMatching(w, 0, 0), m.Weight, 1e-6*m.Weight, "%v", w)
			}
		})
	}
}

func TestWithEqualWeightsTheHeaviestMatchingIsTheLargest(t *testing.T) {
	for seed := range uint64(20) {
		g, err := graph.Random(graph.RandomOptions{Nodes: 300, Edges: 330, Seed: seed})
		require.NoError(t, err)
		want, err := graph.MaximumMatching(t.Context(), g, graph.MaximumMatchingOptions{})
		require.NoError(t, err)
		got, err := graph.MaximumWeightMatching(t.Context(), g, graph.MaximumWeightMatchingOptions{})
		require.NoError(t, err)
		require.Equal(t, want.Size, got.Size)
		require.EqualValues(t, want.Size, got.Weight)
	}
}

func TestMaximumWeightMatchingRefuses(t *testing.T) {
	_, err := graph.MaximumWeightMatching[int](t.Context(), nil, graph.MaximumWeightMatchingOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g, err := graph.Random(graph.RandomOptions{Nodes: 10, Edges: 20})
	require.NoError(t, err)
	_, err = graph.MaximumWeightMatching(ctx, g, graph.MaximumWeightMatchingOptions{})
	require.ErrorIs(t, err, context.Canceled)
	m, err := graph.MaximumWeightMatching(t.Context(), new(graph.Graph[int]), graph.MaximumWeightMatchingOptions{})
	require.NoError(t, err)
	require.Zero(t, m.Weight)
}

func BenchmarkMaximumWeightMatching(b *testing.B) {
	for _, n := range []int{100, 1000} {
		rng := rand.New(rand.NewPCG(1, 2))
		build := graph.NewBuilder[int](graph.BuilderOptions{})
		for range 4 * n {
			build.AddEdge(rng.IntN(n), rng.IntN(n), rng.Float32())
		}
		g, err := build.Build()
		require.NoError(b, err)
		b.Run(fmt.Sprintf("nodes=%d", n), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.MaximumWeightMatching(b.Context(), g, graph.MaximumWeightMatchingOptions{})
				require.NoError(b, err)
			}
		})
	}
}
