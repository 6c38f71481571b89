package vector

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// MultiQuery asks for the documents nearest to several vectors together.
type MultiQuery struct {
	// Vectors are what to search for, 1 to [MaxQueryVectors]; each obeys the
	// rules of stored vectors.
	Vectors [][]float32

	// K is the most hits to return; there are fewer only if fewer documents
	// match. Default: 10.
	K int

	// Filter leaves out documents. Default: all match.
	Filter Filter

	// Candidates is how many of the nearest stored vectors of each query vector
	// are looked up; their documents are ranked. More find more of the best
	// documents, more slowly. Default: 4·K, at least 64.
	Candidates int

	// Ef is that of [Query], for each query vector.
	Ef int

	// Exact ranks all documents.
	Exact bool
}

// withDefaults bounds the numbers by those of the n parts that there are.
func (q MultiQuery) withDefaults(n int) (MultiQuery, error) {
	switch {
	case len(q.Vectors) < 1 || len(q.Vectors) > MaxQueryVectors:
		return q, fmt.Errorf("%d vectors, want 1 to %d: %w", len(q.Vectors), MaxQueryVectors, quintet.ErrInput)
	case q.K < 0:
		return q, fmt.Errorf("K is %d: %w", q.K, quintet.ErrInput)
	case q.Candidates < 0:
		return q, fmt.Errorf("Candidates is %d: %w", q.Candidates, quintet.ErrInput)
	}
	q.K = min(cmp.Or(q.K, DefaultK), max(n, 1))
	q.Candidates = min(cmp.Or(q.Candidates, max(4*q.K, 64)), max(n, 1))
	return q, nil
}

// Search returns the q.K documents with the highest max-sim that match q.Filter, best
// first; documents of equal Score come in insertion order. Their Distance is the sum
// of the least distances, which for L2 need not have the order of the scores.
//
// The documents of q.Candidates vectors for each vector of the query are ranked by
// all their vectors. So scores are exact, but a document with no vector among those is
// missed, unless q.Exact; fewer than K of them make it look up more. It takes as long
// as a [Collection.SearchBatch] of the query's vectors, and O(Dim) for each pair of a
// vector of the query and one of a ranked document.
func (m *MultiCollection[K]) Search(ctx context.Context, q MultiQuery) ([]Hit[K], error) {
	hits, err := m.search(ctx, q)
	if err != nil {
		return nil, fail("Search", -1, err)
	}
	return hits, nil
}

func (m *MultiCollection[K]) search(ctx context.Context, q MultiQuery) ([]Hit[K], error) {
	q, err := q.withDefaults(m.parts.Len())
	if err != nil {
		return nil, err
	}
	r, err := newMaxSim(m.parts.opt, q.Vectors)
	if err != nil {
		return nil, err
	}
	if _, err := (Query{Filter: q.Filter, Ef: q.Ef}).check(m.parts.opt); err != nil {
		return nil, err
	}
	if q.Exact {
		return m.rank(ctx, q, r, nil)
	}
	for {
		docs, more, err := m.candidates(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(docs) >= q.K || !more {
			return m.rank(ctx, q, r, docs)
		}
		q.Candidates = 4 * min(q.Candidates, math.MaxInt/4)
	}
}

// docSet holds documents as partCodec.doc returns them.
type docSet map[string]struct{}

// candidates returns the documents of the nearest parts, and whether there are more
// parts.
func (m *MultiCollection[K]) candidates(ctx context.Context, q MultiQuery) (docs docSet, more bool, err error) {
	docs = docSet{}
	qs := make([]Query, len(q.Vectors))
	for i, v := range q.Vectors {
		qs[i] = Query{Vector: v, K: q.Candidates, Filter: q.Filter, Ef: q.Ef}
	}
	for chunk := range slices.Chunk(qs, batch) { // so that not all hits are held at once
		lists, err := m.parts.SearchBatch(ctx, chunk)
		if err != nil {
			return nil, false, bare(err)
		}
		for _, hits := range lists {
			more = more || len(hits) == q.Candidates
			for _, h := range hits {
				docs[docOf(h.ID)] = struct{}{}
			}
		}
	}
	return docs, more, nil
}

// ranked is a document with its max-sim.
type ranked struct {
	at              uint32 // the slot of its head
	score, distance float64
}

// rank returns the best of some documents, or of all if docs is nil.
func (m *MultiCollection[K]) rank(ctx context.Context, q MultiQuery, r *maxSim, docs docSet) ([]Hit[K], error) {
	m.parts.mu.RLock()
	defer m.parts.mu.RUnlock()
	if err := m.parts.usable(ctx); err != nil {
		return nil, err
	}
	best := bestOf{k: q.K}
	if docs == nil {
		for at := range m.parts.slots {
			s := &m.parts.slots[at]
			if at&255 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if s.live && partOf(s.id) == 0 {
				m.rankOne(docOf(s.id), q, r, &best)
			}
		}
	}
	for doc := range docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.rankOne(doc, q, r, &best)
	}
	return m.hits(best.sorted())
}

