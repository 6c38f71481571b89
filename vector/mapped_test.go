package vector_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

// wideDim has 64 rows in a chunk, so that few items fill some.
const wideDim = 520

// forms are ways to keep vectors that a graph is in, with little of it built.
func forms(dim int, metric vector.Metric) map[string]vector.Options {
	all := map[string]vector.Options{}
	for _, quant := range []vector.Quantization{vector.None, vector.SQ8, vector.F16, vector.Binary} {
		for _, mapped := range []bool{false, true} {
			all[fmt.Sprintf("%v mapped=%v", quant, mapped)] = vector.WalkAlways(vector.Options{
				Dim: dim, Metric: metric, Index: vector.HNSW, M: 8, EfConstruction: 30, EfSearch: 48,
				Quantization: quant, Mapped: mapped, SnapshotBytes: -1,
			})
		}
	}
	return all
}

// TestRandomCallsOnDiskKeepEveryForm is TestRandomCallsOnDiskAgreeWithTheModel for
// vectors that are kept as less than float32, or in a file. Small integers are exact
// in 16 bits.
func TestRandomCallsOnDiskKeepEveryForm(t *testing.T) {
	for name, o := range forms(wideDim, vector.L2) {
		t.Run(name, func(t *testing.T) {
			o.SnapshotBytes = 300_000
			p := &pair{t: t, rng: rand1(11), dim: wideDim, model: model{metric: o.Metric}, approximate: true}
			p.runOnDisk(700/scale, o)
			p.checkRecall()
			for i := range 150 { // more than the calls may have left
				upsert(t, p.c, item{ID: fmt.Sprint("more ", i), Vector: p.vector()})
			}
			vector.Settle(p.c)
			require.NoError(t, p.c.Snapshot(t.Context()))
			s := stats(t, p.c)
			require.Equal(t, o.Mapped, s.MappedBytes > 0)
			require.Equal(t, o.Quantization, s.Quantization)
		})
	}
}

func TestMappedVectorsLeaveMemory(t *testing.T) {
	const n, dim, chunk = 2000, 300, 128 * 304 * 4
	vs := hard(21, n+200, dim)
	systems := map[string]func() (wal.FS, string){
		"in memory": func() (wal.FS, string) { return faultfs.New(), store },
		"on disk":   func() (wal.FS, string) { return wal.OS{}, t.TempDir() },
	}
	for name, system := range systems {
		t.Run(name, func(t *testing.T) {
			fs, dir := system()
			o := forms(dim, vector.L2)["sq8 mapped=true"]
			open := func() *vector.Collection[int] {
				c, err := vector.OpenIn[int](fs, dir, o)
				require.NoError(t, err)
				t.Cleanup(func() { c.Close() })
				return c
			}
			c := open()
			holds := func(rows int, chunks int) {
				t.Helper()
				s := stats(t, c)
				require.EqualValues(t, chunks*chunk, s.Bytes, "in memory")
				require.EqualValues(t, ((rows+127)/128-chunks)*chunk, s.MappedBytes)
				for i := 0; i < c.Len(); i += 97 {
					it, ok, err := c.Get(t.Context(), i)
					require.NoError(t, err)
					require.True(t, ok)
					require.Equal(t, vs[i], it.Vector)
				}
				require.Greater(t, recallAt(t, c, vs[n:n+30], vector.Query{Ef: 200}), 0.9)
			}
			fill(t, c, vs[:n])
			vector.Settle(c)
			require.Zero(t, stats(t, c).MappedBytes, "there is no snapshot yet")
			require.NoError(t, c.Snapshot(t.Context()))
			if stats(t, c).MappedBytes == 0 && name == "on disk" && runtime.GOOS == "windows" {
				t.Skip("this system maps no files")
			}
			holds(n, 1)
			require.NoError(t, c.Snapshot(t.Context()), "of nothing new")
			holds(n, 1)
			require.NoError(t, c.Close())

			c = open()
			vector.Settle(c)
			holds(n, 1)
			require.Equal(t, vector.SQ8, stats(t, c).Quantization)
			for i, v := range vs[n:] {
				require.NoError(t, c.Upsert(t.Context(), vector.Item[int]{ID: n + i, Vector: v}))
			}
			vector.Settle(c)
			holds(n+200, 3)
			require.NoError(t, c.Snapshot(t.Context()))
			holds(n+200, 1)

			require.NoError(t, c.Compact(t.Context()))
			holds(n+200, 1)
			var w bytes.Buffer
			require.NoError(t, c.Backup(t.Context(), &w))
			require.NoError(t, c.Restore(t.Context(), &w))
			holds(n+200, 1)
			require.NoError(t, c.Close())

			o.Mapped = false
			c = open()
			holds(n+200, (n+200+127)/128)
		})
	}
}

