package vision

import "math"

const (
	lineHeight = 48  // of a line as the models take it, in pixels
	turnWidth  = 192 // of a line's begin as the orientation model takes it

	// maxLineWidth bounds the memory and time of one line. Text that is longer than
	// 66 times its height is squeezed.
	maxLineWidth = 3200
)

// lineCrop is a line of a picture: where it is and the pixels around it.
type lineCrop struct {
	frame lineFrame
	w, h  int // of the picture
	y     int // of the first row
	rows  []cropRow
}

// cropRow is a part of a row of the picture, from column x on: four bytes for a pixel,
// the last of which does not count.
type cropRow struct {
	x   int
	pix []uint8
}

// newLineCrop copies of each row of a picture of w by h what a line needs, one pixel
// more on all sides. read returns a row, as source.nrgba does.
func newLineCrop(w, h int, read func(y int) []uint8, f lineFrame) lineCrop {
	corners := f.corners()
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, c := range corners {
		top, bottom = min(top, c.Y), max(bottom, c.Y)
	}
	clamp := func(v float64, n int) int { return int(min(max(v, 0), float64(n-1))) }
	first, last := clamp(math.Floor(top)-1, h), clamp(math.Ceil(bottom)+1, h)
	l := lineCrop{frame: f, w: w, h: h, y: first, rows: make([]cropRow, last-first+1)}
	for y := first; y <= last; y++ {
		from, to := float64(y)-1, float64(y)+2
		if y == 0 { // stands for the rows outside
			from = math.Inf(-1)
		}
		if y == h-1 {
			to = math.Inf(1)
		}
		x0, x1, ok := xSpan(corners, from, to)
		if !ok {
			x0, x1 = corners[0].X, corners[0].X
		}
		begin, end := clamp(math.Floor(x0)-1, w), clamp(math.Ceil(x1)+1, w)
		l.rows[y-first] = cropRow{begin, append([]uint8(nil), read(y)[4*begin:4*end+4]...)}
	}
	return l
}

// fill writes the line, scaled to w columns, to the planes of blue, green and red in a
// tensor of lineHeight rows of stride numbers, from -1 to 1. Large lines are
// sampled several times a pixel and averaged.
func (l *lineCrop) fill(dst []float32, f lineFrame, w, stride int) {
	n := int(min(max(math.Round(f.height()/lineHeight), 1), 8))
	plane := lineHeight * stride
	scale := 1 / (127.5 * float32(n*n))
	right, down := Point{}.plus(f.along, 1/float64(w*n)), Point{}.plus(f.down, 1/float64(lineHeight*n))
	begin := f.at.plus(right, 0.5).plus(down, 0.5)
	for y := range lineHeight {
		out := dst[y*stride:]
		for x := range w {
			var sum [3]float32
			for sub := range n {
				p := begin.plus(down, float64(y*n+sub)).plus(right, float64(x*n))
				for range n {
					l.sample(&sum, p.X-0.5, p.Y-0.5)
					p = p.plus(right, 1)
				}
			}
			out[x], out[plane+x], out[2*plane+x] = sum[2]*scale-1, sum[1]*scale-1, sum[0]*scale-1
		}
	}
}

// sample adds red, green and blue at a place, interpolated between the middles of
// four pixels; beyond the edge those at the edge count.
func (l *lineCrop) sample(sum *[3]float32, x, y float64) {
	x, y = min(max(x, 0), float64(l.w-1)), min(max(y, 0), float64(l.h-1))
	x0, y0 := int(x), int(y)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	l.row(y0).add(sum, x0, (1-fx)*(1-fy), fx*(1-fy))
	l.row(y0+1).add(sum, x0, (1-fx)*fy, fx*fy)
}

// row returns a row of the picture, or the nearest that there is.
func (l *lineCrop) row(y int) *cropRow { return &l.rows[min(max(y-l.y, 0), len(l.rows)-1)] }

// add adds two pixels side by side, weighted.
func (r *cropRow) add(sum *[3]float32, x int, a, b float32) {
	last := len(r.pix) - 4
	i, j := min(max(4*(x-r.x), 0), last), min(max(4*(x+1-r.x), 0), last)
	p, q := r.pix[i:i+4:i+4], r.pix[j:j+4:j+4]
	sum[0] += a*float32(p[0]) + b*float32(q[0])
	sum[1] += a*float32(p[1]) + b*float32(q[1])
	sum[2] += a*float32(p[2]) + b*float32(q[2])
}
