package tokenize

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/quintet-ai/quintet"
)

// precompiled is a sentence-piece character map: a double-array trie whose
// values are places in a list of strings that end with a zero byte.
type precompiled struct {
	units   []uint32
	strings []byte
	ascii   [utf8.RuneSelf]bool // characters that begin no key
}

// newPrecompiled reads a map. It allocates no more than the bytes it is given.
func newPrecompiled(data []byte) (*precompiled, error) {
	if len(data) < 4 {
		return nil, fmt.Errorf("charsmap has %d bytes: %w", len(data), quintet.ErrModel)
	}
	n := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if n%4 != 0 || uint64(n) > uint64(len(data)) {
		return nil, fmt.Errorf("charsmap says %d bytes of trie, %d follow: %w", n, len(data), quintet.ErrModel)
	}
	p := &precompiled{units: make([]uint32, n/4), strings: data[n:]}
	if !utf8.Valid(p.strings) {
		return nil, fmt.Errorf("charsmap has strings that are not UTF-8: %w", quintet.ErrModel)
	}
	for i := range p.units {
		p.units[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	for c := range p.ascii {
		_, p.ascii[c] = p.walk(0, 0, byte(c))
		p.ascii[c] = !p.ascii[c]
	}
	return p, nil
}

// The layout of a unit: bits 0-7 label, 8 has a value, 9 wide offset, 10-30
// offset; a unit that is a value has bit 31.
func unitOffset(u uint32) uint32 { return u >> 10 << (u >> 6 & 8) }

// walk follows the byte c from the unit at pos. It returns where it leads to.
func (p *precompiled) walk(pos, depth uint32, c byte) (uint32, bool) {
	if depth == 0 {
		if len(p.units) == 0 {
			return 0, false
		}
		pos = unitOffset(p.units[0])
	}
	pos ^= uint32(c)
	if c == 0 || pos >= uint32(len(p.units)) {
		return 0, false
	}
	u := p.units[pos]
	if u&(1<<31|0xff) != uint32(c) {
		return 0, false
	}
	return pos, true
}

// find returns what the shortest key that b begins with is mapped to. That it
// is the shortest is a trait of the reference library.
func (p *precompiled) find(b []byte) ([]byte, bool) {
	pos := uint32(0)
	for depth, c := range b {
		at, ok := p.walk(pos, uint32(depth), c)
		if !ok {
			return nil, false
		}
		pos = at ^ unitOffset(p.units[at])
		if p.units[at]>>8&1 == 0 {
			continue
		}
		if pos >= uint32(len(p.units)) {
			return nil, false
		}
		v := p.units[pos] & (1<<31 - 1)
		if v > uint32(len(p.strings)) {
			return nil, false
		}
		s := p.strings[v:]
		if n := bytes.IndexByte(s, 0); n >= 0 {
			s = s[:n]
		}
		return s, true
	}
	return nil, false
}

// normalize maps short grapheme clusters as a whole and all else character by
// character.
func (p *precompiled) normalize(sc *scratch, src, dst *text) bool {
	if p.idle(src.b) {
		return false
	}
	changed := false
	sc.changes = sc.changes[:0]
	it := graphemes.FromBytes(src.b)
	for it.Next() {
		for rest := it.Value(); len(rest) > 0; {
			n := clusterOf16(rest)
			changed = p.mapCluster(sc, rest[:n]) || changed
			rest = rest[n:]
		}
	}
	if !changed {
		return false
	}
	w := rewrite(src, dst)
	w.apply(sc.changes)
	return true
}

// mapCluster reports whether it changes the cluster.
func (p *precompiled) mapCluster(sc *scratch, cluster []byte) (changed bool) {
	if len(cluster) < 6 {
		if s, ok := p.find(cluster); ok {
			sc.changes = appendMapped(sc.changes, utf8.RuneCount(cluster), s)
			return true
		}
	}
	for len(cluster) > 0 {
		r, n := decode(cluster)
		if s, ok := p.find(cluster[:n]); ok {
			sc.changes = appendMapped(sc.changes, 1, s)
			changed = true
		} else {
			sc.changes = append(sc.changes, change{r: r})
		}
		cluster = cluster[n:]
	}
	return changed
}

// clusterOf16 returns the length of the first cluster that Unicode 16, which the
// reference library knows, finds in a cluster of Unicode 17: later characters
// begin a new one.
func clusterOf16(cluster []byte) int {
	_, n := decode(cluster)
	for n < len(cluster) {
		r, size := decode(cluster[n:])
		if r >= 0x1acf && within(youngMarks, r) {
			return n
		}
		n += size
	}
	return n
}

// youngMarks are the characters of Unicode 17 that join the one before them.
var youngMarks = [][2]rune{
	{0x1ACF, 0x1ADD}, {0x1AE0, 0x1AEB}, {0x10EFA, 0x10EFB}, {0x11B60, 0x11B67},
	{0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5},
}

// idle reports whether b is ASCII that the map leaves alone.
func (p *precompiled) idle(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || !p.ascii[c] {
			return false
		}
	}
	return true
}

// appendMapped appends s in place of n characters. If s has more, the last ones
// are new; if it has fewer, the last one written so far swallows the rest.
func appendMapped(all []change, n int, s []byte) []change {
	from := len(all)
	for len(s) > 0 {
		r, size := decode(s)
		all = append(all, change{r: r})
		s = s[size:]
	}
	more := len(all) - from - n
	for i := len(all) - max(more, 0); i < len(all); i++ {
		all[i].n = 1
	}
	if more < 0 && len(all) > 0 {
		all[len(all)-1].n += int32(more)
	}
	return all
}
