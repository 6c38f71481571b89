package vec

import "fmt"

// Transpose is dst[c*ldd+r] = src[r*lds+c] for all r < rows and c < cols: the
// leading dimensions ldd >= rows and lds >= cols are in elements. dst and src
// must not overlap. It panics if an element lies outside its slice.
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if lds < cols || ldd < rows || (len(src)-cols)/lds < rows-1 || (len(dst)-rows)/ldd < cols-1 ||
		len(src) < cols || len(dst) < rows {
		panic(fmt.Sprintf("vec: %d x %d at %d and %d do not fit into %d and %d elements",
			rows, cols, lds, ldd, len(src), len(dst)))
	}
	transpose(dst, ldd, src, lds, rows, cols)
}

// transposeGeneric walks along the longer rows of src or dst: those of a narrow
// matrix, pixels with their few channels, are too short for a loop.
func transposeGeneric(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	switch {
	case rows == 3:
		interleave(dst, ldd, src, lds, cols)
	case cols < rows:
		for c := range cols {
			for r := range dst[c*ldd : c*ldd+rows] {
				dst[c*ldd+r] = src[r*lds+c]
			}
		}
	default:
		for r := range rows {
			for c, v := range src[r*lds : r*lds+cols] {
				dst[c*ldd+r] = v
			}
		}
	}
}

// interleave is the case of three rows, the planes of an image.
func interleave(dst []float32, ldd int, src []float32, lds, cols int) {
	red, green, blue := src[:cols], src[lds:lds+cols], src[2*lds:2*lds+cols]
	for c, v := range red {
		d := dst[c*ldd : c*ldd+3]
		d[0], d[1], d[2] = v, green[c], blue[c]
	}
}
