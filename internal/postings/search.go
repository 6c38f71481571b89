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
	case allowed <= fewAllowed:
		for at, word := range s.pass {
			for ; word != 0; word &= word - 1 {
				s.finish(base+uint32(at<<6+bits.TrailingZeros64(word)), 0, 0, false)
			}
		}
	default:
		for i := range n {
			s.add(&s.cursors[i], base)
		}
		s.harvest(base, n)
	}
}

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

// harvest finishes the documents of a window that have one of the first n cursors,
// in rising order, and leaves the sums zero.
func (s *Searcher) harvest(base uint32, n int) {
	for at, word := range s.touched {
		s.touched[at] = 0
		for ; word != 0; word &= word - 1 {
			i := at<<6 + bits.TrailingZeros64(word)
			sum := s.sums[i]
			s.sums[i] = 0
			if s.pass[at]>>(i&63)&1 == 1 {
				s.finish(base+uint32(i), sum, n, true)
			}
		}
	}
}
