package qgemm

import (
	"fmt"
	"math"
)

// Epilogue says how [MulFloat] makes a float of an integer product p in row i
// and column j:
//
//	y = float32(p) * (AScale * BScale[j]) + Bias[j] + Add[i*AddStride+j]
//
// rounded after every operation, and then clamped to Lo and Hi, NaN staying NaN.
type Epilogue struct {
	AScale  float32   // scale of the activations
	AScales []float32 // scale of each row, in place of AScale; nil: AScale for all
	BScale  []float32 // scale of each column, or one for all; nil: 1
	Bias    []float32 // one for each column; nil: 0

	Add       []float32 // matrix to add, such as a residual, which may be dst itself; nil: none
	AddStride int       // elements from one row of Add to the next

	Clamp  bool // whether Lo and Hi apply
	Lo, Hi float32
}

// Scratch returns the number of elements of scratch that [MulFloat] needs for m
// rows and n columns: at most 1,088, whatever they are.
func Scratch(m, n int) int {
	if n <= 0 || m <= 0 {
		return 0
	}
	return min(m, rowBlock) * (panelCols + 1)
}

// MulFloat computes the product of [Mul] and turns it into floats as e says. The
// integers are never stored but in scratch, which has [Scratch] elements for the
// caller to reuse and belongs to one call at a time. It panics if a slice is too
// short.
func MulFloat(dst []float32, ldc int, a []uint8, lda, m int, b *Packed,
	aZero, bZero, scratch []int32, e Epilogue) {
	b.mulFloat(dst, ldc, operand{a, lda, m, 0}, aZero, bZero, scratch, &e, 0, b.N)
}

// MulFloatColumns is [MulFloat] for the columns lo to hi-1 alone, as
// [MulColumns] is Mul. Each goroutine has its own scratch.
func MulFloatColumns(dst []float32, ldc int, a []uint8, lda, m int, b *Packed,
	aZero, bZero, scratch []int32, e Epilogue, lo, hi int) {
	b.mulFloat(dst, ldc, operand{a, lda, m, 0}, aZero, bZero, scratch, &e, lo, hi)
}

// MulFloatSigned is [MulFloat] for signed activations.
func MulFloatSigned(dst []float32, ldc int, a []int8, lda, m int, b *Packed,
	aZero, bZero, scratch []int32, e Epilogue) {
	b.mulFloat(dst, ldc, signed(a, lda, m), aZero, bZero, scratch, &e, 0, b.N)
}

// MulFloatSignedColumns is [MulFloatColumns] for signed activations.
func MulFloatSignedColumns(dst []float32, ldc int, a []int8, lda, m int, b *Packed,
	aZero, bZero, scratch []int32, e Epilogue, lo, hi int) {
	b.mulFloat(dst, ldc, signed(a, lda, m), aZero, bZero, scratch, &e, lo, hi)
}

func (p *Packed) mulFloat(dst []float32, ldc int, o operand,
	aZero, bZero, scratch []int32, e *Epilogue, lo, hi int) {
	o = p.check(o, aZero, bZero, lo, hi)
	checkMatrix("dst", len(dst), o.m, p.N, ldc)
	e.check(o.m, p.N)
	scratch = scratch[:Scratch(o.m, p.N)]
	f := finish{columns: newColumns(p, bZero, o.flip, lo, hi), e: *e}
	f.lo, f.hi = e.bounds()
	one := [1]float32{e.AScale}
	for i := 0; i < o.m; i += rowBlock {
		block := o.rows(i, min(rowBlock, o.m-i))
		tile, r := scratch[:block.m*panelCols], rows{zero: perRow(aZero, i), scale: one[:]}
		if len(e.AScales) != 0 {
			r.scale = perRow(e.AScales, i)
		}
		if !f.plain {
			r.sums = scratch[block.m*panelCols:][:block.m]
			sumRows(r.sums, block, p.K)
		}
		for j := lo; j < hi; j += panelCols {
			f.load(j)
			products(tile, panelCols, block, p, j/panelCols)
			var add []float32
			if e.Add != nil {
				add = e.Add[i*e.AddStride+j:]
			}
			toFloat(dst[i*ldc+j:], ldc, tile, block.m, min(panelCols, p.N-j), &r, &f, add)
		}
	}
}

func (e *Epilogue) check(m, n int) {
	if len(e.AScales) != 0 && len(e.AScales) < m {
		panic(fmt.Sprintf("qgemm: %d scales for %d rows", len(e.AScales), m))
	}
	checkPer("BScale", len(e.BScale), n)
	if e.Bias != nil && len(e.Bias) < n {
		panic(fmt.Sprintf("qgemm: %d biases for %d columns", len(e.Bias), n))
	}
	if e.Add != nil {
		checkMatrix("Add", len(e.Add), m, n, e.AddStride)
	}
}

// bounds returns what to clamp to; all floats are within infinities.
func (e *Epilogue) bounds() (lo, hi float32) {
	if e.Clamp {
		return e.Lo, e.Hi
	}
	return float32(math.Inf(-1)), float32(math.Inf(1))
}

// finish holds what toFloat needs to know of a panel, as columns does for the
// product.
type finish struct {
	columns

	e      Epilogue
	lo, hi float32
	made   struct{ scale, bias [panelCols]float32 }
}

// whole reports whether all 16 columns exist.
func (f *finish) whole() bool { return f.first+panelCols <= f.weights.N }

func (f *finish) scale() *[panelCols]float32 {
	if f.whole() && len(f.e.BScale) > 1 {
		return (*[panelCols]float32)(f.e.BScale[f.first:])
	}
	return &f.made.scale
}

func (f *finish) bias() *[panelCols]float32 {
	if f.whole() && f.e.Bias != nil {
		return (*[panelCols]float32)(f.e.Bias[f.first:])
	}
	return &f.made.bias
}

// load makes f describe the panel whose first column is j.
func (f *finish) load(j int) {
	f.columns.load(j)
	end := min(j+panelCols, f.weights.N)
	if f.scale() == &f.made.scale {
		fillScale(f.made.scale[:end-j], f.e.BScale, j)
	}
	if f.e.Bias != nil && f.bias() == &f.made.bias {
		copy(f.made.bias[:], f.e.Bias[j:end])
	}
}

// fillScale sets dst to the scales of columns j and later.
func fillScale(dst, scale []float32, j int) {
	switch len(scale) {
	case 0:
		for i := range dst {
			dst[i] = 1
		}
	case 1:
		for i := range dst {
			dst[i] = scale[0]
		}
	default:
		copy(dst, scale[j:])
	}
}
