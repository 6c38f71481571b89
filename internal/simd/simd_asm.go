//go:build (amd64 || arm64) && !purego

package simd

import "unsafe"

func dot(a, b []float32) float32 {
	if useAssembly {
		return dotAsm(unsafe.SliceData(a), unsafe.SliceData(b), len(a))
	}
	return dotGeneric(a, b)
}

func squaredL2(a, b []float32) float32 {
	if useAssembly {
		return squaredL2Asm(unsafe.SliceData(a), unsafe.SliceData(b), len(a))
	}
	return squaredL2Generic(a, b)
}

// dotRows gives the kernel whole groups of four rows. The last one to three rows
// go through the same kernel, filled up with a repeated row, so that a row's
// result does not depend on where it stands.
func dotRows(dst, q, base []float32, stride int, rows []uint32) {
	if !useAssembly {
		dotRowsGeneric(dst, q, base, stride, rows)
		return
	}
	x, b := unsafe.SliceData(q), unsafe.SliceData(base)
	whole := len(dst) &^ 3
	if whole > 0 {
		dotRowsAsm(unsafe.SliceData(dst), x, len(q), b, stride, unsafe.SliceData(rows), whole)
	}
	if whole < len(dst) {
		var sums [4]float32
		ids := lastRows(rows, whole, len(dst))
		dotRowsAsm(&sums[0], x, len(q), b, stride, &ids[0], 4)
		copy(dst[whole:], sums[:])
	}
}

// squaredL2Rows is dotRows with the other kernel.
func squaredL2Rows(dst, q, base []float32, stride int, rows []uint32) {
	if !useAssembly {
		squaredL2RowsGeneric(dst, q, base, stride, rows)
		return
	}
	x, b := unsafe.SliceData(q), unsafe.SliceData(base)
	whole := len(dst) &^ 3
	if whole > 0 {
		squaredL2RowsAsm(unsafe.SliceData(dst), x, len(q), b, stride, unsafe.SliceData(rows), whole)
	}
	if whole < len(dst) {
		var sums [4]float32
		ids := lastRows(rows, whole, len(dst))
		squaredL2RowsAsm(&sums[0], x, len(q), b, stride, &ids[0], 4)
		copy(dst[whole:], sums[:])
	}
}

// lastRows returns rows lo to hi-1, at most four, the last one repeated.
func lastRows(rows []uint32, lo, hi int) (ids [4]uint32) {
	for i := range ids {
		ids[i] = uint32(row(rows, min(lo+i, hi-1)))
	}
	return ids
}

// The kernels trust their arguments: n may be any length including 0, stride is
// in floats, count is a positive multiple of four, and rows may be nil for rows
// 0, 1, 2, …

//go:noescape
func dotAsm(a, b *float32, n int) float32

//go:noescape
func squaredL2Asm(a, b *float32, n int) float32

//go:noescape
func dotRowsAsm(dst, q *float32, n int, base *float32, stride int, rows *uint32, count int)

//go:noescape
func squaredL2RowsAsm(dst, q *float32, n int, base *float32, stride int, rows *uint32, count int)
