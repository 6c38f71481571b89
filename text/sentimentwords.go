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
	s.open(body, tokens)
	s.parts = s.parts[:0]
	i := 0
	for _, sentence := range sentences {
		s.part, s.features, s.repeat = sentimentPart{}, features{}, weighed{}
		for i < len(tokens) && tokens[i].Start < sentence.End {
			i = s.run(i, sentence.End)
		}
		s.part.words = len(s.words)
		s.parts = append(s.parts, s.part)
	}
	s.shut()
}

// open makes s ready to read the tokens of a body.
func (s *sentimentScorer) open(body string, tokens []Token) {
	s.cues, s.model = sentimentCues(), sentimentLinear()
	s.body, s.tokens, s.words = body, tokens, s.words[:0]
}

// shut drops what is the caller's.
func (s *sentimentScorer) shut() { s.body, s.tokens, s.repeat = "", nil, weighed{} }

// run reads the tokens that touch from number i on, which are one rule word, and
// returns the number behind them. A picture is a word of its own.
func (s *sentimentScorer) run(i, stop int) int {
	first, tokens := i, s.tokens
	start, end := tokens[i].Start, tokens[i].End
	word := s.weigh(tokens[i])
	if s.picture(tokens[i]) {
		s.words = append(s.words, word)
		return i + 1
	}
	var second ruleWord
	for i++; i < len(tokens) && tokens[i].Start == end && end < stop && !s.picture(tokens[i]); i++ {
		second = s.weigh(tokens[i])
		end = tokens[i].End
	}
	whole := s.body[start:end]
	switch i - first {
	case 1:
		if single(whole) {
			return i
		}
	case 2:
		middle := tokens[first].End
		switch {
		case word.bare() && !single(s.body[start:middle]) && loose(s.body[middle:end]):
		case second.bare() && !single(s.body[middle:end]) && loose(s.body[start:middle]):
			word = second
		default:
			word = s.wordOf(whole)
		}
	default:
		word = s.wordOf(strip(whole))
	}
	s.words = append(s.words, word)
	return i
}

// picture reports whether t is an emoji, or a symbol such as ❤ that may be shown as
// one: U+2600 to U+27BF.
func (s *sentimentScorer) picture(t Token) bool {
	if t.Kind != TokenSymbol {
		return t.Kind == TokenEmoji
	}
	r, _ := utf8.DecodeRuneInString(s.body[t.Start:t.End])
	return 0x2600 <= r && r <= 0x27BF
}

// single reports whether s is one rune or none. The rules do not count such words.
func single(s string) bool {
	if len(s) > utf8.UTFMax {
		return false
	}
	_, n := utf8.DecodeRuneInString(s)
	return n == len(s)
}

// wordOf looks a word up.
func (s *sentimentScorer) wordOf(word string) ruleWord {
	h, shape := hashWord(word)
	return s.lookUp(word, h, shape)
}

func (s *sentimentScorer) lookUp(word string, h wordHash, shape wordShape) ruleWord {
	w := ruleWord{s.cues.of(h.whole), shape}
	if shape&hasApostrophe != 0 && negation(word) {
		w.role |= roleNegates
	}
	return w
}

// weighed is what a token weighed. The same mark weighs the same once the negations
// and the word before the run of them are out of reach.
type weighed struct {
	form  string
	times int
	word  ruleWord
	sum   int
}

// weigh takes a token and adds the weights of its features.
func (s *sentimentScorer) weigh(t Token) ruleWord {
	form := t.Of(s.body)
	run := &s.repeat
	if t.Kind > TokenEmoji || form[0] == '!' || form[0] == '?' || form != run.form {
		*run = weighed{}
	} else if run.times > negationScope+1 {
		s.part.weights += run.sum
		return run.word
	}
	w, found := s.take(t)
	sum := 0
	for _, feature := range found {
		sum += s.model.weight(feature)
	}
	s.part.weights += sum
	*run = weighed{form, run.times + 1, w, sum}
	return w
}

// take looks a token up, counts its marks and makes its features, which are valid
// until the next call. Foreign words and emoji have none.
func (s *sentimentScorer) take(t Token) (w ruleWord, found []uint64) {
	form := t.Of(s.body)
	h, shape := hashWord(form)
	w = s.lookUp(form, h, shape)
	if shape&hasForeign != 0 {
		s.features = features{}
		return w, nil
	}
	switch t.Kind {
	case TokenPunct:
		if form[0] == '!' || form[0] == '?' {
			s.part.marks.count(form)
		}
	case TokenURL, TokenEmail, TokenMention:
		s.part.marks.count(form)
		h = wordHash{whole: fnvOffset + uint64(t.Kind)} // one is as good as another
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
