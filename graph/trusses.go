package graph

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
)

// TrussesOptions configures [Trusses]. The zero value is good.
type TrussesOptions struct {
	// Workers is how many goroutines count triangles; the rest of the work
	// is done by one. Default: GOMAXPROCS.
	Workers int
}

// TrussNumbers is the result of [Trusses].
type TrussNumbers[K comparable] struct {
	Numbers []int32 // truss number, in the order of Graph.Edges; 0 of a loop
	Max     int     // the largest; 0 without edges

	edges edgeOrder
	g     *Graph[K]
}

// Of returns the truss number of the edge between two nodes, 0 if there is none.
func (t *TrussNumbers[K]) Of(from, to K) int {
	if lo, hi := findEdges(t.g, t.edges, from, to); lo < hi {
		return int(t.Numbers[lo])
	}
	return 0
}

// Members yields the edges of the k-truss, those whose number is at least k, in
// the order of [Graph.Edges].
func (t *TrussNumbers[K]) Members(k int) iter.Seq[Edge[K]] {
	return func(yield func(Edge[K]) bool) {
		i := 0
		for e := range t.g.Edges() {
			if int(t.Numbers[i]) >= k && !yield(e) {
				return
			}
			i++
		}
	}
}

// Trusses finds the truss number of each edge. The k-truss is the largest set of
// edges of which each is in k-2 triangles of the set or more; the number of an
// edge, 2 at least, is the largest k whose truss has the edge. Directions, loops,
// parallel edges and weights do not matter: edges between the same two nodes have
// the same number.
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for negative
// Workers, or the error of ctx. It takes O(Σ min(a,b)·log max(a,b)) time over the
// edges, a and b being the degrees of the ends, which is at most O(E·sqrt(E)·log V),
// and 60 bytes an edge, up to 8 more if there are directions, loops or parallel
// edges.
//
// Cohen, Trusses: Cohesive Subgraphs for Social Network Analysis, National Security
// Agency, 2008; the order of removal is that of Wang and Cheng, Truss Decomposition
// in Massive Networks, VLDB 2012, §3.
func Trusses[K comparable](ctx context.Context, g *Graph[K], o TrussesOptions) (*TrussNumbers[K], error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	r, err := c.simple(ctx, workers)
	if err != nil {
		return nil, err
	}
	p := newTruss(r)
	if err := p.run(ctx, workers); err != nil {
		return nil, err
	}
	t := &TrussNumbers[K]{Numbers: make([]int32, 0, c.Size()), edges: newEdgeOrder(c), g: g}
	for u := range int32(c.order()) {
		for _, v := range c.row(u)[c.yields(u):] {
			number := int32(0)
			if u != v {
				e, _ := p.edges.find(min(u, v), max(u, v))
				number = p.left.count[e] + 2
			}
			t.Numbers = append(t.Numbers, number)
			t.Max = max(t.Max, int(number))
		}
	}
	return t, ctx.Err()
}

// truss takes away edges, the one in the fewest triangles left first.
type truss struct {
	r     *rows     // simple; edges taken away are dropped now and then
	edges edgeOrder // of all edges
	id    []int32   // number of the edge, by place in r
	from  []int32   // the first end of an edge
	to    []int32
	left  *shelf // edges by the triangles they are left in
}

func newTruss(r *rows) *truss {
	t := &truss{r: r, edges: newEdgeOrder(&CSR{rows: *r}), id: make([]int32, len(r.adj))}
	t.from, t.to = make([]int32, len(r.adj)/2), make([]int32, len(r.adj)/2)
	next := slices.Clone(r.off)
	e := int32(0)
	for u := range int32(r.order()) {
		start := r.off[u] + uint32(t.edges.c.yields(u))
		for at := start; at < r.off[u+1]; at++ {
			v := r.adj[at]
			t.from[e], t.to[e] = u, v
			t.id[at], t.id[next[v]] = e, e // row v ascends, and so does u
			next[v]++
			e++
		}
	}
	return t
}

