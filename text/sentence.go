package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence is one sentence of a body.
type Sentence struct {
	Span
}

// Sentences splits body into sentences. They are in order, do not overlap, are
// not empty, and neither begin nor end with white space; they cover every byte
// that is not white space.
//
// A sentence ends behind . ! ? and the marks of other scripts that Unicode calls
// sentence terminals, with the quotes and brackets that close there. What comes
// before and behind decides, in the spirit of UAX #29 (rules SB6 to SB11) and of
// English: a decimal point, a point inside a word, an initial, an abbreviation
// ("Dr.", "e.g.", "U.S."), the number of a list item, and an ellipsis or a closing
// quote before a lower-case word end nothing. A blank line, a form feed and U+2029
// always end a sentence; a single line break is white space, so hard-wrapped prose
// stays whole.
//
// Without dictionary or model some ends stay ambiguous: an abbreviation that ends a
// sentence is seen to do so only before a word that often begins one ("The", "He").
//
// The cost is O(len(body)) for any body.
func Sentences(body string) []Sentence {
	if body == "" {
		return nil
	}
	out, _ := appendSentences(make([]Sentence, 0, len(body)/96+2), body)
	return out
}

// appendSentences appends the sentences of body to dst and counts paragraphs.
func appendSentences(dst []Sentence, body string) (out []Sentence, paragraphs int) {
	inParagraph := false
	start, _ := skipSpace(body, 0)
	for i := start; i < len(body); {
		i = nextMark(body, i)
		if i == len(body) {
			break
		}
		e := endingAt(body, start, i)
		i = e.next
		if !e.ends {
			continue
		}
		if e.stop > start {
			dst = append(dst, Sentence{Span{start, e.stop}})
			inParagraph = true
		}
		start = e.next
		if e.paragraph && inParagraph {
			paragraphs++
			inParagraph = false
		}
	}
	if stop := trimSpace(body, start, len(body)); stop > start {
		dst = append(dst, Sentence{Span{start, stop}})
		inParagraph = true
	}
	if inParagraph {
		paragraphs++
	}
	return dst, paragraphs
}

// ending is a place where a sentence may end.
type ending struct {
	stop      int  // behind the marks
	next      int  // behind the white space that follows
	ends      bool // a sentence ends here
	paragraph bool // and a paragraph
}

// endingAt looks at the mark at i of a sentence that began at start.
func endingAt(s string, start, i int) ending {
	m := readMarks(s, i)
	next, paragraph := skipSpace(s, m.stop)
	e := ending{stop: m.stop, next: next, paragraph: paragraph}
	switch {
	case m.stop == i: // a line break
		e.stop = trimSpace(s, start, i)
		e.ends = paragraph
	case paragraph || next == len(s):
		e.ends = true
	case next == m.stop: // no white space
		e.ends = m.wide
	default:
		e.ends = endsBefore(s, start, i, m, next)
	}
	return e
}

// marks is a run of sentence terminals with the quotes and brackets that close
// between and behind them.
type marks struct {
	stop     int
	ellipsis bool // … or several full stops
	strong   bool // a terminal other than the full stop
	wide     bool // the last terminal needs no space behind it, as in Chinese
	closed   bool // a quote or bracket closed behind the last terminal
}

func readMarks(s string, i int) marks {
	m := marks{stop: i}
	for dots := 0; m.stop < len(s); {
		if m.stop > i && closingMark[s[m.stop]] {
			m.closed = true
			m.stop++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[m.stop:])
		switch {
		case r == '.':
			dots++
			m.ellipsis = m.ellipsis || dots > 1
			m.closed, m.wide = false, false
		case r == '…':
			m.ellipsis, m.closed, m.wide = true, false, false
		case r == '!' || r == '?':
			m.strong, m.closed, m.wide = true, false, false
		case terminal(r):
			m.strong, m.closed, m.wide = true, false, !decimalPoint(s, m.stop)
		case m.stop > i && (closes(r) || !m.wide && unicode.Is(unicode.Pi, r)):
			m.closed = true
		default:
			return m
		}
		m.stop += n
	}
	return m
}

// endsBefore decides about the marks at i when white space and then something
// at next follows them.
func endsBefore(s string, start, i int, m marks, next int) bool {
	next = skipOpening(s, next)
	r, _ := utf8.DecodeRuneInString(s[next:])
	if strings.ContainsRune(".!?…,:;", r) {
		return false // rule SB8a
	}
	lower := unicode.IsLower(r)
	if !m.strong {
		if m.ellipsis || spaced(s, start, i) {
			return !lower
		}
		word := wordBefore(s, start, i)
		switch abbreviationOf(word, i-len(word) == start) {
		case binds:
			return false
		case mayEnd:
			return !lower && !unicode.IsDigit(r)
		case rarelyEnds:
			return beginsSentence(s, next)
		}
	}
	return !lower || !m.closed // "Stop!" he said.
}

// nextMark returns the place at or behind i of a sentence terminal or a line
// break, or len(s).
func nextMark(s string, i int) int {
	for i < len(s) {
		switch b := s[i]; {
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == '…' || lineBreak(r) || terminal(r) {
				return i
			}
			i += n
		case sentenceMark[b]:
			return i
		default:
			i++
		}
	}
	return i
}

var sentenceMark = [utf8.RuneSelf]bool{'.': true, '!': true, '?': true, '\n': true, '\r': true, '\f': true}

// terminal reports whether r, which is not ASCII, has the property
// Sentence_Terminal. The first cases are there for speed.
func terminal(r rune) bool {
	switch {
	case r < 0x0589, r >= 0x3041 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3:
		return false
	}
	return unicode.Is(unicode.Sentence_Terminal, r)
}

// decimalPoint reports whether a full-width point between digits is at i.
func decimalPoint(s string, i int) bool {
	const point = "．"
	rest, ok := strings.CutPrefix(s[i:], point)
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && unicode.IsDigit(r)
}

// spaced reports whether the mark at i has white space before it, as in ". . .".
func spaced(s string, start, i int) bool {
	return i > start && classOf[s[i-1]]&spaceByte != 0
}

// closes reports whether r closes what a sentence opened. The quotes that open in
// English close in German; behind a mark and without a space they do too, unless
// the script has no spaces.
func closes(r rune) bool {
	if r < utf8.RuneSelf {
		return closingMark[r]
	}
	return unicode.In(r, unicode.Pe, unicode.Pf)
}

var closingMark = [256]bool{')': true, ']': true, '}': true, '"': true, '\'': true, '*': true, '_': true}

// skipOpening returns i or, where a few quotes and brackets open, the place behind
// them.
func skipOpening(s string, i int) int {
	for range 4 {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf && strings.IndexByte("([{\"'`*_", byte(r)) < 0 ||
			r >= utf8.RuneSelf && !unicode.In(r, unicode.Ps, unicode.Pi) {
			break
		}
		i += n
	}
	return i
}