func TestWhatCannotBeMappedStaysInMemory(t *testing.T) {
	fs := faultfs.New()
	o := forms(wideDim, vector.Dot)["none mapped=true"]
	vs := hard(22, 150, wideDim)
	flat := o
	flat.Index = vector.Flat
	for name, tt := range map[string]struct {
		o    vector.Options
		fail error
	}{
		"the system cannot": {o, errors.ErrUnsupported},
		"the disk fails":    {o, errors.New("input/output error")},
		"it is flat":        {flat, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fs = faultfs.New()
			fs.Fail(func(op, _ string) error {
				if op == "map" {
					return tt.fail
				}
				return nil
			})
			for range 2 {
				c := reopen(t, fs, tt.o)
				for i, v := range vs {
					upsert(t, c, item{ID: fmt.Sprint(i), Vector: v})
				}
				vector.Settle(c)
				require.NoError(t, c.Compact(t.Context()))
				require.Zero(t, stats(t, c).MappedBytes)
				require.Equal(t, vs[7], all(t, c)[7].Vector)
				require.NoError(t, c.Close())
			}
		})
	}
	c := open(t, o)
	upsert(t, c, item{ID: "x", Vector: vs[0]})
	require.NoError(t, c.Compact(t.Context()))
	require.Zero(t, stats(t, c).MappedBytes, "there is no file")
}

