package vision

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"

	"github.com/quintet-ai/quintet"
)

// PNG colour types, ISO/IEC 15948 table 11.1.
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// pngFile is a PNG up to its pixel data.
type pngFile struct {
	metadata
	width, height int
	depth         int  // bits per sample or palette index
	color         byte // colour type
	interlaced    bool
	transparent   bool // a tRNS chunk
	idat          int  // offset of the first IDAT chunk
}

func parsePNG(data []byte) (file, error) {
	kind, body, at, err := pngChunk(data, 8)
	if err != nil {
		return nil, err
	}
	if kind != "IHDR" || len(body) != 13 {
		return nil, fmt.Errorf("png begins with a chunk %q of %d bytes: %w", kind, len(body), quintet.ErrInput)
	}
	f, err := pngHeader(body)
	if err != nil {
		return nil, err
	}
	for {
		if head, err := cut(data, at, 8); err != nil {
			return nil, err
		} else if string(head[4:]) == "IDAT" { // of which a prefix is enough
			f.idat = at
			return f, nil
		}
		if kind, body, at, err = pngChunk(data, at); err != nil {
			return nil, err
		}
		switch kind {
		case "tRNS":
			f.transparent = true
		case "eXIf":
			f.metadata.add(body)
		case "IEND":
			return nil, fmt.Errorf("png without pixel data: %w", quintet.ErrInput)
		}
	}
}

// pngChunk reads the chunk at an offset and returns the offset of the next one.
func pngChunk(data []byte, at int) (kind string, body []byte, next int, err error) {
	head, err := cut(data, at, 8)
	if err != nil {
		return "", nil, 0, err
	}
	n := binary.BigEndian.Uint32(head)
	if n > 1<<31-1 {
		return "", nil, 0, fmt.Errorf("png chunk of %d bytes: %w", n, quintet.ErrInput)
	}
	body, err = cut(data, at+8, int(n))
	if err != nil {
		return "", nil, 0, err
	}
	if _, err = cut(data, at+8+int(n), 4); err != nil { // the checksum
		return "", nil, 0, err
	}
	return string(head[4:]), body, at + 12 + int(n), nil
}

// pngHeader reads an IHDR chunk.
func pngHeader(b []byte) (*pngFile, error) {
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if w == 0 || h == 0 || w > 1<<31-1 || h > 1<<31-1 {
		return nil, fmt.Errorf("png of %dx%d pixels: %w", w, h, quintet.ErrInput)
	}
	f := &pngFile{width: int(w), height: int(h), depth: int(b[8]), color: b[9], interlaced: b[12] == 1}
	known := false
	switch f.color {
	case pngGray:
		known = f.depth == 1 || f.depth == 2 || f.depth == 4 || f.depth == 8 || f.depth == 16
	case pngPalette:
		known = f.depth == 1 || f.depth == 2 || f.depth == 4 || f.depth == 8
	case pngRGB, pngGrayAlpha, pngRGBA:
		known = f.depth == 8 || f.depth == 16
	}
	if !known || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return nil, fmt.Errorf("png header % x: %w", b[8:], quintet.ErrInput)
	}
	return f, nil
}

func (f *pngFile) info() Info {
	i := Info{
		Format: PNG, Width: f.width, Height: f.height, Orientation: max(f.orientation, 1), EXIF: f.exif, Depth: f.depth,
		Alpha: f.transparent || f.color == pngGrayAlpha || f.color == pngRGBA, Progressive: f.interlaced,
	}
	switch f.color {
	case pngGray, pngGrayAlpha:
		i.Color = ColorGray
	case pngPalette:
		i.Color = ColorPalette
	default:
		i.Color = ColorRGB
	}
	return i
}

func (f *pngFile) bitsPerPixel() int64 {
	switch f.color {
	case pngRGB:
		return 3 * int64(f.depth)
	case pngGrayAlpha:
		return 2 * int64(f.depth)
	case pngRGBA:
		return 4 * int64(f.depth)
	}
	return int64(f.depth)
}

// memory: image/png keeps gray and palette pixels as one sample and everything
// else as four, of 8 or 16 bits. An interlaced picture is read in seven passes,
// together as large as the picture, and merged. Two rows are under way.
func (f *pngFile) memory() (peak, result int64) {
	bytes := int64(4)
	if !f.transparent && f.color == pngGray || f.color == pngPalette {
		bytes = 1
	}
	if f.depth == 16 {
		bytes *= 2
	}
	result = bytes * int64(f.width) * int64(f.height)
	peak = result + 2*(1+divUp64(int64(f.width)*f.bitsPerPixel(), 8))
	if f.interlaced {
		peak += result
	}
	return peak, result
}

// verify holds the size of the filtered rows against the compressed bytes.
// Deflate yields at most 258 bytes for a match, which costs at least a bit of
// length and a bit of distance code (RFC 1951 §3.2.5), so at most 1032 to 1.
func (f *pngFile) verify(data []byte) error {
	var packed int64
	for at := f.idat; ; {
		kind, body, next, err := pngChunk(data, at)
		if err != nil {
			return fmt.Errorf("png ends in its pixel data: %w", quintet.ErrInput)
		}
		if kind != "IDAT" {
			break
		}
		packed += int64(len(body))
		at = next
	}
	if raw := f.rows(); raw > 1032*packed {
		return &LimitError{Field: "Data", Got: raw, Max: 1032 * packed}
	}
	return nil
}

// rows returns the inflated bytes that the header promises: for each row of each
// pass a filter byte and its pixels, ISO/IEC 15948 §8.2.
func (f *pngFile) rows() (n int64) {
	pass := func(x0, y0, dx, dy int) {
		if w, h := divUp(max(f.width-x0, 0), dx), divUp(max(f.height-y0, 0), dy); w > 0 && h > 0 {
			n += int64(h) * (1 + divUp64(int64(w)*f.bitsPerPixel(), 8))
		}
	}
	if !f.interlaced {
		pass(0, 0, 1, 1)
		return n
	}
	pass(0, 0, 8, 8)
	pass(4, 0, 8, 8)
	pass(0, 4, 4, 8)
	pass(2, 0, 4, 4)
	pass(0, 2, 2, 4)
	pass(1, 0, 2, 2)
	pass(0, 1, 1, 2)
	return n
}

func (f *pngFile) decode(_ context.Context, data []byte) (image.Image, error) {
	return png.Decode(bytes.NewReader(data))
}
