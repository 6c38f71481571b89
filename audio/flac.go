package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// flacDecoder reads the frames of a FLAC stream (RFC 9639).
type flacDecoder struct {
	bits     *bitReader
	info     *Info
	rate     int
	channels int
	depth    uint  // bits in a sample
	total    int64 // frames of sound that the header promises, 0 if it does not know
	done     int64
	subs     [8][]int64 // by channel
	out      []float32
}

// flacFrame is the header of a frame.
type flacFrame struct {
	length     int
	assignment uint64 // of channels
}

var errFLAC = fmt.Errorf("damaged flac: %w", quintet.ErrInput)

func openFLAC(s *source, limits Limits, info *Info) (sound, error) {
	d := &flacDecoder{info: info}
	if err := d.readHeader(s, limits); err != nil {
		return sound{}, err
	}
	d.bits = newBitReader(s)
	return sound{rate: d.rate, channels: d.channels, decoder: d}, nil
}

// readHeader reads the mark and the metadata. Only the first block counts.
func (d *flacDecoder) readHeader(s *source, limits Limits) error {
	var head [4 + 4 + 34]byte
	n, err := s.fill(head[:])
	switch {
	case err != nil:
		return err
	case n < len(head):
		return fmt.Errorf("flac ends in its header: %w", quintet.ErrInput)
	case head[4]&0x7f != 0 || head[5] != 0 || head[6] != 0 || head[7] != 34:
		return fmt.Errorf("flac without stream info: %w", quintet.ErrInput)
	}
	if err := d.readStreamInfo(head[8:], limits); err != nil {
		return err
	}
	for last := head[4]&0x80 != 0; !last; {
		n, err := s.fill(head[:4])
		if err != nil {
			return err
		}
		if n < 4 {
			return nil // there are no frames; next tells
		}
		last = head[0]&0x80 != 0
		size := int64(head[1])<<16 | int64(head[2])<<8 | int64(head[3])
		if _, err := s.skip(size); err != nil {
			return err
		}
	}
	return nil
}

func (d *flacDecoder) readStreamInfo(b []byte, limits Limits) error {
	v := binary.BigEndian.Uint64(b[10:])
	d.rate, d.channels = int(v>>44), int(v>>41&7)+1
	d.depth, d.total = uint(v>>36&31)+1, int64(v&(1<<36-1))
	if err := limits.checkShape(d.channels, int64(d.rate)); err != nil {
		return err
	}
	if d.depth < 4 {
		return fmt.Errorf("flac samples of %d bits: %w", d.depth, quintet.ErrInput)
	}
	if m := limits.maxFrames(d.rate, d.channels); d.total > m {
		return tooLong(m, d.channels, d.rate)
	}
	d.info.Encoding = [...]SampleFormat{PCM8, PCM16, PCM24, PCM32}[(d.depth-1)/8]
	return nil
}

func (d *flacDecoder) next() ([]float32, error) {
	b := d.bits
	if b.atEnd() {
		if b.err != nil && !errors.Is(b.err, io.ErrUnexpectedEOF) {
			return nil, b.err
		}
		return nil, d.end()
	}
	f, err := d.frame()
	switch {
	case b.err == io.ErrUnexpectedEOF && b.src.err == nil:
		return nil, d.end()
	case b.err != nil:
		return nil, b.err
	case err != nil:
		if d.total > 0 && d.done >= d.total {
			return nil, io.EOF // a tag or other garbage behind the sound
		}
		return nil, fmt.Errorf("after %d frames: %w", d.done, err)
	}
	d.done += int64(f.length)
	return d.interleave(f), nil
}

// end is the end of the data.
func (d *flacDecoder) end() error {
	d.info.Truncated = d.bits.err != nil || d.done < d.total
	return io.EOF
}

// frame decodes a frame into d.subs, all but the interplay of channels.
func (d *flacDecoder) frame() (flacFrame, error) {
	b := d.bits
	b.begin()
	f, err := d.frameHeader()
	if err != nil {
		return f, err
	}
	for c := range d.channels {
		depth := d.depth
		if f.assignment == 9 && c == 0 || (f.assignment == 8 || f.assignment == 10) && c == 1 {
			depth++ // the difference of two channels
		}
		if cap(d.subs[c]) < f.length {
			d.subs[c] = make([]int64, f.length)
		}
		d.subs[c] = d.subs[c][:f.length]
		if err := d.subframe(d.subs[c], depth); err != nil {
			return f, err
		}
		if b.err != nil {
			return f, b.err
		}
	}
	b.align()
	want := b.sum()
	if uint16(b.read(16)) != want {
		return f, fmt.Errorf("check sum of a frame: %w", errFLAC)
	}
	return f, nil
}

// frameHeader reads the header of a frame and checks it against its sum, and that
// of the stream.
func (d *flacDecoder) frameHeader() (f flacFrame, err error) {
	b, crc := d.bits, uint16(0)
	read := func() uint64 {
		v := b.read(8)
		crc = crc8Table[byte(crc)^byte(v)]
		return v
	}
	read16 := func() uint64 { return read()<<8 | read() }
	if sync := read16(); sync>>1 != 0xfff8>>1 {
		return f, fmt.Errorf("no frame: %w", errFLAC)
	}
	sizes, layout := read(), read()
	for first := read(); first&0xc0 == 0xc0; first <<= 1 { // number of the frame, as UTF-8 is coded
		if read()&0xc0 != 0x80 {
			return f, fmt.Errorf("number of a frame: %w", errFLAC)
		}
	}
	switch code := sizes >> 4; {
	case code == 1:
		f.length = 192
	case 2 <= code && code <= 5:
		f.length = 144 << code
	case code == 6:
		f.length = int(read()) + 1
	case code == 7:
		f.length = int(read16()) + 1
	case code >= 8:
		f.length = 1 << code
	}
	switch sizes & 15 { // the rate; that of the stream holds
	case 12:
		read()
	case 13, 14:
		read16()
	}
	f.assignment = layout >> 4
	if crc != uint16(b.read(8)) {
		return f, fmt.Errorf("check sum of a header: %w", errFLAC)
	}
	depth := [8]uint{d.depth, 8, 12, 0, 16, 20, 24, 32}[layout>>1&7]
	channels := int(min(f.assignment, 7)) + 1
	if f.assignment > 7 {
		channels = 2
	}
	if f.length == 0 || f.assignment > 10 || channels != d.channels || depth != d.depth {
		return f, fmt.Errorf("frame unlike its stream: %w", errFLAC)
	}
	return f, nil
}

// interleave undoes the interplay of channels and makes floats.
func (d *flacDecoder) interleave(f flacFrame) []float32 {
	if need := f.length * d.channels; cap(d.out) < need {
		d.out = make([]float32, need)
	}
	out := d.out[:f.length*d.channels]
	scale := 1 / float32(int64(1)<<(d.depth-1))
	if f.assignment >= 8 {
		x, y := d.subs[0][:f.length], d.subs[1][:f.length]
		for i, a := range x {
			b := y[i]
			switch f.assignment {
			case 8: // left, left - right
				b = a - b
			case 9: // left - right, right
				a += b
			case 10: // mean, left - right
				a = a<<1 | b&1
				a, b = (a+b)>>1, (a-b)>>1
			}
			out[2*i], out[2*i+1] = float32(a)*scale, float32(b)*scale
		}
		return out
	}
	for c := range d.channels {
		for i, v := range d.subs[c] {
			out[i*d.channels+c] = float32(v) * scale
		}
	}
	return out
}
