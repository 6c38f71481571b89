package text

import (
	"unicode"
	"unicode/utf8"
)

// The classes of single bytes, as bits. A byte of none is a control character.
const (
	letterByte = 1 << iota // A-Z a-z
	digitByte              // 0-9
	underByte              // _, which UAX #29 calls ExtendNumLet
	midByte                // . ' : , ; which can join two letters or two digits
	punctByte              // ASCII of the general category P
	symbolByte             // ASCII of the general category S
	spaceByte              // ASCII white space
	highByte               // not ASCII

	wordByte = letterByte | digitByte | underByte
)

var classOf = func() (t [256]uint8) {
	for b := range t {
		r := rune(b)
		switch {
		case b >= utf8.RuneSelf:
			t[b] = highByte
		case unicode.IsLetter(r):
			t[b] = letterByte
		case unicode.IsDigit(r):
			t[b] = digitByte
		case r == '_':
			t[b] = underByte | punctByte
		case unicode.IsPunct(r):
			t[b] = punctByte
		case unicode.IsSymbol(r):
			t[b] = symbolByte
		case unicode.IsSpace(r):
			t[b] = spaceByte
		}
	}
	for _, b := range ".':,;" {
		t[b] |= midByte
	}
	return t
}()

// joins says between which bytes a midByte does not break a word: rules WB6 and
// WB7 for letters, WB11 and WB12 for digits.
func joins(mid byte) uint8 {
	switch mid {
	case '.', '\'':
		return letterByte | digitByte
	case ':':
		return letterByte
	}
	return digitByte // , and ;
}

// bracket reports whether b opens or closes; brackets nest, so a run of them is
// not one mark as a run of dots is.
func bracket(b byte) bool {
	return b == '(' || b == ')' || b == '[' || b == ']' || b == '{' || b == '}'
}

// spaceless are the scripts whose words are not set apart by spaces, so that
// prose may touch an address or a name.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// wordRune reports whether r can be inside a word of a script with spaces.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return classOf[byte(r)]&wordByte != 0
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) &&
		!unicode.In(r, spaceless...)
}
