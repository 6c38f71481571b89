package graph_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// edgesOf returns the edges of a source before its error.
func edgesOf[K comparable](src graph.EdgeSource[K]) (edges []graph.Edge[K], err error) {
	for e, err := range src {
		if err != nil {
			return edges, err
		}
		edges = append(edges, e)
	}
	return edges, nil
}

func TestReadEdgeList(t *testing.T) {
	csv := graph.EdgeListOptions{Comma: ','}
	tests := map[string]struct {
		in   string
		opt  graph.EdgeListOptions
		want []edge
		line int // of the error
	}{
		"no text":                               {},
		"blanks and tabs separate":              {in: " a\t b\nb  c 2.5 x\n", want: []edge{{"a", "b", 1}, {"b", "c", 2.5}}},
		"comments and empty lines are left out": {in: "# a b\n\n \na b\r\n", want: []edge{{"a", "b", 1}}},
		"another comment":                       {in: "%%a b\n#a b", opt: graph.EdgeListOptions{Comment: "%%"}, want: []edge{{"#a", "b", 1}}},
		"a header is left out":                  {in: "# x\nfrom,to\na,b\n", opt: graph.EdgeListOptions{Comma: ',', Header: true}, want: []edge{{"a", "b", 1}}},
		"quoted fields":                         {in: "\"a,\"\"b\"\"\",c,\"2\"\n", opt: csv, want: []edge{{`a,"b"`, "c", 2}}},
		"an empty weight is 1":                  {in: "a,b,\n", opt: csv, want: []edge{{"a", "b", 1}}},
		"weights are not read if not wanted":    {in: "a b x\n", opt: graph.EdgeListOptions{Unweighted: true}, want: []edge{{"a", "b", 1}}},
		"one field is no edge":                  {in: "a b\nc\n", want: []edge{{"a", "b", 1}}, line: 2},
		"a weight that is no number":            {in: "a b x", line: 1},
		"a weight that is not finite":           {in: "\na b NaN", line: 2},
		"a weight beyond float32":               {in: "a b 1e39", line: 1},
		"an open quote":                         {in: "\"a,b", opt: csv, line: 1},
		"text after a quote":                    {in: "\"a\"b,c", opt: csv, line: 1},
		"a line beyond the limit":               {in: "a b\n" + strings.Repeat("x", 9), opt: graph.EdgeListOptions{MaxLine: 8}, want: []edge{{"a", "b", 1}}, line: 2},
		"more edges than the limit":             {in: "a b\nc d\n", opt: graph.EdgeListOptions{MaxEdges: 1}, want: []edge{{"a", "b", 1}}, line: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := edgesOf(graph.ReadEdgeList[string](strings.NewReader(tt.in), tt.opt))
			require.Equal(t, tt.want, got)
			if tt.line == 0 {
				require.NoError(t, err)
				return
			}
			var at *graph.ReadError
			require.ErrorAs(t, err, &at)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Equal(t, tt.line, at.Line)
		})
	}
}

