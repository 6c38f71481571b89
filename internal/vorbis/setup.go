package vorbis

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/quintet-ai/quintet"
)

// Head is what the first packet says.
type Head struct {
	Channels int   // at least 1
	Rate     int64 // in Hz

	blocks [2]int // samples in a short and a long block
}

// IsHeader reports whether a packet is a header of a kind: 1 is the first, 3 has
// comments and 5 the setup.
func IsHeader(p []byte, kind byte) bool {
	return len(p) >= markSize && p[0] == kind && string(p[1:markSize]) == "vorbis"
}

// markSize is how many bytes tell a header.
const markSize = 7

var errHeader = fmt.Errorf("damaged vorbis header: %w", quintet.ErrInput)

func bad(what string) error { return fmt.Errorf("%s: %w", what, errHeader) }

// ParseHead reads the first packet of a stream. It accepts any number of channels and
// any rate.
func ParseHead(p []byte) (h Head, err error) {
	if !IsHeader(p, 1) || len(p) < 30 {
		return h, bad("identification")
	}
	h.Channels, h.Rate = int(p[11]), int64(binary.LittleEndian.Uint32(p[12:]))
	short, long := p[28]&15, p[28]>>4
	h.blocks = [2]int{1 << short, 1 << long}
	switch {
	case binary.LittleEndian.Uint32(p[7:]) != 0:
		return h, fmt.Errorf("vorbis of another version: %w", quintet.ErrUnsupported)
	case short < 6 || long > 13 || short > long:
		return h, bad("block sizes")
	case h.Channels < 1 || p[29]&1 == 0:
		return h, bad("identification")
	}
	return h, nil
}

// setup is what the third packet says, and what is read of it.
type setup struct {
	bitReader
	head     Head
	values   int64 // of all the codebooks
	books    []codebook
	floors   []floor
	residues []residue
	mappings []mapping
	modes    []mode
}

// mapping tells how channels are coded.
type mapping struct {
	couplings []coupling
	submap    []int // of each channel
	floors    []int // of each submap
	residues  []int
}

// coupling is a pair of channels that are coded as magnitude and angle.
type coupling struct{ magnitude, angle int }

// mode is a kind of packet.
type mode struct {
	long    int // 1 for long blocks
	mapping int
}

// parse reads the setup header. It refuses what would make a decoder allocate or run
// without bound.
func (s *setup) parse(p []byte) error {
	if !IsHeader(p, 5) {
		return bad("setup")
	}
	s.reset(p[markSize:])
	if err := s.each(8, s.codebook); err != nil {
		return err
	}
	for range s.read(6) + 1 {
		if s.read(16) != 0 {
			return bad("time domain transform")
		}
	}
	for _, part := range []func() error{s.floor, s.residue, s.mapping, s.mode} {
		if err := s.each(6, part); err != nil {
			return err
		}
	}
	if !s.flag() || s.short {
		return bad("end")
	}
	return nil
}

// each reads a number of n bits and as many parts and one.
func (s *setup) each(n int, part func() error) error {
	for range s.read(n) + 1 {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// book reports whether the header has a codebook of a number, with vectors if it must.
func (s *setup) book(i int, vectors bool) bool {
	return i < len(s.books) && (s.books[i].values != nil || !vectors)
}

func (s *setup) mapping() error {
	if s.read(16) != 0 {
		return bad("mapping")
	}
	submaps := 1
	if s.flag() {
		submaps = s.read(4) + 1
	}
	m := mapping{submap: make([]int, s.head.Channels)}
	if s.flag() {
		width := bits.Len(uint(s.head.Channels - 1))
		for range s.read(8) + 1 {
			c := coupling{s.read(width), s.read(width)}
			if c.magnitude == c.angle || c.magnitude >= s.head.Channels || c.angle >= s.head.Channels {
				return bad("coupling of channels")
			}
			m.couplings = append(m.couplings, c)
		}
	}
	if s.read(2) != 0 {
		return bad("mapping")
	}
	if submaps > 1 {
		for ch := range m.submap {
			if m.submap[ch] = s.read(4); m.submap[ch] >= submaps {
				return bad("mapping")
			}
		}
	}
	for range submaps {
		s.read(8)
		floor, residue := s.read(8), s.read(8)
		if floor >= len(s.floors) || residue >= len(s.residues) {
			return bad("mapping")
		}
		m.floors, m.residues = append(m.floors, floor), append(m.residues, residue)
	}
	s.mappings = append(s.mappings, m)
	return nil
}

func (s *setup) mode() error {
	m := mode{long: s.read(1)}
	window, transform := s.read(16), s.read(16)
	if m.mapping = s.read(8); window != 0 || transform != 0 || m.mapping >= len(s.mappings) {
		return bad("mode")
	}
	s.modes = append(s.modes, m)
	return nil
}
