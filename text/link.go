package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// urlEnd returns the end of the URL that begins with the word [start, end), or 0
// if there is none.
func urlEnd(s string, start, end int) int {
	host := start + len("www.")
	if strings.HasPrefix(s[end:], "://") {
		host = end + len("://")
	} else if end <= host || !strings.EqualFold(s[start:host], "www.") {
		return 0
	}
	if host == len(s) {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(s[host:]); r != '[' && !wordRune(r) {
		return 0
	}
	i := urlTail(s, host)
	for i > host && strings.IndexByte(".,;:!?'*([", s[i-1]) >= 0 {
		i--
	}
	if i == host {
		return 0
	}
	return i
}

// urlTail returns the place behind the characters that a URL can have from i on.
func urlTail(s string, i int) int {
	round, square := 0, 0 // brackets open
	for i < len(s) {
		switch b := s[i]; {
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !wordRune(r) {
				return i
			}
			i += n
			continue
		case b == '(':
			round++
		case b == '[':
			square++
		case b == ')':
			if round--; round < 0 {
				return i
			}
		case b == ']':
			if square--; square < 0 {
				return i
			}
		case classOf[b]&wordByte == 0 && strings.IndexByte("-.~:/?#@!$&'*+,;=%", b) < 0:
			return i
		}
		i++
	}
	return i
}

const (
	maxLocal  = 64  // RFC 5321, section 4.5.3.1.1
	maxDomain = 255 // and 4.5.3.1.2
)

// email takes the address around the '@' at at. The tokens of the local part
// have been taken already and are replaced.
func (t *tokenizer) email(at int) (end int, ok bool) {
	s := t.body
	end = domainEnd(s, at+1)
	if end == 0 {
		return 0, false
	}
	start := at
	for start > 0 && localByte(s[start-1]) {
		if start--; at-start > maxLocal {
			return 0, false
		}
	}
	for start < at && classOf[s[start]]&wordByte == 0 {
		start++ // does not begin with a mark
	}
	if start == at {
		return 0, false
	}
	keep := len(t.out)
	for keep > t.first && t.out[keep-1].Start >= start {
		keep--
	}
	if keep > t.first && t.out[keep-1].End > start {
		// The local part begins inside a token. UAX #29 joins "mailto:ada" and
		// "1,a"; that can be taken apart. Anything else is no address.
		last := &t.out[keep-1]
		if strings.IndexByte(":,;", s[start-1]) < 0 || last.Kind > TokenPunct {
			return 0, false
		}
		t.out = t.out[:keep-1]
		from, cut := last.Start, start-1
		t.add(from, cut, unicodeKind(s[from:cut]))
		t.add(cut, start, TokenPunct)
		keep = len(t.out)
	}
	t.out = t.out[:keep]
	return t.add(start, end, TokenEmail), true
}

func localByte(b byte) bool {
	return classOf[b]&wordByte != 0 || b == '.' || b == '-' || b == '+' || b == '%'
}

// domainEnd returns the end of the domain name that begins at i, or 0 if there
// is none. It has a dot and its last label begins with a letter.
func domainEnd(s string, i int) (end int) {
	limit := min(len(s), i+maxDomain)
	for labels := 1; ; labels++ {
		start := i
		for i < limit && (classOf[s[i]]&(letterByte|digitByte) != 0 || s[i] == '-' && i > start) {
			i++
		}
		stop := i
		for stop > start && s[stop-1] == '-' {
			stop--
		}
		if labels > 1 && stop-start >= 2 && classOf[s[start]]&letterByte != 0 {
			end = stop
		}
		if stop == start || stop < i || i == limit || s[i] != '.' {
			return end
		}
		i++
	}
}

// opensName reports whether a mention or a hashtag can begin at i: not inside a
// word.
func opensName(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return i == 0 || !wordRune(r)
}

// mentionEnd returns the end of the mention that begins with the '@' at i, or i.
func mentionEnd(s string, i int) int {
	end := i + 1
	for end < len(s) && classOf[s[end]]&wordByte != 0 {
		end++
	}
	if end == i+1 || !opensName(s, i) {
		return i
	}
	if end < len(s) && s[end] == '@' { // with the server that it lives on
		return max(end, domainEnd(s, end+1))
	}
	return end
}

// hashtagEnd returns the end of the hashtag that begins with the '#' at i, or i.
// It needs something that is not a digit, so "#1" is none, nor is the entity
// "&#x27;".
func hashtagEnd(s string, i int) int {
	if !opensName(s, i) || i > 0 && s[i-1] == '&' {
		return i
	}
	end, named := i+1, false
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		switch {
		case r == utf8.RuneError && n == 1:
			n = 0
		case unicode.IsLetter(r):
			named = true
		case unicode.IsDigit(r), unicode.IsMark(r), r == '_', r == '\u200c', r == '\u200d':
		default:
			n = 0
		}
		if n == 0 {
			break
		}
		end += n
	}
	if !named {
		return i
	}
	return end
}
