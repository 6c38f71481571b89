package vision

import (
	"image"
	"image/color"
)

// Orientation is how a stored picture has to be turned to stand upright, as the
// EXIF tag 0x0112 counts: where the first row and the first column of what is
// stored belong.
//
//	1 top, left      5 left, top
//	2 top, right     6 right, top
//	3 bottom, right  7 right, bottom
//	4 bottom, left   8 left, bottom
type Orientation uint8

func (o Orientation) valid() bool { return o >= 1 && o <= 8 }

// transposes reports whether rows become columns.
func (o Orientation) transposes() bool { return o >= 5 && o <= 8 }

// at returns the stored position that is shown at (x, y) of the upright picture,
// for a stored picture of w by h.
func (o Orientation) at(x, y, w, h int) (sx, sy int) {
	if o.transposes() {
		x, y = y, x
	}
	switch o { // now x, y are in stored axes; which of them run backwards?
	case 2, 8:
		return w - 1 - x, y
	case 3, 7:
		return w - 1 - x, h - 1 - y
	case 4, 6:
		return x, h - 1 - y
	}
	return x, y
}

// orient returns an upright copy of a freshly decoded picture, of the same type
// but for YCbCr pictures whose chroma grid does not survive the turn, which
// become NRGBA.
func orient(img image.Image, o Orientation) image.Image {
	if !o.valid() || o == 1 {
		return img
	}
	size := img.Bounds().Size()
	box := image.Rectangle{Max: size}
	if o.transposes() {
		box.Max = image.Pt(size.Y, size.X)
	}
	turn := func(dst, src []byte, stride, unit int) {
		turnPlane(dst, box.Dx()*unit, src, stride, size.X, size.Y, unit, o)
	}
	switch m := img.(type) {
	case *image.Gray:
		out := image.NewGray(box)
		turn(out.Pix, m.Pix, m.Stride, 1)
		return out
	case *image.Paletted:
		out := image.NewPaletted(box, m.Palette)
		turn(out.Pix, m.Pix, m.Stride, 1)
		return out
	case *image.Gray16:
		out := image.NewGray16(box)
		turn(out.Pix, m.Pix, m.Stride, 2)
		return out
	case *image.RGBA:
		out := image.NewRGBA(box)
		turn(out.Pix, m.Pix, m.Stride, 4)
		return out
	case *image.NRGBA:
		out := image.NewNRGBA(box)
		turn(out.Pix, m.Pix, m.Stride, 4)
		return out
	case *image.CMYK:
		out := image.NewCMYK(box)
		turn(out.Pix, m.Pix, m.Stride, 4)
		return out
	case *image.RGBA64:
		out := image.NewRGBA64(box)
		turn(out.Pix, m.Pix, m.Stride, 8)
		return out
	case *image.NRGBA64:
		out := image.NewNRGBA64(box)
		turn(out.Pix, m.Pix, m.Stride, 8)
		return out
	case *image.YCbCr:
		if ratio, ok := turnedRatio(m.SubsampleRatio, size, o); ok {
			out := image.NewYCbCr(box, ratio)
			turnYCbCr(out, m, o)
			return out
		}
	case *image.NYCbCrA:
		if ratio, ok := turnedRatio(m.SubsampleRatio, size, o); ok {
			out := image.NewNYCbCrA(box, ratio)
			turnYCbCr(&out.YCbCr, &m.YCbCr, o)
			turn(out.A, m.A, m.AStride, 1)
			return out
		}
	}
	out := image.NewNRGBA(box)
	for y := range box.Max.Y {
		for x := range box.Max.X {
			sx, sy := o.at(x, y, size.X, size.Y)
			out.SetNRGBA(x, y, color.NRGBAModel.Convert(img.At(sx, sy)).(color.NRGBA))
		}
	}
	return out
}

// orientedMemory returns what orient will allocate for the picture of a file
// that takes result bytes.
func orientedMemory(f file, result int64) int64 {
	info := f.info()
	if info.Color != ColorYCbCr {
		return result
	}
	ratio := image.YCbCrSubsampleRatio420 // WebP knows no other
	if j, ok := f.(*jpegFile); ok {
		ratio, _ = j.ratio()
	}
	if _, ok := turnedRatio(ratio, image.Pt(info.Width, info.Height), info.Orientation); ok {
		return result
	}
	return 4 * int64(info.Width) * int64(info.Height)
}

// turnPlane turns a plane of w by h units of that many bytes. It goes through
// the source in tiles, so that a transposition touches few cache lines at a time.
func turnPlane(dst []byte, dstStride int, src []byte, srcStride, w, h, unit int, o Orientation) {
	dw, dh := w, h
	if o.transposes() {
		dw, dh = h, w
	}
	const tile = 32
	for y0 := 0; y0 < dh; y0 += tile {
		for x0 := 0; x0 < dw; x0 += tile {
			for y := y0; y < min(y0+tile, dh); y++ {
				sx, sy := o.at(x0, y, w, h)
				nx, ny := o.at(x0+1, y, w, h)
				from, step := sy*srcStride+sx*unit, (ny-sy)*srcStride+(nx-sx)*unit
				to := dst[y*dstStride+x0*unit : y*dstStride+min(x0+tile, dw)*unit]
				if unit == 1 {
					for i := range to {
						to[i] = src[from]
						from += step
					}
					continue
				}
				for ; len(to) > 0; to, from = to[unit:], from+step {
					copy(to[:unit], src[from:])
				}
			}
		}
	}
}

// turnedRatio returns the subsampling of a turned picture. It is not ok if a
// chroma sample would have to cover other pixels than before: when a side is no
// multiple of the sampling factor, or when the ratio has no transpose.
func turnedRatio(
	r image.YCbCrSubsampleRatio, size image.Point, o Orientation,
) (image.YCbCrSubsampleRatio, bool) {
	sx, sy := subsampling(r)
	if size.X%sx != 0 || size.Y%sy != 0 {
		return 0, false
	}
	if !o.transposes() || sx == sy {
		return r, true
	}
	switch r {
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	}
	return 0, false
}

// subsampling returns how many pixels share a chroma sample in each direction.
func subsampling(r image.YCbCrSubsampleRatio) (x, y int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

func turnYCbCr(out, m *image.YCbCr, o Orientation) {
	size := m.Rect.Size()
	sx, sy := subsampling(m.SubsampleRatio)
	turnPlane(out.Y, out.YStride, m.Y, m.YStride, size.X, size.Y, 1, o)
	turnPlane(out.Cb, out.CStride, m.Cb, m.CStride, size.X/sx, size.Y/sy, 1, o)
	turnPlane(out.Cr, out.CStride, m.Cr, m.CStride, size.X/sx, size.Y/sy, 1, o)
}
