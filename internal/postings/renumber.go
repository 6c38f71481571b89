package postings

import (
	"cmp"
	"slices"
)

// Renumber returns an index of the live documents under new ids: to[id], or left
// out if that is [Gone]. It is for a caller who renumbers what the documents belong
// to. No two new ids are the same and none exceeds [MaxID]; they need not have the
// order of the old ones, and to has one for each live document. The index itself
// stays as it is; searches go on meanwhile, writers wait. The cost is O(p log p)
// for p postings.
func (ix *Index) Renumber(to []uint32) *Index {
	ix.writing.Lock()
	defer ix.writing.Unlock()
	out := &Index{opt: ix.opt, lists: make(map[uint64]*list, len(ix.lists))}
	for id, at := range to {
		if at != Gone && has(ix.live, uint32(id)) {
			next := max(out.next, at+1)
			out.enter(at)
			out.measure(at, ix.lengthOf(uint32(id)))
			out.next = next
		}
	}
	s := out.scorer()
	var moved []posting
	for term, l := range ix.lists {
		moved = moved[:0]
		l.each(func(id uint32, weight float32) {
			if has(ix.live, id) && to[id] != Gone {
				moved = append(moved, posting{to[id], weight})
			}
		})
		slices.SortFunc(moved, func(a, b posting) int { return cmp.Compare(a.id, b.id) })
		for _, p := range moved {
			out.list(term).add(&s, p.id, p.weight, out.lengthOf(p.id))
		}
	}
	return out
}

// posting is a document that has a term.
type posting struct {
	id     uint32
	weight float32
}
