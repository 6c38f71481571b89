package postings

import (
	"cmp"
	"slices"
)

// window is how many ids a search looks at together: their sums fit the nearest
// cache.
const window = 2048

// Searcher is the memory of one search at a time, kept for the next. The zero value
// is ready.
type Searcher struct {
	terms   []Term
	order   []wanted
	cursors []cursor
	scorer  scorer
	lengths []float32 // of the index
	best    top
	margin  float64 // what rounding can make of the sums

	static []float64 // element i is what cursors from i on add at most
	rest   []float64 // that in the window

	pass  [window / 64]uint64 // ids of the window that are live and allowed
	found [window / 64]uint64 // those that may be among the best
	sums  [window]float64     // of the cursors that were added up
}

// wanted is a term of the query that the index has.
type wanted struct {
	list   *list
	factor float64
	most   float64 // that it adds
}

// aim makes cursors for the terms of q that the index has, those that can add most
// first: this is the order in which every score is added up.
func (s *Searcher) aim(ix *Index, q []Term, k int) {
	s.terms = tidy(append(s.terms[:0], q...))
	s.scorer, s.lengths = ix.scorer(), ix.lengths
	s.order = s.order[:0]
	for _, t := range s.terms {
		if l := ix.lists[t.ID]; l != nil {
			factor := s.scorer.factor(t.Weight, ix.count, l.docs)
			s.order = append(s.order, wanted{l, factor, s.scorer.limit(l.bound, factor)})
		}
	}
	slices.SortStableFunc(s.order, func(a, b wanted) int { return cmp.Compare(b.most, a.most) })
	n := len(s.order)
	s.cursors = slices.Grow(s.cursors[:0], n)[:n]
	s.static = extend(s.static[:0], n+1)
	s.rest = extend(s.rest[:0], n+1)
	sum := 0.0
	for i := n - 1; i >= 0; i-- {
		w := s.order[i]
		s.cursors[i].reset(w.list.blocks, w.factor)
		s.static[i] = s.static[i+1] + w.most
		sum += s.scorer.size(w.list.bound, w.factor)
	}
	// Each of n additions is off by at most 2^-53 of what was added so far.
	s.margin = 0
	if n > 1 {
		s.margin = float64(n) * sum * 0x1p-51
	}
	s.best.reset(min(k, ix.count))
}

// forget lets go of the memory of the index.
func (s *Searcher) forget() {
	clear(s.order)
	for i := range s.cursors {
		s.cursors[i].blocks = nil
	}
	s.lengths = nil
}

// needed returns how many of the cursors, from the first on, a document must have
// one of to be among the best, if those from i on add at most rest[i].
func (s *Searcher) needed(rest []float64) int {
	n := len(s.cursors)
	if !s.best.full() {
		return n
	}
	for n > 0 && s.best.excludes(rest[n-1]+s.margin) {
		n--
	}
	return n
}

// bounds fills rest for the window at base.
func (s *Searcher) bounds(base uint32) {
	n := len(s.cursors)
	s.rest[n] = 0
	for i := n - 1; i >= 0; i-- {
		c := &s.cursors[i]
		s.rest[i] = s.rest[i+1] + c.look(&s.scorer, base)
	}
}

// add adds up the postings of a cursor in the window at base, and puts their ids
// into found if they are to be.
func (s *Searcher) add(c *cursor, base uint32, find bool) {
	// The conversions to float64 keep processors that can from fusing a product
	// into a sum, so that scores do not depend on who adds up, this or finish.
	end := base + window
	for c.skip(base); c.before(end); c.at++ {
		c.open()
		lo, hi := c.span(base, end)
		ids, weights := c.page.ids[lo:hi], c.page.weights[lo:hi]
		if s.scorer.dot {
			for i, id := range ids {
				s.sums[id%window] += c.factor * float64(weights[i])
			}
		} else {
			flat, per := s.scorer.flat, s.scorer.per
			for i, id := range ids {
				w := float64(weights[i])
				s.sums[id%window] += float64(c.factor * (w / (w + flat + float64(per*float64(s.lengths[id])))))
			}
		}
		if find {
			for _, id := range ids {
				s.found[id%window>>6] |= 1 << (id & 63)
			}
		}
		if hi < c.n {
			return
		}
	}
}

// finish adds to the sum of a document what the cursors from i on have for it, and
// offers it if it shares a term, as it does if i is not 0. It gives up when the
// document cannot be among the best.
func (s *Searcher) finish(id uint32, sum float64, i int) {
	found := i > 0
	for ; i < len(s.cursors); i++ {
		if s.best.excludes(sum + s.rest[i] + s.margin) {
			return
		}
		c := &s.cursors[i]
		if c.skip(id); !c.before(id + 1) {
			continue
		}
		most := s.scorer.limit(c.blocks[c.at].bound, c.factor)
		if s.best.excludes(sum + most + s.rest[i+1] + s.margin) {
			return
		}
		if weight, ok := c.weight(id); ok {
			sum += s.scorer.score(c.factor, weight, s.length(id))
			found = true
		}
	}
	if found {
		s.best.offer(id, sum)
	}
}

func (s *Searcher) length(id uint32) float32 {
	if s.scorer.dot {
		return 0
	}
	return s.lengths[id]
}
