package onnxpb

import (
	"math"
	"math/bits"
)

// HalfToFloat32 widens a float16 (IEEE 754 binary16), given as its bits, which
// is exact; the payload of a NaN is kept.
func HalfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 31
	frac := uint32(h) & 1023
	switch {
	case exp == 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	case frac == 0:
		return math.Float32frombits(sign)
	}
	// Subnormal: frac·2⁻²⁴. Its leading one becomes the hidden bit.
	shift := uint32(bits.LeadingZeros16(uint16(frac))) - 5
	return math.Float32frombits(sign | (113-shift)<<23 | (frac<<shift&1023)<<13)
}
