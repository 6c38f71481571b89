//go:build (amd64 || arm64) && !purego

package qgemm

import "unsafe"

const (
	maxGroups = 1 << 12 // groups of one call: 15 µs at the highest tile
	maxChunk  = 1 << 15 // elements of one call of the kernels without a product
	maxSum    = 1 << 18 // bytes of one call of sumAsm
	step      = 8       // elements that the kernels without a product take at least
)

// tile is the argument of the product kernels: rows of A times one panel.
type tile struct {
	a, panel, c unsafe.Pointer
	tail        unsafe.Pointer // the K%4 last bytes of each row, filled up with 0 to 4; nil if none
	lda, ldc    uintptr        // in bytes
	groups      uintptr
	rows        uintptr
	add         uintptr // 1: to what c holds, 0: in place of it
}

// products sets c to the products Σ (a+activationOffset)·w of the rows of o with
// panel j.
func products(c []int32, ldc int, o operand, p *Packed, j int) {
	if !useAssembly {
		productsGeneric(c, ldc, o, p, j)
		return
	}
	if o.m == 0 {
		return
	}
	done := narrowProducts(c, ldc, o, p, j)
	if done > 0 && done == p.K {
		return
	}
	most, rest := tileRows(p.fast), p.K%groupRows
	a, out := unsafe.Add(unsafe.Pointer(unsafe.SliceData(o.bytes)), done), unsafe.Pointer(unsafe.SliceData(c))
	t := tile{
		panel: unsafe.Pointer(unsafe.SliceData(p.panel(j)[done*panelCols:])),
		lda:   uintptr(o.lda), ldc: uintptr(4 * ldc),
		add: uintptr(min(done, 1)),
	}
	var tails [maxTileRows][groupRows]uint8
	if rest != 0 {
		t.tail = unsafe.Pointer(&tails)
	}
	// Tiles of nearly one height: a tile of one or two rows is slow.
	for i, left := 0, (o.m+most-1)/most; left > 0; left-- {
		rows := (o.m - i + left - 1) / left
		for r := 0; r < rows && rest != 0; r++ {
			copy(tails[r][:], o.bytes[(i+r)*o.lda:][p.K-rest:p.K])
		}
		t.a, t.c, t.rows = unsafe.Add(a, i*o.lda), unsafe.Add(out, 4*i*ldc), uintptr(rows)
		t.run((p.K-done)/groupRows, o.flip, p.fast)
		i += rows
	}
}

// run computes one tile, in as many calls as its length takes.
func (t tile) run(groups int, flip uint8, fast bool) {
	tail := t.tail
	t.tail = nil
	for groups > maxGroups {
		t.groups = maxGroups
		t.mul(flip, fast)
		t.a, t.panel = unsafe.Add(t.a, maxGroups*groupRows), unsafe.Add(t.panel, maxGroups*groupSize)
		t.add = 1
		groups -= maxGroups
	}
	t.groups, t.tail = uintptr(groups), tail
	t.mul(flip, fast)
}

func sumRows(dst []int32, o operand, k int) {
	if !useAssembly {
		sumRowsGeneric(dst, o, k)
		return
	}
	for i := range dst {
		x := o.bytes[i*o.lda:][:k]
		var sum int64
		for len(x) >= 32 {
			n := min(len(x), maxSum) &^ 31
			sum += sumAsm(unsafe.SliceData(x), n, uint32(o.flip)*0x01010101) - int64(n)*int64(o.flip)
			x = x[n:]
		}
		for _, v := range x {
			sum += int64(v^o.flip) - int64(o.flip)
		}
		dst[i] = int32(sum)
	}
}

// finishing is the argument of correctAsm and floatAsm.
type finishing struct {
	tile, dst, add               unsafe.Pointer // tile is in rows of 16, but for correctAsm
	dstStride, addStride         uintptr        // in bytes; correctAsm: that of the tile
	rows                         uintptr
	rowZero, rowSum, rowScale    unsafe.Pointer
	zeroStep, sumStep, scaleStep uintptr // bytes from one row's parameter to the next
	base, factor, zero           unsafe.Pointer
	scale, bias                  unsafe.Pointer
	cols                         uintptr // 4 for each column that exists
	lo, hi                       float32
}

// newFinishing returns the parameters of the product itself.
func newFinishing(m int, r *rows, c *columns) (f finishing) {
	f.rows = uintptr(m)
	f.rowZero, f.zeroStep = param(r.zero)
	f.rowSum, f.sumStep = param(r.sums)
	f.base, f.factor, f.zero = unsafe.Pointer(c.base()), unsafe.Pointer(c.factor()), unsafe.Pointer(c.zero())
	return f
}

