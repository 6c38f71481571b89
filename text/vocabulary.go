package text

import (
	"bytes"
	"hash/maphash"
	"unicode"
	"unicode/utf8"
)

// vocabulary numbers different words in the order in which they come. Words that
// differ in case are the same. The zero value is empty; it can be used again after
// a reset, so it owns its bytes.
type vocabulary struct {
	text  []byte  // the words in lower case, end to end
	ends  []int   // of word i in text
	count []int32 // of word i
	slots []int32 // open addressing: number of a word plus 1, or 0
}

// hashSeed keeps the author of a text from choosing words that collide.
var hashSeed = maphash.MakeSeed()

func (v *vocabulary) reset() {
	v.text, v.ends, v.count = v.text[:0], v.ends[:0], v.count[:0]
	clear(v.slots)
}

// size returns the number of different words.
func (v *vocabulary) size() int { return len(v.ends) }

// word returns the word of that number. It is valid until the next reset.
func (v *vocabulary) word(id int32) []byte {
	start := 0
	if id > 0 {
		start = v.ends[id-1]
	}
	return v.text[start:v.ends[id]]
}

// add counts a word and returns its number.
func (v *vocabulary) add(word string) int32 {
	mark := len(v.text)
	v.text = appendFolded(v.text, word)
	return v.addTail(mark)
}

// addBytes counts a word as it is and returns its number.
func (v *vocabulary) addBytes(word []byte) int32 {
	mark := len(v.text)
	v.text = append(v.text, word...)
	return v.addTail(mark)
}

// addTail counts the word that stands behind the known ones, from mark on.
func (v *vocabulary) addTail(mark int) int32 {
	if 2*len(v.ends) >= len(v.slots) {
		v.grow()
	}
	word, mask := v.text[mark:], uint64(len(v.slots)-1)
	at := maphash.Bytes(hashSeed, word) & mask
	for ; v.slots[at] != 0; at = (at + 1) & mask {
		if id := v.slots[at] - 1; bytes.Equal(v.word(id), word) {
			v.text = v.text[:mark]
			v.count[id]++
			return id
		}
	}
	v.ends, v.count = append(v.ends, len(v.text)), append(v.count, 1)
	v.slots[at] = int32(len(v.ends))
	return v.slots[at] - 1
}

func (v *vocabulary) grow() {
	v.slots = make([]int32, max(256, 2*len(v.slots)))
	mask := uint64(len(v.slots) - 1)
	for id := range int32(len(v.ends)) {
		at := maphash.Bytes(hashSeed, v.word(id)) & mask
		for v.slots[at] != 0 {
			at = (at + 1) & mask
		}
		v.slots[at] = id + 1
	}
}

// appendFolded appends a word in lower case, with the typewriter's apostrophe.
func appendFolded(dst []byte, word string) []byte {
	for i := 0; i < len(word); {
		b := word[i]
		if b < utf8.RuneSelf {
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			dst = append(dst, b)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(word[i:])
		if r == '’' {
			r = '\''
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += n
	}
	return dst
}
