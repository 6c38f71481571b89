package vector_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

// filled returns a collection of n items of 5 floats.
func filled(t *testing.T, n int) *vector.Collection[string] {
	t.Helper()
	c := open(t, vector.Options{Dim: 5, Metric: vector.L2})
	for i, v := range synth.Clusters(1, n, 5, 3) {
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: v, Text: "<text>", Meta: vector.Meta{
			"i": int64(i), "f": 0.5, "s": "x", "b": true, "l": []string{"x"}, "u": uint64(math.MaxUint64),
		}})
	}
	return c
}

// steps is a progress callback that keeps what it was told.
type steps []vector.Progress

func (s *steps) add(p vector.Progress) { *s = append(*s, p) }

func (s steps) check(t *testing.T, n int, bytes int64) {
	t.Helper()
	if n == 0 {
		return
	}
	require.GreaterOrEqual(t, len(s), n/256)
	for i := 1; i < len(s); i++ {
		require.Greater(t, s[i].Items, s[i-1].Items)
		require.Greater(t, s[i].Bytes, s[i-1].Bytes)
	}
	require.Equal(t, vector.Progress{Items: n, Bytes: bytes}, s[len(s)-1])
}

func TestWhatIsExportedCanBeImported(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		from := filled(t, n)
		want := all(t, from)
		bare := make([]item, len(want))
		for i, it := range want {
			bare[i] = item{ID: it.ID, Vector: it.Vector}
		}
		o := vector.Options{Dim: 5, Metric: vector.L2}
		var there, back steps

		var w bytes.Buffer
		got, err := vector.ExportJSONL(&w, from.All(t.Context()), there.add)
		require.NoError(t, err)
		require.Equal(t, n, got)
		size := int64(w.Len())
		to := open(t, o)
		got, err = vector.ImportJSONL(t.Context(), to, &w, back.add)
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.Equal(t, want, all(t, to))
		there.check(t, n, size)
		back.check(t, n, size)

		there, back = nil, nil
		_, err = vector.ExportFvecs(&w, from.All(t.Context()), there.add)
		require.NoError(t, err)
		to = open(t, o)
		got, err = vector.ImportFvecs(t.Context(), to, &w, strconv.Itoa, back.add)
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.Equal(t, bare, append([]item{}, all(t, to)...))
		there.check(t, n, int64(n)*24)
		back.check(t, n, int64(n)*24)

		f, err := os.Create(filepath.Join(t.TempDir(), "x.npy"))
		require.NoError(t, err)
		defer f.Close()
		_, err = f.WriteString("before")
		require.NoError(t, err)
		_, err = vector.ExportNPY(f, from.All(t.Context()), nil)
		require.NoError(t, err)
		_, err = f.WriteString("after")
		require.NoError(t, err)
		data, err := os.ReadFile(f.Name())
		require.NoError(t, err)
		require.Len(t, data, 6+128+20*n+5)
		to = open(t, o)
		got, err = vector.ImportNPY(t.Context(), to, bytes.NewReader(data[6:len(data)-5]), strconv.Itoa, nil)
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.Equal(t, bare, append([]item{}, all(t, to)...))
	}
}

func npy(header string, rows ...float64) string {
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header))))
	b.WriteString(header)
	for _, x := range rows {
		b.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
	}
	return b.String()
}

func TestNumPyFilesOfFloat64AreRead(t *testing.T) {
	c := open(t, vector.Options{Dim: 2, Metric: vector.Dot})
	file := npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }   \n", 1, 2.5, -3, 0.1)
	n, err := vector.ImportNPY(t.Context(), c, strings.NewReader(file), strconv.Itoa, nil)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, []item{{ID: "0", Vector: []float32{1, 2.5}}, {ID: "1", Vector: []float32{-3, 0.1}}}, all(t, c))
}

