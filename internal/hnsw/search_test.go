package hnsw_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

func TestRecallStaysAboveItsFloor(t *testing.T) {
	const n = 3000 / scale
	tests := map[string]struct {
		dim     int
		metric  hnsw.Metric
		unit    bool
		ef      int
		workers int
		floor   float64
	}{
		"hard data of 128 floats":             {128, hnsw.L2, false, 32, 1, 0.97},
		"hard data with a wide search":        {128, hnsw.L2, false, 128, 1, 0.99},
		"embeddings of 384 floats":            {384, hnsw.L2, true, 32, 2, 0.97},
		"cosine is the dot product on a ball": {96, hnsw.Dot, true, 64, 2, 0.97},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rows := clusters(1, n+100, tt.dim, tt.unit)
			ix := build(t, hnsw.Options{Dim: tt.dim, Metric: tt.metric, EfConstruction: 60}, rows[:n], tt.workers)
			got := recall(ix, rows[n:], 10, tt.ef, nil)
			t.Logf("recall@10 %.4f", got)
			require.GreaterOrEqual(t, got, tt.floor)
		})
	}
}

func TestCodesLoseNoRecall(t *testing.T) {
	const n = 2000 / scale
	tests := map[string]struct {
		metric hnsw.Metric
		loss   float64           // of bytes
		bits   float64           // loss of bits
		bend   func(v []float32) // what the data are bent to
	}{
		"L2":         {hnsw.L2, 0.015, 0.05, func([]float32) {}},
		"Dot":        {hnsw.Dot, 0.015, 0.05, normalise},
		"far from 0": {hnsw.L2, 0.015, 0.05, func(v []float32) { v[3] += 1000 }},
		"skewed":     {hnsw.L2, 0.015, 0.1, func(v []float32) { v[0] *= 20; v[1] *= 5 }},
		"long beside short": {hnsw.L2, 0.05, 0.05, func(v []float32) {
			for i := range v {
				v[i] *= 1 + 5*max(0, v[5])
			}
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rows := clusters(11, n+100, 64, false)
			for _, v := range rows {
				tt.bend(v)
			}
			for kind, loss := range map[hnsw.Codes]float64{hnsw.Code8: tt.loss, hnsw.Code1: tt.bits} {
				ix := build(t, hnsw.Options{Dim: 64, Metric: tt.metric, EfConstruction: 50}, rows[:n-n/8], 1)
				plain := recall(ix, rows[n:], 10, 48, nil)
				ix.Quantize(kind)
				for id := n - n/8; id < n; id++ {
					ix.Add(uint32(id), rows[id])
				}
				coded := recall(ix, rows[n:], 10, 48, nil)
				t.Logf("codes %d: recall@10 %.4f by vectors, %.4f by codes", kind, plain, coded)
				require.Greater(t, coded, plain-loss)
				require.Equal(t, kind, ix.Codes())
				small, _ := ix.Compact()
				require.Equal(t, kind, small.Codes())
				require.Greater(t, recall(small.WalkAlways(), rows[n:], 10, 48, every(3, n)), plain-0.05-loss)
				small.Quantize(hnsw.NoCodes)
				require.Equal(t, hnsw.NoCodes, small.Codes())
				require.Zero(t, small.Stats().CodeBytes)
			}
		})
	}
}

// TestHalvesLoseLittle compares a graph of 16-bit floats with the exact search of
// what was put.
func TestHalvesLoseLittle(t *testing.T) {
	const n = 4000 / scale
	for name, bend := range map[string]func(v []float32){
		"normal": func([]float32) {}, "small": func(v []float32) { v[0] /= 1000; v[1] *= 100 },
	} {
		t.Run(name, func(t *testing.T) {
			rows := clusters(14, n+100, 64, false)
			stored := map[uint32][]float32{}
			for i, v := range rows {
				bend(v)
				if i < n {
					stored[uint32(i)] = v
				}
			}
			ix := build(t, hnsw.Options{Dim: 64, EfConstruction: 50, Half: true}, rows[:n], 2)
			var s hnsw.Searcher
			found := 0
			for _, q := range rows[n:] {
				truth := map[uint32]bool{}
				for _, h := range nearest(hnsw.L2, stored, q, 10) {
					truth[h.ID] = true
				}
				for _, h := range ix.Exact(nil, q, 10, nil, &s) {
					v := rows[h.ID]
					length := math.Sqrt(rank(hnsw.L2, v, make([]float32, len(v))))
					want := math.Sqrt(rank(hnsw.L2, q, v))
					require.InDelta(t, want, math.Sqrt(float64(h.Rank)), length/2048, "the precision of 16-bit floats")
					if truth[h.ID] {
						found++
					}
				}
			}
			require.GreaterOrEqual(t, found, 985, "of a thousand")
			require.Greater(t, recall(ix, rows[n:], 10, 64, nil), 0.93)
			room := (n>>ix.Layout().Shift() + 1) << ix.Layout().Shift()
			require.EqualValues(t, 2*64*room, ix.Stats().RowBytes)
		})
	}
}

