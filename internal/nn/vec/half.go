package vec

import "math"

// HalfToFloat converts IEEE 754 half precision to float32, exactly. NaN stays
// NaN and becomes quiet.
func HalfToFloat(dst []float32, src []uint16) { halfToFloat(dst, src[:len(dst):len(src)]) }

// FloatToHalf converts float32 to IEEE 754 half precision, rounding to nearest
// with halves to even: infinite from 65520 on, denormal below 2^-14, zero from
// 2^-25 down. NaN stays NaN and becomes quiet.
func FloatToHalf(dst []uint16, src []float32) { floatToHalf(dst, src[:len(dst):len(src)]) }

func halfToFloatGeneric(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = fromHalf(h)
	}
}

func floatToHalfGeneric(dst []uint16, src []float32) {
	for i, f := range src {
		dst[i] = toHalf(f)
	}
}

// fromHalf moves the exponent and mantissa into place and multiplies with 2^112,
// the difference of the exponents' biases, which also makes denormals normal.
func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	bits := uint32(h&0x7fff) << 13
	switch {
	case h&0x7fff > 0x7c00:
		return math.Float32frombits(sign | 0x7fc00000 | bits)
	case h&0x7fff == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(bits)*0x1p112))
}

func toHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0x7f800000:
		return sign | 0x7e00 | uint16(bits>>13&0x1ff)
	case bits >= 0x477ff000: // 65520
		return sign | 0x7c00
	case bits < 0x38800000: // 2^-14: the unit of 2^-24 is the last place of 0.5
		return sign | uint16(math.Float32bits(math.Float32frombits(bits)+0.5)-0x3f000000)
	}
	even := bits >> 13 & 1
	return sign | uint16((bits+0xfff+even-0x38000000)>>13)
}
