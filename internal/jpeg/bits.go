package jpeg

import (
	"bytes"
	"encoding/binary"
)

// windowBytes is how much of the data is made ready at once. It is less than the bits
// that a bad code takes, see long.
const windowBytes = 2048

// bits reads entropy-coded data, T.81 F.2.2.5, and stops before a marker. Behind
// the data it reads zeros and counts them. Stuffed bytes are dropped for a window of
// the data at a time, so that the loops over codes need not look for them.
type bits struct {
	data []byte
	pos  int // behind what is in the window

	window  [windowBytes]byte
	at, end int // of the bytes of the window that are not in acc

	acc      uint64 // the next bits, the first of them on top; below the n ones may follow others
	n        uint   // how many bits of acc count
	invented int    // how many bits were added behind the data
}

// more returns acc and n with 56 bits or more. n is less than 56.
func (b *bits) more(acc uint64, n uint) (uint64, uint) {
	if b.at > b.end-8 {
		b.load()
	}
	acc |= binary.BigEndian.Uint64(b.window[b.at:]) >> (n & 63)
	b.at += int(63-n) >> 3
	return acc, n | 56
}

// fill makes at least 32 bits available.
func (b *bits) fill() {
	if b.n < 32 {
		b.acc, b.n = b.more(b.acc, b.n)
	}
}

// load fills the window, from the data as long as there is any before a marker.
func (b *bits) load() {
	b.end = copy(b.window[:], b.window[b.at:b.end])
	b.at = 0
	for b.end < windowBytes {
		chunk := b.data[b.pos:min(b.pos+windowBytes-b.end, len(b.data))]
		plain := bytes.IndexByte(chunk, 0xff)
		if plain < 0 {
			plain = len(chunk)
		}
		b.end += copy(b.window[b.end:], chunk[:plain])
		b.pos += plain
		if plain > 0 && plain == len(chunk) {
			continue
		}
		if plain == len(chunk) || b.pos+1 == len(b.data) || b.data[b.pos+1] != 0 {
			break // the end or a marker
		}
		b.window[b.end] = 0xff
		b.end++
		b.pos += 2
	}
	for b.end < 8 {
		b.window[b.end] = 0
		b.end++
		b.invented += 8
	}
}

// overrun reports whether bits were taken that are not in the data.
func (b *bits) overrun() bool { return int(b.n)+8*(b.end-b.at) < b.invented }

// take returns the next n bits, up to 16.
func (b *bits) take(n uint) int32 {
	b.fill()
	v := int32(b.acc >> 1 >> (63 - n))
	b.skip(n)
	return v
}

func (b *bits) skip(n uint) {
	b.acc <<= n
	b.n -= n
}

// extend returns the number coded by n bits v, T.81 F.2.2.1.
func extend(v int32, n uint) int32 {
	half := int32(1) << (n & 31) >> 1
	return v + (v-half)>>31&(1-2*half) // without a branch, which nobody could foresee
}

// restart drops the bits that are left and passes the next marker if it is the
// restart marker of the given number, 0 to 7.
func (b *bits) restart(number int) bool {
	b.at, b.end = 0, 0
	b.acc, b.n, b.invented = 0, 0, 0
	for ; b.pos+1 < len(b.data); b.pos++ {
		if b.data[b.pos] != 0xff {
			continue
		}
		switch m := b.data[b.pos+1]; {
		case m == 0xff, m == 0:
			continue
		case m == RST0+byte(number):
			b.pos += 2
			return true
		}
		return false
	}
	return false
}
