package picture

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"github.com/quintet-ai/quintet/graph"
)

// stroke is a line through points, with the head of an arrow at its end if head is
// not 0.
type stroke struct {
	points []point
	width  float64
	head   float64 // length
	color  color.NRGBA
}

// connect makes the lines, light ones first.
func (s *scene) connect(c *graph.CSR, bends [][]point, groups []int32, at func(point) point) {
	heaviest := 0.0
	for u := range int32(c.Order()) {
		for _, w := range c.OutWeights(u) {
			heaviest = max(heaviest, math.Abs(float64(w)))
		}
	}
	thin, thick := 0.7, 1.1
	if heaviest > 0 {
		thick = min(max(0.4*s.meanRadius(), 1.2), 5)
	}
	alpha := uint8(min(max(60, 230-float64(c.Size())/12), 190))
	colors, e := paint(groups), 0
	for u := range int32(c.Order()) {
		ws := c.OutWeights(u)
		for i, v := range c.Out(u) {
			if !c.Directed() && v < u {
				continue
			}
			l := stroke{width: thick, color: grey}
			if ws != nil && heaviest > 0 {
				l.width = thin + (thick-thin)*math.Sqrt(math.Abs(float64(ws[i]))/heaviest)
			}
			if groups != nil && groups[u] == groups[v] {
				l.color = colors.of(groups, u)
			}
			l.color.A = alpha
			through := []point(nil)
			if bends != nil {
				through = bends[e]
			}
			l.points = s.path(u, v, through, at)
			if c.Directed() && u != v {
				l.head = 5 + 2*l.width
				l.shorten(s.discs[v].at, s.discs[v].radius+1)
			}
			s.lines = append(s.lines, l)
			e++
		}
	}
	slices.SortStableFunc(s.lines, func(a, b stroke) int { return cmp.Compare(a.width, b.width) })
}

func (s *scene) meanRadius() (mean float64) {
	for _, d := range s.discs {
		mean += d.radius / float64(len(s.discs))
	}
	return mean
}

// path returns the points of an edge: straight, round bends, or a circle at the edge
// of the disc for a loop.
func (s *scene) path(u, v int32, bends []point, at func(point) point) []point {
	from, to := s.discs[u].at, s.discs[v].at
	if u == v {
		const corners = 24
		r := max(s.discs[u].radius*0.8, 4)
		var out []point
		for i := range corners + 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
			reach := s.discs[u].radius + r/2
			out = append(out, point{X: from.X + reach*0.7 + r*cos, Y: from.Y - reach*0.7 + r*sin})
		}
		return out
	}
	out := []point{from}
	for i, b := range bends {
		bend, next := at(b), to
		if i+1 < len(bends) {
			next = between(bend, at(bends[i+1]), 0.5)
		}
		out = curve(out, bend, next)
	}
	if len(bends) == 0 {
		out = append(out, to)
	}
	return out
}

// curve appends the parabola from the last of the points to another, drawn to bend.
func curve(points []point, bend, to point) []point {
	const steps = 8
	from := points[len(points)-1]
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		points = append(points, between(between(from, bend, t), between(bend, to, t), t))
	}
	return points
}

func between(a, b point, t float64) point { return point{X: a.X + (b.X-a.X)*t, Y: a.Y + (b.Y-a.Y)*t} }

func distance(a, b point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// shorten lets the line end where it meets the circle around its last point.
func (l *stroke) shorten(center point, radius float64) {
	n := len(l.points)
	for n > 2 && distance(l.points[n-2], center) <= radius {
		n--
	}
	l.points = l.points[:n]
	from, to := l.points[n-2], l.points[n-1]
	far, near := 0.0, 1.0 // shares of the last piece: outside and inside of the circle
	for range 30 {
		if mid := (far + near) / 2; distance(between(from, to, mid), center) > radius {
			far = mid
		} else {
			near = mid
		}
	}
	l.points[n-1] = between(from, to, far)
}

// arrow returns the corners of the head of an arrow, none if the line has none or is
// too short, and cuts the line where the head begins.
func (l *stroke) arrow() []point {
	n := len(l.points)
	if l.head == 0 || n < 2 {
		return nil
	}
	tip := l.points[n-1]
	for n > 2 && distance(l.points[n-2], tip) < l.head {
		n--
	}
	from := l.points[n-2]
	d := distance(from, tip)
	if d < 1 {
		return nil
	}
	x, y := (tip.X-from.X)/d, (tip.Y-from.Y)/d
	base := point{X: tip.X - x*l.head, Y: tip.Y - y*l.head}
	half := l.head * 0.42
	l.points = append(l.points[:n-1:n-1], base)
	return []point{tip, {X: base.X - y*half, Y: base.Y + x*half}, {X: base.X + y*half, Y: base.Y - x*half}}
}
