package vector_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

// TestRecallOfQuantizations holds floors on data that are hard for graphs, as they
// are and bent so that codes of one step for all of them would break: with dimensions
// of different sizes, far from zero, or with long vectors beside short ones. What is
// found is compared with the nearest of the vectors before they were quantised.
func TestRecallOfQuantizations(t *testing.T) {
	const n, queries, dim = 600, 80, 192
	shapes := map[string]struct {
		metric vector.Metric
		bend   func(v []float32)
		floor  float64 // without quantization
	}{
		"products": {vector.Dot, unit, 0.95},
		"directions with one in common": {vector.Cosine, func(v []float32) {
			for i := range v {
				v[i] += 2
			}
		}, 0.95},
		"distances": {vector.L2, func([]float32) {}, 0.95},
		"skewed": {vector.L2, func(v []float32) {
			for i := range v {
				v[i] *= float32(1 + i%4*i%7) // 1 to 19
			}
		}, 0.95},
		"long beside short": {vector.L2, func(v []float32) {
			size := 1 + 5*max(0, v[5])
			for i := range v {
				v[i] *= size
			}
		}, 0.93},
	}
	losses := map[vector.Quantization]float64{vector.None: 0, vector.SQ8: 0.02, vector.F16: 0.03, vector.Binary: 0.06}
	for name, shape := range shapes {
		if scale > 1 && name != "skewed" {
			continue // graphs take long to build
		}
		vs := hard(31, n+queries, dim)
		for _, v := range vs {
			shape.bend(v)
		}
		truth := openInts(t, vector.Options{Dim: dim, Metric: shape.metric, Index: vector.Flat})
		fill(t, truth, vs[:n])
		for quant, loss := range losses {
			t.Run(fmt.Sprint(name, " ", quant), func(t *testing.T) {
				c := openInts(t, vector.WalkAlways(vector.Options{
					Dim: dim, Metric: shape.metric, Index: vector.HNSW, EfConstruction: 100, EfSearch: 96, Quantization: quant,
				}))
				fill(t, c, vs[:n])
				vector.Settle(c)
				require.Equal(t, quant, stats(t, c).Quantization)
				share := recallBeside(t, c, truth, vs[n:], vector.Query{})
				half := recallBeside(t, c, truth, vs[n:], vector.Query{Filter: vector.AtMost("percent", 49)})
				t.Logf("recall@10 %.4f, %.4f of a half", share, half)
				require.GreaterOrEqual(t, share, shape.floor-loss)
				require.GreaterOrEqual(t, half, shape.floor-loss)
			})
		}
	}
}

// recallBeside is the share of the ten nearest in one collection that are found in
// another.
func recallBeside(t *testing.T, c, truth *vector.Collection[int], vs [][]float32, q vector.Query) float64 {
	t.Helper()
	found := 0
	for _, v := range vs {
		q.Vector = v
		want, err := truth.Search(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, want, 10)
		among := map[int]bool{}
		for _, h := range want {
			among[h.ID] = true
		}
		hits, err := c.Search(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, hits, 10)
		for _, h := range hits {
			if among[h.ID] {
				found++
			}
		}
	}
	return float64(found) / float64(10*len(vs))
}

// TestAFlatCollectionOfF16IsExactWithinIts16Bits scans, with one query and with many,
// and changes items.
func TestAFlatCollectionOfF16IsExactWithinIts16Bits(t *testing.T) {
	const n, dim = 1000, 100
	vs := hard(32, 2*n+20, dim)
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		t.Run(metric.String(), func(t *testing.T) {
			o := vector.Options{Dim: dim, Metric: metric, Index: vector.Flat}
			truth := openInts(t, o)
			o.Quantization, o.Runtime = vector.F16, workers(t, 4)
			c := openInts(t, o)
			fill(t, c, vs[n:2*n])
			fill(t, truth, vs[:n])
			fill(t, c, vs[:n]) // replaces all
			s, whole := stats(t, c), stats(t, truth)
			require.Equal(t, vector.F16, s.Quantization)
			require.Equal(t, whole.Bytes/2, s.Bytes)
			require.GreaterOrEqual(t, recallBeside(t, c, truth, vs[2*n:], vector.Query{}), 0.97)
			var qs []vector.Query
			for _, v := range vs[2*n:] {
				qs = append(qs, vector.Query{Vector: v, K: n})
			}
			out, err := c.SearchBatch(t.Context(), qs)
			require.NoError(t, err)
			for i, q := range qs {
				want, err := truth.Search(t.Context(), q)
				require.NoError(t, err)
				distance := map[int]float64{}
				for _, h := range want {
					distance[h.ID] = h.Distance
				}
				require.Len(t, out[i], n)
				for _, h := range out[i] {
					require.InDelta(t, distance[h.ID], h.Distance, length(metric, q.Vector)*length(metric, vs[h.ID])/2048)
				}
			}
			it, _, err := c.Get(t.Context(), 5)
			require.NoError(t, err)
			exact, _, err := truth.Get(t.Context(), 5)
			require.NoError(t, err)
			for i, x := range exact.Vector {
				require.InDelta(t, x, it.Vector[i], 1e-7+max(float64(x), -float64(x))/2048)
			}
		})
	}
}

// length is what the error of a distance grows with.
func length(m vector.Metric, v []float32) float64 {
	zero := make([]float32, len(v))
	switch m {
	case vector.Cosine:
		return 1
	case vector.Dot:
		return (&model{metric: vector.L2}).distance(v, zero)
	}
	return max(1, (&model{metric: vector.L2}).distance(v, zero))
}

func TestBitsAreExactInEveryForm(t *testing.T) {
	const n, dim = 500, 130
	rng := rand1(33)
	var vs [][]float32
	for range n {
		v := make([]float32, dim)
		for i := range v {
			v[i] = float32(rng.IntN(2))
		}
		vs = append(vs, v)
	}
	for name, o := range forms(dim, vector.Hamming) {
		t.Run(name, func(t *testing.T) {
			c := openInts(t, o)
			fill(t, c, vs)
			vector.Settle(c)
			hits, err := c.Search(t.Context(), vector.Query{Vector: vs[3], K: 5, Ef: n})
			require.NoError(t, err)
			require.Equal(t, 3, hits[0].ID)
			for _, h := range hits {
				differ := 0.0
				for i, x := range vs[h.ID] {
					if x != vs[3][i] {
						differ++
					}
				}
				require.Equal(t, differ, h.Distance)
			}
		})
	}
}
