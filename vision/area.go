package vision

import "encoding/binary"

// areaGrid reduces luma to w by h cells, each the mean of the area it covers,
// rounded. It counts in integers, so that a hash of the cells is the same on
// every machine, and a flat picture is exactly flat.
//
// Lengths are measured in units of 1/w of a pixel across: a pixel is w units
// wide and a cell as many as the picture has columns. Down the same.
type areaGrid struct {
	w, h       int
	srcW, srcH int
	sums       []int64 // h rows of w cells
	line       []int64 // one source row, reduced across
}

func newAreaGrid(w, h, srcW, srcH int) *areaGrid {
	return &areaGrid{w: w, h: h, srcW: srcW, srcH: srcH, sums: make([]int64, w*h), line: make([]int64, w)}
}

// add takes source row y.
func (g *areaGrid) add(y int, row []uint8) {
	g.across(row)
	top, bottom := y*g.h, (y+1)*g.h
	for cell := top / g.srcH; cell < g.h && cell*g.srcH < bottom; cell++ {
		share := int64(min(bottom, (cell+1)*g.srcH) - max(top, cell*g.srcH))
		for x, v := range g.line {
			g.sums[cell*g.w+x] += v * share
		}
	}
}

// across fills line with the weighted sums of a row.
func (g *areaGrid) across(row []uint8) {
	for cell := range g.line {
		from, to := cell*g.srcW, (cell+1)*g.srcW // in units
		first, last := from/g.w, (to-1)/g.w      // in pixels
		if first == last {
			g.line[cell] = int64(row[first]) * int64(to-from)
			continue
		}
		g.line[cell] = sumBytes(row[first+1:last])*int64(g.w) +
			int64(row[first])*int64((first+1)*g.w-from) + int64(row[last])*int64(to-last*g.w)
	}
}

// cells returns the mean of each cell, row by row.
func (g *areaGrid) cells() []uint8 {
	area := int64(g.srcW) * int64(g.srcH)
	out := make([]uint8, len(g.sums))
	for i, v := range g.sums {
		out[i] = uint8((v + area/2) / area)
	}
	return out
}

// sumBytes adds eight bytes at a time: those at even and at odd places, each in
// the 16 bits that two of them share. A word adds at most 510 to such a lane, so
// it holds 128 words.
func sumBytes(b []uint8) (sum int64) {
	const even = 0x00ff00ff00ff00ff
	for len(b) >= 8 {
		var lanes uint64
		for range min(len(b)/8, 128) {
			v := binary.LittleEndian.Uint64(b)
			lanes += v&even + v>>8&even
			b = b[8:]
		}
		sum += int64(lanes&0xffff + lanes>>16&0xffff + lanes>>32&0xffff + lanes>>48)
	}
	for _, v := range b {
		sum += int64(v)
	}
	return sum
}