func (m *MultiCollection[K]) rankOne(doc string, q MultiQuery, r *maxSim, best *bestOf) {
	at, n, ok := m.head(doc)
	if !ok || !q.Filter.match(m.parts.slots[at].meta) {
		return // it was changed since it was found
	}
	r.reset()
	for row := range m.vectors(doc, n) {
		r.add(row)
	}
	score, distance := r.sums()
	best.add(ranked{at: at, score: score, distance: distance})
}

func (m *MultiCollection[K]) hits(docs []ranked) ([]Hit[K], error) {
	hits := make([]Hit[K], len(docs))
	for i, d := range docs {
		s := &m.parts.slots[d.at]
		id, err := m.keys.id(docOf(s.id))
		if err != nil {
			return nil, err
		}
		hits[i] = Hit[K]{ID: id, Score: d.score, Distance: d.distance, Meta: s.meta.copied()}
	}
	return hits, nil
}

// maxSim adds up how near the vectors of a document come to each one of a query.
type maxSim struct {
	opt    Options
	query  []float32 // rows
	stride int
	ranks  []float32 // of the last vector to each row
	least  []float32 // of all since reset
}

func newMaxSim(o Options, query [][]float32) (*maxSim, error) {
	stride := newRows(o).lay.Stride()
	r := &maxSim{opt: o, stride: stride, query: make([]float32, len(query)*stride)}
	for i, v := range query {
		scale, err := o.Metric.scale(v, o.Dim)
		if err != nil {
			return nil, fmt.Errorf("vector %d: %w", i, err)
		}
		scaled(r.query[i*stride:(i+1)*stride], v, scale)
	}
	r.ranks, r.least = make([]float32, len(query)), make([]float32, len(query))
	return r, nil
}

func (r *maxSim) reset() {
	for i := range r.least {
		r.least[i] = float32(math.Inf(1))
	}
}

// add takes a padded vector. That of the document is compared with the rows of the
// query, not the other way round: there one call of the kernel does for all.
func (r *maxSim) add(row []float32) {
	if r.opt.Metric.squares() {
		simd.SquaredL2Rows(r.ranks, row, r.query, r.stride, nil)
		for i, rank := range r.ranks {
			r.least[i] = min(r.least[i], rank)
		}
		return
	}
	simd.DotRows(r.ranks, row, r.query, r.stride, nil)
	for i, dot := range r.ranks {
		r.least[i] = min(r.least[i], -dot)
	}
}

func (r *maxSim) sums() (score, distance float64) {
	for _, rank := range r.least {
		s, d := r.opt.measures(r.opt.Metric.clampRank(rank))
		score, distance = score+s, distance+d
	}
	return score, distance
}

// bestOf keeps the k best documents and now and then up to as many others.
type bestOf struct {
	k    int
	docs []ranked
}

func (b *bestOf) add(d ranked) {
	b.docs = append(b.docs, d)
	if len(b.docs) >= 2*b.k+1024 {
		b.docs = b.sorted()
	}
}

func (b *bestOf) sorted() []ranked {
	slices.SortFunc(b.docs, func(x, y ranked) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.at, y.at))
	})
	return b.docs[:min(b.k, len(b.docs))]
}
