package graph

import (
	"context"
	"slices"
	"sync/atomic"
)

// TrianglesOptions configures [Triangles]. The zero value counts for each node.
type TrianglesOptions struct {
	// TotalOnly leaves Counts nil, which takes less time and memory.
	TotalOnly bool

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o TrianglesOptions) withDefaults() (TrianglesOptions, error) {
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// TriangleCounts is the result of [Triangles].
type TriangleCounts[K comparable] struct {
	Total  int64   // triangles of the graph
	Counts []int64 // triangles that a node is part of, by node index

	g *Graph[K]
}

// Of returns the number of triangles that a node is part of; 0 if there is no
// such node or it was not counted.
func (t *TriangleCounts[K]) Of(k K) int64 {
	if u, ok := t.g.Index(k); ok && t.Counts != nil {
		return t.Counts[u]
	}
	return 0
}

// Triangles counts the triangles: sets of three nodes with an edge between each
// two. Directions, loops, parallel edges and weights do not matter.
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for
// negative Workers, or the error of ctx. It takes O(E·sqrt(E)) time if the mean
// degree is high and O(E·D) if it is below 10, D being the largest degree. It
// needs up to 4 bytes an edge, and 9 a node for each worker.
//
// An edge leads from its end of lower degree to the other. A node marks the nodes
// it leads to and looks which of them these lead to in turn: the forward
// algorithm of Schank and Wagner, Finding, Counting and Listing All Triangles in
// Large Graphs, WEA 2005, §3, with marks.
func Triangles[K comparable](ctx context.Context, g *Graph[K], o TrianglesOptions) (*TriangleCounts[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	r, err := simpleRows(ctx, g, o.Workers)
	if err != nil {
		return nil, err
	}
	t := &TriangleCounts[K]{g: g}
	t.Total, t.Counts, err = r.triangles(ctx, o)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// orientAbove is the mean degree from which an order by degree pays.
const orientAbove = 10

// triangles counts in rows as simple returns them.
func (r *rows) triangles(ctx context.Context, o TrianglesOptions) (total int64, counts []int64, err error) {
	n := r.order()
	var low oriented
	if sparse := len(r.adj) < orientAbove*n; sparse && o.TotalOnly {
		total, err = r.mergeAll(ctx, o.Workers)
		return total, nil, err
	} else if sparse {
		low = r.below()
	} else if low, err = r.byDegree(ctx, o.Workers); err != nil {
		return 0, nil, err
	}
	marks, sums := make([][]uint8, o.Workers), make([][]int64, o.Workers)
	var all atomic.Int64
	err = forBlocks(ctx, low.blocks(), o.Workers, func(b, worker int) {
		if marks[worker] == nil {
			marks[worker] = make([]uint8, n)
			if !o.TotalOnly {
				sums[worker] = make([]int64, n)
			}
		}
		sum := int64(0)
		for u, end := low.block(b); u < end; u++ {
			if o.TotalOnly {
				sum += low.count(int32(u), marks[worker])
			} else {
				sum += low.countEach(int32(u), marks[worker], sums[worker])
			}
		}
		all.Add(sum)
	})
	if err != nil || o.TotalOnly {
		return all.Load(), nil, err
	}
	counts = make([]int64, n)
	for _, sum := range sums {
		for u, count := range sum {
			counts[low.name(int32(u))] += count
		}
	}
	return all.Load(), counts, ctx.Err()
}

// mergeAll counts the triangles where the mean degree is low: each edge merges the
// rows of its ends up to the lower one.
func (r *rows) mergeAll(ctx context.Context, workers int) (int64, error) {
	var all atomic.Int64
	err := forBlocks(ctx, r.blocks(), workers, func(b, _ int) {
		sum := int64(0)
		for u, end := r.block(b); u < end; u++ {
			row := r.row(int32(u))
			for i, v := range row {
				if int(v) >= u {
					break
				}
				if i > 0 {
					sum += common(row[:i], r.row(v))
				}
			}
		}
		all.Add(sum)
	})
	return all.Load(), err
}

// common counts the numbers that are in both of two ascending rows, of which the
// first is not empty.
func common(a, b []int32) (count int64) {
	last, i := a[len(a)-1], 0
	for _, v := range b {
		if v > last {
			break
		}
		for a[i] < v {
			i++
		}
		if a[i] == v {
			count++
		}
	}
	return count
}

// oriented are rows of which each edge stands in one: that of the end that comes
// later in some order.
type oriented struct {
	rows
	end   []uint32 // where row u ends, which starts at off[u]
	names []int32  // node of a row; nil if they are the same
}

func (o *oriented) name(u int32) int32 {
	if o.names == nil {
		return u
	}
	return o.names[u]
}

// below orients by index, without a copy: rows are ascending.
func (r *rows) below() oriented {
	o := oriented{rows: *r, end: make([]uint32, r.order())}
	for u := range o.end {
		row, i := r.row(int32(u)), 0
		if len(row) > 16 {
			i, _ = slices.BinarySearch(row, int32(u))
		}
		for i < len(row) && row[i] < int32(u) {
			i++
		}
		o.end[u] = r.off[u] + uint32(i)
	}
	return o
}

// byDegree orients towards higher degrees, and renames nodes so that the highest
// are the first.
func (r *rows) byDegree(ctx context.Context, workers int) (oriented, error) {
	n := r.order()
	names := r.falling()
	place := make([]int32, n)
	for i, u := range names {
		place[u] = int32(i)
	}
	o := oriented{rows: rows{off: make([]uint32, n+1)}, names: names}
	err := forBlocks(ctx, r.blocks(), workers, func(b, _ int) {
		for u, end := r.block(b); u < end; u++ {
			count, mine := uint32(0), place[u]
			for _, v := range r.row(int32(u)) {
				if place[v] < mine {
					count++
				}
			}
			o.off[mine+1] = count
		}
	})
	if err != nil {
		return o, err
	}
	for u := range n {
		o.off[u+1] += o.off[u]
	}
	o.adj, o.end = make([]int32, o.off[n]), o.off[1:]
	return o, forBlocks(ctx, r.blocks(), workers, func(b, _ int) {
		for u, end := r.block(b); u < end; u++ {
			mine := place[u]
			at := o.off[mine]
			for _, v := range r.row(int32(u)) {
				if p := place[v]; p < mine {
					o.adj[at] = p
					at++
				}
			}
		}
	})
}

// falling returns the nodes by degree, the highest first, equal ones by index.
func (r *rows) falling() []int32 {
	highest := 0
	for u := range int32(r.order()) {
		highest = max(highest, r.degree(u))
	}
	start := make([]int32, highest+2)
	for u := range int32(r.order()) {
		start[highest-r.degree(u)+1]++
	}
	for d := range highest + 1 {
		start[d+1] += start[d]
	}
	names := make([]int32, r.order())
	for u := range int32(r.order()) {
		at := &start[highest-r.degree(u)]
		names[*at] = u
		*at++
	}
	return names
}

func (o *oriented) low(u int32) []int32 { return o.adj[o.off[u]:o.end[u]] }

// count returns the triangles whose last node is u. Marks are 0 before and after.
func (o *oriented) count(u int32, marks []uint8) (sum int64) {
	row := o.low(u)
	switch len(row) {
	case 0, 1:
		return 0
	case 2:
		return o.has(row[0], row[1])
	}
	for _, v := range row {
		marks[v] = 1
	}
	for _, v := range row {
		for _, x := range o.low(v) {
			sum += int64(marks[x])
		}
	}
	for _, v := range row {
		marks[v] = 0
	}
	return sum
}

// has returns 1 if an edge joins two nodes, else 0.
func (o *oriented) has(u, v int32) int64 {
	if u < v {
		u, v = v, u
	}
	for _, x := range o.low(u) {
		if x == v {
			return 1
		}
	}
	return 0
}

// countEach is count, and adds the triangles to all three nodes.
func (o *oriented) countEach(u int32, marks []uint8, sums []int64) (sum int64) {
	row := o.low(u)
	if len(row) < 2 {
		return 0
	}
	for _, v := range row {
		marks[v] = 1
	}
	for _, v := range row {
		part := int64(0)
		for _, x := range o.low(v) {
			m := int64(marks[x])
			part += m
			sums[x] += m
		}
		sums[v] += part
		sum += part
	}
	sums[u] += sum
	for _, v := range row {
		marks[v] = 0
	}
	return sum
}
