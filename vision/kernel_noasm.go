//go:build !amd64 || purego

package vision

func weigh(acc []float32, r0, r1, r2, r3 []uint8, w *[4]float32) {
	weighGeneric(acc, r0, r1, r2, r3, w)
}

func (s *evenTaps) across(dst, src []float32) { s.acrossGeneric(dst, src) }
