package wal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mmap"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
)

// mapping keeps the blocks that it is given.
type mapping struct {
	pages  *mmap.Pages
	blocks [][]byte
}

func (m *mapping) handler() wal.Handler {
	return wal.Handler{
		Reset:  func() { m.blocks = nil },
		Map:    func(p *mmap.Pages) { m.pages = p },
		Block:  m.add,
		Record: func([]byte) error { return nil },
	}
}

func (m *mapping) add(b []byte) error { m.blocks = append(m.blocks, b); return nil }

func TestBlocksOfAMappedSnapshotMayBeKept(t *testing.T) {
	systems := map[string]struct {
		fs  wal.FS
		dir string
	}{"in memory": {faultfs.New(), dir}, "on disk": {wal.OS{}, t.TempDir()}}
	for name, system := range systems {
		t.Run(name, func(t *testing.T) {
			log, err := wal.Open(system.dir, wal.Options{FS: system.fs}, new(mapping).handler())
			require.NoError(t, err)
			_, err = log.Map(func([]byte) error { return nil })
			require.ErrorIs(t, err, errors.ErrUnsupported, "there is no snapshot")
			require.NoError(t, log.Append([]byte("x")))
			seq, err := log.Rotate()
			require.NoError(t, err)
			want := [][]byte{[]byte("one"), []byte(strings.Repeat("two", 1000)), {}, []byte("four")}
			require.NoError(t, log.Checkpoint(seq, func(add func([]byte) error) error {
				return errors.Join(add(want[0]), add(want[1]), add(want[2]), add(want[3]))
			}))
			var after mapping
			pages, err := log.Map(after.add)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip("this system maps no files")
			}
			require.NoError(t, err)
			require.Equal(t, want, after.blocks)
			require.NoError(t, log.Close())

			var m mapping
			log, err = wal.Open(system.dir, wal.Options{FS: system.fs}, m.handler())
			require.NoError(t, err)
			require.NoError(t, log.Close())
			require.Equal(t, want, m.blocks)
			for _, b := range slices.DeleteFunc(m.blocks, func(b []byte) bool { return len(b) == 0 }) {
				at := strings.Index(string(m.pages.Bytes()), string(b))
				require.Same(t, &m.pages.Bytes()[at], &b[0], "they are part of the pages")
				require.Zero(t, at%32)
			}
			m.pages.Close()
			pages.Close()
		})
	}
}

func TestASnapshotThatWasHarmedSinceIsNotMapped(t *testing.T) {
	for name, harm := range map[string]func(b []byte) []byte{
		"it is shorter":           func(b []byte) []byte { return b[:len(b)-32] },
		"it is longer":            func(b []byte) []byte { return append(b, 0) },
		"a header is no header":   func(b []byte) []byte { b[64+31]++; return b },
		"the end is not its kind": func(b []byte) []byte { copy(b[len(b)-32:], b[64:96]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			fs := faultfs.New()
			log, err := wal.Open(dir, wal.Options{FS: fs}, new(mapping).handler())
			require.NoError(t, err)
			require.NoError(t, log.Append([]byte("x")))
			seq, err := log.Rotate()
			require.NoError(t, err)
			require.NoError(t, log.Checkpoint(seq, func(add func([]byte) error) error { return add([]byte("block")) }))
			file := names(fs, ".snap")[0]
			b := harm(slices.Clone(fs.Files()[file]))
			f, err := fs.Open(file, true)
			require.NoError(t, err)
			require.NoError(t, f.Truncate(0))
			_, err = f.WriteAt(b, 0)
			require.NoError(t, err)
			_, err = log.Map(func([]byte) error { return nil })
			require.ErrorIs(t, err, wal.ErrCorrupt)
			fs.Fail(func(op, _ string) error {
				if op == "map" {
					return errors.ErrUnsupported
				}
				return nil
			})
			_, err = log.Map(func([]byte) error { return nil })
			require.ErrorIs(t, err, errors.ErrUnsupported)
		})
	}
}
