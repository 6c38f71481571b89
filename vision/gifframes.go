package vision

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"iter"
	"time"

	"github.com/quintet-ai/quintet"
)

// GIFFrame is one picture of an animation, as it is seen.
type GIFFrame struct {
	Index int           // from 0
	Image *image.NRGBA  // the whole canvas, from (0, 0); the receiver's own
	Delay time.Duration // how long it is seen, in steps of 10 ms; 0 if the file does not say
}

// gifTurns is how often the frames of an animation may cover a picture of MaxPixels.
const gifTurns = 16

// GIFFrames returns the pictures of an animated GIF one after the other, each on top of
// what those before it leave, by their disposal: what they show, what was there before
// them, or nothing, which is transparent. A GIF that is not animated has one.
//
// The canvas is held against the limits before anything is allocated for it, each frame
// against the canvas and the bytes of its data before it is decoded. All frames together
// may have 16 times l.MaxPixels, canvas by canvas: beyond that, a "Frames" [*LimitError]
// ends the sequence. A corrupt frame, the end of the file before its trailer, or another
// format is [quintet.ErrInput] and the last; an error of r is returned as it is. Each
// frame takes time for the whole canvas, so who wants few frames or has little time breaks
// off.
func GIFFrames(r io.Reader, l Limits) iter.Seq2[GIFFrame, error] {
	return func(yield func(GIFFrame, error) bool) {
		a, err := openAnimation(r, l)
		for n := 0; err == nil; n++ {
			var f GIFFrame
			if f, err = a.next(n); err == io.EOF { //nolint:errorlint // next returns it bare
				return
			}
			if err == nil && !yield(f, nil) {
				return
			}
		}
		yield(GIFFrame{}, err)
	}
}

// animation is a GIF whose frames are being drawn.
type animation struct {
	data   []byte
	limits Limits
	file   *gifFile // the frame that is read, first only what stands before it
	at     int      // where the next one is looked for
	canvas *image.NRGBA
	before *image.NRGBA // the canvas before the last frame, if that is to go
	gone   image.Rectangle
}

func openAnimation(r io.Reader, l Limits) (*animation, error) {
	l, err := l.withDefaults()
	if err != nil {
		return nil, err
	}
	data, err := readAll(r, l.MaxBytes)
	if err != nil {
		return nil, err
	}
	if format, err := sniff(data); err != nil || format != GIF {
		return nil, fmt.Errorf("not a gif: %w", quintet.ErrInput)
	}
	file, err := startGIF(data)
	if err != nil {
		return nil, err
	}
	a := &animation{data: data, limits: l, file: file, at: file.prefix}
	return a, a.admit()
}

// admit holds the canvas against the limits. At once there are the canvas, what it was
// before, the picture that is given away, and a frame with its rows in two orders.
func (a *animation) admit() error {
	x, y := a.file.canvas.X, a.file.canvas.Y
	if x < 1 || y < 1 {
		return fmt.Errorf("gif canvas of %dx%d pixels: %w", x, y, quintet.ErrInput)
	}
	if err := a.limits.size(x, y); err != nil {
		return err
	}
	if n := int64(x) * int64(y) * (3*4 + 2); n > a.limits.MaxMemory {
		return &LimitError{Field: "Memory", Got: n, Max: a.limits.MaxMemory}
	}
	return nil
}

// next draws the next frame, or returns io.EOF behind the last.
func (a *animation) next(n int) (GIFFrame, error) {
	f := &gifFile{canvas: a.file.canvas, prefix: a.file.prefix}
	if err := f.find(a.data, a.at); err != nil {
		return GIFFrame{}, gifError(n, err)
	}
	area := int64(f.canvas.X) * int64(f.canvas.Y)
	if most := max(gifTurns*a.limits.MaxPixels/area, 1); int64(n) >= most {
		return GIFFrame{}, &LimitError{Field: "Frames", Got: int64(n) + 1, Max: most}
	}
	if err := f.verify(a.data); err != nil {
		return GIFFrame{}, gifError(n, err)
	}
	m, err := guarded(context.Background(), f, a.data)
	if err != nil {
		return GIFFrame{}, gifError(n, err)
	}
	if _, a.at, err = gifBlocks(a.data, f.pixels); err != nil {
		return GIFFrame{}, gifError(n, err)
	}
	a.draw(f, m.(*image.Paletted))
	a.file = f
	out := image.NewNRGBA(a.canvas.Rect)
	copy(out.Pix, a.canvas.Pix)
	return GIFFrame{Index: n, Image: out, Delay: f.delay()}, nil
}

func gifError(n int, err error) error {
	if err == io.EOF { //nolint:errorlint // find returns it bare
		return err
	}
	return fmt.Errorf("frame %d: %w", n, err)
}

// draw does away with the frame before, as that wants, and lays the next on the canvas.
func (a *animation) draw(f *gifFile, m *image.Paletted) {
	if a.canvas == nil {
		a.canvas = image.NewNRGBA(image.Rectangle{Max: f.canvas})
	}
	switch {
	case a.before != nil:
		a.canvas, a.before = a.before, nil
	case !a.gone.Empty():
		for y := a.gone.Min.Y; y < a.gone.Max.Y; y++ {
			clear(a.canvas.Pix[a.canvas.PixOffset(a.gone.Min.X, y):a.canvas.PixOffset(a.gone.Max.X, y)])
		}
	}
	a.gone = image.Rectangle{}
	switch f.disposal() {
	case gifToBackground:
		a.gone = f.frame
	case gifToPrevious:
		a.before = image.NewNRGBA(a.canvas.Rect)
		copy(a.before.Pix, a.canvas.Pix)
	}
	lay(a.canvas, f.frame, m)
}

// lay writes the pixels of a frame that are not transparent.
func lay(canvas *image.NRGBA, at image.Rectangle, m *image.Paletted) {
	var colors [256]color.NRGBA
	for i, c := range m.Palette {
		colors[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	for y := range at.Dy() {
		row := canvas.Pix[canvas.PixOffset(at.Min.X, at.Min.Y+y):]
		for x, i := range m.Pix[y*m.Stride:][:at.Dx()] {
			if c := colors[i]; c.A != 0 {
				p := row[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2], p[3] = c.R, c.G, c.B, c.A
			}
		}
	}
}

// What becomes of a frame before the next, GIF89a section 23; others leave it.
const (
	gifToBackground = 2
	gifToPrevious   = 3
)

func (f *gifFile) disposal() byte {
	if f.control == nil {
		return 0
	}
	return f.control[3] >> 2 & 7
}

func (f *gifFile) delay() time.Duration {
	if f.control == nil {
		return 0
	}
	return time.Duration(le16(f.control[4:])) * 10 * time.Millisecond
}
