package gemm

import (
	"fmt"
	"math"
)

// Mul is dst = a·b with an epilogue: dst has m rows of b.N columns, ldc floats
// apart; a has m rows of b.K, lda apart. Neither may overlap the other.
func Mul(dst []float32, ldc int, a []float32, lda, m int, b *Packed, e Epilogue) {
	MulColumns(dst, ldc, a, lda, m, b, 0, b.N, e)
}

// MulColumns is [Mul] of the columns lo to hi-1 alone; dst, Bias and Add still
// begin with column 0. It panics unless lo is a multiple of 16.
func MulColumns(dst []float32, ldc int, a []float32, lda, m int, b *Packed, lo, hi int, e Epilogue) {
	if lo < 0 || lo%panelWidth != 0 || hi > b.N {
		panic(fmt.Sprintf("gemm: columns %d to %d of %d", lo, hi, b.N))
	}
	right := right{data: b.data, ldb: panelWidth, panel: b.rows * panelWidth}
	mul(matrices{dst, a, ldc, lda, m, b.K}, right, lo, hi, &e)
}

// MulRaw is [Mul] with a right operand that is not packed: b has k rows of n
// columns, ldb floats apart. No element of b behind its slice is read.
func MulRaw(dst []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, e Epilogue) {
	checkMatrix("b", len(b), k, n, ldb)
	if m <= 0 || n <= 0 {
		return
	}
	x := matrices{dst, a, ldc, lda, m, k}
	whole := n &^ (panelWidth/2 - 1)
	mul(x, right{data: b, ldb: ldb, panel: panelWidth}, 0, whole, &e)
	if whole < n {
		mulEdge(x, b, ldb, whole, n, e)
	}
}

// mulEdge is the columns lo to hi-1, fewer than eight. The kernel reads eight
// columns of b: where they would end behind the slice, a copy serves.
func mulEdge(x matrices, b []float32, ldb, lo, hi int, e Epilogue) {
	const wide = panelWidth / 2
	safe := x.k // rows of which eight columns can be read
	for safe > 0 && (safe-1)*ldb+lo+wide > len(b) {
		safe--
	}
	e.check(x.m, hi)
	x.check(hi)
	edge := func(y matrices, r right, e *Epilogue) {
		e2 := *e
		y.dst = y.dst[lo:]
		e2.Bias, e2.Add = after(e.Bias, lo), after(e.Add, lo)
		mul(y, r, 0, hi-lo, &e2)
	}
	if safe == x.k {
		edge(x, right{data: after(b, lo), ldb: ldb, panel: panelWidth}, &e)
		return
	}
	first := e
	first.Clamp = false
	y := x
	y.k = safe
	edge(y, right{data: after(b, lo), ldb: ldb, panel: panelWidth}, &first)
	var rest [panelWidth * wide]float32
	for p := safe; p < x.k; p += panelWidth {
		n := min(panelWidth, x.k-p)
		for i := range n {
			copy(rest[i*wide:], b[(p+i)*ldb+lo:][:hi-lo])
		}
		y.a, y.k = x.a[p:], n
		more := Epilogue{Accumulate: true, Clamp: e.Clamp && p+n == x.k, Lo: e.Lo, Hi: e.Hi}
		edge(y, right{data: rest[:], ldb: wide, panel: wide}, &more)
	}
}

// MulTransposed is dst = a·bᵀ with an epilogue: b has n rows of k, ldb floats
// apart. It packs b into scratch, which must have TransposedScratch(n, k)
// elements and is not kept.
func MulTransposed(
	dst []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, scratch []float32, e Epilogue,
) {
	p := PackTransposedOver(scratch, b, ldb, n, k)
	Mul(dst, ldc, a, lda, m, &p, e)
}

// TransposedScratch returns how many floats of scratch [MulTransposed] needs.
func TransposedScratch(n, k int) int { return k * roundUp(n, panelWidth) }

// right is the right operand: rows ldb apart, panels of 16 columns panel apart.
type right struct {
	data       []float32
	ldb, panel int
}

// matrices is what mul needs besides the right operand.
type matrices struct {
	dst, a      []float32
	ldc, lda, m int
	k           int
}

func (x *matrices) check(n int) {
	checkMatrix("dst", len(x.dst), x.m, n, x.ldc)
	checkMatrix("a", len(x.a), x.m, x.k, x.lda)
}

const (
	blockRows   = 168     // rows whose places are known at once
	blockK      = 448     // a panel's rows that stay in the nearest cache
	blockFloats = 1 << 16 // a block of the left operand: half of a second-level cache
	streamK     = 4096    // panel's rows in one call if few rows of a pass by
)

// mul is the blocked product. The columns lo to hi-1 count from the first panel.
func mul(x matrices, b right, lo, hi int, e *Epilogue) {
	if x.m <= 0 || hi <= lo {
		return
	}
	x.check(hi)
	e.check(x.m, hi)
	step := evenStep(x.k, blockK, 4)
	if x.m <= maxRows {
		step = evenStep(x.k, streamK, 4) // the panel is read once: it need not stay
	}
	rows := max(maxRows, min(blockRows, blockFloats/step)/maxRows*maxRows)
	rows = evenStep(x.m, rows, maxRows)
	if x.m > 1 && x.lda > math.MaxInt32/rows {
		panic(fmt.Sprintf("gemm: rows %d floats apart", x.lda))
	}
	var places [blockRows]int32
	for r := range min(rows, x.m) {
		places[r] = int32(r * x.lda)
	}
	t := tile{ldb: b.ldb, ldc: x.ldc, taps: min(1, x.k), lo: e.Lo, hi: e.Hi}
	for k := 0; k == 0 || k < x.k; k += step {
		t.k = min(step, x.k-k)
		t.accumulate = e.Accumulate || k > 0
		t.clamp = e.Clamp && k+step >= x.k
		first := *e
		if k > 0 {
			first.Bias, first.Add = nil, nil
		}
		for r := 0; r < x.m; r += rows {
			n := min(rows, x.m-r)
			t.rows, t.a = places[:n], after(x.a, r*x.lda+k)
			parts := split(n)
			t.panels(b.data[min(len(b.data), k*b.ldb):], b.panel, lo, hi, x.dst[r*x.ldc:], &parts, &first, r)
		}
	}
}

// panels runs the tiles below each other for every panel: c is row r of dst, and
// the epilogue's Bias and Add count from column 0 and row 0.
func (t tile) panels(b []float32, panel, lo, hi int, c []float32, parts *[3]part, e *Epilogue, r int) {
	t.ldadd = e.AddStride
	for n := lo; n < hi; n += panelWidth {
		t.columns(min(panelWidth, hi-n))
		t.b, t.c = after(b, n/panelWidth*panel), c[n:]
		t.bias, t.add = after(e.Bias, n), after(e.Add, r*e.AddStride+n)
		t.run(parts)
	}
}

// evenStep cuts n into equal steps of at most limit, each but the last a multiple
// of unit.
func evenStep(n, limit, unit int) int {
	if n <= limit {
		return max(n, 1)
	}
	pieces := (n + limit - 1) / limit
	return ((n+pieces-1)/pieces + unit - 1) / unit * unit
}
