package graph

import (
	"cmp"
	"math"
	"slices"
)

// level moves points to their centre and turns them so that they are spread most
// along X.
func level(points []Point) {
	var mid Point
	for _, p := range points {
		mid.X, mid.Y = mid.X+p.X/float64(len(points)), mid.Y+p.Y/float64(len(points))
	}
	xx, xy, yy := 0.0, 0.0, 0.0
	for _, p := range points {
		x, y := p.X-mid.X, p.Y-mid.Y
		xx, xy, yy = xx+float64(x*x), xy+float64(x*y), yy+float64(y*y)
	}
	// (a, b) is the eigenvector of the larger eigenvalue of the covariance.
	most := (xx+yy)/2 + length((xx-yy)/2, xy)
	a, b := most-yy, xy
	if xx < yy {
		a, b = xy, most-xx
	}
	if d := length(a, b); d > 0 {
		a, b = a/d, b/d
	} else {
		a, b = 1, 0
	}
	for i, p := range points {
		x, y := p.X-mid.X, p.Y-mid.Y
		points[i] = Point{float64(a*x) + float64(b*y), float64(a*y) - float64(b*x)}
	}
}

// packGap is the room between two components.
const packGap = 2.0

// pack moves the components of a drawing side by side: the highest first, in rows
// that make the drawing about 4 wide by 3 high. They do not overlap.
func pack(points []Point, members [][]int32) {
	type box struct {
		lo   Point
		w, h float64
		part int
	}
	boxes, area, width := make([]box, len(members)), 0.0, 0.0
	for i, nodes := range members {
		lo, hi := points[nodes[0]], points[nodes[0]]
		for _, u := range nodes {
			lo = Point{min(lo.X, points[u].X), min(lo.Y, points[u].Y)}
			hi = Point{max(hi.X, points[u].X), max(hi.Y, points[u].Y)}
		}
		boxes[i] = box{lo, hi.X - lo.X + packGap, hi.Y - lo.Y + packGap, i}
		area += float64(boxes[i].w * boxes[i].h)
		width = max(width, boxes[i].w)
	}
	slices.SortStableFunc(boxes, func(a, b box) int { return cmp.Compare(b.h, a.h) })
	width = max(width, math.Sqrt(area*4/3))
	x, y, row := 0.0, 0.0, 0.0
	for _, b := range boxes {
		if x > 0 && x+b.w > width+1e-9 {
			x, y, row = 0, y+row, 0
		}
		for _, u := range members[b.part] {
			points[u] = Point{points[u].X - b.lo.X + x, points[u].Y - b.lo.Y + y}
		}
		x, row = x+b.w, max(row, b.h)
	}
}
