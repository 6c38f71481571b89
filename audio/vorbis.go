package audio

import (
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/vorbis"
)

// vorbisDecoder decodes the packets of an Ogg Vorbis stream.
type vorbisDecoder struct {
	ogg      *oggReader
	info     *Info
	channels int
	packets  *vorbis.Decoder
	clock    oggClock
	lost     int // pages that are accounted for
	damage   int // packets and pages that could not be decoded
}

func openVorbis(s *source, limits Limits, info *Info) (sound, error) {
	d := &vorbisDecoder{ogg: &oggReader{src: s}, info: info}
	p, err := d.header("vorbis identification", 1)
	if err != nil {
		return sound{}, err
	}
	head, err := vorbis.ParseHead(p)
	if err != nil {
		return sound{}, err
	}
	if err := limits.checkShape(head.Channels, head.Rate); err != nil {
		return sound{}, err
	}
	// The comments are not needed, and their sizes are for nothing but harm.
	if _, err := d.header("vorbis comment", 3); err != nil {
		return sound{}, err
	}
	if p, err = d.header("vorbis setup", 5); err != nil {
		return sound{}, err
	}
	if d.packets, err = vorbis.New(head, p); err != nil {
		return sound{}, err
	}
	info.Encoding = Coded
	d.channels = head.Channels
	return sound{rate: int(head.Rate), channels: d.channels, decoder: d}, nil
}

// header returns the next packet, which must be a header of a kind.
func (d *vorbisDecoder) header(name string, kind byte) ([]byte, error) {
	p, _, err := d.ogg.packet()
	if err != nil && err != io.EOF {
		return nil, err
	}
	if !vorbis.IsHeader(p, kind) {
		return nil, fmt.Errorf("bad %s header: %w", name, quintet.ErrInput)
	}
	return p, nil
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
	out, err := d.packets.Decode(p)
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
	d.packets.Skip()
	if d.damage++; d.damage > maxDamage {
		return fmt.Errorf("vorbis stream damaged %d times: %w", d.damage, quintet.ErrInput)
	}
	return nil
}
