package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// MaxFlowOptions configures [MaxFlow], which has nothing to configure yet.
type MaxFlowOptions struct{}

// Flow is the result of [MaxFlow]: a maximum flow, and the minimum cut nearest to the
// sink, which proves that there is no larger flow.
type Flow[K comparable] struct {
	Value  float64   // flow from the source to the sink, which is the weight of the cut
	Values []float64 // flow along each edge, in the order of Graph.Edges; below 0 is from To to From
	Side   []bool    // whether a node is on the source's side of the cut, by node index

	edges edgeOrder
	g     *Graph[K]
}

// Of returns the flow along the edges from one node to the other, less what goes
// the other way in an undirected graph; 0 if there is no such edge.
func (f *Flow[K]) Of(from, to K) float64 {
	lo, hi := findEdges(f.g, f.edges, from, to)
	sum := 0.0
	for _, x := range f.Values[lo:hi] {
		sum += x
	}
	u, _ := f.g.index.find(from)
	v, _ := f.g.index.find(to)
	if !f.g.Directed() && v < u {
		return -sum
	}
	return sum
}

// Cut returns the edges of the minimum cut in the order of [Graph.Edges]: those
// that lead from the source's side to the other. Their weights add up to the flow.
func (f *Flow[K]) Cut() []Edge[K] {
	var cut []Edge[K]
	for a := range f.g.CSR().edges() {
		from, to := f.Side[a.u], f.Side[a.v]
		if from && !to || !f.g.Directed() && to && !from {
			cut = append(cut, f.g.edge(a))
		}
	}
	return cut
}

