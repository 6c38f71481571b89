package vision

import (
	"image"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Mark is a box to be drawn, with a label above it.
type Mark struct {
	Box   image.Rectangle
	Label string // ASCII; default: none
	Color RGB    // default: black
}

// DrawMarks returns a copy of a picture with marks on it, in the coordinates of src:
// frames whose lines are a three-hundredth of the longer side thick, and labels in
// letters of 7 by 13 pixels. What lies outside of the picture is cut. Errors are
// those of [Resize].
func DrawMarks(src image.Image, marks []Mark) (*image.NRGBA, error) {
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	out := s.whole()
	thick := max(max(s.w, s.h)/300, 1)
	for _, m := range marks {
		drawFrame(out, m.Box, thick, m.Color)
		if m.Label != "" {
			drawLabel(out, m)
		}
	}
	return out, nil
}

func drawFrame(out *image.NRGBA, box image.Rectangle, thick int, c RGB) {
	fill := func(r image.Rectangle) { draw.Draw(out, r, image.NewUniform(c), image.Point{}, draw.Src) }
	inner := box.Inset(thick)
	if inner.Empty() {
		fill(box)
		return
	}
	fill(image.Rect(box.Min.X, box.Min.Y, box.Max.X, inner.Min.Y))
	fill(image.Rect(box.Min.X, inner.Max.Y, box.Max.X, box.Max.Y))
	fill(image.Rect(box.Min.X, inner.Min.Y, inner.Min.X, inner.Max.Y))
	fill(image.Rect(inner.Max.X, inner.Min.Y, box.Max.X, inner.Max.Y))
}

// drawLabel writes on a field of the mark's colour above the box, or inside of it
// where there is no room above.
func drawLabel(out *image.NRGBA, m Mark) {
	face := basicfont.Face7x13
	const pad = 2
	size := image.Pt(font.MeasureString(face, m.Label).Ceil()+2*pad, face.Height+2*pad)
	at := image.Pt(m.Box.Min.X, m.Box.Min.Y-size.Y)
	if at.Y < out.Rect.Min.Y {
		at.Y = m.Box.Min.Y
	}
	draw.Draw(out, image.Rectangle{at, at.Add(size)}, image.NewUniform(m.Color), image.Point{}, draw.Src)
	d := font.Drawer{
		Dst: out, Src: image.NewUniform(m.Color.contrast()), Face: face,
		Dot: fixed.P(at.X+pad, at.Y+pad+face.Ascent),
	}
	d.DrawString(m.Label)
}

// contrast returns black or white, whichever stands out.
func (c RGB) contrast() RGB {
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) > 128_000 {
		return RGB{}
	}
	return RGB{255, 255, 255}
}
