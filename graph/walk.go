package graph

import (
	"context"
	"math"
)

// In graphs of roughFrom nodes, which no near cache holds, all numbers are float32
// while the ranks change by more than roughAbove in all: half as many bytes from
// places all over the memory, and far more precise than the ranks are.
const (
	roughAbove = 1e-4
	roughFrom  = 1 << 14
)

// walk is the state of the power method: at first in float32 if that is set, in
// float64 from then on.
type walk struct {
	out      *CSR
	in       *rows
	p        []float64       // distribution of new starts; nil is the same for every node
	rank     []float64       // before the first iteration and after the last
	loose    []int32         // nodes whose edges carry nothing, ascending
	dangling float64         // rank of these
	partial  []float64       // change of each block
	rough    *power[float32] // until the ranks change little
	fine     *power[float64] // from then on
}

// power is the power method in numbers of one size. Nodes pull from their incoming
// edges, so every sum has one order, whatever goroutine makes it. Products are
// converted, which keeps a compiler from fusing them with a sum, so that every
// machine gets the same ranks.
type power[F float32 | float64] struct {
	p, rank   []F // p is nil if it is the same for every node
	inverse   []F // 1 / sum of the outgoing weights; 0 if there are none
	now, next []F // what an edge of weight 1 carries from each node: its rank times its inverse
}

func newWalk(ctx context.Context, c *CSR, p, rank []float64, o PageRankOptions) (*walk, error) {
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	w := &walk{out: c, in: in, p: p, rank: rank, partial: make([]float64, in.blocks())}
	for u := range int32(c.order()) {
		if c.degree(u) == 0 || c.w != nil && c.weightSum(u) == 0 {
			w.loose = append(w.loose, u)
		}
	}
	w.dangling = sumAt(rank, w.loose)
	if len(rank) >= roughFrom {
		w.rough, err = newPower[float32](ctx, w, o.Workers)
	} else {
		w.fine, err = newPower[float64](ctx, w, o.Workers)
	}
	return w, err
}

func newPower[F float32 | float64](ctx context.Context, w *walk, workers int) (*power[F], error) {
	n, c := len(w.rank), w.out
	s := &power[F]{rank: make([]F, n), inverse: make([]F, n), now: make([]F, n), next: make([]F, n)}
	if w.p != nil {
		s.p = make([]F, n)
	}
	return s, forBlocks(ctx, c.blocks(), workers, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			s.rank[u] = F(w.rank[u])
			if w.p != nil {
				s.p[u] = F(w.p[u])
			}
			if sum := c.weightSum(int32(u)); sum > 0 {
				s.inverse[u] = F(1 / sum)
				s.now[u] = F(w.rank[u] * (1 / sum))
			}
		}
	})
}

// advance makes one iteration, the last of which changed the ranks by so much, and
// returns the sum of the changes.
func (w *walk) advance(ctx context.Context, changed float64, o PageRankOptions) (float64, error) {
	var err error
	if changed <= roughAbove && w.rough != nil {
		w.finish()
		w.rough = nil
		if w.fine, err = newPower[float64](ctx, w, o.Workers); err != nil {
			return 0, err
		}
	}
	if w.rough != nil {
		err = w.rough.iterate(ctx, w, o)
		w.dangling = sumAt(w.rough.rank, w.loose)
	} else {
		err = w.fine.iterate(ctx, w, o)
		w.dangling = sumAt(w.fine.rank, w.loose)
	}
	sum := 0.0
	for _, change := range w.partial {
		sum += change
	}
	return sum, err
}

// finish moves the ranks to the result. Those of float32 add up to 1 but for some
// 1e-8, and are made to.
func (w *walk) finish() {
	if w.rough == nil {
		copy(w.rank, w.fine.rank)
		return
	}
	sum := 0.0
	for u, r := range w.rough.rank {
		w.rank[u] = float64(r)
		sum += float64(r)
	}
	for u := range w.rank {
		w.rank[u] /= sum
	}
	w.dangling /= sum
}

// sumAt returns the sum of some ranks.
func sumAt[F float32 | float64](rank []F, nodes []int32) (sum float64) {
	for _, u := range nodes {
		sum += float64(rank[u])
	}
	return sum
}

func (s *power[F]) iterate(ctx context.Context, w *walk, o PageRankOptions) error {
	restart := 1 - o.Damping + float64(o.Damping*w.dangling)
	d, each := F(o.Damping), F(restart*(1/float64(len(w.rank))))
	err := forBlocks(ctx, w.in.blocks(), o.Workers, func(b, _ int) {
		lo, hi := w.in.block(b)
		if w.in.w != nil {
			gatherWeighted(w.in, lo, hi, s.now, s.next)
		} else if lo < hi {
			gather(w.in.off[lo:hi+1], w.in.adj, s.now, s.next[lo:hi])
		}
		w.partial[b] = s.settle(lo, hi, d, each, F(restart))
	})
	s.now, s.next = s.next, s.now
	return err
}

// settle makes new ranks of nodes from what next says they have pulled, and returns
// their change.
func (s *power[F]) settle(lo, hi int, d, each, restart F) (change float64) {
	next, rank, inverse := s.next[lo:hi], s.rank[lo:hi], s.inverse[lo:hi]
	rank, inverse = rank[:len(next)], inverse[:len(next)]
	for i, pulled := range next {
		anew := each
		if s.p != nil {
			anew = F(restart * s.p[lo+i])
		}
		r := anew + F(d*pulled)
		change += math.Abs(float64(r - rank[i]))
		rank[i] = r
		next[i] = r * inverse[i]
	}
	return change
}

// gatherWeighted is gather of rows lo to hi with weights, in float64.
func gatherWeighted[F float32 | float64](in *rows, lo, hi int, from, sums []F) {
	for u := lo; u < hi; u++ {
		row, ws := in.row(int32(u)), in.weights(int32(u))
		ws = ws[:len(row)]
		sum := 0.0
		for i, v := range row {
			sum += float64(float64(ws[i]) * float64(from[v]))
		}
		sums[u] = F(sum)
	}
}