func TestReadEdgeListReportsBadOptionsAndReaders(t *testing.T) {
	for _, o := range []graph.EdgeListOptions{{MaxLine: -1}, {MaxEdges: -1}, {Comma: '"'}, {Comma: '\n'}, {Comment: "\n"}} {
		_, err := edgesOf(graph.ReadEdgeList[int](strings.NewReader("1 2"), o))
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	broken := errors.New("broken")
	_, err := edgesOf(graph.ReadEdgeList[int](iotest.ErrReader(broken), graph.EdgeListOptions{}))
	require.ErrorIs(t, err, broken)
	_, err = edgesOf(graph.ReadEdgeList[int](strings.NewReader("1 b"), graph.EdgeListOptions{}))
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestFromEdges(t *testing.T) {
	src := graph.ReadEdgeList[int](strings.NewReader("1 2\n2 3 4\n"), graph.EdgeListOptions{})
	g, err := graph.FromEdges(context.Background(), src, graph.BuilderOptions{Directed: true})
	require.NoError(t, err)
	require.Equal(t, []graph.Edge[int]{{From: 1, To: 2, Weight: 1}, {From: 2, To: 3, Weight: 4}}, slices.Collect(g.Edges()))

	_, err = graph.FromEdges[int](context.Background(), nil, graph.BuilderOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	src = graph.ReadEdgeList[int](strings.NewReader("1 2\n"), graph.EdgeListOptions{})
	_, err = graph.FromEdges(ended, src, graph.BuilderOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestEdgeListRoundTrip(t *testing.T) {
	for _, o := range []graph.EdgeListOptions{{}, {Header: true}, {Comma: ';'}, {Comma: '\t', Header: true}} {
		samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
			var text bytes.Buffer
			require.NoError(t, graph.WriteEdgeList(&text, g, o))
			got, err := edgesOf(graph.ReadEdgeList[int](&text, o))
			require.NoError(t, err)
			require.Equal(t, slices.Collect(g.Edges()), got)
		})
	}
}

func TestWriteEdgeListRefusesWhatALineCannotHold(t *testing.T) {
	for _, key := range []string{"", "a b", "a\nb", "#a"} {
		g := build(t, graph.BuilderOptions{Directed: true}, graph.Edge[string]{From: key, To: "x", Weight: 1})
		require.ErrorIs(t, graph.WriteEdgeList(&bytes.Buffer{}, g, graph.EdgeListOptions{}), quintet.ErrInput)
	}
	require.ErrorIs(t, graph.WriteEdgeList[int](&bytes.Buffer{}, nil, graph.EdgeListOptions{}), quintet.ErrInput)
}

// What is read can be written and read again, and nothing else is read.
func FuzzReadEdgeList(f *testing.F) {
	f.Add("a,b,2\n\"x,\"\"\",y\n#c\n", byte(','), false)
	f.Add("a b\nc d 1e3\n", byte(0), true)
	f.Fuzz(func(t *testing.T, in string, comma byte, header bool) {
		o := graph.EdgeListOptions{Comma: comma, Header: header, MaxLine: 4096}
		edges, err := edgesOf(graph.ReadEdgeList[string](strings.NewReader(in), o))
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrOption), err)
			return
		}
		g := build(t, graph.BuilderOptions{Directed: true, Multi: true}, edges...)
		var text bytes.Buffer
		if err := graph.WriteEdgeList(&text, g, o); err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		again, err := edgesOf(graph.ReadEdgeList[string](&text, o))
		require.NoError(t, err)
		require.Equal(t, slices.Collect(g.Edges()), again)
	})
}

func BenchmarkReadEdgeList(b *testing.B) {
	var text bytes.Buffer
	g, err := graph.Random(graph.RandomOptions{Nodes: 1000, Edges: 20000, Seed: 1})
	require.NoError(b, err)
	require.NoError(b, graph.WriteEdgeList(&text, g, graph.EdgeListOptions{}))
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		src := graph.ReadEdgeList[int](bytes.NewReader(text.Bytes()), graph.EdgeListOptions{})
		_, err := graph.FromEdges(context.Background(), src, graph.BuilderOptions{})
		require.NoError(b, err)
	}
}

func BenchmarkBuildFromEdgeList(b *testing.B) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 1 << 20, Edges: 10_000_000, Seed: 1})
	require.NoError(b, err)
	var text bytes.Buffer
	require.NoError(b, graph.WriteEdgeList(&text, g, graph.EdgeListOptions{}))
	b.Run("edges=10M", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		for b.Loop() {
			src := graph.ReadEdgeList[int](bytes.NewReader(text.Bytes()), graph.EdgeListOptions{})
			_, err := graph.FromEdges(context.Background(), src, graph.BuilderOptions{})
			require.NoError(b, err)
		}
	})
}
