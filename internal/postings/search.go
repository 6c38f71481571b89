package postings

import "math/bits"

// Search appends to dst the k documents with the highest scores for the query q,
// best first, equal ones by rising id. They share at least one term with q, and
// their scores may be negative if weights are. With allow, which must not change
// meanwhile, only ids in it are found: bit id%64 of word id/64; nil allows all.
// Terms of q whose weight, after adding up, is 0 or not finite do not count.
//
// There are fewer than k only if fewer share a term. Scores are added up in float64,
// terms that can add most first; those of a document depend on nothing but the live
// documents and q, but for what [Index.Delete] says.
//
// It allocates nothing once s and dst have room; q is not kept.
func (ix *Index) Search(dst []Hit, q []Term, k int, allow []uint64, s *Searcher) []Hit {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if k <= 0 || ix.count == 0 {
		return dst
	}
	s.aim(ix, q, k)
	for base, ok := s.nextWindow(0); ok; base, ok = s.nextWindow(base + window) {
		s.search(ix, base, allow)
	}
	s.forget()
	return append(dst, s.best.sorted()...)
}

// nextWindow returns the first window from base on where a document can be among
// the best.
func (s *Searcher) nextWindow(base uint32) (next uint32, ok bool) {
	cursors := s.cursors[:s.needed(s.static)]
	for i := range cursors {
		if id, has := cursors[i].next(base); has && (!ok || id < next) {
			next, ok = id, true
		}
	}
	return next &^ (window - 1), ok
}

// fewAllowed is how many allowed documents of a window are looked up one by one,
// which is faster than adding up whole lists.
const fewAllowed = 16

func (s *Searcher) search(ix *Index, base uint32, allow []uint64) {
	allowed := s.allowed(ix, base, allow)
	if allowed == 0 {
		return
	}
	s.bounds(base)
	n := s.needed(s.rest)
	switch {
	case n == 0:
		return
	case allowed <= fewAllowed:
		s.offer(base, &s.pass, 0)
		return
	}
	clear(s.sums[:])
	for i := range n {
		s.add(&s.cursors[i], base, true)
	}
	for i := range s.found {
		s.found[i] &= s.pass[i]
	}
	for left := s.sift(n); n < len(s.cursors) && left*lookup > s.cursors[n].inWindow; left = s.sift(n) {
		s.add(&s.cursors[n], base, false)
		n++
	}
	s.offer(base, &s.found, n)
	clear(s.found[:])
}

// lookup is how many postings can be added up while one is looked up.
const lookup = 16

// allowed fills pass with the ids of a window that are live and allowed, and
// returns their number.
func (s *Searcher) allowed(ix *Index, base uint32, allow []uint64) (n int) {
	for i := range s.pass {
		at := int(base>>6) + i
		switch {
		case at >= len(ix.live), allow != nil && at >= len(allow):
			s.pass[i] = 0
		case allow == nil:
			s.pass[i] = ix.live[at]
		default:
			s.pass[i] = ix.live[at] & allow[at]
		}
		n += bits.OnesCount64(s.pass[i])
	}
	return n
}

// sift takes out of found what cannot be among the best, with the first n cursors
// added up, and returns the number of the others.
func (s *Searcher) sift(n int) (left int) {
	for at, word := range s.found {
		if s.best.full() {
			for rest := word; rest != 0; rest &= rest - 1 {
				bit := bits.TrailingZeros64(rest)
				if s.best.excludes(s.sums[at<<6+bit] + s.rest[n] + s.margin) {
					word &^= 1 << bit
				}
			}
			s.found[at] = word
		}
		left += bits.OnesCount64(word)
	}
	return left
}

// offer finishes the documents of a set in rising order. The first n cursors are
// added up; if there are none, it is not known whether a document has a term.
func (s *Searcher) offer(base uint32, set *[window / 64]uint64, n int) {
	for at, word := range set {
		for ; word != 0; word &= word - 1 {
			i := at<<6 + bits.TrailingZeros64(word)
			sum := 0.0
			if n > 0 {
				sum = s.sums[i]
			}
			s.finish(base+uint32(i), sum, n)
		}
	}
}
