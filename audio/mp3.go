package audio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"

	"github.com/quintet-ai/quintet"
)

// mp3Decoder gives the frames of a stream, one by one, to a decoder of samples
// that never sees anything else: no tag, no size and no damaged head.
type mp3Decoder struct {
	framer   mp3Framer
	info     *Info
	channels int
	gap      mp3Gap
	header   mp3Header
	pending  []byte // the first frame, if it holds sound
	frames   int64  // of the stream, decoded
	skip     int    // samples to drop at the start
	held     []float32
	out      []float32

	feed      bytes.Reader
	samples   *mp3.Decoder // nil before the first frame and after a failure
	reservoir int          // bytes of earlier frames that it holds
	tail      []byte       // the same of MPEG 2, held here
	pcm       [1152 * 4]byte
}

func openMP3(s *source, limits Limits, info *Info) (sound, error) {
	if err := skipID3(s); err != nil {
		return sound{}, err
	}
	head, err := s.r.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return sound{}, err
	}
	switch f := Sniff(head); {
	case f == FLAC:
		info.Format = f
		return openFLAC(s, limits, info)
	case f == MP3 && head[2]>>4 == 0:
		return sound{}, fmt.Errorf("mp3 of a free bit rate: %w", quintet.ErrUnsupported)
	case f != "" && f != MP3:
		info.Format = f
		return sound{}, fmt.Errorf("format %s behind an id3 tag: %w", f, quintet.ErrUnsupported)
	}
	d := &mp3Decoder{framer: mp3Framer{src: s}, info: info}
	if err := d.begin(); err != nil {
		return sound{}, err
	}
	h := d.header
	if h.version == 3 {
		return sound{}, fmt.Errorf("mp3 of MPEG 2.5 at %d Hz: %w", h.rate, quintet.ErrUnsupported)
	}
	if err := limits.checkShape(h.channels, int64(h.rate)); err != nil {
		return sound{}, err
	}
	m := limits.maxFrames(h.rate, h.channels)
	if d.gap.frames > (m+int64(d.gap.start+d.gap.end))/int64(h.length())+1 {
		return sound{}, tooLong(m, h.channels, h.rate)
	}
	info.Encoding = Coded
	d.channels, d.skip = h.channels, d.gap.start*h.channels
	return sound{rate: h.rate, channels: h.channels, decoder: d}, nil
}

// begin finds the first frame.
func (d *mp3Decoder) begin() error {
	h, frame, err := d.framer.next()
	if err == io.EOF {
		return fmt.Errorf("no mp3 frames: %w", quintet.ErrInput)
	}
	if err != nil {
		return err
	}
	d.header = h
	gap, isGap := h.parseGap(frame)
	if !isGap {
		d.pending = frame
	}
	d.gap = gap
	return nil
}

func (d *mp3Decoder) next() ([]float32, error) {
	h, frame, err := d.header, d.pending, error(nil)
	if d.pending = nil; frame == nil {
		h, frame, err = d.framer.next()
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err == io.EOF {
		return d.end()
	}
	d.out = d.append(d.out[:0], h, frame)
	d.frames++
	n := min(d.skip, len(d.out))
	d.skip -= n
	if d.gap.end == 0 {
		return d.out[n:], nil
	}
	// The end is dropped, so as much is always held back.
	d.held = append(d.held, d.out[n:]...)
	ready := max(0, len(d.held)-d.gap.end*d.channels)
	d.out = append(d.out[:0], d.held[:ready]...)
	d.held = append(d.held[:0], d.held[ready:]...)
	return d.out, nil
}

// end returns what was held back if the file ends too early for it to be dropped.
func (d *mp3Decoder) end() ([]float32, error) {
	d.info.Truncated = d.framer.cut || d.frames < d.gap.frames
	if d.info.Truncated && len(d.held) > 0 {
		out := d.held
		d.held = nil
		return out, nil
	}
	return nil, io.EOF
}

// append decodes a frame. One that cannot be decoded is silent and as long.
func (d *mp3Decoder) append(out []float32, h mp3Header, frame []byte) []float32 {
	need := h.reservoir(frame)
	if h.version == 2 {
		frame = d.rebuild(h, frame, need)
	} else if need > d.reservoir {
		frame = h.silence(frame, d.reservoir)
		need = min(need, d.reservoir)
	}
	pcm := d.pcm[:h.length()*4]
	err := guard(func() error { return d.decode(pcm, frame) })
	if err != nil {
		d.samples, d.reservoir = nil, 0
		clear(pcm)
	} else {
		d.reservoir = need + h.size - h.side - h.sideSize
	}
	for i := 0; i < len(pcm); i += 4 { // always stereo
		for c := range d.channels {
			out = append(out, mp3Sample(binary.LittleEndian.Uint16(pcm[i+2*c:])))
		}
	}
	return out
}

// rebuild returns a frame that needs none before it, of the highest bit rate, with
// the same sound. The decoder of samples takes frames of MPEG 2 with a byte of
// padding for one byte shorter, but not those.
func (d *mp3Decoder) rebuild(h mp3Header, frame []byte, need int) []byte {
	body := h.side + h.sideSize
	out := make([]byte, 72*160_000/h.rate)
	copy(out, []byte{frame[0], frame[1] | 1, frame[2]&^0xf2 | 14<<4, frame[3]})
	if need <= len(d.tail) {
		copy(out[4:], frame[h.side:body])
		out[4] = 0
		n := copy(out[4+h.sideSize:], d.tail[len(d.tail)-need:])
		copy(out[4+h.sideSize+n:], frame[body:])
	}
	d.tail = append(d.tail, frame[body:]...)
	if n := len(d.tail) - 255; n > 0 {
		d.tail = append(d.tail[:0], d.tail[n:]...)
	}
	return out
}

// decode runs the decoder of samples on a frame; it gives nothing but 16 bits.
func (d *mp3Decoder) decode(pcm, frame []byte) (err error) {
	d.feed.Reset(frame)
	if d.samples == nil {
		// Without Seek it does not read ahead.
		if d.samples, err = mp3.NewDecoder(struct{ io.Reader }{&d.feed}); err != nil {
			return err
		}
	}
	_, err = io.ReadFull(d.samples, pcm)
	return err
}

// mp3Sample returns the middle of what was cut to v, towards zero.
func mp3Sample(v uint16) float32 {
	switch s := int16(v); {
	case s >= 32767:
		return 1
	case s <= -32767:
		return -1
	case s > 0:
		return (float32(s) + 0.5) / 32767
	case s < 0:
		return (float32(s) - 0.5) / 32767
	}
	return 0
}
