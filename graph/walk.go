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
	inverse  []float64         // 1 / sum of the outgoing weights; 0 if there are none
	rough    *carried[float32] // until the ranks change little
	fine     *carried[float64] // from then on
	dangling float64           // rank of the nodes whose inverse is 0
	partial  []sums            // of each block
}

// carried is what an edge of weight 1 carries from each node: its rank times its
// inverse.
type carried[F float32 | float64] struct{ now, next []F }

type sums struct{ change, dangling float64 }

// In graphs of roughFrom nodes, which no near cache holds, shares are float32 while
// the ranks change by more than roughAbove in all: half as many bytes from places all
// over the memory, and far more precise than the ranks are.
const (
	roughAbove = 1e-4
	roughFrom  = 1 << 14
)

func newWalk(ctx context.Context, c *CSR, p, rank []float64, o PageRankOptions) (*walk, error) {
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	w := &walk{in: in, p: p, rank: rank, partial: make([]sums, in.blocks()), inverse: make([]float64, len(p))}
	err = forBlocks(ctx, c.blocks(), o.Workers, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			if sum := c.weightSum(int32(u)); sum > 0 {
				w.inverse[u] = 1 / sum
			}
		}
	})
	if len(p) >= roughFrom {
		w.rough = carry[float32](w)
	} else {
		w.fine = carry[float64](w)
	}
	for u, r := range rank {
		if w.inverse[u] == 0 {
			w.dangling += r
		}
	}
	return w, err
}

// carry returns what edges carry now.
func carry[F float32 | float64](w *walk) *carried[F] {
	c := &carried[F]{now: make([]F, len(w.rank)), next: make([]F, len(w.rank))}
	for u, r := range w.rank {
		c.now[u] = F(r * w.inverse[u])
	}
	return c
}

// advance makes one iteration, the last of which changed the ranks by so much, and
// returns the sum of the changes.
func (w *walk) advance(ctx context.Context, changed float64, o PageRankOptions) (float64, error) {
	if changed <= roughAbove && w.rough != nil {
		w.normalize()
		w.rough, w.fine = nil, carry[float64](w)
	}
	var err error
	if w.rough != nil {
		err = iterate(ctx, w, w.rough, o)
	} else {
		err = iterate(ctx, w, w.fine, o)
	}
	var all sums
	for _, s := range w.partial {
		all.change += s.change
		all.dangling += s.dangling
	}
	w.dangling = all.dangling
	return all.change, err
}

// normalize makes the ranks add up to 1 again, which float32 has moved by some 1e-8.
func (w *walk) normalize() {
	sum := 0.0
	for _, r := range w.rank {
		sum += r
	}
	for u := range w.rank {
		w.rank[u] /= sum
	}
	w.dangling /= sum
}

func iterate[F float32 | float64](ctx context.Context, w *walk, c *carried[F], o PageRankOptions) error {
	restart := 1 - o.Damping + float64(o.Damping*w.dangling)
	err := forBlocks(ctx, w.in.blocks(), o.Workers, func(b, _ int) {
		lo, hi := w.in.block(b)
		var s sums
		off, adj, share := w.in.off[lo:hi+1], w.in.adj, c.now
		rank, inverse, p, next := w.rank[lo:hi], w.inverse[lo:hi], w.p[lo:hi], c.next[lo:hi]
		for u := range rank {
			var pulled float64
			if w.in.w != nil {
				pulled = pullWeighted(w.in, int32(lo+u), share)
			} else {
				pulled = pull(adj[off[u]:off[u+1]], share)
			}
			r := float64(restart*p[u]) + float64(o.Damping*pulled)
			s.change += math.Abs(r - rank[u])
			rank[u] = r
			next[u] = F(r * inverse[u])
			if inverse[u] == 0 {
				s.dangling += r
			}
		}
		w.partial[b] = s
	})
	c.now, c.next = c.next, c.now
	return err
}

// pull returns what edges of weight 1 carry. Four sums keep four additions under way
// at once.
func pull[F float32 | float64](row []int32, share []F) float64 {
	var a, b, c, d F
	for len(row) >= 4 {
		a += share[uint32(row[0])]
		b += share[uint32(row[1])]
		c += share[uint32(row[2])]
		d += share[uint32(row[3])]
		row = row[4:]
	}
	for _, v := range row {
		a += share[uint32(v)]
	}
	return float64(a+b) + float64(c+d)
}

// pullWeighted returns what the incoming edges of u carry.
func pullWeighted[F float32 | float64](in *rows, u int32, share []F) (sum float64) {
	row, ws := in.row(u), in.weights(u)
	ws = ws[:len(row)]
	for i, v := range row {
		sum += float64(float64(ws[i]) * float64(share[v]))
	}
	return sum
}
