package text

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// Keyword is a word or phrase that says what a body is about. A higher score is a
// better keyword; scores of different bodies are on one scale.
type Keyword struct {
	Term  string  `json:"term"`  // as it first stands in the body, in lower case, with single spaces
	Score float64 `json:"score"` // above 0, rounded to four decimals
	Count int     `json:"count"` // how often it stands there, with other endings too
}

// Keywords returns the at most n best keywords of an English body, best first;
// ties are in alphabetical order.
//
// Candidates are the runs of words between stop words, words of general prose,
// marks, numbers and blank lines, as in RAKE (Rose et al. 2010); of a run longer
// than five words the last three. Words with the same stem are one. The score of a
// phrase p of k words that stands there f times is
//
//	(sum over w of p: ln(1+tf(w)) rarity(w)) (f/k)^(1/3) (1 - 0.4 first(p)/tokens)
//
// and half of that if k is 1. The rarity of a word is its inverse document
// frequency in general English, to the power 3/2. Ideographs that touch make
// candidates of two to four.
//
// The cost is O(len(body)), and O(c log c) for c candidates.
func Keywords(body string, n int) []Keyword {
	var x extractor
	return x.keywordsBy(KeywordsByRarity, body, Tokens(body), n)
}

const (
	solo     = 0.5 // weight of a single word
	nearness = 0.4 // what standing at the end costs
)

// rarest finds the candidates and scores them as [Keywords] says.
func (x *extractor) rarest() {
	for i := 0; i < len(x.tokens); {
		i = x.take(i)
	}
	x.flush()
	x.score()
}

func (x *extractor) score() {
	for id := range x.found {
		c := &x.found[id]
		sum, k := 0.0, 0.0
		for stems := x.phrases.word(int32(id)); len(stems) > 0; stems = stems[4:] {
			s := binary.LittleEndian.Uint32(stems)
			sum += float64(math.Log1p(float64(x.stems.count[s])) * x.weights[s])
			k++
		}
		sum *= math.Cbrt(float64(x.phrases.count[id]) / k)
		sum *= 1 - float64(nearness*float64(c.from))/float64(len(x.tokens))
		if k == 1 {
			sum *= solo
		}
		c.score = round4(sum)
	}
}

// best returns the numbers of the n best candidates in order.
func (x *extractor) best(n int) []int32 {
	x.order = x.order[:0]
	for id := range x.found {
		x.order = append(x.order, int32(id))
	}
	slices.SortFunc(x.order, func(a, b int32) int {
		if c := cmp.Compare(x.found[b].score, x.found[a].score); c != 0 {
			return c
		}
		return bytes.Compare(x.appendTerm(nil, a), x.appendTerm(nil, b))
	})
	return x.order[:min(n, len(x.order))]
}

// terms makes the result. All its terms share one string.
func (x *extractor) terms(order []int32) []Keyword {
	if len(order) == 0 {
		return nil
	}
	x.scratch = x.scratch[:0]
	out := make([]Keyword, len(order))
	for i, id := range order {
		x.scratch = x.appendTerm(x.scratch, id)
		out[i] = Keyword{Score: x.found[id].score, Count: int(x.phrases.count[id])}
		x.found[id].to = len(x.scratch) // where its term ends
	}
	all, start := string(x.scratch), 0
	for i, id := range order {
		end := x.found[id].to
		out[i].Term = all[start:end]
		start = end
	}
	return out
}

// appendTerm appends the text of a candidate.
func (x *extractor) appendTerm(dst []byte, id int32) []byte {
	c := x.found[id]
	for i := c.from; i < c.to; i++ {
		if i > c.from && x.tokens[i].Start > x.tokens[i-1].End {
			dst = append(dst, ' ')
		}
		dst = appendFolded(dst, x.tokens[i].Of(x.body))
	}
	return dst
}

// reset makes x ready for the next body.
func (x *extractor) reset() {
	x.words.reset()
	x.stems.reset()
	x.phrases.reset()
	x.known, x.weights, x.found, x.run = x.known[:0], x.weights[:0], x.found[:0], x.run[:0]
}
