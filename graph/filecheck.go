package graph

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// check holds the rows of a file against what algorithms rely on, and fills in what
// the file does not say.
func (c *CSR) check(ctx context.Context, workers int) error {
	if c.off[0] != 0 || !slices.IsSorted(c.off) || int(c.off[c.order()]) != len(c.adj) {
		return fmt.Errorf("the rows do not follow each other: %w", quintet.ErrInput)
	}
	s := &rowCheck{c: c, hash: nodeHash{a: rand.Uint64() | 1, b: rand.Uint64() | 1, salt: rand.Uint64()}}
	if err := forBlocks(ctx, c.blocks(), workers, s.block); err != nil {
		return err
	}
	c.loops = int(s.loops.Load())
	size := len(c.adj)
	if !c.directed {
		size = (size + c.loops) / 2
	}
	switch {
	case s.bad.Load():
		return fmt.Errorf("the rows are not those of a graph: %w", quintet.ErrInput)
	case !c.directed && s.sum.Load() != 0:
		return fmt.Errorf("an undirected edge has one end: %w", quintet.ErrInput)
	case size > math.MaxInt32:
		return fmt.Errorf("%d edges: %w", size, quintet.ErrInput)
	}
	c.negative = s.negative.Load()
	if !s.weighted.Load() {
		c.w = nil
	}
	return nil
}

// rowCheck looks at rows. To tell whether the edges of an undirected graph are the
// same seen from either end, it adds up F(u)·F(v)·W(w) over the edges of rows u to
// later nodes and takes away those to earlier ones, for random functions F of nodes
// and W of weights: if the edges differ, the sum is 0 by one chance in some 2^60,
// since who makes a file does not know the functions.
type rowCheck struct {
	c                       *CSR
	hash                    nodeHash
	sum                     atomic.Uint64
	loops                   atomic.Int64
	bad, negative, weighted atomic.Bool
}

// nodeHash is a random function of nodes. It is passed by value to stay in
// registers.
type nodeHash struct{ a, b, salt uint64 }

func (f nodeHash) of(v int64) uint64 {
	h := (uint64(v) ^ f.salt) * f.a
	return (h ^ h>>32) * f.b
}

func (s *rowCheck) block(b, _ int) {
	lo, hi := s.c.block(b)
	var sum uint64
	loops, wrong := 0, int64(0)
	for u := int64(lo); u < int64(hi); u++ {
		row := s.c.row(int32(u))
		last, i := int64(0), 0
		f, before, after := s.hash, uint64(0), uint64(0)
		for ; i < len(row) && int64(row[i]) < u; i++ {
			wrong |= int64(row[i]) - last
			last = int64(row[i])
			before += f.of(last)
		}
		for ; i < len(row) && int64(row[i]) == u; i++ {
			last = u
			loops++
		}
		for _, v := range row[i:] {
			wrong |= int64(v) - last
			last = int64(v)
			after += f.of(last)
		}
		wrong |= int64(s.c.order()-1) - last
		sum += (after - before) * f.of(u)
	}
	if wrong < 0 {
		s.bad.Store(true)
	}
	if s.c.w != nil && lo < hi {
		sum += s.weights(lo, hi)
		s.scanWeights(s.c.w[s.c.off[lo]:s.c.off[hi]])
	}
	s.sum.Add(sum)
	s.loops.Add(int64(loops))
}

// weights is the part of the sum that the weights of rows [lo, hi) add.
func (s *rowCheck) weights(lo, hi int) (sum uint64) {
	if s.c.directed {
		return 0
	}
	for u := lo; u < hi; u++ {
		f, part := s.hash, uint64(0)
		ws := s.c.weights(int32(u))
		for i, v := range s.c.row(int32(u)) {
			w := uint64(math.Float32bits(ws[i])) * f.a
			sign := uint64((int64(v)-int64(u))>>63) | uint64(int64(u)-int64(v))>>63 // 1, 0 or -1
			part += f.of(int64(v)) * (w ^ w>>32) * sign
		}
		sum += part * f.of(int64(u))
	}
	return sum
}

// scanWeights takes note of weights.
func (s *rowCheck) scanWeights(ws []float32) {
	const exponent = 0x7f80_0000
	infinite, negative, other := false, false, false
	for _, w := range ws {
		infinite = infinite || math.Float32bits(w)&exponent == exponent
		negative = negative || w < 0
		other = other || w != 1
	}
	if infinite {
		s.bad.Store(true)
	}
	if negative && !s.negative.Load() {
		s.negative.Store(true)
	}
	if other && !s.weighted.Load() {
		s.weighted.Store(true)
	}
}
