package vision

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"io"

	"github.com/quintet-ai/quintet"
)

// GIF block labels, GIF89a appendix A.
const (
	gifExtension = 0x21
	gifFrame     = 0x2c
	gifControl   = 0xf9
	gifTrailer   = 0x3b
)

// gifFile is a GIF up to the pixels of its first frame.
type gifFile struct {
	canvas     image.Point // the logical screen
	frame      image.Rectangle
	depth      int // bits per index
	interlaced bool
	clear      bool   // an index is transparent
	prefix     int    // length of header, screen descriptor and global colour table
	control    []byte // the frame's graphic control block, nil if it has none
	descriptor int    // offset of its image descriptor
	pixels     int    // offset of its LZW data, behind the code size
}

func parseGIF(data []byte) (file, error) {
	f, err := startGIF(data)
	if err != nil {
		return nil, err
	}
	switch err := f.find(data, f.prefix); {
	case err == io.EOF: //nolint:errorlint // find returns it bare
		return nil, fmt.Errorf("gif without a frame: %w", quintet.ErrInput)
	case err != nil:
		return nil, err
	}
	return f, nil
}

// startGIF reads what stands before the first block.
func startGIF(data []byte) (*gifFile, error) {
	head, err := cut(data, 0, 13)
	if err != nil {
		return nil, err
	}
	f := &gifFile{prefix: 13 + colorTable(head[10])}
	f.canvas.X, f.canvas.Y = le16(head[6:]), le16(head[8:])
	return f, nil
}

// find reads the blocks from an offset on, up to the pixels of a frame. At the trailer
// it returns io.EOF.
func (f *gifFile) find(data []byte, at int) error {
	for {
		b, err := cut(data, at, 1)
		if err != nil {
			return err
		}
		switch b[0] {
		case gifExtension:
			if b, err = cut(data, at, 2); err != nil {
				return err
			}
			body, next, err := gifBlocks(data, at+2)
			if err != nil {
				return err
			}
			if b[1] == gifControl && next-at == 8 { // one block of four bytes
				f.control, f.clear = data[at:next:next], body[0]&1 != 0
			}
			at = next
		case gifFrame:
			return f.describe(data, at)
		case gifTrailer:
			return io.EOF
		default:
			return fmt.Errorf("gif block 0x%x before a frame: %w", b[0], quintet.ErrInput)
		}
	}
}

func le16(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }

// colorTable returns the size in bytes of the table that a flags byte announces.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (1 + flags&7)
}

// gifBlocks passes over data blocks up to their terminator. It returns the first
// block and the offset behind the terminator.
func gifBlocks(data []byte, at int) (first []byte, next int, err error) {
	for i := 0; ; i++ {
		size, err := cut(data, at, 1)
		if err != nil {
			return nil, 0, err
		}
		n := int(size[0])
		if n == 0 {
			return first, at + 1, nil
		}
		b, err := cut(data, at+1, n)
		if err != nil {
			return nil, 0, err
		}
		if i == 0 {
			first = b
		}
		at += 1 + n
	}
}

// describe reads the image descriptor at an offset.
func (f *gifFile) describe(data []byte, at int) error {
	b, err := cut(data, at, 10)
	if err != nil {
		return err
	}
	f.descriptor = at
	f.frame = image.Rect(0, 0, le16(b[5:]), le16(b[7:])).Add(image.Pt(le16(b[1:]), le16(b[3:])))
	f.interlaced = b[9]&0x40 != 0
	table := b[9]
	if table&0x80 == 0 {
		table = data[10]
	}
	f.depth = 1 + int(table&7)
	f.pixels = at + 10 + colorTable(b[9]) + 1
	if f.frame.Empty() || f.frame.Max.X > f.canvas.X || f.frame.Max.Y > f.canvas.Y {
		return fmt.Errorf("gif frame %v on a canvas of %v: %w", f.frame, f.canvas, quintet.ErrInput)
	}
	_, err = cut(data, f.pixels-1, 1)
	return err
}

func (f *gifFile) info() Info {
	return Info{
		Format: GIF, Width: f.frame.Dx(), Height: f.frame.Dy(), Orientation: 1,
		Color: ColorPalette, Depth: f.depth, Alpha: f.clear, Progressive: f.interlaced,
	}
}

// memory: one byte a pixel, and another when rows are put in order.
func (f *gifFile) memory() (peak, result int64) {
	result = int64(f.frame.Dx()) * int64(f.frame.Dy())
	if f.interlaced {
		return 2 * result, result
	}
	return result, result
}

// verify holds the pixels against the bytes of LZW data. A code of b bits picks
// one of at most 2^b strings, and since the table grows by one string a code, no
// string is longer than 2^b pixels. The ratio 2^b/b is largest at the longest
// codes: 4096 pixels for 12 bits, GIF89a appendix F.
func (f *gifFile) verify(data []byte) error {
	var packed int64
	at := f.pixels
	for {
		size, err := cut(data, at, 1)
		if err != nil {
			return fmt.Errorf("gif ends in its first frame: %w", quintet.ErrInput)
		}
		if size[0] == 0 {
			break
		}
		packed += int64(size[0])
		at += 1 + int(size[0])
	}
	if n, most := int64(f.frame.Dx())*int64(f.frame.Dy()), divUp64(8*4096*packed, 12); n > most {
		return &LimitError{Field: "Data", Got: n, Max: most}
	}
	return nil
}

// decode hands image/gif the first frame and nothing else, so that it cannot
// take another block for it than the one that was inspected.
func (f *gifFile) decode(_ context.Context, data []byte) (image.Image, error) {
	m, err := gif.Decode(io.MultiReader(bytes.NewReader(data[:f.prefix]),
		bytes.NewReader(f.control), bytes.NewReader(data[f.descriptor:])))
	if err != nil {
		return nil, err
	}
	p, ok := m.(*image.Paletted)
	if !ok {
		return nil, fmt.Errorf("gif became a %T", m)
	}
	p.Rect = p.Rect.Sub(p.Rect.Min)
	return p, nil
}
