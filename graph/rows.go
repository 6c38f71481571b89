package graph

import (
	"context"
	"math"
	"slices"
	"sort"
)

// blockWork is the number of edges plus nodes that a kernel handles between two
// looks at its context. Blocks depend on the graph alone, so that sums over
// blocks are the same for every number of workers.
const blockWork = 1 << 15

// rows are compressed sparse rows: row u is adj[off[u]:off[u+1]], ascending, and
// w beside it.
type rows struct {
	off []uint32  // one more than there are rows; nil is no row
	adj []int32   // columns
	w   []float32 // nil if every weight is 1
}

func (r *rows) order() int { return max(len(r.off)-1, 0) }

// row returns the columns of row u.
func (r *rows) row(u int32) []int32 {
	lo, hi := r.off[u], r.off[u+1]
	return r.adj[lo:hi:hi]
}

// weights returns the weights of row u, nil if every weight is 1.
func (r *rows) weights(u int32) []float32 {
	if r.w == nil {
		return nil
	}
	lo, hi := r.off[u], r.off[u+1]
	return r.w[lo:hi:hi]
}

// weight returns the weight at a place in adj.
func (r *rows) weight(at uint32) float64 {
	if r.w == nil {
		return 1
	}
	return float64(r.w[at])
}

func (r *rows) degree(u int32) int { return int(r.off[u+1] - r.off[u]) }

// weightSum returns the sum of row u in float64.
func (r *rows) weightSum(u int32) float64 {
	if r.w == nil {
		return float64(r.degree(u))
	}
	var sum float64
	for _, w := range r.weights(u) {
		sum += float64(w)
	}
	return sum
}

// blocks returns into how many blocks of about equal work the rows fall.
func (r *rows) blocks() int { return (r.order() + len(r.adj) + blockWork - 1) / blockWork }

// block returns the rows [lo, hi) of block i. Bounds are multiples of 64, so
// that no two blocks share a word of a bitmap.
func (r *rows) block(i int) (lo, hi int) { return r.cut(i * blockWork), r.cut((i + 1) * blockWork) }

func (r *rows) cut(work int) int {
	n := r.order()
	if work >= n+len(r.adj) {
		return n
	}
	return sort.Search(n, func(u int) bool { return int(r.off[u])+u >= work }) &^ 63
}

// scatter returns the rows that hold from[i] in row to[i] and, if both, to[i] in
// row from[i] too; a loop is held once. Rows are in the order of i.
func scatter(n int, from, to []int32, w []float32, both bool) rows {
	off := make([]uint32, n+2) // row u ends at off[u+2] while counting, at off[u+1] when filled
	for i, v := range to {
		off[v+2]++
		if u := from[i]; both && u != v {
			off[u+2]++
		}
	}
	r := newRows(off, w != nil)
	for i, v := range to {
		weight := float32(1)
		if w != nil {
			weight = w[i]
		}
		u := from[i]
		r.put(off, v, u, weight)
		if both && u != v {
			r.put(off, u, v, weight)
		}
	}
	return r
}

// newRows sums the counts in off and makes room for them.
func newRows(off []uint32, weighted bool) rows {
	for u := 2; u < len(off); u++ {
		off[u] += off[u-1]
	}
	arcs := off[len(off)-1]
	r := rows{off: off[:len(off)-1], adj: make([]int32, arcs)}
	if weighted {
		r.w = make([]float32, arcs)
	}
	return r
}

func (r *rows) put(off []uint32, row, col int32, w float32) {
	at := off[row+1]
	off[row+1]++
	r.adj[at] = col
	if r.w != nil {
		r.w[at] = w
	}
}

// transposed returns the rows with rows and columns exchanged. Its rows are
// ascending, whatever the order in r was, and equal columns keep their order.
func (r *rows) transposed(ctx context.Context) (rows, error) {
	off := make([]uint32, r.order()+2)
	for chunk := range slices.Chunk(r.adj, blockWork) {
		if err := ctx.Err(); err != nil {
			return rows{}, err
		}
		for _, v := range chunk {
			off[v+2]++
		}
	}
	t := newRows(off, r.w != nil)
	err := forBlocks(ctx, r.blocks(), 1, func(b, _ int) {
		for u, end := r.block(b); u < end; u++ {
			ws := r.weights(int32(u))
			for i, v := range r.row(int32(u)) {
				at := off[v+1]
				off[v+1]++
				t.adj[at] = int32(u)
				if ws != nil {
					t.w[at] = ws[i]
				}
			}
		}
	})
	return t, err
}

// merge makes one entry of equal columns of a row, with the sum of their
// weights. It reports the first entry whose sum is not finite.
func (r *rows) merge(unweighted bool) (u, v int32, ok bool) {
	if !r.repeated() {
		return 0, 0, true
	}
	if r.w == nil && !unweighted {
		r.w = slices.Repeat([]float32{1}, len(r.adj))
	}
	end, lo := 0, 0 // of the merged entries, of the row
	for u := range r.order() {
		hi := int(r.off[u+1])
		for i := lo; i < hi; {
			v, sum := r.adj[i], 0.0
			for ; i < hi && r.adj[i] == v; i++ {
				if r.w != nil {
					sum += float64(r.w[i])
				}
			}
			if math.IsInf(float64(float32(sum)), 0) {
				return int32(u), v, false
			}
			r.adj[end] = v
			if r.w != nil {
				r.w[end] = float32(sum)
			}
			end++
		}
		lo = hi
		r.off[u+1] = uint32(end)
	}
	r.adj = exactly(r.adj[:end])
	r.w = exactly(r.w[:min(end, len(r.w))])
	return 0, 0, true
}

// exactly returns a copy without room to grow, which gives the rest back; nil of
// nil.
func exactly[T any](s []T) []T {
	if s == nil {
		return nil
	}
	t := make([]T, len(s))
	copy(t, s)
	return t
}

// repeated reports whether a row holds a column twice.
func (r *rows) repeated() bool {
	for u := range r.order() {
		last := int32(-1)
		for _, v := range r.row(int32(u)) {
			if v == last {
				return true
			}
			last = v
		}
	}
	return false
}
