package vector_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/hnsw"
	"github.com/quintet-ai/quintet/vector"
)

// hard draws vectors that graphs find hard: clusters in subspaces of their own,
// about 23 dimensions locally, with noise in all of them.
func hard(seed uint64, n, dim int) [][]float32 {
	const groups, local, noise = 200, 28, 0.45
	rng := rand.New(rand.NewPCG(seed, 7))
	gauss := func(n int, scale float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64() * scale)
		}
		return x
	}
	bases, centres := make([][]float32, groups), make([][]float32, groups)
	for g := range bases {
		bases[g], centres[g] = gauss(local*dim, 1/math.Sqrt(local)), gauss(dim, 0.55)
	}
	rows := make([][]float32, n)
	for i := range rows {
		g := rng.IntN(groups)
		rows[i] = gauss(dim, noise)
		for j, v := range centres[g] {
			rows[i][j] += v
		}
		for k, z := range gauss(local, 1) {
			for j, b := range bases[g][k*dim : (k+1)*dim] {
				rows[i][j] += z * b
			}
		}
	}
	return rows
}

func fill(t testing.TB, c *vector.Collection[int], vs [][]float32) {
	t.Helper()
	var items []vector.Item[int]
	for i, v := range vs {
		items = append(items, vector.Item[int]{ID: i, Vector: v, Meta: vector.Meta{"percent": i % 100}})
	}
	require.NoError(t, c.Upsert(context.Background(), items...))
}

// recallAt is the share of the ten nearest that queries like the given one find.
func recallAt(t testing.TB, c *vector.Collection[int], vs [][]float32, q vector.Query) float64 {
	t.Helper()
	found, wanted := 0, 0
	for _, v := range vs {
		q.Vector, q.Exact = v, true
		truth, err := c.Search(t.Context(), q)
		require.NoError(t, err)
		among := map[int]bool{}
		for _, h := range truth {
			among[h.ID] = true
		}
		q.Exact = false
		hits, err := c.Search(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, hits, len(truth))
		wanted += len(truth)
		for _, h := range hits {
			if among[h.ID] {
				found++
			}
		}
	}
	return float64(found) / float64(wanted)
}

// BenchmarkGraph searches 100,000 vectors of 128 floats. Metrics cpu-µs count what
// the process used, whatever else the machine does.
func BenchmarkGraph(b *testing.B) {
	const n, dim, queries = 100_000, 128, 500
	vs := hard(1, n+queries, dim)
	qs := vs[n:]
	ix := bareIndex(b, vs[:n], dim)
	for _, quant := range []vector.Quantization{vector.None, vector.SQ8} {
		c, err := vector.New[int](vector.Options{
			Dim: dim, Metric: vector.L2, Index: vector.HNSW, Quantization: quant, Runtime: workers(b, 2),
		})
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, c.Close()) })
		fill(b, c, vs[:n])
		vector.Settle(c)
		if quant == vector.SQ8 {
			ix.Quantize(hnsw.Code8)
		}
		for _, ef := range []int{32, 64, 128} {
			name := fmt.Sprintf("codes=%v/ef=%d", quant, ef)
			b.Run(name+"/bare", func(b *testing.B) {
				var s hnsw.Searcher
				hits := make([]hnsw.Hit, 0, 10)
				perQuery(b, func(i int) { ix.Search(hits, qs[i%queries], 10, ef, nil, &s) })
			})
			ask := func(name string, q vector.Query) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					share := recallAt(b, c, qs[:200], q)
					perQuery(b, func(i int) {
						q.Vector = qs[i%queries]
						if _, err := c.Search(context.Background(), q); err != nil {
							b.Fatal(err)
						}
					})
					b.ReportMetric(share, "recall@10")
				})
			}
			ask(name, vector.Query{Ef: ef})
			for _, percent := range []int{1, 10, 50} {
				ask(fmt.Sprintf("%s/filter=%d", name, percent),
					vector.Query{Ef: ef, Filter: vector.AtMost("percent", percent-1)})
			}
			if ef == 64 {
				ask("exact", vector.Query{Exact: true})
			}
		}
	}
}

