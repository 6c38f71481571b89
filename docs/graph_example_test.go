package docs_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/graph"
)

func Example_graphBuild() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Oslo", "Hamar", 123)
	b.AddEdge("Hamar", "Trondheim", 368)
	b.AddEdge("Oslo", "Bergen", 463)
	g, err := b.Build()
	check(err)
	way, err := graph.ShortestPath(ctx, g, "Bergen", "Trondheim", graph.ShortestPathOptions{})
	check(err)
	fmt.Println(way.Nodes, way.Length)
	// Output: [Bergen Oslo Hamar Trondheim] 954
}

func Example_graphGroups() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	for _, e := range []string{"ab", "bc", "ca", "cx", "xy", "yz", "zx"} {
		b.AddEdge(e[:1], e[1:], 1)
	}
	g, err := b.Build()
	check(err)
	groups, err := graph.Leiden(ctx, g, graph.LeidenOptions{})
	check(err)
	for i := range groups.Count() {
		fmt.Println(slices.Collect(groups.Members(i)))
	}
	// Output:
	// [a b c]
	// [x y z]
}

func Example_graphEntities() {
	e, err := graph.NewEntityGraph(graph.EntityGraphOptions{})
	check(err)
	check(e.Upsert(graph.EntityDocument{ID: "lives.txt", Mentions: []graph.Mention{
		{Entity: "Marie Curie", Kind: "PER", Start: 0, End: 11},
		{Entity: "Paris", Kind: "LOC", Start: 24, End: 29},
	}}))
	g, err := e.Graph()
	check(err)
	near, err := graph.Retrieve(ctx, g, map[string]float64{"Paris": 1}, graph.RetrieveOptions{Nodes: 2})
	check(err)
	for _, r := range near.Nodes {
		fmt.Println(r.Node)
	}
	// Output:
	// Paris
	// Marie Curie
}

func Example_graphOverlay() {
	l := graph.NewOverlay[string](nil, graph.OverlayOptions{DropIsolated: true})
	check(l.AddEdge("Ada", "London", 1, "a.txt"))
	check(l.AddEdge("Ada", "Turin", 1, "b.txt"))
	l.DeleteTag("b.txt") // all that this document said
	g, err := l.Snapshot(ctx)
	check(err)
	fmt.Println(g.Order(), g.Size())
	// Output: 2 1
}

func Example_graphFiles() {
	dir, err := os.MkdirTemp("", "graphs")
	check(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "roads.graph")
	var file io.Reader = strings.NewReader("1 2\n2 3\n")
	g, err := graph.FromEdges(ctx, graph.ReadEdgeList[int](file, graph.EdgeListOptions{}), graph.BuilderOptions{})
	check(err)
	check(graph.Save(path, g))
	mapped, err := graph.Open[int](ctx, path) // processes share one copy of the edges
	check(err)
	defer mapped.Close()
	fmt.Println(mapped.Graph().Order())
	// Output: 3
}
