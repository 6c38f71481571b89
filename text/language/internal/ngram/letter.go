package ngram

import "unicode"

// ranges holds the letters of a script.
func ranges(s Script) []*unicode.RangeTable {
	switch s {
	case Han:
		return []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}
	default:
		return []*unicode.RangeTable{[...]*unicode.RangeTable{
			Latin: unicode.Latin, Cyrillic: unicode.Cyrillic, Arabic: unicode.Arabic,
			Devanagari: unicode.Devanagari, Armenian: unicode.Armenian, Bengali: unicode.Bengali,
			Georgian: unicode.Georgian, Greek: unicode.Greek, Gujarati: unicode.Gujarati,
			Gurmukhi: unicode.Gurmukhi, Hangul: unicode.Hangul, Hebrew: unicode.Hebrew,
			Tamil: unicode.Tamil, Telugu: unicode.Telugu, Thai: unicode.Thai,
		}[s]}
	}
}

// Symbols are 12 bits: five of them and their number make a key.
const (
	symbolBits = 12
	symbolMask = 1<<symbolBits - 1

	// Vietnamese needs the letters of this block. They take the place of Thai,
	// which has no n-grams.
	extended, extendedEnd, extendedHome = 0x1e00, 0x1f00, 0xe00
)

// Symbol returns the symbol of a lower-case letter, and 0 for a letter that has
// none.
func Symbol(r rune) uint16 {
	switch {
	case r < 1<<symbolBits:
		return uint16(r)
	case r >= extended && r < extendedEnd:
		return uint16(r - extended + extendedHome)
	}
	return 0
}

// tabled is the number of runes, counted from 0, whose letters are in a table.
const tabled = extendedEnd

// Letters tells letters from other runes.
type Letters struct {
	of [tabled]Letter
}

// Letter is what a rune is read as: four bits of script and a symbol. The zero
// Letter is none.
type Letter uint16

// Script returns the script of a letter.
func (l Letter) Script() Script {
	if l == 0 {
		return None
	}
	return Script(l >> symbolBits)
}

// Symbol returns the symbol of a letter; it is 0 if its script needs none.
func (l Letter) Symbol() uint16 { return uint16(l & symbolMask) }

// NewLetters makes the table.
func NewLetters() *Letters {
	t := new(Letters)
	for r := range rune(tabled) {
		t.of[r] = classify(r)
	}
	return t
}

// Of returns the letter that r is read as, in upper or in lower case.
func (t *Letters) Of(r rune) Letter {
	if uint32(r) < tabled {
		return t.of[r]
	}
	return classify(r)
}

// classify is [Letters.Of] without the table. A letter of Latin and the like
// without a symbol is no letter.
func classify(r rune) Letter {
	if !unicode.IsLetter(r) {
		return 0
	}
	r = unicode.ToLower(r)
	for s := range Scripts {
		if !unicode.In(r, ranges(s)...) {
			continue
		}
		switch symbol := Letter(Symbol(r)); {
		case s > Han:
			return Letter(s)<<symbolBits | 1
		case s == Han:
			return Letter(s) << symbolBits
		case symbol != 0:
			return Letter(s)<<symbolBits | symbol
		}
	}
	return 0
}
