package text

import (
	"unicode"
	"unicode/utf8"
)

// skipSpace returns the place behind the white space at i and whether it ends a
// paragraph: two line breaks, a form feed or U+2029.
func skipSpace(s string, i int) (next int, paragraph bool) {
	for breaks := 0; ; {
		r, n := rune(0), 0
		if i < len(s) {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case n == 0 || !unicode.IsSpace(r):
			return i, breaks > 1
		case r == '\f' || r == '\u2029':
			breaks += 2
		case lineBreak(r) && (r != '\r' || i+1 == len(s) || s[i+1] != '\n'):
			breaks++
		}
		i += n
	}
}

// lineBreak reports whether r ends a line or more.
func lineBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// trimSpace returns end less the white space before it, down to start.
func trimSpace(s string, start, end int) int {
	for end > start {
		r, n := utf8.DecodeLastRuneInString(s[start:end])
		if !unicode.IsSpace(r) {
			break
		}
		end -= n
	}
	return end
}
