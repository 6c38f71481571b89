package graph_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func readMatrix(in string, o graph.MatrixMarketOptions) (*graph.Graph[int], error) {
	return graph.ReadMatrixMarket(context.Background(), strings.NewReader(in), o)
}

func TestReadMatrixMarket(t *testing.T) {
	const general = "%%MatrixMarket matrix coordinate real general\n"
	type edge = graph.Edge[int]
	tests := map[string]struct {
		in       string
		opt      graph.MatrixMarketOptions
		nodes    int
		directed bool
		want     []edge
		line     int // of the error
		is       error
	}{
		"a general matrix is directed": {in: general + "% c\n\n3 3 2\n1 2 0.5\n2 1 2\n", nodes: 3, directed: true,
			want: []edge{{From: 0, To: 1, Weight: 0.5}, {From: 1, To: 0, Weight: 2}}},
		"a symmetric pattern is undirected": {in: "%%MatrixMarket MATRIX coordinate pattern symmetric\n3 3 2\n2 1\n3 3", nodes: 3,
			want: []edge{{From: 0, To: 1, Weight: 1}, {From: 2, To: 2, Weight: 1}}},
		"values are not read if not wanted": {in: general + "2 2 1\n1 2 x\n", opt: graph.MatrixMarketOptions{Unweighted: true},
			nodes: 2, directed: true, want: []edge{{From: 0, To: 1, Weight: 1}}},
		"no text":                       {line: 1, is: quintet.ErrInput},
		"no header":                     {in: "2 2 1\n", line: 1, is: quintet.ErrInput},
		"an array":                      {in: "%%MatrixMarket matrix array real general\n1 1\n", line: 1, is: quintet.ErrUnsupported},
		"a skew matrix":                 {in: "%%MatrixMarket matrix coordinate real skew-symmetric\n", line: 1, is: quintet.ErrUnsupported},
		"a matrix that is not square":   {in: general + "2 3 0\n", line: 2, is: quintet.ErrInput},
		"a negative size":               {in: general + "-2 -2 0\n", line: 2, is: quintet.ErrInput},
		"rows without entries":          {in: general + "2000000 2000000 0\n", line: 2, is: quintet.ErrInput},
		"rows beyond the limit":         {in: general + "3 3 0\n", opt: graph.MatrixMarketOptions{MaxNodes: 2}, line: 2, is: quintet.ErrInput},
		"entries beyond the limit":      {in: general + "3 3 2\n", opt: graph.MatrixMarketOptions{MaxEdges: 1}, line: 2, is: quintet.ErrInput},
		"too few entries":               {in: general + "3 3 2147483647\n1 1 1\n", line: 3, is: quintet.ErrInput},
		"too many entries":              {in: general + "3 3 1\n1 1 1\n2 2 1\n", line: 4, is: quintet.ErrInput},
		"a row outside":                 {in: general + "3 3 1\n4 1 1\n", line: 3, is: quintet.ErrInput},
		"a row that is 0":               {in: general + "3 3 1\n0 1 1\n", line: 3, is: quintet.ErrInput},
		"an entry without a value":      {in: general + "3 3 1\n1 1\n", line: 3, is: quintet.ErrInput},
		"a value that is not finite":    {in: general + "3 3 1\n1 1 inf\n", line: 3, is: quintet.ErrInput},
		"the upper half of a symmetric": {in: "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 1\n1 2\n", line: 3, is: quintet.ErrInput},
		"a line beyond the limit":       {in: general + strings.Repeat("%", 5000), line: 2, is: quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, err := readMatrix(tt.in, tt.opt)
			if tt.is != nil {
				var at *graph.ReadError
				require.ErrorAs(t, err, &at)
				require.ErrorIs(t, err, tt.is)
				require.Equal(t, tt.line, at.Line)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.nodes, g.Order())
			require.Equal(t, tt.directed, g.Directed())
			require.Equal(t, tt.want, slices.Collect(g.Edges()))
		})
	}
}

func TestReadMatrixMarketReportsBadOptionsAndReaders(t *testing.T) {
	_, err := readMatrix("", graph.MatrixMarketOptions{MaxNodes: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	broken := io.MultiReader(strings.NewReader("%%MatrixMarket matrix coordinate pattern general\n0 0 0\n"),
		iotest.ErrReader(io.ErrUnexpectedEOF))
	_, err = graph.ReadMatrixMarket(context.Background(), broken, graph.MatrixMarketOptions{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotErrorIs(t, err, quintet.ErrInput)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	one := "%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n"
	_, err = graph.ReadMatrixMarket(ended, strings.NewReader(one), graph.MatrixMarketOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestMatrixMarketRoundTrip(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		var text bytes.Buffer
		require.NoError(t, graph.WriteMatrixMarket(&text, g))
		got, err := graph.ReadMatrixMarket(context.Background(), &text, graph.MatrixMarketOptions{})
		require.NoError(t, err)
		require.Equal(t, g.Directed(), got.Directed())
		require.Equal(t, g.Order(), got.Order())
		for u := range int32(g.Order()) {
			require.Equal(t, g.CSR().Out(u), got.CSR().Out(u))
			require.Equal(t, g.CSR().OutWeights(u), got.CSR().OutWeights(u))
		}
	})
	require.ErrorIs(t, graph.WriteMatrixMarket[int](&bytes.Buffer{}, nil), quintet.ErrInput)
}

// What is read can be written and read again, and nothing is larger than its text
// allows.
func FuzzReadMatrixMarket(f *testing.F) {
	f.Add("%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n2 1 2\n")
	f.Add("%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n")
	f.Fuzz(func(t *testing.T, in string) {
		g, err := readMatrix(in, graph.MatrixMarketOptions{MaxNodes: 1000})
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported), err)
			return
		}
		require.LessOrEqual(t, g.Order(), 1000)
		require.LessOrEqual(t, g.Size(), len(in))
		var text bytes.Buffer
		require.NoError(t, graph.WriteMatrixMarket(&text, g))
		again, err := readMatrix(text.String(), graph.MatrixMarketOptions{})
		require.NoError(t, err)
		require.Equal(t, slices.Collect(g.Edges()), slices.Collect(again.Edges()))
	})
}