// BenchmarkOverhead asks a collection and the graph alone in turn: ratio is the
// median over rounds of their times.
func BenchmarkOverhead(b *testing.B) {
	const n, dim, queries = 20_000, 128, 100
	vs := hard(1, n+queries, dim)
	qs := vs[n:]
	ix := bareIndex(b, vs[:n], dim)
	c, err := vector.New[int](vector.Options{Dim: dim, Metric: vector.L2, Index: vector.HNSW})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, c.Close()) })
	var items []vector.Item[int]
	for i, v := range vs[:n] {
		items = append(items, vector.Item[int]{ID: i, Vector: v})
	}
	require.NoError(b, c.Upsert(b.Context(), items...))
	vector.Settle(c)
	var s hnsw.Searcher
	hits := make([]hnsw.Hit, 0, 10)
	var ratios []float64
	for b.Loop() {
		start := cpu()
		for _, q := range qs {
			ix.Search(hits, q, 10, 64, nil, &s)
		}
		middle := cpu()
		for _, q := range qs {
			if _, err := c.Search(b.Context(), vector.Query{Vector: q}); err != nil {
				b.Fatal(err)
			}
		}
		ratios = append(ratios, float64(cpu()-middle)/float64(middle-start))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
}

// BenchmarkBuild fills a collection and waits for its graph.
func BenchmarkBuild(b *testing.B) {
	const n = 100_000
	for _, dim := range []int{128, 384} {
		vs := hard(1, n, dim)
		for _, w := range []int{1, 2} {
			b.Run(fmt.Sprintf("dim=%d/workers=%d", dim, w), func(b *testing.B) {
				var s vector.Stats
				before := cpu()
				for b.Loop() {
					o := vector.Options{Dim: dim, Metric: vector.L2, Index: vector.HNSW, Runtime: workers(b, w)}
					c, err := vector.New[int](o)
					require.NoError(b, err)
					fill(b, c, vs)
					vector.Settle(c)
					s = stats(b, c)
					require.NoError(b, c.Close())
				}
				b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s")
				b.ReportMetric(float64(s.Bytes+s.LinkBytes)/n, "B/vector")
			})
		}
	}
}

// BenchmarkCompacted compares a graph of which half was deleted and that was
// compacted with a fresh one of the other half.
func BenchmarkCompacted(b *testing.B) {
	const n, dim, queries = 40_000, 128, 200
	vs := hard(1, n+queries, dim)
	for _, name := range []string{"fresh", "compacted"} {
		b.Run(name, func(b *testing.B) {
			c, err := vector.New[int](vector.Options{Dim: dim, Metric: vector.L2, Index: vector.HNSW})
			require.NoError(b, err)
			defer c.Close()
			if name == "fresh" {
				fill(b, c, vs[:n/2])
			} else {
				fill(b, c, vs[:n])
				vector.Settle(c)
				for i := n / 2; i < n; i++ {
					_, err := c.Delete(b.Context(), i)
					require.NoError(b, err)
				}
			}
			require.NoError(b, c.Compact(b.Context()))
			share := recallAt(b, c, vs[n:], vector.Query{})
			perQuery(b, func(i int) {
				if _, err := c.Search(context.Background(), vector.Query{Vector: vs[n+i%queries]}); err != nil {
					b.Fatal(err)
				}
			})
			b.ReportMetric(share, "recall@10")
		})
	}
}

// BenchmarkOpenGraph opens 50,000 vectors of 128 floats with their graph.
func BenchmarkOpenGraph(b *testing.B) {
	const n, dim = 50_000, 128
	dir := b.TempDir()
	o := vector.Options{Dim: dim, Metric: vector.L2, Index: vector.HNSW, EfConstruction: 20, Sync: vector.SyncNever}
	c, err := vector.Open[int](dir, o)
	require.NoError(b, err)
	fill(b, c, hard(1, n, dim))
	require.NoError(b, c.Compact(b.Context()))
	require.NoError(b, c.Close())
	before := cpu()
	for b.Loop() {
		c, err := vector.Open[int](dir, o)
		if err != nil || c.Len() != n || stats(b, c).Unlinked > 0 {
			b.Fatal(err)
		}
		require.NoError(b, c.Close())
	}
	b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s")
}

// bareIndex is the graph alone.
func bareIndex(b *testing.B, vs [][]float32, dim int) *hnsw.Index {
	ix, err := hnsw.New(hnsw.Options{Dim: dim})
	require.NoError(b, err)
	ids := make([]uint32, len(vs))
	for i, v := range vs {
		ids[i] = uint32(i)
		ix.Put(ids[i], v)
	}
	ix.Link(ids, 2)
	return ix
}

func perQuery(b *testing.B, do func(i int)) {
	i, before := 0, cpu()
	for b.Loop() {
		do(i)
		i++
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/1e3/float64(i), "cpu-µs/query")
}
