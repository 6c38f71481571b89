package graph_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// written returns the bytes of a file.
func written[K graph.FileKey](t testing.TB, g *graph.Graph[K]) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, graph.Write(&out, g))
	return out.Bytes()
}

// requireSameGraph compares all that a graph answers.
func requireSameGraph[K comparable](t testing.TB, want, got *graph.Graph[K]) {
	t.Helper()
	require.Equal(t, want.Directed(), got.Directed())
	require.Equal(t, want.Weighted(), got.Weighted())
	require.Equal(t, want.Size(), got.Size())
	require.Equal(t, slices.Collect(want.Nodes()), slices.Collect(got.Nodes()))
	require.Equal(t, slices.Collect(want.Edges()), slices.Collect(got.Edges()))
	for k := range want.Nodes() {
		i, _ := want.Index(k)
		j, ok := got.Index(k)
		require.True(t, ok)
		require.Equal(t, i, j)
		require.Equal(t, maps.Collect(want.InNeighbors(k)), maps.Collect(got.InNeighbors(k)))
	}
}

func TestFilesHoldAllOfAGraph(t *testing.T) {
	path := filepath.Join(t.TempDir(), "graph")
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		require.NoError(t, graph.Save(path, g)) // over the file of the sample before
		f, err := graph.Open[int](context.Background(), path)
		require.NoError(t, err)
		require.NoError(t, f.Verify(context.Background()))
		requireSameGraph(t, g, f.Graph())
		_, ok := f.Graph().Index(-1)
		require.False(t, ok)
		require.NoError(t, f.Close())
		require.NoError(t, f.Close())
	})
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Equal(t, []string{path}, names, "nothing is left beside the file")
}

func TestFilesHoldKeysOfEachKind(t *testing.T) {
	texts := build(t, graph.BuilderOptions{Multi: true}, edge{"", "ü\x00\xff", 2}, edge{"", "a", -1}, edge{"a", "a", 1})
	requireSameGraph(t, texts, graph.OpenBytes[string](t, written(t, texts)))
	numbers := build(t, graph.BuilderOptions{Directed: true}, graph.Edge[int64]{From: -1 << 63, To: 1<<63 - 1, Weight: 1})
	requireSameGraph(t, numbers, graph.OpenBytes[int64](t, written(t, numbers)))
	var none graph.Graph[string]
	requireSameGraph(t, &none, graph.OpenBytes[string](t, written(t, &none)))
}

func TestAlgorithmsGiveTheSameOnAFile(t *testing.T) {
	g, err := graph.RMAT(graph.RMATOptions{Scale: 8, Seed: 1})
	require.NoError(t, err)
	opened := graph.OpenBytes[int](t, written(t, g))
	want, err := graph.PageRank(context.Background(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	got, err := graph.PageRank(context.Background(), opened, graph.PageRankOptions{})
	require.NoError(t, err)
	require.Equal(t, want.Values, got.Values)
	n, err := graph.Triangles(context.Background(), opened, graph.TrianglesOptions{})
	require.NoError(t, err)
	m, err := graph.Triangles(context.Background(), g, graph.TrianglesOptions{})
	require.NoError(t, err)
	require.Equal(t, m.Total, n.Total)
}

// forge changes a number of a file and makes the checksum of the header right.
func forge(data []byte, at int, value uint32) []byte {
	data = slices.Clone(data)
	binary.LittleEndian.PutUint32(data[at:], value)
	binary.LittleEndian.PutUint32(data[64:], crc32.Checksum(data[:64], crc32.MakeTable(crc32.Castagnoli)))
	return data
}

func TestOpenRefusesWhatIsNoGraph(t *testing.T) {
	// Rows a: b c, b: a, c: a c; the sections start at 128, 192, 256, ...
	plain := written(t, build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"a", "c", 1}, edge{"c", "c", 1}))
	weighted := written(t, build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"a", "c", 2}, edge{"c", "c", 1}))
	tests := map[string]struct {
		data []byte
		is   error
	}{
		"no bytes":                         {nil, quintet.ErrInput},
		"another file":                     {make([]byte, 200), quintet.ErrInput},
		"a header that changed":            {append(slices.Clone(plain[:16]), append([]byte{9}, plain[17:]...)...), quintet.ErrInput},
		"a later version":                  {forge(plain, 8, 2), quintet.ErrUnsupported},
		"a flag that is not known":         {forge(plain, 12, 1<<9), quintet.ErrInput},
		"more nodes than the file has":     {forge(plain, 16, 1<<20), quintet.ErrInput},
		"more nodes than there can be":     {forge(plain, 20, 1), quintet.ErrInput},
		"more edges than the file has":     {forge(plain, 24, 1<<31), quintet.ErrInput},
		"a file that is cut":               {plain[:len(plain)-64], quintet.ErrInput},
		"a file that is too long":          {append(slices.Clone(plain), 0), quintet.ErrInput},
		"rows that do not start at 0":      {forge(plain, 128, 1), quintet.ErrInput},
		"rows that go back":                {forge(plain, 132, 9), quintet.ErrInput},
		"rows that end too soon":           {forge(plain, 140, 4), quintet.ErrInput},
		"an edge to no node":               {forge(plain, 196, 3), quintet.ErrInput},
		"an edge to a node below 0":        {forge(plain, 192, 1<<31), quintet.ErrInput},
		"a row that does not ascend":       {forge(plain, 192, 2), quintet.ErrInput},
		"an undirected edge with one end":  {forge(plain, 200, 1), quintet.ErrInput},
		"a weight that is not finite":      {forge(weighted, 256, 0x7fc0_0000), quintet.ErrInput},
		"an edge with a weight at one end": {forge(weighted, 256, 0x4040_0000), quintet.ErrInput},
		"a key that ends before it starts": {forge(plain, 256, 3), quintet.ErrInput},
		"a key that ends after the text":   {forge(plain, 272, 4), quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "graph")
			require.NoError(t, os.WriteFile(path, tt.data, 0o600))
			_, err := graph.Open[string](context.Background(), path)
			require.ErrorIs(t, err, tt.is)
		})
	}
}

