package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/quintet-ai/quintet"
)

// mp3Header is the head of an MPEG Layer III frame.
type mp3Header struct {
	version  int // 1, 2, or 3 for MPEG 2.5
	rate     int
	channels int
	size     int // of the whole frame in bytes
	side     int // where the side information is
	sideSize int
}

var (
	mp3Rates    = [3]int{44100, 48000, 32000} // of MPEG 1
	mp3BitRates = [2][14]int{
		{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
		{8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	}
)

// parseMP3 reads four bytes. Frames of a free bit rate are no frames here: their
// size is not known.
func parseMP3(b []byte) (h mp3Header, ok bool) {
	if len(b) < 4 || sniffMPEG(b) != MP3 || b[2]>>4 == 0 {
		return h, false
	}
	h.version = [4]int{3, 0, 2, 1}[b[1]>>3&3]
	h.rate = mp3Rates[b[2]>>2&3] >> (h.version - 1)
	h.channels = 2
	if b[3]>>6 == 3 {
		h.channels = 1
	}
	low := min(h.version, 2) - 1
	h.size = 144*1000*mp3BitRates[low][b[2]>>4-1]/(h.rate<<low) + int(b[2]>>1&1)
	h.side = 4
	if b[1]&1 == 0 {
		h.side += 2 // a check sum
	}
	h.sideSize = [2][2]int{{17, 32}, {9, 17}}[low][h.channels-1]
	return h, h.size > h.side+h.sideSize
}

// length returns the frames of sound in a frame of the stream.
func (h mp3Header) length() int { return 1152 / min(h.version, 2) }

// like reports whether a header may continue the stream of another. Encoders may
// change the bit rate and the number of channels.
func (h mp3Header) like(o mp3Header) bool { return h.version == o.version && h.rate == o.rate }

// reservoir returns how many bytes of the frames before it a frame needs.
func (h mp3Header) reservoir(frame []byte) int {
	if h.version == 1 {
		return int(binary.BigEndian.Uint16(frame[h.side:]) >> 7)
	}
	return int(frame[h.side])
}

// silence returns a frame of MPEG 1 without sound that keeps the bytes that other frames
// draw upon; it takes as many of those before it as there are.
func (h mp3Header) silence(frame []byte, reservoir int) []byte {
	frame = slices.Clone(frame)
	side := frame[h.side:][:h.sideSize]
	clear(side)
	binary.BigEndian.PutUint16(side, uint16(min(reservoir, 511)<<7))
	return frame
}

// mp3Gap is what an encoder notes in the first frame, which holds no sound.
type mp3Gap struct {
	frames     int64 // of the stream, 0 if unknown
	start, end int   // frames of sound to drop
}

// mp3Delay is the delay of a decoder in frames of sound.
const mp3Delay = 529

// parseGap reads the frame by which Xing, LAME, FFmpeg and Fraunhofer begin, and
// reports whether it is one.
func (h mp3Header) parseGap(frame []byte) (g mp3Gap, ok bool) {
	if len(frame) > 40 && string(frame[36:40]) == "VBRI" {
		return g, true
	}
	b := frame[4+h.sideSize:]
	if h.side > 4 && len(b) > 2 && b[0] == 0 {
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
	first  mp3Header // zero until a frame was found
	synced bool      // the last frame was whole, so the next begins here
	cut    bool      // the data ended within a frame
}

// next returns a frame, valid until the next call, or io.EOF. Where it has to
// search, a frame counts only if another one or the end follows.
func (m *mp3Framer) next() (mp3Header, []byte, error) {
	for range maxGarbage {
		head, err := m.src.r.Peek(4)
		if len(head) < 4 {
			return mp3Header{}, nil, orEOF(err)
		}
		if h, ok := parseMP3(head); ok && (m.first.rate == 0 || h.like(m.first)) {
			b, err := m.src.r.Peek(h.size + 4)
			if err != nil && err != io.EOF {
				return h, nil, err
			}
			if len(b) < h.size && m.synced {
				m.cut = true
				return h, nil, io.EOF
			}
			if len(b) >= h.size && (m.synced || followed(b[h.size:], h)) {
				frame := slices.Clone(b[:h.size])
				m.first, m.synced = h, true
				_, err := m.src.r.Discard(h.size)
				return h, frame, err
			}
		}
		m.synced = false
		if _, err := m.src.r.Discard(1); err != nil {
			return mp3Header{}, nil, err
		}
	}
	return mp3Header{}, nil, io.EOF
}

// followed reports whether the data end or go on with a frame of the stream.
func followed(b []byte, h mp3Header) bool {
	next, ok := parseMP3(b)
	return len(b) == 0 || ok && next.like(h)
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