func TestHostileFilesAreRefused(t *testing.T) {
	f8 := func(shape string, rows ...float64) string {
		return npy("{'descr': '<f8', 'fortran_order': False, 'shape': ("+shape+"), }", rows...)
	}
	fvecs := func(dim uint32, floats string) string {
		return string(binary.LittleEndian.AppendUint32(nil, dim)) + floats
	}
	tests := map[string]struct {
		format, file, want string
		kind               error
		n                  int
	}{
		"no JSON":          {"jsonl", "x", "line 1: invalid character", quintet.ErrInput, 0},
		"half a line":      {"jsonl", `{"id":"a","vector":[1,2]}` + "\n\n" + `{"id":"b"`, "line 3: unexpected EOF", quintet.ErrInput, 1},
		"two values":       {"jsonl", `{"id":"a","vector":[1,2]} {}`, "line 1: more than one value", quintet.ErrInput, 0},
		"no id":            {"jsonl", `{"vector":[1,2]}`, "line 1: no id", quintet.ErrInput, 0},
		"id of null":       {"jsonl", `{"id":null,"vector":[1,2]}`, "line 1: no id", quintet.ErrInput, 0},
		"id of a number":   {"jsonl", `{"id":1,"vector":[1,2]}`, "line 1: json: cannot unmarshal", quintet.ErrInput, 0},
		"unknown field":    {"jsonl", `{"id":"a","embedding":[1,2]}`, `line 1: json: unknown field "embedding"`, quintet.ErrInput, 0},
		"null in a vector": {"jsonl", `{"id":"a","vector":[1,null]}`, "line 1: vector", quintet.ErrInput, 0},
		"out of range":     {"jsonl", `{"id":"a","vector":[1,1e39]}`, "value out of range", quintet.ErrInput, 0},
		"meta of null":     {"jsonl", `{"id":"a","vector":[1,2],"meta":{"x":null}}`, `meta "x" is an object or null`, quintet.ErrInput, 0},
		"meta of lists":    {"jsonl", `{"id":"a","vector":[1,2],"meta":{"x":[1]}}`, `list holds more than strings`, quintet.ErrInput, 0},
		"meta of 1e999":    {"jsonl", `{"id":"a","vector":[1,2],"meta":{"x":1e999}}`, `value out of range`, quintet.ErrInput, 0},
		"no UTF-8":         {"jsonl", "{\"id\":\"\xff\",\"vector\":[1,2]}", "not UTF-8", quintet.ErrInput, 0},
		"wrong dimension":  {"jsonl", `{"id":"a","vector":[1]}`, "line 1: vector has 1 floats, want 2", quintet.ErrInput, 0},
		"zero vector": {"jsonl", `{"id":"a","vector":[1,2]}` + "\n" + `{"id":"b","vector":[0,0]}`,
			"line 2: zero vector has no direction", quintet.ErrInput, 0},
		"long line":           {"jsonl", `{"id":"` + strings.Repeat("a", 17<<20), "longer than", quintet.ErrInput, 0},
		"deep nesting":        {"jsonl", `{"meta":` + strings.Repeat("[", 20_000), "line 1", quintet.ErrInput, 0},
		"no NumPy":            {"npy", "0123456789", "not a NumPy file", quintet.ErrInput, 0},
		"empty npy":           {"npy", "", "file ends at byte 0", quintet.ErrInput, 0},
		"NumPy of tomorrow":   {"npy", "\x93NUMPY\x09\x00\x00\x00", "version 9", quintet.ErrUnsupported, 0},
		"huge header":         {"npy", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "longer than 65535 bytes", quintet.ErrInput, 0},
		"cut header":          {"npy", "\x93NUMPY\x01\x00\xff\x00{", "file ends at byte 11", quintet.ErrInput, 0},
		"no matrix":           {"npy", f8("2,", 1, 2), "is not that of a matrix", quintet.ErrInput, 0},
		"huge shape":          {"npy", f8("99999999999999999999, 2"), "out of range", quintet.ErrInput, 0},
		"many rows":           {"npy", f8("9999999999, 2", 1, 2), "row 2: file ends at byte", quintet.ErrInput, 1},
		"more rows":           {"npy", f8("1, 2", 1, 2, 3), "row 2: file has more than 1 rows", quintet.ErrInput, 1},
		"other dimension":     {"npy", f8("1, 3", 1, 2, 3), "rows have 3 floats, want 2", quintet.ErrInput, 0},
		"NaN":                 {"npy", f8("1, 2", 1, math.NaN()), "row 1: vector has NaN", quintet.ErrInput, 0},
		"a double too large":  {"npy", f8("1, 2", 1, 1e300), "row 1: vector has NaN or infinity", quintet.ErrInput, 0},
		"integers":            {"npy", npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }"), "<i8", quintet.ErrUnsupported, 0},
		"Fortran order":       {"npy", npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }"), "Fortran", quintet.ErrUnsupported, 0},
		"pickled":             {"npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 2), }"), "|O", quintet.ErrUnsupported, 0},
		"half a dimension":    {"fvecs", "\x02\x00", "vector 1: file ends at byte 2", quintet.ErrInput, 0},
		"half a vector":       {"fvecs", fvecs(2, "1234"), "vector 1: file ends at byte 8", quintet.ErrInput, 0},
		"huge dimension":      {"fvecs", fvecs(math.MaxInt32, ""), "vector has 2147483647 floats", quintet.ErrInput, 0},
		"negative dimension":  {"fvecs", fvecs(math.MaxUint32, ""), "vector has -1 floats", quintet.ErrInput, 0},
		"graph of tomorrow":   {"coder", "\x04", "version 2", quintet.ErrUnsupported, 0},
		"empty graph file":    {"coder", "", "file ends at byte 0", quintet.ErrInput, 0},
		"endless number":      {"coder", strings.Repeat("\xff", 20), "no number before byte 10", quintet.ErrInput, 0},
		"endless string":      {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\xfe\xff\xff\xff\x0f", "limit 100", quintet.ErrInput, 0},
		"unknown distance":    {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x02x", `distance "x"`, quintet.ErrUnsupported, 0},
		"another metric":      {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x12euclidean", "the store metric cosine", quintet.ErrInput, 0},
		"negative node count": {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x0ccosine\x02\x01", "count -1", quintet.ErrInput, 0},
		"many nodes": {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x0ccosine\x02\xfe\xff\xff\xff\x0f",
			"node 1: file ends", quintet.ErrInput, 0},
		"huge vector": {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x0ccosine\x02\x02\x02a\xfe\xff\xff\xff\x0f",
			"node 1: vector has 2147483647 floats", quintet.ErrInput, 0},
		"more than a graph": {"coder", "\x02\x02" + strings.Repeat("\x00", 8) + "\x02\x0ccosine\x00x", "bytes after the graph", quintet.ErrInput, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := open(t, vector.Options{Dim: 2})
			n, err := load(t.Context(), c, tt.format, strings.NewReader(tt.file))
			require.ErrorIs(t, err, tt.kind)
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, tt.n, n)
			require.Equal(t, tt.n, c.Len())
		})
	}
}

func load(ctx context.Context, c *vector.Collection[string], format string, r interface{ Read([]byte) (int, error) }) (int, error) {
	switch format {
	case "jsonl":
		return vector.ImportJSONL(ctx, c, r, nil)
	case "npy":
		return vector.ImportNPY(ctx, c, r, strconv.Itoa, nil)
	case "fvecs":
		return vector.ImportFvecs(ctx, c, r, strconv.Itoa, nil)
	}
	return vector.ImportCoder(ctx, c, r, nil)
}

func TestImportsEndWithTheirContextAndTheirStore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	closed := filled(t, 0)
	require.NoError(t, closed.Close())
	for _, format := range []string{"jsonl", "npy", "fvecs", "coder"} {
		_, err := load(ctx, filled(t, 0), format, strings.NewReader("xxxxxxxxxxxxxxxxxxx"))
		require.ErrorIs(t, err, context.Canceled)
		_, err = load(t.Context(), closed, format, strings.NewReader("xxxxxxxxxxxxxxxxxxx"))
		require.ErrorIs(t, err, quintet.ErrClosed)
	}
}

