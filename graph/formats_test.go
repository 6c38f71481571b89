package graph_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// format reads and writes one kind of file.
type format[K graph.FileKey] struct {
	read  func(context.Context, io.Reader, graph.ReadOptions) (*graph.Graph[K], error)
	write func(io.Writer, *graph.Graph[K]) error
}

func formats[K graph.FileKey]() map[string]format[K] {
	return map[string]format[K]{
		"graphml":        {graph.ReadGraphML[K], graph.WriteGraphML[K]},
		"gml":            {graph.ReadGML[K], graph.WriteGML[K]},
		"nodelink.json":  {graph.ReadNodeLink[K], graph.WriteNodeLink[K]},
		"cytoscape.json": {graph.ReadCytoscape[K], graph.WriteCytoscape[K]},
		"dot":            {graph.ReadDOT[K], graph.WriteDOT[K]},
		"layout.dot":     {graph.ReadDOT[K], graph.WriteDOT[K]},
	}
}

// labelled is the option that DOT needs to read what WriteDOT writes.
var labelled = graph.ReadOptions{Labels: true}

func TestFilesOfOtherProgramsAreRead(t *testing.T) {
	for name, f := range formats[string]() {
		for _, kind := range []string{"directed", "undirected"} {
			t.Run(kind+"."+name, func(t *testing.T) {
				file, err := os.Open("testdata/" + kind + "." + name)
				require.NoError(t, err)
				defer file.Close()
				g, err := f.read(context.Background(), file, labelled)
				require.NoError(t, err)
				require.Equal(t, kind == "directed", g.Directed())
				require.Equal(t, []string{"alone & <quiet>", "a", "b", "ü"}, slices.Collect(g.Nodes()))
				require.Equal(t, []edge{{"a", "b", 2.5}, {"b", "ü", 0.25}, {"ü", "ü", 1}}, slices.Collect(g.Edges()))
			})
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for name, f := range formats[int]() {
		t.Run(name, func(t *testing.T) {
			samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
				var text bytes.Buffer
				require.NoError(t, f.write(&text, g))
				got, err := f.read(context.Background(), &text, labelled)
				require.NoError(t, err)
				requireSameGraph(t, g, got)
			})
		})
	}
	for name, f := range formats[string]() {
		t.Run(name+" with hard names and parallel edges", func(t *testing.T) {
			g := build(t, graph.BuilderOptions{Multi: true}, edge{"", `\"`, 1}, edge{`\n`, `a\`, 1e-30}, edge{"a\nb", `\\N`, 1e30},
				edge{"&amp;#38;", "&", 1}, edge{"<b>", "ü]}", 3}, edge{"ü]}", "<b>", 3}, edge{"# //", "</data>", -1}, edge{"node", `\N`, 1})
			var text bytes.Buffer
			require.NoError(t, f.write(&text, g))
			got, err := f.read(context.Background(), &text, graph.ReadOptions{Labels: true, Multi: true})
			require.NoError(t, err)
			requireSameGraph(t, g, got)
		})
	}
}

func TestWritersRefuseWhatIsNoText(t *testing.T) {
	for name, f := range formats[string]() {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, f.write(io.Discard, build(t, graph.BuilderOptions{}, edge{"\xff", "a", 1})), quintet.ErrInput)
			require.ErrorIs(t, f.write(io.Discard, nil), quintet.ErrInput)
			g := build(t, graph.BuilderOptions{}, edge{strings.Repeat("a", 9000), "b", 1})
			require.ErrorIs(t, f.write(&failingWriter{left: 10}, g), io.ErrShortWrite)
		})
	}
}

func TestReadersReportOptionsContextsAndReaders(t *testing.T) {
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, f := range formats[string]() {
		t.Run(name, func(t *testing.T) {
			for _, o := range []graph.ReadOptions{{MaxToken: -1}, {MaxDepth: -1}, {MaxNodes: -1}, {MaxEdges: -1}} {
				_, err := f.read(context.Background(), strings.NewReader(""), o)
				require.ErrorIs(t, err, quintet.ErrOption)
			}
			_, err := f.read(context.Background(), iotest.ErrReader(broken), graph.ReadOptions{})
			require.ErrorIs(t, err, broken)
			_, err = f.read(ended, strings.NewReader(" "), graph.ReadOptions{})
			require.ErrorIs(t, err, context.Canceled)
			_, err = f.read(context.Background(), strings.NewReader(""), graph.ReadOptions{})
			require.ErrorIs(t, err, quintet.ErrInput)

			var text bytes.Buffer
			require.NoError(t, f.write(&text, build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"b", "c", 1})))
			for what, o := range map[string]graph.ReadOptions{"nodes": {MaxNodes: 1}, "edges": {MaxEdges: 1}} {
				_, err = f.read(context.Background(), bytes.NewReader(text.Bytes()), o)
				require.ErrorIs(t, err, quintet.ErrInput)
				require.ErrorContains(t, err, "more than 1 "+what)
			}
			for cut := range text.Len() - 2 { // the last bytes are white space or not needed
				_, err = f.read(context.Background(), bytes.NewReader(text.Bytes()[:cut]), graph.ReadOptions{})
				require.ErrorIs(t, err, quintet.ErrInput, text.String()[:cut])
			}
		})
	}
}

// readTest is a file and what a reader makes of it.
type readTest struct {
	in    string
	opt   graph.ReadOptions
	nodes []string
	want  []edge
	is    error
}

func testReader(t *testing.T, read func(context.Context, io.Reader, graph.ReadOptions) (*graph.Graph[string], error), tests map[string]readTest) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, err := read(context.Background(), strings.NewReader(tt.in), tt.opt)
			if tt.is != nil {
				var at *graph.ReadError
				require.ErrorAs(t, err, &at)
				require.ErrorIs(t, err, tt.is)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.nodes, slices.Collect(g.Nodes()))
			require.Equal(t, tt.want, slices.Collect(g.Edges()))
		})
	}
}

func TestReadNodeLink(t *testing.T) {
	ab := []string{"a", "b"}
	testReader(t, graph.ReadNodeLink[string], map[string]readTest{
		"an empty object": {in: " {} "},
		"links before nodes, and members that are not known": {
			in:    `{"links": [{"source": "a", "target": "b", "x": [1, {"y": null}]}], "nodes": [{"id": "a"}], "graph": {}}`,
			nodes: ab, want: []edge{{"a", "b", 1}}},
		"the form of D3, with edges": {in: `{"nodes":[{"id":"b"}],"edges":[{"source":"b","target":"a","weight":2}]}`,
			nodes: []string{"b", "a"}, want: []edge{{"b", "a", 2}}},
		"escapes": {in: `{"nodes":[{"id":"\u00fc\ud83d\ude00\n\/"}]}`, nodes: []string{"ü😀\n/"}},
		"another name of the weight": {in: `{"links":[{"source":"a","target":"b","weight":"x","w":-2e1}]}`,
			opt: graph.ReadOptions{Weight: "w"}, nodes: ab, want: []edge{{"a", "b", -20}}},
		"weights are not read if not wanted": {in: `{"links":[{"source":"a","target":"b","weight":"x"}]}`,
			opt: graph.ReadOptions{Unweighted: true}, nodes: ab, want: []edge{{"a", "b", 1}}},
		"numbers as identifiers":           {in: `{"nodes":[{"id":1}, {"id": 2}]}`, nodes: []string{"1", "2"}},
		"numbers beside strings":           {in: `{"nodes":[{"id":1}, {"id": "1"}]}`, is: quintet.ErrUnsupported},
		"an identifier that is a list":     {in: `{"nodes":[{"id":[1,2]}]}`, is: quintet.ErrInput},
		"a node without an identifier":     {in: `{"nodes":[{}]}`, is: quintet.ErrInput},
		"an edge without a source":         {in: `{"links":[{"target":1}]}`, is: quintet.ErrInput},
		"an edge without a target":         {in: `{"links":[{"source":1}]}`, is: quintet.ErrInput},
		"a weight that is a string":        {in: `{"links":[{"source":"a","target":"b","weight":"2"}]}`, is: quintet.ErrInput},
		"a weight beyond float32":          {in: `{"links":[{"source":"a","target":"b","weight":1e39}]}`, is: quintet.ErrInput},
		"a weight that is no JSON":         {in: `{"links":[{"source":"a","target":"b","weight":NaN}]}`, is: quintet.ErrInput},
		"a direction that is no truth":     {in: `{"directed": 1}`, is: quintet.ErrInput},
		"text after the object":            {in: `{} {}`, is: quintet.ErrInput},
		"a comma at the end":               {in: `{"nodes":[{"id":"a"},]}`, is: quintet.ErrInput},
		"no comma":                         {in: `{"nodes":[{"id":"a"}{"id":"b"}]}`, is: quintet.ErrInput},
		"a line end in a string":           {in: "{\"nodes\":[{\"id\":\"a\n\"}]}", is: quintet.ErrInput},
		"a string that is not UTF-8":       {in: "{\"nodes\":[{\"id\":\"\xff\"}]}", is: quintet.ErrInput},
		"an escape that there is not":      {in: `{"nodes":[{"id":"\x"}]}`, is: quintet.ErrInput},
		"a number that is none":            {in: `{"nodes":[{"id":01}]}`, is: quintet.ErrInput},
		"lists too deep":                   {in: `{"x":` + strings.Repeat("[", 70), is: quintet.ErrInput},
		"a string beyond the limit":        {in: `{"` + strings.Repeat("x", 100), opt: graph.ReadOptions{MaxToken: 50}, is: quintet.ErrInput},
		"white space is beyond no limit":   {in: strings.Repeat(" ", 100) + "{}", opt: graph.ReadOptions{MaxToken: 10}},
		"a list in the place of an object": {in: "[]", is: quintet.ErrInput},
	})
	_, err := graph.ReadNodeLink[int](context.Background(), strings.NewReader("{\n\"nodes\":\n[{\"id\":\"a\"}]}"), graph.ReadOptions{})
	require.EqualError(t, err, `graph: node-link JSON line 3: node "a" is not a whole number: invalid input`)
}

func TestReadCytoscape(t *testing.T) {
	ab := []string{"a", "b"}
	testReader(t, graph.ReadCytoscape[string], map[string]readTest{
		"an empty object": {in: "{}"},
		"one list of elements": {in: `{"elements": [{"data": {"id": "a"}}, {"group": "edges", "data": {"id": "e", "source": "a", "target": "b"}}], "style": []}`,
			nodes: ab, want: []edge{{"a", "b", 1}}},
		"nodes and edges": {in: `{"elements": {"x": 1, "nodes": [{"data": {"id": "a"}, "position": {"x": 1}}],` +
			`"edges": [{"data": {"source": "a", "target": "b", "weight": 2}}]}}`, nodes: ab, want: []edge{{"a", "b", 2}}},
		"a number and its digits are one node": {in: `{"directed": true, "elements": [{"data": {"id": "1"}}, {"data": {"source": 2, "target": 1}}]}`,
			nodes: []string{"1", "2"}, want: []edge{{"2", "1", 1}}},
		"an element without data":   {in: `{"elements": [{}]}`, is: quintet.ErrInput},
		"an edge without a source":  {in: `{"elements": [{"data": {"target": "a"}}]}`, is: quintet.ErrInput},
		"elements that are no list": {in: `{"elements": 1}`, is: quintet.ErrInput},
		"the file ends in elements": {in: `{"elements": `, is: quintet.ErrInput},
	})
}

func TestReadGML(t *testing.T) {
	ab := []string{"a", "b"}
	const nodes = `node [ id 1 label "a" ] node [ id 2 label "b" ]`
	testReader(t, graph.ReadGML[string], map[string]readTest{
		"an empty graph": {in: "graph[]"},
		"edges before nodes, and keys that are not known": {
			in:    "# comment ]\nCreator \"x\" graph [ edge [ source 2 target 1 x [ y -1.5E+3 ] ] " + nodes + " ]",
			nodes: ab, want: []edge{{"a", "b", 1}}},
		"direction and weight": {in: "graph [ directed 1 " + nodes + " edge [ source 2 target 1 weight 2.5 ] ]",
			nodes: ab, want: []edge{{"b", "a", 2.5}}},
		"nodes without labels":       {in: "graph [ node [ id -7 ] ]", nodes: []string{"-7"}},
		"labels without quotes":      {in: "graph [ node [ id 1 label 5 ] ]", nodes: []string{"5"}},
		"entities":                   {in: `graph [ node [ id 1 label "&lt;&#252;&auml;&quot;&x;& &#128;&#38;#38;" ] ]`, nodes: []string{"<üä\"&x;& \u0080&#38;"}},
		"no graph":                   {in: "x 1", is: quintet.ErrInput},
		"a second graph":             {in: "graph [ ] graph [ ]", is: quintet.ErrUnsupported},
		"a node in a node":           {in: "graph [ node [ id 1 graph [ ] ] ]", is: quintet.ErrUnsupported},
		"a node without an id":       {in: "graph [ node [ label \"a\" ] ]", is: quintet.ErrInput},
		"an id twice":                {in: "graph [ node [ id 1 ] node [ id 1 ] ]", is: quintet.ErrInput},
		"a label twice":              {in: "graph [ node [ id 1 label 2 ] node [ id 2 ] ]", is: quintet.ErrInput},
		"an edge to no node":         {in: "graph [ node [ id 1 ] edge [ source 1 target 2 ] ]", is: quintet.ErrInput},
		"an edge without a target":   {in: "graph [ node [ id 1 ] edge [ source 1 ] ]", is: quintet.ErrInput},
		"a direction that is none":   {in: "graph [ directed 2 ]", is: quintet.ErrInput},
		"a weight that is none":      {in: "graph [ edge [ source 1 target 1 weight x ] ]", is: quintet.ErrInput},
		"a list that does not end":   {in: "graph [ node [", is: quintet.ErrInput},
		"an end without a list":      {in: "]", is: quintet.ErrInput},
		"a key without a value":      {in: "graph [ x ]", is: quintet.ErrInput},
		"a text that does not end":   {in: "x \"", is: quintet.ErrInput},
		"a text that is not UTF-8":   {in: "x \"\xff\"", is: quintet.ErrInput},
		"lists too deep":             {in: strings.Repeat("x [ ", 70), is: quintet.ErrInput},
		"a text beyond the limit":    {in: "x \"" + strings.Repeat("x", 100), opt: graph.ReadOptions{MaxToken: 50}, is: quintet.ErrInput},
		"a comment is below a limit": {in: "#" + strings.Repeat("x", 100) + "\ngraph[]", opt: graph.ReadOptions{MaxToken: 50}},
	})
}

func TestReadDOT(t *testing.T) {
	ab := []string{"a", "b"}
	abc := []string{"a", "b", "c"}
	testReader(t, graph.ReadDOT[string], map[string]readTest{
		"an empty graph": {in: "graph{}"},
		"a chain, ports and attributes": {in: "DiGraph \"G\" { rankdir=LR; a:n -> b:x:se -> c [color=red, weight=2; label=x]; }",
			nodes: abc, want: []edge{{"a", "b", 2}, {"b", "c", 2}}},
		"comments and lines of a preprocessor": {in: "# 1 \"x\"\n/* { * */ graph { // }\n a -- b }", nodes: ab, want: []edge{{"a", "b", 1}}},
		"subgraphs, and what edges are in them": {in: "graph { subgraph cluster_x { edge [weight=3] a -- b {b -- c} } a -- c }",
			nodes: abc, want: []edge{{"a", "b", 3}, {"a", "c", 1}, {"b", "c", 3}}},
		"quoted names that are joined": {in: "graph { \"a\" + \"b\\\"\" \"x\\\ny\" \"edge\" }", nodes: []string{`ab"`, "xy", "edge"}},
		"numbers":                      {in: "graph { -1 -- .5 -- 2. }", nodes: []string{"-1", ".5", "2."}, want: []edge{{"-1", ".5", 1}, {".5", "2.", 1}}},
		"names are keys, not labels":   {in: "graph { a [label=x] b [label=x] }", nodes: ab},
		"labels are keys":              {in: "graph { node [label=\"\\N!\"] a b [label=x]; a [label=y] }", opt: labelled, nodes: []string{"y", "x"}},
		"parallel edges add up":        {in: "graph { a -- b b -- a }", nodes: ab, want: []edge{{"a", "b", 2}}},
		"the last edge of a strict graph": {in: "strict graph { a -- b [weight=2] b -- a [weight=3] }",
			nodes: ab, want: []edge{{"a", "b", 3}}},
		"weights are not read if not wanted": {in: "graph { a -- b [weight=x] }", opt: graph.ReadOptions{Unweighted: true},
			nodes: ab, want: []edge{{"a", "b", 1}}},
		"two labels that are one":    {in: "graph { a [label=x] b [label=x] }", opt: labelled, is: quintet.ErrInput},
		"no graph":                   {in: "a", is: quintet.ErrInput},
		"a second graph":             {in: "graph {} graph {}", is: quintet.ErrUnsupported},
		"an edge to a subgraph":      {in: "graph { a -- {b c} }", is: quintet.ErrUnsupported},
		"an edge from a subgraph":    {in: "graph { {a b} -- c }", is: quintet.ErrUnsupported},
		"a name in HTML":             {in: "graph { a [label=<b>] }", is: quintet.ErrUnsupported},
		"an edge of the other kind":  {in: "graph { a -> b }", is: quintet.ErrInput},
		"a weight that is none":      {in: "graph { a -- b [weight=x] }", is: quintet.ErrInput},
		"an edge to nothing":         {in: "graph { a -- }", is: quintet.ErrInput},
		"attributes without an end":  {in: "graph { a [x=1", is: quintet.ErrInput},
		"a sum of a name":            {in: "graph { \"a\" + b }", is: quintet.ErrInput},
		"a lone minus sign":          {in: "graph { - }", is: quintet.ErrInput},
		"a slash":                    {in: "graph { / }", is: quintet.ErrInput},
		"a comment without an end":   {in: "graph {} /* *", is: quintet.ErrInput},
		"a name of digits":           {in: "graph { 1a }", is: quintet.ErrInput},
		"a name that is not UTF-8":   {in: "graph { \xff }", is: quintet.ErrInput},
		"a string that is not UTF-8": {in: "graph { \"\xff\" }", is: quintet.ErrInput},
		"subgraphs too deep":         {in: "graph " + strings.Repeat("{", 70), is: quintet.ErrInput},
		"a name beyond the limit":    {in: "graph " + strings.Repeat("x", 100), opt: graph.ReadOptions{MaxToken: 50}, is: quintet.ErrInput},
		"a sum beyond the limit": {in: `graph { "` + strings.Repeat("x", 30) + `" + "` + strings.Repeat("x", 30) + `" }`,
			opt: graph.ReadOptions{MaxToken: 50}, is: quintet.ErrInput},
	})
}

// fuzzFormat holds that what is read can be written and read again, and that no
// other errors come than those of bad files.
func fuzzFormat(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, kind := range []string{"directed.", "undirected."} {
		file, err := os.ReadFile("testdata/" + kind + name)
		require.NoError(f, err)
		f.Add(string(file))
	}
	format := formats[string]()[name]
	f.Fuzz(func(t *testing.T, in string) {
		o := graph.ReadOptions{Multi: true, Labels: true, MaxToken: 4096}
		g, err := format.read(context.Background(), strings.NewReader(in), o)
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported), err)
			return
		}
		var text bytes.Buffer
		if err := format.write(&text, g); err != nil {
			require.ErrorIs(t, err, quintet.ErrInput) // a NUL in DOT
			return
		}
		o.MaxToken = 1 << 20 // escapes may be longer
		again, err := format.read(context.Background(), &text, o)
		require.NoError(t, err)
		requireSameGraph(t, g, again)
	})
}

func FuzzReadNodeLink(f *testing.F) {
	fuzzFormat(f, "nodelink.json", `{"links":[{"source":1,"target":-2e3,"weight":.5}],"x":[[]],"directed":true}`)
}

func FuzzReadCytoscape(f *testing.F) {
	fuzzFormat(f, "cytoscape.json", `{"elements":[{"data":{"id":"a\u0000"}},{"data":{"source":1,"target":"1"}}]}`)
}

func FuzzReadGML(f *testing.F) {
	fuzzFormat(f, "gml", `graph [ directed 1 node [ id 1 label "&#0;&amp;" ] edge [ source 1 target 1 weight -1e3 ] ]`)
}

func FuzzReadDOT(f *testing.F) {
	fuzzFormat(f, "dot", `strict digraph { node [label="\N"] a -> b:x -> c [weight=2] subgraph { "a\"" + "b" } /**/ }`)
}

func BenchmarkReadFormats(b *testing.B) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 10_000, Edges: 100_000, Seed: 1})
	require.NoError(b, err)
	for name, f := range formats[int]() {
		var text bytes.Buffer
		require.NoError(b, f.write(&text, g))
		b.Run("edges=100k/format="+name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				_, err := f.read(context.Background(), bytes.NewReader(text.Bytes()), labelled)
				require.NoError(b, err)
			}
		})
	}
}
