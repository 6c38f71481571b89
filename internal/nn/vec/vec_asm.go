//go:build (amd64 || arm64) && !purego

package vec

import "math"

func negInf() float32 { return float32(math.Inf(-1)) }

// transposeCols bounds the columns of one call, so that the parts of dst that
// neighbouring calls fill stay in the cache.
const transposeCols = 512

func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if !useAssembly {
		transposeGeneric(dst, ldd, src, lds, rows, cols)
		return
	}
	wholeRows, wholeCols := rows-rows%transposeRows, cols-cols%transposeRows
	for from := 0; from < wholeCols; from += transposeCols {
		blocks := min(transposeCols, wholeCols-from) / transposeRows
		for r := 0; r < wholeRows; r += transposeRows {
			transposeAsm(&dst[from*ldd+r], ldd, &src[r*lds+from], lds, blocks)
		}
	}
	if wholeRows < rows {
		transposeGeneric(dst[wholeRows:], ldd, src[wholeRows*lds:], lds, rows-wholeRows, cols)
	}
	if wholeCols < cols {
		transposeGeneric(dst[wholeCols*ldd:], ldd, src[wholeCols:], lds, wholeRows, cols-wholeCols)
	}
}

func halfToFloat(dst []float32, src []uint16) {
	if !useAssembly {
		halfToFloatGeneric(dst, src)
		return
	}
	for len(dst) >= 8 {
		n := min(len(dst), block) &^ 7
		halfToFloatAsm(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	}
	if len(dst) > 0 {
		var from [8]uint16
		var to [8]float32
		copy(from[:], src)
		halfToFloatAsm(&to[0], &from[0], 8)
		copy(dst, to[:])
	}
}

func floatToHalf(dst []uint16, src []float32) {
	if !useAssembly {
		floatToHalfGeneric(dst, src)
		return
	}
	for len(dst) >= 8 {
		n := min(len(dst), block) &^ 7
		floatToHalfAsm(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	}
	if len(dst) > 0 {
		var from [8]float32
		var to [8]uint16
		copy(from[:], src)
		floatToHalfAsm(&to[0], &from[0], 8)
		copy(dst, to[:])
	}
}

// transposeAsm transposes transposeRows rows of blocks*transposeRows columns.
//
//go:noescape
func transposeAsm(dst *float32, ldd int, src *float32, lds int, blocks int)

// The conversions take a positive multiple of eight elements.

//go:noescape
func halfToFloatAsm(dst *float32, src *uint16, n int)

//go:noescape
func floatToHalfAsm(dst *uint16, src *float32, n int)
