package mp3

import (
	"encoding/binary"
	"math"
)

// rootBits is how many bits of a code the first look into a lookup takes.
const rootBits = 9

// lookup finds codes. The first 1<<rootBits entries are indexed by the next bits; an
// entry is the length of a code and its value, or where the entries of longer codes are.
type lookup []uint32

// An entry has its value in the lowest byte and the length above. A link has the highest
// bit set, the bits that the second look takes below it, then where its entries are.
const (
	lengthShift = 8
	linkBit     = 1 << 31
	linkShift   = 24
)

// leaf is a code: its bits lie at the top of code.
type leaf struct {
	code   uint32
	length int
	value  uint32
}

// leaves returns the codes of a text of pairCodes.
func leaves(text string) []leaf {
	digit := func(c byte) uint32 {
		if c >= 'a' {
			return uint32(c-'a') + 10
		}
		return uint32(c - '0')
	}
	out := make([]leaf, 0, len(text)/3)
	code := uint32(0)
	for ; len(text) >= 3; text = text[3:] {
		l := leaf{code, int(digit(text[0])), digit(text[1])<<4 | digit(text[2])}
		out = append(out, l)
		code += 1 << (32 - l.length)
	}
	return out
}

// newLookup makes the entries of codes.
func newLookup(codes []leaf) lookup {
	t := make(lookup, 1<<rootBits)
	for i := 0; i < len(codes); {
		c := codes[i]
		root := c.code >> (32 - rootBits)
		if c.length <= rootBits {
			for j := range uint32(1) << (rootBits - c.length) {
				t[root+j] = uint32(c.length)<<lengthShift | c.value
			}
			i++
			continue
		}
		end, longest := i, 0
		for ; end < len(codes) && codes[end].code>>(32-rootBits) == root; end++ {
			longest = max(longest, codes[end].length-rootBits)
		}
		t[root] = linkBit | uint32(longest)<<linkShift | uint32(len(t))
		for _, c := range codes[i:end] {
			for range 1 << (rootBits + longest - c.length) {
				t = append(t, uint32(c.length)<<lengthShift|c.value)
			}
		}
		i = end
	}
	return t
}

// find returns the entry of the code that the bits at the top of w begin with.
func (t lookup) find(w uint64) uint32 {
	e := t[w>>(64-rootBits)]
	if e&linkBit != 0 {
		more := e >> linkShift & 0x7f
		e = t[uint64(e&(1<<linkShift-1))+w<<rootBits>>(64-more)]
	}
	return e
}

// readPairs decodes pairs from bit pos of b to dst and returns the position behind them;
// it is behind end if they are not all before it. Eight bytes must follow those that end
// is in.
func (t *tables) readPairs(dst []float32, table int, b []byte, pos, end int) int {
	kind := pairTables[table]
	if kind.codes < 0 {
		clear(dst)
		return pos
	}
	if kind.more > 0 {
		return t.readLongPairs(dst, kind, b, pos, end)
	}
	find := t.pairs[kind.codes]
	power := (*[16]float32)(t.power[:])
	for len(dst) >= 2 && pos < end {
		w := binary.BigEndian.Uint64(b[pos>>3:]) << (pos & 7)
		e := find.find(w)
		n := e >> lengthShift
		w <<= n & 63
		x, y := e>>4&15, e&15
		hasX, hasY := (x+15)>>4, (y+15)>>4
		dst[0] = math.Float32frombits(math.Float32bits(power[x]) | uint32(w>>63)*hasX<<31)
		w <<= hasX & 1
		dst[1] = math.Float32frombits(math.Float32bits(power[y]) | uint32(w>>63)*hasY<<31)
		pos += int(n + hasX + hasY)
		dst = dst[2:]
	}
	return behind(pos, end, dst)
}

// readLongPairs is readPairs of a table whose values go beyond 15.
func (t *tables) readLongPairs(dst []float32, kind pairTable, b []byte, pos, end int) int {
	find := t.pairs[kind.codes]
	for len(dst) >= 2 && pos < end {
		w := binary.BigEndian.Uint64(b[pos>>3:]) << (pos & 7)
		e := find.find(w)
		n := int(e >> lengthShift)
		w <<= n & 63
		for i, v := range [2]uint32{e >> 4 & 15, e & 15} {
			if v == 15 {
				v += uint32(w >> (64 - kind.more))
				w <<= kind.more
				n += kind.more
			}
			f := math.Float32bits(t.power[v])
			if v > 0 {
				f |= uint32(w>>63) << 31
				w <<= 1
				n++
			}
			dst[i] = math.Float32frombits(f)
		}
		pos += n
		dst = dst[2:]
	}
	return behind(pos, end, dst)
}

// behind returns pos, or a position behind end if pairs are left.
func behind(pos, end int, left []float32) int {
	if len(left) > 0 {
		return end + 1
	}
	return pos
}

// readQuads decodes groups of four lines, each 0 or 1, while there are bits and room, and
// returns how many lines it wrote. A group that goes beyond end does not count.
func (t *tables) readQuads(dst []float32, table int, b []byte, pos, end int) int {
	find := &t.quads[table]
	n := 0
	for pos < end && n+4 <= len(dst) {
		w := binary.BigEndian.Uint64(b[pos>>3:]) << (pos & 7)
		e := find[w>>(64-quadBits)]
		length := int(e >> 4)
		w <<= length & 63
		four := (*[4]float32)(dst[n:])
		for i := range four {
			four[i] = 0
			if e>>(3-i)&1 != 0 {
				four[i] = math.Float32frombits(oneBits | uint32(w>>63)<<31)
				w <<= 1
				length++
			}
		}
		if pos += length; pos > end {
			break
		}
		n += 4
	}
	return n
}

const (
	quadBits = 6          // of the longest code
	oneBits  = 0x3f800000 // of 1 as float32
)
