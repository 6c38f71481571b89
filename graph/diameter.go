package graph

import (
	"context"
	"math"
	"slices"
)

// DiameterOptions configures [Diameter]. The zero value is good.
type DiameterOptions struct {
	// Workers is how many goroutines share the work of a search. Default:
	// GOMAXPROCS.
	Workers int
}

// Extent is the result of [Diameter]. Distances count edges.
type Extent[K comparable] struct {
	Nodes    int // of the component
	Diameter int // largest distance between two of its nodes
	From, To K   // two nodes at that distance; zero if there are no nodes
	Radius   int // least distance within which a node has all others
	Center   K   // such a node; zero if there are no nodes
	Searches int // made, one in each direction
}

// Diameter finds the largest distance between two nodes of the component with the
// most nodes, the first of equally large ones, and the node that is nearest to its
// farthest. In a directed graph the component is strongly connected. Weights do not
// matter. Of several such nodes it returns always the same.
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for negative
// Workers, or the error of ctx. A search takes O(V+E) time. In most real graphs some
// tens of them suffice, since a search bounds the eccentricities of all nodes; a
// graph in which all nodes are alike, such as a cycle, needs one for each node. It
// takes 40 bytes a node.
//
// Takes and Kosters, Computing the Eccentricity Distribution of Large Graphs,
// Algorithms 6(1), 2013, §3.
func Diameter[K comparable](ctx context.Context, g *Graph[K], o DiameterOptions) (Extent[K], error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return Extent[K]{}, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return Extent[K]{}, err
	}
	parts, err := connected(ctx, g, workers)
	if err != nil || parts.Count() == 0 {
		return Extent[K]{}, err
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return Extent[K]{}, err
	}
	b := newBounds(c, in, parts.Labels, int32(parts.Largest()), workers)
	for len(b.open) > 0 {
		if err := b.search(ctx, b.choose()); err != nil {
			return Extent[K]{}, err
		}
	}
	return Extent[K]{
		Nodes:    parts.Sizes[parts.Largest()],
		Diameter: int(b.diameter), From: g.keys[b.from], To: g.keys[b.to],
		Radius: int(b.radius), Center: g.keys[b.center], Searches: b.searches,
	}, ctx.Err()
}

// connected returns the components, strong ones of a directed graph.
func connected[K comparable](ctx context.Context, g *Graph[K], workers int) (*Partition[K], error) {
	if g.Directed() {
		return StrongComponents(ctx, g, StrongComponentsOptions{})
	}
	return Components(ctx, g, ComponentsOptions{Workers: workers})
}

// bounds narrows the eccentricities of the nodes of a component.
type bounds struct {
	out, back *CSR // back has the edges reversed
	workers   int
	nodes     []int32 // of the component
	low, high []int32 // bounds by node index
	open      []int32 // nodes whose eccentricity may still matter
	searches  int

	diameter, from, to int32
	radius, center     int32
}

func newBounds(c *CSR, in *rows, labels []int32, part int32, workers int) *bounds {
	b := &bounds{out: c, back: c, workers: workers, diameter: -1, radius: math.MaxInt32}
	if c.directed {
		b.back = &CSR{rows: *in, directed: true}
		b.back.in.Store(&c.rows)
	}
	b.low, b.high = make([]int32, c.order()), make([]int32, c.order())
	for u, label := range labels {
		b.high[u] = math.MaxInt32
		if label == part {
			b.nodes = append(b.nodes, int32(u))
		}
	}
	b.open = slices.Clone(b.nodes)
	return b
}

// choose returns the open node that could be the farthest out and, in turn, the one
// that could be in the middle; of equal ones the one with the most edges. The first
// is the node with the most edges of all.
func (b *bounds) choose() int32 {
	best := b.open[0]
	for _, u := range b.open[1:] {
		gain := b.high[u] - b.high[best]
		if b.searches%2 == 0 {
			gain = b.low[best] - b.low[u]
		}
		if gain > 0 || gain == 0 && b.out.degree(u) > b.out.degree(best) {
			best = u
		}
	}
	return best
}

// search finds the eccentricity of a node and what it says of all others.
func (b *bounds) search(ctx context.Context, u int32) error {
	b.searches++
	ahead := newSearch(b.out, u, b.workers)
	if err := ahead.run(ctx, 0); err != nil {
		return err
	}
	back := ahead
	if b.back != b.out {
		back = newSearch(b.back, u, b.workers)
		if err := back.run(ctx, 0); err != nil {
			return err
		}
	}
	far, at := int32(0), u
	for _, v := range b.nodes {
		if d := ahead.distance(v); d > far {
			far, at = d, v
		}
	}
	if far > b.diameter {
		b.diameter, b.from, b.to = far, u, at
	}
	if far < b.radius {
		b.radius, b.center = far, u
	}
	open := b.open[:0]
	for _, v := range b.open {
		to := back.distance(v) // from v to u
		b.low[v] = max(b.low[v], to, far-ahead.distance(v))
		b.high[v] = min(b.high[v], to+far)
		if v != u && (b.high[v] > b.diameter || b.low[v] < b.radius) {
			open = append(open, v)
		}
	}
	b.open = open
	return nil
}
