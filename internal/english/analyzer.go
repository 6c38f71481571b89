package english

import (
	"unicode"
	"unicode/utf8"
)

// Token is a term where it stands in a text: s[Start:End].
type Token struct {
	// Hash names the term: FNV-1a with 64 bits of its UTF-8 form, finished as
	// in MurmurHash3. It is the same in every process and on every platform.
	// Among n different terms two share a hash with probability n²/2^65, 3e-8
	// for a million; whoever chooses the words can make two that do.
	Hash uint64

	Start, End int
}

// Analyzer cuts texts into the terms that an index of words stores and queries ask
// for. The zero value is ready. It is not safe for concurrent use: give each
// goroutine its own.
type Analyzer struct {
	s    string
	out  []Token
	word []byte // in lower case, at most maxWord bytes
}

// maxWord is how many bytes of a word count.
const maxWord = 256

// Append appends the tokens of s to dst and returns it. They are in order, not
// empty, and lie on runes.
//
// A word is a run of letters, numbers and the marks on them. An apostrophe between
// two letters belongs to it, so does a point or comma between two digits; hyphens,
// underscores and everything else part words. The term of a word is its [Stem] in
// lower case, of the first 256 bytes if it is longer; a [FunctionWord] has none.
// The quote ’ is an apostrophe, the final sigma a sigma, and soft hyphens, joiners
// and marks of direction inside a word do not count. Otherwise text is not
// normalised: é in one rune and in two are two letters.
//
// Scripts without spaces (Han, Kana, Hangul, Thai, Lao, Khmer, Burmese) give the
// pairs of letters that touch, which overlap, and a letter alone if none touches
// it. A byte that is not UTF-8 parts words like a space.
//
// The cost is O(len(s)) for any s; nothing is allocated if dst has room.
func (a *Analyzer) Append(dst []Token, s string) []Token {
	a.s, a.out = s, dst
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			if !asciiWord(s[i]) {
				i++
				continue
			}
			i = a.take(i)
			continue
		}
		switch r, n := utf8.DecodeRuneInString(s[i:]); {
		case !wordRune(r):
			i += n
		case spaceless(r):
			i = a.pairs(i)
		default:
			i = a.take(i)
		}
	}
	out := a.out
	a.s, a.out = "", nil // they are the caller's
	return out
}

// take takes the word at start and returns the place behind it.
func (a *Analyzer) take(start int) int {
	a.word = a.word[:0]
	end := start // behind the last letter, number or mark
	for i := start; i < len(a.s); {
		b := a.s[i]
		switch {
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(a.s[i:])
			keep, ok := a.inner(r, n, i)
			if !ok {
				a.emit(start, end)
				return i
			}
			if i += n; keep {
				a.addRune(r)
				end = i
			}
		case asciiWord(b):
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			a.add(b)
			i++
			end = i
		case (b == '\'' || b == '.' || b == ',') && end == i && a.joins(b, i, 1):
			a.add(b)
			i++
		default:
			a.emit(start, end)
			return i
		}
	}
	a.emit(start, end)
	return len(a.s)
}

// inner reports whether the rune r of n bytes at i, which is not ASCII, belongs
// to the word before it, and whether its term has the rune.
func (a *Analyzer) inner(r rune, n, i int) (keep, ok bool) {
	switch {
	case r == '’':
		ok = a.joins('\'', i, n)
		return ok, ok
	case wordRune(r):
		return true, !spaceless(r)
	case unicode.IsMark(r):
		return true, true
	}
	return false, unicode.Is(unicode.Cf, r) && r != '\u200b' // the space without width
}

// joins reports whether a mark of n bytes at i is between two letters, if it is an
// apostrophe, or between two digits.
func (a *Analyzer) joins(mark byte, i, n int) bool {
	if i+n >= len(a.s) || len(a.word) == 0 {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(a.s[:i])
	after, _ := utf8.DecodeRuneInString(a.s[i+n:])
	if mark == '\'' {
		return (unicode.IsLetter(before) || unicode.IsMark(before)) && unicode.IsLetter(after) && !spaceless(after)
	}
	return '0' <= before && before <= '9' && '0' <= after && after <= '9'
}

func (a *Analyzer) add(b byte) {
	if len(a.word) < maxWord {
		a.word = append(a.word, b)
	}
}

func (a *Analyzer) addRune(r rune) {
	switch r {
	case '’':
		r = '\''
	case 'ς':
		r = 'σ'
	default:
		r = unicode.ToLower(r)
	}
	if len(a.word)+utf8.RuneLen(r) <= maxWord {
		a.word = utf8.AppendRune(a.word, r)
	}
}

// emit appends the word, unless it carries grammar only.
func (a *Analyzer) emit(start, end int) {
	if !FunctionWord(a.word) {
		a.out = append(a.out, Token{hash(Stem(a.word)), start, end})
	}
}

// pairs takes the run of letters of scripts without spaces at start, each with the
// marks on it, and returns the place behind it.
func (a *Analyzer) pairs(start int) int {
	last, end := start, a.unit(start) // the letter before the next
	next := a.unit(end)
	if next == end {
		a.out = append(a.out, Token{hash(a.s[start:end]), start, end})
	}
	for ; next > end; next = a.unit(end) {
		a.out = append(a.out, Token{hash(a.s[last:next]), last, next})
		last, end = end, next
	}
	return end
}

// unit returns the place behind the letter at i and the marks on it, or i if none
// of a script without spaces is there.
func (a *Analyzer) unit(i int) int {
	r, n := utf8.DecodeRuneInString(a.s[i:])
	if !wordRune(r) || !spaceless(r) {
		return i
	}
	for i += n; i < len(a.s); i += n {
		if r, n = utf8.DecodeRuneInString(a.s[i:]); !unicode.IsMark(r) {
			break
		}
	}
	return i
}

// hash is FNV-1a with its bits spread.
func hash[S string | []byte](s S) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
