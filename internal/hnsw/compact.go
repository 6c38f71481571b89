package hnsw

import "sync/atomic"

// Gone is what [Index.Compact] says about ids that are no longer live.
const Gone = none

// Compact returns a copy of the index without what was deleted, and the new id of
// each old one, or [Gone]. New ids are dense and in the order in which a walk over
// the graph meets the nodes, so that neighbours lie near each other in memory;
// vectors that were not linked come last, in their old order. Nodes that no walk
// would meet are linked anew.
//
// The index itself stays as it is. Searches, Put, Stage, Show and Hide go on, Link
// and Delete wait. Vectors that are put meanwhile may be missing: the new ids end
// before theirs, or they are Gone. All of the copy is shown.
func (ix *Index) Compact() (*Index, []uint32) {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	t := ix.table.Load()
	order, reached, linked := ix.order(t)
	remap := make([]uint32, len(t.chunks)<<ix.lay.shift)
	for i := range remap {
		remap[i] = Gone
	}
	for to, from := range order {
		remap[from] = uint32(to)
	}
	n, err := New(ix.opt)
	if err != nil {
		panic(err) // the options were good before
	}
	n.walkAlways = ix.walkAlways
	var buf []float32
	for to, from := range order {
		n.Put(uint32(to), ix.row(t, from, &buf)[:ix.opt.Dim])
		if to < linked {
			n.copyLinks(ix, t, from, uint32(to), remap)
		}
	}
	if id, level, ok := ix.entryPoint(); ok {
		n.setEntry(remap[id], level)
	}
	n.recount()
	n.adoptUnreached(reached, linked)
	n.advance()
	if t.book != nil {
		n.Quantize(t.book.kind)
	}
	return n, remap
}

// order returns the live ids: those that a walk over the ground level from the
// entry meets, then other nodes, then what is not linked. The first reached and
// the first linked ones end these parts.
func (ix *Index) order(t *table) (ids []uint32, reached, linked int) {
	met := make([]bool, len(t.chunks)<<ix.lay.shift)
	visit := func(id uint32) {
		if !met[id] && ix.isLive(t, id) {
			met[id] = true
			ids = append(ids, id)
		}
	}
	if id, _, ok := ix.entryPoint(); ok {
		visit(id)
	}
	for at := 0; at < len(ids); at++ {
		for _, nb := range ix.links(t, ids[at], 0) {
			if nb != none {
				visit(nb)
			}
		}
	}
	reached = len(ids)
	for id := range met {
		if ix.isLinked(t, uint32(id)) {
			visit(uint32(id))
		}
	}
	linked = len(ids)
	for id := range met {
		visit(uint32(id))
	}
	return ids, reached, linked
}

// copyLinks gives id the links that a node of the other index has, by their new
// ids.
func (ix *Index) copyLinks(other *Index, t *table, from, id uint32, remap []uint32) {
	level := other.level(t, from)
	ix.reserveUpper(id, level)
	own := ix.table.Load()
	for l := range level + 1 {
		to := ix.links(own, id, l)[:0]
		for _, nb := range other.links(t, from, l) {
			if nb != none && remap[nb] != Gone {
				to = append(to, remap[nb])
			}
		}
	}
	c, i := ix.chunk(own, id)
	atomic.OrUint32(&c.linked[i>>5], 1<<(i&31))
	ix.nodes.Add(1)
}

// recount makes the in-degrees what the links say.
func (ix *Index) recount() {
	t := ix.table.Load()
	for _, c := range t.chunks {
		clear(c.inDegree)
	}
	for at, c := range t.chunks {
		for i := range 1 << ix.lay.shift {
			id := uint32(at<<ix.lay.shift + i)
			if !has(c.live, i) || !has(c.linked, i) {
				continue
			}
			for _, nb := range ix.links(t, id, 0) {
				if nb != none {
					ix.count(t, nb, 1)
				}
			}
		}
	}
}

// adoptUnreached links the nodes from id lo to hi-1 so that walks reach them.
func (ix *Index) adoptUnreached(lo, hi int) {
	s, t := new(Searcher), ix.table.Load()
	s.flip = MaxID
	for id := uint32(lo); id < uint32(hi); id++ {
		ix.adopt(s, t, id)
	}
}
