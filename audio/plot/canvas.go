package plot

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

var (
	paper = color.RGBA{R: 255, G: 255, B: 255, A: 255}
	ink   = color.RGBA{R: 40, G: 40, B: 48, A: 255}
	grid  = color.RGBA{R: 222, G: 224, B: 230, A: 255}
	shade = color.RGBA{R: 255, G: 240, B: 205, A: 255} // behind speech
)

const (
	textSize  = 12
	titleSize = 15
	tickLen   = 5
)

// canvas is a picture with a frame in which something is drawn, and axes around it.
type canvas struct {
	*image.RGBA
	frame image.Rectangle
	small font.Face
	large font.Face
}

// newCanvas leaves room for labels, and for so many pixels beside the right edge.
func newCanvas(o Options, right int) (*canvas, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, o.Width, o.Height))}
	draw.Draw(c, c.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for _, face := range []struct {
		to   *font.Face
		size float64
	}{{&c.small, textSize}, {&c.large, titleSize}} {
		o := opentype.FaceOptions{Size: face.size, DPI: 72, Hinting: font.HintingFull}
		if *face.to, err = opentype.NewFace(f, &o); err != nil {
			return nil, err
		}
	}
	top := 16
	if o.Title != "" {
		top = 40
		c.write(c.large, o.Title, o.Width/2, top/2, 0.5)
	}
	c.frame = image.Rect(60, top, o.Width-16-right, o.Height-32)
	return c, nil
}

// encode writes the picture.
func (c *canvas) encode(w io.Writer) error { return png.Encode(w, c.RGBA) }

// fill paints a rectangle.
func (c *canvas) fill(r image.Rectangle, with color.RGBA) {
	draw.Draw(c, r, image.NewUniform(with), image.Point{}, draw.Src)
}

// write writes a text whose middle is at y. Of its width the given share is left of x.
func (c *canvas) write(f font.Face, text string, x, y int, share float64) {
	width := font.MeasureString(f, text)
	m := f.Metrics()
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink), Face: f, Dot: fixed.Point26_6{
		X: fixed.I(x) - fixed.Int26_6(share*float64(width)),
		Y: fixed.I(y) + m.CapHeight/2,
	}}
	d.DrawString(text)
}

// outline draws the edges of a rectangle, outside of it.
func (c *canvas) outline(r image.Rectangle) {
	o := r.Inset(-1)
	for _, edge := range []image.Rectangle{
		image.Rect(o.Min.X, o.Min.Y, o.Max.X, r.Min.Y), image.Rect(o.Min.X, r.Max.Y, o.Max.X, o.Max.Y),
		image.Rect(o.Min.X, o.Min.Y, r.Min.X, o.Max.Y), image.Rect(r.Max.X, o.Min.Y, o.Max.X, o.Max.Y),
	} {
		c.fill(edge, ink)
	}
}

// tickBelow marks a place of the time axis.
func (c *canvas) tickBelow(x int, label string) {
	c.fill(image.Rect(x, c.frame.Max.Y, x+1, c.frame.Max.Y+tickLen), ink)
	c.write(c.small, label, x, c.frame.Max.Y+tickLen+11, 0.5)
}

// tickLeft marks a place beside a rectangle.
func (c *canvas) tickLeft(r image.Rectangle, y int, label string) {
	c.fill(image.Rect(r.Min.X-tickLen, y, r.Min.X, y+1), ink)
	c.write(c.small, label, r.Min.X-tickLen-4, y, 1)
}
