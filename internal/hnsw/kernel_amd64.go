//go:build !purego

package hnsw

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var useAssembly = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT && hasF16C()

// hasF16C asks the processor for the conversion of 16-bit floats, which every one
// with AVX2 is known to have.
func hasF16C() bool

// The kernels trust their arguments: n is a positive multiple of 16, of 64 for
// codes, and the words of a row for bits, count is a multiple of 4, stride is in
// bytes, and every id has a row.

//go:noescape
func l2RowsAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func dotRowsAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func l2HalvesAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func dotHalvesAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func codeRowsAsm(
	dst *float32, q *byte, n int, bases **byte, shift, mask, stride int, ids *uint32, count int, factor float32,
)

//go:noescape
func bitRowsAsm(
	dst *float32, q *uint64, n int, bases **byte, shift, mask, stride int, ids *uint32, count int,
	factor float32, sum int32,
)

//go:noescape
func fromHalvesAsm(dst *float32, from *uint16, n int)

//go:noescape
func fetchAsm(bases unsafe.Pointer, shift, mask, stride int, ids *uint32, count, lines int)
