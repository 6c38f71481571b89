package text

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/english"
)

const (
	maxRun  = 5  // words of a candidate
	keepRun = 3  // of a longer run
	maxUnit = 64 // bytes of a word
)

// extractor finds keywords. It is kept between documents.
type extractor struct {
	body    string
	tokens  []Token
	words   vocabulary // words and compounds
	known   []entry    // of each word
	stems   vocabulary // counts are of content words
	weights []float64  // of each stem
	phrases vocabulary // of the numbers of stems; counts are occurrences
	found   []candidate
	order   []int32 // of found
	run     []unit
	scratch []byte
}

// entry is what is known of a word.
type entry struct {
	role role
	stem int32 // number in stems, of a content word or a filler
	word int32 // number in words
}

// unit is one word of a run.
type unit struct {
	from, to int   // tokens; more than one in a compound with hyphens
	stem     int32 // number in stems
}

// candidate is the first occurrence of a phrase.
type candidate struct {
	from, to int // tokens
	score    float64
}

// take adds the word at token i to the run, or ends the run there. It returns the
// next token.
func (x *extractor) take(i int) int {
	t := x.tokens[i]
	if t.Kind != TokenWord || i > 0 && x.paragraphBefore(i) {
		x.flush()
	}
	if t.Kind != TokenWord {
		return i + 1
	}
	if ideograph(x.body[t.Start:]) {
		return x.ideographs(i)
	}
	to := x.compound(i)
	e := x.look(i, to)
	if e.role == stopper || e.role == filler && !x.inName(i, to) {
		x.flush()
	} else {
		x.add(i, to, e.stem)
	}
	return to
}

// compound returns the token behind the word at i and what hyphens join to it.
func (x *extractor) compound(i int) int {
	to := i + 1
	for to+1 < len(x.tokens) {
		hyphen, part := x.tokens[to], x.tokens[to+1]
		if hyphen.Start != x.tokens[to-1].End || hyphen.Of(x.body) != "-" || part.Start != hyphen.End ||
			part.Kind != TokenWord && part.Kind != TokenNumber {
			break
		}
		to += 2
	}
	return to
}

// look returns the entry of the word of tokens [i, to).
func (x *extractor) look(i, to int) entry {
	word := x.body[x.tokens[i].Start:x.tokens[to-1].End]
	if len(word) > maxUnit {
		return entry{role: stopper}
	}
	id := x.words.add(word)
	if int(id) == len(x.known) {
		e := x.entry(x.words.word(id))
		e.word = id
		x.known = append(x.known, e)
	}
	return x.known[id]
}

func (x *extractor) entry(word []byte) entry {
	e := entry{role: roleOf(word)}
	if e.role == stopper || utf8.RuneCount(word) < 2 {
		return entry{role: stopper}
	}
	x.scratch = append(x.scratch[:0], word...)
	root := english.Stem(x.scratch)
	e.stem = x.stems.addBytes(root)
	x.stems.count[e.stem]-- // add counts it
	if int(e.stem) == len(x.weights) {
		x.weights = append(x.weights, rarity(root))
	}
	return e
}

// inName reports whether the word of tokens [i, to) and the next begin with
// capitals, as in "New York".
func (x *extractor) inName(i, to int) bool {
	return to < len(x.tokens) && x.tokens[to].Kind == TokenWord && x.tokens[to].Start == x.tokens[to-1].End+1 &&
		capital(x.tokens[i].Of(x.body)) && capital(x.tokens[to].Of(x.body))
}

func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r)
}

func (x *extractor) paragraphBefore(i int) bool {
	gap := x.tokens[i-1].End
	if x.tokens[i].Start-gap < 2 {
		return false
	}
	_, paragraph := skipSpace(x.body, gap)
	return paragraph
}

// add puts the word of tokens [from, to) at the end of the run.
func (x *extractor) add(from, to int, stem int32) {
	x.stems.count[stem]++
	x.run = append(x.run, unit{from, to, stem})
}

// flush makes a candidate of the run.
func (x *extractor) flush() {
	run := x.run
	x.run = run[:0]
	if len(run) == 0 {
		return
	}
	if len(run) > maxRun {
		run = run[len(run)-keepRun:]
	}
	x.candidate(run)
}

func (x *extractor) candidate(run []unit) {
	x.scratch = x.scratch[:0]
	for _, u := range run {
		x.scratch = binary.LittleEndian.AppendUint32(x.scratch, uint32(u.stem))
	}
	if id := x.phrases.addBytes(x.scratch); int(id) == len(x.found) {
		x.found = append(x.found, candidate{from: run[0].from, to: run[len(run)-1].to})
	}
}

// ideographs takes the ideographs that touch from token i on: as a candidate if
// they are two to four, else as one for each pair.
func (x *extractor) ideographs(i int) int {
	x.flush()
	to := i + 1
	for to < len(x.tokens) && x.tokens[to].Start == x.tokens[to-1].End && ideograph(x.body[x.tokens[to].Start:]) {
		to++
	}
	size := to - i
	if size > 4 {
		size = 2
	}
	for from := i; size > 1 && from+size <= to; from++ {
		if e := x.look(from, from+size); e.role == content {
			x.add(from, from+size, e.stem)
		}
		x.flush()
	}
	return to
}

func ideograph(s string) bool {
	if s[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Han, r)
}
