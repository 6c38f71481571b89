package audio

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// bitReader reads a FLAC stream bit by bit, the highest first, and sums up what it
// passes. After the end of the data it gives zeros and err is set; so a caller
// that loops a bounded number of times may look at err now and then.
type bitReader struct {
	src      *source
	buf      []byte
	pos, end int    // buf[pos:end] is not in the cache yet
	cache    uint64 // its highest n bits come next, the others are 0
	n        uint
	summed   int // buf[:summed] is in the check sum
	crc      uint16
	err      error
}

func newBitReader(s *source) *bitReader {
	return &bitReader{src: s, buf: make([]byte, 1<<15)}
}

// refill puts at least 57 bits into the cache, fewer only at the end of the data.
func (b *bitReader) refill() {
	if b.end-b.pos >= 8 {
		b.cache |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> b.n
		take := (64 - b.n) / 8
		b.pos += int(take)
		if b.n += 8 * take; b.n < 64 {
			b.cache &^= 1<<(64-b.n) - 1
		}
		return
	}
	b.refillSlowly()
}

func (b *bitReader) refillSlowly() {
	for b.n <= 56 {
		if b.pos == b.end && !b.load() {
			return
		}
		b.cache |= uint64(b.buf[b.pos]) << (56 - b.n)
		b.pos++
		b.n += 8
	}
}

// load fills the buffer again. Eight bytes stay, which may be in the cache.
func (b *bitReader) load() bool {
	keep := min(b.pos, 8)
	b.sumTo(b.pos - keep)
	copy(b.buf, b.buf[b.pos-keep:b.pos])
	b.summed = max(0, b.summed-(b.pos-keep))
	n, err := b.src.fill(b.buf[keep:])
	b.pos, b.end = keep, keep+n
	if err != nil && b.err == nil {
		b.err = err
	}
	return n > 0
}

// read returns the next k bits, at most 32.
func (b *bitReader) read(k uint) uint64 {
	if b.n < k {
		if b.refill(); b.n < k {
			b.fail()
			return 0
		}
	}
	v := b.cache >> (64 - k)
	b.cache <<= k
	b.n -= k
	return v
}

// signed returns the next k bits as a number with a sign, at most 33 bits.
func (b *bitReader) signed(k uint) int64 {
	if k > 32 {
		high := b.signed(k - 32)
		return high<<32 | int64(b.read(32))
	}
	return int64(b.read(k)) << (64 - k) >> (64 - k)
}

// unary counts the zeros before the next one and passes them all.
func (b *bitReader) unary() (zeros uint64) {
	for {
		if b.n == 0 {
			if b.refill(); b.n == 0 {
				b.fail()
				return 0
			}
		}
		z := uint(bits.LeadingZeros64(b.cache))
		if z < b.n {
			b.cache <<= z + 1
			b.n -= z + 1
			return zeros + uint64(z)
		}
		zeros += uint64(b.n)
		b.cache, b.n = 0, 0
	}
}

// rice reads Rice-coded numbers of parameter k, at most 30.
func (b *bitReader) rice(dst []int64, k uint) {
	for i := range dst {
		b.refill()
		z := uint(bits.LeadingZeros64(b.cache))
		var v uint64
		if length := z + 1 + k; length <= b.n {
			v = b.cache << (z + 1) >> (64 - k)
			v |= uint64(z) << k
			b.cache <<= length
			b.n -= length
		} else if v = b.unary() << k; k > 0 {
			v |= b.read(k)
		}
		dst[i] = int64(v>>1) ^ -int64(v&1)
		if b.err != nil {
			return
		}
	}
}

// fail notes the end of the data, unless reading them ended in another error.
func (b *bitReader) fail() {
	if b.err == nil {
		b.err = io.ErrUnexpectedEOF
	}
	b.cache, b.n = 0, 0
}

// align passes the rest of a byte.
func (b *bitReader) align() {
	b.cache <<= b.n % 8
	b.n -= b.n % 8
}

// atEnd reports whether no byte is left. The reader must be aligned.
func (b *bitReader) atEnd() bool {
	b.refill()
	return b.n == 0
}

// begin starts the check sum at the next byte; the reader must be aligned.
func (b *bitReader) begin() { b.summed, b.crc = b.pos-int(b.n/8), 0 }

// sum returns the check sum of the bytes passed since begin.
func (b *bitReader) sum() uint16 {
	b.sumTo(b.pos - int(b.n/8))
	return b.crc
}

func (b *bitReader) sumTo(to int) {
	for ; b.summed < to; b.summed++ {
		b.crc = b.crc<<8 ^ crc16Table[byte(b.crc>>8)^b.buf[b.summed]]
	}
}

// crc16Table is for the polynomial x^16 + x^15 + x^2 + 1, crc8Table for
// x^8 + x^2 + x + 1, both without reflection.
var (
	crc16Table = crcTable(16, 0x8005)
	crc8Table  = crcTable(8, 0x07)
)

func crcTable(width uint, poly uint16) (t [256]uint16) {
	top, mask := uint16(1)<<(width-1), uint16(1<<width-1)
	for i := range t {
		c := uint16(i) << (width - 8)
		for range 8 {
			if c&top != 0 {
				c = c<<1 ^ poly
			} else {
				c <<= 1
			}
		}
		t[i] = c & mask
	}
	return t
}
