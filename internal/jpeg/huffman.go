package jpeg

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// lookBits is how many bits a table looks at at once. Longer codes are rare.
const lookBits = 10

// huffman is a table of codes, T.81 C.
//
// An entry of look for the next bits holds, from the lowest bit on: 5 bits of how
// many bits are taken, 4 of the size of a number, 4 of the run before it, and one
// that says that the number, in the upper 16, is taken with the code. It is 0 for a
// longer code.
type huffman struct {
	look   [1 << lookBits]uint32
	least  [18]int32 // behind the last code of each length; never reached at 17
	offset [18]int32 // from a code to the index of its value
	values [256]uint8
	known  bool

	pass *[1 << passBits]uint16 // for coefficients that nobody wants, see passing
}

const (
	takenBits  = 31
	sizeShift  = 5
	runShift   = 9
	whole      = 1 << 13
	valueShift = 16
)

// define reads a table from its counts of codes by length and its values.
func (h *huffman) define(counts, values []byte) error {
	*h = huffman{known: true}
	copy(h.values[:], values)
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
	free := lookBits - length
	for low := range int32(1) << free {
		e := uint32(length) | size<<sizeShift | run<<runShift
		if size > 0 && int(size) <= free {
			v := extend(low>>(free-int(size)), uint(size))
			e = e + size | whole | uint32(v)<<valueShift
		}
		h.look[code<<free|low] = e
	}
}

// long decodes a code that is longer than lookBits from the top of acc.
func (h *huffman) long(b *bits, acc uint64) (value uint8, length uint) {
	top := int32(acc >> 48)
	for l := lookBits + 1; l <= 16; l++ {
		if code := top >> (16 - l); code < h.least[l] {
			return h.values[uint8(code+h.offset[l])], uint(l)
		}
	}
	b.invented += 1 << 16 // there is no such code: the data is as good as over
	return 0, 16
}

// symbol decodes a value.
func (h *huffman) symbol(b *bits) uint8 {
	b.fill()
	v, l := h.code(b.acc)
	if l == 0 {
		v, l = h.long(b, b.acc)
	}
	b.skip(l)
	return v
}

// passBits is how many bits the table for passing over coefficients looks at.
const passBits = 13

const (
	advanceShift = 4
	ends         = 1 << 15
)

// passing returns a table for reading past coefficients, several at once. An entry
// for the next bits holds 4 bits of how many of them whole codes with their numbers
// take, from advanceShift on how many coefficients these are, and whether the block
// ends with them. It is 0 if not even the first code is whole.
func (h *huffman) passing() *[1 << passBits]uint16 {
	if h.pass != nil {
		return h.pass
	}
	h.pass = new([1 << passBits]uint16)
	for i := range h.pass {
		acc := uint64(i) << (64 - passBits)
		taken, advance := uint(0), uint(0)
		for {
			value, length := h.code(acc << taken)
			run, size := uint(value>>4), uint(value&15)
			if length == 0 || taken+length+size > passBits {
				break
			}
			taken += length + size
			if size == 0 && run != 15 {
				advance |= ends >> advanceShift
				break
			}
			advance += run + 1
		}
		if taken == 0 {
			advance = 64 // too far: the code is longer
		}
		h.pass[i] = uint16(taken | advance<<advanceShift)
	}
	return h.pass
}

// code returns the value of the first code of acc and its length, 0 if it is longer
// than lookBits.
func (h *huffman) code(acc uint64) (value uint8, length uint) {
	e := h.look[acc>>(64-lookBits)]
	size := uint(e >> sizeShift & 15)
	if length = uint(e & takenBits); e&whole != 0 {
		length -= size
	}
	return uint8(e>>runShift&15<<4) | uint8(size), length
}