// full is a writer without room.
type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func (f *full) Seek(int64, int) (int64, error) { return 0, errFull }

func TestExportsSayWhatWentWrong(t *testing.T) {
	c := filled(t, 600)
	for _, room := range []int{0, 5000} {
		_, err := vector.ExportJSONL(&full{room}, c.All(t.Context()), nil)
		require.ErrorIs(t, err, errFull)
		_, err = vector.ExportFvecs(&full{room}, c.All(t.Context()), nil)
		require.ErrorIs(t, err, errFull)
		_, err = vector.ExportNPY(&full{room}, c.All(t.Context()), nil)
		require.ErrorIs(t, err, errFull)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := vector.ExportNPY(&full{1 << 20}, c.All(ctx), nil)
	require.ErrorIs(t, err, context.Canceled)
	uneven := func(yield func(item, error) bool) {
		_ = yield(item{ID: "a", Vector: []float32{1}}, nil) && yield(item{ID: "b", Vector: []float32{1, 2}}, nil)
	}
	_, err = vector.ExportFvecs(&full{1 << 20}, uneven, nil)
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, it := range []item{{ID: "\xff"}, {Text: "\xff"}, {Meta: vector.Meta{"\xff": 1}}, {Meta: vector.Meta{"x": "\xff"}},
		{Meta: vector.Meta{"x": []string{"\xff"}}}, {Meta: vector.Meta{"x": math.Inf(1)}}} {
		_, err = vector.ExportJSONL(&full{1 << 20}, func(yield func(item, error) bool) { yield(it, nil) }, nil)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	var w bytes.Buffer
	when := item{ID: "a", Vector: []float32{1}, Meta: vector.Meta{"t": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	_, err = vector.ExportJSONL(&w, func(yield func(item, error) bool) { yield(when, nil) }, nil)
	require.NoError(t, err)
	require.Equal(t, `{"id":"a","vector":[1],"meta":{"t":"2026-01-02T03:04:05Z"}}`+"\n", w.String())
}

// The files of testdata were written by github.com/coder/hnsw v0.6.1.
func TestGraphsOfCoderAreRead(t *testing.T) {
	graph := func(name string) *os.File {
		f, err := os.Open(filepath.Join("testdata", name))
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	names := open(t, vector.Options{Dim: 3})
	n, err := vector.ImportCoder(t.Context(), names, graph("coder-cosine-string.hnsw"), nil)
	require.NoError(t, err)
	require.Equal(t, 8, n)
	require.Equal(t, 8, names.Len())
	for i, name := range []string{"a", "b", "c", "dé", "e", "f", "g", "h"} {
		hits := search(t, names, query{Vector: []float32{float32(i + 1), 1, -float32(i) / 2}, K: 1})
		require.Equal(t, name, hits[0].ID)
		require.InDelta(t, 1, hits[0].Score, 1e-6)
	}

	numbers, err := vector.New[int](vector.Options{Dim: 2, Metric: vector.L2})
	require.NoError(t, err)
	n, err = vector.ImportCoder(t.Context(), numbers, graph("coder-euclidean-int.hnsw"), nil)
	require.NoError(t, err)
	require.Equal(t, 20, n)
	for i := range 20 {
		it, ok, err := numbers.Get(t.Context(), i*100-300)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []float32{float32(i), float32(i % 3)}, it.Vector)
	}

	large, err := vector.New[uint64](vector.Options{Dim: 2, Metric: vector.L2})
	require.NoError(t, err)
	_, err = vector.ImportCoder(t.Context(), large, graph("coder-euclidean-uint64.hnsw"), nil)
	require.NoError(t, err)
	it, ok, err := large.Get(t.Context(), 1<<63)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []float32{1, 2}, it.Vector)
}

// FuzzImport holds any bytes against the promise that an import refuses what is
// no item and otherwise says how many items the store has.
func FuzzImport(f *testing.F) {
	graph, err := os.ReadFile("testdata/coder-cosine-string.hnsw")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(graph, uint8(3))
	f.Add([]byte(`{"id":"a","vector":[1,2,3],"meta":{"x":1}}`+"\n"), uint8(0))
	f.Add([]byte(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }", 1, 2, 3)), uint8(1))
	f.Add([]byte("\x03\x00\x00\x001234567890ab"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		c, err := vector.New[string](vector.Options{Dim: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		n, err := load(t.Context(), c, []string{"jsonl", "npy", "fvecs", "coder"}[format%4], bytes.NewReader(data))
		if err != nil && !errors.Is(err, quintet.ErrInput) && !errors.Is(err, quintet.ErrUnsupported) {
			t.Fatal(err)
		}
		if c.Len() > n || n > 0 && c.Len() == 0 {
			t.Fatalf("%d items in, %d there: %v", n, c.Len(), err)
		}
	})
}