func TestOpenReportsKindsPathsAndContexts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "graph")
	require.NoError(t, graph.Save(path, build(t, graph.BuilderOptions{}, edge{"a", "b", 1})))
	_, err := graph.Open[int](context.Background(), path)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.Open[string](context.Background(), filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = graph.Open[string](context.Background(), dir)
	require.Error(t, err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = graph.Open[string](ended, path)
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, graph.Save(path, build(t, graph.BuilderOptions{}, graph.Edge[int]{From: 1, To: 2, Weight: 1})))
	_, err = graph.Open[string](context.Background(), path)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorIs(t, graph.Save[int](path, nil), quintet.ErrInput)
	require.ErrorIs(t, graph.Save(filepath.Join(dir, "none", "graph"), &graph.Graph[int]{}), os.ErrNotExist)
	f, err := graph.Open[int](context.Background(), path)
	require.NoError(t, err, "a failed Save leaves the file")
	require.ErrorIs(t, f.Verify(ended), context.Canceled)
	require.NoError(t, f.Close())
}

func TestOpenAndVerifyFindEveryChangedByte(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"key", "other", 2})
	data := written(t, g)
	path := filepath.Join(t.TempDir(), "graph")
	found := 0
	for at := 128; at < len(data); at++ {
		changed := slices.Clone(data)
		changed[at] ^= 1
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		f, err := graph.Open[string](context.Background(), path)
		if err == nil {
			err = f.Verify(context.Background())
			require.NoError(t, f.Close())
		}
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			found++
		}
	}
	require.Equal(t, 12+4+4+16+8+16, found, "all but the zeros between sections")
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteReportsTheWriter(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 2})
	for left := range len(written(t, g)) {
		require.ErrorIs(t, graph.Write(&failingWriter{left: left}, g), io.ErrShortWrite)
	}
}

// A file that is opened has a graph on which algorithms run, whatever is in it.
func FuzzOpen(f *testing.F) {
	for _, o := range []graph.BuilderOptions{{}, {Directed: true}, {Multi: true}} {
		f.Add(written(f, build(f, o, edge{"a", "b", 1}, edge{"b", "a", 2}, edge{"b", "c", 1}, edge{"c", "c", 1})))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= 128 {
			data = forge(data, 0, binary.LittleEndian.Uint32(data)) // so that more than the header is tried
		}
		g, err := graph.TryBytes[string](data)
		if err != nil {
			return
		}
		for k := range g.Nodes() {
			g.Degree(k)
			g.Index(k + "x")
		}
		require.Len(t, slices.Collect(g.Edges()), g.Size())
		_, err = graph.EdgeBetweenness(context.Background(), g, graph.BetweennessOptions{})
		require.NoError(t, err)
		_, err = graph.Cuts(context.Background(), g, graph.CutsOptions{})
		require.NoError(t, err)
		_, err = graph.Triangles(context.Background(), g, graph.TrianglesOptions{})
		require.NoError(t, err)
	})
}

func BenchmarkOpen(b *testing.B) {
	for name, directed := range map[string]bool{"directed": true, "undirected": false} {
		g, err := graph.Random(graph.RandomOptions{Nodes: 1 << 20, Edges: 10_000_000, Directed: directed, Seed: 1})
		require.NoError(b, err)
		path := filepath.Join(b.TempDir(), "graph")
		require.NoError(b, graph.Save(path, g))
		b.Run("edges=10M/"+name, func(b *testing.B) {
			for b.Loop() {
				f, err := graph.Open[int](context.Background(), path)
				require.NoError(b, err)
				require.NoError(b, f.Close())
			}
		})
		b.Run("verify=10M/"+name, func(b *testing.B) {
			f, err := graph.Open[int](context.Background(), path)
			require.NoError(b, err)
			for b.Loop() {
				require.NoError(b, f.Verify(context.Background()))
			}
			require.NoError(b, f.Close())
		})
	}
}
