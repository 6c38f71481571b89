package english

import (
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/perceptron"
)

// word is what the features need to know about a word.
type word struct {
	hash   uint32 // folded
	exact  uint32 // as it is written
	suffix [4]uint32
	prefix [3]uint32
	shape  uint32
	kind   wordKind
	Entry
	coarse uint8
	place  uint8 // 1 begins a place of more words, 2 goes on with it
}

// wordKind says what letters a word has.
type wordKind uint8

const (
	noLetters wordKind = iota
	lowerCase
	firstUpper // and the others lower
	allUpper   // two or more
	oneUpper   // a single letter
	mixedCase
)

// edge are the words before and behind a sentence.
var edge = [2]word{{hash: 2, shape: 2}, {hash: 4, shape: 4}}

// look fills w for the word s.
func (w *word) look(s string, x *Lexicon) {
	*w = word{hash: Hash(s), exact: exact(s)}
	w.Entry = x.Entry(w.hash)
	w.coarse = x.Coarse(w.Cluster)
	w.affixes(s)
	w.shape, w.kind = shapeOf(s)
}

// exact hashes the bytes of s.
func exact(s string) uint32 {
	h := uint32(perceptron.Seed)
	for i := range len(s) {
		h = perceptron.MixByte(h, s[i])
	}
	return h
}

// affixes hashes the first and the last bytes, which are letters in English.
func (w *word) affixes(s string) {
	h := uint32(perceptron.Seed)
	for i := range w.suffix {
		if i < len(s) {
			h = perceptron.MixByte(h, folded(s[len(s)-1-i]))
		}
		w.suffix[i] = h
	}
	h = perceptron.Seed
	for i := range w.prefix {
		if i < len(s) {
			h = perceptron.MixByte(h, folded(s[i]))
		}
		w.prefix[i] = h
	}
}

func folded(b byte) byte {
	if b < utf8.RuneSelf {
		return foldByte[b]
	}
	return b
}

// shapeOf hashes the classes of the first characters of s, a run of one class being
// one, and returns what its letters are.
func shapeOf(s string) (shape uint32, kind wordKind) {
	const long = 32
	shape = perceptron.Seed
	last, runs := byte(0), 0
	upper, lower, first := 0, 0, false
	for i, r := range s {
		if i >= long {
			break
		}
		class := classOf(r)
		switch class {
		case 'X':
			upper++
			first = first || i == 0
		case 'x':
			lower++
		}
		if class == last {
			continue
		}
		last = class
		if runs++; runs <= 8 {
			shape = perceptron.MixByte(shape, class)
		}
	}
	return shape, kindOf(upper, lower, first)
}

func kindOf(upper, lower int, first bool) wordKind {
	switch {
	case upper == 0 && lower == 0:
		return noLetters
	case upper == 0:
		return lowerCase
	case upper == 1 && lower == 0:
		return oneUpper
	case lower == 0:
		return allUpper
	case upper == 1 && first:
		return firstUpper
	}
	return mixedCase
}

func classOf(r rune) byte {
	switch {
	case 'a' <= r && r <= 'z':
		return 'x'
	case 'A' <= r && r <= 'Z':
		return 'X'
	case '0' <= r && r <= '9':
		return '0'
	case r < utf8.RuneSelf:
		return byte(r)
	case unicode.IsUpper(r):
		return 'X'
	case unicode.IsLetter(r):
		return 'x'
	case unicode.IsDigit(r):
		return '0'
	}
	return '?'
}
