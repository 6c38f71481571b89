package vorbis

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Decoder decodes the packets of a stream. It is not safe for concurrent use. Decode makes
// no garbage.
type Decoder struct {
	setup
	packet     bitReader
	transforms [2]*transform // of short and long blocks
	slopes     [2][]float32
	channels   []channel
	places     []int       // of the channels in a frame of sound
	group      [][]float32 // channels of a submap that have a residue
	pair       []float32   // their lines, if they are coded as one vector
	classes    []uint8     // see residue.read
	before     int         // the lines of the last block, 0 if there is none
	out        []float32
}

// channel is what a decoder knows of a channel.
type channel struct {
	lines  []float32
	curve  curve
	floor  bool      // the packet has a curve
	live   bool      // it has a residue
	before []float32 // the half of the last block that overlaps with the next
}

// New reads the third packet of a stream.
func New(h Head, setupPacket []byte) (*Decoder, error) {
	d := &Decoder{setup: setup{head: h}}
	if err := d.parse(setupPacket); err != nil {
		return nil, err
	}
	d.b = nil
	for i, size := range h.blocks {
		d.transforms[i], d.slopes[i] = newTransform(size/2), slope(size/2)
	}
	long := h.blocks[1] / 2
	d.channels, d.places = make([]channel, h.Channels), places(h.Channels)
	for i := range d.channels {
		d.channels[i].lines, d.channels[i].before = make([]float32, long), make([]float32, long/2)
	}
	d.out = make([]float32, long*h.Channels)
	return d, nil
}

// Skip forgets the last packet. It is called where packets were lost.
func (d *Decoder) Skip() { d.before = 0 }

// Decode returns the sound that a packet completes, interleaved in the order of WAV and
// valid until the next call. There is none of the first packet. A packet that ends early has less detail; one
// that is no sound gives an error. Numbers may be too large for float32 only where a
// hostile encoder made them so.
func (d *Decoder) Decode(p []byte) ([]float32, error) {
	r := &d.packet
	r.reset(p)
	notSound := r.flag()
	n := r.read(bitsOf(len(d.modes)))
	if notSound || r.short || n >= len(d.modes) {
		return nil, fmt.Errorf("no vorbis packet of sound: %w", quintet.ErrInput)
	}
	m := d.modes[n]
	if m.long == 1 {
		r.read(2) // whether the neighbours are long, which they tell themselves
	}
	lines := d.head.blocks[m.long] / 2
	mapping := &d.mappings[m.mapping]
	d.readFloors(mapping, lines)
	d.readResidues(mapping)
	d.decouple(mapping)
	for i := range d.channels {
		c := &d.channels[i]
		if !c.floor {
			clear(c.lines)
			continue
		}
		d.floors[mapping.floors[mapping.submap[i]]].scale(c.lines, &c.curve)
		d.transforms[m.long].run(c.lines)
	}
	return d.overlap(lines), nil
}

// readFloors reads the curves of all channels. A pair that is coded as such has residues
// of both channels or of none.
func (d *Decoder) readFloors(m *mapping, lines int) {
	for i := range d.channels {
		c := &d.channels[i]
		c.lines = c.lines[:lines]
		clear(c.lines)
		c.floor = d.floors[m.floors[m.submap[i]]].read(&d.packet, d.books, &c.curve)
		c.live = c.floor
	}
	for _, pair := range m.couplings {
		a, b := &d.channels[pair.magnitude], &d.channels[pair.angle]
		a.live = a.live || b.live
		b.live = a.live
	}
}

func (d *Decoder) readResidues(m *mapping) {
	for i := range m.floors {
		x := &d.residues[m.residues[i]]
		d.group = d.group[:0]
		live := false
		for ch := range d.channels {
			if c := &d.channels[ch]; m.submap[ch] == i && (c.live || x.kind == 2) {
				d.group = append(d.group, c.lines)
				live = live || c.live
			}
		}
		switch {
		case !live:
		case x.kind == 2 && len(d.group) > 1:
			d.readTogether(x)
		default:
			d.classes = x.read(&d.packet, d.books, d.group, d.classes)
		}
	}
}

// readTogether reads lines that are coded channel by channel, line by line.
func (d *Decoder) readTogether(x *residue) {
	count := len(d.group)
	n := len(d.group[0]) * count
	d.pair = slices.Grow(d.pair[:0], n)[:n]
	clear(d.pair)
	d.classes = x.read(&d.packet, d.books, [][]float32{d.pair}, d.classes)
	if count == 2 {
		left, right := d.group[0], d.group[1][:len(d.group[0])]
		pair := d.pair[:2*len(left)]
		for i := range left {
			left[i], right[i] = pair[2*i], pair[2*i+1]
		}
		return
	}
	for ch, lines := range d.group {
		for i := range lines {
			lines[i] = d.pair[i*count+ch]
		}
	}
}

// decouple makes channels of magnitudes and angles.
func (d *Decoder) decouple(m *mapping) {
	for _, pair := range slices.Backward(m.couplings) {
		magnitudes, angles := d.channels[pair.magnitude].lines, d.channels[pair.angle].lines
		angles = angles[:len(magnitudes)]
		for i, m := range magnitudes {
			a := angles[i]
			less, more := m-a, m+a
			if m <= 0 {
				less, more = more, less
			}
			if a > 0 {
				angles[i] = less
			} else {
				magnitudes[i], angles[i] = more, m
			}
		}
	}
}

// bitsOf returns how many bits tell one of n things.
func bitsOf(n int) int {
	b := 0
	for ; 1<<b < n; b++ {
	}
	return b
}
