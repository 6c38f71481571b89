package text

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// TokenKind tells tokens apart. Its text form is a lower-case English word.
type TokenKind uint8

// The kinds of tokens.
const (
	TokenOther   TokenKind = iota // control characters, bytes that are not UTF-8, marks that stand alone
	TokenWord                     // has a letter: "don't", "3rd", "naïve", one ideograph
	TokenNumber                   // digits and what joins them: "3.14", "1,000"
	TokenPunct                    // one mark, or a run of one mark such as "..." or "--"
	TokenSymbol                   // "$", "+", "→"
	TokenEmoji                    // one picture with its modifiers: a flag, a family, a keycap
	TokenURL                      // "https://go.dev/doc", "www.example.com/a"
	TokenEmail                    // "ada@example.com"
	TokenMention                  // "@ada", "@ada@example.com"
	TokenHashtag                  // "#golang"
)

var kindNames = [...]string{
	"other", "word", "number", "punct", "symbol", "emoji", "url", "email", "mention", "hashtag",
}

// String returns the name of k.
func (k TokenKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("TokenKind(%d)", uint8(k))
}

// MarshalText returns the name of k.
func (k TokenKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText sets k to the kind of that name, or returns an error wrapping
// [quintet.ErrInput].
func (k *TokenKind) UnmarshalText(name []byte) error {
	for i, s := range kindNames {
		if s == string(name) {
			*k = TokenKind(i)
			return nil
		}
	}
	return fmt.Errorf("text: no token kind %q: %w", name, quintet.ErrInput)
}

// unicodeKind names a segment by the first rune that decides.
func unicodeKind(s string) TokenKind {
	number, mark, symbol := false, false, false
	last := utf8.RuneError
	for _, r := range s {
		if r == last {
			continue // a thousand accents on one letter
		}
		last = r
		switch {
		case r == utf8.RuneError:
		case emoji(r), r == keycap, r == pictureSelector && (symbol || mark):
			return TokenEmoji
		case unicode.IsLetter(r):
			return TokenWord
		case unicode.IsNumber(r):
			number = true
		case unicode.IsPunct(r):
			mark = true
		case unicode.IsSymbol(r):
			symbol = true
		}
	}
	switch {
	case number:
		return TokenNumber
	case symbol:
		return TokenSymbol
	case mark:
		return TokenPunct
	}
	return TokenOther
}

const (
	keycap          = 0x20E3 // encloses the digit before it
	pictureSelector = 0xFE0F // asks for the picture of the symbol before it
)

// emoji reports whether r is shown as a picture without being asked to: the
// property Emoji_Presentation of Unicode's emoji-data.txt, whole blocks where
// the rest of the block is unassigned or pictographs.
func emoji(r rune) bool {
	switch {
	case r < 0x231A:
		return false
	case r >= 0x1F000:
		return r == 0x1F004 || r == 0x1F0CF || r == 0x1F18E || 0x1F191 <= r && r <= 0x1F19A ||
			0x1F1E6 <= r && r <= 0x1F265 || 0x1F300 <= r && r <= 0x1F64F || 0x1F680 <= r && r <= 0x1F6FF ||
			0x1F7E0 <= r && r <= 0x1F7F0 || 0x1F90C <= r && r <= 0x1F9FF || 0x1FA70 <= r && r <= 0x1FAFF
	case r > 0x2B55:
		return false
	}
	switch {
	case r <= 0x231B, 0x23E9 <= r && r <= 0x23EC, r == 0x23F0, r == 0x23F3, r == 0x25FD, r == 0x25FE,
		r == 0x2614, r == 0x2615, 0x2648 <= r && r <= 0x2653, r == 0x267F, r == 0x2693, r == 0x26A1,
		r == 0x26AA, r == 0x26AB, r == 0x26BD, r == 0x26BE, r == 0x26C4, r == 0x26C5, r == 0x26CE, r == 0x26D4,
		r == 0x26EA, r == 0x26F2, r == 0x26F3, r == 0x26F5, r == 0x26FA, r == 0x26FD, r == 0x2705, r == 0x270A,
		r == 0x270B, r == 0x2728, r == 0x274C, r == 0x274E, 0x2753 <= r && r <= 0x2755, r == 0x2757,
		0x2795 <= r && r <= 0x2797, r == 0x27B0, r == 0x27BF, r == 0x2B1B, r == 0x2B1C, r == 0x2B50, r == 0x2B55:
		return true
	}
	return false
}
