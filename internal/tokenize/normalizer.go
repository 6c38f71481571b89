package tokenize

import (
	"bytes"
	"unicode/utf8"
)

// A normalizer rewrites a text before it is split. It reports whether dst holds
// the result; if not, the text stays as it is and dst may hold anything.
type normalizer interface {
	normalize(sc *scratch, src, dst *text) bool
}

// runeMap replaces or drops characters one by one. f returns -1 for a character
// to drop, and dottedI only to have it replaced by its two-character lower case.
type runeMap struct {
	f func(t *classTable, r rune) rune
}

func (n runeMap) normalize(sc *scratch, src, dst *text) bool {
	first := n.firstChange(sc.classes, src.b)
	if first == len(src.b) {
		return false
	}
	w := rewrite(src, dst)
	w.copy(first)
	for w.pos < len(src.b) {
		r, size := decode(src.b[w.pos:])
		switch m := n.f(sc.classes, r); {
		case m < 0:
			w.pos += size
		case m == dottedI: // only lowerCase answers with it
			w.keep('i')
			w.insert(dotAbove)
		default:
			w.keep(m)
		}
	}
	return true
}

func (n runeMap) firstChange(t *classTable, b []byte) int {
	for i := 0; i < len(b); {
		r, size := decode(b[i:])
		if m := n.f(t, r); m != r || m == dottedI {
			return i
		}
		i += size
	}
	return len(b)
}

// decode is utf8.DecodeRune with the short way inlined.
func decode(b []byte) (rune, int) {
	if c := b[0]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRune(b)
}

// lowerCase maps dottedI to itself: the one character that becomes two.
func lowerCase(t *classTable, r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if r == dottedI {
		return dottedI
	}
	return t.lower(r)
}

// cleanText drops control characters and makes every space a blank.
func cleanText(t *classTable, r rune) rune {
	if ' ' <= r && r < 0x7f {
		return r
	}
	switch c := t.of(r); {
	case c&control != 0:
		return -1
	case c&space != 0:
		return ' '
	}
	return r
}

func dropAccents(t *classTable, r rune) rune {
	if r >= utf8.RuneSelf && t.of(r)&accent != 0 {
		return -1
	}
	return r
}

func dropCombining(t *classTable, r rune) rune {
	if r >= utf8.RuneSelf && t.of(r)&combining != 0 {
		return -1
	}
	return r
}

// nmt is the cleaning of the sentence-piece rule of that name.
func nmt(_ *classTable, r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, 0x200b <= r && r <= 0x200f,
		r == 0x2028, r == 0x2029, r == 0x2581, r == 0xfeff, r == 0xfffd:
		return ' '
	case 0x01 <= r && r <= 0x1f, r == 0x7f, r == 0x8f, r == 0x9f:
		return -1
	}
	return r
}

// spaceIdeographs writes a blank on both sides of each CJK ideograph.
type spaceIdeographs struct{}

func isIdeograph(r rune) bool {
	return r >= 0x3400 && (0x4e00 <= r && r <= 0x9fff || r <= 0x4dbf || 0x20000 <= r && r <= 0x2a6df ||
		0x2a700 <= r && r <= 0x2b73f || 0x2b740 <= r && r <= 0x2b81f || 0x2b920 <= r && r <= 0x2ceaf ||
		0xf900 <= r && r <= 0xfaff || 0x2f800 <= r && r <= 0x2fa1f)
}

func (spaceIdeographs) normalize(_ *scratch, src, dst *text) bool {
	w := rewrite(src, dst)
	from := 0
	for i := 0; i < len(src.b); {
		r, size := decode(src.b[i:])
		if isIdeograph(r) {
			w.copy(i - from)
			w.keep(' ')
			w.insert(r)
			w.insert(' ')
			from = i + size
		}
		i += size
	}
	if w.pos == 0 {
		return false
	}
	w.copy(len(src.b) - from)
	return true
}

// strip removes the spaces at the ends.
type strip struct{ left, right bool }

func (n strip) normalize(sc *scratch, src, dst *text) bool {
	i, j := 0, len(src.b)
	for n.left && i < j {
		r, size := decode(src.b[i:])
		if sc.classes.of(r)&space == 0 {
			break
		}
		i += size
	}
	for n.right && i < j {
		r, size := utf8.DecodeLastRune(src.b[:j])
		if sc.classes.of(r)&space == 0 {
			break
		}
		j -= size
	}
	if i == 0 && j == len(src.b) {
		return false
	}
	w := rewrite(src, dst)
	w.pos = i
	w.copy(j - i)
	return true
}

// prepend writes a string before a text that is not empty.
type prepend struct{ s string }

func (n prepend) normalize(_ *scratch, src, dst *text) bool {
	if len(src.b) == 0 || n.s == "" {
		return false
	}
	w := rewrite(src, dst)
	w.prepend(n.s)
	w.copy(len(src.b))
	return true
}

// prepend writes s before the first character, which it stands for.
func (w *rewriter) prepend(s string) {
	at := w.src.at(0)
	w.dst.spread()
	for _, r := range s {
		w.dst.add(r, at)
	}
}

// replace puts a string in place of each match of a pattern.
type replace struct {
	p  pattern
	by string
}

func (n replace) normalize(sc *scratch, src, dst *text) bool {
	i, j := n.p.find(sc.classes, src.b, 0)
	if i < 0 {
		return false
	}
	w := rewrite(src, dst)
	for ; i >= 0; i, j = n.p.find(sc.classes, src.b, j) {
		w.copy(i - w.pos)
		w.pos = j
		for _, r := range n.by {
			w.insert(r)
		}
	}
	w.copy(len(src.b) - w.pos)
	return true
}

// byteLetters writes each byte as the letter that stands for it.
type byteLetters struct{}

func (byteLetters) normalize(_ *scratch, src, dst *text) bool {
	if len(src.b) == 0 {
		return false
	}
	w := rewrite(src, dst)
	for w.pos < len(src.b) {
		_, size := decode(src.b[w.pos:])
		at := src.b[w.pos : w.pos+size]
		w.keep(byteLetter[at[0]])
		for _, c := range at[1:] {
			w.insert(byteLetter[c])
		}
	}
	return true
}

// literal is a pattern that is a string.
type literal struct{ s []byte }

func (p literal) find(_ *classTable, b []byte, from int) (int, int) {
	i := bytes.Index(b[from:], p.s)
	if i < 0 {
		return -1, -1
	}
	return from + i, from + i + len(p.s)
}
