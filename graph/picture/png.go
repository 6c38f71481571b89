package picture

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/quintet-ai/quintet/graph"
)

// WritePNG draws a graph with a layout of it as a PNG. Its errors are those of
// [WriteSVG] and of w. It takes time in proportion to the pixels that are drawn on,
// beside that of WriteSVG.
func WritePNG[K comparable](w io.Writer, g *graph.Graph[K], l *graph.Layout[K], o Options[K]) error {
	s, err := newScene(g, l, o)
	if err != nil {
		return err
	}
	c := canvas{image.NewRGBA(image.Rect(0, 0, s.width, s.height))}
	if err := c.draw(s); err != nil {
		return err
	}
	return png.Encode(w, c.RGBA)
}

type canvas struct{ *image.RGBA }

func (c canvas) draw(s *scene) error {
	draw.Draw(c, c.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for _, l := range s.lines {
		head := l.arrow()
		c.line(l)
		if head != nil {
			c.fill(head, l.color)
		}
	}
	for _, d := range s.discs {
		c.fill(circle(d.at, d.radius+0.75), paper)
		c.fill(circle(d.at, d.radius-0.75), d.color)
	}
	if s.title != "" {
		title := label{point{X: margin, Y: margin + titleSize/2}, titleSize, s.title}
		if err := c.label(s.font, title); err != nil {
			return err
		}
	}
	for _, l := range s.labels {
		if err := c.label(s.font, l); err != nil {
			return err
		}
	}
	return nil
}

// line draws a line of one piece pixel by pixel, and one of more by its outline, so
// that it is nowhere drawn over itself.
func (c canvas) line(l stroke) {
	if len(l.points) == 2 {
		c.segment(l.points[0], l.points[1], l.width/2, l.color)
		return
	}
	var left, right []point
	n := len(l.points)
	for i, p := range l.points {
		a, b := l.points[max(i-1, 0)], l.points[min(i+1, n-1)]
		d := distance(a, b)
		if d == 0 {
			continue
		}
		x, y := (b.Y-a.Y)/d*l.width/2, (a.X-b.X)/d*l.width/2
		left, right = append(left, point{X: p.X + x, Y: p.Y + y}), append(right, point{X: p.X - x, Y: p.Y - y})
	}
	slices.Reverse(right)
	c.fill(append(left, right...), l.color)
}

// segment draws a straight line with round ends. It looks at few pixels beside those
// on the line, where filling its outline would look at all of a rectangle.
func (c canvas) segment(a, b point, half float64, with color.NRGBA) {
	steep := math.Abs(b.Y-a.Y) > math.Abs(b.X-a.X)
	if steep {
		a, b = point{X: a.Y, Y: a.X}, point{X: b.Y, Y: b.X}
	}
	if a.X > b.X {
		a, b = b, a
	}
	slope := 0.0
	if b.X > a.X {
		slope = (b.Y - a.Y) / (b.X - a.X)
	}
	d := distance(a, b)
	reach := (half + 1) * math.Hypot(1, slope)
	for x := math.Floor(a.X - half - 1); x <= b.X+half+1; x++ {
		mid := a.Y + slope*(min(max(x+0.5, a.X), b.X)-a.X)
		for y := math.Floor(mid - reach); y <= mid+reach; y++ {
			p, t := point{X: x + 0.5, Y: y + 0.5}, 0.0
			if d > 0 {
				t = min(max(((p.X-a.X)*(b.X-a.X)+(p.Y-a.Y)*(b.Y-a.Y))/(d*d), 0), 1)
			}
			if cover := half + 0.5 - distance(p, between(a, b, t)); cover > 0 {
				c.blend(int(x), int(y), steep, with, min(cover, 2*half, 1))
			}
		}
	}
}

// blend lays a colour over a pixel, whose coordinates are changed about if swapped.
func (c canvas) blend(x, y int, swapped bool, with color.NRGBA, cover float64) {
	if swapped {
		x, y = y, x
	}
	if !(image.Point{X: x, Y: y}).In(c.Rect) {
		return
	}
	alpha := cover * float64(with.A) / 255
	pix := c.Pix[c.PixOffset(x, y):][:3]
	for i, v := range [3]uint8{with.R, with.G, with.B} {
		pix[i] = uint8(math.Round(float64(pix[i]) + alpha*(float64(v)-float64(pix[i]))))
	}
}

// circle returns the corners of a circle so that no side is half a pixel off.
func circle(at point, r float64) []point {
	n := min(max(int(6*math.Sqrt(max(r, 0))), 8), 256)
	out := make([]point, n)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out[i] = point{X: at.X + max(r, 0.5)*cos, Y: at.Y + max(r, 0.5)*sin}
	}
	return out
}

// fill fills a polygon, with soft edges.
func (c canvas) fill(corners []point, with color.NRGBA) {
	if len(corners) < 3 {
		return
	}
	lo, hi := corners[0], corners[0]
	for _, p := range corners {
		lo, hi = point{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}, point{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	r := image.Rect(int(math.Floor(lo.X)), int(math.Floor(lo.Y)), int(math.Ceil(hi.X))+1, int(math.Ceil(hi.Y))+1)
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	for i, p := range corners {
		x, y := float32(p.X-float64(r.Min.X)), float32(p.Y-float64(r.Min.Y))
		if i == 0 {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	z.ClosePath()
	z.Draw(c, r, image.NewUniform(with), image.Point{})
}

// label writes a text with a rim of paper.
func (c canvas) label(f *sfnt.Font, l label) error {
	face, err := newFace(f, l.size)
	if err != nil {
		return err
	}
	x, y := math.Floor(l.at.X), math.Floor(l.at.Y)
	dot := fixed.Point26_6{X: fixed.Int26_6((l.at.X - x) * 64), Y: fixed.Int26_6((l.at.Y - y) * 64)}
	ends, _ := font.BoundString(face, l.text)
	r := image.Rect(ends.Min.X.Floor()-1, ends.Min.Y.Floor()-1, ends.Max.X.Ceil()+2, ends.Max.Y.Ceil()+2)
	mask := image.NewAlpha(r)
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: dot}
	d.DrawString(l.text)
	write := func(dx, dy int, with color.NRGBA) {
		to := r.Add(image.Pt(int(x)+dx, int(y)+dy))
		draw.DrawMask(c, to, image.NewUniform(with), image.Point{}, mask, r.Min, draw.Over)
	}
	for dx := -1; dx <= 1; dx++ {
		for dy := -1; dy <= 1; dy++ {
			write(dx, dy, paper)
		}
	}
	write(0, 0, ink)
	return face.Close()
}
