package vision

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/jpeg"
)

// maxScans is how many scans of a JPEG are read. Encoders write a dozen. A scan
// whose blocks all lie in one end-of-band run costs a few bytes and yet visits
// every block, so without a bound a small file keeps a decoder busy for hours.
const maxScans = 128

// jpegFile is a JPEG up to its first scan.
type jpegFile struct {
	jpeg.Frame
	metadata
	jfif      bool
	adobe     bool
	transform byte // of the Adobe segment
	scan      int  // offset of the first SOS marker

	scale int // by which decode shrinks: 1, 2, 4 or 8
}

func parseJPEG(data []byte) (file, error) {
	f := &jpegFile{scale: 1}
	s := jpeg.Segments{Data: data, Pos: 2}
	for {
		f.scan = s.Pos
		marker, body, err := s.Next()
		if errors.Is(err, jpeg.ErrShort) {
			return nil, errShort
		}
		switch {
		case err != nil:
		case marker == jpeg.SOS:
			return f, f.check()
		case marker == jpeg.EOI:
			err = fmt.Errorf("jpeg without a scan: %w", quintet.ErrInput)
		case jpeg.IsFrame(marker) && f.Components != nil:
			err = errTwoFrames
		case jpeg.IsFrame(marker):
			f.Frame, err = jpeg.ParseFrame(marker, body)
		case marker == jpeg.APP0:
			f.jfif = bytes.HasPrefix(body, []byte("JFIF\x00"))
		case marker == jpeg.APP1 && bytes.HasPrefix(body, []byte(exifPrefix)):
			f.metadata.add(body[len(exifPrefix):])
		case marker == jpeg.APP14 && len(body) >= 12 && string(body[:5]) == "Adobe":
			f.adobe, f.transform = true, body[11]
		}
		if err != nil {
			return nil, err
		}
	}
}

var errTwoFrames = fmt.Errorf("jpeg has two frames: %w", quintet.ErrInput)

func (f *jpegFile) check() error {
	if f.Components == nil {
		return fmt.Errorf("jpeg scan before its frame: %w", quintet.ErrInput)
	}
	if len(f.Components) == 4 && !f.adobe {
		return fmt.Errorf("jpeg of 4 components that names no colour space: %w", quintet.ErrUnsupported)
	}
	return nil
}

// ratio returns how the chroma of three components is sampled. It is not ok if
// package image has no name for it.
func (f *jpegFile) ratio() (r image.YCbCrSubsampleRatio, ok bool) {
	y, cb, cr := f.Components[0], f.Components[1], f.Components[2]
	if cb.H != cr.H || cb.V != cr.V || y.H%cb.H != 0 || y.V%cb.V != 0 {
		return image.YCbCrSubsampleRatio444, false
	}
	switch [2]int{y.H / cb.H, y.V / cb.V} {
	case [2]int{1, 1}:
		return image.YCbCrSubsampleRatio444, true
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422, true
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420, true
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440, true
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411, true
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410, true
	}
	return image.YCbCrSubsampleRatio444, false
}

func (f *jpegFile) info() Info {
	return Info{
		Format: JPEG, Width: f.Width, Height: f.Height, Orientation: max(f.orientation, 1), EXIF: f.exif,
		Color: f.color(), Depth: 8, Progressive: f.Progressive,
	}
}

// color says what the components are. JFIF knows gray and YCbCr only; without
// it, Adobe's transform 0 and the component names R, G, B say that three
// components are not transformed.
func (f *jpegFile) color() ColorModel {
	switch {
	case len(f.Components) == 1:
		return ColorGray
	case len(f.Components) == 4:
		return ColorCMYK
	case f.jfif:
		return ColorYCbCr
	case f.adobe && f.transform == 0, f.Components[0].ID == 'R' && f.Components[1].ID == 'G' && f.Components[2].ID == 'B':
		return ColorRGB
	}
	return ColorYCbCr
}

// memory: the decoder rounds each plane up to whole MCUs of 8h x 8v samples. Of a
// progressive file it keeps the coefficients of all scans too, 2 bytes each. What
// is not gray and has no ratio is woven into a result of its own.
func (f *jpegFile) memory() (peak, result int64) {
	h, v := f.Sampling()
	mcus := int64(divUp(f.Width, 8*h)) * int64(divUp(f.Height, 8*v))
	samples := int64(0)
	for _, c := range f.Components {
		samples += 64 * mcus * int64(c.H*c.V)
	}
	result = samples / int64(f.scale*f.scale)
	peak = result
	if f.Progressive {
		peak += 2 * samples
	}
	pixels := int64(divUp(f.Width, f.scale)) * int64(divUp(f.Height, f.scale))
	switch c := f.color(); {
	case c == ColorRGB || c == ColorCMYK:
		result = 4 * pixels
		peak += result
	case c == ColorYCbCr:
		if _, ok := f.ratio(); !ok {
			result = 3 * pixels
			peak += result
		}
	}
	return peak, result
}

// verify counts scans and holds the number of 8x8 blocks against the bits that
// follow the first SOS marker. A block costs at least one bit in the first DC
// scan of its component, and in a sequential JPEG a second one for its AC
// coefficients, since no Huffman code is empty (T.81 C.2). End-of-band runs do
// not help: they cover AC coefficients only (G.1.2.2).
func (f *jpegFile) verify(data []byte) error {
	s := jpeg.Segments{Data: data, Pos: f.scan}
	for scans := 0; ; {
		marker, _, err := s.Next()
		switch {
		case errors.Is(err, jpeg.ErrShort):
			return fmt.Errorf("jpeg ends without its end marker: %w", quintet.ErrInput)
		case err != nil:
			return err
		case marker == jpeg.EOI:
			return f.justified(s.Pos - f.scan)
		case jpeg.IsFrame(marker):
			return errTwoFrames
		case marker == jpeg.SOS:
			if scans++; scans > maxScans {
				return &LimitError{Field: "Scans", Got: int64(scans), Max: maxScans}
			}
		}
	}
}

func (f *jpegFile) justified(n int) error {
	units := 8 * int64(n)
	if !f.Progressive {
		units /= 2
	}
	var blocks int64
	across, down := f.Sampling()
	for _, c := range f.Components {
		w, h := divUp(f.Width*c.H, across), divUp(f.Height*c.V, down)
		blocks += int64(divUp(w, 8)) * int64(divUp(h, 8))
	}
	if blocks > units {
		return &LimitError{Field: "Data", Got: blocks, Max: units}
	}
	return nil
}
