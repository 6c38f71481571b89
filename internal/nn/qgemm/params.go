package qgemm

// A product of the kernels is Σ (a+offset)·w over the weights w as stored. With
// zero points za and zb, zb after the shift of the weights, the wanted product is
//
//	Σ (a-za)(w-zb) = Σ (a+offset)·w - offset·Σw - za·(Σw - K·zb) - zb·Σa
//
// of which the first correction depends on the column alone, the second is a
// row's factor times a column's, and so is the third.

// rows holds the parameters of the rows of a block. zero and scale have one
// element for all rows or one for each; zero may be nil, for 0.
type rows struct {
	zero  []int32
	sums  []int32 // Σa of each row; nil if no column asks for it
	scale []float32
}

// zeros is never written.
var zeros [panelCols]int32

// columns holds the parameters of the 16 columns of a panel. They are read where
// the caller has them unless they must be made: for a product of one row, copying
// them takes as long as the product. No field points into columns itself, which
// would move it to the heap.
type columns struct {
	weights *Packed
	bZero   []int32
	offset  int32
	plain   bool // zb is 0 for all columns that will be asked for
	first   int

	made struct{ base, factor, zero [panelCols]int32 }
}

// base returns offset·Σw of each column.
func (c *columns) base() *[panelCols]int32 {
	if c.offset == 0 {
		return &zeros
	}
	return &c.made.base
}

// factor returns Σw - K·zb of each column.
func (c *columns) factor() *[panelCols]int32 {
	if c.plain {
		return (*[panelCols]int32)(c.weights.sums[c.first:])
	}
	return &c.made.factor
}

// zero returns zb of each column.
func (c *columns) zero() *[panelCols]int32 {
	if c.plain {
		return &zeros
	}
	return &c.made.zero
}

// newColumns returns the parameters of columns lo to hi-1 before any is loaded.
func newColumns(p *Packed, bZero []int32, flip uint8, lo, hi int) columns {
	c := columns{weights: p, bZero: bZero, offset: activationOffset(flip)}
	c.plain = !c.shifted(lo, hi)
	return c
}

// shifted reports whether any zb of columns lo to hi-1 is not 0.
func (c *columns) shifted(lo, hi int) bool {
	if lo == hi {
		return false
	}
	if len(c.bZero) <= 1 {
		return c.zeroOf(0) != 0
	}
	for j := lo; j < hi; j++ {
		if c.zeroOf(j) != 0 {
			return true
		}
	}
	return false
}

func (c *columns) zeroOf(j int) int32 {
	switch len(c.bZero) {
	case 0:
		return -c.weights.shift
	case 1:
		return c.bZero[0] - c.weights.shift
	}
	return c.bZero[j] - c.weights.shift
}

// load makes c describe the panel whose first column is j.
func (c *columns) load(j int) {
	c.first = j
	sums := (*[panelCols]int32)(c.weights.sums[j:])
	if c.offset != 0 {
		for i, s := range sums {
			c.made.base[i] = c.offset * s
		}
	}
	if c.plain {
		return
	}
	for i, s := range sums {
		z := int32(0)
		if j+i < c.weights.N {
			z = c.zeroOf(j + i)
		}
		c.made.zero[i] = z
		c.made.factor[i] = s - int32(c.weights.K)*z
	}
}

// of returns the parameter of row i: x[i], x[0] if there is one for all, or 0.
func of[T int32 | float32](x []T, i int) T {
	switch len(x) {
	case 0:
		return 0
	case 1:
		return x[0]
	}
	return x[i]
}
