package text

import (
	"math"
	"slices"
	"unicode/utf8"
)

// feature is one of a text.
type feature struct {
	hash  uint32
	value float32
}

// featureReader makes the features of texts. It is kept between them.
type featureReader struct {
	words, characters int // longest runs

	tokens []Token
	folded []byte // of a word
	marked []byte // with its ends
	hashes []uint32
	found  []feature
}

// Seeds keep words, runs of words and runs of characters apart.
const (
	runSeed       = 0xd6e8feb86659fd93
	characterSeed = 0xa0761d6478bd642f
)

// read returns the features of a text with different hashes, in rising order, valid
// until the next call.
func (r *featureReader) read(s string) []feature {
	r.tokens, r.hashes = AppendTokens(r.tokens[:0], s), r.hashes[:0]
	var before [maxWordRun]uint64 // runs that end with the token before, by length
	for _, t := range r.tokens {
		r.folded = appendFolded(r.folded[:0], t.Of(s))
		word := hash(wordSeed, r.folded)
		for n := r.words - 1; n > 0; n-- {
			if before[n] = 0; before[n-1] != 0 {
				before[n] = mix(before[n-1]*runSeed + word)
				r.add(before[n])
			}
		}
		before[0] = word
		r.add(word)
		if r.characters > 0 && !t.Kind.mark() {
			r.runs()
		}
	}
	return r.count()
}

func (r *featureReader) add(hash uint64) { r.hashes = append(r.hashes, uint32(mix(hash)>>32)) }

// runs adds the runs of characters of the word in folded.
func (r *featureReader) runs() {
	r.marked = append(append(append(r.marked[:0], '<'), r.folded...), '>')
	word := r.marked
	for start := 0; start < len(word); start += runeSize(word[start:]) {
		end := start
		for n := 1; n <= r.characters && end < len(word); n++ {
			end += runeSize(word[end:])
			r.add(hash(characterSeed, word[start:end]))
		}
	}
}

// runeSize returns the length of the first rune of b.
func runeSize(b []byte) int {
	_, n := utf8.DecodeRune(b)
	return n
}

// count makes features of the hashes.
func (r *featureReader) count() []feature {
	slices.Sort(r.hashes)
	r.found = r.found[:0]
	for i := 0; i < len(r.hashes); {
		start := i
		for i++; i < len(r.hashes) && r.hashes[i] == r.hashes[start]; i++ {
		}
		r.found = append(r.found, feature{r.hashes[start], float32(1 + math.Log(float64(i-start)))})
	}
	return r.found
}
