package graph

import (
	"context"
	"slices"
	"sync/atomic"
)

// CSR is the key-free view of a graph on which all algorithms run: compressed
// sparse rows over the node indices 0 to Order-1. An undirected edge stands in
// the rows of both its ends, a loop once in its row.
//
// The slices that its methods return share the memory of the graph: read them
// only. It is safe for concurrent use.
type CSR struct {
	rows
	directed bool
	loops    int
	negative bool // some weight is below 0

	in   atomic.Pointer[rows] // made on first use
	nums atomic.Pointer[edgeOrder]
	once atomic.Int32  // whether rows hold a column once: 0 is not known, 1 is yes, 2 no
	turn chan struct{} // held while in is made; a channel, so that waiting ends with a context
}

// newCSR sorts n nodes and their edges in O(n + edges). It returns the first
// edge whose merged weight is not finite, if there is one.
func newCSR(n int, from, to []int32, w []float32, o BuilderOptions) (c *CSR, u, v int32, ok bool) {
	byTarget := scatter(n, from, to, w, !o.Directed)
	out, err := byTarget.transposed(context.Background())
	if err != nil {
		panic("graph: a background context ended: " + err.Error())
	}
	if !o.Multi {
		if u, v, ok := out.merge(o.Unweighted); !ok {
			return nil, u, v, false
		}
	}
	c = &CSR{rows: out, directed: o.Directed, turn: make(chan struct{}, 1)}
	for u := range n {
		c.loops += c.loopsAt(int32(u))
	}
	c.negative = slices.ContainsFunc(c.w, func(w float32) bool { return w < 0 })
	if !slices.ContainsFunc(c.w, func(w float32) bool { return w != 1 }) {
		c.w = nil
	}
	return c, 0, 0, true
}

// distinct reports whether no row holds a column twice. It looks once.
func (c *CSR) distinct() bool {
	known := c.once.Load()
	if known == 0 {
		known = 1
		if c.repeated() {
			known = 2
		}
		c.once.Store(known)
	}
	return known == 1
}

// loopsAt returns how often row u holds u.
func (c *CSR) loopsAt(u int32) int {
	row, n := c.row(u), 0
	i, _ := slices.BinarySearch(row, u)
	for ; i < len(row) && row[i] == u; i++ {
		n++
	}
	return n
}

// Order returns the number of nodes.
func (c *CSR) Order() int { return c.order() }

// Size returns the number of edges. An undirected edge counts once.
func (c *CSR) Size() int {
	if c.directed {
		return len(c.adj)
	}
	return (len(c.adj) + c.loops) / 2
}

// Directed reports whether edges have a direction.
func (c *CSR) Directed() bool { return c.directed }

// Weighted reports whether some edge weighs other than 1.
func (c *CSR) Weighted() bool { return c.w != nil }

// Out returns the nodes that the edges of node u lead to, ascending; nil if
// there is no node u. Parallel edges repeat them. Do not write to it.
func (c *CSR) Out(u int32) []int32 {
	if !c.has(u) {
		return nil
	}
	return c.row(u)
}

// OutWeights returns the weights beside Out(u), nil if the graph is not
// weighted or has no node u. Do not write to it.
func (c *CSR) OutWeights(u int32) []float32 {
	if !c.has(u) {
		return nil
	}
	return c.weights(u)
}

// In returns the nodes from which edges lead to node u, ascending; nil if there
// is no node u. In an undirected graph it is Out. The first call on a directed
// graph costs O(V+E) and as much memory as the edges. Do not write to it.
func (c *CSR) In(u int32) []int32 {
	if !c.has(u) {
		return nil
	}
	return c.incoming().row(u)
}

// InWeights returns the weights beside In(u), nil if the graph is not weighted
// or has no node u. Do not write to it.
func (c *CSR) InWeights(u int32) []float32 {
	if !c.has(u) {
		return nil
	}
	return c.incoming().weights(u)
}

func (c *CSR) has(u int32) bool { return u >= 0 && int(u) < c.order() }

// incoming is reverse for callers without a context.
func (c *CSR) incoming() *rows {
	in, err := c.reverse(context.Background())
	if err != nil {
		panic("graph: a background context ended: " + err.Error())
	}
	return in
}

// reverse returns the rows of incoming edges. It makes them once; a call that is
// cancelled leaves the work to the next.
func (c *CSR) reverse(ctx context.Context) (*rows, error) {
	if in := c.reversed(); in != nil {
		return in, nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.turn }()
	if in := c.in.Load(); in != nil {
		return in, nil
	}
	in, err := c.transposed(ctx)
	if err != nil {
		return nil, err
	}
	c.in.Store(&in)
	return &in, nil
}

// reversed returns the rows of incoming edges if they are there, else nil.
func (c *CSR) reversed() *rows {
	if !c.directed || len(c.adj) == 0 {
		return &c.rows
	}
	return c.in.Load()
}
