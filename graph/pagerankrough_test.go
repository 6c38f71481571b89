package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

func TestRanksOfALargeGraphBeginInFloat32AndEndInFloat64(t *testing.T) {
	g, err := graph.RMAT(graph.RMATOptions{Scale: 14, EdgeFactor: 4, Seed: 1})
	require.NoError(t, err)
	rank := func(tolerance float64, workers int) *graph.Ranks[int] {
		r, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{Tolerance: tolerance, Workers: workers})
		require.NoError(t, err)
		require.True(t, r.Converged)
		return r
	}
	exact := rank(1e-13, 1)
	for _, tolerance := range []float64{1e-3, 1e-8} {
		one := rank(tolerance, 1)
		for _, workers := range []int{2, 8} {
			require.Equal(t, one, rank(tolerance, workers))
		}
		all, off := 0.0, 0.0
		for u, r := range one.Values {
			all += r
			off += math.Abs(r - exact.Values[u])
		}
		require.InDelta(t, 1, all, 1e-12)
		require.Less(t, off, tolerance*0.85/0.15)
	}
}
