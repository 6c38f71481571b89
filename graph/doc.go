// Package graph builds immutable graphs and analyses them: traversal, shortest
// paths, components, communities, ranks and statistics.
//
// A [Builder] takes nodes and edges under keys of any comparable type and
// yields a [Graph]. Each algorithm is one function of a context, a graph and
// its options; graphs are never written to, so any number of algorithms may run
// on one graph at once.
//
//	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
//	b.AddEdge("a", "b", 1.0)
//	g, err := b.Build()
//	ranks, err := graph.PageRank(ctx, g, graph.PageRankOptions{})
//	ranks.Of("b")
//
// [New] makes the analyser that runs a set of tasks on each graph of a batch or
// stream; it is the [quintet.Pipeline] of this package.
//
// # Algorithms
//
// V is the number of nodes, E that of edges, and time is for one worker.
//
//	BFS                   distances, parents, paths       O(V+E)
//	Components            weakly connected                O(V+E), almost
//	StrongComponents      strongly connected, one worker  O(V+E)
//	PageRank              importance by links             O(V+E) an iteration
//	PersonalizedPageRank  importance seen from some nodes O(V+E) an iteration
//	PushPageRank          the same, near the seeds        O(1/Epsilon)
//	HITS                  hubs and authorities            O(V+E) an iteration
//	Eigenvector, Katz     importance by important links   O(V+E) an iteration
//	Betweenness           paths that pass a node          O(V·E), or of samples
//	EdgeBetweenness       paths that go along an edge     O(V·E), or of samples
//	Closeness, Harmonic   nearness to the other nodes     O(V·(V+E))
//	DegreeCentrality      degrees as scores               O(V·log V)
//	Degrees               degree distribution             O(V+E)
//
//	DFS                   order of depth-first search     O(V+E), one worker
//	Dijkstra              shortest paths from a node      O((V+E)·log V), one worker
//	DeltaStepping         the same, quicker               O(V+E) for random weights
//	BellmanFord           the same, negative weights      O(V·E), one worker
//	ShortestPath          between two nodes, both ways    O((V+E)·log V), one worker
//	AStar                 the same, with a heuristic      O((V+E)·log V), one worker
//	KShortestPaths        the first paths without loops   O(k·V·(V+E)·log V), one worker
//
//	AllPairs              lengths between all nodes       O(V·(V+E)·log V)
//	Eccentricity          length to the farthest node     O(V·(V+E))
//	Diameter              the largest and least of these  O(V+E) a search, often a few
//
//	Triangles, Clustering triangles of nodes, coefficients O(E·sqrt(E))
//	Cores                 k-cores                         O(V+E), one worker
//	Trusses               k-trusses                       O(E·sqrt(E)·log V)
//	Louvain               communities                     O(V+E) a level, one worker
//	Leiden                connected communities, better   O(V+E) a level, one worker
//	LabelPropagation      communities, quick              O(V+E) an iteration, one worker
//	Modularity            quality of communities          O(V+E), one worker
//
//	RandomWalks           uniform or of node2vec          O(1) a step, O(log d) by weight
//	Node2Vec              vectors of nodes                O(steps·Window·Negatives·Dimensions)
//	Similarity            how alike pairs of nodes are    O(degrees) a pair
//	PredictLinks          the most alike without an edge  O(MaxDegree·E)
//
//	MaxFlow               flow, and the minimum cut       O(V²·E), one worker
//	BipartiteMatching     edges that share no node        O(E·sqrt(V)), one worker
//	MaximumMatching       the same in any graph           O(V³), one worker
//	Dominators            nodes that all paths pass       O(E·log V), one worker
//
//	Isomorphisms          graphs of the same shape        exponential at worst, one worker
//	SubgraphIsomorphisms  a pattern in a graph            exponential at worst, one worker
//
//	TopologicalOrder      order of a DAG                  O(V+E), one worker
//	FindCycle             a cycle, or none                O(V+E), one worker
//	SpanningForest        minimum spanning trees          O(E), almost, one worker
//	Cuts                  bridges, articulation points    O(V+E), one worker
//
//	Random, Grid          generated graphs                O(V+E)
//	RMAT                  generated graph, skewed degrees O(V+E·Scale)
//	BarabasiAlbert        the same, grown                 O(V+E)
//	WattsStrogatz         short paths, many triangles     O(V+E)
//	PlantedPartition      communities                     O(V+E)
//
// Results are the same, bit by bit, for every number of workers on every machine;
// only the vectors of Node2Vec may differ by rounding between kinds of processors.
// Where weights matter they may not be negative, but for BellmanFord and
// SpanningForest.
// A cancelled context stops an algorithm after about 2^15 edges per worker; the
// edges of one node, and short passes over the nodes alone, are never cut.
//
// # Memory
//
// The edges of a graph are compressed sparse rows: 4 bytes for each direction
// in which an edge is stored, two if the graph is undirected, and 4 for each
// node; weights add 4 for each direction. An undirected graph with V = E/4 thus
// takes 9 bytes per edge, 17 with weights. Keys and the map that finds them add
// about 45 bytes a node for int, and 60 for string besides the text itself.
// Algorithms that follow edges backwards make a second copy of the edges of a
// directed graph on first use and keep it. Build needs, at its peak, about
// twice the memory of the edges it returns.
//
// # Limits
//
// A graph has at most 2^31-1 nodes and 2^31-1 edges. Weights are finite
// float32. A graph cannot be changed: build a new one. Kernels run on the CPU.
package graph
