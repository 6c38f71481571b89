package vision

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"reflect"

	"github.com/quintet-ai/quintet"
)

// source reads a picture row by row, with 8 bits a sample and without At where
// it can. It has checked that no row reaches outside the picture's memory. It
// reuses its row buffers, so each goroutine needs its own.
type source struct {
	img    image.Image
	w, h   int
	opaque bool // no pixel is transparent

	// nrgba and luma return row y in [0, h), valid until the next call: 4*w
	// bytes of straight colour, w bytes of luma. Luma is that of JPEG (BT.601,
	// full range), of a transparent pixel as it looks on white.
	nrgba func(y int) []uint8
	luma  func(y int) []uint8
}

// newSource returns an error wrapping quintet.ErrInput for a picture that is
// nil, empty, or cannot be read without a panic. Pictures of other types than
// those of package image exist in no memory that could be checked: they must
// keep to the default limits.
func newSource(img image.Image) (*source, error) {
	if v := reflect.ValueOf(img); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, fmt.Errorf("picture is nil: %w", quintet.ErrInput)
	}
	b := img.Bounds()
	s := &source{img: img, w: b.Dx(), h: b.Dy()}
	if s.w <= 0 || s.h <= 0 {
		return nil, fmt.Errorf("picture of bounds %v is empty: %w", b, quintet.ErrInput)
	}
	if !s.held() {
		return nil, fmt.Errorf("%T of bounds %v holds too few pixels: %w", img, b, quintet.ErrInput)
	}
	if err := s.read(); err != nil {
		return nil, err
	}
	if s.luma == nil {
		buf := make([]uint8, s.w)
		s.luma = func(y int) []uint8 {
			lumaOf(buf, s.nrgba(y))
			return buf
		}
	}
	return s, nil
}

// read chooses the readers for the type of the picture.
func (s *source) read() error {
	s.opaque = true
	switch m := s.img.(type) {
	case *image.Gray:
		s.luma = func(y int) []uint8 { return m.Pix[y*m.Stride:][:s.w] }
		s.nrgba = s.buffered(func(dst []uint8, y int) { grayRow(dst, s.luma(y)) })
	case *image.NRGBA:
		s.opaque = m.Opaque()
		s.nrgba = func(y int) []uint8 { return m.Pix[y*m.Stride:][:4*s.w] }
	case *image.RGBA:
		if s.opaque = m.Opaque(); s.opaque {
			s.nrgba = func(y int) []uint8 { return m.Pix[y*m.Stride:][:4*s.w] }
		} else {
			s.nrgba = s.buffered(func(dst []uint8, y int) { straightRow(dst, m.Pix[y*m.Stride:]) })
		}
	case *image.YCbCr:
		s.luma = func(y int) []uint8 { return m.Y[y*m.YStride:][:s.w] }
		s.nrgba = s.buffered(func(dst []uint8, y int) { yCbCrRow(dst, m, y) })
	case *image.NYCbCrA:
		s.opaque = m.Opaque()
		s.nrgba = s.buffered(func(dst []uint8, y int) {
			yCbCrRow(dst, &m.YCbCr, y)
			for x, a := range m.A[y*m.AStride:][:s.w] {
				dst[4*x+3] = a
			}
		})
	case *image.CMYK:
		s.nrgba = s.buffered(func(dst []uint8, y int) { cmykRow(dst, m.Pix[y*m.Stride:]) })
	case *image.Gray16:
		s.nrgba = s.buffered(func(dst []uint8, y int) { gray16Row(dst, m.Pix[y*m.Stride:]) })
	case *image.NRGBA64:
		s.opaque = m.Opaque()
		s.nrgba = s.buffered(func(dst []uint8, y int) { highRow(dst, m.Pix[y*m.Stride:]) })
	case *image.RGBA64:
		s.opaque = m.Opaque()
		s.nrgba = s.buffered(func(dst []uint8, y int) { straight64Row(dst, m.Pix[y*m.Stride:]) })
	case *image.Paletted:
		return s.readPaletted(m)
	default:
		return s.readOther()
	}
	return nil
}

// buffered returns a reader that fills one buffer again and again.
func (s *source) buffered(read func(dst []uint8, y int)) func(y int) []uint8 {
	buf := make([]uint8, 4*s.w)
	return func(y int) []uint8 {
		read(buf, y)
		return buf
	}
}

