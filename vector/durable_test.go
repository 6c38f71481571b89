package vector_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

// operations is how many calls the property test makes, 1,000,000 of them with
// QUINTET_VECTOR_OPS=1000000.
func operations(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("QUINTET_VECTOR_OPS"))
	if err != nil {
		return 10_000
	}
	return n
}

// TestRandomCallsOnDiskAgreeWithTheModel also takes snapshots, compacts, restores
// backups, closes, and loses the process or the power.
func TestRandomCallsOnDiskAgreeWithTheModel(t *testing.T) {
	n := operations(t) / 6
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		for index, o := range options(5, metric) {
			t.Run(fmt.Sprintf("%v %s", metric, index), func(t *testing.T) {
				o.SnapshotBytes = 10_000
				p := &pair{t: t, rng: rand.New(rand.NewPCG(uint64(metric), 7)), dim: 5, model: model{metric: metric}}
				p.approximate = o.Index == vector.HNSW
				p.runOnDisk(p.steps(n), o)
				p.checkRecall()
			})
		}
	}
}

func (p *pair) runOnDisk(n int, o vector.Options) {
	t, rng, fs := p.t, p.rng, faultfs.New()
	p.c = reopen(t, fs, o)
	for i := range n {
		if rng.IntN(40) > 0 {
			p.step(50 + i%200)
			continue
		}
		switch rng.IntN(6) {
		case 0:
			require.NoError(t, p.c.Snapshot(t.Context()))
		case 1:
			require.NoError(t, p.c.Compact(t.Context()))
		case 2:
			var w bytes.Buffer
			require.NoError(t, p.c.Backup(t.Context(), &w))
			upsert(t, p.c, item{ID: "gone", Vector: p.vector()})
			require.NoError(t, p.c.Restore(t.Context(), &w))
		case 3:
			require.NoError(t, p.c.Close())
			fs = faultfs.With(fs.Files())
		case 4: // the process dies
			after := faultfs.With(fs.Files())
			p.c.Close()
			fs = after
		case 5: // the power fails; every change was acknowledged
			after := fs.Cut(rng)
			p.c.Close()
			fs = after
		}
		if _, err := p.c.Stats(t.Context()); err != nil {
			p.c = reopen(t, fs, o)
		}
		p.compareAll()
	}
	p.compareAll()
}

func TestEveryTypeSurvivesAReopening(t *testing.T) {
	type name string
	dir := t.TempDir()
	o := vector.Options{Dim: 3, Metric: vector.Dot}
	c, err := vector.Open[name](dir, o)
	require.NoError(t, err)
	want := vector.Item[name]{ID: "a", Vector: []float32{1, -2, float32(math.Copysign(0, -1))}, Text: "text\x00\xff", Meta: vector.Meta{
		"s": "x", "b": true, "no": false, "i": -1, "i8": int8(-2), "i16": int16(3), "i32": int32(-4), "i64": int64(math.MinInt64),
		"u": uint(1), "u8": uint8(255), "u16": uint16(3), "u32": uint32(4), "u64": uint64(math.MaxUint64),
		"f": math.Inf(1), "f32": float32(2.5), "t": time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		"list": []string{"x", ""}, "empty": []string{}, "": "",
	}}
	require.NoError(t, c.Upsert(t.Context(), want, vector.Item[name]{ID: "", Vector: []float32{0, 0, 0}}))
	for i := range 3 {
		got, ok, err := c.Get(t.Context(), "a")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, got)
		require.Equal(t, 2, c.Len())
		if i == 1 {
			require.NoError(t, c.Snapshot(t.Context()))
		}
		require.NoError(t, c.Close())
		c, err = vector.Open[name](dir, o)
		require.NoError(t, err)
	}
	s, err := c.Stats(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), s.LastSnapshot, time.Minute)
	require.Positive(t, s.LogBytes)
	require.Positive(t, s.SnapshotBytes)
	require.Empty(t, s.SnapshotError)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())

	keepsKey(t, -7)
	keepsKey(t, int64(math.MinInt64))
	keepsKey(t, uint64(math.MaxUint64))
}

func keepsKey[K vector.Key](t *testing.T, k K) {
	t.Helper()
	fs := faultfs.New()
	for range 2 {
		c, err := vector.OpenIn[K](fs, store, vector.Options{Dim: 1})
		require.NoError(t, err)
		require.NoError(t, c.Upsert(t.Context(), vector.Item[K]{ID: k, Vector: []float32{1}}))
		require.Equal(t, 1, c.Len())
		require.NoError(t, c.Close())
	}
}

