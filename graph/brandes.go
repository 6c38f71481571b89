package graph

import (
	"context"
	"math"
)

// brandes is the memory of searches from one source after the other.
type brandes struct {
	r       *rows
	sum     []float64 // of the dependencies on nodes; nil if nobody asks
	edges   []float64 // of the dependencies on edges, by place in the rows; nil if nobody asks
	lengths []float64 // -1 is not reached
	paths   []float64 // shortest paths from the source
	scales  []int32   // paths counts units of 2^(512·scale); nil if all scales are 0
	share   []float64 // (1 + dependency) / paths, or 1 + dependency if there are scales
	order   []int32   // nodes by length
}

func (b *brandes) ready(r *rows) {
	if b.r != nil {
		return
	}
	n := r.order()
	b.r, b.lengths, b.paths, b.share = r, make([]float64, n), make([]float64, n), make([]float64, n)
	for u := range b.lengths {
		b.lengths[u] = -1
	}
}

// run adds the dependencies of a source to the sums. It clears only what it used.
func (b *brandes) run(ctx context.Context, source int32) error {
	b.order = b.order[:0]
	find := b.breadth
	if b.r.w != nil {
		find = b.weighted
	}
	err := find(ctx, source)
	if err == nil && b.overflowed() {
		err = b.recount(ctx, source)
	}
	if err == nil {
		err = b.depend(ctx, source)
	}
	for _, u := range b.order {
		b.lengths[u], b.paths[u] = -1, 0
	}
	b.scales = nil
	return err
}

// breadth counts paths by their edges.
func (b *brandes) breadth(ctx context.Context, source int32) error {
	b.lengths[source], b.paths[source] = 0, 1
	order, work := append(b.order, source), 0
	var err error
	for i := 0; i < len(order) && err == nil; i++ {
		u := order[i]
		d, paths, row := b.lengths[u]+1, b.paths[u], b.r.row(u)
		for _, v := range row {
			if b.lengths[v] < 0 {
				b.lengths[v] = d
				order = append(order, v)
			}
			if b.lengths[v] == d {
				b.paths[v] += paths
			}
		}
		if work += len(row) + 1; work >= blockWork {
			work, err = 0, ctx.Err()
		}
	}
	b.order = order
	return err
}

// weighted counts paths by their weights. Nodes settle after all that lead to
// them, since weights are above 0.
func (b *brandes) weighted(ctx context.Context, source int32) error {
	w := newWave(b.r, source)
	for {
		u, ok, err := w.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b.lengths[u] = w.lengths[u]
		b.order = append(b.order, u)
		w.relax(u)
	}
	b.paths[source] = 1
	for i, u := range b.order {
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ws := b.r.weights(u)
		for i, v := range b.r.row(u) {
			if b.lengths[u]+float64(ws[i]) == b.lengths[v] {
				b.paths[v] += b.paths[u]
			}
		}
	}
	return nil
}

// depend adds dependencies, the farthest nodes first.
func (b *brandes) depend(ctx context.Context, source int32) error {
	work := 0
	for i := len(b.order) - 1; i >= 0; i-- {
		u := b.order[i]
		if b.scales != nil {
			x := b.dependency(u)
			b.share[u] = 1 + x
			b.add(u, source, x)
		} else {
			x := b.paths[u] * b.shares(u)
			b.share[u] = (1 + x) / b.paths[u]
			b.add(u, source, x)
		}
		if work += b.r.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *brandes) add(u, source int32, x float64) {
	if b.sum != nil && u != source {
		b.sum[u] += x
	}
}

// shares returns the sum of the shares of the nodes to which shortest paths go on
// from u.
func (b *brandes) shares(u int32) (sum float64) {
	row, ws, d := b.r.row(u), b.r.weights(u), b.lengths[u]
	switch {
	case b.edges != nil:
		at, paths := b.r.off[u], b.paths[u]
		for i, v := range row {
			if d+b.r.weight(at+uint32(i)) == b.lengths[v] {
				b.edges[at+uint32(i)] += float64(paths * b.share[v])
				sum += b.share[v]
			}
		}
	case ws == nil:
		for _, v := range row {
			if b.lengths[v] == d+1 {
				sum += b.share[v]
			}
		}
	default:
		for i, v := range row {
			if b.lengths[v] == d+float64(ws[i]) {
				sum += b.share[v]
			}
		}
	}
	return sum
}

// unit is 2^512, by which a scale counts.
const unit = 0x1p512

// overflowed reports whether a number of paths is too large for float64.
func (b *brandes) overflowed() bool {
	for _, u := range b.order {
		if math.IsInf(b.paths[u], 1) {
			return true
		}
	}
	return false
}

// recount counts paths again, each node in units of its own scale. All that lead
// to a node come before it.
func (b *brandes) recount(ctx context.Context, source int32) error {
	b.scales = make([]int32, b.r.order())
	for _, u := range b.order {
		b.paths[u] = 0
	}
	b.paths[source] = 1
	work := 0
	for _, u := range b.order {
		at := b.r.off[u]
		for i, v := range b.r.row(u) {
			if b.lengths[u]+b.r.weight(at+uint32(i)) == b.lengths[v] {
				b.count(u, v)
			}
		}
		if work += b.r.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// count adds the paths to u to those to v. Of two numbers the smaller is lost if
// their scales are far apart, as its bits are below the last of the larger.
func (b *brandes) count(u, v int32) {
	switch up := b.scales[u] - b.scales[v]; {
	case up == 0:
		b.paths[v] += b.paths[u]
	case up == 1:
		b.paths[v] = b.paths[v]/unit + b.paths[u]
	case up > 1:
		b.paths[v] = b.paths[u]
	case up == -1:
		b.paths[v] += b.paths[u] / unit
	}
	b.scales[v] = max(b.scales[v], b.scales[u])
	if b.paths[v] >= unit {
		b.paths[v] /= unit
		b.scales[v]++
	}
}

// dependency is shares times paths, if there are scales. Where paths go on to v, v
// has no fewer than u, so that no quotient is above 1.
func (b *brandes) dependency(u int32) (sum float64) {
	at, d := b.r.off[u], b.lengths[u]
	for i, v := range b.r.row(u) {
		if d+b.r.weight(at+uint32(i)) != b.lengths[v] {
			continue
		}
		x := 0.0
		switch b.scales[v] - b.scales[u] {
		case 0:
			x = b.paths[u] / b.paths[v] * b.share[v]
		case 1:
			x = b.paths[u] / unit / b.paths[v] * b.share[v]
		}
		sum += x
		if b.edges != nil {
			b.edges[at+uint32(i)] += x
		}
	}
	return sum
}
