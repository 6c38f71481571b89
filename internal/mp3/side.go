package mp3

import "encoding/binary"

// Kinds of blocks. A mixed block is a short one whose lowest lines are long.
const (
	normalBlock = 0
	startBlock  = 1
	shortBlock  = 2
	stopBlock   = 3
)

// granule is the side information of a channel's part of a granule.
type granule struct {
	bits       int // of scale factors and Huffman codes
	pairs      int // of lines that are coded as such
	gain       int
	scaleCode  int // tells the widths of scale factors
	block      int
	mixed      bool
	tables     [3]int // of Huffman codes, by region
	regions    [2]int // lines where the second and the third begin
	windowGain [4]int // of the short windows in steps of 2^-2; 0 for long blocks
	emphasis   bool
	scaleStep  int // quarters of a power of two in a step of a scale factor
	quads      int // the table of lines beyond the pairs
}

// sideInfo is the side information of a frame.
type sideInfo struct {
	begin    int // bytes before the frame where its bits begin
	share    [2][4]bool
	granules [2][2]granule // by time, then by channel
}

// bitReader reads numbers of up to 25 bits. Four bytes must follow the last.
type bitReader struct {
	b   []byte
	pos int // in bits
}

func (r *bitReader) read(n int) int {
	v := binary.BigEndian.Uint32(r.b[r.pos>>3:]) << (r.pos & 7)
	r.pos += n
	return int(uint64(v) >> (32 - n))
}

func (r *bitReader) flag() bool { return r.read(1) == 1 }

// parse reads the side information and reports whether it makes sense.
func (s *sideInfo) parse(h Header, side []byte) bool {
	var padded [36]byte
	copy(padded[:], side[:h.SideSize])
	r := bitReader{b: padded[:]}
	if h.Version == 1 {
		s.begin = r.read(9)
		r.read(7 - 2*h.Channels) // private: 5 of one channel, 3 of two
		for ch := range h.Channels {
			for group := range s.share[ch] {
				s.share[ch][group] = r.flag()
			}
		}
	} else {
		s.begin = r.read(8)
		r.read(h.Channels) // private
	}
	for gr := range h.granules() {
		for ch := range h.Channels {
			if !s.granules[gr][ch].parse(h, &r) {
				return false
			}
		}
	}
	return true
}

func (g *granule) parse(h Header, r *bitReader) bool {
	*g = granule{bits: r.read(12), pairs: r.read(9), gain: r.read(8)}
	if h.Version == 1 {
		g.scaleCode = r.read(4)
	} else {
		g.scaleCode = r.read(9)
	}
	switched := r.flag()
	if switched {
		g.parseSwitched(h, r)
	} else {
		for i := range g.tables {
			g.tables[i] = r.read(5)
		}
		first := r.read(4) + 1
		second := first + r.read(3) + 1
		long := &bandTables[h.bands].long
		g.regions = [2]int{int(long[min(first, 22)]), int(long[min(second, 22)])}
	}
	if h.Version == 1 {
		g.emphasis = r.flag()
	}
	g.scaleStep = 2 << r.read(1)
	g.quads = r.read(1)
	for _, t := range g.tables {
		if t == 4 || t == 14 {
			return false
		}
	}
	return 2*g.pairs <= lines && (!switched || g.block != normalBlock)
}

func (g *granule) parseSwitched(h Header, r *bitReader) {
	g.block, g.mixed = r.read(2), r.flag()
	g.tables = [3]int{r.read(5), r.read(5), 0}
	for w := range 3 {
		g.windowGain[w] = r.read(3)
	}
	g.regions = [2]int{int(bandTables[h.bands].long[8]), lines}
	if g.block == shortBlock {
		g.regions[0] = 3 * int(bandTables[h.bands].short[3])
	}
}

// layout returns which lines belong to which scale factor.
func (g *granule) layout() int {
	switch {
	case g.block != shortBlock:
		return layoutLong
	case g.mixed:
		return layoutMixed
	}
	return layoutShort
}
