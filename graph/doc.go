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
//	MaximumWeightMatching the same, of the largest weight O(V³+V·E·log V), one worker
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
//	Anomalies             nodes unlike the others         O(E·sqrt(E))
//	SummarizeCommunities  what groups are about           O(V·log V + E)
//	ForceLayout           places in a drawing             O(V·log V + E) an iteration
//	LayeredLayout         the same, edges lead downwards  O((E+bends)·log E) a sweep, one worker
//
//	Cooccurrence          terms that stand together       O(Window) a term
//	TextRank              importance of terms             as Cooccurrence and PageRank
//	RankSentences         importance of sentences         O(n²) for n sentences at worst
//	NeighborGraph         the nearest by any measure      O(V·K²), and V searches
//	Retrieve              what is near some seeds         O(V + 1/Epsilon)
//
//	Random, Grid          generated graphs                O(V+E)
//	RMAT                  generated graph, skewed degrees O(V+E·Scale)
//	BarabasiAlbert        the same, grown                 O(V+E)
//	WattsStrogatz         short paths, many triangles     O(V+E)
//	PlantedPartition      communities                     O(V+E)
//
//	Filter, Induced       a part as a graph               O(V+E)
//	Window                the edges of a time             O(V+E)
//	Reverse               edges lead the other way        O(V+E), then nothing
//	Overlay               additions and deletions         O(1) a change, O(V+E) a snapshot
//
// An [EntityGraph] keeps what documents say of entities, and forgets a document that
// is taken out. Package graph/picture draws layouts.
//
// Results are the same, bit by bit, for every number of workers on every machine;
// only the vectors of Node2Vec may differ by rounding between kinds of processors.
// Where weights matter they may not be negative, but for BellmanFord and
// SpanningForest.
// A cancelled context stops an algorithm after about 2^15 edges per worker; the
// edges of one node, and short passes over the nodes alone, are never cut.
//
// # Files
//
// [Save] writes a graph as it lies in memory and [Open] maps it, so that processes
// share one copy of the edges and a graph may be larger than what is free. What is
// exchanged with other programs is text. Every reader takes limits, holds one token
// at a time besides the graph, in GML and DOT also the edges until the end, and
// reports a [*ReadError] with the line.
//
//	Save, Open         keys, weights, all of it   mapped, checksums, made whole or not at all
//	edge list, CSV     no nodes without edges     ReadEdgeList, WriteEdgeList
//	GraphML            all                        ReadGraphML, WriteGraphML
//	GML                all, ASCII with entities   ReadGML, WriteGML
//	node-link JSON     all, of NetworkX and D3    ReadNodeLink, WriteNodeLink
//	Cytoscape.js JSON  all, keys as text          ReadCytoscape, WriteCytoscape
//	DOT                all, keys as labels        ReadDOT, WriteDOT
//	MatrixMarket       no keys                    ReadMatrixMarket, WriteMatrixMarket
//
// Text files carry keys and weights; other attributes of nodes and edges are left
// out. A value of any type for each node or edge is an [Attr], a slice under their
// index, which follows into a [Subgraph]. The tests read files written by NetworkX
// 2.8.8, pydot 1.4.2 and Graphviz.
//
// A graph of 2^20 nodes and 10 million random edges, on two cores of an AMD EPYC
// that other work shared; go test -bench 'Open|BuildFromEdgeList':
//
//	built from an edge list of whole numbers  2.2 s of processor time
//	Open, undirected and directed             30 and 36 ms; 67 ms of processor time, undirected
//	File.Verify, undirected and directed      16 and 22 ms
//	the file                                  8 bytes an edge undirected, 4 directed, and 20 a node
//
// Processor time for a million edges: Filter 0.14 s, Overlay.Snapshot 0.24 s; to read
// and build, node-link JSON 0.9 s, GML 1.3 s, DOT and Cytoscape JSON 1.4 s, GraphML
// 2.3 s.
//
// # Speed
//
// Milliseconds of processor time on one worker, for R-MAT graphs of 2^16 and 2^18
// nodes and a grid of 2^20, with the parameters of the GAP benchmark; in brackets the
// ratio to its C++ reference, which was measured at another time on a quiet machine of
// the same kind. The goals are a geometric mean of 1.08 and no ratio above 1.6; make
// report AREA=graph prints them. These are the least of some rounds on a machine that
// other work shared, at loads of 3 to 17 on two processors. Simple Go kernels whose mean
// was 1.08 on the quiet machine took up to half as long again there. The mean of these
// ratios is 1.05, of the medians 1.22; five ratios miss their goal.
//
//	               kron16       kron18       grid
//	BFS            2.1 (1.38)   13.6 (1.75)  67 (1.41)
//	PageRank       18 (1.11)    100 (1.28)   202 (1.35)
//	Components     5.2 (1.31)   23 (1.67)    32 (1.67)
//	Triangles      111 (0.25)   981 (0.35)   10 (0.84)
//	DeltaStepping  16 (0.79)    112 (1.23)   155 (1.67)
//	Betweenness    81 (0.89)    318 (0.46)   718 (2.19)
//
// PageRank is float64 in the end, where the reference is float32. Betweenness searches
// from four nodes; on the grid it counts paths beyond the range of float64, which the
// reference does not. On two workers, goal a mean of 1.16 and at most 1.8, BFS of the
// grid took 115 ms of wall time at a load of 25, 4.0 times the noted 28.5.
//
// Beside other libraries at loads of 17 to 30: igraph 0.10.2 in C, gonum 0.17 on its
// own graphs.
//
//	Louvain, igraph        24.9 times faster on kron16; goal 8
//	Leiden, igraph         4.84 times faster on kron16; goal 5
//	Modularity of Leiden   1.01 of igraph's Leiden on kron16; goal 0.997
//	BFS, components, gonum 501 and 268 times faster on kron16; goal 30
//	bytes by edge, kron16  8.3, and 16.3 with weights; goals 9 and 17; igraph 33
//	a context to look at   less than its noise of 8 percent; goal 1
//
// Under such loads nothing can be said of the time from a cancellation to the end,
// whose goal is 20 ms: it was 32 to 120 ms of wall time.
//
// # Memory
//
// The edges of a graph are compressed sparse rows: 4 bytes for each direction
// in which an edge is stored, two if the graph is undirected, and 4 for each
// node; weights add 4 for each direction. An undirected graph with V = E/4 thus
// takes 9 bytes per edge, 17 with weights. Keys and the map that finds them add
// from 8 to 45 bytes a node for int, the least if each is its own index, and 60
// for string besides the text itself.
// Algorithms that follow edges backwards make a second copy of the edges of a
// directed graph on first use and keep it. Build needs, at its peak, about
// twice the memory of the edges it returns.
//
// # Limits
//
// A graph has at most 2^31-1 nodes and 2^31-1 edges. Weights are finite
// float32. A graph cannot be changed: build a new one, or use an [Overlay]. A mapped
// file must not be written to. Kernels run on the CPU.
package graph
