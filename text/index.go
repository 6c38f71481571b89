package text

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/postings"
)

// Index finds documents by their words: full-text search in memory, ranked by BM25
// (Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
// 2009), with a snippet of each hit.
//
// Terms are the stems of words in lower case. English function words, such as "the",
// are none. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are searched by
// pairs of letters. A query is a bag of words: it has no operators, and a document
// needs to have one of its terms only.
//
// It keeps the bodies, and about 5 bytes for each different word of each document
// beside them. It is safe for concurrent use: a search sees a document whole or not
// at all, and waits while one is put in.
type Index struct {
	opt     IndexOptions
	readers sync.Pool // of *indexReader

	writing sync.Mutex // held by a writer; taken before mu

	mu      sync.RWMutex
	words   *postings.Index
	docs    []Document        // by their number in words; zero if they are gone
	numbers map[string]uint32 // by ID
	bytes   int               // of the documents
}

// indexReader is the memory of reading one text.
type indexReader struct {
	analyzer english.Analyzer
	tokens   []english.Token
	terms    []postings.Term
	hits     []postings.Hit
	searcher postings.Searcher
}

// NewIndex returns an empty index, or an error wrapping [quintet.ErrOption].
func NewIndex(o IndexOptions) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	words, err := postings.New(postings.Options{K1: o.K1, B: o.B})
	if err != nil {
		return nil, fmt.Errorf("text: index: %w", err)
	}
	return &Index{
		opt: o, words: words, numbers: map[string]uint32{},
		readers: sync.Pool{New: func() any { return new(indexReader) }},
	}, nil
}

// Add puts documents in. One whose ID is there already, or stands earlier among docs,
// replaces that document. A document without an ID, or one that the limits of the
// options leave no room for, is an error wrapping [quintet.ErrInput], and then none of
// docs is added. The bodies are kept. The cost is O(bytes), and now and then that of
// going through the whole index to drop what was deleted or replaced.
func (ix *Index) Add(docs ...Document) error {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	if err := ix.admit(docs); err != nil {
		return err
	}
	r := ix.reader()
	defer ix.readers.Put(r)
	for _, d := range docs {
		r.read(d.Body)
		added := slices.Clone(r.terms)
		var replaced []postings.Term
		at, old := ix.numbers[d.ID]
		if old {
			replaced = r.read(ix.docs[at].Body)
		}
		ix.mu.Lock()
		if old {
			ix.remove(d.ID, replaced)
		}
		ix.insert(d, added)
		ix.mu.Unlock()
	}
	return nil
}

// admit checks documents against the limits.
func (ix *Index) admit(docs []Document) error {
	total, sizes := ix.bytes, map[string]int{}
	for i, d := range docs {
		size := documentSize(d)
		switch {
		case d.ID == "":
			return fmt.Errorf("text: document %d has no ID: %w", i, quintet.ErrInput)
		case size > ix.opt.MaxBytes:
			return fmt.Errorf("text: document %d has %d bytes, limit %d: %w", i, size, ix.opt.MaxBytes, quintet.ErrInput)
		}
		old, again := sizes[d.ID]
		if at, ok := ix.numbers[d.ID]; ok && !again {
			old = documentSize(ix.docs[at])
		}
		sizes[d.ID] = size
		total += size - old
	}
	if total > ix.opt.MaxTotalBytes {
		return fmt.Errorf("text: index of %d bytes, limit %d: %w", total, ix.opt.MaxTotalBytes, quintet.ErrInput)
	}
	if n := len(ix.numbers) + len(sizes); n > maxIndexed {
		return fmt.Errorf("text: index of %d documents, limit %d: %w", n, maxIndexed, quintet.ErrInput)
	}
	return nil
}

// maxIndexed keeps the numbers of documents, with those of deleted ones, below the
// limit of postings.
const maxIndexed = postings.MaxID / 4

func documentSize(d Document) int { return len(d.ID) + len(d.Body) }

// insert puts a document in whose ID is not there. The caller holds mu.
func (ix *Index) insert(d Document, terms []postings.Term) {
	if len(ix.docs) > 4096+2*len(ix.numbers) {
		ix.renumber()
	}
	at := uint32(len(ix.docs))
	ix.words.Add(at, terms)
	ix.docs = append(ix.docs, d)
	ix.numbers[d.ID] = at
	ix.bytes += documentSize(d)
}

// remove takes a document out that has the terms. The caller holds mu.
func (ix *Index) remove(id string, terms []postings.Term) {
	at := ix.numbers[id]
	ix.words.Delete(at, terms)
	ix.bytes -= documentSize(ix.docs[at])
	ix.docs[at] = Document{}
	delete(ix.numbers, id)
}

// renumber drops the numbers of documents that are gone. The order stays.
func (ix *Index) renumber() {
	to := make([]uint32, len(ix.docs))
	var docs []Document
	for i, d := range ix.docs {
		to[i] = postings.Gone
		if d.ID != "" {
			to[i] = uint32(len(docs))
			ix.numbers[d.ID] = to[i]
			docs = append(docs, d)
		}
	}
	ix.words, ix.docs = ix.words.Renumber(to), docs
}

// Delete takes documents out and returns how many of them were there. The cost is
// that of adding them.
func (ix *Index) Delete(ids ...string) (n int) {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	r := ix.reader()
	defer ix.readers.Put(r)
	for _, id := range ids {
		at, ok := ix.numbers[id]
		if !ok {
			continue
		}
		terms := r.read(ix.docs[at].Body)
		ix.mu.Lock()
		ix.remove(id, terms)
		ix.mu.Unlock()
		n++
	}
	return n
}

// Document returns the document with an ID, and whether it is there.
func (ix *Index) Document(id string) (d Document, ok bool) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	at, ok := ix.numbers[id]
	if !ok {
		return Document{}, false
	}
	return ix.docs[at], true
}

// IDs returns those of all documents, in alphabetical order.
func (ix *Index) IDs() []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return slices.Sorted(maps.Keys(ix.numbers))
}

// Len returns the number of documents.
func (ix *Index) Len() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return len(ix.numbers)
}

func (ix *Index) reader() *indexReader { return ix.readers.Get().(*indexReader) }

// read returns the terms of a text, valid until the next call.
func (r *indexReader) read(s string) []postings.Term {
	r.tokens, r.terms = r.analyzer.Append(r.tokens[:0], s), r.terms[:0]
	for _, t := range r.tokens {
		r.terms = append(r.terms, postings.Term{ID: t.Hash, Weight: 1})
	}
	return r.terms
}
