package postings

// Naive is Search by the sum over all postings of the query: one pass over each
// list into an array of sums, then one over the documents.
func (ix *Index) Naive(dst []Hit, q []Term, k int, sums []float64) []Hit {
	s, best := ix.scorer(), top{k: k}
	clear(sums)
	var p page
	for _, t := range tidy(append([]Term(nil), q...)) {
		l := ix.lists[t.ID]
		if l == nil {
			continue
		}
		factor := s.factor(t.Weight, ix.count, l.docs)
		for i := range l.blocks {
			n := l.blocks[i].read(&p)
			for j, id := range p.ids[:n] {
				sums[id] += s.score(factor, p.weights[j], ix.lengthOf(id))
			}
		}
	}
	for id, sum := range sums {
		if sum != 0 && has(ix.live, uint32(id)) {
			best.offer(uint32(id), sum)
		}
	}
	return append(dst, best.sorted()...)
}
