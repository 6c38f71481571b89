package graph_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/graph"
)

func ExampleReadEdgeList() {
	text := "from,to,weight\nBerlin,Hamburg,289\nBerlin,Leipzig,190\n"
	o := graph.EdgeListOptions{Comma: ',', Header: true}
	src := graph.ReadEdgeList[string](strings.NewReader(text), o)
	g, err := graph.FromEdges(context.Background(), src, graph.BuilderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Order(), g.Size())
	fmt.Println(g.Weight("Berlin", "Hamburg"))
	// Output:
	// 3 2
	// 289 true
}

func ExampleWriteGraphML() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("salt", "pepper", 0.5)
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := graph.WriteGraphML(os.Stdout, g); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
	//   <key id="w" for="edge" attr.name="weight" attr.type="float"/>
	//   <graph edgedefault="directed">
	//     <node id="salt"/>
	//     <node id="pepper"/>
	//     <edge source="salt" target="pepper"><data key="w">0.5</data></edge>
	//   </graph>
	// </graphml>
}

func ExampleWriteNodeLink() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("salt", "pepper", 0.5)
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := graph.WriteNodeLink(os.Stdout, g); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"directed": true, "multigraph": false, "graph": {},
	// "nodes": [
	// {"id": "salt"},
	// {"id": "pepper"}
	// ],
	// "links": [
	// {"source": "salt", "target": "pepper", "weight": 0.5}
	// ]}
}

func ExampleReadDOT() {
	text := `graph roads { Berlin -- Hamburg [weight=289]; Berlin -- Leipzig -- Dresden }`
	g, err := graph.ReadDOT[string](context.Background(), strings.NewReader(text), graph.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range g.Edges() {
		fmt.Println(e.From, e.To, e.Weight)
	}
	// Output:
	// Berlin Hamburg 289
	// Berlin Leipzig 1
	// Leipzig Dresden 1
}

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "graph")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "roads.graph")

	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Berlin", "Hamburg", 289)
	b.AddEdge("Berlin", "Leipzig", 190)
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := graph.Save(path, g); err != nil {
		fmt.Println(err)
		return
	}
	f, err := graph.Open[string](ctx, path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Println(f.Graph().Weight("Leipzig", "Berlin"))
	fmt.Println(f.Verify(ctx))
	// Output:
	// 190 true
	// <nil>
}
