package wal_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
)

// written returns files with a snapshot and, after it, records in two segments,
// and what they hold.
func written(t testing.TB, closed bool) (files map[string][]byte, want []string) {
	t.Helper()
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{SegmentBytes: 500})
	for i := range 20 {
		if i == 10 {
			require.NoError(t, s.checkpoint())
		}
		require.NoError(t, s.add(strconv.Itoa(i), "some text of number "+strconv.Itoa(i)))
	}
	if closed {
		require.NoError(t, s.log.Close())
	}
	require.Greater(t, len(names(fs, ".log")), 1)
	return fs.Files(), s.items
}

func lastLog(files map[string][]byte) string {
	logs := names(faultfs.With(files), ".log")
	return logs[len(logs)-1]
}

func TestALogCutAnywhereKeepsTheRecordsBeforeTheCut(t *testing.T) {
	files, want := written(t, false)
	name := lastLog(files)
	whole := files[name]
	before := len(want) + 1
	for n := len(whole); n >= 64; n-- {
		files[name] = whole[:n]
		fs := faultfs.With(files)
		s, err := openStore(fs, wal.Options{})
		require.NoError(t, err, "cut at %d", n)
		require.LessOrEqual(t, len(s.items), before)
		require.GreaterOrEqual(t, len(s.items), before-1, "a cut of one byte costs one record")
		require.Equal(t, want[:len(s.items)], s.items)
		before = max(len(s.items), 1)
		require.NoError(t, s.add("more"), "it goes on")
		require.NoError(t, s.log.Close())
		require.Equal(t, s.items, mustOpen(t, fs, wal.Options{}).items)
	}
	require.Less(t, before, len(want)-2, "several records were cut")
}

func TestNoFlippedBitIsAccepted(t *testing.T) {
	for _, closed := range []bool{true, false} {
		files, _ := written(t, closed)
		for name, data := range files {
			for bit := 0; bit < 8*len(data); bit += 23 {
				flipped := bytes.Clone(data)
				flipped[bit/8] ^= 1 << (bit % 8)
				copied := maps.Clone(files)
				copied[name] = flipped
				_, err := openStore(faultfs.With(copied), wal.Options{})
				var bad *wal.CorruptError
				require.ErrorAs(t, err, &bad, "%s bit %d", name, bit)
				require.ErrorIs(t, err, wal.ErrCorrupt)
				require.ErrorIs(t, err, quintet.ErrInput)
				require.Equal(t, name, bad.File)
				require.LessOrEqual(t, bad.Offset, int64(bit/8))
			}
		}
	}
}

func TestDamage(t *testing.T) {
	zero := func(b []byte, from, to int) []byte {
		b = bytes.Clone(b)
		clear(b[from:to])
		return b
	}
	tests := map[string]struct {
		closed bool
		harm   func(files map[string][]byte, last string)
		want   string // part of the error, "" for none
	}{
		"a lost end is a crash": {false, func(files map[string][]byte, last string) {
			files[last] = zero(files[last], len(files[last])-64, len(files[last]))
		}, ""},
		"zeros after the end are a crash": {false, func(files map[string][]byte, last string) {
			files[last] = append(files[last], make([]byte, 1000)...)
		}, ""},
		"a lost end that was synced is damage": {true, func(files map[string][]byte, last string) {
			files[last] = zero(files[last], len(files[last])-96, len(files[last])-32)
		}, "wrong checksum"},
		"a short segment before another": {false, func(files map[string][]byte, last string) {
			for _, name := range names(faultfs.With(files), ".log") {
				if name != last {
					files[name] = files[name][:len(files[name])-1]
				}
			}
		}, "file ends in a record"},
		"a missing segment": {false, func(files map[string][]byte, last string) {
			delete(files, names(faultfs.With(files), ".log")[1])
		}, "are missing"},
		"a missing snapshot": {false, func(files map[string][]byte, last string) {
			delete(files, names(faultfs.With(files), ".snap")[0])
		}, "are missing"},
		"a short snapshot": {false, func(files map[string][]byte, last string) {
			name := names(faultfs.With(files), ".snap")[0]
			files[name] = files[name][:len(files[name])-32]
		}, "file is not complete"},
		"a long snapshot": {false, func(files map[string][]byte, last string) {
			name := names(faultfs.With(files), ".snap")[0]
			files[name] = append(files[name], 0)
		}, "bytes after the end"},
		"a segment of another name": {false, func(files map[string][]byte, last string) {
			files[filepath.Join(dir, "00000000000000009999.log")] = files[last]
			delete(files, last)
		}, "are missing"},
		"an empty file": {false, func(files map[string][]byte, last string) {
			files[last] = nil
		}, "file ends in its header"},
		"unfinished and foreign files": {false, func(files map[string][]byte, last string) {
			files[last+".tmp"] = []byte("half")
			files[filepath.Join(dir, "README")] = []byte("foreign")
			files[filepath.Join(dir, "00000000000000000000.log")] = []byte("foreign")
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files, want := written(t, tt.closed)
			tt.harm(files, lastLog(files))
			fs := faultfs.With(files)
			s, err := openStore(fs, wal.Options{})
			if tt.want != "" {
				require.ErrorIs(t, err, wal.ErrCorrupt)
				require.ErrorContains(t, err, tt.want)
				require.Equal(t, files, fs.Files(), "the files stay")
				return
			}
			require.NoError(t, err)
			require.Equal(t, want[:len(s.items)], s.items)
			require.GreaterOrEqual(t, len(s.items), len(want)-1)
			require.Empty(t, names(fs, ".tmp"))
		})
	}
}

