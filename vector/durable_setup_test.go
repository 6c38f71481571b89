package vector_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

const store = "store"

func reopen(t testing.TB, fs wal.FS, o vector.Options) *vector.Collection[string] {
	t.Helper()
	c, err := vector.OpenIn[string](fs, store, o)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// file returns the last file that ends so.
func file(files map[string][]byte, suffix string) (last string) {
	for name := range files {
		if strings.HasSuffix(name, suffix) && name > last {
			last = name
		}
	}
	return last
}

// written returns the files of a collection with a snapshot and a log, and the
// items after each of the calls in the log, nothing first.
func written(t testing.TB, o vector.Options, closed bool) (files map[string][]byte, states [][]item) {
	t.Helper()
	fs := faultfs.New()
	c := reopen(t, fs, o)
	vs := func(i int) []float32 { return []float32{float32(i), 1, -float32(i)} }
	for i := range 40 {
		id := string(rune('a' + i%26))
		if i == 20 {
			require.NoError(t, c.Snapshot(t.Context()))
		}
		if i%7 == 6 {
			_, err := c.Delete(t.Context(), id, string(rune('a'+i/2)))
			require.NoError(t, err)
		} else {
			upsert(t, c, item{ID: id, Vector: vs(i), Text: "text " + id, Meta: vector.Meta{"i": i}},
				item{ID: id + "2", Vector: vs(-i)})
		}
		if i >= 19 {
			states = append(states, all(t, c))
		}
	}
	if closed {
		require.NoError(t, c.Close())
	}
	return fs.Files(), states
}
