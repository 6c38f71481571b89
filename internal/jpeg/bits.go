package jpeg

import "encoding/binary"

// bits reads entropy-coded data, T.81 F.2.2.5, and stops before a marker. Behind
// the data it reads zeros and counts them.
type bits struct {
	data     []byte
	pos      int
	acc      uint64 // the next bits, the first of them on top
	n        int    // how many bits of acc are there
	invented int    // how many bits were added behind the data
}

// fill makes at least 32 bits available, usually more than 56.
func (b *bits) fill() {
	for b.n <= 32 {
		if b.pos+4 <= len(b.data) {
			v := binary.BigEndian.Uint32(b.data[b.pos:])
			if inverse := ^v; (inverse-0x01010101)&v&0x80808080 == 0 { // no byte is 0xff
				b.acc |= uint64(v) << (32 - b.n)
				b.n += 32
				b.pos += 4
				return
			}
		}
		for b.n <= 56 {
			b.acc |= uint64(b.next()) << (56 - b.n)
			b.n += 8
		}
	}
}

// next returns the byte behind the ones in acc.
func (b *bits) next() byte {
	if b.pos >= len(b.data) {
		b.invented += 8
		return 0
	}
	c := b.data[b.pos]
	if c != 0xff {
		b.pos++
		return c
	}
	if b.pos+1 < len(b.data) && b.data[b.pos+1] == 0 { // a stuffed byte
		b.pos += 2
		return c
	}
	b.invented += 8
	return 0
}

// overrun reports whether bits were taken that are not in the data.
func (b *bits) overrun() bool { return b.n < b.invented }

// take returns the next n bits, up to 16.
func (b *bits) take(n uint) int32 {
	if b.n < 32 {
		b.fill()
	}
	v := int32(b.acc >> 1 >> (63 - n))
	b.acc <<= n
	b.n -= int(n)
	return v
}

// extend returns the number coded by n bits v, T.81 F.2.2.1.
func extend(v int32, n uint) int32 {
	if n > 0 && v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// restart drops the bits that are left and passes the next marker if it is the
// restart marker of the given number, 0 to 7.
func (b *bits) restart(number int) bool {
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