func TestOptionsThatContradictTheFilesAreRefused(t *testing.T) {
	fs := faultfs.New()
	c := reopen(t, fs, vector.Options{Dim: 2})
	upsert(t, c, item{ID: "a", Vector: []float32{1, 0}}, item{ID: "b", Vector: []float32{1, 0}})
	_, err := vector.OpenIn[string](fs, store, vector.Options{Dim: 2})
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NoError(t, c.Close())
	for want, o := range map[string]vector.Options{
		"has dimension 2, metric cosine, keys of kind string, want dimension 3": {Dim: 3},
		"want dimension 2, metric l2":                                           {Dim: 2, Metric: vector.L2},
		"holds 2 items, MaxItems is 1":                                          {Dim: 2, MaxItems: 1},
		"unknown sync(3)":                                                       {Dim: 2, Sync: 3},
		"SyncInterval is -1ns":                                                  {Dim: 2, SyncInterval: -1},
	} {
		_, err := vector.OpenIn[string](fs, store, o)
		require.ErrorIs(t, err, quintet.ErrOption)
		require.ErrorContains(t, err, want)
	}
	_, err = vector.OpenIn[int](fs, store, vector.Options{Dim: 2})
	require.ErrorContains(t, err, "want dimension 2, metric cosine, keys of kind int")
	require.Len(t, all(t, reopen(t, fs, vector.Options{Dim: 2, Sync: vector.SyncNever})), 2, "nothing was harmed")
}

func TestALogCutAnywhereLosesWholeCallsOnly(t *testing.T) {
	o := vector.Options{Dim: 3, Metric: vector.L2}
	files, states := written(t, o, false)
	name := file(files, ".log")
	whole, state := files[name], len(states)-1
	for n := len(whole); n >= len(whole)*4/5; n-- {
		files[name] = whole[:n]
		c := reopen(t, faultfs.With(files), o)
		got := all(t, c)
		if fmt.Sprint(got) != fmt.Sprint(states[state]) {
			state--
		}
		require.Equal(t, states[state], got, "cut at %d of %d", n, len(whole))
		require.NoError(t, c.Close())
	}
	require.Less(t, state, len(states)-3)
}

func TestNoFlippedBitIsAccepted(t *testing.T) {
	o := vector.Options{Dim: 3}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, closed := range []bool{true, false} {
		files, _ := written(t, o, closed)
		for range 500 {
			suffix := []string{".log", ".snap"}[rng.IntN(2)]
			name := file(files, suffix)
			harmed := maps.Clone(files)
			harmed[name] = bytes.Clone(files[name])
			bit := rng.IntN(8 * len(files[name]))
			harmed[name][bit/8] ^= 1 << (bit % 8)
			_, err := vector.OpenIn[string](faultfs.With(harmed), store, o)
			var bad *vector.CorruptError
			require.ErrorAs(t, err, &bad, "bit %d of %s", bit, name)
			require.ErrorIs(t, err, vector.ErrCorrupt)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Equal(t, name, bad.File)
			require.LessOrEqual(t, bad.Offset, int64(bit/8))
			require.ErrorContains(t, err, fmt.Sprintf("vector.Open: %s: offset %d: ", name, bad.Offset))
		}
	}
}

func TestTroubleWithTheDiskLeavesTheCollectionUsable(t *testing.T) {
	fs := faultfs.New()
	o := vector.Options{Dim: 1, Metric: vector.L2}
	c := reopen(t, fs, o)
	upsert(t, c, item{ID: "a", Vector: []float32{1}})
	refused := func(want error) {
		t.Helper()
		err := c.Upsert(t.Context(), item{ID: "b", Vector: []float32{2}})
		require.ErrorIs(t, err, want)
		_, err = c.Delete(t.Context(), "a")
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, c.Snapshot(t.Context()), want)
		require.ErrorIs(t, c.Compact(t.Context()), want)
		var w bytes.Buffer
		require.NoError(t, c.Backup(t.Context(), &w))
		require.ErrorIs(t, c.Restore(t.Context(), &w), want)
		require.Equal(t, []string{"a"}, ids(search(t, c, query{Vector: []float32{0}})))
		s, err := c.Stats(t.Context())
		require.NoError(t, err)
		require.Contains(t, s.SnapshotError, want.Error())
	}
	fs.Space(10)
	refused(syscall.ENOSPC)
	fs.Space(-1)
	upsert(t, c, item{ID: "c", Vector: []float32{3}})
	_, err := c.Delete(t.Context(), "c")
	require.NoError(t, err)

	fs.Fail(func(op, _ string) error {
		if op == "write" || op == "create" || op == "rename" {
			return syscall.EROFS
		}
		return nil
	})
	refused(syscall.EROFS)
	_, err = vector.OpenIn[string](fs, "other", o)
	require.ErrorIs(t, err, syscall.EROFS)

	fs.Fail(func(op, _ string) error {
		if op == "sync" {
			return syscall.EIO
		}
		return nil
	})
	refused(syscall.EIO)
	fs.Fail(nil)
	require.ErrorIs(t, c.Upsert(t.Context(), item{ID: "d", Vector: []float32{4}}), syscall.EIO, "nobody knows what is on disk")
	require.NoError(t, c.Snapshot(t.Context()), "but a snapshot makes that unimportant")
	upsert(t, c, item{ID: "d", Vector: []float32{4}})
	want := all(t, c)
	require.NoError(t, c.Close())
	require.Equal(t, want, all(t, reopen(t, fs, o)))
}

