//go:build !purego

package fft

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// useAVX2 is false where the processor cannot run the assembly. Only tests change
// it.
var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// passAVX2 runs the stage in assembly and reports whether there is any for it: the
// first stage if it has radix 4, later ones of small radix whose sequences come in
// fours, as all do after such a first one.
func (st *stage) passAVX2(dst, src []complex64) bool {
	d, x, w := unsafe.SliceData(dst), unsafe.SliceData(src), unsafe.SliceData(st.twiddles)
	switch {
	case !useAVX2:
		return false
	case st.radix == 4 && st.s == 1 && st.q >= 4:
		first4AVX2(d, x, w, st.q)
	case st.s%4 != 0:
		return false
	case st.radix == 2:
		pass2AVX2(d, x, w, st.q, st.s)
	case st.radix == 3:
		pass3AVX2(d, x, w, st.q, st.s)
	case st.radix == 4:
		pass4AVX2(d, x, w, st.q, st.s)
	case st.radix == 5:
		pass5AVX2(d, x, w, st.q, st.s)
	default:
		return false
	}
	return true
}

// blocks is how many times four bins from 1 on have mirrored bins beyond them.
func blocks(m int) int {
	if !useAVX2 {
		return 0
	}
	return (m - 1) / 2 / 4
}

// splitAll does Forward's work for the bins from 1 on and those that mirror them,
// and returns the first bin that is left to do.
func splitAll(dst, z, turns []complex64) int {
	m, n := len(z), blocks(len(z))
	if n > 0 {
		splitAVX2(unsafe.SliceData(dst[:m+1]), unsafe.SliceData(z), unsafe.SliceData(turns[:4*n+1]), m, n)
	}
	return 4*n + 1
}

// powerAll is splitAll for Power.
func powerAll(dst []float32, z, turns []complex64) int {
	m, n := len(z), blocks(len(z))
	if n > 0 {
		powerAVX2(unsafe.SliceData(dst[:m+1]), unsafe.SliceData(z), unsafe.SliceData(turns[:4*n+1]), m, n)
	}
	return 4*n + 1
}

// The kernels trust their arguments: q is at least 4 in the first stage, s a
// positive multiple of 4 in the others, blocks is positive.

//go:noescape
func first4AVX2(dst, src, twiddles *complex64, q int)

//go:noescape
func pass2AVX2(dst, src, twiddles *complex64, q, s int)

//go:noescape
func pass3AVX2(dst, src, twiddles *complex64, q, s int)

//go:noescape
func pass4AVX2(dst, src, twiddles *complex64, q, s int)

//go:noescape
func pass5AVX2(dst, src, twiddles *complex64, q, s int)

//go:noescape
func splitAVX2(dst, z, turns *complex64, m, blocks int)

//go:noescape
func powerAVX2(dst *float32, z, turns *complex64, m, blocks int)
