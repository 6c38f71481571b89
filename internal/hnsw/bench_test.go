package hnsw_test

import (
	"fmt"
	"testing"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

func BenchmarkSearch(b *testing.B) {
	const n = 20000
	rows := clusters(1, n+200, 128, false)
	queries := rows[n:]
	ix := build(b, hnsw.Options{Dim: 128, EfConstruction: 100}, rows[:n], 2)
	var s hnsw.Searcher
	hits := make([]hnsw.Hit, 0, 10)
	measure := func(name string, ef int, allow hnsw.Bits) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ix.Search(hits, queries[i%len(queries)], 10, ef, allow, &s)
			}
			b.ReportMetric(recall(ix, queries, 10, ef, allow), "recall@10")
		})
	}
	b.Run("exact", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			ix.Exact(hits, queries[i%len(queries)], 10, nil, &s)
		}
	})
	for _, codes := range []bool{false, true} {
		if codes {
			ix.Quantize(hnsw.Code8)
		}
		for _, ef := range []int{24, 32, 48, 64, 128} {
			measure(fmt.Sprintf("codes=%v/ef=%d", codes, ef), ef, nil)
		}
		for _, step := range []int{2, 10, 100} {
			measure(fmt.Sprintf("codes=%v/ef=64/allowed=1in%d", codes, step), 64, every(step, n))
		}
	}
}

func BenchmarkLink(b *testing.B) {
	for _, dim := range []int{128, 384} {
		rows := clusters(1, 5000, dim, false)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("dim=%d/workers=%d", dim, workers), func(b *testing.B) {
				for b.Loop() {
					build(b, hnsw.Options{Dim: dim}, rows, workers)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(rows)), "µs/vector")
			})
		}
	}
}

func BenchmarkDelete(b *testing.B) {
	const n = 5000
	rows := clusters(1, n, 128, false)
	ix := build(b, hnsw.Options{Dim: 128}, rows, 2)
	id := uint32(0)
	for b.Loop() {
		ix.Delete(id)
		if id++; id == n/2 {
			b.StopTimer()
			ix, id = build(b, hnsw.Options{Dim: 128}, rows, 2), 0
			b.StartTimer()
		}
	}
}
