package gemm

import "unsafe"

// Packed is a matrix of K rows and N columns, cut into panels of 16 columns that
// each lie in one piece; the last one is filled up with zeros. It does not change
// and may be shared.
type Packed struct {
	K, N int
	rows int // of a panel: K, or more if these are the first of another
	data []float32
}

// Pack packs b, whose rows are ldb floats apart: b is k x n, or n x k if it is
// transposed. It panics if b is shorter. b is not kept.
func Pack(b []float32, k, n, ldb int, transposed bool) *Packed {
	p := &Packed{K: k, N: n, rows: k, data: newPanels(k, n)}
	if transposed {
		checkMatrix("b", len(b), n, k, ldb)
		packTransposed(p.data, b, ldb, n, k)
		return p
	}
	checkMatrix("b", len(b), k, n, ldb)
	packRows(p.data, b, ldb, k, n)
	return p
}

// packRows packs k rows of n. It writes zeros where the last panel is filled up.
func packRows(panels, b []float32, ldb, k, n int) {
	for lo := 0; lo < n; lo += panelWidth {
		panel, cols, done := panels[lo*k:][:k*panelWidth], min(panelWidth, n-lo), 0
		if cols == panelWidth {
			done = gather(panel, b[min(len(b), lo):], ldb, k)
		}
		for r := done; r < k; r++ {
			row := panel[r*panelWidth:][:panelWidth]
			clear(row[copy(row, b[r*ldb+lo:][:cols]):])
		}
	}
}

// Bytes returns the memory that p holds.
func (p *Packed) Bytes() int64 { return int64(4 * len(p.data)) }

// newPanels returns room for k rows of n columns, on a cache line's start.
func newPanels(k, n int) []float32 {
	const line = 64 / 4
	size := k * roundUp(n, panelWidth)
	data := make([]float32, size+line-1)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(data)))/4) & (line - 1)
	return data[skip:][:size:size]
}

// roundUp returns the lowest multiple of a power of two that is not below n.
func roundUp(n, power int) int { return (n + power - 1) &^ (power - 1) }

// packTransposed packs the n rows of b, k long, as columns.
func packTransposed(panels, b []float32, ldb, n, k int) {
	if k == 0 {
		return
	}
	for lo := 0; lo < n; lo += panelWidth {
		panel := panels[lo*k:][:k*panelWidth]
		cols := min(panelWidth, n-lo)
		j := 0
		for ; j+8 <= cols; j += 8 {
			rows := b[(lo+j)*ldb:]
			done := transposeBlocks(panel[j:], rows, ldb, k)
			transpose4(panel[j:], rows, ldb, done, k)
			transpose4(panel[j+4:], rows[4*ldb:], ldb, done, k)
		}
		for ; j < cols; j++ {
			for p, v := range b[(lo+j)*ldb:][:k] {
				panel[p*panelWidth+j] = v
			}
		}
		if cols < panelWidth {
			for p := range k {
				clear(panel[p*panelWidth+cols:][:panelWidth-cols])
			}
		}
	}
}

// transpose4 writes elements lo to hi-1 of four rows of b as columns, so that a
// line of the panel is touched once for four values.
func transpose4(panel, b []float32, ldb, lo, hi int) {
	b0, b1, b2, b3 := b[:hi], b[ldb:][:hi], b[2*ldb:][:hi], b[3*ldb:][:hi]
	for p := lo; p < hi; p++ {
		q := panel[p*panelWidth:][:4]
		q[0], q[1], q[2], q[3] = b0[p], b1[p], b2[p], b3[p]
	}
}
