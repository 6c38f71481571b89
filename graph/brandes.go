package graph

import (
	"context"
	"slices"
)

// brandes is the memory of searches from one source after the other.
type brandes struct {
	r     *rows
	sum   []float64 // of the dependencies on nodes; nil if nobody asks
	edges []float64 // of the dependencies on edges, by place in the rows; nil if nobody asks

	order  []int32 // nodes by length
	nodes  []reached
	scaled bool // some scale may not be 0

	// after[starts[i]:starts[i+1]] are the nodes to which shortest paths go on from
	// order[i], or the places of these edges if edges are asked for.
	after  []uint32
	starts []uint32
}

// reached is what a search knows of a node, in one place lest the processor wait
// for several.
type reached struct {
	paths float64 // shortest paths from the source; when they are used up, (1 + dependency) / paths
	scale int32   // paths counts units of 2^(512·scale)
	depth int32   // edges from the source, -1 is not reached; not for weights
}

func (b *brandes) ready(r *rows) {
	if b.r != nil {
		return
	}
	n := r.order()
	b.r, b.nodes = r, slices.Repeat([]reached{{depth: -1}}, n)
	b.order, b.starts = make([]int32, 0, n), make([]uint32, n+1)
}

// run adds the dependencies of a source to the sums.
func (b *brandes) run(ctx context.Context, source int32) error {
	var err error
	if b.r.w != nil {
		err = b.weighted(ctx, source)
	} else {
		b.begin(source)
		err = b.breadth(ctx)
	}
	if err == nil {
		err = b.depend(ctx)
	}
	b.forget()
	return err
}

func (b *brandes) begin(source int32) {
	b.order, b.after, b.scaled = append(b.order[:0], source), b.after[:0], false
	b.nodes[source] = reached{paths: 1}
}

// forget makes the nodes unreached.
func (b *brandes) forget() {
	for _, u := range b.order {
		b.nodes[u].depth = -1
	}
}

// breadth counts paths by their edges.
func (b *brandes) breadth(ctx context.Context) error {
	nodes, order, after, work := b.nodes, b.order, b.after, 0
	for i := 0; i < len(order); i++ {
		u := order[i]
		b.starts[i] = uint32(len(after))
		d, p, row := nodes[u].depth+1, nodes[u].paths, b.r.row(u)
		if p >= unit {
			b.order, b.after = order, after
			return b.breadthScaled(ctx, i)
		}
		k, at := len(after), b.r.off[u]
		after = slices.Grow(after, len(row))[:k+len(row)]
		for j, v := range row {
			switch to := &nodes[v]; to.depth {
			case -1:
				*to = reached{paths: p, depth: d}
				order = append(order, v)
			case d:
				to.paths += p
			default:
				continue
			}
			if b.edges != nil {
				v = int32(at + uint32(j))
			}
			after[k] = uint32(v)
			k++
		}
		after = after[:k]
		if work += len(row) + 1; work >= blockWork {
			if work = 0; ctx.Err() != nil {
				break
			}
		}
	}
	b.order, b.after = order, after
	b.starts[len(order)] = uint32(len(after))
	return ctx.Err()
}

// unit is 2^512, by which a scale counts.
const unit = 0x1p512

// breadthScaled goes on with breadth at node i of the order, each node in units of
// its own scale. A grid has more paths than float64 can count.
func (b *brandes) breadthScaled(ctx context.Context, i int) error {
	b.scaled = true
	work := 0
	for ; i < len(b.order); i++ {
		u := b.order[i]
		b.starts[i] = uint32(len(b.after))
		from := b.normalized(u)
		from.depth++
		at, row := b.r.off[u], b.r.row(u)
		for j, v := range row {
			switch to := &b.nodes[v]; to.depth {
			case -1:
				*to = from
				b.order = append(b.order, v)
			case from.depth:
				to.count(from)
			default:
				continue
			}
			b.goesOn(v, at+uint32(j))
		}
		if work += len(row) + 1; work >= blockWork {
			if work = 0; ctx.Err() != nil {
				break
			}
		}
	}
	b.starts[len(b.order)] = uint32(len(b.after))
	return ctx.Err()
}

// goesOn takes note that shortest paths go on to v along the edge at a place.
func (b *brandes) goesOn(v int32, at uint32) {
	if b.edges != nil {
		b.after = append(b.after, at)
	} else {
		b.after = append(b.after, uint32(v))
	}
}

// normalized makes the paths of a node, all of which have been counted, less than
// unit, and returns it.
func (b *brandes) normalized(u int32) reached {
	node := &b.nodes[u]
	for node.paths >= unit {
		node.paths /= unit
		node.scale++
	}
	return *node
}

// count adds the paths to a node before. Of two numbers the smaller is lost if
// their scales are far apart, as its bits are below the last of the larger. A node
// has fewer than 2^31 nodes before it, so the sum is finite.
func (to *reached) count(from reached) {
	switch up := from.scale - to.scale; {
	case up == 0:
		to.paths += from.paths
	case up == 1:
		to.paths = to.paths/unit + from.paths
		to.scale++
	case up > 1:
		to.paths, to.scale = from.paths, from.scale
	case up == -1:
		to.paths += from.paths / unit
	}
}

// weighted counts paths by their weights. Nodes settle after all that lead to
// them, since weights are above 0.
func (b *brandes) weighted(ctx context.Context, source int32) error {
	w := newWave(b.r, source)
	b.order, b.after, b.scaled = b.order[:0], b.after[:0], true
	for {
		u, ok, err := w.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b.order = append(b.order, u)
		b.nodes[u] = reached{}
		w.relax(u)
	}
	b.nodes[source].paths = 1
	for i, u := range b.order {
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b.starts[i] = uint32(len(b.after))
		from := b.normalized(u)
		at, ws := b.r.off[u], b.r.weights(u)
		for j, v := range b.r.row(u) {
			if w.lengths[u]+float64(ws[j]) == w.lengths[v] {
				b.nodes[v].count(from)
				b.goesOn(v, at+uint32(j))
			}
		}
	}
	b.starts[len(b.order)] = uint32(len(b.after))
	return ctx.Err()
}

// depend adds dependencies, the farthest nodes first.
func (b *brandes) depend(ctx context.Context) error {
	work, plain := 0, !b.scaled && b.edges == nil
	end := b.starts[len(b.order)]
	for i := len(b.order) - 1; i >= 0; i-- {
		u, start := b.order[i], b.starts[i]
		after, share := b.after[start:end], 0.0
		if plain {
			for _, v := range after {
				share += b.nodes[v].paths
			}
		} else {
			share = b.shares(u, after)
		}
		x := b.nodes[u].paths * share
		b.nodes[u].paths = (1 + x) / b.nodes[u].paths
		if b.sum != nil && i > 0 {
			b.sum[u] += x
		}
		if work += len(after) + 1; work >= blockWork {
			if work = 0; ctx.Err() != nil {
				return ctx.Err()
			}
		}
		end = start
	}
	return nil
}

// shares returns the sum of the shares of the nodes to which shortest paths go on
// from u, in units of the scale of u, which is none of the higher.
func (b *brandes) shares(u int32, after []uint32) (sum float64) {
	from := b.nodes[u]
	for _, v := range after {
		place := v
		if b.edges != nil {
			v = uint32(b.r.adj[place])
		}
		x := b.nodes[v].paths
		switch b.nodes[v].scale - from.scale {
		case 0:
		case 1:
			x /= unit
		default:
			x = 0
		}
		sum += x
		if b.edges != nil {
			b.edges[place] += float64(from.paths * x)
		}
	}
	return sum
}
