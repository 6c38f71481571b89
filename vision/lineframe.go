package vision

import "math"

// lineFrame is where a line of text stands: a parallelogram, in pixels. The text
// begins at the corner at, goes along, and has its feet down.
type lineFrame struct{ at, along, down Point }

// width is the length of the line, height the distance from its top to its feet.
func (f lineFrame) width() float64  { return math.Hypot(f.along.X, f.along.Y) }
func (f lineFrame) height() float64 { return math.Hypot(f.down.X, f.down.Y) }

// modelWidth is the width of the line when it is as high as the models take it, in
// pixels, at least 1.
func (f lineFrame) modelWidth() int {
	return int(min(max(math.Ceil(lineHeight*f.width()/f.height()), 1), maxLineWidth))
}

// corners goes clockwise as the text is read, from where it begins at the top.
func (f lineFrame) corners() [4]Point {
	end := f.at.plus(f.along, 1)
	return [4]Point{f.at, end, end.plus(f.down, 1), f.at.plus(f.down, 1)}
}

// middle is the centre of the line.
func (f lineFrame) middle() Point { return f.at.plus(f.along, 0.5).plus(f.down, 0.5) }

// part returns the frame between two places on the line, 0 its begin and 1 its end.
func (f lineFrame) part(from, to float64) lineFrame {
	return lineFrame{f.at.plus(f.along, from), Point{}.plus(f.along, to-from), f.down}
}

// turned returns the frame of the same place for text that is upside down.
func (f lineFrame) turned() lineFrame {
	return lineFrame{f.corners()[2], Point{}.plus(f.along, -1), Point{}.plus(f.down, -1)}
}

// plus returns p + k*q.
func (p Point) plus(q Point, k float64) Point { return Point{p.X + k*q.X, p.Y + k*q.Y} }

// dot is the inner product of two directions.
func (p Point) dot(q Point) float64 { return p.X*q.X + p.Y*q.Y }

// xSpan returns the least and greatest x of a convex shape of four corners between two
// heights, false if there is nothing of it.
func xSpan(corners [4]Point, top, bottom float64) (x0, x1 float64, ok bool) {
	x0, x1 = math.Inf(1), math.Inf(-1)
	for i, a := range corners {
		b := corners[(i+1)%4]
		if a.Y > b.Y {
			a, b = b, a
		}
		if a.Y > bottom || b.Y < top {
			continue
		}
		for _, y := range [2]float64{max(top, a.Y), min(bottom, b.Y)} {
			x := a.X
			if b.Y > a.Y {
				x += (b.X - a.X) * (y - a.Y) / (b.Y - a.Y)
			}
			x0, x1 = min(x0, x), max(x1, x)
		}
		if a.Y == b.Y {
			x0, x1 = min(x0, b.X), max(x1, b.X)
		}
	}
	return x0, x1, x0 <= x1
}