func TestAFilterFindsAsManyAsThereAre(t *testing.T) {
	const n = 4000 / scale
	rows := clusters(2, n+60, 32, false)
	ix := build(t, hnsw.Options{Dim: 32, EfConstruction: 50}, rows[:n], 2)
	tests := map[string]struct {
		step  int
		floor float64
	}{
		"all":          {1, 0.97},
		"half":         {2, 0.97},
		"a third":      {3, 0.97},
		"a tenth":      {10, 0.97},
		"one in 60":    {60, 0.97},
		"five of them": {n / 5, 1},
		"one":          {n, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			allow := every(tt.step, n)
			for _, ef := range []int{16, 64} {
				got := recall(ix, rows[n:], 10, ef, allow)
				t.Logf("ef %d: recall@10 %.4f", ef, got)
				if ef == 64 {
					require.GreaterOrEqual(t, got, tt.floor)
				}
			}
			var s hnsw.Searcher
			for _, q := range rows[n:] {
				hits := ix.Search(nil, q, 10, 10, allow, &s)
				require.Len(t, hits, min(10, (n+tt.step-1)/tt.step))
				for _, h := range hits {
					require.True(t, allow.Has(h.ID))
				}
			}
		})
	}
}

func TestEveryDimension(t *testing.T) {
	for _, dim := range []int{1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 40, 100, 1000, 8192} {
		rng := rand.New(rand.NewPCG(3, uint64(dim)))
		truth := map[uint32][]float32{}
		var rows [][]float32
		for id := range uint32(60) {
			rows = append(rows, random(rng, dim))
			truth[id] = rows[id]
		}
		for _, m := range []hnsw.Metric{hnsw.L2, hnsw.Dot} {
			ix := build(t, hnsw.Options{Dim: dim, Metric: m}, rows, 1)
			var s hnsw.Searcher
			for range 5 {
				q := random(rng, dim)
				want := nearest(m, truth, q, 100)
				requireSame(t, want, ix.Search(nil, q, 100, 0, nil, &s))
				requireSame(t, want[:20], ix.Exact(nil, q, 20, nil, &s))
				ix.Search(nil, q, 1, 1, nil, &s)
			}
			require.Equal(t, rows[7], ix.Vector(7))
		}
	}
}

// requireSame wants the same ids in the same order; the ranks of random vectors
// are far enough apart for rounding not to matter.
func requireSame(t *testing.T, want, got []hnsw.Hit) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, h := range want {
		require.InDelta(t, h.Rank, got[i].Rank, 1e-3+1e-5*float64(max(h.Rank, -h.Rank)))
	}
}

func TestEdgesOfASearch(t *testing.T) {
	var s hnsw.Searcher
	empty := build(t, hnsw.Options{Dim: 2}, nil, 1)
	q := []float32{1, 2}
	require.Empty(t, empty.Search(nil, q, 3, 10, nil, &s))
	require.Empty(t, empty.Exact(nil, q, 3, nil, &s))

	ix := build(t, hnsw.Options{Dim: 2}, [][]float32{{1, 2}, {3, 4}, {1, 2}}, 1)
	require.Empty(t, ix.Search(nil, q, 0, 10, nil, &s))
	require.Empty(t, ix.Search(nil, q, -1, 10, nil, &s))
	require.Empty(t, ix.Search(nil, q, 3, 10, hnsw.Bits{}, &s), "an empty filter allows nothing")
	require.Equal(t, []hnsw.Hit{{0, 0}, {2, 0}, {1, 8}}, ix.Search(nil, q, 99, 1, nil, &s))
	require.Equal(t, []hnsw.Hit{{9, 9}, {0, 0}}, ix.Search([]hnsw.Hit{{9, 9}}, q, 1, 1, nil, &s), "dst is kept")
	require.Equal(t, []hnsw.Hit{{2, 0}}, ix.Search(nil, q, 9, 1, hnsw.Bits{1 << 2}, &s))
	require.Nil(t, ix.Vector(3))
	require.Nil(t, ix.Vector(1<<29))
}

func TestASearchAllocatesNothing(t *testing.T) {
	const n = 3000 / scale
	rows := clusters(4, n, 24, false)
	ix := build(t, hnsw.Options{Dim: 24, EfConstruction: 40}, rows, 1)
	var s hnsw.Searcher
	dst := make([]hnsw.Hit, 0, 10)
	filters := map[string]hnsw.Bits{"none": nil, "half": every(2, n), "a third": every(3, n), "few": every(100, n)}
	for _, quantized := range []bool{false, true} {
		for name, allow := range filters {
			for range 2 {
				ix.Search(dst, rows[1], 10, 20, allow, &s)
			}
			allocs := testing.AllocsPerRun(100, func() { ix.Search(dst, rows[0], 10, 20, allow, &s) })
			require.Zero(t, allocs, "filter: %s, quantised: %v", name, quantized)
		}
		ix.Quantize(hnsw.Code8)
	}
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	var s hnsw.Searcher
	ix := build(t, hnsw.Options{Dim: 2}, [][]float32{{1, 2}}, 1)
	for name, bug := range map[string]func(){
		"vector of another length": func() { ix.Put(1, []float32{1}) },
		"query of another length":  func() { ix.Search(nil, []float32{1}, 1, 1, nil, &s) },
		"scan of another length":   func() { ix.Exact(nil, []float32{1}, 1, nil, &s) },
		"id put twice":             func() { ix.Put(0, []float32{1, 2}) },
		"id too high":              func() { ix.Put(hnsw.MaxID+1, []float32{1, 2}) },
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, bug) })
	}
}