// MaxFlow finds the largest flow from source to sink. No edge carries more than its
// weight, an undirected one in either direction, and what comes to another node
// leaves it. If no path joins them, the flow is 0. Loops carry nothing, parallel
// edges each their own.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown node, a source that is
// the sink, or a negative weight, or the error of ctx. It takes O(V²·E) time at
// worst, O(E·sqrt(V)) if all weights are 1 and nodes have one edge in or one out,
// and in practice little more than some breadth-first searches; it needs 44 bytes
// an edge and 24 a node. Flows are sums in float64: they are exact for whole
// weights.
//
// Dinic, Algorithm for Solution of a Problem of Maximum Flow in Networks with Power
// Estimation, Soviet Mathematics Doklady 11, 1970.
func MaxFlow[K comparable](
	ctx context.Context, g *Graph[K], source, sink K, _ MaxFlowOptions,
) (*Flow[K], error) {
	c, s, t, err := g.ends(ctx, source, sink)
	if err != nil {
		return nil, err
	}
	if s == t {
		return nil, fmt.Errorf("graph: source and sink are node %s: %w", show(source), quintet.ErrInput)
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	d := newDinic(c, s, t)
	f := &Flow[K]{edges: d.edges, g: g, Side: make([]bool, c.order())}
	if f.Value, err = d.run(ctx); err != nil {
		return nil, err
	}
	for u, level := range d.level {
		f.Side[u] = level < 0
	}
	f.Values = d.flows(c.directed)
	return f, ctx.Err()
}

// dinic sends flow along all shortest paths with room, then looks for longer ones.
// Edge e is the arcs 2e, from its first end to its second, and 2e+1 back.
type dinic struct {
	s, t  int32
	edges edgeOrder
	off   []uint32  // where the arcs of a node start in arcs
	arcs  []uint32  // by the node they leave
	to    []int32   // where an arc leads
	room  []float64 // what an arc can still carry
	level []int32   // distance to the sink over arcs with room; -1 is none
	next  []uint32  // first arc of a node that may lead on
	queue []int32
	path  []uint32 // arcs
	work  int
}

func newDinic(c *CSR, s, t int32) *dinic {
	n, m := c.order(), c.Size()
	d := &dinic{s: s, t: t, edges: newEdgeOrder(c), off: make([]uint32, n+2), level: make([]int32, n)}
	d.to, d.room, d.arcs = make([]int32, 0, 2*m), make([]float64, 0, 2*m), make([]uint32, 2*m)
	for u := range int32(n) {
		start := c.yields(u)
		for i, v := range c.row(u)[start:] {
			w := c.rows.weight(c.off[u] + uint32(start+i))
			back := 0.0
			switch {
			case u == v:
				w = 0
			case !c.directed:
				back = w
			}
			d.to, d.room = append(d.to, v, u), append(d.room, w, back)
			d.off[u+2]++
			d.off[v+2]++
		}
	}
	for u := 2; u < len(d.off); u++ {
		d.off[u] += d.off[u-1]
	}
	for a := range d.to {
		at := &d.off[d.to[a^1]+1]
		d.arcs[*at] = uint32(a)
		*at++
	}
	d.next = make([]uint32, n)
	return d
}

func (d *dinic) run(ctx context.Context) (value float64, err error) {
	for {
		found, err := d.rank(ctx)
		if err != nil || !found {
			return value, err
		}
		more, err := d.block(ctx)
		if err != nil {
			return 0, err
		}
		value += more
	}
}

// rank finds the levels up to that of the source, and whether it has one. Levels are
// those from the sink, so that all nodes with a level lead there.
func (d *dinic) rank(ctx context.Context) (bool, error) {
	for u := range d.level {
		d.level[u] = -1
	}
	d.level[d.t], d.queue = 0, append(d.queue[:0], d.t)
	for i := 0; i < len(d.queue) && d.level[d.s] < 0; i++ {
		u := d.queue[i]
		arcs := d.arcs[d.off[u]:d.off[u+1]]
		for _, a := range arcs {
			if v := d.to[a]; d.level[v] < 0 && d.room[a^1] > 0 {
				d.level[v] = d.level[u] + 1
				d.queue = append(d.queue, v)
			}
		}
		if err := d.look(ctx, len(arcs)+1); err != nil {
			return false, err
		}
	}
	return d.level[d.s] >= 0, ctx.Err()
}

// look counts work and looks at the context now and then.
func (d *dinic) look(ctx context.Context, work int) error {
	if d.work += work; d.work < blockWork {
		return nil
	}
	d.work = 0
	return ctx.Err()
}

// block sends flow along paths down the levels until there is none, and returns how
// much. It follows each arc that leads nowhere once.
func (d *dinic) block(ctx context.Context) (sum float64, err error) {
	copy(d.next, d.off)
	d.path = d.path[:0]
	for u := d.s; ; {
		if err := d.look(ctx, 1); err != nil {
			return 0, err
		}
		if u == d.t {
			flow, from := d.augment()
			sum += flow
			u = from
			continue
		}
		if a, ok := d.advance(u); ok {
			d.path = append(d.path, a)
			u = d.to[a]
			continue
		}
		if len(d.path) == 0 {
			return sum, nil
		}
		last := d.path[len(d.path)-1]
		d.path = d.path[:len(d.path)-1]
		u = d.to[last^1]
		d.next[u]++
	}
}

// augment sends as much along the path as it carries. It cuts the path before the
// first arc that is full, and returns the node at its new end.
func (d *dinic) augment() (flow float64, end int32) {
	flow = math.Inf(1)
	for _, a := range d.path {
		flow = min(flow, d.room[a])
	}
	full := -1
	for i, a := range d.path {
		d.room[a] -= flow
		d.room[a^1] += flow
		if full < 0 && d.room[a] == 0 {
			full = i
		}
	}
	end = d.to[d.path[full]^1]
	d.path = d.path[:full]
	return flow, end
}

// advance returns an arc with room from u to the level below.
func (d *dinic) advance(u int32) (arc uint32, ok bool) {
	for ; d.next[u] < d.off[u+1]; d.next[u]++ {
		a := d.arcs[d.next[u]]
		if d.room[a] > 0 && d.level[d.to[a]] == d.level[u]-1 {
			return a, true
		}
	}
	return 0, false
}

// flows returns the flow of each edge.
func (d *dinic) flows(directed bool) []float64 {
	out := make([]float64, len(d.to)/2)
	for e := range out {
		if out[e] = d.room[2*e+1]; !directed {
			out[e] = (d.room[2*e+1] - d.room[2*e]) / 2
		}
	}
	return out
}
