package vision

import (
	"cmp"
	"math"
	"slices"
)

// textBox is a rectangle of any direction: its middle, the direction of one side, of
// length 1, how long it is that way and across.
type textBox struct {
	middle, along Point
	w, h          float64
	score         float64
}

// down is the direction of the other side.
func (b textBox) down() Point { return Point{-b.along.Y, b.along.X} }

// endRoom is by how much of its height a line is made longer, so that the model sees
// something behind the last character. Of 0, 0.2, 0.3 and 0.5 it made the fewest errors
// on rendered lines.
const endRoom = 0.3

// frame returns the box as that of a line, with room at both ends. A line is longer
// than high; one that is half as long again goes that way, to the right or, within 6
// degrees of the vertical, down; of a shorter one nothing is known but that it stands
// upright.
func (b textBox) frame() lineFrame {
	long, short := max(b.w, b.h), min(b.w, b.h)
	across := b.h > b.w
	if long < 1.5*short {
		across = math.Abs(b.along.Y) > math.Abs(b.along.X)
	}
	along, w, h := b.along, b.w, b.h
	if across {
		along, w, h = b.down(), b.h, b.w
	}
	const steep = 0.1
	if along.X < -steep || along.X <= steep && along.Y < 0 {
		along = Point{-along.X, -along.Y}
	}
	w += endRoom * h
	f := lineFrame{along: Point{along.X * w, along.Y * w}, down: Point{-along.Y * h, along.X * h}}
	f.at = b.middle.plus(f.along, -0.5).plus(f.down, -0.5)
	return f
}

// grown moves all sides outwards by ratio times area over perimeter, which is what
// offsetting the polygon and taking the smallest rectangle around it comes to (Liao
// and others, arXiv:1911.08947, section 3.3).
func (b textBox) grown(ratio float64) textBox {
	by := ratio * b.w * b.h / (b.w + b.h) // on both sides
	b.w += by
	b.h += by
	return b
}

// convexHull returns the corners of the convex hull of points, in order around it,
// which it sorts. Points on a side are left out. Andrew, Information Processing
// Letters 9 (1979).
func convexHull(points []Point) []Point {
	slices.SortFunc(points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	points = slices.Compact(points)
	if len(points) < 3 {
		return points
	}
	hull := halfHull(nil, points)
	slices.Reverse(points)
	hull = halfHull(hull[:len(hull)-1], points)
	return hull[:len(hull)-1] // it ends where it began
}

// halfHull appends the corners from the first to the last of sorted points.
func halfHull(hull, points []Point) []Point {
	begin := len(hull)
	for _, p := range points {
		for n := len(hull); n >= begin+2 && !leftTurn(hull[n-2], hull[n-1], p); n = len(hull) {
			hull = hull[:n-1]
		}
		hull = append(hull, p)
	}
	return hull
}

func leftTurn(a, b, c Point) bool {
	return (b.X-a.X)*(c.Y-a.Y)-(b.Y-a.Y)*(c.X-a.X) > 0
}

// minAreaBox returns the smallest rectangle around a convex hull, one side of which
// lies on a side of the hull (Freeman and Shapira, CACM 18, 1975).
func minAreaBox(hull []Point) textBox {
	best, area := textBox{middle: hull[0], along: Point{1, 0}}, math.Inf(1)
	for i, a := range hull {
		b := hull[(i+1)%len(hull)]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length == 0 {
			continue
		}
		if c := boxAlong(hull, Point{(b.X - a.X) / length, (b.Y - a.Y) / length}); c.w*c.h < area {
			best, area = c, c.w*c.h
		}
	}
	return best
}

// boxAlong returns the smallest rectangle around points with a side in a direction.
func boxAlong(points []Point, along Point) textBox {
	b := textBox{along: along}
	down := b.down()
	u0, u1, v0, v1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		u, v := p.dot(along), p.dot(down)
		u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
	}
	b.w, b.h = u1-u0, v1-v0
	b.middle = Point{}.plus(along, (u0+u1)/2).plus(down, (v0+v1)/2)
	return b
}
