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
	join, rows := joinRGB, s.colorRows
	if !s.opaque {
		join, rows = joinRGBA, s.alphaRows
	}
	row := rows(part, f, w, h)
	for y := range h {
		join(out.Pix[y*out.Stride:][:out.Stride], row(y))
	}
	return out, nil
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
