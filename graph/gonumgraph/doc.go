// Package gonumgraph shows the graphs of package graph to the algorithms of
// gonum.org/v1/gonum/graph, and takes gonum's graphs in.
//
//	view, err := gonumgraph.NewUndirected(g.CSR())
//	tree := path.DijkstraFrom(view.Node(0), view)
//
// A view reads the rows of the graph where they are. The ID of a node is its index,
// which [graph.Graph.Index] finds and [graph.Graph.Key] gives back. It is a module of
// its own, so that nobody else downloads gonum.
//
// # Limits
//
// gonum has one edge between two nodes at most: parallel edges are one whose weight
// is their sum. Its algorithms follow interfaces and take several times as long as
// those of package graph, and cannot be cancelled. Some of them do not take loops,
// which views keep.
package gonumgraph
