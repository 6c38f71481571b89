package vision

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/quintet-ai/quintet"
)

// maxScans is how many scans of a JPEG are read. Encoders write a dozen. A scan
// whose blocks all lie in one end-of-band run costs a few bytes and yet visits
// every block, so without a bound a small file keeps a decoder busy for hours.
const maxScans = 128

// jpegFile is a JPEG up to its first scan.
type jpegFile struct {
	width, height int
	progressive   bool
	comps         []jpegComponent
	orientation   Orientation
	jfif          bool
	adobe         bool
	transform     byte // of the Adobe segment
	scan          int  // offset of the first SOS marker
}

type jpegComponent struct {
	id   byte
	h, v int // sampling factors
}

func parseJPEG(data []byte) (file, error) {
	f := &jpegFile{}
	s := jpegSegments{data: data, pos: 2}
	for {
		f.scan = s.pos
		marker, body, err := s.next()
		if err != nil {
			return nil, err
		}
		switch {
		case marker == markSOS:
			return f, f.check()
		case marker == markEOI:
			return nil, fmt.Errorf("jpeg without a scan: %w", quintet.ErrInput)
		case isFrame(marker):
			err = f.frame(marker, body)
		case marker == markAPP0:
			f.jfif = bytes.HasPrefix(body, []byte("JFIF\x00"))
		case marker == markAPP1 && f.orientation == 0 && bytes.HasPrefix(body, []byte(exifPrefix)):
			f.orientation = exifOrientation(body[len(exifPrefix):])
		case marker == markAPP14 && len(body) >= 12 && string(body[:5]) == "Adobe":
			f.adobe, f.transform = true, body[11]
		}
		if err != nil {
			return nil, err
		}
	}
}

// frame reads a frame header, T.81 B.2.2.
func (f *jpegFile) frame(marker byte, body []byte) error {
	if f.comps != nil {
		return fmt.Errorf("jpeg has two frames: %w", quintet.ErrInput)
	}
	if marker > markSOF2 {
		return fmt.Errorf("jpeg frame 0x%x is lossless, hierarchical or arithmetic: %w", marker, quintet.ErrUnsupported)
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[5] == 0 {
		return fmt.Errorf("jpeg frame header of %d bytes: %w", len(body), quintet.ErrInput)
	}
	if body[0] != 8 {
		return fmt.Errorf("jpeg of %d bits per sample: %w", body[0], quintet.ErrUnsupported)
	}
	f.progressive = marker == markSOF2
	f.height = int(binary.BigEndian.Uint16(body[1:]))
	f.width = int(binary.BigEndian.Uint16(body[3:]))
	for c := body[6:]; len(c) > 0; c = c[3:] {
		f.comps = append(f.comps, jpegComponent{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15)})
	}
	return nil
}

// check refuses what image/jpeg could not decode either, but by its reason.
func (f *jpegFile) check() error {
	if f.comps == nil {
		return fmt.Errorf("jpeg scan before its frame: %w", quintet.ErrInput)
	}
	if f.width == 0 || f.height == 0 {
		return fmt.Errorf("jpeg of %dx%d pixels: %w", f.width, f.height, quintet.ErrInput)
	}
	for _, c := range f.comps {
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return fmt.Errorf("jpeg sampling factors %dx%d: %w", c.h, c.v, quintet.ErrInput)
		}
	}
	switch n := len(f.comps); {
	case n != 1 && n != 3 && n != 4:
		return fmt.Errorf("jpeg of %d components: %w", n, quintet.ErrUnsupported)
	case n == 1:
		f.comps[0].h, f.comps[0].v = 1, 1 // a single component has no ratio, T.81 A.2.2
	case n == 4 && !f.adobe:
		return fmt.Errorf("jpeg of 4 components that names no colour space: %w", quintet.ErrUnsupported)
	case !f.knownSampling():
		return fmt.Errorf("jpeg sampling %v: %w", f.comps, quintet.ErrUnsupported)
	}
	return nil
}

