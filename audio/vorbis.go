package audio

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/jfreymuth/vorbis"

	"github.com/quintet-ai/quintet"
)

// vorbisDecoder decodes the packets of an Ogg Vorbis stream.
type vorbisDecoder struct {
	ogg      *oggReader
	info     *Info
	channels int
	packets  vorbis.Decoder
	buf      []float32
	clock    oggClock
	lost     int // pages that are accounted for
	damage   int // packets and pages that could not be decoded
}

func openVorbis(s *source, limits Limits, info *Info) (sound, error) {
	d := &vorbisDecoder{ogg: &oggReader{src: s}, info: info}
	head, err := d.header("vorbis identification", 1)
	if err != nil {
		return sound{}, err
	}
	if len(head) < 30 {
		return sound{}, d.headerError("vorbis identification")
	}
	d.channels = int(head[11])
	rate := int64(binary.LittleEndian.Uint32(head[12:]))
	if err := limits.checkShape(d.channels, rate); err != nil {
		return sound{}, err
	}
	if short, long := head[28]&15, head[28]>>4; short < 6 || long > 13 || short > long {
		return sound{}, d.headerError("vorbis block sizes")
	}
	if err := d.readHeader(head); err != nil {
		return sound{}, err
	}
	// The comments are not needed, and their sizes are for nothing but harm.
	if _, err := d.header("vorbis comment", 3); err != nil {
		return sound{}, err
	}
	setup, err := d.header("vorbis setup", 5)
	if err != nil {
		return sound{}, err
	}
	if err := (&vorbisSetup{b: setup[7:], channels: d.channels}).check(); err != nil {
		return sound{}, err
	}
	if err := d.readHeader(setup); err != nil {
		return sound{}, err
	}
	info.Encoding = Coded
	d.buf = make([]float32, d.packets.BufferSize())
	return sound{rate: int(rate), channels: d.channels, decoder: d}, nil
}

// header returns the next packet, which must be a header of a kind.
func (d *vorbisDecoder) header(name string, kind byte) ([]byte, error) {
	p, _, err := d.ogg.packet()
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(p) < 7 || p[0] != kind || !vorbis.IsHeader(p) {
		return nil, d.headerError(name)
	}
	return p, nil
}

func (d *vorbisDecoder) headerError(name string) error {
	return fmt.Errorf("bad %s header: %w", name, quintet.ErrInput)
}

func (d *vorbisDecoder) readHeader(p []byte) error {
	if err := d.packets.ReadHeader(p); err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	return nil
}

func (d *vorbisDecoder) next() ([]float32, error) {
	p, ends, err := d.ogg.packet()
	if err != nil {
		d.info.Truncated = d.info.Truncated || err == io.EOF && d.ogg.cut
		return nil, err
	}
	if d.ogg.lost != d.lost {
		d.lost = d.ogg.lost
		if err := d.damaged(); err != nil {
			return nil, err
		}
	}
	var out []float32
	err = guard(func() (err error) {
		out, err = d.packets.DecodeInto(p, d.buf)
		return err
	})
	if err != nil {
		return nil, d.damaged()
	}
	d.info.NonFinite += clearNonFinite(out)
	return d.clock.cut(out, d.channels, ends, d.ogg), nil
}

// maxDamage is how many damaged parts a stream may have. They cost time and give
// no sound, so nothing else bounds them.
const maxDamage = 1000

// damaged notes that sound is missing.
func (d *vorbisDecoder) damaged() error {
	d.info.Truncated = true
	d.packets.Clear()
	if d.damage++; d.damage > maxDamage {
		return fmt.Errorf("vorbis stream damaged %d times: %w", d.damage, quintet.ErrInput)
	}
	return nil
}
