package tokenize

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// EncodeWindows returns the tokens of s in as many encodings as it takes to hold
// them all, each no longer than the truncation in force allows and sharing stride
// tokens of s with the next. The first one is what [Tokenizer.Encode] returns; with
// Side Left it holds the end of s and the others go back to the beginning. Without
// truncation there is one. A text without tokens has one as well.
//
// A stride that is negative, or not less than the room that special tokens leave,
// is [quintet.ErrOption]. Windows are of the caller; the padding is that of Encode.
func (t *Tokenizer) EncodeWindows(s string, stride int) ([]Encoding, error) {
	parts := t.template(false)
	room := t.room(parts)
	if stride < 0 || room >= 0 && stride >= room {
		return nil, fmt.Errorf("tokenize: stride %d, room for %d tokens: %w", stride, room, quintet.ErrOption)
	}
	sc := t.pool.Get().(*scratch)
	defer t.release(sc, len(s))
	s, broken := readable(s)
	sc.seqs[0] = sc.sequence(sc.seqs[0], s, -1)
	ranges := windows(len(sc.seqs[0]), room, stride, t.opt.Truncation.Side)
	out := make([]Encoding, len(ranges))
	var kept []item
	for i, r := range ranges {
		kept = append(kept[:0], sc.seqs[0][r.Start:r.End]...) // windows share items, which trimSpans changes
		t.trimSpans(kept, s)
		t.assemble(&out[i], parts, kept, nil)
		out[i].Truncated = broken || len(ranges) > 1
		out[i] = t.padOne(out[i])
	}
	return out, nil
}

// EncodePairWindows is [Tokenizer.EncodeWindows] of two texts, one of which is whole
// in every window while the other is cut: the Strategy of the truncation in force
// says which, and must be OnlyFirst or OnlySecond ([quintet.ErrOption]). If the
// whole one leaves no more room than stride it is [quintet.ErrInput].
func (t *Tokenizer) EncodePairWindows(a, b string, stride int) ([]Encoding, error) {
	parts := t.template(true)
	room, strategy := t.room(parts), t.opt.Truncation.Strategy
	switch {
	case stride < 0 || room >= 0 && stride >= room:
		return nil, fmt.Errorf("tokenize: stride %d, room for %d tokens: %w", stride, room, quintet.ErrOption)
	case room >= 0 && strategy == LongestFirst:
		return nil, fmt.Errorf("tokenize: windows of a pair need OnlyFirst or OnlySecond: %w", quintet.ErrOption)
	}
	sc := t.pool.Get().(*scratch)
	defer t.release(sc, len(a)+len(b))
	a, brokenA := readable(a)
	b, brokenB := readable(b)
	texts, cut := [2]string{a, b}, 1 // which of them gives way
	if strategy == OnlyFirst {
		cut = 0
	}
	for i, s := range texts {
		sc.seqs[i] = sc.sequence(sc.seqs[i], s, -1)
	}
	whole := sc.seqs[1-cut]
	if room >= 0 {
		if room -= len(whole); room <= stride {
			return nil, fmt.Errorf("tokenize: %d tokens leave room for %d beside them, stride %d: %w",
				len(whole), max(room, 0), stride, quintet.ErrInput)
		}
	}
	t.trimSpans(whole, texts[1-cut])
	ranges := windows(len(sc.seqs[cut]), room, stride, t.opt.Truncation.Side)
	out := make([]Encoding, len(ranges))
	for i, r := range ranges {
		seqs := [2][]item{whole, whole}
		seqs[cut] = append([]item(nil), sc.seqs[cut][r.Start:r.End]...) // see EncodeWindows
		t.trimSpans(seqs[cut], texts[cut])
		t.assemble(&out[i], parts, seqs[0], seqs[1])
		out[i].Truncated = brokenA || brokenB || len(ranges) > 1
		out[i] = t.padOne(out[i])
	}
	return out, nil
}

// windows returns ranges of at most room of n tokens, each sharing stride tokens
// with the one before, until all n are in one. room is more than stride, or
// negative for any.
func windows(n, room, stride int, side Side) []Span {
	if room < 0 || n <= room {
		return []Span{{0, n}}
	}
	var all []Span
	for start := 0; ; start += room - stride {
		end := min(start+room, n)
		if side == Right {
			all = append(all, Span{start, end})
		} else {
			all = append(all, Span{n - end, n - start})
		}
		if end == n {
			return all
		}
	}
}
