package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// BFSOptions configures [BFS]. The zero value searches everything.
type BFSOptions struct {
	// MaxDepth is the largest distance from the source to search. Default:
	// no limit.
	MaxDepth int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o BFSOptions) withDefaults() (BFSOptions, error) {
	if o.MaxDepth < 0 {
		return o, fmt.Errorf("graph: MaxDepth is %d: %w", o.MaxDepth, quintet.ErrOption)
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// BFS searches a graph breadth first from source along the edges. Weights do not
// matter. It returns the distance of each node from the source in edges, and the
// tree of shortest paths in which the parent of a node is, of the nodes that
// could be it, the one with the smallest index.
//
// It returns [quintet.ErrInput] for a nil graph or an unknown source,
// [quintet.ErrOption] for negative options, or the error of ctx. It takes O(V+E)
// time and up to 28 bytes a node, of which it returns 8.
//
// The search changes direction where that is quicker: with many nodes at the
// present distance, each unvisited node looks for one of them among its incoming
// edges. In a directed graph it does so only if an algorithm such as PageRank
// has made the copy of the edges that this needs. Beamer, Asanović, Patterson,
// Direction-Optimizing Breadth-First Search, SC 2012, §V.
func BFS[K comparable](ctx context.Context, g *Graph[K], source K, o BFSOptions) (*BFSTree[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	u, err := g.start(source)
	if err != nil {
		return nil, err
	}
	s := newSearch(c, u, o.Workers)
	if err := s.run(ctx, o.MaxDepth); err != nil {
		return nil, err
	}
	t := &BFSTree[K]{Reached: s.reached, Depth: s.depth, g: g}
	t.Distances, t.Parents = s.unpack()
	return t, nil
}

// BFSTree is the result of [BFS].
type BFSTree[K comparable] struct {
	Distances []int32 // edges from the source, by node index; -1 is not reached
	Parents   []int32 // index of the node before, by node index; -1 is the source or not reached
	Reached   int     // number of nodes reached, the source included
	Depth     int     // the largest distance

	g *Graph[K]
}

// Distance returns the number of edges on a shortest path from the source to a
// node, -1 if the node was not reached or does not exist.
func (t *BFSTree[K]) Distance(to K) int {
	if u, ok := t.g.Index(to); ok {
		return int(t.Distances[u])
	}
	return -1
}

// Parent returns the node before a node on the path from the source. The source,
// and a node that was not reached or does not exist, have none.
func (t *BFSTree[K]) Parent(of K) (K, bool) {
	if u, ok := t.g.Index(of); ok {
		return t.g.Key(t.Parents[u])
	}
	var none K
	return none, false
}

// Path returns a shortest path from the source to a node, both included; nil if
// the node was not reached or does not exist.
func (t *BFSTree[K]) Path(to K) []K {
	u, ok := t.g.Index(to)
	if !ok || t.Distances[u] < 0 {
		return nil
	}
	path := make([]K, t.Distances[u]+1)
	for i := range slices.Backward(path) {
		path[i] = t.g.keys[u]
		u = t.Parents[u]
	}
	return path
}
