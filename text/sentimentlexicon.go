package text

import (
	_ "embed" // sentiment.txt
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// sentimentTable lists words, emoticons and emoji by their valence in tenths, from
// -40 to 40: the mean of ten human ratings for words.
//
//go:generate go run ./models/gen
//go:embed sentiment.txt
var sentimentTable string

// A cue is what a word does to the sentiment of itself and of others. The zero
// cue does nothing.
type cue struct {
	valence int8 // in tenths, 0 for a word that is not in the lexicon
	role    uint8
}

// A role is the number of a word that the rules know by name, and flags.
const (
	roleName    uint8 = 1<<5 - 1
	roleNegates uint8 = 1 << 5
	roleBoosts  uint8 = 1 << 6
	roleDampens uint8 = 1 << 7
)

// The words that the rules know by name.
const (
	_ uint8 = iota
	wordAss
	wordAt
	wordBad
	wordBomb
	wordBut
	wordCut
	wordDeath
	wordEnough
	wordHand
	wordJust
	wordKind
	wordKiss
	wordLeast
	wordMouth
	wordMustard
	wordNever
	wordOf
	wordRight
	wordShit
	wordSo
	wordSort
	wordThe
	wordThis
	wordTo
	wordVery
	wordWithout // lacks, less, no: words that negate for the linear model only
	wordYeah
)

// ruleWords are the words by name, in the order of the constants.
const ruleWords = `
	ass at bad bomb but cut death enough hand just kind kiss least mouth mustard never of right shit so sort the
	this to very without yeah`

const lackWords = `lack lacks lacking less no`

const negators = `
	aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't doesn't dont
	hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't neednt
	needn't never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't
	shouldn't uh-uh wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite`

const boosters = `
	absolutely amazingly awfully completely considerably decidedly deeply effing enormously entirely especially
	exceptionally extremely fabulously flipping flippin fricking frickin frigging friggin fully fucking greatly
	hella highly hugely incredibly intensely majorly more most particularly purely quite really remarkably so
	substantially thoroughly totally tremendously uber unbelievably unusually utterly very`

const dampeners = `
	almost barely hardly kinda kindof kind-of less little marginally occasionally partly scarcely slightly
	somewhat sorta sortof sort-of`

// cues is a hash table with open addressing. It keeps no words, only 32 more bits
// of their hashes: no two listed words have the same, and another word is taken
// for a listed one once in 2^44.
type cues [1 << cueBits]struct {
	tag uint32 // 0 for none
	cue
}

const cueBits = 14

// sentimentCues is the lexicon and the words of the rules.
var sentimentCues = sync.OnceValue(func() *cues {
	t := new(cues)
	for line := range strings.Lines(sentimentTable) {
		head, words, _ := strings.Cut(line, " ")
		valence, err := strconv.ParseInt(head, 10, 8)
		if err != nil {
			continue // the comment
		}
		for word := range strings.FieldsSeq(words) {
			t.add(word).valence = int8(valence)
		}
	}
	name := uint8(0)
	for word := range strings.FieldsSeq(ruleWords) {
		name++
		t.add(word).role |= name
	}
	for word := range strings.FieldsSeq(lackWords) {
		t.add(word).role |= wordWithout
	}
	for words, flag := range map[string]uint8{negators: roleNegates, boosters: roleBoosts, dampeners: roleDampens} {
		for word := range strings.FieldsSeq(words) {
			t.add(word).role |= flag
		}
	}
	return t
})

// at returns the tag of a hash and the place where the search for it begins.
func (t *cues) at(hash uint64) (tag uint32, i uint64) {
	hash = spread(hash)
	return uint32(hash) | 1, hash >> (64 - cueBits)
}

// add returns the cue of a word, which it adds if the table lacks it.
func (t *cues) add(word string) *cue {
	h, _ := hashWord(word)
	tag, i := t.at(h.whole)
	for t[i].tag != 0 && t[i].tag != tag {
		i = (i + 1) % (1 << cueBits)
	}
	t[i].tag = tag
	return &t[i].cue
}

// of returns the cue of the word with that hash.
func (t *cues) of(hash uint64) cue {
	tag, i := t.at(hash)
	for ; t[i].tag != 0; i = (i + 1) % (1 << cueBits) {
		if t[i].tag == tag {
			return t[i].cue
		}
	}
	return cue{}
}

// wordHash has the hashes of a word in lower case: FNV-1a with 64 bits of the whole
// and of the first four and six bytes, which stand in for its stem. The last two
// are 0 if they would be the whole.
type wordHash struct{ whole, head4, head6 uint64 }

// wordShape says how a word is written.
type wordShape uint8

const (
	hasUpper      wordShape = 1 << iota
	hasLower                // the letters that are not ASCII count for these two
	hasMark                 // an ASCII punctuation mark or symbol
	hasApostrophe           // of either shape
	hasForeign              // a rune that is neither ASCII nor an apostrophe
)

// shapeOf and lowerOf are what an ASCII byte has of shape and in lower case.
var shapeOf, lowerOf = func() (shape [256]wordShape, lower [256]uint8) {
	for b := range shape {
		lower[b] = uint8(b)
		switch {
		case b >= utf8.RuneSelf:
		case 'A' <= b && b <= 'Z':
			shape[b], lower[b] = hasUpper, uint8(b)|0x20
		case 'a' <= b && b <= 'z':
			shape[b] = hasLower
		case b == '\'':
			shape[b] = hasMark | hasApostrophe
		case isMark(uint8(b)):
			shape[b] = hasMark
		}
	}
	return shape, lower
}()

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hashWord hashes a word without regard to case and to the shape of its
// apostrophes.
func hashWord(word string) (h wordHash, shape wordShape) {
	sum := uint64(fnvOffset)
	for i := range len(word) {
		b := word[i]
		if b >= utf8.RuneSelf {
			return hashUnicode(word)
		}
		switch i {
		case 4:
			h.head4 = sum
		case 6:
			h.head6 = sum
		}
		shape |= shapeOf[b]
		sum = (sum ^ uint64(lowerOf[b])) * fnvPrime
	}
	h.whole = sum
	return h, shape
}

// hashUnicode is hashWord for a word that is not ASCII. It has no heads.
func hashUnicode(word string) (h wordHash, shape wordShape) {
	h.whole = fnvOffset
	last, lower := utf8.RuneError, utf8.RuneError // a run of one letter is looked up once
	for _, r := range word {
		switch {
		case r == last:
			r = lower
		case r == '’':
			r = '\''
			shape |= hasMark | hasApostrophe
		case r < utf8.RuneSelf:
			shape |= shapeOf[r]
			r = rune(lowerOf[r])
		case r == pictureSelector, 0x1F3FB <= r && r <= 0x1F3FF:
			continue // skin tones and the request for a picture are not in the lexicon
		default:
			shape |= runeShape(r)
			last, lower = r, unicode.ToLower(r)
			r = lower
		}
		h.whole = (h.whole ^ uint64(r)) * fnvPrime
	}
	return h, shape
}

func runeShape(r rune) wordShape {
	switch {
	case 0x2000 <= r && r <= 0x20FF: // dashes and quotes, for speed
	case unicode.IsLower(r):
		return hasForeign | hasLower
	case unicode.IsUpper(r):
		return hasForeign | hasUpper
	case unicode.IsTitle(r):
		return hasForeign | hasUpper | hasLower
	}
	return hasForeign
}

// negation reports whether a word with an apostrophe contains "n't".
func negation(word string) bool {
	for i := 1; i < len(word); i++ {
		rest, ok := strings.CutPrefix(word[i:], "'")
		if !ok {
			rest, ok = strings.CutPrefix(word[i:], "’")
		}
		if ok && word[i-1]|0x20 == 'n' && rest != "" && rest[0]|0x20 == 't' {
			return true
		}
	}
	return false
}

// spread makes every bit of a hash depend on all, so that any of them can be used.
func spread(h uint64) uint64 {
	h ^= h >> 32
	h *= 0x9E3779B97F4A7C15
	return h ^ h>>29
}
