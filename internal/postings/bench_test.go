package postings_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/quintet-ai/quintet/internal/postings"
)

// collection makes n documents and queries from their distribution: texts of about
// 100 words from a vocabulary of 200,000, or vectors of about 120 of 30,000
// dimensions.
func collection(o postings.Options, n int) (docs, queries []terms) {
	rng := rand.New(rand.NewPCG(3, 4))
	vocabulary, length, asked := uint64(200_000), 100.0, 0
	words := rand.NewZipf(rng, 1.07, 5, vocabulary-1)
	if o.Scoring == postings.Dot {
		vocabulary, length = 30_000, 120
		words = rand.NewZipf(rng, 1.01, 100, vocabulary-1)
	}
	doc := func(mean float64) terms {
		out := make(terms, max(1, int(mean*math.Exp(0.6*rng.NormFloat64()-0.18))))
		for i := range out {
			out[i] = term{words.Uint64(), 1}
			if o.Scoring == postings.Dot {
				out[i].Weight = float32(math.Exp(0.7*rng.NormFloat64() - 0.5))
			}
		}
		return out
	}
	for range n {
		docs = append(docs, doc(length))
	}
	for asked = 0; asked < 200; asked++ {
		if o.Scoring == postings.Dot {
			queries = append(queries, doc(20))
			continue
		}
		var q terms // words of a document, as queries about it are
		from := docs[rng.IntN(n)]
		for range 2 + rng.IntN(4) {
			q = append(q, from[rng.IntN(len(from))])
		}
		queries = append(queries, q)
	}
	return docs, queries
}

var scorings = map[string]postings.Options{"bm25": {}, "dot": {Scoring: postings.Dot}}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSearch compares the pruned search with the sum over all postings.
func BenchmarkSearch(b *testing.B) {
	const n = 100_000
	for name, o := range scorings {
		docs, queries := collection(o, n)
		ix := open(b, o)
		for id, doc := range docs {
			ix.Add(uint32(id), doc)
		}
		var hits []hit
		for _, k := range []int{10, 100} {
			b.Run(fmt.Sprintf("scoring=%s/k=%d/how=pruned", name, k), func(b *testing.B) {
				var s postings.Searcher
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					hits = ix.Search(hits[:0], queries[i%len(queries)], k, nil, &s)
				}
			})
			b.Run(fmt.Sprintf("scoring=%s/k=%d/how=naive", name, k), func(b *testing.B) {
				sums := make([]float64, n)
				for i := 0; b.Loop(); i++ {
					hits = ix.Naive(hits[:0], queries[i%len(queries)], k, sums)
				}
			})
		}
		for _, every := range []int{10, 100, 1000} {
			allow := make([]uint64, n/64+1)
			for id := 0; id < n; id += every {
				allow[id/64] |= 1 << (id % 64)
			}
			b.Run(fmt.Sprintf("scoring=%s/k=10/how=pruned/allowed=%d", name, n/every), func(b *testing.B) {
				var s postings.Searcher
				for i := 0; b.Loop(); i++ {
					hits = ix.Search(hits[:0], queries[i%len(queries)], 10, allow, &s)
				}
			})
		}
	}
}

// BenchmarkAdd builds an index and measures what it takes of the heap.
func BenchmarkAdd(b *testing.B) {
	const n = 100_000
	for name, o := range scorings {
		b.Run("scoring="+name, func(b *testing.B) {
			docs, _ := collection(o, n)
			before := heap()
			var ix *postings.Index
			for b.Loop() {
				ix = open(b, o)
				for id, doc := range docs {
					ix.Add(uint32(id), doc)
				}
			}
			st := ix.Stats()
			b.ReportMetric(float64(heap()-before)/float64(st.Postings), "B/posting")
			b.ReportMetric(float64(st.Bytes)/float64(st.Postings), "counted-B/posting")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/doc")
			b.ReportMetric(float64(st.Postings)/1e6, "Mpostings")
			runtime.KeepAlive(docs)
			runtime.KeepAlive(ix)
		})
	}
}
