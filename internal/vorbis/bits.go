package vorbis

import "encoding/binary"

// bitReader reads numbers, the lowest bit first. Behind the end it gives zeros and is
// short.
type bitReader struct {
	b     []byte // eight zeros follow the data
	pos   int    // in bits
	end   int
	short bool
}

// reset starts to read p. It keeps a copy, in the memory of the last one.
func (r *bitReader) reset(p []byte) {
	r.b = append(append(r.b[:0], p...), make([]byte, 8)...)
	r.pos, r.end, r.short = 0, 8*len(p), false
}

// peek returns at least 57 bits, the next one lowest.
func (r *bitReader) peek() uint64 {
	return binary.LittleEndian.Uint64(r.b[r.pos>>3:]) >> (r.pos & 7)
}

// skip passes n bits and reports whether they were there.
func (r *bitReader) skip(n int) bool {
	if r.pos += n; r.pos > r.end {
		r.pos, r.short = r.end, true
		return false
	}
	return true
}

// read returns the next n bits, at most 32.
func (r *bitReader) read(n int) int {
	v := r.peek() & (1<<n - 1)
	if !r.skip(n) {
		return 0
	}
	return int(v)
}

func (r *bitReader) flag() bool { return r.read(1) == 1 }
