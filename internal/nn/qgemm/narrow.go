package qgemm

import "slices"

// The narrow kernel adds the products of a block of 16 rows of B in 16 bits, of
// which each lane gets those of a column's 8 rows: rows 0, 1, 4, 5, 8, 9, 12, 13,
// and the others. Such a sum S may leave 16 bits, but since bytes of A are within 0
// to 255 it is within
//
//	255·Σ of the negative weights to 255·Σ of the positive ones
//
// of which the middle is known when the weights are packed. S less that middle fits
// if Σ|w| is at most 256, and additions that wrap around give it whatever comes in
// between. Where Σ|w| of some lane is more, the block is added in two halves, whose
// four weights within ±64 are never more. What is taken away from the lanes of a
// column is added again, once, where its sum begins.
type narrow struct {
	segments []segment // of each panel, one behind the other
	each     int       // segments of a panel
	blocks   int       // of a segment; the last may have fewer

	middles []int16 // 32 lanes for each whole block, 64 for each halved one
	runs    []int32 // whole blocks before each halved one, and those behind the last
	starts  []int32 // what the 16 columns of each segment begin with
}

// segment is the blocks of a panel that the kernel takes at a time: with them, a
// tile of A and the sums stay in the nearest cache.
type segment struct{ middles, runs, count int32 }

const (
	blockGroups = 4                       // groups of a block
	blockBytes  = blockGroups * groupSize // of a panel
	blockK      = blockGroups * groupRows // rows of B
	lanes       = groupSize / 2           // of 16 bits: two for each column
	maxNarrow   = 256                     // largest Σ|w| of a lane
	maxBlocks   = 48                      // of a segment
)

// newNarrow returns what the kernel needs to know of p, whose weights are within
// ±64; nil if p has no block, or so many to halve that the kernel for any such
// weights is as fast.
func newNarrow(p *Packed) *narrow {
	blocks, panels := p.K/blockK, len(p.sums)/panelCols
	if blocks == 0 || panels == 0 {
		return nil
	}
	n := &narrow{each: (blocks + maxBlocks - 1) / maxBlocks}
	n.blocks = (blocks + n.each - 1) / n.each
	n.starts = make([]int32, panels*n.each*panelCols)
	n.middles = make([]int16, 0, panels*blocks*lanes)
	for j := range panels {
		panel := p.panel(j)
		for s := range n.each {
			first := s * n.blocks
			n.add(panel[first*blockBytes : min(first+n.blocks, blocks)*blockBytes])
		}
	}
	return n
}

// add appends a segment.
func (n *narrow) add(weights []int8) {
	s := segment{middles: int32(len(n.middles)), runs: int32(len(n.runs))}
	start := n.starts[len(n.segments)*panelCols:][:panelCols]
	run := int32(0)
	for ; len(weights) > 0; weights = weights[blockBytes:] {
		var sum, size [lanes]int32
		laneSums(&sum, &size, weights[:blockBytes])
		if slices.Max(size[:]) <= maxNarrow {
			n.middle(&sum, start)
			run++
			continue
		}
		for half := range 2 {
			sum = [lanes]int32{}
			laneSums(&sum, &size, weights[half*blockBytes/2:][:blockBytes/2])
			n.middle(&sum, start)
		}
		n.runs = append(n.runs, run)
		run = 0
	}
	n.runs = append(n.runs, run)
	s.count = int32(len(n.runs)) - s.runs
	n.segments = append(n.segments, s)
}

// laneSums adds Σw to sum and Σ|w| to size, of each lane.
func laneSums(sum, size *[lanes]int32, weights []int8) {
	for ; len(weights) >= groupSize; weights = weights[groupSize:] {
		for l := range lanes {
			a, b := int32(weights[2*l]), int32(weights[2*l+1])
			sum[l] += a + b
			size[l] += max(a, -a) + max(b, -b)
		}
	}
}

// middle appends the middles of lanes with the given Σw.
func (n *narrow) middle(sum *[lanes]int32, start []int32) {
	for l, s := range sum {
		m := s * 255 / 2
		n.middles = append(n.middles, int16(m)) // modulo 2¹⁶, as the lanes are
		start[l/2] += m
	}
}

// bytes is the memory of n.
func (n *narrow) bytes() int64 {
	if n == nil {
		return 0
	}
	return 2*int64(cap(n.middles)) + 4*int64(cap(n.runs)+cap(n.starts)) + 12*int64(cap(n.segments))
}
