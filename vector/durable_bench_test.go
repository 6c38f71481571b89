package vector_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

// BenchmarkDurableUpsert writes vectors of 384 floats one a call. Memory is what
// it costs without a log.
func BenchmarkDurableUpsert(b *testing.B) {
	vs := synth.Clusters(1, 1000, benchDim, 10)
	run := func(b *testing.B, c *vector.Collection[int], writers int) {
		b.Cleanup(func() { require.NoError(b, c.Close()) })
		var next atomic.Int64
		share := func(int) {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				it := vector.Item[int]{ID: int(i % 100_000), Vector: vs[i%1000]}
				if err := c.Upsert(context.Background(), it); err != nil {
					b.Error(err)
					return
				}
			}
		}
		b.ResetTimer()
		together(writers, share)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	}
	for _, writers := range []int{1, 16} {
		for _, sync := range []vector.SyncPolicy{vector.SyncAlways, vector.SyncEvery, vector.SyncNever} {
			b.Run(fmt.Sprintf("sync=%v/writers=%d", sync, writers), func(b *testing.B) {
				c, err := vector.Open[int](b.TempDir(), vector.Options{Dim: benchDim, Sync: sync})
				require.NoError(b, err)
				run(b, c, writers)
			})
		}
		b.Run(fmt.Sprintf("memory/writers=%d", writers), func(b *testing.B) {
			c, err := vector.New[int](vector.Options{Dim: benchDim})
			require.NoError(b, err)
			run(b, c, writers)
		})
	}
}

// BenchmarkOpen opens 100,000 vectors of 128 floats, from a snapshot and from a
// log of one record each.
func BenchmarkOpen(b *testing.B) {
	const n, dim = 100_000, 128
	vs := synth.Clusters(1, n, dim, 100)
	for _, from := range []string{"snapshot", "log"} {
		b.Run("from="+from, func(b *testing.B) {
			dir, o := b.TempDir(), vector.Options{Dim: dim, Sync: vector.SyncNever, SnapshotBytes: -1}
			c, err := vector.Open[int](dir, o)
			require.NoError(b, err)
			for i, v := range vs {
				require.NoError(b, c.Upsert(b.Context(), vector.Item[int]{ID: i, Vector: v}))
			}
			if from == "snapshot" {
				require.NoError(b, c.Snapshot(b.Context()))
			}
			require.NoError(b, c.Close())
			for b.Loop() {
				c, err := vector.Open[int](dir, o)
				if err != nil || c.Len() != n {
					b.Fatal(err)
				}
				b.StopTimer()
				require.NoError(b, c.Close())
				b.StartTimer()
			}
		})
	}
}

// BenchmarkSnapshot writes 100,000 vectors of 128 floats.
func BenchmarkSnapshot(b *testing.B) {
	c, err := vector.Open[int](b.TempDir(), vector.Options{Dim: 128, Sync: vector.SyncNever, SnapshotBytes: -1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, c.Close()) })
	vs := synth.Clusters(1, 100_000, 128, 100)
	for i, v := range vs {
		require.NoError(b, c.Upsert(b.Context(), vector.Item[int]{ID: i, Vector: v}))
	}
	b.SetBytes(100_000 * 128 * 4)
	for b.Loop() {
		b.StopTimer()
		require.NoError(b, c.Upsert(b.Context(), vector.Item[int]{ID: 0, Vector: vs[0]}))
		b.StartTimer()
		require.NoError(b, c.Snapshot(b.Context()))
	}
}
