package picture

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"github.com/quintet-ai/quintet/graph"
)

type point = graph.Point

// scene is a drawing in pixels. What comes later lies above.
type scene struct {
	width, height int
	title         string
	font          *sfnt.Font
	lines         []stroke
	discs         []disc
	labels        []label
}

// disc is a node.
type disc struct {
	at     point
	radius float64
	color  color.NRGBA
	name   string
	score  float64
}

// Sizes in pixels.
const (
	margin      = 24
	titleSize   = 20
	titleHeight = 44
	minRadius   = 1.8
)

// stretch is how much more than another one axis may be scaled.
const stretch = 1.5

// least is the radius of a node with score 0, as a share of the largest.
const least = 0.28

func newScene[K comparable](g *graph.Graph[K], l *graph.Layout[K], o Options[K]) (*scene, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := o.check(g, l); err != nil {
		return nil, err
	}
	s := &scene{width: o.Width, height: o.Height, title: line(o.Title, 2*maxRunes)}
	if s.font, err = sfnt.Parse(goregular.TTF); err != nil {
		return nil, err
	}
	s.discs = make([]disc, g.Order())
	lo, hi := l.Bounds()
	at := s.frame(lo, hi, l.Layers != nil)
	colors := paint(o.Groups)
	i := 0
	for k := range g.Nodes() {
		d := &s.discs[i]
		d.at, d.color = at(l.Points[i]), colors.of(o.Groups, int32(i))
		if !o.NoLabels {
			d.name = line(o.Label(k), maxRunes)
		}
		i++
	}
	s.size(g.CSR(), o.Scores)
	s.connect(g.CSR(), l.Bends, o.Groups, at)
	if !o.NoLabels {
		if s.labels, err = s.write(o.MaxLabels); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(s.discs, func(a, b disc) int { return cmp.Compare(b.radius, a.radius) })
	return s, nil
}

// size gives the discs areas in proportion to their scores, and such that few of them
// overlap.
func (s *scene) size(c *graph.CSR, scores []float64) {
	most, sum := 0.0, 0.0
	for u := range s.discs {
		d := &s.discs[u]
		d.score = float64(len(c.Out(int32(u))))
		if c.Directed() {
			d.score += float64(len(c.In(int32(u))))
		}
		if scores != nil {
			d.score = scores[u]
		}
		most = max(most, d.score)
	}
	for u := range s.discs {
		d := &s.discs[u]
		d.radius = least
		if most > 0 {
			d.radius += (1 - least) * math.Sqrt(d.score/most)
		}
		sum += d.radius
	}
	mean := max(sum, least) / float64(max(len(s.discs), 1))
	scale := min(max(0.38*s.gap()/mean, minRadius/least), float64(min(s.width, s.height))/32)
	for u := range s.discs {
		s.discs[u].radius *= scale
	}
}

// gap returns the median distance from a disc to the nearest other, which is the size
// of the picture if there are no two.
func (s *scene) gap() float64 {
	at := make([]point, len(s.discs))
	for u, d := range s.discs {
		at[u] = d.at
	}
	slices.SortFunc(at, func(p, q point) int { return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y)) })
	near := slices.Repeat([]float64{float64(s.width + s.height)}, len(at))
	for i, p := range at {
		for j := i + 1; j < len(at) && at[j].X-p.X < near[i]; j++ {
			d := distance(p, at[j])
			near[i], near[j] = min(near[i], d), min(near[j], d)
		}
		for j := i - 1; j >= 0 && p.X-at[j].X < near[i]; j-- {
			near[i] = min(near[i], distance(p, at[j]))
		}
	}
	slices.Sort(near)
	if len(near) < 2 {
		return float64(s.width)
	}
	return near[len(near)/2]
}

// frame returns what brings a point of the layout into the picture. A layered layout
// is stretched to fill it, any other somewhat.
func (s *scene) frame(lo, hi point, layered bool) func(point) point {
	rim := margin/2 + float64(min(s.width, s.height))/32
	top := rim
	if s.title != "" {
		top += titleHeight - margin/2
	}
	side := max(2*rim, float64(s.width)/14) // labels stand beside nodes
	w, h := float64(s.width)-2*side, float64(s.height)-top-rim
	scale := func(room, extent float64) float64 {
		if extent <= 0 {
			return math.MaxFloat64
		}
		return max(room, 1) / extent
	}
	x, y := scale(w, hi.X-lo.X), scale(h, hi.Y-lo.Y)
	if !layered {
		x, y = min(x, stretch*y), min(y, stretch*x)
	}
	across := func(v, lo, hi, scale float64) float64 {
		if hi <= lo {
			return 0
		}
		return (v - lo - (hi-lo)/2) * scale
	}
	return func(p point) point {
		return point{
			X: side + w/2 + across(p.X, lo.X, hi.X, x),
			Y: top + h/2 + across(p.Y, lo.Y, hi.Y, y),
		}
	}
}
