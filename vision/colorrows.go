package vision

import "image"

// colorRows scales a part of the picture to w by h. What it returns makes the rows of
// red, green and blue, 0 to 255 and a little beyond, which are asked for in order; each
// is valid until the next call. What is transparent lies on white.
func (s *source) colorRows(part frame, f Filter, w, h int) func(y int) [][]float32 {
	xs, ys := part.taps(f, s.w, s.h, w, h)
	scale := func(p plane) scaler { return newScaler(p, xs, ys, min(p.channels, 3)) }
	switch m := s.img.(type) {
	case *image.Gray:
		luma := scale(plane{m.Pix, m.Stride, s.w, s.h, 1})
		rgb := make([][]float32, 3)
		return func(y int) [][]float32 {
			l := luma.row(y)[0]
			rgb[0], rgb[1], rgb[2] = l, l, l
			return rgb
		}
	case *image.YCbCr:
		return rowsOfYCbCr(m, scale(plane{m.Y, m.YStride, s.w, s.h, 1}), part, f, w, h)
	case *image.NRGBA:
		if s.opaque {
			return scale(plane{m.Pix, m.Stride, s.w, s.h, 4}).row
		}
	case *image.RGBA:
		if s.opaque {
			return scale(plane{m.Pix, m.Stride, s.w, s.h, 4}).row
		}
	}
	read := s.onWhite()
	return newResampler(xs, ys, s.w, 3, func(in [][]float32, y int) { splitRGB(in, read(y)) }).row
}

// alphaRows is colorRows with the colours times their alpha, and alpha as a fourth
// channel.
func (s *source) alphaRows(part frame, f Filter, w, h int) func(y int) [][]float32 {
	xs, ys := part.taps(f, s.w, s.h, w, h)
	return newResampler(xs, ys, s.w, 4, func(in [][]float32, y int) { splitRGBA(in, s.nrgba(y)) }).row
}

// taps returns those of both axes that scale a part of sw by sh samples to w by h.
func (part frame) taps(f Filter, sw, sh, w, h int) (xs, ys taps) {
	return newTaps(f, sw, part.x0, part.x1, w), newTaps(f, sh, part.y0, part.y1, h)
}

// rowsOfYCbCr scales plane by plane, so that chroma is interpolated and not repeated.
func rowsOfYCbCr(m *image.YCbCr, luma scaler, part frame, f Filter, w, h int) func(y int) [][]float32 {
	c := chromaOf(m)
	toX := func(x float64) float64 { return (x + float64(c.x0)) / float64(c.sx) }
	toY := func(y float64) float64 { return (y + float64(c.y0)) / float64(c.sy) }
	tint := frame{toX(part.x0), toY(part.y0), toX(part.x1), toY(part.y1)}
	xs, ys := tint.taps(f, c.w, c.h, w, h)
	cb := newScaler(plane{m.Cb, m.CStride, c.w, c.h, 1}, xs, ys, 1)
	cr := newScaler(plane{m.Cr, m.CStride, c.w, c.h, 1}, xs, ys, 1)
	rgb := newPlanes(3, w)
	return func(y int) [][]float32 {
		toRGB(rgb, luma.row(y)[0], cb.row(y)[0], cr.row(y)[0])
		return rgb
	}
}

// toRGB is the inverse of the JFIF transform.
func toRGB(rgb [][]float32, luma, cb, cr []float32) {
	r, g, b := rgb[0][:len(luma)], rgb[1][:len(luma)], rgb[2][:len(luma)]
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, l := range luma {
		u, v := cb[x]-128, cr[x]-128
		r[x], g[x], b[x] = l+1.402*v, l-0.344136*u-0.714136*v, l+1.772*u
	}
}

// onWhite returns a reader like nrgba whose pixels are opaque.
func (s *source) onWhite() func(y int) []uint8 {
	if s.opaque {
		return s.nrgba
	}
	return s.buffered(func(dst []uint8, y int) {
		for row := s.nrgba(y); len(dst) >= 4 && len(row) >= 4; dst, row = dst[4:], row[4:] {
			a := uint32(row[3])
			for i, v := range row[:3] {
				dst[i] = uint8((uint32(v)*a + 255*(255-a) + 127) / 255)
			}
			dst[3] = 255
		}
	})
}
