package vector_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

// logOf returns a file system with a log of one record that has good checksums.
func logOf(t testing.TB, record []byte) *faultfs.FS {
	t.Helper()
	fs := faultfs.New()
	c, err := vector.OpenIn[string](fs, store, vector.Options{Dim: 2})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	tag := wal.Tag{}
	copy(tag[:], fs.Files()[file(fs.Files(), ".log")][32:])
	log, err := wal.Open(store, wal.Options{Tag: tag, FS: fs}, wal.Handler{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Append(record), log.Close()); err != nil {
		t.Fatal(err)
	}
	return fs
}

// FuzzRecord holds any record with good checksums against the promise that Open
// refuses it or makes a collection that can be searched and opened again.
func FuzzRecord(f *testing.F) {
	_, states := written(f, vector.Options{Dim: 3}, true)
	c, _ := vector.New[string](vector.Options{Dim: 2})
	for _, it := range states[0] {
		it.Vector = it.Vector[:2]
		it.Meta = vector.Meta{"i": 1, "f": 2.5, "s": "x", "l": []string{"a"}, "b": true, "u": uint8(3)}
		if err := c.Upsert(f.Context(), it); err != nil {
			f.Fatal(err)
		}
	}
	var w bytes.Buffer
	if err := c.Backup(f.Context(), &w); err != nil {
		f.Fatal(err)
	}
	length := binary.LittleEndian.Uint32(w.Bytes()[64:])
	f.Add(w.Bytes()[96 : 96+length])
	f.Add([]byte("\x02\x02\x01a\x00"))
	f.Add([]byte("\x06\x01\x01a\x00\x00\x80\x3f\x00\x00\x00\x00\x00\x00\x02\x07\x00\x00\x80\x3f\x01\x00\x00\x00\x40"))
	f.Add([]byte("\x07\x01\x01a\x00\x00\x00\x00\x00\x00\x01\x07\x00\x00\x80\x3f"))
	f.Add([]byte("\x03\x01\x01a\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x04HNSW\x01\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00"))
	f.Add(append(append([]byte{5}, make([]byte, 31)...), "HNSW\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00"...))
	f.Fuzz(func(t *testing.T, record []byte) {
		fs := logOf(t, record)
		o := vector.Options{Dim: 2}
		c, err := vector.OpenIn[string](fs, store, o)
		if err != nil {
			if !errors.Is(err, vector.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		hits, err := c.Search(t.Context(), vector.Query{Vector: []float32{1, 0}, K: 1 + c.Len()})
		if err != nil || len(hits) != c.Len() {
			t.Fatalf("%d hits of %d: %v", len(hits), c.Len(), err)
		}
		n := c.Len()
		if err := errors.Join(c.Snapshot(t.Context()), c.Close()); err != nil {
			t.Fatal(err)
		}
		if again := reopen(t, fs, o); again.Len() != n {
			t.Fatalf("%d items, then %d", n, again.Len())
		}
	})
}

// FuzzRestore holds any bytes against the promise that a backup is refused, and
// then changes nothing, or restored.
func FuzzRestore(f *testing.F) {
	files, _ := written(f, vector.Options{Dim: 3}, true)
	f.Add(files[file(files, ".snap")])
	f.Add(files[file(files, ".log")])
	o := vector.Options{Dim: 3, Index: vector.HNSW, M: 2}
	graph, _ := written(f, o, true)
	f.Add(graph[file(graph, ".snap")])
	o.Quantization = vector.F16
	half, _ := written(f, o, true)
	f.Add(half[file(half, ".snap")])
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := vector.New[string](vector.Options{Dim: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		upsert(t, c, item{ID: "old", Vector: []float32{1, 2, 3}})
		switch err := c.Restore(t.Context(), bytes.NewReader(data)); {
		case err == nil:
		case !errors.Is(err, vector.ErrCorrupt) && !errors.Is(err, quintet.ErrOption) && !errors.Is(err, quintet.ErrUnsupported):
			t.Fatal(err)
		case c.Len() != 1:
			t.Fatalf("%d items after %v", c.Len(), err)
		}
	})
}
