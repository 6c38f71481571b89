package postings

import "slices"

// Delete deletes a document and reports whether it was there. Terms are those that
// it was added with; without them BM25 takes it to have its terms still until its
// postings are dropped, so that these look more frequent than they are. The cost is
// O(t log t) for t terms, and now and then that of dropping all that is deleted.
func (ix *Index) Delete(id uint32, terms []Term) bool {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	ix.terms = ix.frequencies(append(ix.terms[:0], terms...))
	if !ix.bury(id) {
		return false
	}
	if ix.dead > 32+ix.count/4 { // more than a fifth of all
		ix.drop()
	}
	return true
}

// bury takes a document out of the statistics.
func (ix *Index) bury(id uint32) bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if !has(ix.live, id) {
		return false
	}
	ix.live[id>>6] &^= 1 << (id & 63)
	ix.count--
	ix.dead++
	if ix.opt.Scoring == BM25 {
		ix.total -= float64(ix.lengths[id])
	}
	if ix.count == 0 {
		ix.total = 0 // without the rounding of the sums
	}
	for _, t := range ix.terms {
		if l := ix.lists[t.ID]; l != nil && l.docs > 0 {
			l.docs--
		}
	}
	return true
}

// has reports whether id is in the set: bit id%64 of word id/64.
func has(bits []uint64, id uint32) bool {
	return int(id>>6) < len(bits) && bits[id>>6]>>(id&63)&1 == 1
}

// drop takes the postings of deleted documents out of all lists, letting searches
// in between. The caller is the only writer.
func (ix *Index) drop() {
	for term, l := range ix.lists {
		kept := ix.without(l)
		ix.mu.Lock()
		if *l = kept; len(kept.blocks) == 0 {
			delete(ix.lists, term)
		}
		ix.mu.Unlock()
	}
	ix.mu.Lock()
	ix.dead = 0
	ix.mu.Unlock()
}

// without returns a copy of the list that has live documents only.
func (ix *Index) without(l *list) (kept list) {
	s := ix.scorer()
	l.each(func(id uint32, weight float32) {
		if has(ix.live, id) {
			kept.add(&s, id, weight, ix.lengthOf(id))
		}
	})
	kept.blocks = slices.Clip(kept.blocks)
	return kept
}

func (ix *Index) lengthOf(id uint32) float32 {
	if ix.opt.Scoring == Dot {
		return 0
	}
	return ix.lengths[id]
}
