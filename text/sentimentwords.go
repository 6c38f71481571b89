package text

import (
	"strings"
	"unicode/utf8"
)

// sentimentPart is what a sentence has for its scores.
type sentimentPart struct {
	words   int // the number of rule words up to its end
	weights int // of its features
	marks   emphasis
}

// add makes p the sum of itself and of the sentence that follows.
func (p *sentimentPart) add(next sentimentPart) {
	p.words = next.words
	p.weights += next.weights
	p.marks.exclamations += next.marks.exclamations
	p.marks.questions += next.marks.questions
}

// read reads the rule words and sums the weights of the features of each sentence.
func (s *sentimentScorer) read(body string, tokens []Token, sentences []Sentence) {
	s.body, s.tokens = body, tokens
	s.words, s.parts = s.words[:0], s.parts[:0]
	i := 0
	for _, sentence := range sentences {
		s.part, s.features = sentimentPart{}, features{}
		for i < len(tokens) && tokens[i].Start < sentence.End {
			i = s.run(i, sentence.End)
		}
		s.part.words = len(s.words)
		s.parts = append(s.parts, s.part)
	}
	s.body, s.tokens = "", nil // they are the caller's
}

// run reads the tokens that touch from number i on, which are one rule word, and
// returns the number behind them. An emoji is a word of its own.
func (s *sentimentScorer) run(i, stop int) int {
	first, n := i, 0
	var found [2]tokenWord // the first two
	for ; i < len(s.tokens); i++ {
		t := s.tokens[i]
		alone := s.picture(t)
		if i > first && (alone || t.Start > s.tokens[i-1].End || t.Start >= stop) {
			break
		}
		w, features := s.take(t)
		for _, feature := range features {
			if feature != 0 {
				s.part.weights += s.model.weight(feature)
			}
		}
		if n < len(found) {
			found[n] = w
		}
		n++
		if alone {
			s.words = append(s.words, w.word())
			return i + 1
		}
	}
	whole := s.body[s.tokens[first].Start:s.tokens[i-1].End]
	switch {
	case single(whole):
	case n == 1:
		s.words = append(s.words, found[0].word())
	case n == 2 && found[0].bare && loose(s.tokens[first+1].Of(s.body)):
		s.words = append(s.words, found[0].word())
	case n == 2 && found[1].bare && loose(s.tokens[first].Of(s.body)):
		s.words = append(s.words, found[1].word())
	default:
		s.words = append(s.words, s.hash(strip(whole)).word())
	}
	return i
}

// picture reports whether t is an emoji, or a symbol such as ❤ that may be shown as
// one.
func (s *sentimentScorer) picture(t Token) bool {
	return t.Kind == TokenEmoji || t.Kind == TokenSymbol && s.body[t.Start] >= utf8.RuneSelf
}

// single reports whether s is one rune or none. The rules do not count such words.
func single(s string) bool {
	if len(s) > utf8.UTFMax {
		return false
	}
	_, n := utf8.DecodeRuneInString(s)
	return n == len(s)
}

// tokenWord is a token that was looked up.
type tokenWord struct {
	wordHash
	cue
	shape wordShape
	bare  bool // more than one rune and no mark
}

func (w tokenWord) word() ruleWord {
	return ruleWord{cue: w.cue, shout: w.shape&(hasUpper|hasLower) == hasUpper, plain: w.shape&hasUpper == 0}
}

// hash hashes a word and looks it up.
func (s *sentimentScorer) hash(word string) (w tokenWord) {
	w.wordHash, w.shape = hashWord(word)
	w.cue = s.cues.of(w.whole)
	if w.shape&hasApostrophe != 0 && negation(word) {
		w.role |= roleNegates
	}
	w.bare = w.shape&hasMark == 0 && !single(word)
	return w
}

// take looks a token up, makes its features and counts its marks. The model knows
// no foreign words and no emoji.
func (s *sentimentScorer) take(t Token) (w tokenWord, out [maxFeatures]uint64) {
	form := t.Of(s.body)
	w = s.hash(form)
	h := w.wordHash
	if w.shape&hasForeign != 0 {
		s.features = features{}
		return w, out
	}
	switch t.Kind {
	case TokenPunct:
		s.part.marks.count(form)
	case TokenURL, TokenEmail, TokenMention:
		s.part.marks.count(form)
		h = wordHash{whole: uint64(t.Kind)} // one is as good as another
	}
	return w, s.features.next(h, t.Kind, w.cue)
}

func (e *emphasis) count(form string) {
	e.exclamations += strings.Count(form, "!")
	e.questions += strings.Count(form, "?")
}

// loose reports whether the rules separate the marks from a word that they touch.
func loose(marks string) bool {
	switch marks {
	case ".", "!", "?", ",", ";", ":", "-", "'", "\"", "!!", "!!!", "??", "???", "?!?", "!?!", "?!?!", "!?!?":
		return true
	}
	return false
}

// strip returns the word less the loose marks before or behind it. A word with
// other marks, or with marks on both sides, stays as it is.
func strip(word string) string {
	start, end := 0, len(word)
	for start < end && isMark(word[start]) {
		start++
	}
	for end > start && isMark(word[end-1]) {
		end--
	}
	core := word[start:end]
	if start > 0 && end < len(word) || single(core) || !loose(word[:start]+word[end:]) {
		return word
	}
	for i := range len(core) {
		if isMark(core[i]) {
			return word
		}
	}
	return core
}

func isMark(b byte) bool { return classOf[b]&(punctByte|symbolByte) != 0 }
