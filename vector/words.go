package vector

import (
	"context"
	"sync"

	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/postings"
)

// words is the index of the texts of a collection.
type words struct {
	texts   *inverted
	readers sync.Pool // of *reader
}

// reader is the memory of reading one text.
type reader struct {
	analyzer english.Analyzer
	tokens   []english.Token
	terms    []postings.Term
}

func newWords() *words {
	return &words{
		texts:   newInverted(ofTexts, postings.BM25),
		readers: sync.Pool{New: func() any { return new(reader) }},
	}
}

// inverted is nil without words.
func (w *words) inverted() *inverted {
	if w == nil {
		return nil
	}
	return w.texts
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

// reword makes terms what is known of a slot instead of the text old.
func (c *Collection[K]) reword(at uint32, old string, terms []postings.Term) {
	if c.slots[at].documents[ofTexts] > 0 {
		c.forgetDocument(c.words.texts, at, c.words.terms(old))
	}
	if len(terms) > 0 {
		c.addDocument(c.words.texts, at, terms)
	}
}

// indexTexts makes the index of the texts that are there, if the options want one.
func (c *Collection[K]) indexTexts() {
	if !c.opt.TextIndex {
		return
	}
	c.words = newWords()
	for at := range c.slots {
		if text := c.slots[at].text; text != "" {
			c.reword(uint32(at), "", c.words.terms(text))
		}
	}
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
	texts := c.words.texts
	l := texts.lookups.Get().(*lookup)
	defer texts.lookups.Put(l)
	return c.lookUp(texts, r.terms, k, q.Filter, l), nil
}
