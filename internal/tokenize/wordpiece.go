package tokenize

import (
	"strings"
	"unicode/utf8"
)

// wordPiece takes the longest token that a word begins with, then the longest
// continuing token, and so on; a word that does not come out is unknown as a
// whole. Schuster and Nakajima, Japanese and Korean voice search, 2012.
type wordPiece struct {
	*vocabulary
	first    *trie // all tokens
	next     *trie // tokens that continue a word, without their prefix
	unk      int32
	maxChars int // a longer word is unknown
}

func newWordPiece(v *vocabulary, unk int32, prefix string, maxChars int) *wordPiece {
	m := &wordPiece{vocabulary: v, unk: unk, maxChars: maxChars}
	var all, rest []string
	var allIDs, restIDs []int32
	for id, token := range v.tokens {
		if token == "" || !v.has[id] {
			continue
		}
		all, allIDs = append(all, token), append(allIDs, int32(id))
		if s, ok := strings.CutPrefix(token, prefix); ok && s != "" {
			rest, restIDs = append(rest, s), append(restIDs, int32(id))
		}
	}
	m.first, m.next = newTrie(all, allIDs), newTrie(rest, restIDs)
	return m
}

func (m *wordPiece) cached() bool { return true }

func (m *wordPiece) encode(sc *scratch, w []byte) {
	before := len(sc.toks)
	known := len(w) <= m.maxChars || utf8.RuneCount(w) <= m.maxChars
	for i, t := 0, m.first; known && i < len(w); t = m.next {
		id, n := t.longest(w[i:])
		if known = n > 0; known {
			sc.toks = append(sc.toks, tok{id, int32(i), int32(i + n)})
			i += n
		}
	}
	if !known {
		sc.toks = append(sc.toks[:before], tok{m.unk, 0, int32(len(w))})
	}
}