// knownSampling holds the sampling factors of three or four components against
// those that image/jpeg decodes: luma (and black) at the finest resolution,
// both chroma alike, at 1, 1/2 or 1/4 of it.
func (f *jpegFile) knownSampling() bool {
	y, cb, cr := f.comps[0], f.comps[1], f.comps[2]
	for _, c := range f.comps {
		if c.h == 3 || c.v == 3 {
			return false
		}
	}
	if cb.h != cr.h || cb.v != cr.v {
		return false
	}
	if len(f.comps) == 4 {
		k := f.comps[3]
		return y.h == y.v && y.h <= 2 && cb.h == 1 && cb.v == 1 && k.h == y.h && k.v == y.v
	}
	return y.v <= 2 && y.h%cb.h == 0 && y.v%cb.v == 0
}

// ratio returns how the chroma of three components is sampled.
func (f *jpegFile) ratio() image.YCbCrSubsampleRatio {
	y, c := f.comps[0], f.comps[1]
	switch [2]int{y.h / c.h, y.v / c.v} {
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410
	}
	return image.YCbCrSubsampleRatio444
}

func (f *jpegFile) info() Info {
	return Info{
		Format: JPEG, Width: f.width, Height: f.height, Orientation: max(f.orientation, 1),
		Color: f.color(), Depth: 8, Progressive: f.progressive,
	}
}

// color says what the components are. JFIF knows gray and YCbCr only; without
// it, Adobe's transform 0 and the component names R, G, B say that three
// components are not transformed.
func (f *jpegFile) color() ColorModel {
	switch {
	case len(f.comps) == 1:
		return ColorGray
	case len(f.comps) == 4:
		return ColorCMYK
	case f.jfif:
		return ColorYCbCr
	case f.adobe && f.transform == 0, f.comps[0].id == 'R' && f.comps[1].id == 'G' && f.comps[2].id == 'B':
		return ColorRGB
	}
	return ColorYCbCr
}

// memory: a decoder rounds each plane up to whole MCUs of 8h x 8v samples. A
// progressive one keeps the coefficients of all scans too, 4 bytes each. RGB
// and CMYK are woven into a result of their own.
func (f *jpegFile) memory() (peak, result int64) {
	y := f.comps[0]
	mcus := int64(divUp(f.width, 8*y.h)) * int64(divUp(f.height, 8*y.v))
	for _, c := range f.comps {
		result += 64 * mcus * int64(c.h*c.v)
	}
	peak = result
	if f.progressive {
		peak += 4 * result
	}
	if c := f.color(); c == ColorRGB || c == ColorCMYK {
		result = 4 * int64(f.width) * int64(f.height)
		peak += result
	}
	return peak, result
}

// verify counts scans and holds the number of 8x8 blocks against the bits that
// follow the first SOS marker. A block costs at least one bit in the first DC
// scan of its component, and in a sequential JPEG a second one for its AC
// coefficients, since no Huffman code is empty (T.81 C.2). End-of-band runs do
// not help: they cover AC coefficients only (G.1.2.2).
func (f *jpegFile) verify(data []byte) error {
	s := jpegSegments{data: data, pos: f.scan}
	for scans := 0; ; {
		marker, _, err := s.next()
		switch {
		case errors.Is(err, errShort):
			return fmt.Errorf("jpeg ends without its end marker: %w", quintet.ErrInput)
		case err != nil:
			return err
		case marker == markEOI:
			return f.justified(s.pos - f.scan)
		case isFrame(marker):
			return fmt.Errorf("jpeg has two frames: %w", quintet.ErrInput)
		case marker == markSOS:
			if scans++; scans > maxScans {
				return &LimitError{Field: "Scans", Got: int64(scans), Max: maxScans}
			}
		}
	}
}

func (f *jpegFile) justified(n int) error {
	units := 8 * int64(n)
	if !f.progressive {
		units /= 2
	}
	var blocks int64
	for _, c := range f.comps {
		w, h := divUp(f.width*c.h, f.comps[0].h), divUp(f.height*c.v, f.comps[0].v)
		blocks += int64(divUp(w, 8)) * int64(divUp(h, 8))
	}
	if blocks > units {
		return &LimitError{Field: "Data", Got: blocks, Max: units}
	}
	return nil
}

func (f *jpegFile) decode(data []byte) (image.Image, error) {
	return jpeg.Decode(bytes.NewReader(data))
}
