package vector_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

// form is a way to keep the same vectors.
type form struct {
	name   string
	quant  vector.Quantization
	mapped bool
}

// BenchmarkQuantization asks 30,000 vectors of 384 floats, kept in each of the forms.
// B/vector is what the collection says of its memory, heap-B/vector what the heap
// grew by, with keys and all, mapped-B/vector what is in the file.
func BenchmarkQuantization(b *testing.B) {
	const n, dim, queries = 30_000, 384, 500
	vs := hard(1, n+queries, dim)
	for _, v := range vs {
		unit(v)
	}
	qs := vs[n:]
	dir := b.TempDir()
	o := vector.Options{Dim: dim, Index: vector.HNSW, Sync: vector.SyncNever, SnapshotBytes: -1, Runtime: workers(b, 2)}
	c, err := vector.Open[int](dir, o)
	require.NoError(b, err)
	var items []vector.Item[int]
	for i, v := range vs[:n] {
		items = append(items, vector.Item[int]{ID: i, Vector: v})
	}
	require.NoError(b, c.Upsert(b.Context(), items...))
	vector.Settle(c)
	require.NoError(b, c.Snapshot(b.Context()))
	require.NoError(b, c.Close())
	for _, f := range []form{
		{"none", vector.None, false}, {"none", vector.None, true},
		{"sq8", vector.SQ8, false}, {"sq8", vector.SQ8, true},
		{"binary", vector.Binary, false}, {"binary", vector.Binary, true},
		{"f16", vector.F16, false}, {"f16", vector.F16, true},
	} {
		name := "quantization=" + f.name + "/mapped=false"
		if f.mapped {
			name = "quantization=" + f.name + "/mapped=true"
		}
		b.Run(name, func(b *testing.B) {
			o.Quantization, o.Mapped = f.quant, f.mapped
			before := heap()
			c, err := vector.Open[int](dir, o)
			require.NoError(b, err)
			vector.Settle(c)
			require.NoError(b, c.Snapshot(b.Context())) // of the graph that f16 makes anew
			grown := float64(heap()-before) / n
			for _, ef := range []int{32, 64, 128} {
				b.Run("ef="+strconv.Itoa(ef), func(b *testing.B) {
					share := recallAt(b, c, qs[:200], vector.Query{Ef: ef})
					perQuery(b, func(i int) {
						if _, err := c.Search(context.Background(), vector.Query{Vector: qs[i%queries], Ef: ef}); err != nil {
							b.Fatal(err)
						}
					})
					s := stats(b, c)
					b.ReportMetric(share, "recall@10")
					b.ReportMetric(float64(s.Bytes+s.LinkBytes+s.CodeBytes)/n, "B/vector")
					b.ReportMetric(float64(s.MappedBytes)/n, "mapped-B/vector")
					b.ReportMetric(grown, "heap-B/vector")
				})
			}
			require.NoError(b, c.Close())
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
