package tokenize

import "math"

// Encode returns the tokens of s, with special tokens, truncated and padded as
// the file and the options say. It writes over dst, reusing the memory of its
// slices, so that with a dst that has been used before the call allocates
// nothing but what the cache keeps of words that come again.
//
// Bytes of s that are not UTF-8 are read as U+FFFD, one for each. Of a string
// of more than 1<<31-1 bytes only so many are read, and Truncated is set.
// The time is O(n log n) in the worst case.
func (t *Tokenizer) Encode(dst Encoding, s string) Encoding {
	sc := t.pool.Get().(*scratch)
	defer t.release(sc, len(s))
	dst.reset()
	s, dst.Truncated = readable(s)
	parts := t.template(false)
	room := t.room(parts)
	sc.seqs[0] = t.sequence(sc, sc.seqs[0], s, room)
	cut := t.cut(sc.seqs[0], room)
	dst.Truncated = dst.Truncated || len(cut) < len(sc.seqs[0])
	t.trimSpans(cut, s)
	t.assemble(&dst, parts, cut, nil)
	return t.padOne(dst)
}

// EncodePair returns the tokens of two texts as one encoding. See
// [Tokenizer.Encode].
func (t *Tokenizer) EncodePair(dst Encoding, a, b string) Encoding {
	sc := t.pool.Get().(*scratch)
	defer t.release(sc, len(a)+len(b))
	dst.reset()
	a, cutA := readable(a)
	b, cutB := readable(b)
	parts := t.template(true)
	room := t.room(parts)
	for i, s := range []string{a, b} {
		sc.seqs[i] = t.sequence(sc, sc.seqs[i], s, -1)
	}
	n1, n2 := len(sc.seqs[0]), len(sc.seqs[1])
	if room >= 0 && n1+n2 > room {
		n1, n2 = t.opt.Truncation.Strategy.share(n1, n2, room)
	}
	first, second := t.cut(sc.seqs[0], n1), t.cut(sc.seqs[1], n2)
	dst.Truncated = cutA || cutB || n1 < len(sc.seqs[0]) || n2 < len(sc.seqs[1])
	t.trimSpans(first, a)
	t.trimSpans(second, b)
	t.assemble(&dst, parts, first, second)
	return t.padOne(dst)
}

func readable(s string) (string, bool) {
	if len(s) <= math.MaxInt32 {
		return s, false
	}
	return s[:math.MaxInt32], true
}

func (t *Tokenizer) release(sc *scratch, size int) {
	if size <= scratchKeep {
		t.pool.Put(sc)
	}
}

// room returns the number of tokens that texts may have, -1 if any.
func (t *Tokenizer) room(parts []part) int {
	if t.opt.Truncation.MaxTokens == 0 {
		return -1
	}
	return max(0, t.opt.Truncation.MaxTokens-special(parts))
}

// sequence returns the tokens of s. What will be cut from the right need not be
// looked at: one token more than there is room for is enough to know.
func (t *Tokenizer) sequence(sc *scratch, dst []item, s string, room int) []item {
	limit := -1
	if room >= 0 && t.opt.Truncation.Side == Right {
		limit = room + 1
	}
	return sc.sequence(dst, s, limit)
}

// cut returns the n tokens that truncation leaves.
func (t *Tokenizer) cut(items []item, n int) []item {
	switch {
	case n < 0 || n >= len(items):
		return items
	case t.opt.Truncation.Side == Left:
		return items[len(items)-n:]
	}
	return items[:n]
}

// share divides the room between sequences of n1 and n2 tokens, which together
// have more. Where the chosen one cannot give enough, the other gives the rest.
func (s Strategy) share(n1, n2, room int) (int, int) {
	switch s {
	case OnlyFirst:
		n1 = max(0, room-n2)
		return n1, min(n2, room-n1)
	case OnlySecond:
		n2 = max(0, room-n1)
		return min(n1, room-n2), n2
	}
	short := min(n1, n2)
	long := max(short, room-short)
	if short+long > room {
		short = room / 2
		long = room - short
	}
	if n1 > n2 {
		return long, short
	}
	return short, long
}

// padOne pads an encoding to what the options ask for.
func (t *Tokenizer) padOne(e Encoding) Encoding {
	n := max(e.Len(), t.opt.Padding.Length)
	if m := t.opt.Padding.MultipleOf; m > 1 {
		n = (n + m - 1) / m * m
	}
	return t.Pad(e, n)
}

// Pad returns e with padding up to n tokens. The options, or else the file, say
// what padding is and where it stands; if neither does, it is token 0 on the
// right. Pad changes the slices of e. An encoding of n or more tokens stays as
// it is.
func (t *Tokenizer) Pad(e Encoding, n int) Encoding {
	old := e.Len()
	if n <= old {
		return e
	}
	pad := t.opt.Padding
	for range n - old {
		e.add(pad.ID, pad.TypeID, 0, 1, Span{}, -1, -1)
	}
	if pad.Side == Left {
		rotate(e.IDs, old)
		rotate(e.TypeIDs, old)
		rotate(e.AttentionMask, old)
		rotate(e.SpecialMask, old)
		rotate(e.Offsets, old)
		rotate(e.WordIDs, old)
		rotate(e.SequenceIDs, old)
	}
	return e
}

// rotate moves the first n elements, and fills what they leave with what was
// last.
func rotate[T any](s []T, n int) {
	if n == len(s) {
		return
	}
	fill := s[len(s)-1]
	copy(s[len(s)-n:], s[:n])
	for i := range s[:len(s)-n] {
		s[i] = fill
	}
}
