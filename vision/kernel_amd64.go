//go:build !purego

package vision

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// weighAVX2 is weighGeneric for n samples, a multiple of 16.
//
//go:noescape
func weighAVX2(acc *float32, r0, r1, r2, r3 *uint8, w *[4]float32, n int)

func weigh(acc []float32, r0, r1, r2, r3 []uint8, w *[4]float32) {
	whole := len(acc) &^ 15
	if !hasAVX2 {
		whole = 0
	}
	r0, r1, r2, r3 = r0[:len(acc)], r1[:len(acc)], r2[:len(acc)], r3[:len(acc)]
	if whole > 0 {
		weighAVX2(&acc[0], &r0[0], &r1[0], &r2[0], &r3[0], w, whole)
	}
	weighGeneric(acc[whole:], r0[whole:], r1[whole:], r2[whole:], r3[whole:], w)
}

// acrossAVX2 is acrossGeneric for outputs outputs, a multiple of 4.
//
//go:noescape
func acrossAVX2(dst, src, weights *float32, start *int32, n, outputs int)

func (s *evenTaps) across(dst, src []float32) {
	whole := len(dst) &^ 3
	if !hasAVX2 {
		whole = 0
	}
	if whole > 0 {
		_ = src[int(s.start[whole-1])+s.n-1] // starts rise
		acrossAVX2(&dst[0], &src[0], &s.weights[0], &s.start[0], s.n, whole)
	}
	rest := evenTaps{s.n, s.start[whole:], s.weights[whole*s.n:]}
	rest.acrossGeneric(dst[whole:], src)
}
