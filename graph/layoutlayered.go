package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// LayeredLayoutOptions configures [LayeredLayout]. The zero value is good.
type LayeredLayoutOptions struct {
	// Sweeps is how often the order in the layers is bettered, down or up.
	// Default: 24.
	Sweeps int

	// Across lets edges lead from left to right. Default: downwards.
	Across bool
}

func (o LayeredLayoutOptions) withDefaults() (LayeredLayoutOptions, error) {
	if o.Sweeps < 0 {
		return o, fmt.Errorf("graph: Sweeps is %d: %w", o.Sweeps, quintet.ErrOption)
	}
	if o.Sweeps == 0 {
		o.Sweeps = 24
	}
	return o, nil
}

// maxLayered bounds the nodes plus bends of a layered layout.
const maxLayered = 1 << 22

// LayeredLayout places the nodes in layers such that edges lead from a layer to a
// later one, as far as there are no cycles: of a cycle, one edge or more lead back.
// Layers are 1 apart, and in a layer nodes and bends are 1 apart at least. An edge
// between layers that do not touch bends in those between. It suits graphs that are
// almost acyclic, of up to some thousand nodes. In an undirected graph, edges lead
// from the node with the smaller index. Weights do not matter; loops have no bends.
//
// It returns [quintet.ErrInput] for a nil graph or one that needs more than 2^22
// nodes and bends, [quintet.ErrOption] for negative Sweeps, or the error of ctx. It
// takes O((V+B)·log(V+B) + (E+B)·log(E+B)) time a sweep with B bends, on one
// goroutine, and up to 120 bytes for each node, edge and bend.
//
// Sugiyama, Tagawa, Toda, Methods for Visual Understanding of Hierarchical System
// Structures, IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981:
// layers by the longest path, order by barycentres. The edges that lead back are
// those of depth-first search. Of the orders, that with the fewest crossings is
// kept, counted as in Barth, Jünger, Mutzel, Journal of Graph Algorithms and
// Applications 8(2), 2004. Coordinates are the least squares of the distances to
// neighbours, layer by layer.
func LayeredLayout[K comparable](ctx context.Context, g *Graph[K], o LayeredLayoutOptions) (*Layout[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	y, err := newLayers(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := y.sort(ctx, o.Sweeps); err != nil {
		return nil, err
	}
	x, err := y.coordinates(ctx)
	if err != nil {
		return nil, err
	}
	l := &Layout[K]{Points: make([]Point, c.order()), Layers: y.layer[:c.order()], g: g}
	at := func(u int32) Point {
		if o.Across {
			return Point{float64(y.layer[u]), x[u]}
		}
		return Point{x[u], float64(y.layer[u])}
	}
	for u := range l.Points {
		l.Points[u] = at(int32(u))
	}
	if len(y.layer) > c.order() {
		l.Bends = make([][]Point, len(y.chains))
		for e, chain := range y.chains {
			for _, u := range chain {
				l.Bends[e] = append(l.Bends[e], at(u))
			}
		}
	}
	return l, ctx.Err()
}

// lead is an edge of a layered drawing.
type lead struct{ from, to int32 }

// layers is a graph whose edges lead from each layer to the next. Its nodes are
// those of a graph and, after them, the bends of its edges.
type layers struct {
	layer    []int32
	rows     [][]int32 // nodes of each layer, in order
	up, down [][]int32 // neighbours of a node in the layer before and in the next
	chains   [][]int32 // bends of each edge of the graph, from its first node to the other
}

func newLayers(ctx context.Context, c *CSR) (*layers, error) {
	if c.order() > maxLayered {
		return nil, fmt.Errorf("graph: more than %d nodes and bends: %w", maxLayered, quintet.ErrInput)
	}
	arcs := make([]lead, 0, c.Size())
	for a := range c.edges() {
		arcs = append(arcs, lead{a.u, a.v})
	}
	order, err := c.finish(ctx)
	if err != nil {
		return nil, err
	}
	rank := make([]int32, c.order()) // an edge against it leads back
	for i, u := range order {
		rank[u] = int32(i)
	}
	along := make([]lead, len(arcs))
	for i, a := range arcs {
		if along[i] = a; rank[a.from] > rank[a.to] {
			along[i] = lead{a.to, a.from}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	y := &layers{layer: longestPaths(order, along)}
	bends := len(y.layer)
	for _, a := range along {
		if bends += max(int(y.layer[a.to]-y.layer[a.from])-1, 0); bends > maxLayered {
			return nil, fmt.Errorf("graph: more than %d nodes and bends: %w", maxLayered, quintet.ErrInput)
		}
	}
	y.join(arcs, along, bends)
	y.rank(order)
	return y, ctx.Err()
}

// finish returns the nodes in reverse order of their end in depth-first search,
// which is topological but for edges that close cycles. It begins with nodes that
// no edges lead to. Undirected edges lead from the smaller index, so that their
// order is that of the index.
func (c *CSR) finish(ctx context.Context) ([]int32, error) {
	order := single(c.order())
	if !c.directed {
		return order, nil
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	const unseen, open = -1, -2
	next := slices.Repeat([]int32{unseen}, c.order()) // place of the edge to follow, as far as a node is open
	left := c.order()
	var stack []int32
	visit := func(root int32) {
		if next[root] != unseen || ctx.Err() != nil {
			return
		}
		stack, next[root] = append(stack[:0], root), 0
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			row := c.row(u)
			for int(next[u]) < len(row) && next[row[next[u]]] != unseen {
				next[u]++
			}
			if int(next[u]) < len(row) {
				v := row[next[u]]
				next[v], stack = 0, append(stack, v)
				continue
			}
			stack = stack[:len(stack)-1]
			left--
			order[left] = u
		}
	}
	for _, sources := range [2]bool{true, false} {
		for u := int32(c.order()) - 1; u >= 0; u-- {
			if !sources || in.degree(u) == 0 {
				visit(u)
			}
		}
	}
	return order, ctx.Err()
}

// longestPaths returns the layers of nodes: the length of the longest path to each,
// but a node to which no path leads is just before the first that it leads to.
func longestPaths(order []int32, arcs []lead) []int32 {
	next, sources := make([][]int32, len(order)), slices.Repeat([]bool{true}, len(order))
	for _, a := range arcs {
		if a.from != a.to {
			next[a.from] = append(next[a.from], a.to)
			sources[a.to] = false
		}
	}
	layer := make([]int32, len(order))
	for _, u := range order {
		for _, v := range next[u] {
			layer[v] = max(layer[v], layer[u]+1)
		}
	}
	for _, u := range order {
		if sources[u] && len(next[u]) > 0 {
			first := layer[next[u][0]]
			for _, v := range next[u] {
				first = min(first, layer[v])
			}
			layer[u] = first - 1
		}
	}
	return layer
}

// join makes the bends and the neighbours of nodes.
func (y *layers) join(arcs, along []lead, nodes int) {
	y.layer = slices.Grow(y.layer, nodes-len(y.layer))
	y.up, y.down = make([][]int32, nodes), make([][]int32, nodes)
	y.chains = make([][]int32, len(arcs))
	for e, a := range along {
		if a.from == a.to {
			continue
		}
		u := a.from
		for y.layer[u]+1 < y.layer[a.to] {
			bend := int32(len(y.layer))
			y.layer = append(y.layer, y.layer[u]+1)
			y.chains[e] = append(y.chains[e], bend)
			y.down[u], y.up[bend] = append(y.down[u], bend), append(y.up[bend], u)
			u = bend
		}
		y.down[u], y.up[a.to] = append(y.down[u], a.to), append(y.up[a.to], u)
		if arcs[e] != a {
			slices.Reverse(y.chains[e])
		}
	}
}
