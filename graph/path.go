package graph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// Path is a path through a graph. If there is no path between two nodes, it has
// no nodes and an infinite length.
type Path[K comparable] struct {
	Nodes  []K     // from the first node to the last; a path from a node to itself has one
	Length float64 // sum of the weights in the order of the path, +Inf without nodes
}

// Found reports whether there is a path.
func (p Path[K]) Found() bool { return len(p.Nodes) > 0 }

// ShortestPathTree holds the shortest paths from one node to all others.
type ShortestPathTree[K comparable] struct {
	Lengths []float64 // of the shortest path, by node index; +Inf is not reached
	Parents []int32   // index of the node before, by node index; -1 is the source or not reached
	Reached int       // number of nodes reached, the source included

	g *Graph[K]
}

// Length returns the length of the shortest path to a node, +Inf if the node was
// not reached or does not exist.
func (t *ShortestPathTree[K]) Length(to K) float64 {
	if u, ok := t.g.Index(to); ok {
		return t.Lengths[u]
	}
	return math.Inf(1)
}

// Path returns the shortest path to a node, one that is not found if the node was
// not reached or does not exist.
func (t *ShortestPathTree[K]) Path(to K) Path[K] {
	u, ok := t.g.Index(to)
	if !ok || math.IsInf(t.Lengths[u], 1) {
		return t.g.path(nil)
	}
	if t.Parents == nil {
		return Path[K]{Length: t.Lengths[u]}
	}
	return Path[K]{Nodes: t.g.keysOf(ascend(t.Parents, u)), Length: t.Lengths[u]}
}

func newShortestPathTree[K comparable](g *Graph[K], lengths []float64, parents []int32) *ShortestPathTree[K] {
	t := &ShortestPathTree[K]{Lengths: lengths, Parents: parents, g: g}
	for _, l := range lengths {
		if !math.IsInf(l, 1) {
			t.Reached++
		}
	}
	return t
}

// path returns the path of the nodes of these indices.
func (g *Graph[K]) path(nodes []int32) Path[K] {
	if len(nodes) == 0 {
		return Path[K]{Length: math.Inf(1)}
	}
	return Path[K]{Nodes: g.keysOf(nodes), Length: g.CSR().length(nodes)}
}

func (g *Graph[K]) keysOf(nodes []int32) []K {
	keys := make([]K, len(nodes))
	for i, u := range nodes {
		keys[i] = g.keys[u]
	}
	return keys
}

// ends returns the rows of g and the indices of two nodes.
func (g *Graph[K]) ends(ctx context.Context, from, to K) (c *CSR, s, t int32, err error) {
	if c, err = view(ctx, g); err != nil {
		return nil, 0, 0, err
	}
	if s, err = g.start(from); err != nil {
		return nil, 0, 0, err
	}
	t, err = g.start(to)
	return c, s, t, err
}

// nonNegative returns an error if g has a negative weight.
func (g *Graph[K]) nonNegative() error {
	if !g.CSR().negative {
		return nil
	}
	return fmt.Errorf("graph: edge %s has a negative weight: %w", g.firstNegative(), quintet.ErrInput)
}

// ascend returns the nodes from the root of a tree to u.
func ascend(parents []int32, u int32) []int32 {
	path := []int32{u}
	for parents[u] >= 0 {
		u = parents[u]
		path = append(path, u)
	}
	slices.Reverse(path)
	return path
}

// length returns the sum of the weights of the lightest edges along a path.
func (c *CSR) length(path []int32) float64 {
	var sum float64
	for i := 1; i < len(path); i++ {
		sum += c.lightest(path[i-1], path[i])
	}
	return sum
}

// lightest returns the least weight of the edges from u to v, of which there is
// one at least.
func (c *CSR) lightest(u, v int32) float64 {
	ws := c.weights(u)
	if ws == nil {
		return 1
	}
	row, least := c.row(u), math.Inf(1)
	i, _ := slices.BinarySearch(row, v)
	for ; i < len(row) && row[i] == v; i++ {
		least = min(least, float64(ws[i]))
	}
	return least
}

// parents returns the tree of shortest paths that have these lengths. The parent
// of a node is, of the nodes nearer to the source that could be it, the one with
// the smallest index. Only nodes that have none, since edges of weight 0 lead to
// them, take one at the same length: the first that a search from the others
// finds.
func (c *CSR) parents(ctx context.Context, source int32, lengths []float64, workers int) ([]int32, error) {
	parents := slices.Repeat([]int32{math.MaxInt32}, c.order())
	err := forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			if !math.IsInf(lengths[u], 1) {
				c.offer(int32(u), lengths, parents)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	parents[source] = -1
	var at []int32 // nodes with a parent
	orphans := false
	for u, p := range parents {
		switch {
		case p < math.MaxInt32:
			at = append(at, int32(u))
		case math.IsInf(lengths[u], 1):
			parents[u] = -1
		default:
			orphans = true
		}
	}
	if orphans {
		err = c.adopt(ctx, lengths, parents, at)
	}
	return parents, err
}

// adopt gives parents to the nodes that are as far from the source as all that
// lead to them, in a search from the nodes at.
func (c *CSR) adopt(ctx context.Context, lengths []float64, parents, at []int32) error {
	for work := 0; len(at) > 0; at = at[1:] {
		u := at[0]
		if work += c.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		for v, w := range entries(&c.rows, u) {
			if parents[v] == math.MaxInt32 && lengths[u] == lengths[v] && lengths[u]+float64(w) == lengths[v] {
				parents[v] = u
				at = append(at, v)
			}
		}
	}
	return nil
}

// offer makes u the parent of the farther nodes it leads to, if that lowers
// theirs.
func (c *CSR) offer(u int32, lengths []float64, parents []int32) {
	row, ws, d := c.row(u), c.weights(u), lengths[u]
	for i, v := range row {
		w := 1.0
		if ws != nil {
			w = float64(ws[i])
		}
		if d+w != lengths[v] || d == lengths[v] {
			continue
		}
		for {
			old := atomic.LoadInt32(&parents[v])
			if u >= old || atomic.CompareAndSwapInt32(&parents[v], old, u) {
				break
			}
		}
	}
}
