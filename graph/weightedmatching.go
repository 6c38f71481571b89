package graph

import (
	"context"
	"math"
	"slices"
)

// WeightedMatching is the result of [MaximumWeightMatching].
type WeightedMatching[K comparable] struct {
	Matching[K]

	Weight float64 // sum of the weights of the edges
}

// MaximumWeightMatchingOptions configures [MaximumWeightMatching], which has
// nothing to configure yet.
type MaximumWeightMatchingOptions struct{}

// MaximumWeightMatching finds a matching whose weights have the largest sum. It
// need not have as many edges as [MaximumMatching], and none of its weights is 0 or
// negative. Of parallel edges, also in both directions, it takes the heaviest.
// Directions and loops do not matter. Of several such matchings it returns always
// the same.
//
// The answer is exact if all weights above 0 are whole multiples of 2^-50 of the
// largest, as is the case if none is below 2^-26 of it; others are rounded to that.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes
// O(V³ + V·E·log V) time at worst on one goroutine; with four edges a node 0.1 s for a
// thousand nodes, and a hundred times as long for ten thousand. It needs some 300
// bytes a node and 40 an edge.
//
// Edmonds, Maximum Matching and a Polyhedron with 0,1-Vertices, Journal of Research
// of the National Bureau of Standards 69B, 1965; it handles edges by the time at
// which they become tight, as Galil, Micali, Gabow, An O(EV log V) Algorithm for
// Finding a Maximal Weighted Matching in General Graphs, SIAM Journal on Computing
// 15(1), 1986.
func MaximumWeightMatching[K comparable](
	ctx context.Context, g *Graph[K], _ MaximumWeightMatchingOptions,
) (*WeightedMatching[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	r := &c.rows
	if c.directed {
		r = c.bothWays()
	}
	d := newDuals(r)
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	m := &WeightedMatching[K]{Matching: *newMatching(g, d.mate)}
	for u, v := range d.mate {
		if int32(u) < v {
			m.Weight += r.heaviest(int32(u), v)
		}
	}
	return m, ctx.Err()
}

// bothWays returns rows in which each edge stands at both its ends.
func (c *CSR) bothWays() *rows {
	from := make([]int32, 0, len(c.adj))
	for u := range int32(c.order()) {
		for range c.row(u) {
			from = append(from, u)
		}
	}
	r := scatter(c.order(), from, c.adj, c.w, true)
	return &r
}

// heaviest returns the largest weight between two nodes.
func (r *rows) heaviest(u, v int32) float64 {
	most := math.Inf(-1)
	for at := r.off[u]; at < r.off[u+1]; at++ {
		if r.adj[at] == v {
			most = max(most, r.weight(at))
		}
	}
	return most
}

// precision is the number of bits of the largest weight as a whole number. All
// numbers here are whole, and below four times as much.
const precision = 50

// duals is the state of the search for a matching and for the proof of its weight:
// a number for each node, and one not below 0 for each blossom, such that for each
// edge those of its ends and of the blossoms around it add up to its weight, twice,
// or more. Edges that are tight, for which it is no more, make the matching.
//
// Trees of tight edges grow from all nodes without a mate at once. As time goes on,
// numbers fall at outer nodes and rise at inner ones, until an edge becomes tight
// or an inner blossom has 0. When the numbers of nodes without a mate are 0, the
// matching is as heavy as the proof.
type duals struct {
	r         *rows
	scale     float64   // from weights to whole numbers
	top       []int32   // the largest blossom around a node
	mate      []int32   // -1 is none
	blossoms  []blossom // blossom u is node u alone
	spare     []int32   // blossoms that are not in use
	edges     queue     // places of edges by the time at which they may become tight
	queue     []int32   // outer nodes whose edges are not in edges yet
	now, last float64   // time
	work      int
}

func newDuals(r *rows) *duals {
	n, most := r.order(), 0.0
	for at := range r.adj {
		most = max(most, r.weight(uint32(at)))
	}
	_, exponent := math.Frexp(most)
	d := &duals{r: r, top: single(n), mate: slices.Repeat([]int32{-1}, n), scale: math.Ldexp(1, precision-exponent)}
	d.last = math.RoundToEven(most * d.scale)
	for u := range int32(n) {
		d.blossoms = append(d.blossoms, blossom{parent: -1, base: u, dual: d.last})
		d.outer(u, [2]int32{-1, u}, u)
	}
	return d
}

func (d *duals) run(ctx context.Context) error {
	for {
		if d.work >= blockWork {
			if d.work = 0; ctx.Err() != nil {
				return ctx.Err()
			}
		}
		switch {
		case len(d.queue) > 0:
			u := d.queue[len(d.queue)-1]
			d.queue = d.queue[:len(d.queue)-1]
			d.wait(u, outer)
		case len(d.edges) > 0 && d.edges[0].key <= d.now:
			d.tight(uint32(d.edges.pop().node))
		case !d.advance():
			return ctx.Err()
		}
	}
}

// wait puts the edges of a node, which is outer or free, into the queue of those
// that may become tight: between an outer node and another, or a free one.
func (d *duals) wait(u int32, label uint8) {
	d.work += d.r.degree(u) + 1
	for at := d.r.off[u]; at < d.r.off[u+1]; at++ {
		v := d.r.adj[at]
		other := d.blossoms[d.top[v]].label
		if d.top[u] == d.top[v] || other != outer && (other != free || label != outer) || d.r.weight(at) <= 0 {
			continue
		}
		slack := d.slack(u, v, at)
		if other == label {
			slack /= 2 // both ends fall; the slack is even, as all outer nodes are
		}
		d.edges.push(d.now+slack, int32(at))
	}
}

// slack is what the edge between two nodes is short of being tight, if no blossom is
// around both.
func (d *duals) slack(u, v int32, at uint32) float64 {
	return d.blossoms[u].dual + d.blossoms[v].dual - 2*math.RoundToEven(d.r.weight(at)*d.scale)
}

// tight handles an edge that may have become tight. Labels may have changed since it
// began to wait; then it waits a second time.
func (d *duals) tight(at uint32) {
	u, v := d.r.rowOf(at), d.r.adj[at]
	if d.blossoms[d.top[u]].label != outer {
		u, v = v, u
	}
	d.work++
	a, b := &d.blossoms[d.top[u]], &d.blossoms[d.top[v]]
	if a == b || a.label != outer || b.label == inner || d.slack(u, v, at) != 0 {
		return
	}
	if b.label == free {
		b.label, b.from, b.root = inner, [2]int32{u, v}, a.root
		next := d.mate[b.base]
		d.outer(d.top[next], [2]int32{b.base, next}, a.root)
		return
	}
	if a.root != b.root {
		d.augment(u, v)
		return
	}
	up, down := d.climb(d.top[u]), d.climb(d.top[v])
	for len(up) > 1 && len(down) > 1 && up[len(up)-2] == down[len(down)-2] {
		up, down = up[:len(up)-1], down[:len(down)-1]
	}
	d.shrink(u, v, up, down[:len(down)-1])
}

// rowOf returns the row of a place.
func (r *rows) rowOf(at uint32) int32 {
	u, found := slices.BinarySearch(r.off, at)
	for found && u+1 < len(r.off) && r.off[u+1] == at {
		u++ // rows before are empty
	}
	if !found {
		u--
	}
	return int32(u)
}

// climb returns the blossoms from one to the root of its tree.
func (d *duals) climb(b int32) []int32 {
	path := []int32{b}
	for d.blossoms[b].from[0] >= 0 {
		b = d.top[d.blossoms[b].from[0]]
		path = append(path, b)
	}
	return path
}

// advance lets time go on to the next event, and reports whether there is one.
func (d *duals) advance() bool {
	next := d.last
	if len(d.edges) > 0 {
		next = min(next, d.edges[0].key)
	}
	for i := d.r.order(); i < len(d.blossoms); i++ {
		if b := &d.blossoms[i]; b.whole() && b.label == inner {
			next = min(next, d.now+b.dual/2)
		}
	}
	if next >= d.last {
		return false
	}
	step := next - d.now
	d.now = next
	d.work += len(d.blossoms)
	for u, top := range d.top {
		d.blossoms[u].dual -= step * d.blossoms[top].sign()
	}
	var empty []int32
	for i := d.r.order(); i < len(d.blossoms); i++ {
		b := &d.blossoms[i]
		if !b.whole() {
			continue
		}
		if b.dual += 2 * step * b.sign(); b.dual == 0 && b.label == inner {
			empty = append(empty, int32(i))
		}
	}
	for _, b := range empty {
		d.open(b)
	}
	return true
}