// readPaletted refuses indexes outside the palette and colours that are nil.
func (s *source) readPaletted(m *image.Paletted) error {
	var colors [256][4]uint8
	var known [256]bool
	for i, c := range m.Palette[:min(len(m.Palette), 256)] {
		if c == nil {
			continue
		}
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		colors[i], known[i] = [4]uint8{n.R, n.G, n.B, n.A}, true
	}
	for y := range s.h {
		for _, i := range m.Pix[y*m.Stride:][:s.w] {
			if !known[i] {
				return fmt.Errorf("pixel of colour %d in a palette of %d: %w", i, len(m.Palette), quintet.ErrInput)
			}
			s.opaque = s.opaque && colors[i][3] == 255
		}
	}
	s.nrgba = s.buffered(func(dst []uint8, y int) {
		for x, i := range m.Pix[y*m.Stride:][:s.w] {
			copy(dst[4*x:4*x+4], colors[i][:])
		}
	})
	return nil
}

// readOther goes through the pixels one by one.
func (s *source) readOther() error {
	if err := defaultLimits().size(s.w, s.h); err != nil {
		return err
	}
	o, ok := s.img.(interface{ Opaque() bool })
	s.opaque = ok && o.Opaque()
	at := s.img.Bounds().Min
	s.nrgba = s.buffered(func(dst []uint8, y int) {
		for x := range s.w {
			c := color.NRGBAModel.Convert(s.img.At(at.X+x, at.Y+y)).(color.NRGBA)
			d := dst[4*x : 4*x+4 : 4*x+4]
			d[0], d[1], d[2], d[3] = c.R, c.G, c.B, c.A
		}
	})
	return nil
}

// held reports whether the memory of a picture of package image covers its
// bounds.
func (s *source) held() bool {
	switch m := s.img.(type) {
	case *image.Gray:
		return s.covers(len(m.Pix), m.Stride, 1)
	case *image.Gray16:
		return s.covers(len(m.Pix), m.Stride, 2)
	case *image.Alpha:
		return s.covers(len(m.Pix), m.Stride, 1)
	case *image.Alpha16:
		return s.covers(len(m.Pix), m.Stride, 2)
	case *image.Paletted:
		return s.covers(len(m.Pix), m.Stride, 1)
	case *image.NRGBA:
		return s.covers(len(m.Pix), m.Stride, 4)
	case *image.RGBA:
		return s.covers(len(m.Pix), m.Stride, 4)
	case *image.CMYK:
		return s.covers(len(m.Pix), m.Stride, 4)
	case *image.NRGBA64:
		return s.covers(len(m.Pix), m.Stride, 8)
	case *image.RGBA64:
		return s.covers(len(m.Pix), m.Stride, 8)
	case *image.YCbCr:
		return s.coversYCbCr(m)
	case *image.NYCbCrA:
		return s.coversYCbCr(&m.YCbCr) && s.covers(len(m.A), m.AStride, 1)
	}
	return true
}

// covers reports whether n bytes hold h rows of w units, stride apart. It
// divides, since the products of hostile numbers overflow.
func (s *source) covers(n, stride, unit int) bool {
	if s.w > n/unit {
		return false
	}
	return s.h == 1 || stride >= s.w*unit && (n-s.w*unit)/stride >= s.h-1
}

func (s *source) coversYCbCr(m *image.YCbCr) bool {
	r := m.Rect
	if min(r.Min.X, r.Min.Y) < 0 || max(r.Max.X, r.Max.Y) > math.MaxInt-4 || !s.covers(len(m.Y), m.YStride, 1) {
		return false
	}
	c := chromaOf(m)
	chroma := source{w: c.w, h: c.h}
	return chroma.covers(len(m.Cb), m.CStride, 1) && chroma.covers(len(m.Cr), m.CStride, 1)
}

// chroma is the grid of a YCbCr picture's chroma samples: w by h of them, each
// for sx by sy pixels, of which the first column and row may belong to x0 and y0
// pixels outside the picture.
type chroma struct{ w, h, sx, sy, x0, y0 int }

func chromaOf(m *image.YCbCr) chroma {
	r := m.Rect
	sx, sy := subsampling(m.SubsampleRatio)
	return chroma{
		w: divUp(r.Max.X, sx) - r.Min.X/sx, h: divUp(r.Max.Y, sy) - r.Min.Y/sy,
		sx: sx, sy: sy, x0: r.Min.X % sx, y0: r.Min.Y % sy,
	}
}
