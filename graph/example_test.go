package graph_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"

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

// cities is a graph of roads with their lengths.
func cities() *graph.Graph[string] {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Oslo", "Hamar", 123)
	b.AddEdge("Hamar", "Trondheim", 368)
	b.AddEdge("Oslo", "Bergen", 463)
	b.AddEdge("Bergen", "Trondheim", 630)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	return g
}

func ExampleDijkstra() {
	tree, err := graph.Dijkstra(context.Background(), cities(), "Bergen", graph.DijkstraOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Length("Hamar"), tree.Path("Hamar").Nodes)
	// Output: 586 [Bergen Oslo Hamar]
}

func ExampleDeltaStepping() {
	tree, err := graph.DeltaStepping(context.Background(), cities(), "Oslo", graph.DeltaSteppingOptions{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Path("Trondheim"))
	// Output: {[Oslo Hamar Trondheim] 491}
}

func ExampleBellmanFord() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("EUR", "USD", -2)
	b.AddEdge("USD", "NOK", 3)
	b.AddEdge("NOK", "EUR", -2)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	_, err = graph.BellmanFord(context.Background(), g, "EUR", graph.BellmanFordOptions{})
	var cycle *graph.NegativeCycleError[string]
	fmt.Println(errors.As(err, &cycle), len(cycle.Nodes))
	// Output: true 3
}

func ExampleShortestPath() {
	o := graph.ShortestPathOptions{Hops: true}
	p, err := graph.ShortestPath(context.Background(), cities(), "Hamar", "Bergen", o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Length, p.Found())
	// Output: 2 true
}

func ExampleAStar() {
	g, err := graph.Grid(graph.GridOptions{Rows: 100, Columns: 100})
	if err != nil {
		log.Fatal(err)
	}
	left := func(u int) float64 { return float64(99 - u/100 + 99 - u%100) } // rows and columns to go
	p, err := graph.AStar(context.Background(), g, 5050, 9999, left, graph.AStarOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Length)
	// Output: 98
}

func ExampleKShortestPaths() {
	o := graph.KShortestPathsOptions{Paths: 3}
	paths, err := graph.KShortestPaths(context.Background(), cities(), "Oslo", "Trondheim", o)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range paths {
		fmt.Println(p.Length, p.Nodes)
	}
	// Output:
	// 491 [Oslo Hamar Trondheim]
	// 1093 [Oslo Bergen Trondheim]
}

// clubs is two triangles that an edge joins.
func clubs() *graph.Graph[string] {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	for _, e := range []string{"ab", "bc", "ca", "cx", "xy", "yz", "zx"} {
		b.AddEdge(e[:1], e[1:], 1)
	}
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	return g
}

func ExampleTriangles() {
	t, err := graph.Triangles(context.Background(), clubs(), graph.TrianglesOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Total, t.Of("c"))
	// Output: 2 1
}

