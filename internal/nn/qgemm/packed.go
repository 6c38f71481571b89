package qgemm

import (
	"fmt"
	"unsafe"
)

const (
	panelCols = 16                    // columns of a panel
	groupRows = 4                     // rows of B whose bytes stand together in a column
	groupSize = panelCols * groupRows // bytes of a group, one cache line
	maxFast   = 64                    // largest |w| for which 255·w + 255·w fits in 16 bits
	uintShift = 128                   // what PackUint8 takes away to make a weight an int8
)

// Packed is a matrix B of K x N 8-bit weights in the order in which the kernels
// read it: panels of 16 columns, in each panel groups of 4 rows, in each group
// the 4 bytes of a column together. It is immutable and safe for concurrent use.
type Packed struct {
	K, N int

	data  []int8  // panels, K rounded up to groups and N to panels, filled up with 0
	sums  []int32 // sum of each column of data
	shift int32   // weight = data + shift
	fast  bool    // all of data are within ±maxFast

	narrow *narrow // nil if there is no kernel or it does not apply
}

// Pack packs the k x n weights b, whose row i begins at b[i*ldb]. If transposed,
// b holds n rows of k weights instead, and column j begins at b[j*ldb].
// b is not kept.
func Pack(b []int8, k, n, ldb int, transposed bool) *Packed {
	return pack(view[uint8](b), k, n, ldb, transposed, 0)
}

// PackUint8 is [Pack] for unsigned weights. They are stored as w-128; products
// are those of w.
func PackUint8(b []uint8, k, n, ldb int, transposed bool) *Packed {
	return pack(b, k, n, ldb, transposed, uintShift)
}

// Bytes returns the memory that p holds.
func (p *Packed) Bytes() int64 { return int64(cap(p.data)) + 4*int64(cap(p.sums)) + p.narrow.bytes() }

// Fast reports whether all weights, after the shift of [PackUint8], are within
// ±64, so that the faster of the kernels applies.
func (p *Packed) Fast() bool { return p.fast }

func pack(b []uint8, k, n, ldb int, transposed bool, shift int32) *Packed {
	rows, cols := k, n
	if transposed {
		rows, cols = n, k
	}
	checkMatrix("b", len(b), rows, cols, ldb)
	groups, panels := (k+groupRows-1)/groupRows, (n+panelCols-1)/panelCols
	p := &Packed{K: k, N: n, shift: shift, fast: true}
	p.data = aligned(groups * panels * groupSize)
	p.sums = make([]int32, panels*panelCols)
	rowStep, colStep := ldb, 1
	if transposed {
		rowStep, colStep = 1, ldb
	}
	for j := range panels {
		p.fill(j, b, rowStep, colStep)
	}
	if narrowSums && p.fast {
		p.narrow = newNarrow(p)
	}
	return p
}

// fill packs panel j. Weight (i, n) is at b[i*rowStep+n*colStep].
func (p *Packed) fill(j int, b []uint8, rowStep, colStep int) {
	flip := uint8(p.shift) // w-128 and w^128 are the same byte
	first := j * panelCols
	cols := min(panelCols, p.N-first)
	panel, sums := p.panel(j), p.sums[first:][:cols]
	for i := range p.K {
		for c := range sums {
			w := int8(b[i*rowStep+(first+c)*colStep] ^ flip)
			panel[i/groupRows*groupSize+c*groupRows+i%groupRows] = w
			sums[c] += int32(w)
			p.fast = p.fast && w >= -maxFast && w <= maxFast
		}
	}
}

// panel returns the groups of panel j.
func (p *Packed) panel(j int) []int8 {
	size := (p.K + groupRows - 1) / groupRows * groupSize
	return p.data[j*size:][:size]
}

// aligned returns n bytes that begin at a cache line.
func aligned(n int) []int8 {
	b := make([]int8, n+groupSize-1)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (groupSize - 1)
	return b[skip:][:n:n]
}

// view returns the bytes of x as bytes of the other kind.
func view[T, F int8 | uint8](x []F) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// checkMatrix is [checkRows] for rows that may not overlap.
func checkMatrix(name string, length, rows, cols, stride int) {
	if stride < cols {
		panic(fmt.Sprintf("qgemm: %s has rows of %d elements at stride %d", name, cols, stride))
	}
	checkRows(name, length, rows, cols, stride)
}

// checkRows panics unless rows of cols elements, stride apart, lie in a slice of
// the given length. A matrix without elements lies in any.
func checkRows(name string, length, rows, cols, stride int) {
	if rows < 0 || cols < 0 || stride < 0 {
		panic(fmt.Sprintf("qgemm: %s of %d x %d elements at stride %d", name, rows, cols, stride))
	}
	if rows == 0 || cols == 0 {
		return
	}
	if cols > length || (stride > 0 && rows-1 > (length-cols)/stride) {
		panic(fmt.Sprintf("qgemm: %s of %d x %d elements at stride %d in %d", name, rows, cols, stride, length))
	}
}
