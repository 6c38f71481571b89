package mp3

import "slices"

const (
	maxReservoir = 511                    // bytes of earlier frames
	maxFrame     = 144*320_000/32_000 + 1 // bytes
	padding      = 64                     // scale factors are 25 bytes or less, a look is at eight
)

// Decoder decodes the frames of a stream. The zero value is ready; it is not safe for
// concurrent use. After the first frame it makes no garbage.
type Decoder struct {
	tables   *tables
	side     sideInfo
	channels [2]channel
	main     [maxReservoir + maxFrame + padding]byte
	held     int // bytes of earlier frames at the beginning of main
	coded    [lines]float32
	block    slotBlock
}

// channel is what a decoder knows of a channel.
type channel struct {
	spectrum [lines]float32
	bound    int // the spectrum is 0 from here
	scales   scales
	overlap  [subbands][slots]float32
	tail     int // the overlap is 0 from this subband
	history  history
}

// Skip forgets the bits of earlier frames. It is called where frames were lost: the next
// ones may want other bits than those that are there.
func (d *Decoder) Skip() { d.held = 0 }

// Decode appends the sound of a frame to dst: h.Frames() samples of each channel,
// interleaved, finite. Where the data make no sense, or need frames that were lost, a
// granule has no new sound and whole is false. The frame must have h.Size bytes; it is
// not kept.
func (d *Decoder) Decode(dst []float32, h Header, frame []byte) (out []float32, whole bool) {
	if d.tables == nil {
		d.tables = shared()
	}
	n := h.Frames() * h.Channels
	out = slices.Grow(dst, n)[:len(dst)+n]
	samples := out[len(dst):]
	total := d.held + copy(d.main[d.held:], frame[h.Side+h.SideSize:h.Size])
	clear(d.main[total : total+padding])
	whole = d.side.parse(h, frame[h.Side:]) && d.side.begin <= d.held
	sense, pos := whole, (d.held-d.side.begin)*8
	for gr := range h.granules() {
		ok := sense
		for ch := range h.Channels {
			ok = ok && d.read(h, gr, ch, pos, total*8)
			pos += d.side.granules[gr][ch].bits
		}
		whole = whole && ok
		d.finish(h, gr, ok, samples[gr*lines*h.Channels:])
	}
	keep := min(total, maxReservoir)
	d.held = copy(d.main[:], d.main[total-keep:total])
	return out, whole
}

// read makes the spectrum of a channel of the bits from pos and reports whether they are
// before end and make sense.
func (d *Decoder) read(h Header, gr, ch, pos, end int) bool {
	g, c := &d.side.granules[gr][ch], &d.channels[ch]
	if pos+g.bits > end {
		return false
	}
	end = pos + g.bits
	r := bitReader{b: d.main[:], pos: pos}
	if h.Version == 1 {
		c.scales.read(g, &d.side.share[ch], gr == 1, &r)
	} else {
		c.scales.readLow(g, h.direction && ch == 1, &r)
	}
	if r.pos > end {
		return false
	}
	n, ok := d.readLines(g, r.pos, end)
	if ok {
		c.bound = requantize(&c.spectrum, &d.coded, n, g, &c.scales, d.tables.bands[h.bands][g.layout()])
	}
	return ok
}

// readLines decodes the lines of a granule and returns how many there are.
func (d *Decoder) readLines(g *granule, pos, end int) (n int, ok bool) {
	pairs := 2 * g.pairs
	for i, to := range [3]int{g.regions[0], g.regions[1], lines} {
		if to = min(to, pairs); to > n {
			pos = d.tables.readPairs(d.coded[n:to], g.tables[i], d.main[:], pos, end)
			n = to
		}
	}
	if pos > end {
		return 0, false
	}
	n += d.tables.readQuads(d.coded[n:], g.quads, d.main[:], pos, end)
	clear(d.coded[n:])
	return n, true
}

// finish makes samples of the spectra of a granule, or of silence.
func (d *Decoder) finish(h Header, gr int, ok bool, out []float32) {
	switch {
	case !ok:
		d.channels[0].bound, d.channels[1].bound = 0, 0
	case h.Channels == 2 && (h.middle || h.direction):
		d.joint(h, &d.side.granules[gr][1])
	}
	for ch := range h.Channels {
		c := &d.channels[ch]
		c.hybrid(d.tables, &d.side.granules[gr][ch], &bandTables[h.bands], h.Version, &d.block)
		c.synthesize(d.tables, &d.block, out[ch:], h.Channels)
	}
}
