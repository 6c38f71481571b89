package graph

import (
	"context"
	"math"
	"slices"
)

// SpanningForestOptions configures [SpanningForest], which has nothing to
// configure yet.
type SpanningForestOptions struct{}

// Forest is the result of [SpanningForest].
type Forest[K comparable] struct {
	Edges  []Edge[K] // lightest first, equal ones in the order of Graph.Edges
	Weight float64   // sum of the weights in that order
	Trees  int       // the components of the graph
}

// SpanningForest returns a minimum spanning forest: edges that join what the graph
// joins, without a cycle, with the least sum of weights. Directions do not matter
// and weights may be negative. Of edges that weigh the same it prefers the one
// that [Graph.Edges] yields first.
//
// It returns [quintet.ErrInput] for a nil graph, or the error of ctx. It takes O(E)
// time, almost, on one goroutine and 24 bytes an edge, 8 if weights are all 1: they
// are sorted by their bits.
//
// Kruskal, On the Shortest Spanning Subtree of a Graph and the Traveling Salesman
// Problem, Proceedings of the American Mathematical Society 7(1), 1956.
func SpanningForest[K comparable](
	ctx context.Context, g *Graph[K], _ SpanningForestOptions,
) (*Forest[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	ends, keys := c.arcs()
	if err := sortKeys(ctx, keys); err != nil {
		return nil, err
	}
	f, chosen := forest(single(c.order())), []uint64(nil) // keys
	for i := range ends {
		if i%blockWork == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		key := uint64(i)
		if keys != nil {
			key = keys[i]
		}
		e := ends[uint32(key)]
		if u, v := f.find(e[0]), f.find(e[1]); u != v {
			f[max(u, v)] = min(u, v)
			chosen = append(chosen, key)
		}
	}
	out := &Forest[K]{Trees: c.order() - len(chosen), Edges: make([]Edge[K], len(chosen))}
	for i, key := range chosen {
		e, w := ends[uint32(key)], float32(1)
		if keys != nil {
			w = weightOf(uint32(key >> 32))
		}
		out.Edges[i] = Edge[K]{From: g.keys[e[0]], To: g.keys[e[1]], Weight: w}
		out.Weight += float64(w)
	}
	return out, ctx.Err()
}

// arcs returns the ends of the edges but loops, an undirected one once, and keys in
// the same order: the bits of its weight, such that a lighter edge has a lower key,
// before the number of the edge. Keys are nil without weights.
func (c *CSR) arcs() (ends [][2]int32, keys []uint64) {
	ends = make([][2]int32, 0, c.Size()-c.loops)
	if c.w != nil {
		keys = make([]uint64, 0, cap(ends))
	}
	for u := range int32(c.order()) {
		row, ws := c.row(u), c.weights(u)
		for i := c.yields(u); i < len(row); i++ {
			if row[i] == u {
				continue
			}
			if ws != nil {
				keys = append(keys, uint64(ascending(ws[i]))<<32|uint64(len(ends)))
			}
			ends = append(ends, [2]int32{u, row[i]})
		}
	}
	return ends, keys
}

// ascending returns bits that have the order of numbers. Both zeros are one.
func ascending(w float32) uint32 {
	b := math.Float32bits(w + 0)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// weightOf is the inverse of ascending.
func weightOf(bits uint32) float32 {
	if bits>>31 != 0 {
		return math.Float32frombits(bits &^ (1 << 31))
	}
	return math.Float32frombits(^bits)
}

// digits are the bits of a key that one pass of sortKeys looks at.
const digits = 11

// sortKeys sorts keys by their upper halves, the lowest digits first; equal ones
// keep their order.
func sortKeys(ctx context.Context, keys []uint64) error {
	if len(keys) == 0 {
		return ctx.Err()
	}
	var count [3][1 << digits]uint32
	for _, k := range keys {
		for d := range count {
			count[d][k>>(32+d*digits)&(1<<digits-1)]++
		}
	}
	from, to := keys, make([]uint64, len(keys))
	for d := range count {
		start, shift := &count[d], 32+d*digits
		if int(start[keys[0]>>shift&(1<<digits-1)]) == len(keys) { // all have the same digit
			continue
		}
		sum := uint32(0)
		for i, n := range start {
			start[i], sum = sum, sum+n
		}
		for chunk := range slices.Chunk(from, blockWork) {
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, k := range chunk {
				at := &start[k>>shift&(1<<digits-1)]
				to[*at] = k
				*at++
			}
		}
		from, to = to, from
	}
	copy(keys, from)
	return ctx.Err()
}

// find returns the root of u and shortens the way there.
func (f forest) find(u int32) int32 {
	for f[u] != u {
		f[u] = f[f[u]]
		u = f[u]
	}
	return u
}
