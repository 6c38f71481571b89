package graph

import (
	"context"
	"sync/atomic"
)

// ComponentsOptions configures [Components]. The zero value is good.
type ComponentsOptions struct {
	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o ComponentsOptions) withDefaults() (ComponentsOptions, error) {
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// Components finds the connected components: two nodes are in one group if a
// path joins them, whatever the direction of its edges. The empty graph has no
// component.
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for
// negative Workers, or the error of ctx. It takes O(V+E) time in practice and 8
// bytes a node.
//
// The algorithm is Afforest: two edges of each node are joined first, then only
// the nodes outside the largest component seen so far look at the rest of their
// edges. Sutton, Ben-Nun, Barak, Optimizing Parallel Graph Connectivity
// Computation via Subgraph Sampling, IPDPS 2018, §IV.
func Components[K comparable](ctx context.Context, g *Graph[K], o ComponentsOptions) (*Partition[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	roots, err := c.components(ctx, o)
	if err != nil {
		return nil, err
	}
	return partitionOfRoots(g, roots), nil
}

// sampledEdges is how many edges of each node Afforest joins before it looks for
// the largest component.
const sampledEdges = 2

// components returns the smallest node of the component of each node.
func (c *CSR) components(ctx context.Context, o ComponentsOptions) ([]int32, error) {
	f := forest(single(c.order()))
	for i := range sampledEdges {
		if err := f.join(ctx, c, o.Workers, i, i+1, -1); err != nil {
			return nil, err
		}
		if err := f.flatten(ctx, c, o.Workers); err != nil {
			return nil, err
		}
	}
	skip := int32(-1)
	if !c.directed { // an edge is seen from its other end only if it is stored there
		skip = f.common()
	}
	if err := f.join(ctx, c, o.Workers, sampledEdges, len(c.adj), skip); err != nil {
		return nil, err
	}
	return f, f.flatten(ctx, c, o.Workers)
}

// forest holds the parent of each node in a union-find structure. A parent is
// smaller than its child, so a root is the smallest node of its tree.
type forest []int32

// join unites each node with its neighbours lo to hi, except the nodes whose
// parent is skip.
func (f forest) join(ctx context.Context, c *CSR, workers, lo, hi int, skip int32) error {
	alone := workers == 1
	return forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		from, end := c.block(b)
		off, adj := c.off[from:end+1], c.adj
		for i := range end - from {
			u, first, last := int32(from+i), int(off[i])+lo, int(off[i+1])
			if first >= last || atomic.LoadInt32(&f[u]) == skip {
				continue
			}
			for _, v := range adj[first:min(last, first-lo+hi)] {
				if !alone {
					f.union(u, v)
				} else if f[u] != f[v] {
					f.unionAlone(u, v)
				}
			}
		}
	})
}

// unionAlone is union for one goroutine.
func (f forest) unionAlone(u, v int32) {
	a, b := f[u], f[v]
	for a != b {
		high, low := max(a, b), min(a, b)
		above := f[high]
		if above == low {
			return
		}
		if above == high {
			f[high] = low
			return
		}
		a, b = f[above], f[low]
	}
}

// union hangs the larger root below the smaller. It may run on many goroutines:
// a root is given a parent by compare-and-swap, and only once.
func (f forest) union(u, v int32) {
	a, b := atomic.LoadInt32(&f[u]), atomic.LoadInt32(&f[v])
	for a != b {
		high, low := max(a, b), min(a, b)
		above := atomic.LoadInt32(&f[high])
		if above == low || above == high && atomic.CompareAndSwapInt32(&f[high], high, low) {
			return
		}
		a = atomic.LoadInt32(&f[atomic.LoadInt32(&f[high])])
		b = atomic.LoadInt32(&f[low])
	}
}

// flatten makes the root of each node its parent. Parents are smaller, so that one
// goroutine has made those of a parent final before it comes to the child.
func (f forest) flatten(ctx context.Context, c *CSR, workers int) error {
	if workers == 1 {
		return forBlocks(ctx, c.blocks(), 1, func(b, _ int) {
			for u, end := c.block(b); u < end; u++ {
				f[u] = f[f[u]]
			}
		})
	}
	return forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			for {
				p := atomic.LoadInt32(&f[u])
				above := atomic.LoadInt32(&f[p])
				if p == above {
					break
				}
				atomic.StoreInt32(&f[u], above)
			}
		}
	})
}

// common returns a root that is frequent among some nodes spread over all. The
// guess saves time if it is right and nothing else if it is wrong.
func (f forest) common() int32 {
	if len(f) == 0 {
		return -1
	}
	count, best := map[int32]int{}, f[0]
	for i := range 1024 {
		// Multiples of the golden ratio fill the range evenly.
		u := uint64(uint32(i)*2654435769) * uint64(len(f)) >> 32
		root := f[u]
		count[root]++
		if count[root] > count[best] {
			best = root
		}
	}
	return best
}
