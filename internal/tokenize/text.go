package tokenize

import "unicode/utf8"

// span is a range of bytes of the caller's string.
type span struct{ start, end int32 }

// text is a string under way together with where its bytes come from.
type text struct {
	b []byte
	// al holds for each byte of b the bytes of the caller's string that it
	// stands for. It is not filled while the text is plain.
	al []span
	// plain says that b is the caller's string from byte base on, at most with
	// characters replaced by others of the same length.
	plain bool
	base  int32
}

// piece is a part of a text.
type piece struct {
	t    *text
	i, j int
}

func (p piece) bytes() []byte { return p.t.b[p.i:p.j] }

// origin returns where the piece begins in the caller's string.
func (p piece) origin() int32 {
	if p.i == p.j {
		return p.t.base
	}
	return p.t.at(p.i).start
}

// at returns what the byte at i stands for: in a plain text the whole character
// that it belongs to.
func (t *text) at(i int) span {
	if !t.plain {
		return t.al[i]
	}
	if t.b[i] < utf8.RuneSelf {
		return span{t.base + int32(i), t.base + int32(i) + 1}
	}
	for i > 0 && !utf8.RuneStart(t.b[i]) {
		i--
	}
	_, n := utf8.DecodeRune(t.b[i:])
	return span{t.base + int32(i), t.base + int32(i+n)}
}

// cover returns what the bytes from i to j, which are not none, stand for.
func (t *text) cover(i, j int) span {
	return span{t.at(i).start, t.at(j - 1).end}
}

// part returns the bytes from i to j as a text that shares them.
func (t *text) part(i, j int) text {
	if t.plain {
		return text{b: t.b[i:j], plain: true, base: t.base + int32(i)}
	}
	return text{b: t.b[i:j], al: t.al[i:j]}
}

// set makes the text a copy of s. Bytes that are not UTF-8 become U+FFFD, one
// for each.
func (t *text) set(s string) {
	t.b, t.al, t.plain, t.base = t.b[:0], t.al[:0], false, 0
	if utf8.ValidString(s) {
		t.b, t.plain = append(t.b, s...), true
		return
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		t.add(r, span{int32(i), int32(i + n)})
		i += n
	}
}

// add appends a character that stands for s to a text that is not plain.
func (t *text) add(r rune, s span) {
	n := len(t.b)
	t.b = utf8.AppendRune(t.b, r)
	for range len(t.b) - n {
		t.al = append(t.al, s)
	}
}

// spread fills al of a plain text.
func (t *text) spread() {
	if !t.plain {
		return
	}
	t.al = t.al[:0]
	for i := 0; i < len(t.b); {
		_, n := utf8.DecodeRune(t.b[i:])
		s := span{t.base + int32(i), t.base + int32(i+n)}
		for range n {
			t.al = append(t.al, s)
		}
		i += n
	}
	t.plain = false
}

// change is a character of a rewritten text. n is 0 if it replaces the next
// character of the old text, 1 if it is new, and -k if it replaces the next
// character and the k after that are gone.
type change struct {
	r rune
	n int32
	// ccc is the canonical combining class while a normal form is made.
	ccc uint8
}

// rewriter makes a text from another, character by character. A replaced
// character stands for what the old one stood for, a new one for what the byte
// before it stood for. The new text stays plain as long as it can.
type rewriter struct {
	src, dst *text
	pos      int // in src
}

func rewrite(src, dst *text) rewriter {
	dst.b, dst.al, dst.plain, dst.base = dst.b[:0], dst.al[:0], src.plain, src.base
	return rewriter{src: src, dst: dst}
}

// copy takes over the next n bytes, which are whole characters.
func (w *rewriter) copy(n int) {
	if n == 0 {
		return
	}
	if w.dst.plain && len(w.dst.b) != w.pos {
		w.dst.spread()
	}
	end := w.pos + n
	w.dst.b = append(w.dst.b, w.src.b[w.pos:end]...)
	switch {
	case w.dst.plain:
	case !w.src.plain:
		w.dst.al = append(w.dst.al, w.src.al[w.pos:end]...)
	default:
		for i := w.pos; i < end; {
			_, size := utf8.DecodeRune(w.src.b[i:])
			s := span{w.src.base + int32(i), w.src.base + int32(i+size)}
			for range size {
				w.dst.al = append(w.dst.al, s)
			}
			i += size
		}
	}
	w.pos = end
}

// keep writes r in place of the next character. Past the end of the old text,
// where only a rewriting that lost count can come, r counts as new.
func (w *rewriter) keep(r rune) {
	if w.pos >= len(w.src.b) {
		w.insert(r)
		return
	}
	size := 1
	if w.src.b[w.pos] >= utf8.RuneSelf {
		_, size = utf8.DecodeRune(w.src.b[w.pos:])
	}
	if w.dst.plain {
		if len(w.dst.b) == w.pos && utf8.RuneLen(r) == size {
			w.dst.b = utf8.AppendRune(w.dst.b, r)
			w.pos += size
			return
		}
		w.dst.spread()
	}
	w.dst.add(r, w.src.at(w.pos))
	w.pos += size
}

// insert writes r as a new character.
func (w *rewriter) insert(r rune) {
	w.dst.spread()
	switch {
	case w.pos > 0:
		w.dst.add(r, w.src.at(w.pos-1))
	case len(w.src.b) > 0:
		s := w.src.at(0)
		w.dst.add(r, span{s.start, s.start})
	default:
		w.dst.add(r, span{w.src.base, w.src.base})
	}
}

// drop leaves out the next n characters.
func (w *rewriter) drop(n int) {
	for ; n > 0 && w.pos < len(w.src.b); n-- {
		_, size := utf8.DecodeRune(w.src.b[w.pos:])
		w.pos += size
	}
}

// apply writes all changes.
func (w *rewriter) apply(all []change) {
	for _, c := range all {
		if c.n > 0 {
			w.insert(c.r)
			continue
		}
		w.keep(c.r)
		w.drop(int(-c.n))
	}
}
