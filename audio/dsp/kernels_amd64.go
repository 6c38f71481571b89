//go:build !purego

package dsp

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// useAVX2 is false where the processor cannot run the assembly. Only tests change
// it.
var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// toLog10 is toLog10Generic.
func toLog10(values []float32, scale float32) float32 {
	whole := len(values) &^ 7
	if !useAVX2 || whole == 0 {
		return toLog10Generic(values, scale)
	}
	largest := log2AVX2(unsafe.SliceData(values), whole, scale*log10Of2)
	return max(largest, toLog10Generic(values[whole:], scale))
}

// multiply is multiplyGeneric.
func multiply(dst, x, window []float32) uint32 {
	x, window = x[:len(dst)], window[:len(dst)]
	whole := len(dst) &^ 7
	if !useAVX2 || whole == 0 {
		return multiplyGeneric(dst, x, window)
	}
	seen := taperAVX2(unsafe.SliceData(dst), unsafe.SliceData(x), unsafe.SliceData(window), whole)
	return seen | multiplyGeneric(dst[whole:], x[whole:], window[whole:])
}

// largestBits is largestBitsGeneric.
func largestBits(x []float32) uint32 {
	whole := len(x) &^ 31
	if !useAVX2 || whole == 0 {
		return largestBitsGeneric(x)
	}
	return max(peakAVX2(unsafe.SliceData(x), whole), largestBitsGeneric(x[whole:]))
}

// The kernels trust their arguments: n is a positive multiple of 8,
// of 32 for peakAVX2.

//go:noescape
func log2AVX2(values *float32, n int, scale float32) (largest float32)

//go:noescape
func taperAVX2(dst, x, window *float32, n int) (seen uint32)

//go:noescape
func peakAVX2(x *float32, n int) (bits uint32)