// param returns where a parameter of the rows begins and its step.
func param[T int32 | float32](x []T) (unsafe.Pointer, uintptr) {
	switch len(x) {
	case 0:
		return unsafe.Pointer(&zeros), 0
	case 1:
		return unsafe.Pointer(unsafe.SliceData(x)), 0
	}
	return unsafe.Pointer(unsafe.SliceData(x)), 4
}

func correct(dst []int32, ldc, m int, r *rows, c *columns) {
	if c.offset == 0 && r.sums == nil && len(r.zero) < 2 && of(r.zero, 0) == 0 {
		return
	}
	if !useAssembly {
		correctGeneric(dst, ldc, m, r, c)
		return
	}
	f := newFinishing(m, r, c)
	f.tile, f.dstStride = unsafe.Pointer(unsafe.SliceData(dst)), uintptr(4*ldc)
	correctAsm(&f)
}

func toFloat(dst []float32, ldc int, tile []int32, m, cols int, r *rows, f *finish, add []float32) {
	if !useAssembly || (cols < panelCols && !partialPanels) {
		toFloatGeneric(dst, ldc, tile, m, cols, r, f, add)
		return
	}
	g := newFinishing(m, r, &f.columns)
	g.tile, g.dst = unsafe.Pointer(unsafe.SliceData(tile)), unsafe.Pointer(unsafe.SliceData(dst))
	g.scale, g.bias = unsafe.Pointer(f.scale()), unsafe.Pointer(f.bias())
	g.rowScale, g.scaleStep = param(r.scale)
	g.dstStride, g.cols, g.lo, g.hi = uintptr(4*ldc), uintptr(4*cols), f.lo, f.hi
	if add != nil {
		g.add, g.addStride = unsafe.Pointer(unsafe.SliceData(add)), uintptr(4*f.e.AddStride)
	}
	floatAsm(&g)
}

// overlapping calls f for pieces of 0 to n-1 whose lengths are multiples of 8
// and at most maxChunk. The last one reaches back into the one before it if n is
// not a multiple. n is at least 8.
func overlapping(n int, f func(i, n int)) {
	whole := n &^ (step - 1)
	for i := 0; i < whole; i += maxChunk {
		f(i, min(maxChunk, whole-i))
	}
	if whole < n {
		f(n-step, step)
	}
}

func minMax(x []float32) (lo, hi float32) {
	if !useAssembly || len(x) < step {
		return minMaxGeneric(x)
	}
	overlapping(len(x), func(i, n int) {
		l, h := minMaxAsm(&x[i], n)
		lo, hi = min(lo, l), max(hi, h)
	})
	return lo, hi
}

func quantize(dst []uint8, x []float32, scale float32, zero int32, flip uint8) {
	if !useAssembly || len(x) < step {
		quantizeGeneric(dst, x, scale, zero, flip)
		return
	}
	overlapping(len(x), func(i, n int) {
		quantizeAsm(&dst[i], &x[i], n, scale, zero, uint32(flip)*0x01010101)
	})
}

func dequantize(dst []float32, x []uint8, scale float32, zero int32, flip uint8) {
	if !useAssembly || len(x) < step {
		dequantizeGeneric(dst, x, scale, zero, flip)
		return
	}
	overlapping(len(x), func(i, n int) {
		dequantizeAsm(&dst[i], &x[i], n, scale, zero, uint32(flip)*0x01010101)
	})
}

func requantize(dst []uint8, acc []int32, scale []float32, zero int32, flip uint8) {
	if !useAssembly || len(acc) < step {
		requantizeGeneric(dst, acc, scale, zero, flip)
		return
	}
	var one [32]float32
	if len(scale) == 1 {
		fillScale(one[:], scale, 0)
	}
	overlapping(len(acc), func(i, n int) {
		s, advance := &one[0], 0
		if len(scale) > 1 {
			s, advance = &scale[i], 4*step
		}
		requantizeAsm(&dst[i], &acc[i], n, s, advance, zero, uint32(flip)*0x01010101)
	})
}

// The kernels trust their arguments; n is a positive multiple of 8, of 32 for
// sumAsm.

//go:noescape
func correctAsm(f *finishing)

//go:noescape
func floatAsm(f *finishing)

//go:noescape
func sumAsm(x *uint8, n int, flip uint32) int64

//go:noescape
func minMaxAsm(x *float32, n int) (lo, hi float32)

//go:noescape
func quantizeAsm(dst *uint8, x *float32, n int, scale float32, zero int32, flip uint32)

//go:noescape
func dequantizeAsm(dst *float32, x *uint8, n int, scale float32, zero int32, flip uint32)

// requantizeAsm goes on in scale by advance bytes after 8 elements, and by four
// times that after 32.
//
//go:noescape
func requantizeAsm(dst *uint8, acc *int32, n int, scale *float32, advance int, zero int32, flip uint32)
