package codes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"iter"
	"math"

	"github.com/makiuchi-d/gozxing"
	qrcodes "github.com/makiuchi-d/gozxing/multi/qrcode"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// Options configures a [Reader]. The zero value is good.
type Options struct {
	// Formats are those that are looked for; each takes time. Default: all but Code39,
	// Codabar, UPCA, UPCE and ITF.
	Formats []Format

	// Fast looks less hard: bar codes must not stand on end, and fewer rows are read.
	Fast bool

	// MaxSide is the longer side in pixels to which larger pictures are scaled before
	// anything is looked for, which bounds the time. Default: 2048.
	MaxSide int

	// Decode has limits for pictures that come as files.
	Decode vision.DecodeOptions

	// Runtime runs the pipeline. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	if o.MaxSide < 0 {
		return o, fmt.Errorf("codes: MaxSide is %d: %w", o.MaxSide, quintet.ErrOption)
	}
	for _, f := range o.Formats {
		if _, ok := f.find(); !ok {
			return o, fmt.Errorf("codes: no format %.50q: %w", f, quintet.ErrOption)
		}
	}
	if o.MaxSide == 0 {
		o.MaxSide = 2048
	}
	if len(o.Formats) == 0 {
		for _, k := range kinds() {
			if k.usual {
				o.Formats = append(o.Formats, k.format)
			}
		}
	}
	return o, nil
}

// Code is one that was found.
type Code struct {
	Format Format `json:"format"`
	Text   string `json:"text"` // what it says

	// Points are what it was found by, in pixels of the picture: the middles of the
	// three large squares of a QR code, the corners of a Data Matrix, the ends of a row
	// of a bar code.
	Points []vision.Point `json:"points"`

	Box image.Rectangle `json:"box"` // around the points, cut at the picture's edge
}

// Reader finds codes. It is safe for concurrent use.
type Reader struct {
	opt Options
	eng *optimize.Engine[vision.Picture, []Code]
}

var _ quintet.Pipeline[vision.Picture, []Code] = (*Reader)(nil)

// New returns a reader, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Reader, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Reader{opt: o}
	r.eng = optimize.NewEngine(o.Runtime, "codes", r.step)
	return r, nil
}

// Run returns the codes of a picture, in the order of Formats. A picture without one has
// no error. Causes of errors are those of [vision.Decode], and [quintet.ErrInput] for a
// picture with both Data and Image or neither, or one on which gozxing panics. It looks
// at ctx between formats.
func (r *Reader) Run(ctx context.Context, in vision.Picture) ([]Code, error) {
	return r.eng.Run(ctx, in)
}

// RunBatch returns the codes of many pictures; see [quintet.Pipeline].
func (r *Reader) RunBatch(ctx context.Context, in []vision.Picture) ([][]Code, error) {
	return r.eng.RunBatch(ctx, in)
}

// Stream returns the codes of pictures as they come; see [quintet.Pipeline].
func (r *Reader) Stream(ctx context.Context, in iter.Seq[vision.Picture]) iter.Seq2[[]Code, error] {
	return r.eng.Stream(ctx, in)
}

// Close waits for running calls; later calls return [quintet.ErrClosed].
func (r *Reader) Close() error { return r.eng.Close() }

func (r *Reader) step(ctx context.Context, in vision.Picture) ([]Code, error) {
	img, err := r.pixels(in)
	if err != nil {
		return nil, err
	}
	p, err := newPage(img, r.opt.MaxSide)
	if err != nil {
		return nil, err
	}
	hints := map[gozxing.DecodeHintType]any{}
	if !r.opt.Fast {
		hints[gozxing.DecodeHintType_TRY_HARDER] = true
	}
	var out []Code
	for _, f := range r.opt.Formats {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		results, err := read(p.gray, f, hints)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for _, result := range results {
			out = append(out, p.code(f, result))
		}
	}
	return out, nil
}

func (r *Reader) pixels(p vision.Picture) (image.Image, error) {
	if (p.Image == nil) == (len(p.Data) == 0) {
		return nil, fmt.Errorf("picture needs either Data or Image: %w", quintet.ErrInput)
	}
	if p.Image != nil {
		return p.Image, nil
	}
	m, _, err := vision.Decode(bytes.NewReader(p.Data), r.opt.Decode)
	return m, err
}

// page is a picture as it is searched.
type page struct {
	gray   *image.Gray
	bounds image.Rectangle // of the picture
	sx, sy float64         // its pixels for one of gray
}

func newPage(img image.Image, most int) (page, error) {
	whole, err := vision.Turn(img, 1) // a copy, after all checks
	if err != nil {
		return page{}, err
	}
	w, h := whole.Rect.Dx(), whole.Rect.Dy()
	if side := max(w, h); side > most {
		w, h = max(w*most/side, 1), max(h*most/side, 1)
		if whole, err = vision.Resize(whole, w, h, vision.Box); err != nil {
			return page{}, err
		}
	}
	b := img.Bounds()
	p := page{image.NewGray(image.Rect(0, 0, w, h)), b, float64(b.Dx()) / float64(w), float64(b.Dy()) / float64(h)}
	for y := range h {
		for x := range w {
			c := whole.NRGBAAt(x, y)
			luma := (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
			p.gray.SetGray(x, y, color.Gray{Y: uint8((luma*int(c.A) + 255*(255-int(c.A))) / 255)}) // on white
		}
	}
	return p, nil
}

// read looks for codes of a format. That there is none is no error.
func read(gray *image.Gray, f Format, hints map[gozxing.DecodeHintType]any) (found []*gozxing.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			found, err = nil, fmt.Errorf("gozxing panicked: %v: %w", v, quintet.ErrInput)
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(gray)
	if err == nil {
		k, _ := f.find()
		if k.reader == nil {
			found, err = qrcodes.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
		} else {
			var one *gozxing.Result
			if one, err = k.reader().Decode(bitmap, hints); err == nil {
				found = []*gozxing.Result{one}
			}
		}
	}
	var none gozxing.ReaderException
	switch {
	case err == nil:
		return found, nil
	case errors.As(err, &none):
		return nil, nil
	}
	return nil, fmt.Errorf("%w: %w", err, quintet.ErrInput)
}

// code leads a result back to the picture.
func (p page) code(f Format, r *gozxing.Result) Code {
	c := Code{Format: f, Text: r.GetText()}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, q := range r.GetResultPoints() {
		if q == nil {
			continue
		}
		x, y := q.GetX()*p.sx+float64(p.bounds.Min.X), q.GetY()*p.sy+float64(p.bounds.Min.Y)
		c.Points = append(c.Points, vision.Point{X: x, Y: y})
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	if len(c.Points) > 0 {
		box := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
		c.Box = box.Intersect(p.bounds)
	}
	return c
}
