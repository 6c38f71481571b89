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

func readGraphML(in string, o graph.ReadOptions) (*graph.Graph[string], error) {
	return graph.ReadGraphML[string](context.Background(), strings.NewReader(in), o)
}

func TestReadGraphML(t *testing.T) {
	const open = `<graphml><key id="k" for="edge" attr.name="weight"><default>7</default></key><graph edgedefault="directed">`
	const end = `</graph></graphml>`
	tests := map[string]struct {
		in   string
		opt  graph.ReadOptions
		want []edge
		is   error
	}{
		"no nodes":                             {in: open + end},
		"the default of the key is the weight": {in: open + `<edge source="a" target="b"/>` + end, want: []edge{{"a", "b", 7}}},
		"a weight in two pieces": {in: open + `<edge source="a" target="b"><data key="k"> 1<!-- -->2 </data></edge>` + end,
			want: []edge{{"a", "b", 12}}},
		"other data are left out": {in: open + `<edge source="a" target="b"><data key="j">x</data></edge>` + end,
			want: []edge{{"a", "b", 7}}},
		"weights are not read if not wanted": {in: open + `<edge source="a" target="b"><data key="k">x</data></edge>` + end,
			opt: graph.ReadOptions{Unweighted: true}, want: []edge{{"a", "b", 1}}},
		"elements of other name spaces are left out": {in: open + `<y:node xmlns:y="u"/>` + end},
		"no text":            {is: quintet.ErrInput},
		"no graph":           {in: "<graphml/>", is: quintet.ErrInput},
		"another root":       {in: "<svg/>", is: quintet.ErrInput},
		"a file that is cut": {in: open, is: quintet.ErrInput},
		"an entity bomb": {in: `<!DOCTYPE g [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><graphml><graph>&b;` + end,
			is: quintet.ErrUnsupported},
		"an entity that is not known":    {in: open + "&b;" + end, is: quintet.ErrInput},
		"another encoding":               {in: `<?xml version="1.0" encoding="EBCDIC"?>` + open + end, is: quintet.ErrInput},
		"elements too deep":              {in: open + strings.Repeat("<x>", 70), is: quintet.ErrInput},
		"a token beyond the limit":       {in: open + strings.Repeat("x", 3000), opt: graph.ReadOptions{MaxToken: 1000}, is: quintet.ErrInput},
		"no edgedefault":                 {in: `<graphml><graph>` + end, is: quintet.ErrInput},
		"a node without an id":           {in: open + `<node/>` + end, is: quintet.ErrInput},
		"a node before the graph":        {in: `<graphml><node id="a"/>`, is: quintet.ErrInput},
		"an edge without a target":       {in: open + `<edge source="a"/>` + end, is: quintet.ErrInput},
		"an edge in an edge":             {in: open + `<edge source="a" target="b"><edge source="a" target="b"/></edge>` + end, is: quintet.ErrInput},
		"a weight that is not finite":    {in: open + `<edge source="a" target="b"><data key="k">INF</data></edge>` + end, is: quintet.ErrInput},
		"an edge with another direction": {in: open + `<edge source="a" target="b" directed="false"/>` + end, is: quintet.ErrUnsupported},
		"a hyperedge":                    {in: open + `<hyperedge/>` + end, is: quintet.ErrUnsupported},
		"a graph in a node":              {in: open + `<node id="a"><graph edgedefault="directed"/></node>` + end, is: quintet.ErrUnsupported},
		"more nodes than the limit":      {in: open + `<node id="a"/><node id="b"/>` + end, opt: graph.ReadOptions{MaxNodes: 1}, is: quintet.ErrInput},
		"more edges than the limit": {in: open + strings.Repeat(`<edge source="a" target="b"/>`, 2) + end,
			opt: graph.ReadOptions{MaxEdges: 1}, is: quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, err := readGraphML(tt.in, tt.opt)
			if tt.is != nil {
				var at *graph.ReadError
				require.ErrorAs(t, err, &at)
				require.ErrorIs(t, err, tt.is)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, slices.Collect(g.Edges()))
		})
	}
}

func TestReadGraphMLNamesTheLine(t *testing.T) {
	_, err := readGraphML("<graphml>\n<graph edgedefault='directed'>\n<node/>\n</graph></graphml>", graph.ReadOptions{})
	require.EqualError(t, err, "graph: GraphML line 3: the node has no id: invalid input")
	_, err = readGraphML("", graph.ReadOptions{MaxDepth: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	broken := errors.New("broken")
	_, err = graph.ReadGraphML[int](context.Background(), iotest.ErrReader(broken), graph.ReadOptions{})
	require.ErrorIs(t, err, broken)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = graph.ReadGraphML[int](ended, strings.NewReader("<graphml/>"), graph.ReadOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestWriteGraphMLRefusesWhatXMLCannotHold(t *testing.T) {
	for _, key := range []string{"\x00", "\xff", "\uffff"} {
		g := build(t, graph.BuilderOptions{}, edge{From: key, To: "x", Weight: 1})
		require.ErrorIs(t, graph.WriteGraphML(&bytes.Buffer{}, g), quintet.ErrInput)
	}
	require.ErrorIs(t, graph.WriteGraphML[int](&bytes.Buffer{}, nil), quintet.ErrInput)
}

// What is read can be written and read again.
func FuzzReadGraphML(f *testing.F) {
	f.Add(`<graphml><key id="k" attr.name="weight"/><graph edgedefault="undirected"><node id="&#x9;a"/>` +
		`<edge source="a" target="b"><data key="k">2</data></edge></graph></graphml>`)
	f.Fuzz(func(t *testing.T, in string) {
		g, err := readGraphML(in, graph.ReadOptions{Multi: true, MaxToken: 4096})
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported), err)
			return
		}
		var text bytes.Buffer
		require.NoError(t, graph.WriteGraphML(&text, g))
		again, err := readGraphML(text.String(), graph.ReadOptions{Multi: true})
		require.NoError(t, err)
		require.Equal(t, slices.Collect(g.Nodes()), slices.Collect(again.Nodes()))
		require.Equal(t, slices.Collect(g.Edges()), slices.Collect(again.Edges()))
	})
}
