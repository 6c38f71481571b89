package vision

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"

	"github.com/quintet-ai/quintet"
)

// Flags of a VP8X chunk, RFC 9649 §2.7.
const (
	webpAnimated = 1 << 1
	webpEXIF     = 1 << 3
	webpAlpha    = 1 << 4
)

// webpFile is a WebP up to the bits of its picture.
type webpFile struct {
	metadata
	width, height int
	lossless      bool
	alpha         bool      // lossless: the hint of the header
	payload       webpChunk // VP8 or VP8L
	alphaPlane    webpChunk // ALPH beside VP8
}

// webpChunk is a chunk's place in the file, without its header.
type webpChunk struct {
	id     string
	at, n  int
	exists bool
}

func parseWebP(data []byte) (file, error) {
	f := &webpFile{}
	var flags byte
	var canvas image.Point
	for at := 12; ; {
		head, err := cut(data, at, 8)
		if err != nil {
			return nil, err
		}
		c := webpChunk{id: string(head[:4]), at: at + 8, n: int(binary.LittleEndian.Uint32(head[4:])), exists: true}
		switch c.id {
		case "VP8X":
			b, err := cut(data, c.at, 10)
			if err != nil {
				return nil, err
			}
			flags, canvas = b[0], image.Pt(1+le24(b[4:]), 1+le24(b[7:]))
		case "ALPH":
			f.alphaPlane = c
		case "VP8 ", "VP8L":
			f.payload = c
			if err := f.picture(data, canvas); err != nil {
				return nil, err
			}
			if flags&webpEXIF == 0 {
				return f, nil
			}
			return f, f.readMetadata(data, c.next())
		}
		if flags&webpAnimated != 0 {
			return nil, fmt.Errorf("animated webp: %w", quintet.ErrUnsupported)
		}
		at = c.next()
	}
}

func le24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// next returns the offset of the chunk that follows; chunks begin at even ones.
func (c webpChunk) next() int { return c.at + c.n + c.n&1 }

// readMetadata looks for the EXIF chunk, which comes behind the picture.
func (f *webpFile) readMetadata(data []byte, at int) error {
	for {
		head, err := cut(data, at, 8)
		if err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) == "EXIF" {
			b, err := cut(data, at+8, n)
			f.metadata.add(bytes.TrimPrefix(b, []byte(exifPrefix)))
			return err
		}
		at = webpChunk{at: at + 8, n: n}.next()
	}
}

// picture reads the header of the picture itself. A canvas is the size that a
// VP8X chunk has announced, if there was one.
func (f *webpFile) picture(data []byte, canvas image.Point) error {
	var err error
	if f.payload.id == "VP8L" {
		err = f.losslessHeader(data)
	} else {
		err = f.lossyHeader(data)
	}
	if err != nil {
		return err
	}
	if f.width == 0 || f.height == 0 || canvas != (image.Point{}) && canvas != image.Pt(f.width, f.height) {
		return fmt.Errorf("webp of %dx%d pixels on a canvas of %v: %w", f.width, f.height, canvas, quintet.ErrInput)
	}
	return nil
}

// losslessHeader reads RFC 9649 §3.4.
func (f *webpFile) losslessHeader(data []byte) error {
	b, err := cut(data, f.payload.at, 5)
	if err != nil {
		return err
	}
	bits := binary.LittleEndian.Uint32(b[1:])
	if b[0] != 0x2f || bits>>29 != 0 {
		return fmt.Errorf("webp lossless header % x: %w", b, quintet.ErrInput)
	}
	f.lossless = true
	f.width, f.height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	f.alpha = bits>>28&1 != 0
	return nil
}

// lossyHeader reads RFC 6386 §9.1: only a key frame is a picture, and its first
// partition has to lie inside the chunk.
func (f *webpFile) lossyHeader(data []byte) error {
	b, err := cut(data, f.payload.at, 10)
	if err != nil {
		return err
	}
	if b[0]&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" || firstPartition(b) > f.payload.n-10 {
		return fmt.Errorf("webp lossy header % x: %w", b, quintet.ErrInput)
	}
	f.width, f.height = le16(b[6:])&0x3fff, le16(b[8:])&0x3fff
	return nil
}

// firstPartition returns the length of the partition that holds the modes of all
// macroblocks.
func firstPartition(b []byte) int { return le24(b) >> 5 }

