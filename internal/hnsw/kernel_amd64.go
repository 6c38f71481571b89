//go:build !purego

package hnsw

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var useAssembly = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2

// The kernels trust their arguments: n is a positive multiple of 16, of 64 for
// codes, count of 4, stride is in bytes, and every id has a row.

//go:noescape
func l2RowsAsm(dst, q *float32, n int, bases **float32, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func dotRowsAsm(dst, q *float32, n int, bases **float32, shift, mask, stride int, ids *uint32, count int)

//go:noescape
func codeRowsAsm(
	dst *float32, q *byte, n int, bases **byte, shift, mask, stride int, ids *uint32, count int, factor float32,
)

//go:noescape
func fetchAsm(bases unsafe.Pointer, shift, mask, stride int, ids *uint32, count, lines int)
