package wordvectors

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/text"
)

// Embed returns the vector of body in dst, if that has room for Dim numbers, or in
// a new slice. It is a unit vector, or zeros if no word of body is known. Case does
// not matter. The vector is the same on every platform, up to rounding. The cost is
// O(len(body)).
func (v *Vectors) Embed(body string, dst []float32) []float32 {
	dst = slices.Grow(dst[:0], Dim)[:Dim]
	v.sum(dst, body)
	if !v.opt.KeepCommon {
		share := dot(dst, v.common[:])
		for i, x := range v.common {
			dst[i] -= share * x
		}
	}
	normalize(dst)
	return dst
}

// BlendDim is the length of a vector of Blend: that of the lexical embedding and
// Dim.
const (
	BlendDim   = lexicalDim + Dim
	lexicalDim = 384
)

// Blend returns in dst, as Embed does, a unit vector that is near that of texts
// with the same words and near that of texts about the same: the lexical embedding
// of package text before the vector of the words, what all texts have in common
// included, with equal weight. It is better at similarity than either. If body has
// no known words it is the lexical embedding and zeros, and zeros if it has none at
// all.
func (v *Vectors) Blend(body string, dst []float32) []float32 {
	dst = slices.Grow(dst[:0], BlendDim)[:BlendDim]
	text.Lexical(body, dst[:lexicalDim])
	v.sum(dst[lexicalDim:], body)
	normalize(dst[lexicalDim:])
	normalize(dst)
	return dst
}

// sum writes the sum of the weighted vectors of the words of body to dst.
func (v *Vectors) sum(dst []float32, body string) {
	clear(dst)
	var buf [64]byte
	key := buf[:0]
	for _, t := range text.Tokens(body) {
		if t.Kind != text.TokenWord {
			continue
		}
		key = appendKey(key[:0], t.Of(body))
		if i := v.lookup(key); i >= 0 {
			v.addTo(dst, i, v.weight(i))
		}
	}
}

// Similarity returns the cosine of the vectors of two texts, from -1 to 1: near 1
// for texts about the same, about 0 for texts that have nothing to do with one
// another and for those without known words.
func (v *Vectors) Similarity(a, b string) float64 {
	var x, y [Dim]float32
	return text.Cosine(v.Embed(a, x[:]), v.Embed(b, y[:]))
}

// Word returns the vector of one word as GloVe has it, not of length 1, and whether
// the word is known. Case does not matter.
func (v *Vectors) Word(s string) (vector []float32, ok bool) {
	i := v.lookup(appendKey(nil, s))
	if i < 0 {
		return nil, false
	}
	vector = make([]float32, Dim)
	v.addTo(vector, i, 1)
	return vector, true
}

// Neighbor is a word near another.
type Neighbor struct {
	Word  string  `json:"word"`
	Score float64 `json:"score"` // cosine, -1 to 1
}

// Nearest returns the n words whose vectors have the highest cosine with that of a
// word, which is not among them, best first; those with the same cosine are by
// frequency. It returns nil if the word is not known. It compares with all words,
// which takes some ten milliseconds.
func (v *Vectors) Nearest(s string, n int) []Neighbor {
	at := v.lookup(appendKey(nil, s))
	if at < 0 || n < 1 {
		return nil
	}
	scores := make([]float64, v.opt.Words)
	others := make([]int, 0, v.opt.Words)
	for i := range scores {
		if i != at {
			scores[i] = v.cosine(at, i)
			others = append(others, i)
		}
	}
	slices.SortFunc(others, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), a-b) })
	near := make([]Neighbor, min(n, len(others)))
	for i := range near {
		near[i] = Neighbor{v.name(others[i]), scores[others[i]]}
	}
	return near
}

// cosine compares two words in whole numbers.
func (v *Vectors) cosine(a, b int) float64 {
	x, y := v.numbers[a*Dim:(a+1)*Dim], v.numbers[b*Dim:(b+1)*Dim]
	xy, xx, yy := int32(0), int32(0), int32(0)
	for i := range Dim {
		p, q := int32(int8(x[i])), int32(int8(y[i]))
		xy, xx, yy = xy+p*q, xx+p*p, yy+q*q
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return float64(xy) / math.Sqrt(float64(xx)*float64(yy))
}

// lookup finds a word, or its part before an apostrophe: GloVe has "john" and "do",
// not "john's" and "don't".
func (v *Vectors) lookup(key []byte) int {
	if i := v.find(key); i >= 0 {
		return i
	}
	s := string(key)
	if stem, ok := strings.CutSuffix(s, "n't"); ok {
		return v.find([]byte(stem))
	}
	if stem, _, ok := strings.Cut(s, "'"); ok {
		return v.find([]byte(stem))
	}
	return -1
}

// appendKey appends a word in lower case, with the typewriter's apostrophe.
func appendKey(dst []byte, s string) []byte {
	for _, r := range s {
		if r == '’' {
			r = '\''
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return dst
}

func dot(a, b []float32) (sum float32) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// normalize makes v a unit vector unless it is zero.
func normalize(v []float32) {
	if square := dot(v, v); square > 0 {
		scale := float32(1 / math.Sqrt(float64(square)))
		for i := range v {
			v[i] *= scale
		}
	}
}
