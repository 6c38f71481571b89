package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words splits body into the words that grammars count, as the English treebanks of
// Universal Dependencies do. Where a token stands for two words there are two, "do" and
// "n't"; where it takes several to write one there is one: "U.S.", "10:30", "anti-war",
// "555-0123", ":-)", "?!". Everything else is as in [Tokens]: the words are in order, do
// not overlap, are not empty and cover every byte that is not white space.
//
// The kind of a word is that of the token it is made of or begins with. The rules are
// English. The cost is O(len(body)).
func Words(body string) []Token {
	tokens := Tokens(body)
	if len(tokens) == 0 {
		return nil
	}
	return appendWords(make([]Token, 0, len(tokens)+len(tokens)/8), body, tokens)
}

// appendWords appends the words that the tokens of body make to dst.
func appendWords(dst []Token, body string, tokens []Token) []Token {
	w := wordMaker{body: body, tokens: tokens, out: dst}
	for i := 0; i < len(tokens); {
		switch t := tokens[i]; {
		case t.Kind == TokenPunct || t.Kind == TokenSymbol:
			if leadsMarks[body[t.Start]] {
				i = w.mark(i)
			} else {
				i = w.join(i, i+1)
			}
		case t.Kind > TokenNumber || t.Kind == TokenOther:
			i = w.join(i, i+1)
		case classOf[body[t.Start]] == digitByte:
			i = w.number(i)
		default:
			i = w.word(i)
		}
	}
	return w.out
}

// wordMaker appends words to out. Its methods take the place of a token and return
// that of the next one to look at.
type wordMaker struct {
	body   string
	tokens []Token
	out    []Token
}

// join makes one word of tokens[i:j].
func (w *wordMaker) join(i, j int) int {
	w.out = append(w.out, Token{Span{w.tokens[i].Start, w.tokens[j-1].End}, w.tokens[i].Kind})
	return j
}

// glued returns the text of token i if nothing is between it and the one before.
func (w *wordMaker) glued(i int) string {
	if i >= len(w.tokens) || w.tokens[i].Start != w.tokens[i-1].End {
		return ""
	}
	return w.tokens[i].Of(w.body)
}

// word takes what begins with a letter.
func (w *wordMaker) word(i int) int {
	first := w.tokens[i].Of(w.body)
	j := i + 1
	switch w.glued(j) {
	case "-":
		for w.glued(j) == "-" && isPrefix(w.tokens[j-1].Of(w.body)) && letterLed(w.glued(j+1)) {
			j += 2
		}
	case "&", "@":
		if next := w.glued(j + 1); capitals(first) && capitals(next) {
			j += 2
		}
	case "$":
		if len(first) <= 2 && capitals(first) {
			return w.join(i, j+1)
		}
	}
	if w.glued(j) == "." && w.abbreviated(j) {
		return w.join(i, j+1)
	}
	w.contraction(i, j)
	return j
}

// contraction makes one or two words of tokens[i:j].
func (w *wordMaker) contraction(i, j int) {
	t := Span{w.tokens[i].Start, w.tokens[j-1].End}
	if cut := t.Start + contractionAt(t.Of(w.body)); cut > t.Start {
		w.out = append(w.out, Token{Span{t.Start, cut}, TokenWord}, Token{Span{cut, t.End}, TokenWord})
		return
	}
	w.join(i, j)
}

// abbreviated reports whether the full stop, token i, belongs to the word before.
func (w *wordMaker) abbreviated(i int) bool {
	stop := w.tokens[i]
	s := w.body[w.tokens[i-1].Start:stop.Start]
	next, paragraph := skipSpace(w.body, stop.End)
	ends := paragraph || next == len(w.body) || beginsSentence(w.body, next)
	if len(s) > maxAbbreviation {
		return false
	}
	r, _ := utf8.DecodeRuneInString(w.body[next:])
	if len(s) == 1 { // an initial, if a name follows
		return s != "I" && !ends && unicode.IsUpper(r) && classOf[s[0]]&letterByte != 0 && !lowerLed(s)
	}
	switch abbreviationOf(s, false) {
	case binds:
		return true
	case mayEnd:
		return !strings.EqualFold(s[:2], "no") || unicode.IsDigit(r)
	case rarelyEnds:
		return pointed(s) || !ends || !lowerLed(s)
	}
	return false
}

func lowerLed(s string) bool { return s != "" && 'a' <= s[0] && s[0] <= 'z' }

func letterLed(s string) bool {
	return s != "" && classOf[s[0]]&(letterByte|highByte) != 0
}

// capitals reports whether s is one to eight capital ASCII letters.
func capitals(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 8
}

// prefixes are not words of their own before a hyphen.
var prefixes = wordSet(`anti arch co counter cross de e ex inter intra mega micro mid mini mono multi neo non over para
	poly post pre pro proto pseudo psycho quasi re semi socio sub super tele trans ultra un under uni`)

func isPrefix(s string) bool {
	var low [8]byte
	if len(s) > len(low) {
		return false
	}
	_, ok := prefixes[string(appendFolded(low[:0], s))]
	return ok
}

