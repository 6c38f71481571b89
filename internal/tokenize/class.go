package tokenize

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// class says which sets a character belongs to. The sets are those of the
// reference library: its regular expression engine, its category tables and its
// standard library know different editions of Unicode, and a tokenizer that
// wants the same ids must agree with each where it is asked.
type class uint16

const (
	letter    class = 1 << iota // \p{L}
	number                      // \p{N}
	space                       // \s, which is White_Space
	upper                       // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
	lower                       // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
	mark                        // \p{M}
	symbol                      // [\p{P}\p{S}]
	bertPunct                   // what BertPreTokenizer and Punctuation isolate
	word                        // \w of Whitespace and of single_word
	accent                      // what BertNormalizer strips
	combining                   // what StripAccents strips
	control                     // what BertNormalizer's clean_text drops
	numeric                     // what Digits isolates
	onigWord                    // \w of a Split pattern
	digit                       // \d, which is \p{Nd}
	punct                       // \p{P}
)

// unicodeBin holds runs of characters of equal class, then the characters that
// have a lower case. testdata/unicode.js writes it.
//
//go:embed unicode.bin
var unicodeBin []byte

// classTable maps characters to classes and to lower case in two steps.
type classTable struct {
	ascii      [128]class
	index      [0x1100]uint16
	blocks     [][256]class
	lowerIndex [0x1100]uint16
	lowerBlock [][256]int32 // difference to the lower case
}

// classes returns the table that all tokenizers share.
var classes = sync.OnceValue(func() *classTable {
	t := &classTable{lowerBlock: make([][256]int32, 1)}
	next := unicodeBin
	varint := func() int {
		v, n := binary.Uvarint(next)
		next = next[n:]
		return int(v)
	}
	flat := make([]class, 0, 0x110000)
	for range varint() {
		n, c := varint(), class(varint())
		for range n {
			flat = append(flat, c)
		}
	}
	copy(t.ascii[:], flat)
	seen := map[[256]class]uint16{}
	for i := range t.index {
		block := [256]class(flat[i<<8:])
		at, ok := seen[block]
		if !ok {
			at = uint16(len(t.blocks))
			seen[block] = at
			t.blocks = append(t.blocks, block)
		}
		t.index[i] = at
	}
	r := 0
	for range varint() {
		r += varint()
		d := varint()
		t.setLower(r, int32(d>>1)^-int32(d&1))
	}
	return t
})

func (t *classTable) setLower(r int, diff int32) {
	at := &t.lowerIndex[r>>8]
	if *at == 0 {
		*at = uint16(len(t.lowerBlock))
		t.lowerBlock = append(t.lowerBlock, [256]int32{})
	}
	t.lowerBlock[*at][r&0xff] = diff
}

// of returns the class of a character, which must be a valid code point.
func (t *classTable) of(r rune) class {
	return t.blocks[t.index[r>>8]][r&0xff]
}

// lower returns the lower case of a character. U+0130 has one of two
// characters, of which this is the first.
func (t *classTable) lower(r rune) rune {
	if r == dottedI {
		return 'i'
	}
	return r + t.lowerBlock[t.lowerIndex[r>>8]][r&0xff]
}

// dottedI is the only character whose lower case is two characters: "i" and
// dotAbove.
const (
	dottedI  = 'İ'
	dotAbove = '\u0307'
)
