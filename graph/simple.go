package graph

import (
	"context"
	"slices"
)

// simpleRows returns those of g, see simple. Its errors are those of view.
func simpleRows[K comparable](ctx context.Context, g *Graph[K], workers int) (*rows, error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	return c.simple(ctx, workers)
}

// simple returns rows in which each node has its neighbours once, whatever the
// direction of edges, and not itself. They are the rows of c if these are so.
func (c *CSR) simple(ctx context.Context, workers int) (*rows, error) {
	if !c.directed && c.loops == 0 && c.distinct() {
		return &rows{off: c.off, adj: c.adj}, nil
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	r := rows{off: make([]uint32, c.order()+1)}
	err = forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		var row []int32
		for u, end := c.block(b); u < end; u++ {
			row = c.around(in, int32(u), row)
			r.off[u+1] = uint32(len(row))
		}
	})
	if err != nil {
		return nil, err
	}
	for u := range c.order() {
		r.off[u+1] += r.off[u]
	}
	r.adj = make([]int32, r.off[c.order()])
	return &r, forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		var row []int32
		for u, end := c.block(b); u < end; u++ {
			row = c.around(in, int32(u), row)
			copy(r.row(int32(u)), row)
		}
	})
}

// around returns the neighbours of u in both directions, once each and without
// u, in the memory of buf.
func (c *CSR) around(in *rows, u int32, buf []int32) []int32 {
	buf = append(buf[:0], c.row(u)...)
	if c.directed {
		buf = append(buf, in.row(u)...)
		slices.Sort(buf)
	}
	buf = slices.Compact(buf)
	if i, there := slices.BinarySearch(buf, u); there {
		buf = slices.Delete(buf, i, i+1)
	}
	return buf
}
