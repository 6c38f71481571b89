package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// Subgraph is a part of a graph as a graph of its own, on which every algorithm
// runs at full speed. Nodes and edges keep their order, so attributes of the whole
// follow by [Attr.Pick].
type Subgraph[K comparable] struct {
	Graph *Graph[K]
	Nodes []int32 // index of each node in the whole
	Edges []int32 // index of each edge in the whole
}

// FilterOptions configures [Filter]. The zero value keeps all.
type FilterOptions[K comparable] struct {
	// Node says whether a node stays, by its index and key. Default: all do.
	Node func(i int32, k K) bool

	// Edge says whether an edge stays whose ends do, by its index and ends.
	// Default: all do.
	Edge func(i int, e Edge[K]) bool

	// DropIsolated leaves out the nodes that have no edge left.
	DropIsolated bool
}

// Filter returns the part of a graph that the options keep. It copies: time is
// O(V+E), and memory that of a graph of the part, with 4 bytes more for each of its
// nodes and edges; keys are shared if all nodes stay. The functions are called in
// the order of indices, those of nodes first.
func Filter[K comparable](ctx context.Context, g *Graph[K], o FilterOptions[K]) (*Subgraph[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	stays := make([]bool, c.order())
	for u := range stays {
		stays[u] = o.Node == nil || o.Node(int32(u), g.keys[u])
	}
	s := &Subgraph[K]{}
	arcs := arcList{weighted: c.w != nil}
	i := 0
	for a := range c.edges() {
		if i%blockWork == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if stays[a.u] && stays[a.v] && (o.Edge == nil || o.Edge(i, g.edge(a))) {
			arcs.add(a.u, a.v, a.w)
			s.Edges = append(s.Edges, int32(i))
		}
		i++
	}
	if o.DropIsolated {
		arcs.isolate(stays)
	}
	var names []int32
	names, s.Nodes = numberKept(stays)
	arcs.rename(names)
	s.Graph = &Graph[K]{keys: g.keys, index: g.index}
	if len(s.Nodes) < len(stays) {
		s.Graph = keyed(Attr[K](g.keys).Pick(s.Nodes))
	}
	kept := BuilderOptions{Directed: c.directed, Multi: true}
	s.Graph.csr, _, _, _ = newCSR(len(s.Nodes), arcs.from, arcs.to, arcs.w, kept) // no sums
	return s, nil
}

// Induced returns the part of a graph between some nodes, at the cost of [Filter]
// and in the order of the graph. Nodes that are given twice count once; an unknown
// one has the cause [quintet.ErrInput].
func Induced[K comparable](ctx context.Context, g *Graph[K], nodes []K) (*Subgraph[K], error) {
	if _, err := view(ctx, g); err != nil {
		return nil, err
	}
	stays := make([]bool, g.Order())
	for _, k := range nodes {
		u, err := g.start(k)
		if err != nil {
			return nil, err
		}
		stays[u] = true
	}
	return Filter(ctx, g, FilterOptions[K]{Node: func(i int32, _ K) bool { return stays[i] }})
}

// Window returns all nodes of a graph with the edges whose time is in [from, to), at
// the cost of [Filter]. There must be a time for each edge, else the cause is
// [quintet.ErrInput].
func Window[K comparable](
	ctx context.Context, g *Graph[K], at Attr[time.Time], from, to time.Time,
) (*Subgraph[K], error) {
	if _, err := view(ctx, g); err != nil {
		return nil, err
	}
	if len(at) != g.Size() {
		return nil, fmt.Errorf("graph: %d times for %d edges: %w", len(at), g.Size(), quintet.ErrInput)
	}
	return Filter(ctx, g, FilterOptions[K]{Edge: func(i int, _ Edge[K]) bool {
		return !at[i].Before(from) && at[i].Before(to)
	}})
}

// Reverse returns the graph whose edges lead the other way; of an undirected graph
// it is the graph itself. It shares the memory of g, where the rows of incoming
// edges are made if they are not there, in O(V+E). The indices of its edges are
// others: look the attribute of an edge from v to u up under that from u to v.
func Reverse[K comparable](ctx context.Context, g *Graph[K]) (*Graph[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	if !c.directed {
		return g, nil
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	r := &CSR{rows: *in, directed: true, loops: c.loops, negative: c.negative, turn: make(chan struct{}, 1)}
	r.in.Store(&c.rows)
	return &Graph[K]{keys: g.keys, index: g.index, csr: r}, nil
}

// keyed returns a graph of nodes without its rows.
func keyed[K comparable](keys []K) *Graph[K] {
	g := &Graph[K]{keys: keys}
	for i, k := range keys {
		g.index.add(k, int32(i))
	}
	return g
}

// numberKept gives consecutive numbers to the nodes that stay. It returns the new
// number of each node, and the old of each that stays.
func numberKept(stays []bool) (names, old []int32) {
	names = make([]int32, len(stays))
	for u, ok := range stays {
		if ok {
			names[u] = int32(len(old))
			old = append(old, int32(u))
		}
	}
	return names, old
}

// arcList is a list of edges as newCSR takes it.
type arcList struct {
	from, to []int32
	w        []float32 // nil unless weighted
	weighted bool
}

func (l *arcList) add(u, v int32, w float32) {
	l.from, l.to = append(l.from, u), append(l.to, v)
	if l.weighted {
		l.w = append(l.w, w)
	}
}

// isolate takes out of stays the nodes that no edge joins.
func (l *arcList) isolate(stays []bool) {
	clear(stays)
	for i, u := range l.from {
		stays[u], stays[l.to[i]] = true, true
	}
}

func (l *arcList) rename(names []int32) {
	for i, u := range l.from {
		l.from[i], l.to[i] = names[u], names[l.to[i]]
	}
}
