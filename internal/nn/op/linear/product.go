package linear

import (
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// product is one product of matrices without gaps: m x k times k x n.
type product struct {
	m, k, n int
	packed  *gemm.Packed  // the right matrix, if it is constant
	e       gemm.Epilogue // without Add; only for float32
}

// span is a range of rows or columns.
type span struct{ lo, hi int }

// kernels are what products of one type are made of.
type kernels[T tensor.Elem] struct {
	// part computes some rows and columns of a product. The columns begin with
	// a multiple of 16.
	part func(p product, dst, a, b []T, rows, cols span)

	// turn writes the transpose of rows x cols elements.
	turn func(dst, src []T, rows, cols int)
}

// floats returns the kernels of float32, plain those of other types.
func floats() kernels[float32]                  { return kernels[float32]{floatPart, floatTurn} }
func plain[T tensor.Elem]() kernels[T]          { return kernels[T]{plainPart[T], plainTurn[T]} }
func floatTurn(dst, src []float32, r, cols int) { vec.Transpose(dst, r, src, cols, r, cols) }

func floatPart(p product, dst, a, b []float32, rows, cols span) {
	a, dst = a[rows.lo*p.k:], dst[rows.lo*p.n:]
	if p.packed != nil {
		gemm.MulColumns(dst, p.n, a, p.k, rows.hi-rows.lo, p.packed, cols.lo, cols.hi, p.e)
		return
	}
	e := p.e
	if e.Bias != nil {
		e.Bias = e.Bias[cols.lo:]
	}
	gemm.MulRaw(dst[cols.lo:], p.n, a, p.k, b[min(len(b), cols.lo):], p.n, rows.hi-rows.lo, cols.hi-cols.lo, p.k, e)
}

func plainPart[T tensor.Elem](p product, dst, a, b []T, rows, cols span) {
	for i := rows.lo; i < rows.hi; i++ {
		row := dst[i*p.n+cols.lo : i*p.n+cols.hi]
		clear(row)
		for q, v := range a[i*p.k : (i+1)*p.k] {
			for j, w := range b[q*p.n+cols.lo : q*p.n+cols.hi] {
				row[j] += v * w
			}
		}
	}
}

func plainTurn[T tensor.Elem](dst, src []T, rows, cols int) {
	for i := range rows {
		for j, v := range src[i*cols : (i+1)*cols] {
			dst[j*rows+i] = v
		}
	}
}

// parallelWork is how many multiplications make it worth to wake a second thread.
const parallelWork = 1 << 23

// run computes a product, with all threads if it is large.
func (k kernels[T]) run(c *op.Ctx, p product, dst, a, b []T) {
	if c.Threads() > 1 && p.m*p.k*p.n > parallelWork {
		k.spread(c, p, dst, a, b)
		return
	}
	k.part(p, dst, a, b, span{0, p.m}, span{0, p.n})
}

// spread shares the work among threads: rows where there are enough of them, columns
// otherwise.
func (k kernels[T]) spread(c *op.Ctx, p product, dst, a, b []T) {
	const tile = 6 // of the kernel
	if p.m >= tile*c.Threads() {
		c.Split(p.m, tile, func(lo, hi, _ int) { k.part(p, dst, a, b, span{lo, hi}, span{0, p.n}) })
		return
	}
	c.Split(p.n, 16, func(lo, hi, _ int) { k.part(p, dst, a, b, span{0, p.m}, span{lo, hi}) })
}

// turned returns the transposes of matrices without gaps, in scratch memory.
func (k kernels[T]) turned(c *op.Ctx, x []T, rows, cols int) ([]T, error) {
	y, err := op.Scratch[T](c, len(x))
	if err != nil || len(x) == 0 {
		return y, err
	}
	for at := 0; at < len(x); at += rows * cols {
		k.turn(y[at:at+rows*cols], x[at:at+rows*cols], rows, cols)
	}
	return y, nil
}

// scale multiplies by a factor that is no element, as that of Gemm.
func scale[T tensor.Elem](x []T, by float32) {
	if by == 1 {
		return
	}
	for i := range x {
		x[i] = T(float64(x[i]) * float64(by))
	}
}

// constant returns input i packed, nil if it is no constant matrix of float32.
func constant(n *op.Node, i int, transposed bool) *gemm.Packed {
	w := n.Const(i)
	if w == nil || len(w.Shape) != 2 || w.Type != tensor.TypeOf[float32]() {
		return nil
	}
	k, cols := w.Shape[0], w.Shape[1]
	if transposed {
		k, cols = cols, k
	}
	return gemm.Pack(tensor.Of[float32](w), k, cols, w.Shape[1], transposed)
}
