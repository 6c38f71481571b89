package dsp

import "math"

// MinDBFS is the lowest level that [DBFS] returns. Digital silence has it, as zero
// has no logarithm.
const MinDBFS = -200

// RMS returns the root of the mean square, 0 for an empty signal.
func RMS(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	return math.Sqrt(energy(x) / float64(len(x)))
}

// energy returns the sum of squares. Four sums hide the latency of an addition.
func energy(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		v0, v1, v2, v3 := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		a, b, c, d = a+v0*v0, b+v1*v1, c+v2*v2, d+v3*v3
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return a + b + c + d
}

// Peak returns the largest magnitude, 0 for an empty signal, infinity if a sample is
// infinite, NaN if one is NaN.
func Peak(x []float32) float64 { return float64(math.Float32frombits(largestBits(x))) }

// largestBitsGeneric returns the bits of the largest magnitude: magnitudes are ordered as
// their bits are.
func largestBitsGeneric(x []float32) (peak uint32) {
	for _, v := range x {
		peak = max(peak, math.Float32bits(v)&^signBit)
	}
	return peak
}

const signBit = 1 << 31

// DBFS returns the level of an amplitude in decibels relative to full scale, 1:
//
//	20·log10(amplitude)
//
// It is [MinDBFS] for all amplitudes below 1e-10, 0 included.
func DBFS(amplitude float64) float64 { return 20 * math.Log10(max(amplitude, 1e-10)) }

// ZeroCrossingRate returns the number of changes of sign per sample, from 0 to
// less than 1. Zero counts as positive, as in librosa. Signals of fewer than two
// samples have rate 0.
func ZeroCrossingRate(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	crossings := uint64(0)
	before := math.Float32bits(x[0] + 0)
	for _, v := range x {
		sign := math.Float32bits(v + 0) // -0 becomes 0
		crossings += uint64((sign ^ before) >> 31)
		before = sign
	}
	return float64(crossings) / float64(len(x))
}
