package postings

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
)

// MaxID is the highest id of a document.
const MaxID = 1<<30 - 1

// Gone in the argument of [Index.Renumber] stands for a document that is left out.
const Gone = ^uint32(0)

// Term is a term of a document or query.
//
// ID is a number of the caller's or a good hash of 64 bits: of a million different
// terms two then have the same one with probability 3e-8. Such terms are one, so a
// search for one finds documents with the other; nothing worse follows, also if
// somebody chooses terms to collide.
//
// Weight is a frequency or a weight; see [Scoring]. Those of a term that comes
// several times are added up.
type Term struct {
	ID     uint64
	Weight float32
}

// Index is an inverted index. Its methods may be called at any time from any
// goroutine; writers take turns, and a search sees a document whole or not at all.
type Index struct {
	opt     Options
	writing sync.Mutex // held by a writer; taken before mu
	terms   []Term     // scratch of the writer

	mu      sync.RWMutex
	lists   map[uint64]*list
	live    []uint64  // bits: documents that are not deleted
	lengths []float32 // of the documents with BM25
	total   float64   // of the lengths of live documents
	next    uint32    // the lowest id that may be added
	count   int       // live documents
	dead    int       // deleted documents with postings
}

// New returns an empty index, or an error wrapping quintet.ErrOption.
func New(o Options) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Index{opt: o, lists: map[uint64]*list{}}, nil
}

// Add adds a document. Terms whose weight, after adding up, is 0 or not finite are
// left out, and with BM25 those with a negative one; there a frequency above 2^24
// counts as that. A document left without terms counts all the same. The cost is O(t log t) for t terms. Terms are not
// kept.
//
// Ids rise from call to call, also over those of deleted documents. Add panics if
// id is not above all before or exceeds [MaxID]: bugs of this module.
func (ix *Index) Add(id uint32, terms []Term) {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	if id < ix.next || id > MaxID {
		panic(fmt.Sprintf("postings: document %d, want %d to %d", id, ix.next, MaxID))
	}
	ix.terms = ix.frequencies(append(ix.terms[:0], terms...))
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.enter(id)
	length := sum(ix.terms)
	s := ix.measure(id, length)
	for _, t := range ix.terms {
		ix.list(t.ID).add(&s, id, t.Weight, length)
	}
}

// enter makes id a live document.
func (ix *Index) enter(id uint32) {
	ix.live = extend(ix.live, int(id>>6)+1)
	ix.live[id>>6] |= 1 << (id & 63)
	ix.next = id + 1
	ix.count++
}

// measure notes the length of a document and returns how postings are scored from
// then on.
func (ix *Index) measure(id uint32, length float32) scorer {
	if ix.opt.Scoring == BM25 {
		ix.lengths = extend(ix.lengths, int(id)+1)
		ix.lengths[id] = length
		ix.total += float64(length)
	}
	return ix.scorer()
}

// sum is the length of a document with tidy terms.
func sum(terms []Term) float32 {
	x := 0.0
	for _, t := range terms {
		x += float64(t.Weight)
	}
	return float32(x)
}

func (ix *Index) scorer() scorer { return newScorer(ix.opt, ix.total/float64(max(ix.count, 1))) }

func (ix *Index) list(term uint64) *list {
	l := ix.lists[term]
	if l == nil {
		l = new(list)
		ix.lists[term] = l
	}
	return l
}

// extend returns s with at least n elements, the new ones zero.
func extend[E any](s []E, n int) []E {
	if n <= len(s) {
		return s
	}
	old := len(s)
	s = slices.Grow(s, n-old)[:n]
	clear(s[old:])
	return s
}

// frequencies is tidy for documents.
func (ix *Index) frequencies(terms []Term) []Term {
	terms = tidy(terms)
	if ix.opt.Scoring == Dot {
		return terms
	}
	kept := terms[:0]
	for _, t := range terms {
		if t.Weight > 0 {
			kept = append(kept, Term{t.ID, min(t.Weight, maxFrequency)})
		}
	}
	return kept
}

// maxFrequency is the number up to which float32 counts.
const maxFrequency = 1 << 24

// tidy sorts terms by ID, adds up those with the same one and drops those that
// cannot score.
func tidy(terms []Term) []Term {
	slices.SortFunc(terms, func(a, b Term) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Weight, b.Weight))
	})
	kept := terms[:0]
	for i := 0; i < len(terms); {
		t := terms[i]
		for i++; i < len(terms) && terms[i].ID == t.ID; i++ {
			t.Weight += terms[i].Weight
		}
		if t.Weight != 0 && math.Abs(float64(t.Weight)) <= math.MaxFloat32 {
			kept = append(kept, t)
		}
	}
	return kept
}

// Len returns the number of documents that are not deleted.
func (ix *Index) Len() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.count
}

// Stats describes an index.
type Stats struct {
	Docs     int   // documents that are not deleted
	Dead     int   // deleted documents whose postings are still in memory
	Terms    int   // different terms
	Postings int   // pairs of a term and a document
	Bytes    int64 // memory, nearly
}

// Stats takes O(number of blocks).
func (ix *Index) Stats() Stats {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s := Stats{Docs: ix.count, Dead: ix.dead, Terms: len(ix.lists)}
	s.Bytes = int64(8*cap(ix.live) + 4*cap(ix.lengths))
	for _, l := range ix.lists {
		s.Postings += l.postings()
		s.Bytes += l.bytes()
	}
	return s
}
