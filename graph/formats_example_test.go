package graph_test

import (
	"context"
	"fmt"
	"os"
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
