package text

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// KeywordMethod is how keywords are scored. Its text form is a lower-case name.
type KeywordMethod uint8

// The methods.
const (
	KeywordsByRarity   KeywordMethod = iota // as [Keywords] does
	KeywordsByRAKE                          // as [RAKE] does
	KeywordsByTextRank                      // as [TextRank] does
)

var keywordMethods = [...]string{"rarity", "rake", "textrank"}

// String returns the name of m.
func (m KeywordMethod) String() string {
	if int(m) < len(keywordMethods) {
		return keywordMethods[m]
	}
	return fmt.Sprintf("KeywordMethod(%d)", uint8(m))
}

// MarshalText returns the name of m.
func (m KeywordMethod) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText sets m to the method of that name, or returns an error wrapping
// [quintet.ErrInput].
func (m *KeywordMethod) UnmarshalText(name []byte) error {
	for i, s := range keywordMethods {
		if s == string(name) {
			*m = KeywordMethod(i)
			return nil
		}
	}
	return fmt.Errorf("text: no keyword method %q: %w", name, quintet.ErrInput)
}

// keywordsBy returns the keywords of a body whose tokens are found.
func (x *extractor) keywordsBy(m KeywordMethod, body string, tokens []Token, n int) []Keyword {
	if n <= 0 || len(tokens) == 0 {
		return nil
	}
	x.body, x.tokens = body, tokens
	switch m {
	case KeywordsByRAKE:
		x.rake()
	case KeywordsByTextRank:
		x.textRank()
	default:
		x.rarest()
	}
	out := x.terms(x.best(n))
	x.body, x.tokens = "", nil // they are the caller's
	return out
}
