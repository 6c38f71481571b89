package tokenize

import (
	"bytes"
	"unicode/utf8"
)

// bpe joins the symbols of a word pair by pair, the pair of the lowest rank
// first. Sennrich, Haddow and Birch, Neural machine translation of rare words
// with subword units, 2016.
type bpe struct {
	*vocabulary
	merges *mergeTable
	bpeConfig
	unk int32 // -1: unknown characters vanish
	// bytes says that words are bytes that stand for their letters.
	raw bool
	// fallback holds the tokens of single bytes, -1 for a byte without one.
	fallback *[256]int32
	// starts holds the symbols of raw bytes and of ASCII characters: at
	// the beginning of a word, inside, and the same for the last one.
	starts [4][256]int32
	// cutMark: tokens have this character only in front, so that a word can be
	// cut before each run of it.
	cutMark []byte
}

// bpeConfig holds the settings of a model file.
type bpeConfig struct {
	prefix, suffix string // of symbols that continue and that end a word
	fuseUnk        bool
	byteFallback   bool
	ignoreMerges   bool
}

// symbolUnknown marks a symbol that is not in the vocabulary.
const symbolUnknown = -1

func newBPE(v *vocabulary, merges *mergeTable, c bpeConfig, unk int32, raw bool) *bpe {
	m := &bpe{vocabulary: v, merges: merges, bpeConfig: c, unk: unk, raw: raw}
	if c.byteFallback {
		m.fallback = byteTokens(v)
	}
	var buf []byte
	for where := range m.starts {
		for b := range m.starts[where] {
			m.starts[where][b] = symbolUnknown
			if buf = m.spell(buf[:0], []byte{byte(b)}, where); buf != nil {
				if id, ok := v.ids[string(buf)]; ok {
					m.starts[where][b] = id
				}
			}
		}
	}
	if !raw {
		m.cutMark = m.findCutMark()
	}
	return m
}

// Where a symbol stands in its word; both may be set.
const (
	notFirst = 1
	isLast   = 2
)

// spell appends the vocabulary's spelling of a character or raw byte.
func (m *bpe) spell(dst, c []byte, where int) []byte {
	if where&notFirst != 0 {
		dst = append(dst, m.prefix...)
	}
	if m.raw {
		dst = appendByteLetters(dst, c)
	} else {
		dst = append(dst, c...)
	}
	if where&isLast != 0 {
		dst = append(dst, m.suffix...)
	}
	return dst
}

// findCutMark returns U+2581 if all tokens that come of merges have it only in
// front. Then no token crosses the place before a run of it, and what is left
// and right of that place can be merged apart.
func (m *bpe) findCutMark() []byte {
	const mark = "\u2581"
	if _, ok := m.ids[mark]; !ok || m.prefix != "" || m.suffix != "" {
		return nil
	}
	for _, id := range m.merges.made {
		s := bytes.TrimLeft([]byte(m.tokens[id]), mark)
		if bytes.Contains(s, []byte(mark)) {
			return nil
		}
	}
	return []byte(mark)
}

func (m *bpe) cached() bool { return m.cutMark == nil }

func (m *bpe) encode(sc *scratch, w []byte) {
	if m.ignoreMerges {
		key := w
		if m.raw {
			sc.spelling = appendByteLetters(sc.spelling[:0], w)
			key = sc.spelling
		}
		if id, ok := m.ids[string(key)]; ok {
			sc.toks = append(sc.toks, tok{id, 0, int32(len(w))})
			return
		}
	}
	if m.cutMark == nil {
		m.merge(sc, w)
		return
	}
	for start := 0; start < len(w); {
		end := m.cut(w, start)
		sc.remember(m, w[start:end], start)
		start = end
	}
}

// cut returns the end of the part of w that begins at start: a run of marks and
// what follows it up to the next.
func (m *bpe) cut(w []byte, start int) int {
	i := start
	for bytes.HasPrefix(w[i:], m.cutMark) {
		i += len(m.cutMark)
	}
	if n := bytes.Index(w[i:], m.cutMark); n >= 0 {
		return i + n
	}
	return len(w)
}

// merge appends the tokens of w.
func (m *bpe) merge(sc *scratch, w []byte) {
	sc.symbols = m.symbols(sc, w)
	switch n := len(sc.symbols); {
	case n <= 1:
	case n <= shortWord:
		sc.symbols = m.merges.short(sc.symbols, &sc.ranks)
	default:
		sc.symbols = m.merges.long(sc.symbols, &sc.heap)
	}
	at := int32(0)
	for _, s := range sc.symbols {
		sc.toks = append(sc.toks, tok{s.id, at, at + s.size})
		at += s.size
	}
}

// symbols returns the characters of w, or its raw bytes, as symbols.
func (m *bpe) symbols(sc *scratch, w []byte) []unit {
	out := sc.symbols[:0]
	pending := int32(0) // size of an unknown symbol that is not written yet
	for i := 0; i < len(w); {
		size := 1
		if !m.raw && w[i] >= utf8.RuneSelf {
			_, size = utf8.DecodeRune(w[i:])
		}
		where := 0
		if i > 0 {
			where = notFirst
		}
		if i+size == len(w) {
			where |= isLast
		}
		c := w[i : i+size]
		i += size
		if id := m.symbol(sc, c, where); id >= 0 {
			if pending > 0 {
				out = append(out, unit{id: m.unk, size: pending})
				pending = 0
			}
			out = append(out, unit{id: id, size: int32(size)})
			continue
		}
		if n := len(out); m.byteFallback {
			if out = m.appendFallback(sc, out, c, where); len(out) > n {
				continue
			}
		}
		if m.unk < 0 {
			continue
		}
		if pending > 0 && !m.fuseUnk {
			out = append(out, unit{id: m.unk, size: pending})
			pending = 0
		}
		pending += int32(size)
	}
	if pending > 0 {
		out = append(out, unit{id: m.unk, size: pending})
	}
	return out
}

// symbol returns the id of a character or raw byte, or symbolUnknown.
func (m *bpe) symbol(sc *scratch, c []byte, where int) int32 {
	if m.raw || c[0] < utf8.RuneSelf {
		return m.starts[where][c[0]]
	}
	key := c
	if m.prefix != "" || m.suffix != "" {
		sc.spelling = m.spell(sc.spelling[:0], c, where)
		key = sc.spelling
	}
	if id, ok := m.ids[string(key)]; ok {
		return id
	}
	return symbolUnknown
}

// appendFallback appends the tokens of the bytes of a character, none if one of
// them is missing.
func (m *bpe) appendFallback(sc *scratch, out []unit, c []byte, where int) []unit {
	n := len(out)
	sc.spelling = m.spell(sc.spelling[:0], c, where)
	for _, b := range sc.spelling {
		if m.fallback[b] < 0 {
			return out[:n]
		}
		out = append(out, unit{id: m.fallback[b], size: 1})
	}
	return out
}
