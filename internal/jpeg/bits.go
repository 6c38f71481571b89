package jpeg

import (
	"bytes"
	"encoding/binary"
	"math"
)

const (
	// windowBytes is how much of the data is made ready at once, a power of two.
	windowBytes = 4096

	// blockBytes is more than the longest block takes, 64 codes of 16 bits with
	// numbers of 15, and the reading ahead behind it.
	blockBytes = 264

	// enough is the last place in a window where a block may begin.
	enough = 8 * (windowBytes - blockBytes)
)

// bits reads entropy-coded data, T.81 F.2.2.5, and stops before a marker. Behind the
// data it reads zeros. Stuffed bytes are dropped for a window of the data at a time: within
// a block nothing needs to look for them or for the end.
type bits struct {
	data []byte
	pos  int // behind what is in the window

	window [windowBytes + 8]byte // the last 8 stay zero
	at     uint                  // the next bit of the window
	real   int                   // where the data ends in it and zeros follow; may lie before its begin
}

// empty forgets the window.
func (b *bits) empty() { b.at, b.real = 8*windowBytes, windowBytes }

// ready makes the bits of a block available.
func (b *bits) ready() {
	if b.at > enough {
		b.load()
	}
}

// load fills the window, from the data as long as there is any before a marker.
func (b *bits) load() {
	done := int(b.at >> 3)
	end := copy(b.window[:], b.window[done:windowBytes])
	b.at &= 7
	b.real -= done
	start := end
	for end < windowBytes {
		chunk := b.data[b.pos:min(b.pos+windowBytes-end, len(b.data))]
		plain := bytes.IndexByte(chunk, 0xff)
		if plain < 0 {
			plain = len(chunk)
		}
		end += copy(b.window[end:], chunk[:plain])
		b.pos += plain
		if plain > 0 && plain == len(chunk) {
			continue
		}
		if plain == len(chunk) || b.pos+1 == len(b.data) || b.data[b.pos+1] != 0 {
			break // the end or a marker
		}
		b.window[end] = 0xff
		end++
		b.pos += 2
	}
	b.real += end - start
	clear(b.window[end:windowBytes])
}

// overrun reports whether bits were taken that are not in the data.
func (b *bits) overrun() bool { return int(b.at+7)>>3 > b.real }

// spoil says that the data is as good as over.
func (b *bits) spoil() { b.real = math.MinInt / 2 }

// peek returns the bits of the window from one on, 57 of them or more, the first on
// top.
func (b *bits) peek(at uint) uint64 {
	i := at >> 3 & (windowBytes - 1)
	return binary.BigEndian.Uint64(b.window[i:i+8]) << (at & 7)
}

// take returns the next n bits, up to 16.
func (b *bits) take(n uint) int32 {
	v := int32(b.peek(b.at) >> 1 >> ((63 - n) & 63))
	b.at += n
	return v
}

// extend returns the number coded by n bits v, T.81 F.2.2.1.
func extend(v int32, n uint) int32 {
	half := int32(1) << (n & 31) >> 1
	return v + (v-half)>>31&(1-2*half) // without a branch, which nobody could foresee
}

// restart drops the bits that are left and passes the next marker if it is the
// restart marker of the given number, 0 to 7.
func (b *bits) restart(number int) bool {
	b.empty()
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
