package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/pion/opus"

	"github.com/quintet-ai/quintet"
)

// opusRate is the rate of every Opus stream.
const opusRate = 48000

// opusDecoder decodes the packets of an Ogg Opus stream (RFC 7845).
type opusDecoder struct {
	ogg      *oggReader
	info     *Info
	channels int
	packets  opus.Decoder
	gain     float32
	skip     int // samples to drop at the start
	clock    oggClock
	buf      []float32
}

func openOpus(s *source, limits Limits, info *Info) (sound, error) {
	d := &opusDecoder{ogg: &oggReader{src: s}, info: info, gain: 1}
	head, _, err := d.ogg.packet()
	if err != nil && err != io.EOF {
		return sound{}, err
	}
	if err := d.readHead(head, limits); err != nil {
		return sound{}, err
	}
	if _, _, err := d.ogg.packet(); err != nil && err != io.EOF { // the tags
		return sound{}, err
	}
	if d.packets, err = opus.NewDecoderWithOutput(opusRate, d.channels); err != nil {
		return sound{}, fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	info.Encoding = Coded
	d.buf = make([]float32, opusRate/1000*120*d.channels) // the longest packet
	return sound{rate: opusRate, channels: d.channels, decoder: d}, nil
}

func (d *opusDecoder) readHead(b []byte, limits Limits) error {
	if len(b) < 19 || string(b[:8]) != "OpusHead" || b[8]>>4 != 0 {
		return fmt.Errorf("bad opus header: %w", quintet.ErrInput)
	}
	d.channels = int(b[9])
	if err := limits.checkShape(d.channels, opusRate); err != nil {
		return err
	}
	if family := b[18]; d.channels > 2 || family > 1 {
		return fmt.Errorf("opus of %d channels in family %d: %w", d.channels, family, quintet.ErrUnsupported)
	}
	d.skip = int(binary.LittleEndian.Uint16(b[10:])) * d.channels
	if gain := int16(binary.LittleEndian.Uint16(b[16:])); gain != 0 { // in 1/256 dB
		d.gain = float32(math.Pow(10, float64(gain)/256/20))
	}
	return nil
}

func (d *opusDecoder) next() ([]float32, error) {
	p, ends, err := d.ogg.packet()
	if err != nil {
		d.info.Truncated = d.info.Truncated || err == io.EOF && d.ogg.cut
		return nil, err
	}
	if d.ogg.lost > 0 {
		d.info.Truncated = true
	}
	length := opusLength(p)
	out := d.buf[:length*d.channels]
	err = guard(func() error {
		n, err := d.packets.DecodeToFloat32(p, d.buf)
		if err == nil && n != length {
			err = fmt.Errorf("opus packet of %d frames gave %d: %w", length, n, quintet.ErrInput)
		}
		return err
	})
	if err != nil { // silence as long
		d.info.Truncated = true
		clear(out)
		if d.packets, err = opus.NewDecoderWithOutput(opusRate, d.channels); err != nil {
			return nil, fmt.Errorf("%w: %w", err, quintet.ErrInput)
		}
	}
	if d.gain != 1 {
		for i := range out {
			out[i] *= d.gain
		}
	}
	d.info.NonFinite += clearNonFinite(out)
	out = d.clock.cut(out, d.channels, ends, d.ogg)
	n := min(d.skip, len(out))
	d.skip -= n
	return out[n:], nil
}

// opusLength returns how many frames at 48 kHz a packet holds by its first bytes
// (RFC 6716, section 3.1), 0 if they are not valid.
func opusLength(p []byte) int {
	if len(p) < 1 {
		return 0
	}
	var size int
	switch config := p[0] >> 3; {
	case config < 12:
		size = [4]int{480, 960, 1920, 2880}[config%4]
	case config < 16:
		size = [2]int{480, 960}[config%2]
	default:
		size = 120 << (config % 4)
	}
	count := 1
	switch p[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(p) < 2 {
			return 0
		}
		count = int(p[1] & 63)
	}
	if size*count > opusRate/1000*120 {
		return 0
	}
	return size * count
}
