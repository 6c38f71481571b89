package vision

import (
	"context"
	"image"
	"image/color"

	"github.com/quintet-ai/quintet/internal/jpeg"
)

// decode gives the planes the type that package image has for such pictures.
func (f *jpegFile) decode(ctx context.Context, data []byte) (image.Image, error) {
	p, err := jpeg.Decode(ctx, data, jpeg.Options{Scale: f.scale})
	if err != nil {
		return nil, err
	}
	box := image.Rect(0, 0, p.Width, p.Height)
	switch f.color() {
	case ColorGray:
		return &image.Gray{Pix: p.Planes[0].Pix, Stride: p.Planes[0].Stride, Rect: box}, nil
	case ColorRGB:
		m := image.NewRGBA(box)
		weave(m.Pix, p)
		return m, nil
	case ColorCMYK:
		m := image.NewCMYK(box)
		weave(m.Pix, p)
		f.unmix(m.Pix)
		return m, nil
	}
	ratio, ok := f.ratio()
	y, cb, cr := p.Planes[0], p.Planes[1], p.Planes[2]
	if !ok {
		y, cb, cr = whole(y, p), whole(cb, p), whole(cr, p)
	}
	return &image.YCbCr{
		Y: y.Pix, Cb: cb.Pix, Cr: cr.Pix, YStride: y.Stride, CStride: cb.Stride, SubsampleRatio: ratio, Rect: box,
	}, nil
}

// across returns for each column of the picture the sample of a plane that stands
// there, and the same of a row.
func across(p *jpeg.Picture, plane jpeg.Plane) (column []int, row func(y int) []uint8) {
	h, v := 1, 1
	for _, q := range p.Planes {
		h, v = max(h, q.H), max(v, q.V)
	}
	column = make([]int, p.Width)
	for x := range column {
		column[x] = min(x*plane.H/h, plane.Width-1)
	}
	return column, func(y int) []uint8 {
		return plane.Pix[min(y*plane.V/v, plane.Height-1)*plane.Stride:]
	}
}

// whole repeats the samples of a plane so that each pixel has one.
func whole(plane jpeg.Plane, p *jpeg.Picture) jpeg.Plane {
	column, row := across(p, plane)
	out := jpeg.Plane{Pix: make([]uint8, p.Width*p.Height), Stride: p.Width, Width: p.Width, Height: p.Height}
	for y := range p.Height {
		dst, src := out.Pix[y*p.Width:][:p.Width], row(y)
		for x, i := range column {
			dst[x] = src[i]
		}
	}
	return out
}

// weave puts the samples of three or four planes side by side, 4 bytes a pixel; the
// fourth of three is 255.
func weave(pix []uint8, p *jpeg.Picture) {
	for c, plane := range p.Planes {
		column, row := across(p, plane)
		for y := range p.Height {
			dst, src := pix[4*y*p.Width:][:4*p.Width], row(y)
			for x, i := range column {
				dst[4*x+c] = src[i]
			}
		}
	}
	if len(p.Planes) == 3 {
		for i := 3; i < len(pix); i += 4 {
			pix[i] = 255
		}
	}
}

// unmix turns what Adobe's programs store into ink: they store its inverse, and
// the first three as YCbCr if the transform is not 0.
func (f *jpegFile) unmix(pix []uint8) {
	for ; len(pix) >= 4; pix = pix[4:] {
		if f.transform != 0 {
			pix[0], pix[1], pix[2] = color.YCbCrToRGB(pix[0], pix[1], pix[2]) // the inverse of ink
		} else {
			pix[0], pix[1], pix[2] = 255-pix[0], 255-pix[1], 255-pix[2]
		}
		pix[3] = 255 - pix[3]
	}
}