// number takes what begins with a digit: a number, a date, a time or the like, and
// the unit that may be written next to it.
func (w *wordMaker) number(i int) int {
	j := i + 1
	switch w.glued(j) {
	case ":":
		for w.glued(j) == ":" && leadingDigits(w.glued(j+1)) == 2 {
			j += 2
		}
	case "/":
		for w.glued(j) == "/" && shortNumber(w.glued(j+1)) && j < i+5 {
			j += 2
		}
	case "-":
		j = w.dashed(i)
	case "'", "’":
		if next := w.glued(j + 1); next == "s" || next == "S" {
			return w.join(i, j+2) // the 1990's
		}
	}
	last := w.tokens[j-1]
	start := w.tokens[i].Start
	if cut := last.Start + unitAt(last.Of(w.body)); cut > last.Start {
		w.out = append(w.out, Token{Span{start, cut}, TokenNumber}, Token{Span{cut, last.End}, TokenWord})
		return j
	}
	return w.join(i, j)
}

// dashed returns the end of the telephone number or date that begins with token i:
// three or more numbers, or two with as many digits as a telephone number.
func (w *wordMaker) dashed(i int) int {
	j := i + 1
	for w.glued(j) == "-" && allDigitsIn(w.glued(j+1)) {
		j += 2
	}
	two := j == i+3 && w.tokens[i].Len() == 3 && w.tokens[i+2].Len() == 4
	if !allDigitsIn(w.tokens[i].Of(w.body)) || j < i+5 && !two {
		return i + 1
	}
	return j
}

func allDigitsIn(s string) bool { return s != "" && allDigits(s) }

func shortNumber(s string) bool { return len(s) <= 4 && allDigitsIn(s) }

func leadingDigits(s string) (n int) {
	for n < len(s) && classOf[s[n]] == digitByte {
		n++
	}
	return n
}

// units are written next to a number.
var units = wordSet(`am pm k m mm b bn kg g mg lb lbs ft cm km mi mph hp hr hrs min mins sec yr yrs oz gb mb kb tb ghz mhz
	hz kw mw kwh mwh`)

// unitAt returns the place of the unit in a number with one, or 0.
func unitAt(s string) int {
	at := len(s)
	for at > 0 && classOf[s[at-1]]&letterByte != 0 {
		at--
	}
	var low [4]byte
	if at == 0 || at == len(s) || len(s)-at > len(low) || classOf[s[at-1]] != digitByte {
		return 0
	}
	if _, ok := units[string(appendFolded(low[:0], s[at:]))]; !ok || !plainNumber(s[:at]) {
		return 0
	}
	return at
}

// plainNumber reports whether s is digits, points and commas.
func plainNumber(s string) bool {
	for i := range len(s) {
		if classOf[s[i]] != digitByte && s[i] != '.' && s[i] != ',' {
			return false
		}
	}
	return true
}

// mark takes a mark, a run of marks that are one word, or an apostrophe that begins a
// contraction.
func (w *wordMaker) mark(i int) int {
	next := w.glued(i + 1)
	if next == "" {
		return w.join(i, i+1)
	}
	s := w.tokens[i].Of(w.body)
	j := i + 1
	switch {
	case stops(s):
		for stops(w.glued(j)) {
			j++
		}
	case s == "’" || s == "‘":
		if next == "’" || next == s {
			return w.join(i, i+2)
		}
		fallthrough
	case s == "'":
		if i > 0 && w.tokens[i-1].End == w.tokens[i].Start && contracted(next) {
			return w.join(i, i+2)
		}
	default:
		j = max(j, w.emoticon(i))
	}
	return w.join(i, j)
}

// stops reports whether s ends sentences.
func stops(s string) bool {
	for i := range len(s) {
		if s[i] != '.' && s[i] != '?' && s[i] != '!' {
			return false
		}
	}
	return s != ""
}

// emoticons are the common ones, longest first of those with one beginning.
var emoticons = [...]string{
	":-)", ":-(", ":-D", ":-P", ":-/", ":)", ":(", ":D", ":P", ":p", ":/", ";-)", ";)", "=)", "=(", "=D", "<3", "(:", "->", "<-",
}

// emoticonsOf has the emoticons by their first byte.
var emoticonsOf = func() (t [utf8.RuneSelf][]string) {
	for _, e := range emoticons {
		t[e[0]] = append(t[e[0]], e)
	}
	return t
}()

// leadsMarks has the first bytes of marks that make one word with what they touch.
var leadsMarks = func() (t [256]bool) {
	for _, s := range []string{".", "?", "!", "'", "’", "‘"} {
		t[s[0]] = true
	}
	for _, e := range emoticons {
		t[e[0]] = true
	}
	return t
}()

// emoticon returns the end of the emoticon that begins with token i, which the next one
// touches, or 0.
func (w *wordMaker) emoticon(i int) int {
	start := w.tokens[i].Start
	first, second := w.body[start], w.body[start+1]
	if first >= utf8.RuneSelf {
		return 0
	}
	for _, e := range emoticonsOf[first] {
		if e[1] != second || !strings.HasPrefix(w.body[start:], e) {
			continue
		}
		for j := i; j < len(w.tokens) && w.tokens[j].End <= start+len(e); j++ {
			if w.tokens[j].End == start+len(e) {
				return j + 1
			}
		}
	}
	return 0
}
