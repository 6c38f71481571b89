package text

import (
	"encoding/binary"
	"math"
)

// TextRank returns the at most n best keywords of an English body, best first; ties
// are in alphabetical order (R. Mihalcea, P. Tarau, "TextRank: bringing order into
// texts", EMNLP 2004).
//
// The vertices of a graph are the stems of the words that are neither stop words nor
// words of general prose, in place of the paper's nouns and adjectives. Two that stand
// next to each other, or with one word between, in one paragraph and whatever marks
// are there, share an edge for each time that they do. A vertex s scores
//
//	r(s) = (1-d)/v + d sum over edges (s,t) of r(t)/deg(t),  d = 0.85
//
// with v vertices, and is found by at most 50 rounds of the power method. Candidates
// are those of [Keywords] and score the sum of their words, times 100.
//
// The cost is O(len(body)) a round, and O(c log c) for c candidates.
func TextRank(body string, n int) []Keyword {
	var x extractor
	return x.keywordsBy(KeywordsByTextRank, body, Tokens(body), n)
}

const (
	rankWindow  = 3 // words in which two share an edge
	rankDamping = 0.85
	rankRounds  = 50
	rankChange  = 1e-6 // of the sum of all scores, at which it ends
)

// textRank finds and scores the candidates of TextRank.
func (x *extractor) textRank() {
	for i := 0; i < len(x.tokens); {
		i = x.take(i)
	}
	x.flush()
	score := rankWords(x.stems.size(), x.neighbours())
	for id := range x.found {
		sum := 0.0
		for stems := x.phrases.word(int32(id)); len(stems) > 0; stems = stems[4:] {
			sum += score[binary.LittleEndian.Uint32(stems)]
		}
		x.found[id].score = round4(100 * sum)
	}
}

// neighbours returns the edges of the graph.
func (x *extractor) neighbours() (edges [][2]int32) {
	var last [rankWindow - 1]int32 // the stems of the words before, or -1
	clearLast := func() {
		for k := range last {
			last[k] = -1
		}
	}
	clearLast()
	x.eachWord(func(i, _ int, e entry, joined bool) {
		if !joined && (i == 0 || x.paragraphBefore(i)) {
			clearLast()
		}
		stem := e.stem
		if e.role != content {
			stem = -1
		}
		for _, before := range last {
			if stem >= 0 && before >= 0 && before != stem {
				edges = append(edges, [2]int32{before, stem})
			}
		}
		copy(last[1:], last[:])
		last[0] = stem
	})
	return edges
}

// rankWords scores v vertices by the edges between them.
func rankWords(v int, edges [][2]int32) []float64 {
	degree, score, next := make([]float64, v), make([]float64, v), make([]float64, v)
	for _, e := range edges {
		degree[e[0]]++
		degree[e[1]]++
	}
	for i := range score {
		score[i] = 1 / float64(v)
	}
	for range rankRounds {
		for i, d := range degree {
			score[i] /= max(d, 1) // what it gives to each edge
			next[i] = 0
		}
		for _, e := range edges {
			next[e[0]] += score[e[1]]
			next[e[1]] += score[e[0]]
		}
		change := 0.0
		for i, d := range degree {
			r := (1-rankDamping)/float64(v) + float64(rankDamping*next[i])
			change += math.Abs(r - float64(score[i]*max(d, 1)))
			score[i] = r
		}
		if change < rankChange {
			break
		}
	}
	return score
}
