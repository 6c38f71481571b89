package hnsw_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// clusters draws vectors like those that HNSW finds hard: clusters in subspaces of
// their own, about 23 dimensions locally, with noise in all of them.
func clusters(seed uint64, n, dim int, unit bool) [][]float32 {
	const groups, latent, local, noise = 20, 32, 28, 0.45
	rng := rand.New(rand.NewPCG(seed, 7))
	gauss := func(n int, scale float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64() * scale)
		}
		return x
	}
	project := func(dst, z, basis []float32) {
		for k, v := range z {
			for j := range dst {
				dst[j] += v * basis[k*dim+j]
			}
		}
	}
	common := gauss(latent*dim, 1/math.Sqrt(latent))
	bases, centres := make([][]float32, groups), make([][]float32, groups)
	for g := range bases {
		bases[g], centres[g] = gauss(local*dim, 1/math.Sqrt(local)), make([]float32, dim)
		project(centres[g], gauss(latent, 0.55), common)
	}
	rows := make([][]float32, n)
	for i := range rows {
		g := rng.IntN(groups)
		rows[i] = gauss(dim, noise)
		for j, v := range centres[g] {
			rows[i][j] += v
		}
		project(rows[i], gauss(local, 1), bases[g])
		if unit {
			normalise(rows[i])
		}
	}
	return rows
}

func normalise(v []float32) {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(squares))
	}
}

func random(rng *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

// build puts and links rows under the ids from 0 on, in an index that scans only
// where it must.
func build(t testing.TB, o hnsw.Options, rows [][]float32, workers int) *hnsw.Index {
	t.Helper()
	ix, err := hnsw.New(o)
	require.NoError(t, err)
	ids := make([]uint32, len(rows))
	for i, v := range rows {
		ids[i] = uint32(i)
		ix.Put(ids[i], v)
	}
	ix.Link(ids, workers)
	return ix.WalkAlways()
}

// rank is the metric, in float64.
func rank(m hnsw.Metric, a, b []float32) (r float64) {
	for i, x := range a {
		if d := float64(x) - float64(b[i]); m == hnsw.L2 {
			r += d * d
		} else {
			r -= float64(x) * float64(b[i])
		}
	}
	return r
}

// nearest is the exact search, the short way.
func nearest(m hnsw.Metric, rows map[uint32][]float32, q []float32, k int) []hnsw.Hit {
	hits := []hnsw.Hit{}
	for id, v := range rows {
		hits = append(hits, hnsw.Hit{ID: id, Rank: float32(rank(m, q, v))})
	}
	slices.SortFunc(hits, func(a, b hnsw.Hit) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
	})
	return hits[:min(k, len(hits))]
}

// recall is the share of the true neighbours that searches find.
func recall(ix *hnsw.Index, queries [][]float32, k, ef int, allow hnsw.Bits) float64 {
	var s hnsw.Searcher
	found, want := 0, 0
	for _, q := range queries {
		hits := ix.Search(nil, q, k, ef, allow, &s)
		for _, truth := range ix.Exact(nil, q, k, allow, &s) {
			want++
			if slices.ContainsFunc(hits, func(h hnsw.Hit) bool { return h.ID == truth.ID }) {
				found++
			}
		}
	}
	return float64(found) / float64(want)
}

// every returns the set of the ids below n that are multiples of step.
func every(step, n int) hnsw.Bits {
	b := make(hnsw.Bits, (n+63)/64)
	for id := 0; id < n; id += step {
		b[id/64] |= 1 << (id % 64)
	}
	return b
}
