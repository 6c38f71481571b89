package vision

import (
	"image"
	"math"
)

// letterbox scales a square part of the picture to n by n pixels and writes them
// as RGB from -1 to 1, pixel by pixel. What is outside of the picture is black,
// what is transparent lies on white.
//
// It first takes the means of blocks of whole pixels, as large as fit the ratio,
// and then scales by what is left, less than 2, with a Bilinear filter. That is
// several times faster than the filter alone.
func (s *source) letterbox(dst []float32, n int, part square) {
	for i := range dst {
		dst[i] = -1
	}
	cols, rows := part.axis(part.x, n, s.w), part.axis(part.y, n, s.h)
	if cols.n == 0 || rows.n == 0 {
		return
	}
	write := func(y int, r, g, b []float32) {
		line := dst[3*((rows.first+y)*n+cols.first):][:3*cols.n]
		for x := range r {
			p := line[3*x : 3*x+3 : 3*x+3]
			p[0], p[1], p[2] = signed(r[x]), signed(g[x]), signed(b[x])
		}
	}
	switch m := s.img.(type) {
	case *image.Gray:
		luma := newBlocks(cols, rows, 1, 1, s.luma)
		for y := range rows.n {
			l := luma.row(y)[0]
			write(y, l, l, l)
		}
	case *image.YCbCr:
		s.letterboxYCbCr(m, cols, rows, write)
	default:
		color := newBlocks(cols, rows, 4, 3, s.onWhite())
		for y := range rows.n {
			p := color.row(y)
			write(y, p[0], p[1], p[2])
		}
	}
}

func (s *source) letterboxYCbCr(m *image.YCbCr, cols, rows axis, write func(y int, r, g, b []float32)) {
	c := chromaOf(m)
	luma := newBlocks(cols, rows, 1, 1, s.luma)
	cols, rows = cols.of(c.x0, c.sx, c.w), rows.of(c.y0, c.sy, c.h)
	tint := newBlocks(cols, rows, 1, 1,
		func(y int) []uint8 { return m.Cb[y*m.CStride:][:c.w] },
		func(y int) []uint8 { return m.Cr[y*m.CStride:][:c.w] })
	rgb := newPlanes(3, cols.n)
	for y := range rows.n {
		t := tint.row(y)
		toRGB(rgb, luma.row(y)[0], t[0], t[1])
		write(y, rgb[0], rgb[1], rgb[2])
	}
}

// onWhite returns a reader like nrgba whose pixels are opaque.
func (s *source) onWhite() func(y int) []uint8 {
	if s.opaque {
		return s.nrgba
	}
	return s.buffered(func(dst []uint8, y int) {
		for row := s.nrgba(y); len(dst) >= 4 && len(row) >= 4; dst, row = dst[4:], row[4:] {
			a := uint32(row[3])
			for i, v := range row[:3] {
				dst[i] = uint8((uint32(v)*a + 255*(255-a) + 127) / 255)
			}
			dst[3] = 255
		}
	})
}

// signed turns 0 to 255 into -1 to 1.
func signed(v float32) float32 {
	v = v*(1/127.5) - 1
	if v < -1 { // faster than the functions, which look for NaN
		return -1
	}
	if v > 1 {
		return 1
	}
	return v
}

// axis are the n output samples from first on whose middles lie in the picture.
// Together they cover the span [from, to) of an axis of length samples.
type axis struct {
	first, n int
	from, to float64
	length   int
}

// axis returns that of n samples over a side that begins at start.
func (q square) axis(start float64, n, length int) axis {
	step := q.side / float64(n)
	index := func(at float64) int { return min(max(int(math.Ceil((at-start)/step-0.5)), 0), n) }
	first, end := index(0), index(float64(length))
	return axis{first, end - first, start + float64(first)*step, start + float64(end)*step, length}
}

// of returns the same on a coarser grid: samples of the given size, of which the
// first begins that far before the picture.
func (a axis) of(before, size, length int) axis {
	to := func(v float64) float64 { return (v + float64(before)) / float64(size) }
	return axis{a.first, a.n, to(a.from), to(a.to), length}
}

// block returns where the blocks along an axis begin, their size and the taps that
// resample them: blocks of the span and one more on each side, as far as there is a
// picture. The last is moved back into it where it would jut out.
func (a axis) block() (start []int, size int, t taps) {
	size = min(max(int((a.to-a.from)/float64(a.n)), 1), a.length, maxBlock)
	begin := max(int(math.Floor(a.from))-size, 0)
	end := min(int(math.Ceil(a.to))+size, a.length)
	for at := begin; at < end; at += size {
		start = append(start, min(at, a.length-size))
	}
	to := func(v float64) float64 { return (v - float64(begin)) / float64(size) }
	return start, size, newTaps(Bilinear, len(start), to(a.from), to(a.to), a.n)
}