func (t *truss) run(ctx context.Context, workers int) error {
	count, err := t.support(ctx, workers)
	if err != nil {
		return err
	}
	t.left = newShelf(count)
	rest := len(count) // edges in the rows
	for i, e := range t.left.order {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if 2*(len(count)-i) < rest {
			rest = len(count) - i
			t.shorten(int32(i))
		}
		t.triangles(e, func(a, b int32) {
			if t.left.place[a] > int32(i) && t.left.place[b] > int32(i) {
				t.lower(a, e)
				t.lower(b, e)
			}
		})
	}
	return ctx.Err()
}

// support counts the triangles of each edge. An edge leads to its end of higher
// degree; a node marks the edges that lead from it and looks which of the nodes
// beyond lead to each other.
func (t *truss) support(ctx context.Context, workers int) ([]int32, error) {
	up := t.upward()
	count, marks := make([]int32, len(t.from)), make([][]int32, workers)
	err := forBlocks(ctx, up.r.blocks(), workers, func(b, worker int) {
		if marks[worker] == nil {
			marks[worker] = make([]int32, up.r.order())
		}
		for u, end := up.r.block(b); u < end && ctx.Err() == nil; u++ {
			up.each(int32(u), marks[worker], func(a, b, c int32) {
				atomic.AddInt32(&count[a], 1)
				atomic.AddInt32(&count[b], 1)
				atomic.AddInt32(&count[c], 1)
			})
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	return count, err
}

// upward returns the edges in the row of their end of lower degree only, or of
// lower index.
func (t *truss) upward() *truss {
	up := &truss{r: &rows{off: make([]uint32, t.r.order()+1)}}
	for u := range int32(t.r.order()) {
		for at := t.r.off[u]; at < t.r.off[u+1]; at++ {
			v := t.r.adj[at]
			if a, b := t.r.degree(u), t.r.degree(v); a < b || a == b && u < v {
				up.r.adj, up.id = append(up.r.adj, v), append(up.id, t.id[at])
			}
		}
		up.r.off[u+1] = uint32(len(up.r.adj))
	}
	return up
}

// each calls f with the edges of each triangle whose first node is u. Marks are 0
// before and after.
func (t *truss) each(u int32, marks []int32, f func(a, b, c int32)) {
	row, ids := t.r.row(u), t.id[t.r.off[u]:t.r.off[u+1]]
	for i, v := range row {
		marks[v] = ids[i] + 1
	}
	for i, v := range row {
		next := t.id[t.r.off[v]:t.r.off[v+1]]
		for j, x := range t.r.row(v) {
			if m := marks[x]; m > 0 {
				f(ids[i], next[j], m-1)
			}
		}
	}
	for _, v := range row {
		marks[v] = 0
	}
}

// shorten drops the edges that were taken away before place i from the rows.
func (t *truss) shorten(i int32) {
	short := &rows{off: make([]uint32, t.r.order()+1)}
	ids := make([]int32, 0, len(t.id)/2)
	for u := range int32(t.r.order()) {
		for at := t.r.off[u]; at < t.r.off[u+1]; at++ {
			if t.left.place[t.id[at]] >= i {
				short.adj, ids = append(short.adj, t.r.adj[at]), append(ids, t.id[at])
			}
		}
		short.off[u+1] = uint32(len(short.adj))
	}
	t.r, t.id = short, ids
}

func (t *truss) lower(a, e int32) {
	if t.left.count[a] > t.left.count[e] {
		t.left.lower(a)
	}
}

// gallop is how much longer one row must be than the other for searches to beat a
// merge.
const gallop = 8

// triangles calls f with the two other edges of each triangle of an edge.
func (t *truss) triangles(e int32, f func(a, b int32)) {
	u, v := t.from[e], t.to[e]
	if t.r.degree(u) > t.r.degree(v) {
		u, v = v, u
	}
	short, long := t.r.row(u), t.r.row(v)
	i, j := int(t.r.off[u]), int(t.r.off[v])
	if len(long) > gallop*len(short) {
		for _, x := range short {
			if k, ok := slices.BinarySearch(long, x); ok {
				f(t.id[i], t.id[j+k])
			}
			i++
		}
		return
	}
	for a, b := 0, 0; a < len(short) && b < len(long); {
		switch {
		case short[a] < long[b]:
			a++
		case short[a] > long[b]:
			b++
		default:
			f(t.id[i+a], t.id[j+b])
			a, b = a+1, b+1
		}
	}
}
