package hnsw

import "math"

// MaxHalf is the largest 16-bit float; what rounds to more is infinite.
const MaxHalf = 65504

// halfLimit rounds to infinity, what is below it to MaxHalf.
const halfLimit = MaxHalf + 16

// FitsHalf reports whether x is in the range of 16-bit floats, which have 11 bits of
// precision down to 6e-5 and steps of 6e-8 below.
func FitsHalf(x float32) bool { return -halfLimit < x && x < halfLimit }

// toHalf returns the nearest IEEE 754 binary16 number, the even one of two.
func toHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign, b := uint16(b>>16&0x8000), b&^(1<<31)
	switch {
	case b > 0xFF<<23:
		return sign | 0x7E00 // not a number
	case b >= 0x477FF000: // halfLimit
		return sign | 0x7C00
	case b < 0x38800000: // 2^-14: the addition leaves steps of 2^-24 and rounds
		const magic = 0.5
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+magic)-math.Float32bits(magic))
	}
	b += 0xFFF + b>>13&1
	return sign | uint16((b-112<<23)>>13)
}

// fromHalf returns what a binary16 number stands for, exactly.
func fromHalf(h uint16) float32 {
	sign, b := uint32(h&0x8000)<<16, uint32(h&0x7FFF)
	switch {
	case b >= 0x7C00:
		return math.Float32frombits(sign | 0xFF<<23 | b<<13)
	case b < 0x400: // below 2^-14
		return math.Float32frombits(sign | math.Float32bits(float32(b)*(1.0/(1<<24))))
	}
	return math.Float32frombits(sign | b<<13 + 112<<23)
}

// fromHalves writes to dst, a multiple of 16 floats, what the numbers stand for.
func fromHalves(dst []float32, from []uint16) {
	from = from[:len(dst)]
	if useAssembly && len(dst) > 0 {
		fromHalvesAsm(&dst[0], &from[0], len(dst))
		return
	}
	for i, h := range from {
		dst[i] = fromHalf(h)
	}
}

// l2Halves is the squared distance of a vector from a row of 16-bit floats.
func l2Halves(q []float32, row []uint16) (sum float32) {
	for i, x := range q {
		d := x - fromHalf(row[i])
		sum += d * d
	}
	return sum
}

// dotHalves is the dot product with a row of 16-bit floats.
func dotHalves(q []float32, row []uint16) (sum float32) {
	for i, x := range q {
		sum += x * fromHalf(row[i])
	}
	return sum
}