// TestSearchesNeverSeePagesThatAreGone replaces snapshots, graphs and all items beside
// searches. Pages that were given back are full of what is no number.
func TestSearchesNeverSeePagesThatAreGone(t *testing.T) {
	const n, dim, rounds = 250, wideDim, 4 + 4/scale
	o := forms(dim, vector.L2)["binary mapped=true"]
	o.Runtime = workers(t, 2)
	c, err := vector.OpenIn[int](faultfs.New(), store, o)
	require.NoError(t, err)
	vs := hard(23, n, dim)
	fill(t, c, vs)
	vector.Settle(c)
	require.NoError(t, c.Snapshot(t.Context()))
	require.Positive(t, stats(t, c).MappedBytes)
	l2 := model{metric: vector.L2}
	var searchers, writers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		searchers.Go(func() {
			rng := rand1(uint64(w))
			for {
				select {
				case <-stop:
					return
				default:
				}
				i := rng.IntN(n)
				hits, err := c.Search(context.Background(), vector.Query{Vector: vs[i], K: 3, Exact: rng.IntN(3) == 0})
				if err != nil || len(hits) != 3 {
					t.Errorf("%v, %v", hits, err)
					return
				}
				for _, h := range hits {
					if want := l2.distance(vs[i], vs[h.ID]); !(math.Abs(h.Distance-want) < 1e-3) {
						t.Errorf("distance of %v, is %v", h, want)
						return
					}
				}
				it, ok, err := c.Get(context.Background(), i)
				if err != nil || !ok || it.Vector[0] != vs[i][0] {
					t.Errorf("item %d is %v, %v", i, it.Vector, err)
				}
			}
		})
	}
	writers.Go(func() {
		for i := range rounds * n / 8 {
			if err := c.Upsert(context.Background(), vector.Item[int]{ID: i % n, Vector: vs[i%n]}); err != nil {
				t.Error(err)
			}
		}
	})
	writers.Go(func() {
		for i := range rounds {
			var w bytes.Buffer
			var err error
			switch i % 4 {
			case 0, 1:
				err = c.Snapshot(context.Background())
			case 2:
				err = c.Compact(context.Background())
			case 3:
				err = c.Backup(context.Background(), &w)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	writers.Wait()
	var w bytes.Buffer
	require.NoError(t, c.Backup(t.Context(), &w))
	require.NoError(t, c.Restore(t.Context(), &w))
	close(stop)
	searchers.Wait()
	require.NoError(t, c.Close())
	_, err = c.Search(t.Context(), vector.Query{Vector: vs[0]})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestEveryFormOpensTheFilesOfEveryOther(t *testing.T) {
	vs := hard(24, 170, wideDim)
	all8 := forms(wideDim, vector.L2)
	for _, from := range []string{"none mapped=false", "sq8 mapped=true", "f16 mapped=true"} {
		first := all8[from]
		fs := faultfs.New()
		c := reopen(t, fs, first)
		for i, v := range vs {
			upsert(t, c, item{ID: fmt.Sprint(i), Vector: v})
			if i == 140 {
				vector.Settle(c)
				require.NoError(t, c.Snapshot(t.Context()))
			}
		}
		want := all(t, c)
		require.NoError(t, c.Close())
		files := fs.Files()
		for to, o := range all8 {
			if !o.Mapped && (scale > 1 || o.Quantization != vector.None) {
				continue // it takes long
			}
			t.Run(from+" then "+to, func(t *testing.T) {
				fs := faultfs.With(files)
				for range 2 {
					c := reopen(t, fs, o)
					for i, it := range all(t, c) {
						v := want[i].Vector
						if o.Quantization == vector.F16 || first.Quantization == vector.F16 {
							require.InDeltaSlice(t, v, it.Vector, 0.01)
						} else {
							require.Equal(t, v, it.Vector)
						}
						require.Equal(t, want[i].ID, it.ID)
					}
					require.NoError(t, c.Snapshot(t.Context()), "with nothing new")
					for _, it := range want[:20] {
						require.Equal(t, it.ID, search(t, c, query{Vector: it.Vector, K: 1, Ef: 300})[0].ID)
					}
					vector.Settle(c)
					require.Equal(t, o.Quantization, stats(t, c).Quantization)
					require.NoError(t, c.Snapshot(t.Context()))
					require.Equal(t, o.Mapped, stats(t, c).MappedBytes > 0)
					for _, it := range want[:20] {
						require.Equal(t, it.ID, search(t, c, query{Vector: it.Vector, K: 1, Ef: 300})[0].ID)
					}
					require.NoError(t, c.Close())
				}
			})
		}
	}
}

func TestFloatsBeyondF16AreRefused(t *testing.T) {
	for _, index := range []vector.IndexKind{vector.Flat, vector.HNSW} {
		o := vector.Options{Dim: 3, Metric: vector.L2, Index: index, SnapshotBytes: -1, Quantization: vector.F16}
		fs := faultfs.New()
		c := reopen(t, fs, o)
		upsert(t, c, item{ID: "a", Vector: []float32{65504, -65519, 1e-30}})
		err := c.Upsert(t.Context(), item{ID: "b", Vector: []float32{1, 2, 3}}, item{ID: "c", Vector: []float32{0, 65520, 0}})
		require.EqualError(t, err, "vector.Upsert [1]: vector has 65520 at 1, f16 has 65504 at most: invalid input")
		require.Equal(t, []float32{65504, -65504, 0}, all(t, c)[0].Vector)
		require.Len(t, all(t, c), 1, "none went in")
		hits := search(t, c, query{Vector: []float32{1e9, 0, 0}})
		require.InEpsilon(t, 1e9, hits[0].Distance, 1e-4, "queries have no such bound")
		require.NoError(t, c.Close())

		o.Quantization = vector.None
		for _, snapshot := range []bool{false, true} {
			fs := faultfs.New()
			c := reopen(t, fs, o)
			upsert(t, c, item{ID: "a", Vector: []float32{1e6, 0, 0}})
			if snapshot {
				vector.Settle(c)
				require.NoError(t, c.Snapshot(t.Context()))
			}
			require.NoError(t, c.Close())
			half := o
			half.Quantization = vector.F16
			_, err := vector.OpenIn[string](fs, store, half)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.NotErrorIs(t, err, vector.ErrCorrupt)
			require.ErrorContains(t, err, "items do not fit the options: vector has 1e+06 at 0")
			require.Len(t, all(t, reopen(t, fs, o)), 1, "nothing was touched")
		}
	}
	c := open(t, vector.Options{Dim: 2, Quantization: vector.F16})
	upsert(t, c, item{ID: "a", Vector: []float32{3e20, 4e20}})
	require.Equal(t, []float32{0.60009765625, 0.7998046875}, all(t, c)[0].Vector, "a direction has no size")
}
