// Package simd holds float32 kernels. Each is documented by the loop it
// replaces, exists once in Go (name ending in Generic) and may exist in
// assembly; tests run both on the same inputs.
//
// The build tag purego leaves the assembly out. Lengths and strides are checked
// here and trusted below: a slice that is too short is a bug of this module and
// panics.
package simd

import (
	"fmt"
	"math"
	"math/bits"
)

// useAssembly is false where there is no assembly or the processor cannot run
// it. Only [Generic] changes it.
var useAssembly = assemblyRuns()

// Kernels names the kernels in use.
func Kernels() string {
	if useAssembly {
		return assemblyName + " kernels"
	}
	return "pure Go kernels"
}

// Generic turns the assembly off until restore is called. It is for tests and
// reports that compare both on one machine, and not safe beside any other user
// of the package.
func Generic() (restore func()) {
	before := useAssembly
	useAssembly = false
	return func() { useAssembly = before }
}

// Dot is
//
//	for i, v := range a {
//		sum += v * b[i]
//	}
//
// up to the order and fusing of additions. It panics if b is shorter than a.
func Dot(a, b []float32) (sum float32) { return dot(a, b[:len(a):len(b)]) }

// SquaredL2 is
//
//	for i, v := range a {
//		sum += (v - b[i]) * (v - b[i])
//	}
//
// up to the order and fusing of additions. It panics if b is shorter than a.
func SquaredL2(a, b []float32) (sum float32) { return squaredL2(a, b[:len(a):len(b)]) }

// DotRows is
//
//	for i := range dst {
//		r := i
//		if rows != nil {
//			r = int(rows[i])
//		}
//		dst[i] = Dot(q, base[r*stride:])
//	}
//
// up to the order and fusing of additions. Equal rows give equal results
// wherever they stand, so a search may break ties by position; [Dot] itself may
// differ from them in the last bits.
//
// It panics if stride is less than len(q), if rows has fewer than len(dst)
// elements, or if a row ends after base. Assembly cannot be preempted: give it
// some hundred rows at a time, not a whole collection.
func DotRows(dst, q, base []float32, stride int, rows []uint32) {
	if len(dst) == 0 {
		return
	}
	rows = checkRows(len(dst), len(q), len(base), stride, rows)
	dotRows(dst, q, base, stride, rows)
}

// SquaredL2Rows is [DotRows] with [SquaredL2] in place of Dot.
func SquaredL2Rows(dst, q, base []float32, stride int, rows []uint32) {
	if len(dst) == 0 {
		return
	}
	rows = checkRows(len(dst), len(q), len(base), stride, rows)
	squaredL2Rows(dst, q, base, stride, rows)
}

// checkRows panics unless n rows of dim elements lie inside base, and returns
// the rows cut to n.
func checkRows(n, dim, base, stride int, rows []uint32) []uint32 {
	last := uint64(n - 1)
	if rows != nil {
		rows = rows[:n:len(rows)]
		var highest uint32
		for _, r := range rows {
			highest = max(highest, r)
		}
		last = uint64(highest)
	}
	hi, lo := bits.Mul64(last, uint64(stride))
	if stride < dim || dim > base || hi != 0 || lo > uint64(base-dim) || last > math.MaxUint32 {
		panic(fmt.Sprintf("simd: row %d of %d floats at stride %d is outside base of %d", last, dim, stride, base))
	}
	return rows
}
