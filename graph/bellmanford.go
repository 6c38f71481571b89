package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// BellmanFordOptions configures [BellmanFord], which has nothing to configure
// yet.
type BellmanFordOptions struct{}

// NegativeCycleError says that the weights of a cycle add up to less than 0, so
// that no path is shortest. Its cause is [quintet.ErrInput].
type NegativeCycleError[K comparable] struct {
	Nodes []K // in the order of the cycle, each once
}

// Error names some nodes of the cycle.
func (e *NegativeCycleError[K]) Error() string { return "graph: negative cycle of " + some(e.Nodes) }

// Unwrap returns [quintet.ErrInput].
func (e *NegativeCycleError[K]) Unwrap() error { return quintet.ErrInput }

// some describes nodes for an error message, the first of them by name.
func some[K comparable](nodes []K) string {
	s := fmt.Sprintf("%d nodes:", len(nodes))
	for _, k := range nodes[:min(len(nodes), 3)] {
		s += " " + show(k)
	}
	return s + ": " + quintet.ErrInput.Error()
}

// BellmanFord finds the shortest paths from source to all nodes, by weights that
// may be negative. If the source reaches a cycle whose weights add up to less
// than 0, the error is a [*NegativeCycleError]; an undirected edge of negative
// weight is such a cycle. Sums are made in float64 along the paths, so a cycle
// whose sum is 0 but for rounding may be refused. Of several shortest paths it
// returns the one that was found first, always the same.
//
// It returns [quintet.ErrInput] for a nil graph or an unknown source, or the
// error of ctx. It takes O(V·E) time at worst, less if paths have few edges, on
// one goroutine, and 29 bytes a node.
//
// The nodes wait in a queue, which goes back to Moore, The Shortest Path through
// a Maze, 1957; the tree is searched for cycles after every V changes: Cherkassky
// and Goldberg, Negative-Cycle Detection Algorithms, Mathematical Programming 85,
// 1999, §4.
func BellmanFord[K comparable](
	ctx context.Context, g *Graph[K], source K, _ BellmanFordOptions,
) (*ShortestPathTree[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s, err := g.start(source)
	if err != nil {
		return nil, err
	}
	b := newBellman(c, s)
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	if b.cycle != nil {
		return nil, &NegativeCycleError[K]{Nodes: g.keysOf(b.cycle)}
	}
	return newShortestPathTree(g, b.lengths, b.parents), nil
}

type bellman struct {
	c             *CSR
	lengths       []float64
	parents       []int32
	waits         []bool
	queue, behind []int32 // of this round and of the next
	changes       int     // since the tree was searched
	cycle         []int32 // nil if there is none
}

func newBellman(c *CSR, source int32) *bellman {
	n := c.order()
	b := &bellman{c: c, waits: make([]bool, n), behind: []int32{source}}
	b.lengths, b.parents = slices.Repeat([]float64{math.Inf(1)}, n), slices.Repeat([]int32{-1}, n)
	b.lengths[source] = 0
	return b
}

// run relaxes until no length falls, or a cycle is found. The tree of a negative
// cycle closes at some time, and a search of it costs as much as the changes
// between two searches.
func (b *bellman) run(ctx context.Context) error {
	work := 0
	for len(b.behind) > 0 {
		b.queue, b.behind = b.behind, b.queue[:0]
		for _, u := range b.queue {
			b.waits[u] = false
			b.relax(u)
			if work += b.c.degree(u) + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			if b.changes < len(b.parents) {
				continue
			}
			b.changes = 0
			if b.cycle = loop(b.parents); b.cycle != nil {
				return nil
			}
		}
	}
	b.cycle = loop(b.parents) // rounding can close a cycle that no edge shortens any more
	return ctx.Err()
}

func (b *bellman) relax(u int32) {
	row, ws, d := b.c.row(u), b.c.weights(u), b.lengths[u]
	for i, v := range row {
		l := d + 1
		if ws != nil {
			l = d + float64(ws[i])
		}
		if l >= b.lengths[v] {
			continue
		}
		b.lengths[v], b.parents[v] = l, u
		b.changes++
		if !b.waits[v] {
			b.waits[v] = true
			b.behind = append(b.behind, v)
		}
	}
}

// loop returns a cycle of a graph in which each node leads to its parent, against
// that direction; nil if there is none.
func loop(parents []int32) []int32 {
	seen := make([]int32, len(parents)) // 1 + the node from which the walk came that was here
	for start := range parents {
		u := int32(start)
		for u >= 0 && seen[u] == 0 {
			seen[u] = int32(start) + 1
			u = parents[u]
		}
		if u < 0 || seen[u] != int32(start)+1 {
			continue
		}
		cycle := []int32{u}
		for v := parents[u]; v != u; v = parents[v] {
			cycle = append(cycle, v)
		}
		slices.Reverse(cycle)
		return cycle
	}
	return nil
}
