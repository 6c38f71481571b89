package qgemm

import (
	"fmt"
	"math"
)

// DynamicParams returns the scale and zero point of ONNX's
// DynamicQuantizeLinear for x:
//
//	lo, hi = min(x, 0), max(x, 0)
//	scale  = (hi - lo) / 255, or 1 if that is 0
//	zero   = round(-lo / scale), ties to even, between 0 and 255
//
// NaN elements are passed over. If hi - lo is not finite, the scale is +Inf and
// the zero point 0, and no value can be told from another.
func DynamicParams(x []float32) (scale float32, zero uint8) {
	lo, hi := minMax(x)
	scale = (hi - lo) / 255
	if scale == 0 {
		scale = 1
	}
	return scale, saturate(-lo/scale, 0)
}

// Quantize is QuantizeLinear:
//
//	dst[i] = round(x[i]/scale) + zero
//
// with ties to even before the zero point is added, held between 0 and 255. NaN,
// of x or of a quotient, gives 0, the lowest value. It panics if dst is shorter
// than x.
func Quantize(dst []uint8, x []float32, scale float32, zero uint8) {
	quantize(dst[:len(x)], x, scale, int32(zero), 0)
}

// QuantizeInt8 is [Quantize] between -128 and 127.
func QuantizeInt8(dst []int8, x []float32, scale float32, zero int8) {
	quantize(view[uint8](dst[:len(x)]), x, scale, int32(zero)+128, 0x80)
}

// Dequantize is DequantizeLinear:
//
//	dst[i] = float32(x[i]-zero) * scale
//
// It panics if dst is shorter than x.
func Dequantize(dst []float32, x []uint8, scale float32, zero uint8) {
	dequantize(dst[:len(x)], x, scale, int32(zero), 0)
}

// DequantizeInt8 is [Dequantize] for signed values.
func DequantizeInt8(dst []float32, x []int8, scale float32, zero int8) {
	dequantize(dst[:len(x)], view[uint8](x), scale, int32(zero)+128, 0x80)
}

// Requantize brings int32 products to 8 bits, for QLinearMatMul and QLinearConv:
//
//	dst[i] = round(float32(acc[i]) * scale) + zero
//
// with ties to even before the zero point is added, held between 0 and 255. scale
// has one element, or one for each column of acc, whose rows then follow each
// other without a gap; it is the product of the operands' scales over the scale
// of the result. NaN gives 0. It panics if dst is shorter than acc or acc has a
// broken row.
func Requantize(dst []uint8, acc []int32, scale []float32, zero uint8) {
	requantizeRows(dst[:len(acc)], acc, scale, int32(zero), 0)
}

// RequantizeInt8 is [Requantize] between -128 and 127.
func RequantizeInt8(dst []int8, acc []int32, scale []float32, zero int8) {
	requantizeRows(view[uint8](dst[:len(acc)]), acc, scale, int32(zero)+128, 0x80)
}

func requantizeRows(dst []uint8, acc []int32, scale []float32, zero int32, flip uint8) {
	n := len(scale)
	if n == 1 {
		requantize(dst, acc, scale, zero, flip)
		return
	}
	if len(acc) == 0 {
		return
	}
	if n == 0 || len(acc)%n != 0 {
		panic(fmt.Sprintf("qgemm: %d products in rows of %d", len(acc), n))
	}
	for i := 0; i < len(acc); i += n {
		requantize(dst[i:i+n], acc[i:i+n], scale, zero, flip)
	}
}

// QuantizeWeights quantises the k x n weights w, laid out as [Pack] has them,
// symmetrically with a scale for each column:
//
//	scales[j] = max |w[.][j]| / limit, or 1 if that is 0
//	dst       = round(w / scales[j]), ties to even
//
// where limit is 63 for 7 bits, which keeps the fast kernel, and 127 for 8. dst
// has k*n elements in the same order as w but without gaps: its stride is n, or k
// if transposed. Weights that are not finite count as 0. It panics on another
// number of bits or a slice that is too short.
func QuantizeWeights(dst []int8, scales, w []float32, k, n, ldb int, transposed bool, bits int) {
	if bits != 7 && bits != 8 {
		panic(fmt.Sprintf("qgemm: weights of %d bits", bits))
	}
	limit := float32(int(1)<<(bits-1) - 1)
	scales, dst = scales[:n], dst[:k*n]
	clear(scales)
	if transposed {
		checkMatrix("w", len(w), n, k, ldb)
		for j := range n {
			quantizeColumn(dst[j*k:][:k], &scales[j], w[j*ldb:][:k], limit)
		}
		return
	}
	checkMatrix("w", len(w), k, n, ldb)
	for i := range k {
		for j, v := range w[i*ldb:][:n] {
			if m := magnitude(v); m > scales[j] {
				scales[j] = m
			}
		}
	}
	for j := range scales {
		scales[j] = weightScale(scales[j], limit)
	}
	for i := range k {
		out := dst[i*n:][:n]
		for j, v := range w[i*ldb:][:n] {
			out[j] = roundWeight(v, scales[j])
		}
	}
}

func quantizeColumn(dst []int8, scale *float32, w []float32, limit float32) {
	var top float32
	for _, v := range w {
		if m := magnitude(v); m > top {
			top = m
		}
	}
	*scale = weightScale(top, limit)
	for i, v := range w {
		dst[i] = roundWeight(v, *scale)
	}
}

// magnitude returns |v|, or 0 if v is not finite. A test of the sign would be
// guessed wrong for every other weight.
func magnitude(v float32) float32 {
	const sign, inf = 1 << 31, 0xff << 23
	b := math.Float32bits(v) &^ sign
	if b >= inf {
		return 0
	}
	return math.Float32frombits(b)
}

// weightScale returns the scale that takes top to limit. A quotient that is
// not a normal number has lost bits and would let a weight pass the limit.
func weightScale(top, limit float32) float32 {
	if s := top / limit; s >= 0x1p-126 {
		return s
	}
	return 1
}

// roundWeight adds and takes away 1.5·2²³, whose neighbours are integers, so that
// the addition rounds as the processor does, ties to even.
func roundWeight(v, scale float32) int8 {
	if magnitude(v) == 0 {
		return 0
	}
	const integers = 3 << 22
	r := float32(v/scale + integers)
	return int8(int32(r - integers))
}