func TestAReadOnlyDirectoryIsAnError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	_, err := vector.Open[string](dir, vector.Options{Dim: 1})
	require.ErrorContains(t, err, "vector.Open: ")
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	require.NoError(t, os.Remove(dir))
	require.NoError(t, os.Mkdir(dir, 0o500))
	_, err = vector.Open[string](dir, vector.Options{Dim: 1})
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestWritersAndSnapshotsRunTogether(t *testing.T) {
	const writers, each = 8, 100
	for _, sync := range []vector.SyncPolicy{vector.SyncAlways, vector.SyncEvery, vector.SyncNever} {
		fs := faultfs.New()
		o := vector.Options{Dim: 2, Metric: vector.L2, Sync: sync, SyncInterval: time.Millisecond, SnapshotBytes: 5000}
		c := reopen(t, fs, o)
		together(writers, func(w int) {
			for i := range each {
				it := item{ID: fmt.Sprint(w, i), Vector: []float32{float32(w), float32(i)}}
				require.NoError(t, c.Upsert(t.Context(), it, item{ID: fmt.Sprint(w), Vector: it.Vector}))
				if i%10 == 9 {
					n, err := c.Delete(t.Context(), it.ID)
					require.NoError(t, err)
					require.Equal(t, 1, n)
				}
				if i%50 == 0 {
					require.NoError(t, c.Snapshot(t.Context()))
				}
			}
		})
		want := all(t, c)
		require.Len(t, want, writers*(each*9/10+1))
		require.NoError(t, c.Close())
		again := reopen(t, fs, o)
		require.Equal(t, want, all(t, again))
		s, err := again.Stats(t.Context())
		require.NoError(t, err)
		require.Empty(t, s.SnapshotError)
		require.Less(t, s.LogBytes, int64(20_000))
		require.NoError(t, again.Close())
	}
}

func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

func TestABackupMovesBetweenCollections(t *testing.T) {
	o := vector.Options{Dim: 2, Metric: vector.Dot}
	memory := open(t, o)
	require.ErrorIs(t, memory.Snapshot(t.Context()), quintet.ErrUnsupported)
	require.NoError(t, memory.Compact(t.Context()))
	for i := range 300 {
		upsert(t, memory, item{ID: strconv.Itoa(i), Vector: []float32{float32(i), 1}, Meta: vector.Meta{"i": i}})
	}
	var w bytes.Buffer
	require.NoError(t, memory.Backup(t.Context(), &w))
	backup := w.Bytes()

	fs := faultfs.New()
	c := reopen(t, fs, o)
	upsert(t, c, item{ID: "old", Vector: []float32{1, 1}}, item{ID: "older", Vector: []float32{1, 1}})
	seen := 0
	for it, err := range c.All(t.Context()) {
		require.NoError(t, err)
		require.Contains(t, it.ID, "old")
		require.NoError(t, c.Restore(t.Context(), bytes.NewReader(backup)))
		seen++
	}
	require.LessOrEqual(t, seen, 2, "a loop under way does not see the new items")
	require.Equal(t, all(t, memory), all(t, c))
	upsert(t, c, item{ID: "new", Vector: []float32{0, 0}})
	want := all(t, c)
	require.NoError(t, c.Close())
	c = reopen(t, fs, o)
	require.Equal(t, want, all(t, c))

	require.ErrorIs(t, c.Restore(t.Context(), bytes.NewReader(backup[:len(backup)-1])), vector.ErrCorrupt)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Restore(ctx, bytes.NewReader(backup)), context.Canceled)
	require.ErrorIs(t, c.Backup(ctx, &w), context.Canceled)
	require.ErrorIs(t, c.Snapshot(ctx), context.Canceled)
	require.ErrorIs(t, c.Compact(ctx), context.Canceled)
	require.ErrorIs(t, open(t, vector.Options{Dim: 2}).Restore(t.Context(), bytes.NewReader(backup)), quintet.ErrOption)
	small := open(t, vector.Options{Dim: 2, Metric: vector.Dot, MaxItems: 299})
	require.ErrorIs(t, small.Restore(t.Context(), bytes.NewReader(backup)), quintet.ErrOption)
	require.Equal(t, want, all(t, c), "errors change nothing")
	require.NoError(t, c.Close())
	require.ErrorIs(t, c.Restore(t.Context(), bytes.NewReader(backup)), quintet.ErrClosed)
	require.ErrorIs(t, c.Snapshot(t.Context()), quintet.ErrClosed)
}

func TestSyncPoliciesHaveNames(t *testing.T) {
	require.Equal(t, "always every never sync(9)",
		fmt.Sprint(vector.SyncAlways, vector.SyncEvery, vector.SyncNever, vector.SyncPolicy(9)))
}
