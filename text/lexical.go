package text

import (
	"math"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/english"
)

// Lexical writes the lexical embedding of s to dst, whose length is the
// dimension, and returns dst. It is a unit vector, or all zeros if s has no
// [Tokens] or dst is empty.
//
// The embedding is signed feature hashing (Weinberger et al., ICML 2009) of the
// stems of the words and of their trigrams with marked ends, "<ca", "cat", "at>".
// A word that stands n times weighs (1 + ln n) times its rarity in general English;
// its k trigrams weigh half of that, over the square root of k, each. Ideographs
// that touch add their pairs. Case and marks are ignored unless there is nothing
// else.
//
// Texts that share words, parts of words or spelling mistakes are near; texts that
// say the same in other words are not. The vector of a text is the same in every
// process and on every platform, up to rounding. The cost is O(len(s) + len(dst)).
func Lexical(s string, dst []float32) []float32 {
	var h hasher
	return h.embed(s, dst)
}

// hasher makes lexical embeddings. It is kept between texts.
type hasher struct {
	tokens []Token
	words  vocabulary
	stem   []byte
	dst    []float32
}

func (h *hasher) embed(s string, dst []float32) []float32 {
	clear(dst)
	if len(dst) == 0 {
		return dst
	}
	h.tokens, h.dst = AppendTokens(h.tokens[:0], s), dst
	h.words.reset()
	if h.count(s, false); h.words.size() == 0 {
		h.count(s, true)
	}
	text, start := string(h.words.text), 0
	for id, end := range h.words.ends {
		h.word(text[start:end], int(h.words.count[id]))
		start = end
	}
	h.dst = nil // it is the caller's
	if h.words.size() > 0 {
		normalize(dst)
	}
	return dst
}

// count fills the vocabulary with the words of s, or with its marks.
func (h *hasher) count(s string, marks bool) {
	for i, t := range h.tokens {
		if mark := t.Kind == TokenPunct || t.Kind == TokenSymbol || t.Kind == TokenOther; mark != marks {
			continue
		}
		h.words.add(t.Of(s))
		if i > 0 && h.tokens[i-1].End == t.Start && ideograph(s[t.Start:]) && ideograph(s[h.tokens[i-1].Start:]) {
			h.words.add(s[h.tokens[i-1].Start:t.End])
		}
	}
}

// Seeds keep a word and a trigram of the same letters apart.
const (
	wordSeed    = 0x9e3779b97f4a7c15
	trigramSeed = 0xc2b2ae3d27d4eb4f
)

// word adds the features of a word that stands n times.
func (h *hasher) word(word string, n int) {
	h.stem = append(h.stem[:0], word...)
	root := english.Stem(h.stem)
	weight := (1 + math.Log(float64(n))) * rarity(root)
	h.add(hash(wordSeed, root), float32(weight))

	trigrams := float64(utf8.RuneCountInString(word)) // of "<word>"
	each := float32(0.5 * weight / math.Sqrt(trigrams))
	a, b := "<", word[:runeLen(word)]
	for rest := word[len(b):]; rest != ""; {
		c := rest[:runeLen(rest)]
		h.add(hash(hash(hash(trigramSeed, a), b), c), each)
		a, b, rest = b, c, rest[len(c):]
	}
	h.add(hash(hash(hash(trigramSeed, a), b), ">"), each)
}

// runeLen returns the length of the first rune of s.
func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// add puts a feature where its hash says, with the sign that it says.
func (h *hasher) add(hash uint64, weight float32) {
	hash = mix(hash)
	if hash>>63 == 1 {
		weight = -weight
	}
	// The high half of the product is uniform in [0, len), without a division.
	h.dst[(hash&math.MaxUint32)*uint64(len(h.dst))>>32] += weight
}

// hash continues an FNV-1a hash.
func hash[S string | []byte](h uint64, s S) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// mix spreads a hash over all bits: the finalizer of MurmurHash3.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// normalize makes v a unit vector. If every feature met its opposite, which takes
// luck and a short v, it is a unit vector all the same.
func normalize(v []float32) {
	sum := 0.0
	for _, x := range v {
		sum += float64(float64(x) * float64(x)) // not fused
	}
	if sum == 0 {
		v[0] = 1
		return
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
}
