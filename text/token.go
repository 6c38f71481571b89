package text

import (
	"math/bits"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Token is a word, a number, a mark or a name that stands for itself in the
// body.
type Token struct {
	Span
	Kind TokenKind `json:"kind"` // in JSON by its name
}

// Tokens splits body at the word boundaries of Unicode (UAX #29, default rules)
// and names what is between them. The tokens are in order, do not overlap, are
// not empty and cover every byte that is not white space.
//
// It departs from UAX #29 where readers do: URLs, e-mail addresses, @mentions and
// #hashtags are one token each, and so is a run of one ASCII mark that is no
// bracket ("...", "--"). As the standard has it, an ideograph is a token, and so is
// each letter of Thai and of other scripts that need a dictionary.
//
// A URL is "www." or a scheme, "://" and what RFC 3986 allows, letters and digits
// of scripts with spaces included; it ends before a closing bracket that it did
// not open and before the mark that ends a sentence. An e-mail address has an
// ASCII local part of at most 64 letters, digits and . _ % + - and a domain with a
// dot; a mention is ASCII.
//
// The cost is O(len(body)) for any body, and 24 bytes a token.
func Tokens(body string) []Token {
	return AppendTokens(nil, body)
}

// AppendTokens appends the [Tokens] of body to dst. It allocates nothing if dst
// has room.
func AppendTokens(dst []Token, body string) []Token {
	t := tokenizer{body: body, out: dst, first: len(dst)}
	for i := 0; i < len(body); {
		switch class := classOf[body[i]]; {
		case class&spaceByte != 0:
			i++
		case class&wordByte != 0:
			i = t.word(i)
		case class&highByte != 0:
			i = t.unicode(i)
		default:
			i = t.mark(i)
		}
	}
	return t.out
}

// tokenizer appends tokens to out. Its methods take the place where a token
// begins and return the place behind it.
type tokenizer struct {
	body  string
	out   []Token
	first int // the tokens before are not ours

	segment string // the last that is not ASCII, and its kind: the next is often the same
	kind    TokenKind
}

func (t *tokenizer) add(start, end int, kind TokenKind) int {
	if len(t.out) == cap(t.out) {
		t.grow(start)
	}
	t.out = append(t.out, Token{Span{start, end}, kind})
	return end
}

// grow makes room for the tokens from start on, as many for each byte as there were
// before it, so that a body of marks is not copied again and again.
func (t *tokenizer) grow(start int) {
	rest := len(t.body) - start
	more := rest/5 + 8
	if n := len(t.out) - t.first; n > 0 {
		more = min(rest, int(float64(n)*float64(rest)/float64(max(start, 1)))+rest/16+8)
	}
	t.out = slices.Grow(t.out, more)
}

// word takes a word that begins with an ASCII letter, digit or underscore. Most
// end before a byte that can neither join more nor begin an address.
func (t *tokenizer) word(start int) int {
	s, end, seen := t.body, start, uint8(0)
	for end+8 <= len(s) {
		n := leadingLetters(s[end : end+8])
		if end += n; n == 8 {
			continue
		}
		if end > start && classOf[s[end]]&(wordByte|midByte|highByte) == 0 {
			return t.add(start, end, TokenWord)
		}
		break
	}
	if end > start {
		seen = letterByte
	}
	for end < len(s) {
		class := classOf[s[end]]
		if class&wordByte == 0 {
			if class&(midByte|highByte) != 0 {
				return t.longWord(start)
			}
			break
		}
		seen |= class
		end++
	}
	return t.add(start, end, wordKinds[seen&wordByte])
}

// leadingLetters counts the ASCII letters that the first eight bytes of s begin with, all
// at once: letters in lower case are from 'a' on and not above 'z', which adding to each
// byte what carries into its highest bit tells.
func leadingLetters(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	_ = s[7]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	low := (x | 0x20*ones) &^ high
	others := (x | ^(low + (0x80-'a')*ones) | (low + (0x7F-'z')*ones)) & high
	return bits.TrailingZeros64(others) / 8
}

// wordKinds is the kind of a word made of the classes of the index.
var wordKinds = [wordByte + 1]TokenKind{
	digitByte:             TokenNumber,
	digitByte | underByte: TokenNumber,
	underByte:             TokenPunct,

	letterByte:                         TokenWord,
	letterByte | digitByte:             TokenWord,
	letterByte | underByte:             TokenWord,
	letterByte | digitByte | underByte: TokenWord,
}

func (t *tokenizer) longWord(start int) int {
	end, seen := asciiWord(t.body, start)
	if seen&highByte != 0 {
		return t.unicode(start)
	}
	if url := urlEnd(t.body, start, end); url > 0 && seen&letterByte != 0 {
		return t.add(start, url, TokenURL)
	}
	return t.add(start, end, wordKinds[seen&wordByte])
}

// asciiWord returns the end of the word that begins at i and the classes of its
// bytes. They have highByte if a byte that is not ASCII may belong to the word;
// the end then says nothing.
func asciiWord(s string, i int) (end int, seen uint8) {
	for {
		for i < len(s) && classOf[s[i]]&wordByte != 0 {
			seen |= classOf[s[i]]
			i++
		}
		if i == len(s) {
			return i, seen
		}
		class := classOf[s[i]]
		if class&highByte != 0 {
			return i, seen | highByte
		}
		if class&midByte == 0 || i+1 == len(s) {
			return i, seen
		}
		join := joins(s[i]) & classOf[s[i-1]]
		switch next := classOf[s[i+1]]; {
		case join == 0:
			return i, seen
		case next&highByte != 0:
			return i, seen | highByte
		case next&join == 0:
			return i, seen
		}
		i++
	}
}

// mark takes a punctuation mark, a symbol or a control character, or the name
// or address that it introduces.
func (t *tokenizer) mark(start int) int {
	s, b := t.body, t.body[start]
	switch b {
	case '@':
		if end, ok := t.email(start); ok {
			return end
		}
		if end := mentionEnd(s, start); end > start {
			return t.add(start, end, TokenMention)
		}
	case '#':
		if end := hashtagEnd(s, start); end > start {
			return t.add(start, end, TokenHashtag)
		}
	}
	end := start + 1
	if classOf[b]&(punctByte|symbolByte) == 0 {
		return t.add(start, end, TokenOther)
	}
	if !bracket(b) {
		for end < len(s) && s[end] == b {
			end++
		}
	}
	if end == start+1 && end < len(s) && s[end] >= utf8.RuneSelf {
		return t.unicode(start) // a keycap such as #️⃣, or a combining mark
	}
	if classOf[b]&symbolByte != 0 {
		return t.add(start, end, TokenSymbol)
	}
	return t.add(start, end, TokenPunct)
}

// unicode takes one segment of UAX #29, less the white space that it may begin
// with.
func (t *tokenizer) unicode(start int) int {
	if end := start + 3; typographic(t.body, start) {
		return t.add(start, end, TokenPunct)
	}
	it := words.FromString(t.body[start:])
	it.Next()
	end := start + it.End()
	for start < end {
		r, n := utf8.DecodeRuneInString(t.body[start:end])
		if !unicode.IsSpace(r) {
			if s := t.body[start:end]; s != t.segment {
				t.segment, t.kind = s, unicodeKind(s)
			}
			return t.add(start, end, t.kind)
		}
		start += n
	}
	return end
}

// typographic reports whether a dash, a curly quote or an ellipsis is at i with
// ASCII or nothing behind it, so that no mark combines with it. It is there for
// speed: these are most of what is not ASCII in English.
func typographic(s string, i int) bool {
	return i+3 <= len(s) && s[i] == 0xE2 && s[i+1] == 0x80 &&
		(s[i+2] >= 0x93 && s[i+2] <= 0x9F && s[i+2] != 0x96 || s[i+2] == 0xA6) &&
		(i+3 == len(s) || s[i+3] < utf8.RuneSelf)
}
