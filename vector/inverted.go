package vector

import (
	"sync"

	"github.com/quintet-ai/quintet/internal/postings"
)

// The inverted indexes that a collection may have.
const (
	ofTexts = iota
	ofSparse
	invertedKinds
)

// inverted finds items by the terms that they share with a query. Its documents are
// numbered in the order in which they came; slot.documents has the numbers.
type inverted struct {
	kind    int
	index   *postings.Index
	slots   []uint32  // of each document
	vectors []Sparse  // of each document, if it is one of these
	lookups sync.Pool // of *lookup
}

// lookup is the memory of one search.
type lookup struct {
	terms    []postings.Term
	hits     []postings.Hit
	searcher postings.Searcher
}

func newInverted(kind int, scoring postings.Scoring) *inverted {
	ix, err := postings.New(postings.Options{Scoring: scoring})
	if err != nil {
		panic(err) // all of these are good
	}
	return &inverted{kind: kind, index: ix, lookups: sync.Pool{New: func() any { return new(lookup) }}}
}

// forgetDocument takes out what a slot has in an index, whose terms it was old.
func (c *Collection[K]) forgetDocument(ix *inverted, at uint32, old []postings.Term) {
	d := &c.slots[at].documents[ix.kind]
	if *d == 0 {
		return
	}
	ix.index.Delete(*d-1, old)
	if ix.kind == ofSparse {
		ix.vectors[*d-1] = Sparse{}
	}
	*d = 0
}

// addDocument gives a slot that has none in an index one with the given terms.
func (c *Collection[K]) addDocument(ix *inverted, at uint32, terms []postings.Term) {
	if len(ix.slots) > 4096+2*ix.index.Len() {
		c.renumber(ix)
	}
	ix.index.Add(uint32(len(ix.slots)), terms)
	ix.slots = append(ix.slots, at)
	c.slots[at].documents[ix.kind] = uint32(len(ix.slots))
}

// renumber drops the numbers of documents that are gone.
func (c *Collection[K]) renumber(ix *inverted) {
	to := make([]uint32, len(ix.slots))
	for i := range to {
		to[i] = postings.Gone
	}
	var slots []uint32
	var vectors []Sparse
	for at := range c.slots {
		d := &c.slots[at].documents[ix.kind]
		if *d == 0 {
			continue
		}
		to[*d-1] = uint32(len(slots))
		if ix.kind == ofSparse {
			vectors = append(vectors, ix.vectors[*d-1])
		}
		slots = append(slots, uint32(at))
		*d = uint32(len(slots))
	}
	ix.index, ix.slots, ix.vectors = ix.index.Renumber(to), slots, vectors
}

// relocate follows slots that were given other numbers.
func (c *Collection[K]) relocate() {
	for _, ix := range []*inverted{c.words.inverted(), c.sparse} {
		if ix == nil {
			continue
		}
		for at := range c.slots {
			if d := c.slots[at].documents[ix.kind]; d > 0 {
				ix.slots[d-1] = uint32(at)
			}
		}
	}
}

// lookUp returns the k items with the highest scores for some terms. It is called
// with mu held.
func (c *Collection[K]) lookUp(ix *inverted, terms []postings.Term, k int, f Filter, l *lookup) []Hit[K] {
	l.hits = ix.index.Search(l.hits[:0], terms, k, c.documents(ix, f), &l.searcher)
	hits := make([]Hit[K], len(l.hits))
	for i, h := range l.hits {
		s := &c.slots[ix.slots[h.ID]]
		hits[i] = Hit[K]{ID: s.id, Score: h.Score, Distance: 0 - h.Score, Meta: s.meta.copied()}
	}
	return hits
}

// documents returns those that a filter lets pass; nil is all.
func (c *Collection[K]) documents(ix *inverted, f Filter) []uint64 {
	if f.n == nil {
		return nil
	}
	pass := make([]uint64, (len(ix.slots)+63)/64)
	for at := range c.slots {
		if s := &c.slots[at]; s.documents[ix.kind] > 0 && f.match(s.meta) {
			d := s.documents[ix.kind] - 1
			pass[d/64] |= 1 << (d % 64)
		}
	}
	return pass
}
