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
	s := &rowCheck{c: c, a: rand.Uint64() | 1, b: rand.Uint64() | 1, salt: rand.Uint64()}
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

// rowCheck looks at rows. The edges of an undirected graph are the same seen from
// either end if the sums of a hash over both are, but for one chance in some 2^60,
// since who makes a file does not know the hash.
type rowCheck struct {
	c                       *CSR
	a, b, salt              uint64
	sum                     atomic.Uint64 // over the edges from their first end, less those from the other
	loops                   atomic.Int64
	bad, negative, weighted atomic.Bool
}

func (s *rowCheck) block(b, _ int) {
	lo, hi := s.c.block(b)
	var sum uint64
	loops := 0
	for u := lo; u < hi; u++ {
		row := s.c.row(int32(u))
		if !inOrder(row, s.c.order()) {
			s.bad.Store(true)
			return
		}
		ws := s.c.weights(int32(u))
		if ws != nil {
			s.scanWeights(ws)
		}
		first, _ := slices.BinarySearch(row, int32(u))
		end := first
		for end < len(row) && row[end] == int32(u) {
			end++
		}
		loops += end - first
		if s.c.directed {
			continue
		}
		sum -= s.hash(row[:first], ws[:min(first, len(ws))], 1<<32, uint64(u))
		sum += s.hash(row[end:], ws[min(end, len(ws)):], 1, uint64(u)<<32)
	}
	s.sum.Add(sum)
	s.loops.Add(int64(loops))
}

// inOrder reports whether a row ascends within [0, n).
func inOrder(row []int32, n int) bool {
	last, wrong := int64(0), int64(0)
	for _, v := range row {
		wrong |= int64(v) - last
		last = int64(v)
	}
	return wrong >= 0 && last < int64(max(n, 1))
}

// hash sums over the edges v·scale + other with their weights.
func (s *rowCheck) hash(row []int32, ws []float32, scale, other uint64) (sum uint64) {
	a, b := s.a, s.b
	other ^= s.salt
	if len(ws) == 0 {
		for _, v := range row {
			h := (uint64(v)*scale ^ other) * a
			h ^= h >> 32
			h *= b
			sum += h ^ h>>29
		}
		return sum
	}
	for i, v := range row {
		h := (uint64(v)*scale^other)*a + uint64(math.Float32bits(ws[i]))*b
		h ^= h >> 32
		h *= b
		sum += h ^ h>>29
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