func ExampleClustering() {
	c, err := graph.Clustering(context.Background(), clubs(), graph.ClusteringOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f %.3f", c.Of("c"), c.Average, c.Transitivity)
	// Output: 0.333 0.778 0.600
}

func ExampleCores() {
	c, err := graph.Cores(context.Background(), clubs(), graph.CoresOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Degeneracy, c.Of("x"))
	// Output: 2 2
}

func ExampleLeiden() {
	c, err := graph.Leiden(context.Background(), clubs(), graph.LeidenOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for i := range c.Count() {
		fmt.Println(slices.Collect(c.Members(i)))
	}
	fmt.Printf("%.3f", c.Modularity)
	// Output:
	// [a b c]
	// [x y z]
	// 0.357
}

func ExampleLouvain() {
	c, err := graph.Louvain(context.Background(), clubs(), graph.LouvainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Count(), c.Sizes)
	// Output: 2 [3 3]
}

func ExampleModularity() {
	labels := []int32{0, 0, 0, 1, 1, 1} // of a, b, c, x, y, z
	q, err := graph.Modularity(context.Background(), clubs(), labels, graph.ModularityOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f", q)
	// Output: 0.357
}

func ExampleTopologicalOrder() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("socks", "shoes", 1)
	b.AddEdge("trousers", "shoes", 1)
	b.AddEdge("trousers", "belt", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	order, err := graph.TopologicalOrder(context.Background(), g, graph.TopologicalOrderOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order)
	// Output: [socks trousers shoes belt]
}

func ExampleFindCycle() {
	cycle, err := graph.FindCycle(context.Background(), clubs(), graph.FindCycleOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cycle)
	// Output: [a b c]
}

func ExampleDFS() {
	tree, err := graph.DFS(context.Background(), clubs(), "a", graph.DFSOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Preorder, tree.Postorder)
	// Output: [a b c x y z] [z y x c b a]
}

func ExampleSpanningForest() {
	f, err := graph.SpanningForest(context.Background(), cities(), graph.SpanningForestOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Weight, f.Edges)
	// Output: 954 [{Oslo Hamar 123} {Hamar Trondheim 368} {Oslo Bergen 463}]
}

func ExampleCuts() {
	c, err := graph.Cuts(context.Background(), clubs(), graph.CutsOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Bridges, c.Articulation)
	// Output: [{c x 1}] [c x]
}

func ExampleBetweenness() {
	s, err := graph.Betweenness(context.Background(), clubs(), graph.BetweennessOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Top(2))
	// Output: [{c 6} {x 6}]
}

func ExampleHarmonic() {
	s, err := graph.Harmonic(context.Background(), clubs(), graph.ClosenessOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Of("c"), s.Top(1)[0].Node)
	// Output: 4 c
}

func ExampleHITS() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("list", "page", 1)
	b.AddEdge("list", "site", 1)
	b.AddEdge("note", "page", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	h, err := graph.HITS(context.Background(), g, graph.HITSOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(h.Hubs.Top(1)[0].Node, h.Authorities.Top(1)[0].Node)
	// Output: list page
}

func ExamplePushPageRank() {
	seeds := map[string]float64{"a": 1}
	r, err := graph.PushPageRank(context.Background(), clubs(), seeds, graph.PushPageRankOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %t", r.Of("a"), r.Residual < 1e-4)
	// Output: 0.306 true
}

func ExampleSimilarity() {
	pairs := [][2]string{{"a", "b"}, {"a", "x"}}
	links, err := graph.Similarity(context.Background(), clubs(), pairs, graph.SimilarityOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f", links[0].Score, links[1].Score)
	// Output: 0.333 0.250
}

func ExamplePredictLinks() {
	o := graph.PredictLinksOptions{Measure: graph.AdamicAdar, Links: 2}
	links, err := graph.PredictLinks(context.Background(), clubs(), nil, o)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range links {
		fmt.Printf("%s %s %.3f\n", l.From, l.To, l.Score)
	}
	// Output:
	// a x 0.910
	// b x 0.910
}

func ExampleEigenvector() {
	e, err := graph.Eigenvector(context.Background(), clubs(), graph.EigenvectorOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f %.3f", e.Eigenvalue, e.Of("c"), e.Of("a"))
	// Output: 2.414 0.500 0.354
}

func ExampleKatz() {
	k, err := graph.Katz(context.Background(), clubs(), graph.KatzOptions{Alpha: 0.25})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f", k.Of("c"), k.Of("a"))
	// Output: 2.857 2.286
}

func ExampleEdgeBetweenness() {
	s, err := graph.EdgeBetweenness(context.Background(), clubs(), graph.BetweennessOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Of("x", "c"), s.Top(1)[0].Edge)
	// Output: 9 {c x 1}
}

func ExampleTrusses() {
	t, err := graph.Trusses(context.Background(), clubs(), graph.TrussesOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Max, t.Of("a", "b"), t.Of("c", "x"))
	// Output: 3 3 2
}

func ExampleMaxFlow() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("well", "tank", 5)
	b.AddEdge("well", "pond", 4)
	b.AddEdge("tank", "town", 3)
	b.AddEdge("pond", "tank", 2)
	b.AddEdge("pond", "town", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	f, err := graph.MaxFlow(context.Background(), g, "well", "town", graph.MaxFlowOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Value, f.Of("pond", "town"), f.Cut())
	// Output: 4 1 [{tank town 3} {pond town 1}]
}

func ExampleBipartiteMatching() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Ada", "drums", 1)
	b.AddEdge("Ada", "flute", 1)
	b.AddEdge("Bob", "drums", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	m, err := graph.BipartiteMatching(context.Background(), g, graph.BipartiteMatchingOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for player, instrument := range m.Pairs() {
		fmt.Println(player, instrument)
	}
	// Output:
	// Ada flute
	// drums Bob
}

func ExampleMaximumWeightMatching() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Ada", "Ben", 5)
	b.AddEdge("Ben", "Cleo", 11)
	b.AddEdge("Cleo", "Dan", 5)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	m, err := graph.MaximumWeightMatching(context.Background(), g, graph.MaximumWeightMatchingOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for a, b := range m.Pairs() {
		fmt.Println(a, b)
	}
	fmt.Println(m.Weight)
	// Output:
	// Ben Cleo
	// 11
}

func ExampleMaximumMatching() {
	m, err := graph.MaximumMatching(context.Background(), clubs(), graph.MaximumMatchingOptions{})
	if err != nil {
		log.Fatal(err)
	}
	mate, _ := m.Of("c")
	fmt.Println(m.Size, mate)
	// Output: 3 x
}

func ExampleDominators() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	for _, e := range [][2]string{{"main", "parse"}, {"main", "help"}, {"parse", "read"}, {"help", "print"}, {"read", "print"}} {
		b.AddEdge(e[0], e[1], 1)
	}
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	t, err := graph.Dominators(context.Background(), g, "main", graph.DominatorsOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Chain("print"), t.Chain("read"))
	// Output: [main print] [main parse read]
}

func ExampleAllPairs() {
	p, err := graph.AllPairs(context.Background(), cities(), graph.AllPairsOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Between("Bergen", "Hamar"), p.Between("Oslo", "Oslo"))
	// Output: 586 0
}

func ExampleEccentricity() {
	e, err := graph.Eccentricity(context.Background(), clubs(), graph.EccentricityOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Diameter, e.Radius, slices.Collect(e.Center()))
	// Output: 3 2 [c x]
}

func ExampleDiameter() {
	g, err := graph.Grid(graph.GridOptions{Rows: 100, Columns: 51})
	if err != nil {
		log.Fatal(err)
	}
	e, err := graph.Diameter(context.Background(), g, graph.DiameterOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Diameter, e.Radius, e.Searches < 100)
	// Output: 149 75 true
}

func ExampleRandomWalks() {
	o := graph.RandomWalksOptions{Length: 5, PerNode: 2, Seed: 1}
	w, err := graph.RandomWalks(context.Background(), clubs(), []string{"a"}, o)
	if err != nil {
		log.Fatal(err)
	}
	for walk := range w.All() {
		fmt.Println(len(walk), walk[0])
	}
	// Output:
	// 5 a
	// 5 a
}

func ExampleNode2Vec() {
	o := graph.Node2VecOptions{Dimensions: 8, LearningRate: 0.1, Walks: graph.RandomWalksOptions{Length: 20}}
	e, err := graph.Node2Vec(context.Background(), clubs(), o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(e.Of("a")), e.Cosine("a", "b") > e.Cosine("a", "z"))
	// Output: 8 true
}

func ExampleBarabasiAlbert() {
	g, err := graph.BarabasiAlbert(graph.BarabasiAlbertOptions{Nodes: 100, Edges: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(g.Order(), g.Size())
	// Output: 100 196
}

func ExampleWattsStrogatz() {
	g, err := graph.WattsStrogatz(graph.WattsStrogatzOptions{Nodes: 100, Neighbors: 6, Rewire: 0.1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(g.Order(), g.Size())
	// Output: 100 300
}

func ExamplePlantedPartition() {
	o := graph.PlantedPartitionOptions{Groups: 4, Size: 50, Inside: 0.3, Between: 0.01}
	g, err := graph.PlantedPartition(o)
	if err != nil {
		log.Fatal(err)
	}
	c, err := graph.Leiden(context.Background(), g, graph.LeidenOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Sizes)
	// Output: [50 50 50 50]
}

func ExampleIsomorphisms() {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for _, e := range [][2]int{{1, 2}, {3, 2}, {1, 3}, {4, 5}, {5, 6}, {6, 4}, {6, 1}} {
		b.AddEdge(e[0], e[1], 1)
	}
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	o := graph.IsomorphismsOptions[string, int]{MaxMatches: 100}
	m, err := graph.Isomorphisms(context.Background(), clubs(), g, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(m.Indices), m.Complete)
	// Output: 8 true
}

func ExampleSubgraphIsomorphisms() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("ada", "paper", 1)
	b.AddEdge("paper", "prize", 1)
	b.AddEdge("bob", "paper", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	pattern := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	pattern.AddEdge("who", "what", 1)
	pattern.AddEdge("what", "prize", 1)
	p, err := pattern.Build()
	if err != nil {
		log.Fatal(err)
	}
	o := graph.IsomorphismsOptions[string, string]{
		MaxMatches: 10,
		NodesMatch: func(a, b string) bool { return a != "prize" || b == "prize" },
	}
	m, err := graph.SubgraphIsomorphisms(context.Background(), p, g, o)
	if err != nil {
		log.Fatal(err)
	}
	for nodes := range m.All() {
		fmt.Println(nodes["who"], nodes["what"])
	}
	// Output:
	// ada paper
	// bob paper
}
