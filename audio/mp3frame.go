package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/mp3"
)

// mp3Gap is what an encoder notes in the first frame, which holds no sound.
type mp3Gap struct {
	frames     int64 // of the stream, 0 if unknown
	start, end int   // frames of sound to drop
}

// mp3Delay is the delay of a decoder in frames of sound.
const mp3Delay = 529

// parseMP3Gap reads the frame by which Xing, LAME, FFmpeg and Fraunhofer begin, and
// reports whether it is one.
func parseMP3Gap(h mp3.Header, frame []byte) (g mp3Gap, ok bool) {
	if len(frame) > 40 && string(frame[36:40]) == "VBRI" {
		return g, true
	}
	b := frame[mp3.HeaderSize+h.SideSize:]
	if h.Side > mp3.HeaderSize && len(b) > 2 && b[0] == 0 {
		b = b[2:]
	}
	if len(b) < 8 || string(b[:4]) != "Xing" && string(b[:4]) != "Info" {
		return g, false
	}
	flags := b[7]
	b = b[8:]
	if flags&1 != 0 && len(b) >= 4 {
		g.frames = int64(binary.BigEndian.Uint32(b))
	}
	skip := [16]int{0, 4, 4, 8, 100, 104, 104, 108, 4, 8, 8, 12, 104, 108, 108, 112}[flags&15]
	if len(b) < skip+24 || !slices.Contains([]string{"LAME", "Lavf", "Lavc"}, string(b[skip:skip+4])) {
		return g, true
	}
	b = b[skip+21:]
	g.start = (int(b[0])<<4 | int(b[1])>>4) + mp3Delay
	g.end = max(0, (int(b[1])&15<<8|int(b[2]))-mp3Delay)
	return g, true
}

// maxGarbage is how many bytes may lie between frames of MPEG sound.
const maxGarbage = 1 << 16

// mp3Framer cuts a stream into frames and passes over what is none.
type mp3Framer struct {
	src    *source
	first  mp3.Header // zero until a frame was found
	frame  []byte     // the last one
	synced bool       // the last frame was whole, so the next begins here
	lost   bool       // something lies before the last frame that is none
	cut    bool       // the data ended within a frame
}

// next returns a frame, valid until the next call, or io.EOF. Where it has to
// search, a frame counts only if another one or the end follows.
func (m *mp3Framer) next() (mp3.Header, []byte, error) {
	for range maxGarbage {
		head, err := m.src.r.Peek(mp3.HeaderSize)
		if len(head) < mp3.HeaderSize {
			return mp3.Header{}, nil, orEOF(err)
		}
		if h, ok := mp3.ParseHeader(head); ok && (m.first.Rate == 0 || h.Like(m.first)) {
			b, err := m.src.r.Peek(h.Size + mp3.HeaderSize)
			if err != nil && err != io.EOF {
				return h, nil, err
			}
			if len(b) < h.Size && m.synced {
				m.cut = true
				return h, nil, io.EOF
			}
			if len(b) >= h.Size && (m.synced || followed(b[h.Size:], h)) {
				m.frame = append(m.frame[:0], b[:h.Size]...)
				m.first, m.lost, m.synced = h, !m.synced, true
				_, err := m.src.r.Discard(h.Size)
				return h, m.frame, err
			}
		}
		m.synced = false
		if _, err := m.src.r.Discard(1); err != nil {
			return mp3.Header{}, nil, err
		}
	}
	return mp3.Header{}, nil, io.EOF
}

// followed reports whether the data end or go on with a frame of the stream.
func followed(b []byte, h mp3.Header) bool {
	next, ok := mp3.ParseHeader(b)
	return len(b) == 0 || ok && next.Like(h)
}

// orEOF returns err, io.EOF for nil.
func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// skipID3 passes over ID3v2 tags.
func skipID3(s *source) error {
	for {
		head, err := s.r.Peek(10)
		if err != nil && err != io.EOF {
			return err
		}
		if len(head) < 10 || string(head[:3]) != "ID3" {
			return nil
		}
		size := int64(10)
		for i, b := range head[6:] {
			if b > 0x7f {
				return fmt.Errorf("id3 tag with byte %d of its size %#x: %w", i, b, quintet.ErrInput)
			}
			size += int64(b) << (7 * (3 - i))
		}
		if head[5]&0x10 != 0 {
			size += 10 // a footer
		}
		if _, err := s.skip(size); err != nil {
			return err
		}
	}
}
