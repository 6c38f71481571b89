// Package warp turns, scales and moves parts of pictures to where points of them should
// be.
//
//	s, ok := warp.Fit(from, to) // least squares
//	warp.Draw(out, picture, s)
package warp

import (
	"image"
	"math"
)

// Point is a position in pixels; the middle of the first pixel is at 0.5.
type Point struct{ X, Y float64 }

// Similarity turns, scales and moves: (x, y) goes to (A*x - B*y + X, B*x + A*y + Y).
type Similarity struct{ A, B, X, Y float64 }

// Fit returns the similarity that leads the points nearest to others, in the sense of
// least squares (Umeyama, PAMI 1991, without reflections). It fails if the points are one
// or a number is not finite. There must be as many of both.
func Fit(from, to []Point) (s Similarity, ok bool) {
	var f, t Point
	n := float64(len(from))
	for i := range from {
		f.X, f.Y, t.X, t.Y = f.X+from[i].X/n, f.Y+from[i].Y/n, t.X+to[i].X/n, t.Y+to[i].Y/n
	}
	var re, im, norm float64 // of the quotient, taking points for complex numbers
	for i := range from {
		px, py, qx, qy := from[i].X-f.X, from[i].Y-f.Y, to[i].X-t.X, to[i].Y-t.Y
		re += px*qx + py*qy
		im += px*qy - py*qx
		norm += px*px + py*py
	}
	s.A, s.B = re/norm, im/norm
	s.X, s.Y = t.X-s.A*f.X+s.B*f.Y, t.Y-s.B*f.X-s.A*f.Y
	sum := s.A*s.A + s.B*s.B
	return s, sum > 1e-12 && sum < 1e12 && math.Abs(s.X)+math.Abs(s.Y) < 1e12
}

// To returns where a point goes.
func (s Similarity) To(p Point) Point { return Point{s.A*p.X - s.B*p.Y + s.X, s.B*p.X + s.A*p.Y + s.Y} }

// Inverse returns the way back.
func (s Similarity) Inverse() Similarity {
	n := s.A*s.A + s.B*s.B
	a, b := s.A/n, -s.B/n
	return Similarity{a, b, -a*s.X + b*s.Y, -b*s.X - a*s.Y}
}

// Source returns the box of src that Draw reads for an output of w by h.
func (s Similarity) Source(w, h int) image.Rectangle {
	back := s.Inverse()
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range []Point{{0, 0}, {float64(w), 0}, {0, float64(h)}, {float64(w), float64(h)}} {
		q := back.To(p)
		x0, y0, x1, y1 = min(x0, q.X), min(y0, q.Y), max(x1, q.X), max(y1, q.Y)
	}
	fit := func(v float64) int { return int(min(max(v, -1<<30), 1<<30)) }
	return image.Rect(fit(math.Floor(x0))-1, fit(math.Floor(y0))-1, fit(math.Ceil(x1))+1, fit(math.Ceil(y1))+1)
}

// maxSamples is how many samples a pixel takes of the source, each way.
const maxSamples = 12

// Draw fills a picture whose bounds begin at (0, 0) with what s leads there, opaque,
// bilinear, the mean of several samples where src is finer. Points are positions in src,
// whose bounds count; outside of it is black, and transparent pixels lie on black.
func Draw(dst, src *image.NRGBA, s Similarity) {
	back := s.Inverse()
	n := min(max(int(math.Ceil(math.Hypot(back.A, back.B)-1e-9)), 1), maxSamples)
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			var sum [3]float64
			for k := range n * n {
				p := back.To(Point{float64(x) + (float64(k%n)+0.5)/float64(n), float64(y) + (float64(k/n)+0.5)/float64(n)})
				sample(&sum, src, p.X-0.5-float64(src.Rect.Min.X), p.Y-0.5-float64(src.Rect.Min.Y))
			}
			o := dst.Pix[y*dst.Stride+4*x:][:4:4]
			for c := range sum {
				o[c] = uint8(sum[c]/float64(n*n) + 0.5)
			}
			o[3] = 255
		}
	}
}

// sample adds the colour at a place, counted from the middle of the first pixel.
func sample(sum *[3]float64, src *image.NRGBA, x, y float64) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if !(x > -1 && y > -1 && x < float64(w) && y < float64(h)) {
		return
	}
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	for k, part := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		i, j := x0+k&1, y0+k>>1
		if i < 0 || j < 0 || i >= w || j >= h {
			continue
		}
		p := src.Pix[j*src.Stride+4*i:][:4:4]
		part *= float64(p[3]) / 255
		for c := range sum {
			sum[c] += part * float64(p[c])
		}
	}
}
