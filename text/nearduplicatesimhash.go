package text

import "math/bits"

// SimHash returns 64 bits that differ in few places for texts that differ little
// (Charikar, STOC 2002): [SimHashDistance] counts them. Of long texts that share
// most of their words in the same order at most a few bits differ, of unrelated
// ones about 32. The features are the words, as [Jaccard] has them, and their
// pairs, as often as they stand. It is 0 for a text without words, and the same in
// every process and on every platform. The cost is O(len(body)).
//
// One word more or less turns many bits of a short text: below some fifty words
// [MinHash] is the better measure.
func SimHash(body string) uint64 {
	var v votes
	last := uint64(0)
	for h := range wordHashes(body) {
		v.add(mix(h))
		if last != 0 {
			v.add(pair(last, h))
		}
		last = h
	}
	return v.bits()
}

// SimHashDistance returns in how many bits, 0 to 64, two values of [SimHash]
// differ.
func SimHashDistance(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// votes counts for each of 64 bits how many hashes have it, eight bits to a word
// until one of them could overflow.
type votes struct {
	sum   [64]int64
	lanes [8]uint64 // lanes[i] has the counts of bits i, i+8, i+16, ...
	n     int64     // hashes
	held  int       // of them in lanes
}

func (v *votes) add(h uint64) {
	const low = 0x0101010101010101
	for i := range v.lanes {
		v.lanes[i] += h >> i & low
	}
	v.n++
	if v.held++; v.held == 255 {
		v.flush()
	}
}

func (v *votes) flush() {
	for bit := range v.sum {
		v.sum[bit] += int64(v.lanes[bit%8] >> (bit / 8 * 8) & 0xff)
	}
	v.lanes, v.held = [8]uint64{}, 0
}

// bits returns the bits that more than half of the hashes have.
func (v *votes) bits() (h uint64) {
	v.flush()
	for bit, sum := range v.sum {
		if 2*sum > v.n {
			h |= 1 << bit
		}
	}
	return h
}
