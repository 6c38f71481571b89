package layout

import (
	"encoding/binary"
	"fmt"
)

// TransposeBytes is dst[c*ldd+r] = src[r*lds+c] for r below rows and c below cols:
// the leading dimensions ldd >= rows and lds >= cols are in bytes. dst and src must
// not overlap. It panics if a byte lies outside its slice.
func TransposeBytes(dst []byte, ldd int, src []byte, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if lds < cols || ldd < rows || len(src) < (rows-1)*lds+cols || len(dst) < (cols-1)*ldd+rows {
		panic(fmt.Sprintf("layout: %d x %d at %d and %d do not fit into %d and %d bytes",
			rows, cols, lds, ldd, len(src), len(dst)))
	}
	const band = 64 // rows whose lines of the cache stay there from one column to the next
	whole, wide := rows&^7, cols&^7
	for top := 0; top < whole; top += band {
		for c := 0; c < wide; c += 8 {
			for r := top; r < min(top+band, whole); r += 8 {
				transpose8x8(dst[c*ldd+r:], ldd, src[r*lds+c:], lds)
			}
		}
	}
	if wide < cols && whole > 0 {
		transposeRest(dst[wide*ldd:], ldd, src[wide:], lds, whole, cols-wide)
	}
	if whole < rows {
		transposeRest(dst[whole:], ldd, src[whole*lds:], lds, rows-whole, cols)
	}
}

// transposeRest is the loop that TransposeBytes promises.
func transposeRest(dst []byte, ldd int, src []byte, lds, rows, cols int) {
	for r := range rows {
		for c, b := range src[r*lds : r*lds+cols] {
			dst[c*ldd+r] = b
		}
	}
}

// transpose8x8 holds a row in each of eight words and swaps bytes of neighbours, then
// pairs, then halves. It is written out because the words of an array stay in memory.
func transpose8x8(dst []byte, ldd int, src []byte, lds int) {
	w0 := binary.LittleEndian.Uint64(src)
	w1 := binary.LittleEndian.Uint64(src[lds:])
	w2 := binary.LittleEndian.Uint64(src[2*lds:])
	w3 := binary.LittleEndian.Uint64(src[3*lds:])
	w4 := binary.LittleEndian.Uint64(src[4*lds:])
	w5 := binary.LittleEndian.Uint64(src[5*lds:])
	w6 := binary.LittleEndian.Uint64(src[6*lds:])
	w7 := binary.LittleEndian.Uint64(src[7*lds:])
	w0, w1 = swapped(w0, w1, 8, 0x00ff00ff00ff00ff)
	w2, w3 = swapped(w2, w3, 8, 0x00ff00ff00ff00ff)
	w4, w5 = swapped(w4, w5, 8, 0x00ff00ff00ff00ff)
	w6, w7 = swapped(w6, w7, 8, 0x00ff00ff00ff00ff)
	w0, w2 = swapped(w0, w2, 16, 0x0000ffff0000ffff)
	w1, w3 = swapped(w1, w3, 16, 0x0000ffff0000ffff)
	w4, w6 = swapped(w4, w6, 16, 0x0000ffff0000ffff)
	w5, w7 = swapped(w5, w7, 16, 0x0000ffff0000ffff)
	w0, w4 = swapped(w0, w4, 32, 0x00000000ffffffff)
	w1, w5 = swapped(w1, w5, 32, 0x00000000ffffffff)
	w2, w6 = swapped(w2, w6, 32, 0x00000000ffffffff)
	w3, w7 = swapped(w3, w7, 32, 0x00000000ffffffff)
	binary.LittleEndian.PutUint64(dst, w0)
	binary.LittleEndian.PutUint64(dst[ldd:], w1)
	binary.LittleEndian.PutUint64(dst[2*ldd:], w2)
	binary.LittleEndian.PutUint64(dst[3*ldd:], w3)
	binary.LittleEndian.PutUint64(dst[4*ldd:], w4)
	binary.LittleEndian.PutUint64(dst[5*ldd:], w5)
	binary.LittleEndian.PutUint64(dst[6*ldd:], w6)
	binary.LittleEndian.PutUint64(dst[7*ldd:], w7)
}

// swapped exchanges the bits of a above the mask's with those of b in it.
func swapped(a, b uint64, shift uint, mask uint64) (uint64, uint64) {
	t := (a>>shift ^ b) & mask
	return a ^ t<<shift, b ^ t
}
