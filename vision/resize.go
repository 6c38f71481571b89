package vision

import (
	"fmt"
	"image"

	"github.com/quintet-ai/quintet"
)

// Resize returns src scaled to w by h pixels. Its aspect is not kept; [Thumbnail]
// does that. Each axis is filtered on its own, colours weighted by their alpha,
// in float32, rounded once at the end. YCbCr pictures are scaled plane by plane,
// so that their chroma is interpolated and not repeated.
//
// A size that is not positive or a filter that does not exist is
// [quintet.ErrOption], one beyond the default [Limits] a [*LimitError], and a
// picture that is nil, empty or not backed by its memory [quintet.ErrInput].
//
// It reads each source pixel once. Time grows with the source's area and with its
// height times w; beside the result it holds about a dozen rows.
func Resize(src image.Image, w, h int, f Filter) (*image.NRGBA, error) {
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	return s.resize(frame{0, 0, float64(s.w), float64(s.h)}, w, h, f)
}

// frame is a part of a picture with fractional sides, from (x0, y0) to (x1, y1).
type frame struct{ x0, y0, x1, y1 float64 }

// resize scales a part of the picture to w by h.
func (s *source) resize(part frame, w, h int, f Filter) (*image.NRGBA, error) {
	if w <= 0 || h <= 0 {
		return nil, fmt.Errorf("size %dx%d: %w", w, h, quintet.ErrOption)
	}
	if err := defaultLimits().size(w, h); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	switch m := s.img.(type) {
	case *image.Gray:
		s.resizeGray(out, part, f)
	case *image.YCbCr:
		s.resizeYCbCr(out, m, part, f)
	default:
		s.resizeColor(out, part, f)
	}
	return out, nil
}

// axes returns the taps of both axes for a grid of w by h samples in which a
// part lies.
func axes(f Filter, w, h int, part frame, out *image.NRGBA) (xs, ys taps) {
	return newTaps(f, w, part.x0, part.x1, out.Rect.Dx()), newTaps(f, h, part.y0, part.y1, out.Rect.Dy())
}

func (s *source) resizeGray(out *image.NRGBA, part frame, f Filter) {
	xs, ys := axes(f, s.w, s.h, part, out)
	m := s.img.(*image.Gray)
	r := newScaler(plane{m.Pix, m.Stride, s.w, s.h, 1}, xs, ys, 1)
	for y := range out.Rect.Dy() {
		dst := out.Pix[y*out.Stride:][:out.Stride]
		for x, l := range r.row(y)[0] {
			v := round(l)
			d := dst[4*x : 4*x+4 : 4*x+4]
			d[0], d[1], d[2], d[3] = v, v, v, 255
		}
	}
}

func (s *source) resizeYCbCr(out *image.NRGBA, m *image.YCbCr, part frame, f Filter) {
	p := newYCbCrScalers(s, m, part, f, out.Rect.Dx(), out.Rect.Dy())
	for y := range out.Rect.Dy() {
		rgbRow(out.Pix[y*out.Stride:][:out.Stride], p[0].row(y)[0], p[1].row(y)[0], p[2].row(y)[0])
	}
}

// newYCbCrScalers scales a part of the three planes to w by h.
func newYCbCrScalers(s *source, m *image.YCbCr, part frame, f Filter, w, h int) (p [3]scaler) {
	xs, ys := newTaps(f, s.w, part.x0, part.x1, w), newTaps(f, s.h, part.y0, part.y1, h)
	p[0] = newScaler(plane{m.Y, m.YStride, s.w, s.h, 1}, xs, ys, 1)
	c := chromaOf(m)
	toX := func(x float64) float64 { return (x + float64(c.x0)) / float64(c.sx) }
	toY := func(y float64) float64 { return (y + float64(c.y0)) / float64(c.sy) }
	for i, pix := range [][]uint8{m.Cb, m.Cr} {
		xs, ys := newTaps(f, c.w, toX(part.x0), toX(part.x1), w), newTaps(f, c.h, toY(part.y0), toY(part.y1), h)
		p[1+i] = newScaler(plane{pix, m.CStride, c.w, c.h, 1}, xs, ys, 1)
	}
	return p
}

// rgbRow is the inverse of the JFIF transform.
func rgbRow(dst []uint8, luma, cb, cr []float32) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, l := range luma {
		b, r := cb[x]-128, cr[x]-128
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0] = round(l + 1.402*r)
		d[1] = round(l - 0.344136*b - 0.714136*r)
		d[2] = round(l + 1.772*b)
		d[3] = 255
	}
}

func (s *source) resizeColor(out *image.NRGBA, part frame, f Filter) {
	xs, ys := axes(f, s.w, s.h, part, out)
	if s.opaque {
		r := s.newRGBScaler(xs, ys)
		for y := range out.Rect.Dy() {
			joinRGB(out.Pix[y*out.Stride:][:out.Stride], r.row(y))
		}
		return
	}
	r := newResampler(xs, ys, s.w, 4, func(in [][]float32, y int) { splitRGBA(in, s.nrgba(y)) })
	for y := range out.Rect.Dy() {
		joinRGBA(out.Pix[y*out.Stride:][:out.Stride], r.row(y))
	}
}

// newRGBScaler scales an opaque picture.
func (s *source) newRGBScaler(xs, ys taps) scaler {
	switch m := s.img.(type) {
	case *image.NRGBA:
		return newScaler(plane{m.Pix, m.Stride, s.w, s.h, 4}, xs, ys, 3)
	case *image.RGBA:
		return newScaler(plane{m.Pix, m.Stride, s.w, s.h, 4}, xs, ys, 3)
	}
	return newResampler(xs, ys, s.w, 3, func(in [][]float32, y int) { splitRGB(in, s.nrgba(y)) })
}

func splitRGB(in [][]float32, row []uint8) {
	r, g, b := in[0], in[1], in[2]
	g, b = g[:len(r)], b[:len(r)]
	for x := range r {
		p := row[4*x : 4*x+4 : 4*x+4]
		r[x], g[x], b[x] = float32(p[0]), float32(p[1]), float32(p[2])
	}
}

// splitRGBA multiplies colours by their alpha, so that what is transparent does
// not bleed.
func splitRGBA(in [][]float32, row []uint8) {
	for x := range in[0] {
		p := row[4*x : 4*x+4 : 4*x+4]
		a := float32(p[3])
		in[0][x], in[1][x], in[2][x] = float32(p[0])*a/255, float32(p[1])*a/255, float32(p[2])*a/255
		in[3][x] = a
	}
}

func joinRGB(dst []uint8, in [][]float32) {
	r, g, b := in[0], in[1], in[2]
	g, b = g[:len(r)], b[:len(r)]
	for x := range r {
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0], d[1], d[2], d[3] = round(r[x]), round(g[x]), round(b[x]), 255
	}
}

func joinRGBA(dst []uint8, in [][]float32) {
	for x, a := range in[3] {
		d := dst[4*x : 4*x+4 : 4*x+4]
		if d[3] = round(a); d[3] == 0 {
			continue // no colour under it: the buffer is zero
		}
		k := 255 / a
		d[0], d[1], d[2] = round(k*in[0][x]), round(k*in[1][x]), round(k*in[2][x])
	}
}

func floats(dst []float32, src []uint8) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// round returns the nearest value that a byte holds.
func round(v float32) uint8 {
	if v <= 0 {
		return 0
	}
	if v >= 255 {
		return 255
	}
	return uint8(v + 0.5)
}
