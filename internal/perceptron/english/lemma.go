package english

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Inflection says how a form differs from its lemma.
type Inflection uint8

// The inflections. A table of exceptions has a letter for each but the first.
const (
	NotInflected Inflection = iota
	Plural                  // of a noun
	Third                   // person of a verb
	Past                    // of a verb, or its participle
	Ing                     // form of a verb
	Comparative             // of an adjective or adverb
	Superlative
	inflections
)

// inflectionLetters are the letters of a table, by inflection.
const inflectionLetters = "-nzpgcs"

// Lemmas finds the lemmas of English words. Use [LoadLemmas]. It is safe for
// concurrent use.
type Lemmas struct {
	exceptions [inflections]map[string]string
}

// LoadLemmas reads a table of exceptions: lines of a letter for the inflection, the
// number of letters to cut off the form and what to write instead, then the forms.
func LoadLemmas(table string) (*Lemmas, error) {
	l := &Lemmas{}
	for i := range l.exceptions {
		l.exceptions[i] = map[string]string{}
	}
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		rule := f[0]
		kind := strings.IndexByte(inflectionLetters, rule[0])
		digits := 1
		for digits < len(rule) && '0' <= rule[digits] && rule[digits] <= '9' {
			digits++
		}
		cut, err := strconv.Atoi(rule[1:digits])
		if kind <= 0 || err != nil {
			return nil, fmt.Errorf("english: rule %q of the lemmas", rule)
		}
		for _, form := range f[1:] {
			if cut > len(form) {
				return nil, fmt.Errorf("english: rule %q is too long for %q", rule, form)
			}
			l.exceptions[kind][form] = form[:len(form)-cut] + rule[digits:]
		}
	}
	return l, nil
}

// Append appends the lemma of a word with a tag of the Penn treebank to dst.
func (l *Lemmas) Append(dst []byte, word, tag string) []byte {
	start := len(dst)
	switch tag {
	case "NNP", "ADD", "GW", "AFX":
		return append(dst, word...)
	case "CD":
		return appendNumber(dst, word)
	case "JJ":
		if nation(word) {
			return append(dst, word...)
		}
	case "NNPS":
		dst = append(dst, word...)
		return dst[:start+len(regularInto(dst[start:], Plural))]
	}
	dst = appendLower(dst, word)
	if lemma, ok := fixedLemma(string(dst[start:]), tag); ok {
		return append(dst[:start], lemma...)
	}
	kind := inflectionOf(tag)
	if kind == NotInflected {
		return dst
	}
	if lemma, ok := l.exceptions[kind][string(dst[start:])]; ok {
		return append(dst[:start], lemma...)
	}
	return dst[:start+len(regularInto(dst[start:], kind))]
}

// InflectionOf returns the inflection that a table has a letter for.
func InflectionOf(letter byte) Inflection {
	return Inflection(max(0, strings.IndexByte(inflectionLetters, letter)))
}

func inflectionOf(tag string) Inflection {
	switch tag {
	case "NNS":
		return Plural
	case "VBZ":
		return Third
	case "VBD", "VBN":
		return Past
	case "VBG":
		return Ing
	case "JJR", "RBR":
		return Comparative
	case "JJS", "RBS":
		return Superlative
	}
	return NotInflected
}

// appendNumber appends s in lower case, without the commas before three digits.
func appendNumber(dst []byte, s string) []byte {
	for i := range len(s) {
		b := s[i]
		switch {
		case b == ',' && digits(s[i+1:]) == 3:
		case b < utf8.RuneSelf && b != foldByte[b] && b > '9':
			dst = append(dst, foldByte[b])
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// digits counts the ASCII digits that s begins with, up to four.
func digits(s string) (n int) {
	for n < len(s) && n < 4 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// appendLower appends s in lower case, its apostrophes straight.
func appendLower(dst []byte, s string) []byte {
	for i, r := range s {
		switch {
		case 'A' <= r && r <= 'Z':
			dst = append(dst, byte(r)+'a'-'A')
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		case r == '’':
			dst = append(dst, '\'')
		case r == utf8.RuneError:
			_, n := utf8.DecodeRuneInString(s[i:])
			dst = append(dst, s[i:i+n]...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// nation reports whether an adjective is written with a capital wherever it stands.
func nation(s string) bool {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for _, end := range nations {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// nations are ends of adjectives of countries, peoples and faiths.
var nations = strings.Fields(`ian ean can nese eli aqi nni iite Arab Muslim French British English Spanish German Jewish
	Turkish Irish Scottish Swedish Danish Polish Dutch Greek Thai Catholic Islamic Arabic`)
