package qgemm

import "fmt"

// rowBlock is the number of rows whose products with one panel are finished
// before the next panel, so that they stay in the nearest cache.
const rowBlock = 64

// Mul is
//
//	for i := range m {
//		for j := range b.N {
//			dst[i*ldc+j] = Σ over k of (a[i*lda+k] - aZero[i]) * (b[k][j] - bZero[j])
//		}
//	}
//
// modulo 2³². aZero has one element for each row, or one for all; bZero one for
// each column, or one for all. A nil slice is 0. Only the K bytes of a row are
// read, and rows may overlap: lda is less than K for the windows of a convolution.
// It panics if a slice is too short for m rows.
func Mul(dst []int32, ldc int, a []uint8, lda, m int, b *Packed, aZero, bZero []int32) {
	b.mul(dst, ldc, operand{a, lda, m, 0}, aZero, bZero, 0, b.N)
}

// MulColumns is [Mul] for the columns lo to hi-1 alone; dst is still the whole
// matrix. lo is a multiple of 16, and so is hi unless it is b.N, so that
// goroutines which share the columns never share a panel.
func MulColumns(dst []int32, ldc int, a []uint8, lda, m int, b *Packed, aZero, bZero []int32, lo, hi int) {
	b.mul(dst, ldc, operand{a, lda, m, 0}, aZero, bZero, lo, hi)
}

// MulSigned is [Mul] for signed activations.
func MulSigned(dst []int32, ldc int, a []int8, lda, m int, b *Packed, aZero, bZero []int32) {
	b.mul(dst, ldc, signed(a, lda, m), aZero, bZero, 0, b.N)
}

// MulSignedColumns is [MulColumns] for signed activations.
func MulSignedColumns(dst []int32, ldc int, a []int8, lda, m int, b *Packed, aZero, bZero []int32, lo, hi int) {
	b.mul(dst, ldc, signed(a, lda, m), aZero, bZero, lo, hi)
}

// operand is the matrix A: m rows at stride lda. The value of a byte is byte^flip
// minus flip: flip is 0 for unsigned bytes and 128 for signed ones.
type operand struct {
	bytes  []uint8
	lda, m int
	flip   uint8
}

func signed(a []int8, lda, m int) operand { return operand{view[uint8](a), lda, m, 0x80} }

// rows returns rows i to i+n-1 of o.
func (o operand) rows(i, n int) operand {
	return operand{o.bytes[i*o.lda:], o.lda, n, o.flip}
}

// check panics unless the operands of a product fit each other. It returns o
// with rows that can be taken even if they are empty.
func (p *Packed) check(o operand, aZero, bZero []int32, lo, hi int) operand {
	checkRows("a", len(o.bytes), o.m, p.K, o.lda)
	checkPer("aZero", len(aZero), o.m)
	checkPer("bZero", len(bZero), p.N)
	if lo < 0 || lo > hi || hi > p.N || lo%panelCols != 0 || (hi%panelCols != 0 && hi != p.N) {
		panic(fmt.Sprintf("qgemm: columns %d to %d of %d", lo, hi, p.N))
	}
	if p.K == 0 {
		o.lda = 0
	}
	return o
}

// checkPer panics unless a parameter has no element, one, or at least n.
func checkPer(name string, length, n int) {
	if length > 1 && length < n {
		panic(fmt.Sprintf("qgemm: %s has %d elements for %d", name, length, n))
	}
}

func (p *Packed) mul(dst []int32, ldc int, o operand, aZero, bZero []int32, lo, hi int) {
	o = p.check(o, aZero, bZero, lo, hi)
	checkMatrix("dst", len(dst), o.m, p.N, ldc)
	var room [rowBlock]int32
	c := newColumns(p, bZero, o.flip, lo, hi)
	for i := 0; i < o.m; i += rowBlock {
		block := o.rows(i, min(rowBlock, o.m-i))
		r := rows{zero: perRow(aZero, i)}
		if !c.plain {
			r.sums = room[:block.m]
			sumRows(r.sums, block, p.K)
		}
		for j := lo; j < hi; j += panelCols {
			c.load(j)
			if out := dst[i*ldc+j:]; j+panelCols <= p.N {
				products(out, ldc, block, p, j/panelCols)
				correct(out, ldc, block.m, &r, &c)
			} else {
				edge(out, ldc, block, &r, &c, p.N-j)
			}
		}
	}
}

// edge computes the panel that sticks out of the matrix beside it and copies the
// columns that exist.
func edge(dst []int32, ldc int, o operand, r *rows, c *columns, cols int) {
	var tile [rowBlock * panelCols]int32
	products(tile[:], panelCols, o, c.weights, c.first/panelCols)
	correct(tile[:], panelCols, o.m, r, c)
	for i := range o.m {
		copy(dst[i*ldc:][:cols], tile[i*panelCols:])
	}
}

// perRow returns the parameters of row i and later.
func perRow[T int32 | float32](x []T, i int) []T {
	if len(x) > 1 {
		return x[i:]
	}
	return x
}
