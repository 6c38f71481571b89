package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviation says what a full stop behind a word means.
type abbreviation uint8

const (
	notAbbreviation abbreviation = iota
	binds                        // to what follows: "Dr.", "e.g."
	mayEnd                       // a sentence before a capital: "etc.", "No."
	rarelyEnds                   // only before a word that often begins one: "Inc.", "J."
)

// abbreviations are written without the last full stop. Those in lower case hold
// for any case; the others are other words when they are not capitalised.
var abbreviations = func() map[string]abbreviation {
	m := map[string]abbreviation{}
	for kind, list := range map[abbreviation]string{
		binds: `mr mrs ms messrs mme mlle dr drs prof gen lt col maj capt cmdr adm sgt cpl pvt sen rep gov Pres
			Rev Fr hon supt det insp amb atty e.g i.e eg ie cf vs v viz ca approx`,
		mayEnd: "etc a.m p.m no nos",
		rarelyEnds: `inc corp ltd co llc bros plc jr sr esq ph.d m.d b.a m.a b.sc m.sc al ave blvd rd ln hwy apt dept
			univ assn est ext tel st ste mt ft vol vols pp p fig figs eq Sec ch Art Op ed eds trans nr pt Para
			Jan feb Mar apr jun jul aug sept sep oct nov dec Mon tue tues Wed thu thur thurs Fri Sat Sun
			ala ariz ark calif colo conn Del fla ga Ill Ind kan ky La md Mass mich minn Miss Mo mont neb nev
			okla Ore Pa tenn tex va vt Wash wis wyo`,
	} {
		for w := range strings.FieldsSeq(list) {
			m[w] = kind
		}
	}
	return m
}()

// maxAbbreviation bounds the look back from a full stop, in bytes.
const maxAbbreviation = 12

// wordBefore returns the letters, digits and inner points before the full stop
// at i, or "" if they are more than an abbreviation has.
func wordBefore(s string, start, i int) string {
	from := i
	for from > start && (classOf[s[from-1]]&(letterByte|digitByte|highByte) != 0 || s[from-1] == '.') {
		if from--; i-from > maxAbbreviation {
			return ""
		}
	}
	return s[from:i]
}

// abbreviationOf looks at the word before a full stop; first says that it is the
// first of its sentence.
func abbreviationOf(word string, first bool) abbreviation {
	if word == "" {
		return notAbbreviation
	}
	if first && len(word) <= 3 && (allDigits(word) || len(word) == 1) {
		return binds // the number of a list item
	}
	if r, n := utf8.DecodeRuneInString(word); n == len(word) && unicode.IsUpper(r) {
		return rarelyEnds // an initial
	}
	var low [maxAbbreviation]byte
	kind := abbreviations[word]
	if kind == notAbbreviation {
		kind = abbreviations[string(appendFolded(low[:0], word))]
	}
	if kind != notAbbreviation {
		return kind
	}
	if pointed(word) {
		return rarelyEnds
	}
	return notAbbreviation
}

func allDigits(s string) bool {
	for i := range len(s) {
		if classOf[s[i]] != digitByte {
			return false
		}
	}
	return true
}

// pointed reports whether s is made of one or two letters at a time, with points
// between: "U.S", "Ph.D".
func pointed(s string) bool {
	parts := 0
	for part := range strings.SplitSeq(s, ".") {
		if len(part) == 0 || len(part) > 2 {
			return false
		}
		for i := range len(part) {
			if classOf[part[i]]&letterByte == 0 {
				return false
			}
		}
		parts++
	}
	return parts > 1
}

// openers are words that begin sentences far more often than names.
var openers = wordSet(`a an the this that these those there here it its he she they we you i his her their our my
	in on at by for from with of to as if when while where why how what who which although though because since
	after before during then thus so but and or yet however also meanwhile still now once not no yes
	some many most all both each every another other one two several few such more even only just
	according is are was were do does did has have had can could will would should may might let please thanks`)

// beginsSentence reports whether the word at i is a capitalised opener.
func beginsSentence(s string, i int) bool {
	end, _ := asciiWord(s, i)
	if end-i > maxAbbreviation || end == i || s[i] < 'A' || s[i] > 'Z' {
		return false
	}
	if end == i+1 && end < len(s) && s[end] == '.' {
		return false // one more initial
	}
	var low [maxAbbreviation]byte
	_, ok := openers[string(appendFolded(low[:0], s[i:end]))]
	return ok
}

// wordSet returns the words of a list.
func wordSet(list string) map[string]struct{} {
	m := map[string]struct{}{}
	for w := range strings.FieldsSeq(list) {
		m[w] = struct{}{}
	}
	return m
}
