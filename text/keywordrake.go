package text

import "encoding/binary"

// RAKE returns the at most n best keywords of an English body by rapid automatic
// keyword extraction, best first; ties are in alphabetical order (S. Rose, D. Engel,
// N. Cramer, W. Cowley, "Automatic keyword extraction from individual documents", in
// Text Mining, 2010).
//
// Candidates are the runs of up to ten words between stop words, marks, numbers and
// blank lines. A word w scores deg(w)/freq(w): freq is how often it stands in
// candidates, deg the sum of the lengths in words of those. A candidate scores the sum
// of its words. Words are told apart by their spelling without case. Scores grow with
// the length of phrases; [Keywords] measured better.
//
// The cost is O(len(body)), and O(c log c) for c candidates.
func RAKE(body string, n int) []Keyword {
	var x extractor
	return x.keywordsBy(KeywordsByRAKE, body, Tokens(body), n)
}

// maxRAKE is the number of words of the longest candidate. Longer runs are lists or
// noise.
const maxRAKE = 10

// rake finds and scores the candidates of RAKE.
func (x *extractor) rake() {
	var freq, degree []float64 // of words
	x.eachWord(func(i, to int, e entry, joined bool) {
		if !joined || e.role == stopper {
			freq, degree = x.rakeRun(freq, degree)
		}
		if e.role != stopper {
			x.run = append(x.run, unit{i, to, e.word})
		}
	})
	freq, degree = x.rakeRun(freq, degree)
	for id := range x.found {
		sum := 0.0
		for words := x.phrases.word(int32(id)); len(words) > 0; words = words[4:] {
			w := binary.LittleEndian.Uint32(words)
			sum += degree[w] / freq[w]
		}
		x.found[id].score = round4(sum)
	}
}

// rakeRun makes a candidate of the run and counts its words.
func (x *extractor) rakeRun(freq, degree []float64) (f, d []float64) {
	run := x.run
	x.run = run[:0]
	if len(run) == 0 || len(run) > maxRAKE {
		return freq, degree
	}
	for _, u := range run {
		for int(u.stem) >= len(freq) {
			freq, degree = append(freq, 0), append(degree, 0)
		}
		freq[u.stem]++
		degree[u.stem] += float64(len(run))
	}
	x.candidate(run)
	return freq, degree
}

// eachWord calls visit for each word, compounds with hyphens being one. joined says
// that nothing but white space within a paragraph stands between it and the word
// before.
func (x *extractor) eachWord(visit func(i, to int, e entry, joined bool)) {
	joined := false
	for i := 0; i < len(x.tokens); {
		if x.tokens[i].Kind != TokenWord {
			joined = false
			i++
			continue
		}
		to := x.compound(i)
		visit(i, to, x.look(i, to), joined && !x.paragraphBefore(i))
		joined = true
		i = to
	}
}
