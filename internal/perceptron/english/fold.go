package english

import (
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/perceptron"
)

// Hash returns the hash of a word as the lexicon has it: in lower case, each digit
// a zero, the curly apostrophe straight. It is never 0.
func Hash(word string) uint32 { return mixWord(perceptron.Seed, word) | 1 }

// HashWords returns the hash of several words as the lexicon has them.
func HashWords(words []string) uint32 {
	h := Hash(words[0])
	for _, w := range words[1:] {
		h = hashPair(h, Hash(w))
	}
	return h
}

// hashPair returns the hash of words and one more.
func hashPair(words, next uint32) uint32 { return perceptron.Mix(words+1, next) | 1 }

// mixWord mixes a folded word into a hash.
func mixWord(h uint32, word string) uint32 {
	for i := 0; i < len(word); i++ {
		b := word[i]
		if b >= utf8.RuneSelf {
			return mixRunes(h, word[i:])
		}
		h = perceptron.MixByte(h, foldByte[b])
	}
	return h
}

func mixRunes(h uint32, s string) uint32 {
	for _, r := range s {
		r = foldRune(r)
		if r < utf8.RuneSelf {
			h = perceptron.MixByte(h, byte(r))
		} else {
			h = perceptron.Mix(h, uint32(r))
		}
	}
	return h
}

func foldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return rune(foldByte[r])
	case r == '’':
		return '\''
	case unicode.IsDigit(r):
		return '0'
	}
	return unicode.ToLower(r)
}

var foldByte = func() (t [utf8.RuneSelf]byte) {
	for b := range t {
		switch {
		case 'A' <= b && b <= 'Z':
			t[b] = byte(b) + 'a' - 'A'
		case '0' <= b && b <= '9':
			t[b] = '0'
		default:
			t[b] = byte(b)
		}
	}
	return t
}()
