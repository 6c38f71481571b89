package vector

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/postings"
)

// Fusion says how the results by vector and by text become one ranking.
type Fusion int

// The ways to fuse.
const (
	ByRank  Fusion = iota // reciprocal rank fusion, see [FuseRRF]
	ByScore               // the sum of scaled scores, see [FuseScores]
)

// words is the index of the texts of a collection. Its documents are numbered in the
// order in which they came.
type words struct {
	index   *postings.Index
	slots   []uint32  // of each document
	readers sync.Pool // of *reader
}

// reader is the memory of reading one text.
type reader struct {
	analyzer english.Analyzer
	tokens   []english.Token
	terms    []postings.Term
	hits     []postings.Hit
	searcher postings.Searcher
}

func newWords() (*words, error) {
	ix, err := postings.New(postings.Options{})
	return &words{index: ix, readers: sync.Pool{New: func() any { return new(reader) }}}, err
}

// read fills the terms of a text.
func (r *reader) read(text string) {
	r.tokens, r.terms = r.analyzer.Append(r.tokens[:0], text), r.terms[:0]
	for _, t := range r.tokens {
		r.terms = append(r.terms, postings.Term{ID: t.Hash, Weight: 1})
	}
}

// terms returns those of a text, for the caller to keep.
func (w *words) terms(text string) []postings.Term {
	if text == "" {
		return nil
	}
	r := w.readers.Get().(*reader)
	defer w.readers.Put(r)
	r.read(text)
	return append([]postings.Term(nil), r.terms...)
}

// reword makes terms the document of a slot instead of what old was.
func (c *Collection[K]) reword(at uint32, old string, terms []postings.Term) {
	w, s := c.words, &c.slots[at]
	if s.document > 0 {
		w.index.Delete(s.document-1, w.terms(old))
		s.document = 0
	}
	if len(terms) == 0 {
		return
	}
	if len(w.slots) > 4096+2*w.index.Len() {
		c.renumber()
	}
	w.index.Add(uint32(len(w.slots)), terms)
	w.slots = append(w.slots, at)
	s.document = uint32(len(w.slots))
}

// indexTexts makes the index of the texts that are there, if the options want one.
func (c *Collection[K]) indexTexts() (err error) {
	if !c.opt.TextIndex {
		return nil
	}
	if c.words, err = newWords(); err != nil {
		return err
	}
	for at := range c.slots {
		if text := c.slots[at].text; text != "" {
			c.reword(uint32(at), "", c.words.terms(text))
		}
	}
	return nil
}

// renumber drops the numbers of documents that are gone.
func (c *Collection[K]) renumber() {
	to := make([]uint32, len(c.words.slots))
	for i := range to {
		to[i] = postings.Gone
	}
	var slots []uint32
	for at := range c.slots {
		if s := &c.slots[at]; s.document > 0 {
			to[s.document-1] = uint32(len(slots))
			slots = append(slots, uint32(at))
			s.document = uint32(len(slots))
		}
	}
	c.words.index, c.words.slots = c.words.index.Renumber(to), slots
}

// relocate follows slots that were given other numbers.
func (c *Collection[K]) relocate() {
	if c.words == nil {
		return
	}
	for at := range c.slots {
		if d := c.slots[at].document; d > 0 {
			c.words.slots[d-1] = uint32(at)
		}
	}
}

// checkText refuses and fills in what belongs to a query with a text.
func (q Query) checkText(o Options) (Query, error) {
	switch {
	case !o.TextIndex:
		return q, fmt.Errorf("query has a text, the collection no TextIndex: %w", quintet.ErrInput)
	case q.Fusion < ByRank || q.Fusion > ByScore:
		return q, fmt.Errorf("unknown fusion %d: %w", int(q.Fusion), quintet.ErrInput)
	case !(q.TextWeight >= 0 && q.TextWeight <= math.MaxFloat32): // NaN too
		return q, fmt.Errorf("TextWeight is %v: %w", q.TextWeight, quintet.ErrInput)
	case q.Candidates < 0:
		return q, fmt.Errorf("Candidates is %d: %w", q.Candidates, quintet.ErrInput)
	}
	if q.TextWeight == 0 {
		q.TextWeight = 1
	}
	q, err := q.check(o)
	if q.Candidates == 0 {
		q.Candidates = max(100, 4*min(q.K, math.MaxInt32))
	}
	q.Candidates = max(q.Candidates, q.K)
	return q, err
}

// hybrid answers a query with a text, and with a vector or without.
func (c *Collection[K]) hybrid(ctx context.Context, q Query) ([]Hit[K], error) {
	q, err := q.checkText(c.opt)
	if err != nil {
		return nil, err
	}
	if len(q.Vector) == 0 {
		return c.searchText(ctx, q, q.K)
	}
	near := q
	near.Text, near.K = "", q.Candidates
	byVector, err := c.search(ctx, near)
	if err != nil {
		return nil, err
	}
	byText, err := c.searchText(ctx, q, q.Candidates)
	if err != nil {
		return nil, err
	}
	o := FuseOptions{Limit: q.K, Weights: []float64{1, q.TextWeight}}
	if q.Fusion == ByScore {
		return FuseScores(o, byVector, byText)
	}
	return FuseRRF(o, byVector, byText)
}

// searchText returns the k items whose texts match best.
func (c *Collection[K]) searchText(ctx context.Context, q Query, k int) ([]Hit[K], error) {
	r := c.words.readers.Get().(*reader)
	defer c.words.readers.Put(r)
	r.read(q.Text)
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	r.hits = c.words.index.Search(r.hits[:0], r.terms, k, c.documents(q.Filter), &r.searcher)
	hits := make([]Hit[K], len(r.hits))
	for i, h := range r.hits {
		s := &c.slots[c.words.slots[h.ID]]
		hits[i] = Hit[K]{ID: s.id, Score: h.Score, Distance: -h.Score, Meta: s.meta.copied()}
	}
	return hits, nil
}

// documents returns those that a filter lets pass; nil is all.
func (c *Collection[K]) documents(f Filter) []uint64 {
	if f.n == nil {
		return nil
	}
	pass := make([]uint64, (len(c.words.slots)+63)/64)
	for at := range c.slots {
		if s := &c.slots[at]; s.document > 0 && f.match(s.meta) {
			d := s.document - 1
			pass[d/64] |= 1 << (d % 64)
		}
	}
	return pass
}
