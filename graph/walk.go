package graph

import (
	"context"
	"math"
)

// walk is the state of the power method. Nodes pull from their incoming edges,
// so every sum has one order, whatever goroutine makes it. Products are converted
// to float64, which keeps a compiler from fusing them with a sum, so that every
// machine gets the same ranks.
type walk struct {
	in       *rows
	p        []float64 // distribution of new starts
	rank     []float64
	inverse  []float64 // 1 / sum of the outgoing weights; 0 if there are none
	share    []float64 // rank times inverse: what an edge of weight 1 carries
	next     []float64 // share of the next iteration
	dangling float64   // rank of the nodes whose inverse is 0
	partial  []sums    // of each block
}

type sums struct{ change, dangling float64 }

func newWalk(ctx context.Context, c *CSR, p, rank []float64, o PageRankOptions) (*walk, error) {
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	n := len(p)
	w := &walk{in: in, p: p, rank: rank, partial: make([]sums, in.blocks())}
	w.inverse, w.share, w.next = make([]float64, n), make([]float64, n), make([]float64, n)
	err = forBlocks(ctx, c.blocks(), o.Workers, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			if sum := c.weightSum(int32(u)); sum > 0 {
				w.inverse[u] = 1 / sum
			}
			w.share[u] = rank[u] * w.inverse[u]
		}
	})
	for u, r := range rank {
		if w.inverse[u] == 0 {
			w.dangling += r
		}
	}
	return w, err
}

// advance makes one iteration and returns the sum of the changes.
func (w *walk) advance(ctx context.Context, o PageRankOptions) (float64, error) {
	restart := 1 - o.Damping + float64(o.Damping*w.dangling)
	err := forBlocks(ctx, w.in.blocks(), o.Workers, func(b, _ int) {
		var s sums
		for u, end := w.in.block(b); u < end; u++ {
			r := float64(restart*w.p[u]) + float64(o.Damping*w.pull(int32(u)))
			s.change += math.Abs(r - w.rank[u])
			w.rank[u] = r
			w.next[u] = r * w.inverse[u]
			if w.inverse[u] == 0 {
				s.dangling += r
			}
		}
		w.partial[b] = s
	})
	w.share, w.next = w.next, w.share
	var all sums
	for _, s := range w.partial {
		all.change += s.change
		all.dangling += s.dangling
	}
	w.dangling = all.dangling
	return all.change, err
}

// pull returns what the incoming edges of u carry. Four sums keep four additions
// under way at once.
func (w *walk) pull(u int32) float64 {
	row, ws := w.in.row(u), w.in.weights(u)
	var a, b, c, d float64
	if ws != nil {
		ws = ws[:len(row)]
		for i, v := range row {
			a += float64(float64(ws[i]) * w.share[v])
		}
		return a
	}
	share := w.share
	for len(row) >= 4 {
		a += share[row[0]]
		b += share[row[1]]
		c += share[row[2]]
		d += share[row[3]]
		row = row[4:]
	}
	for _, v := range row {
		a += share[v]
	}
	return (a + b) + (c + d)
}
