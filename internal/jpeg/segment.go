package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Markers, ITU-T T.81 table B.1.
const (
	SOF0  = 0xc0 // baseline
	SOF2  = 0xc2 // progressive
	DHT   = 0xc4
	RST0  = 0xd0
	RST7  = 0xd7
	SOI   = 0xd8
	EOI   = 0xd9
	SOS   = 0xda
	DQT   = 0xdb
	DRI   = 0xdd
	APP0  = 0xe0
	APP1  = 0xe1
	APP14 = 0xee
)

// IsFrame reports whether a marker starts a frame, of whatever coding.
func IsFrame(m byte) bool {
	return m >= SOF0 && m <= 0xcf && m != DHT && m != 0xc8 && m != 0xcc
}

// ErrShort says that data ends inside of a segment or before the end marker. It
// wraps [quintet.ErrInput].
var ErrShort = fmt.Errorf("jpeg: data is truncated: %w", quintet.ErrInput)

func bad(format string, a ...any) error {
	return fmt.Errorf("jpeg: "+format+": %w", append(a, quintet.ErrInput)...)
}

// Segments walks the marker segments of a JPEG from Pos on. Between segments it
// passes over whatever is not a marker with a length: entropy-coded data, stuffed
// zeros, fill bytes and restart markers, T.81 B.1.1.
type Segments struct {
	Data []byte
	Pos  int
}

// Next returns a marker with its segment, which is empty for the end marker.
func (s *Segments) Next() (marker byte, body []byte, err error) {
	for marker == 0 {
		i := bytes.IndexByte(s.Data[s.Pos:], 0xff)
		if i < 0 || s.Pos+i+1 >= len(s.Data) {
			return 0, nil, ErrShort
		}
		s.Pos += i + 1
		switch m := s.Data[s.Pos]; {
		case m == 0xff: // a fill byte; look at its follower next
		case m == 0, m >= RST0 && m <= RST7:
			s.Pos++
		default:
			marker = m
			s.Pos++
		}
	}
	if marker == EOI {
		return marker, nil, nil
	}
	if marker < SOF0 {
		return 0, nil, bad("marker 0x%x", marker)
	}
	if s.Pos+2 > len(s.Data) {
		return 0, nil, ErrShort
	}
	n := int(binary.BigEndian.Uint16(s.Data[s.Pos:]))
	if n < 2 {
		return 0, nil, bad("segment of length %d", n)
	}
	if s.Pos+n > len(s.Data) {
		return 0, nil, ErrShort
	}
	body = s.Data[s.Pos+2 : s.Pos+n]
	s.Pos += n
	return marker, body, nil
}

// Frame is what a frame header says, T.81 B.2.2.
type Frame struct {
	Width, Height int
	Progressive   bool
	Components    []Component
}

// Component is a plane of a frame: its name, its sampling factors, 1 to 4, and the
// number of its quantization table. A single component has factors of 1.
type Component struct {
	ID    byte
	H, V  int
	Table byte
}

// Sampling returns the largest factors.
func (f *Frame) Sampling() (h, v int) {
	for _, c := range f.Components {
		h, v = max(h, c.H), max(v, c.V)
	}
	return h, v
}

// ParseFrame reads the segment of a frame marker.
func ParseFrame(marker byte, body []byte) (f Frame, err error) {
	if marker > SOF2 {
		return f, fmt.Errorf("jpeg: frame 0x%x is lossless, hierarchical or arithmetic: %w", marker, quintet.ErrUnsupported)
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[5] == 0 {
		return f, bad("frame header of %d bytes", len(body))
	}
	if n := body[5]; body[0] != 8 || n != 1 && n != 3 && n != 4 {
		return f, fmt.Errorf("jpeg: %d components of %d bits: %w", n, body[0], quintet.ErrUnsupported)
	}
	f.Progressive = marker == SOF2
	f.Height, f.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if f.Width == 0 || f.Height == 0 {
		return f, bad("%dx%d pixels", f.Width, f.Height)
	}
	for c := body[6:]; len(c) > 0; c = c[3:] {
		p := Component{c[0], int(c[1] >> 4), int(c[1] & 15), c[2]}
		if p.H < 1 || p.H > 4 || p.V < 1 || p.V > 4 || p.Table > 3 {
			return f, bad("component with sampling %dx%d and table %d", p.H, p.V, p.Table)
		}
		f.Components = append(f.Components, p)
	}
	if len(f.Components) == 1 {
		f.Components[0].H, f.Components[0].V = 1, 1 // no ratio, T.81 A.2.2
	}
	return f, nil
}

// quantization reads tables, T.81 B.2.4.1.
func (d *decoder) quantization(body []byte) error {
	for len(body) > 0 {
		wide, id := int(body[0]>>4), body[0]&15
		size := 64 << wide
		if wide > 1 || id > 3 || len(body) < 1+size {
			return bad("quantization table")
		}
		q := &d.steps[id]
		for i := range q {
			if wide == 1 {
				q[i] = int32(binary.BigEndian.Uint16(body[1+2*i:]))
			} else {
				q[i] = int32(body[1+i])
			}
		}
		body = body[1+size:]
	}
	return nil
}

// huffmanTables reads tables, T.81 B.2.4.2.
func (d *decoder) huffmanTables(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 {
			return bad("huffman table of %d bytes", len(body))
		}
		class, id := body[0]>>4, body[0]&15
		total := 0
		for _, n := range body[1:17] {
			total += int(n)
		}
		if class > 1 || id > 3 || total == 0 || total > 256 || len(body) < 17+total {
			return bad("huffman table")
		}
		if err := d.tables[class][id].define(body[1:17], body[17:17+total]); err != nil {
			return err
		}
		body = body[17+total:]
	}
	return nil
}
