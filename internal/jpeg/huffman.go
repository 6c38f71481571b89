package jpeg

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// lookBits is how many bits a table looks at at once. Longer codes are rare.
const lookBits = 11

// huffman is a table of codes, T.81 C.
//
// An entry of look for the next bits has four bytes, from the lowest on: how many bits
// a code and its number take together; by how many coefficients it leads on, or ending;
// how many bits the code alone takes; and 63 less the bits of the number. What needs a
// closer look has a first byte of 0 and leads beyond the block: a code that is longer
// than lookBits, then the third byte is 0 too, or one that takes more than most bits.
type huffman struct {
	look   [1 << lookBits]uint32
	value  [1 << lookBits]uint8
	least  [18]int32 // behind the last code of each length; never reached at 17
	offset [18]int32 // from a code to the index of its value
	values [256]uint8
	known  bool

	pass *[1 << passBits]uint16 // for coefficients that nobody wants, see passing
}

const (
	advanceShift = 8
	lengthShift  = 16
	sizeShift    = 24

	most   = 19  // a third of what peek returns
	beyond = 64  // more coefficients than follow the first
	ending = 128 // of the block
)

// define reads a table from its counts of codes by length and its values.
func (h *huffman) define(counts, values []byte) error {
	*h = huffman{known: true}
	copy(h.values[:], values)
	for i := range h.look {
		h.look[i] = beyond << advanceShift
	}
	code, index := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		h.offset[length] = index - code
		for range counts[length-1] {
			if code>>length != 0 {
				return fmt.Errorf("huffman table has too many codes of %d bits: %w", length, quintet.ErrInput)
			}
			if length <= lookBits {
				h.enter(code, length, values[index])
			}
			code++
			index++
		}
		h.least[length] = code
		code <<= 1
	}
	h.least[17] = 1 << 30
	return nil
}

// enter fills in what begins with a code.
func (h *huffman) enter(code int32, length int, value byte) {
	size, run := uint32(value&15), uint32(value>>4)
	taken, advance := uint32(length)+size, run+1
	if ends(value) {
		advance = ending
	}
	if taken > most {
		taken, advance = 0, beyond
	}
	e := taken | advance<<advanceShift | uint32(length)<<lengthShift | (63-size)<<sizeShift
	free := lookBits - length
	for i := range h.look[code<<free:][:1<<free] {
		h.look[int(code)<<free+i] = e
		h.value[int(code)<<free+i] = value
	}
}

// ends reports whether a value of a sequential scan ends a block.
func ends(value uint8) bool { return value&15 == 0 && value != 0xf0 }

// number returns the number whose code is on top of acc and has entry e. Nobody could
// foresee its sign, so there is no branch.
func number(acc uint64, e uint32) int32 {
	acc <<= e >> lengthShift & 63
	negative := uint64(^int64(acc) >> 63)
	return int32((acc^negative)>>1>>(e>>sizeShift&63)^negative) - int32(negative)
}

// code returns the value of the code on top of acc and its length.
func (h *huffman) code(b *bits, acc uint64) (value uint8, length uint) {
	at := acc >> (64 - lookBits)
	if length := h.look[at] >> lengthShift & 31; length != 0 {
		return h.value[at], uint(length)
	}
	top := int32(acc >> 48)
	for l := lookBits + 1; l <= 16; l++ {
		if code := top >> (16 - l); code < h.least[l] {
			return h.values[uint8(code+h.offset[l])], uint(l)
		}
	}
	b.spoil() // there is no such code
	return 0, 16
}

// symbol decodes a value.
func (h *huffman) symbol(b *bits) uint8 {
	v, l := h.code(b, b.peek(b.at))
	b.at += l
	return v
}
