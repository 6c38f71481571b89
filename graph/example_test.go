package graph_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/graph"
)

func ExamplePageRank() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("a", "b", 1.0)
	b.AddEdge("c", "b", 1.0)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	ranks, err := graph.PageRank(context.Background(), g, graph.PageRankOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %s", ranks.Of("b"), ranks.Top(1)[0].Node)
	// Output: 0.574 b
}

func ExampleBFS() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Oslo", "Bergen", 1)
	b.AddEdge("Bergen", "Stavanger", 1)
	b.AddEdge("Oslo", "Trondheim", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	tree, err := graph.BFS(context.Background(), g, "Trondheim", graph.BFSOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Distance("Stavanger"), tree.Path("Stavanger"))
	// Output: 3 [Trondheim Oslo Bergen Stavanger]
}

func ExampleComponents() {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	b.AddEdge(1, 2, 1)
	b.AddEdge(3, 4, 1)
	b.AddEdge(4, 5, 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	parts, err := graph.Components(context.Background(), g, graph.ComponentsOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(parts.Count(), parts.Sizes, parts.Of(5) == parts.Of(3))
	// Output: 2 [2 3] true
}

func ExampleNew() {
	p, err := graph.New[int](graph.Options{Tasks: graph.TaskStats | graph.TaskComponents})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	g, err := graph.Grid(graph.GridOptions{Rows: 3, Columns: 3})
	if err != nil {
		log.Fatal(err)
	}
	r, err := p.Run(context.Background(), g)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Stats.Order, r.Stats.Size, r.Stats.Degrees.Max, r.Components.Count)
	// Output: 9 12 4 1
}