func (f *webpFile) info() Info {
	i := Info{
		Format: WebP, Width: f.width, Height: f.height, Orientation: max(f.orientation, 1), EXIF: f.exif,
		Color: ColorYCbCr, Depth: 8, Alpha: f.alpha || f.alphaPlane.exists,
	}
	if f.lossless {
		i.Color = ColorRGB
	}
	return i
}

// memory: VP8 keeps 4:2:0 planes of whole macroblocks, a few bytes for each
// macroblock and a copy of its data. ALPH adds a plane that may be packed as
// VP8L.
func (f *webpFile) memory() (peak, result int64) {
	pixels := int64(f.width) * int64(f.height)
	if f.lossless {
		return losslessMemory(f.width, f.height, f.payload.n), 4 * pixels
	}
	blocks := int64(divUp(f.width, 16)) * int64(divUp(f.height, 16))
	result = 384 * blocks
	peak = result + 8*blocks + 64*int64(divUp(f.width, 16)) + int64(f.payload.n)
	if f.alphaPlane.exists {
		result += pixels
		peak += pixels + losslessMemory(f.width, f.height, f.alphaPlane.n)
	}
	return peak, result
}

// losslessMemory estimates from above what VP8L takes: 4 bytes a pixel, half as
// much again for a picture that is packed two indexes to a pixel before it is
// spread, and three pictures with a pixel for each tile of 4x4 (predictor, colour
// transform, code groups). Each tile may have its own group of Huffman trees, up
// to 2600 in all, at 2.7 kB and 16 bytes a symbol. A group has at most 3136
// symbols, and n bytes of data describe at most 24n: a run of six equal code
// lengths costs two bits or more.
func losslessMemory(w, h, n int) int64 {
	tiles := int64(divUp(w, 4)) * int64(divUp(h, 4))
	groups := min(tiles, 2600)
	trees := groups*2700 + 16*min(24*int64(n), groups*3136)
	return 6*int64(w)*int64(h) + 4*int64(h) + 3*4*tiles + trees
}

// verify holds macroblocks against the first partition: each costs at least a
// bit there, since the fixed probabilities of a key frame give its luma mode 0.8
// bits or more and its chroma mode 0.8 more (RFC 6386 §11.2, §11.4). Raw alpha
// needs a byte a pixel. VP8L has no such bound: a picture of one colour takes
// some twenty bytes at any size, so only [Limits] bound it.
func (f *webpFile) verify(data []byte) error {
	for _, c := range []webpChunk{f.payload, f.alphaPlane} {
		if _, err := cut(data, c.at, c.n); err != nil {
			return fmt.Errorf("webp ends in its %s chunk: %w", c.id, quintet.ErrInput)
		}
	}
	if f.lossless {
		return nil
	}
	blocks := int64(divUp(f.width, 16)) * int64(divUp(f.height, 16))
	if most := 8 * int64(firstPartition(data[f.payload.at:])); blocks > most {
		return &LimitError{Field: "Data", Got: blocks, Max: most}
	}
	if a := f.alphaPlane; a.exists {
		if a.n == 0 {
			return fmt.Errorf("webp with an empty alpha chunk: %w", quintet.ErrInput)
		}
		if n := int64(f.width) * int64(f.height); data[a.at]&3 == 0 && n > int64(a.n-1) {
			return &LimitError{Field: "Data", Got: n, Max: int64(a.n - 1)}
		}
	}
	return nil
}

// decode hands the decoder a container with the inspected chunks and nothing
// else, so that it cannot find another picture in the file.
func (f *webpFile) decode(_ context.Context, data []byte) (image.Image, error) {
	var parts []io.Reader
	size := 4
	add := func(id string, body []byte) {
		head := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
		for _, b := range [][]byte{head, body, make([]byte, len(body)&1)} {
			parts = append(parts, bytes.NewReader(b))
		}
		size += 8 + len(body) + len(body)&1
	}
	if a := f.alphaPlane; a.exists && !f.lossless {
		x := make([]byte, 10)
		x[0] = webpAlpha
		x[4], x[5], x[6] = byte(f.width-1), byte((f.width-1)>>8), byte((f.width-1)>>16)
		x[7], x[8], x[9] = byte(f.height-1), byte((f.height-1)>>8), byte((f.height-1)>>16)
		add("VP8X", x)
		add("ALPH", data[a.at:a.at+a.n])
	}
	add(f.payload.id, data[f.payload.at:f.payload.at+f.payload.n])
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))
	head = append(head, "WEBP"...)
	return webp.Decode(io.MultiReader(append([]io.Reader{bytes.NewReader(head)}, parts...)...))
}
