package tokenize

import "unicode/utf8"

// part of a template: a sequence or a special token.
type part struct {
	sequence int // 0 or 1; -1 for a special token
	id       int32
	typeID   int32
}

// postProcessor puts sequences and special tokens together.
type postProcessor struct {
	single, pair         []part // with special tokens
	bareSingle, barePair []part // without
	trim                 bool   // spans leave out spaces of byte-level tokens
	keepPrefix           bool   // but keep a blank that the pre-tokenizer may have written
}

// plainTemplate is that of a file without post-processor.
func plainTemplate() *postProcessor {
	a, b := part{}, part{sequence: 1, typeID: 1}
	p := &postProcessor{single: []part{a}, pair: []part{a, b}}
	p.bareSingle, p.barePair = p.single, p.pair
	return p
}

// special returns the number of special tokens in a template.
func special(parts []part) (n int) {
	for _, p := range parts {
		if p.sequence < 0 {
			n++
		}
	}
	return n
}

func withoutSpecial(parts []part) (bare []part) {
	for _, p := range parts {
		if p.sequence >= 0 {
			bare = append(bare, p)
		}
	}
	return bare
}

// template returns the parts of an encoding.
func (t *Tokenizer) template(pair bool) []part {
	p := t.post
	switch {
	case pair && t.opt.NoSpecialTokens:
		return p.barePair
	case pair:
		return p.pair
	case t.opt.NoSpecialTokens:
		return p.bareSingle
	}
	return p.single
}

// assemble appends the parts to dst.
func (t *Tokenizer) assemble(dst *Encoding, parts []part, first, second []item) {
	seqs := [2][]item{first, second}
	for _, p := range parts {
		if p.sequence < 0 {
			dst.add(p.id, p.typeID, 1, 1, Span{}, -1, -1)
			continue
		}
		for _, x := range seqs[p.sequence] {
			at := Span{int(x.at.start), int(x.at.end)}
			dst.add(x.id, p.typeID, 1, 0, at, x.word, int32(p.sequence))
		}
	}
}

// trimSpans takes the spaces that byte-level tokens of s begin and end with out
// of their spans.
func (t *Tokenizer) trimSpans(items []item, s string) {
	if !t.post.trim {
		return
	}
	for i := range items {
		at := &items[i].at
		token := s[at.start:at.end]
		if !items[i].added {
			token, _ = t.Token(items[i].id)
		}
		lead, trail := spacesAround(t.classes, token)
		if lead == 0 && trail == 0 {
			continue
		}
		if lead == 1 && t.post.keepPrefix && (i == 0 || at.start == 0) {
			lead = 0
		}
		for ; lead > 0 && at.start < at.end; lead-- {
			_, n := utf8.DecodeRuneInString(s[at.start:])
			at.start = min(at.start+int32(n), at.end)
		}
		end := at.end
		for n := trail; n > 0; n-- {
			_, size := utf8.DecodeLastRuneInString(s[:end])
			if size == 0 {
				end = at.end // more spaces than there is text: the span stays
				break
			}
			end -= int32(size)
		}
		at.end = max(end, at.start)
	}
}

// spacesAround counts the spaces at both ends of a byte-level token.
func spacesAround(t *classTable, token string) (lead, trail int) {
	isSpace := func(r rune) bool { return r == byteLetter[' '] || t.of(r)&space != 0 }
	for _, r := range token {
		if !isSpace(r) {
			break
		}
		lead++
	}
	for rest := token; rest != ""; trail++ {
		r, n := utf8.DecodeLastRuneInString(rest)
		if !isSpace(r) {
			break
		}
		rest = rest[:len(rest)-n]
	}
	return lead, trail
}