func TestAnOlderSnapshotServesWhereTheLogGoesOnFromIt(t *testing.T) {
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{})
	require.NoError(t, s.add("a", "b"))
	require.NoError(t, s.checkpoint())
	require.NoError(t, s.add("c"))
	old := fs.Files()
	require.NoError(t, s.checkpoint())
	require.NoError(t, s.add("d"))
	files := fs.Files()
	for name, data := range old { // as if the process had died before it removed them
		if files[name] == nil {
			files[name] = data
		}
	}
	snap := names(fs, ".snap")[0]
	require.Equal(t, s.items, mustOpen(t, faultfs.With(files), wal.Options{}).items)
	files[snap][70] ^= 1
	require.Equal(t, s.items, mustOpen(t, faultfs.With(files), wal.Options{}).items)
}

func TestAnErrorOfTheHandlerIsCorruption(t *testing.T) {
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{})
	require.NoError(t, s.add("a"))
	wrong := errors.New("makes no sense")
	for range 2 {
		require.NoError(t, s.log.Close())
		refuse := func([]byte) error { return wrong }
		_, err := wal.Open(dir, wal.Options{FS: fs}, wal.Handler{Reset: func() {}, Block: refuse, Record: refuse})
		require.ErrorIs(t, err, wrong)
		require.ErrorIs(t, err, wal.ErrCorrupt)
		s = mustOpen(t, fs, wal.Options{})
		require.NoError(t, s.checkpoint(), "the second time it is in a block")
	}
}

func TestSnapshotsAreRead(t *testing.T) {
	var w bytes.Buffer
	blocks := func(add func([]byte) error) error { return errors.Join(add([]byte("a")), add(nil)) }
	require.NoError(t, wal.WriteSnapshot(&w, wal.Tag{1}, blocks))
	var got []string
	load := func(b []byte) error { got = append(got, string(b)); return nil }
	require.NoError(t, wal.ReadSnapshot(bytes.NewReader(w.Bytes()), "x", wal.Tag{1}, load))
	require.Equal(t, []string{"a", ""}, got)
	broken := errors.New("broken")
	require.ErrorIs(t, wal.WriteSnapshot(io.Discard, wal.Tag{}, func(func([]byte) error) error { return broken }), broken)
	require.ErrorIs(t, wal.ReadSnapshot(bytes.NewReader(nil), "x", wal.Tag{}, load), wal.ErrCorrupt)
}

// FuzzLog and FuzzSnapshot hold any bytes against the promise that a file is read
// whole, refused, or loses a torn tail, and then takes records again.
func FuzzLog(f *testing.F) {
	files, _ := written(f, false)
	for _, data := range files {
		f.Add(data, uint8(200))
	}
	f.Fuzz(func(t *testing.T, data []byte, from uint8) {
		valid, _ := written(t, false)
		name := names(faultfs.With(valid), ".log")[0]
		for _, other := range names(faultfs.With(valid), ".log")[1:] {
			delete(valid, other)
		}
		valid[name] = append(valid[name][:min(int(from), len(valid[name]))], data...)
		fs := faultfs.With(valid)
		s, err := openStore(fs, wal.Options{})
		if err != nil {
			if !errors.Is(err, wal.ErrCorrupt) && !errors.Is(err, quintet.ErrUnsupported) && !errors.Is(err, quintet.ErrOption) {
				t.Fatal(err)
			}
			return
		}
		if err := errors.Join(s.add("more"), s.log.Close()); err != nil {
			t.Fatal(err)
		}
		if again := mustOpen(t, fs, wal.Options{}); len(again.items) != len(s.items) {
			t.Fatalf("%d items, then %d", len(s.items), len(again.items))
		}
	})
}

func FuzzSnapshot(f *testing.F) {
	files, _ := written(f, false)
	for _, data := range files {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		size := 0
		err := wal.ReadSnapshot(bytes.NewReader(data), "x", wal.Tag{}, func(b []byte) error { size += len(b); return nil })
		if size > len(data) {
			t.Fatalf("%d bytes of %d", size, len(data))
		}
		if err != nil && !errors.Is(err, wal.ErrCorrupt) && !errors.Is(err, quintet.ErrUnsupported) &&
			!errors.Is(err, quintet.ErrOption) {
			t.Fatal(err)
		}
	})
}
