package vector_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/simd"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

const (
	benchItems = 100_000
	benchDim   = 384
	benchBytes = benchItems * benchDim * 4
)

func benchCollection(b *testing.B, o vector.Options, vs [][]float32) *vector.Collection[int] {
	c, err := vector.New[int](o)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, c.Close()) })
	for i, v := range vs {
		it := vector.Item[int]{ID: i, Vector: v, Meta: vector.Meta{"percent": i % 100}}
		require.NoError(b, c.Upsert(context.Background(), it))
	}
	return c
}

func reportScan(b *testing.B, queries int) {
	perQuery := b.Elapsed().Seconds() / float64(b.N*queries)
	b.ReportMetric(perQuery*1e3, "ms/query")
	b.ReportMetric(benchBytes/perQuery/1e9, "GB/s")
}

// naive is what a search is without this package.
func naive(vs [][]float32, q []float32, k int) []vector.Hit[int] {
	var hits []vector.Hit[int]
	for i, v := range vs {
		var dot float32
		for j, x := range v {
			dot += x * q[j]
		}
		if len(hits) == k && float64(dot) <= hits[k-1].Score {
			continue
		}
		at := len(hits)
		for at > 0 && hits[at-1].Score < float64(dot) {
			at--
		}
		hits = slices.Insert(hits, at, vector.Hit[int]{ID: i, Score: float64(dot)})
		hits = hits[:min(k, len(hits))]
	}
	return hits
}

// BenchmarkSearch scans 100,000 vectors of 384 floats, 154 MB, which fit no
// cache. The kernel alone shows what memory allows.
func BenchmarkSearch(b *testing.B) {
	vs := synth.Clusters(1, benchItems, benchDim, 100)
	q := vector.Query{Vector: vs[0]}
	b.Run("naive", func(b *testing.B) {
		for b.Loop() {
			naive(vs, q.Vector, 10)
		}
		reportScan(b, 1)
	})
	b.Run("kernel", func(b *testing.B) {
		flat, dst := slices.Concat(vs...), make([]float32, 128)
		for b.Loop() {
			for i := 0; i+128 <= benchItems; i += 128 {
				simd.DotRows(dst, q.Vector, flat[i*benchDim:], benchDim, nil)
			}
		}
		reportScan(b, 1)
	})
	for _, metric := range []vector.Metric{vector.Cosine, vector.L2} {
		for _, n := range []int{1, 2} {
			c := benchCollection(b, vector.Options{Dim: benchDim, Metric: metric, Index: vector.Flat, Runtime: workers(b, n)}, vs)
			for name, f := range map[string]vector.Filter{
				"all": {}, "1percent": vector.Eq("percent", 7), "50percent": vector.AtMost("percent", 49),
			} {
				b.Run(fmt.Sprintf("metric=%v/workers=%d/filter=%s", metric, n, name), func(b *testing.B) {
					b.ReportAllocs()
					q := q
					q.Filter = f
					for b.Loop() {
						if _, err := c.Search(b.Context(), q); err != nil {
							b.Fatal(err)
						}
					}
					reportScan(b, 1)
				})
			}
		}
	}
}

func BenchmarkSearchBatch(b *testing.B) {
	vs := synth.Clusters(1, benchItems, benchDim, 100)
	c := benchCollection(b, vector.Options{Dim: benchDim, Index: vector.Flat, Runtime: workers(b, 1)}, vs)
	for _, n := range []int{1, 4, 32, 64} {
		b.Run(fmt.Sprintf("queries=%d/workers=1", n), func(b *testing.B) {
			qs := make([]vector.Query, n)
			for i := range qs {
				qs[i].Vector = vs[i]
			}
			for b.Loop() {
				if _, err := c.SearchBatch(b.Context(), qs); err != nil {
					b.Fatal(err)
				}
			}
			reportScan(b, n)
		})
	}
}

func BenchmarkUpsert(b *testing.B) {
	vs := synth.Clusters(1, 1000, benchDim, 10)
	c := benchCollection(b, vector.Options{Dim: benchDim}, nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		it := vector.Item[int]{ID: i % 100_000, Vector: vs[i%1000]}
		if err := c.Upsert(b.Context(), it); err != nil {
			b.Fatal(err)
		}
	}
}
