package hnsw

import (
	"encoding/binary"
	"math"
	"slices"
)

// A code of Code1 is the signs of a vector that was moved to the centre of all and
// turned at random, so that no dimension counts for more than another: n bytes of
// them. If s are the signs, as 1 and -1, the product of the vector x with any other y
// is estimated by x·x / x·s times y·s, which has no bias over the turns and errs by
// about |x|·|y| / √n. Gao and Long, SIGMOD 2024 (RaBitQ), §3.2. The float behind the
// signs is x·x / x·s.

func encodeBits(to []byte, x []float32) (scale, squares float32) {
	var total, sum float64
	for w := range len(to) / 8 {
		var word uint64
		for i, v := range x[64*w : 64*w+64] {
			if v > 0 {
				word |= 1 << i
			}
			total += float64(v) * float64(v)
			sum += math.Abs(float64(v))
		}
		binary.LittleEndian.PutUint64(to[8*w:], word)
	}
	if sum > 0 {
		scale = float32(total / sum)
	}
	return scale, float32(total)
}

// aimBits makes integers from -7 to 7 of the turned query, in planes of bits, which is
// all that the signs of a vector can tell apart: their own error is four times as large.
func (s *Searcher) aimBits(x []float32) {
	var highest float32
	for _, v := range x {
		highest = max(highest, v, -v)
	}
	inverse := 7 / highest
	if s.factor = highest / 7; s.factor == 0 || math.IsInf(float64(inverse), 0) {
		s.factor, inverse = 0, 0
	}
	s.planes = slices.Grow(s.planes[:0], len(x)/16)[:len(x)/16]
	clear(s.planes)
	s.sum = 0
	for i, v := range x {
		c := int(math.RoundToEven(float64(v * inverse)))
		s.sum += c
		for plane := range 4 {
			s.planes[i/64*4+plane] |= uint64(c>>plane&1) << (i % 64)
		}
	}
}

// rotation turns vectors of n numbers, a multiple of 64, without changing lengths and
// angles: some rounds of changing signs and of the Hadamard transform, in turn of the
// first and of the last numbers, as many as the largest power of two. It takes
// O(n·log n). Andoni et al., NIPS 2015, §3, have three rounds for a power of two.
type rotation struct {
	size  int      // of a transform
	signs []uint64 // bits of the numbers to change, round by round
}

const rounds = 4

// newRotation depends on n only: the turn need not be a secret.
func newRotation(n int) rotation {
	r := rotation{size: 64, signs: make([]uint64, rounds*n/64)}
	for 2*r.size <= n {
		r.size *= 2
	}
	state := uint64(n)
	for i := range r.signs {
		state += 0x9E3779B97F4A7C15
		r.signs[i] = mix(state)
	}
	return r
}

func (r rotation) apply(x []float32) {
	words := len(r.signs) / rounds
	for round := range rounds {
		signs := r.signs[round*words : (round+1)*words]
		for i := range x {
			flip := uint32(signs[i/64]>>(i%64)) << 31
			x[i] = math.Float32frombits(math.Float32bits(x[i]) ^ flip)
		}
		if round%2 == 0 {
			hadamard(x[:r.size])
		} else {
			hadamard(x[len(x)-r.size:])
		}
	}
}

// hadamard transforms a power of two numbers, and keeps their length.
func hadamard(x []float32) {
	for half := 1; half < len(x); half *= 2 {
		for at := 0; at < len(x); at += 2 * half {
			lo, hi := x[at:at+half], x[at+half:at+2*half]
			for i, a := range lo {
				b := hi[i]
				lo[i], hi[i] = a+b, a-b
			}
		}
	}
	scale := float32(1 / math.Sqrt(float64(len(x))))
	for i := range x {
		x[i] *= scale
	}
}
