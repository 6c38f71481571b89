package vision

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// JPEG markers, ITU-T T.81 table B.1.
const (
	markSOF0  = 0xc0 // baseline
	markSOF1  = 0xc1 // extended sequential
	markSOF2  = 0xc2 // progressive
	markDHT   = 0xc4
	markJPG   = 0xc8
	markDAC   = 0xcc
	markSOF15 = 0xcf
	markRST0  = 0xd0
	markRST7  = 0xd7
	markEOI   = 0xd9
	markSOS   = 0xda
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP14 = 0xee
)

// isFrame reports whether a marker starts a frame, of whatever coding.
func isFrame(m byte) bool {
	return m >= markSOF0 && m <= markSOF15 && m != markDHT && m != markJPG && m != markDAC
}

// jpegSegments walks the marker segments of a JPEG. Between segments it passes
// over whatever is not a marker with a length: entropy-coded data, stuffed
// zeros, fill bytes and restart markers, T.81 B.1.1.
type jpegSegments struct {
	data []byte
	pos  int
}

// next returns a marker with its segment, which is empty for the end marker.
func (s *jpegSegments) next() (marker byte, body []byte, err error) {
	for marker == 0 {
		i := bytes.IndexByte(s.data[s.pos:], 0xff)
		if i < 0 || s.pos+i+1 >= len(s.data) {
			return 0, nil, errShort
		}
		s.pos += i + 1
		switch m := s.data[s.pos]; {
		case m == 0xff: // a fill byte; look at its follower next
		case m == 0, m >= markRST0 && m <= markRST7:
			s.pos++
		default:
			marker = m
			s.pos++
		}
	}
	if marker == markEOI {
		return marker, nil, nil
	}
	if marker < markSOF0 {
		return 0, nil, fmt.Errorf("jpeg marker 0x%x: %w", marker, quintet.ErrInput)
	}
	head, err := cut(s.data, s.pos, 2)
	if err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint16(head))
	if n < 2 {
		return 0, nil, fmt.Errorf("jpeg segment of length %d: %w", n, quintet.ErrInput)
	}
	body, err = cut(s.data, s.pos+2, n-2)
	s.pos += n
	return marker, body, err
}
