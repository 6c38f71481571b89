package text

import (
	"iter"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/english"
)

// IndexHit is a document that a search found.
type IndexHit struct {
	ID      string  `json:"id"`
	Score   float64 `json:"score"`   // BM25, above 0; of one query only to be compared
	Snippet string  `json:"snippet"` // of the body, where most terms of the query stand; it shares its memory
	Place   Span    `json:"place"`   // of Snippet in the body

	// Highlights are the words of Snippet that are terms of the query: not empty,
	// in order, not overlapping.
	Highlights []Span `json:"highlights,omitempty"`
}

// Parts yields Snippet in pieces, each with whether it is highlighted; none is empty.
// Who makes HTML of them must escape each.
func (h IndexHit) Parts() iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		end := 0
		for _, s := range h.Highlights {
			if s.Start > end && !yield(h.Snippet[end:s.Start], false) || !yield(s.Of(h.Snippet), true) {
				return
			}
			end = s.End
		}
		if end < len(h.Snippet) {
			yield(h.Snippet[end:], false)
		}
	}
}

// Search returns the at most n documents that match the query best, best first; of
// equal ones the first added. There are fewer only if fewer have a term of the query:
// for one without terms, and for n below 1, none.
//
// A snippet has SnippetBytes of the body at most. It holds the stretch of the body
// with most different terms of the query, then with most of them in all, then the
// first, and as much around it as fits. It is cut at white space, or where there is
// none between characters. The cost is that of the search, see [Index], plus
// O(len(query)) and O(bytes) of the n bodies.
func (ix *Index) Search(query string, n int) []IndexHit {
	r := ix.reader()
	defer ix.readers.Put(r)
	terms := r.read(query)
	if n <= 0 || len(terms) == 0 {
		return nil
	}
	wanted := make(map[uint64]int, len(terms))
	for _, t := range terms {
		wanted[t.ID] = 0
	}
	ix.mu.RLock()
	r.hits = ix.words.Search(r.hits[:0], terms, n, nil, &r.searcher)
	found := make([]Document, len(r.hits))
	for i, h := range r.hits {
		found[i] = ix.docs[h.ID]
	}
	ix.mu.RUnlock()
	hits := make([]IndexHit, len(found))
	for i, d := range found {
		hits[i] = IndexHit{ID: d.ID, Score: r.hits[i].Score}
		hits[i].cut(d.Body, r.matches(d.Body, wanted), wanted, ix.opt.SnippetBytes)
	}
	return hits
}

// matches returns the tokens of a body that are wanted, valid until the next call.
func (r *indexReader) matches(body string, wanted map[uint64]int) []english.Token {
	r.tokens = r.analyzer.Append(r.tokens[:0], body)
	kept := r.tokens[:0]
	for _, t := range r.tokens {
		if _, ok := wanted[t.Hash]; ok {
			kept = append(kept, t)
		}
	}
	return kept
}

// cut chooses the snippet and marks the matches in it.
func (h *IndexHit) cut(body string, matches []english.Token, counts map[uint64]int, limit int) {
	first, last := bestWindow(matches, counts, limit)
	core := Span{}
	if len(matches) > 0 {
		core = Span{matches[first].Start, matches[last].End}
	}
	h.Place = widen(body, core, limit)
	h.Snippet = h.Place.Of(body)
	for _, m := range matches {
		s := Span{max(m.Start, h.Place.Start), min(m.End, h.Place.End)}
		whole := s.Start == m.Start && s.End == m.End
		if s.Start >= s.End || !whole && m.End-m.Start <= limit {
			continue
		}
		s.Start, s.End = s.Start-h.Place.Start, s.End-h.Place.Start
		if n := len(h.Highlights); n > 0 && s.Start < h.Highlights[n-1].End { // pairs of ideographs
			h.Highlights[n-1].End = max(h.Highlights[n-1].End, s.End)
			continue
		}
		h.Highlights = append(h.Highlights, s)
	}
}

// bestWindow returns the first and the last of the matches of a window of at most
// limit bytes that has most different terms, then most matches, and is the first
// such. Counts has all terms with 0, and has so again afterwards.
func bestWindow(matches []english.Token, counts map[uint64]int, limit int) (first, last int) {
	distinct, mostDistinct, most, from := 0, 0, 0, 0
	for to, m := range matches {
		if counts[m.Hash]++; counts[m.Hash] == 1 {
			distinct++
		}
		for ; from < to && m.End-matches[from].Start > limit; from++ {
			if counts[matches[from].Hash]--; counts[matches[from].Hash] == 0 {
				distinct--
			}
		}
		if n := to - from + 1; distinct > mostDistinct || distinct == mostDistinct && n > most {
			mostDistinct, most, first, last = distinct, n, from, to
		}
	}
	for ; from < len(matches); from++ {
		counts[matches[from].Hash]--
	}
	return first, last
}

// widen returns a span of at most limit bytes around core, or of its beginning if it
// is longer, with as much before it as behind it where the body has that.
func widen(body string, core Span, limit int) Span {
	if core.Len() >= limit {
		return Span{core.Start, runeBefore(body, core.Start+limit)}
	}
	start := max(0, core.Start-(limit-core.Len())/2)
	end := min(len(body), start+limit)
	start = max(0, end-limit)
	if start > 0 {
		start = spaceAfter(body, start, core.Start)
	}
	if end < len(body) {
		end = spaceBefore(body, end, core.End)
	}
	for start < core.Start && classOf[body[start]]&spaceByte != 0 {
		start++
	}
	for end > core.End && classOf[body[end-1]]&spaceByte != 0 {
		end--
	}
	return Span{start, end}
}

// spaceAfter returns the first place from i on, up to limit, that is behind white
// space, or without any the first that is between characters.
func spaceAfter(body string, i, limit int) int {
	for at := i; at <= limit; at++ {
		if classOf[body[at-1]]&spaceByte != 0 {
			return at
		}
	}
	for i < limit && !utf8.RuneStart(body[i]) {
		i++
	}
	return i
}

// spaceBefore returns the last place up to i, from limit on, that is before white
// space, or without any the last that is between characters.
func spaceBefore(body string, i, limit int) int {
	for at := i; at >= limit; at-- {
		if classOf[body[at]]&spaceByte != 0 {
			return at
		}
	}
	return max(limit, runeBefore(body, i))
}

// runeBefore returns the last place up to i that is between characters. Of bytes
// that are not UTF-8 it goes back three at most.
func runeBefore(body string, i int) int {
	for back := i; back > 0 && back > i-utf8.UTFMax && back < len(body); back-- {
		if utf8.RuneStart(body[back]) {
			return back
		}
	}
	return i
}
