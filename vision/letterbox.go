package vision

import "math"

// letterbox scales a square part of the picture to n by n pixels with a Bilinear
// filter and writes them as RGB from -1 to 1, pixel by pixel. What is outside of the
// picture is black, what is transparent lies on white.
func (s *source) letterbox(dst []float32, n int, part square) {
	for i := range dst {
		dst[i] = -1
	}
	cols, rows := part.axis(part.x, n, s.w), part.axis(part.y, n, s.h)
	if cols.n == 0 || rows.n == 0 {
		return
	}
	row := s.colorRows(frame{cols.from, rows.from, cols.to, rows.to}, Bilinear, cols.n, rows.n)
	for y := range rows.n {
		rgb := row(y)
		r, g, b := rgb[0], rgb[1], rgb[2]
		line := dst[3*((rows.first+y)*n+cols.first):][:3*cols.n]
		for x := range r {
			p := line[3*x : 3*x+3 : 3*x+3]
			p[0], p[1], p[2] = signed(r[x]), signed(g[x]), signed(b[x])
		}
	}
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
// Together they cover the span [from, to).
type axis struct {
	first, n int
	from, to float64
}

// axis returns that of n samples over a side that begins at start.
func (q square) axis(start float64, n, length int) axis {
	step := q.side / float64(n)
	index := func(at float64) int { return min(max(int(math.Ceil((at-start)/step-0.5)), 0), n) }
	first, end := index(0), index(float64(length))
	return axis{first, end - first, start + float64(first)*step, start + float64(end)*step}
}
