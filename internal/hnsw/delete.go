package hnsw

import (
	"slices"
	"sync/atomic"
)

// Delete takes vectors out, hidden ones too, and returns how many of the ids were
// stored and not yet deleted. Their nodes stay as stepping stones until
// [Index.Compact], but the nodes that linked to them link around them. It waits for
// those who link and they wait for it; searches, Put, Show and Hide go on.
func (ix *Index) Delete(ids ...uint32) (n int) {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	s := ix.scratch.Get().(*Searcher)
	defer ix.scratch.Put(s)
	s.flip = MaxID
	t := ix.table.Load()
	for _, id := range ids {
		if int(id>>ix.lay.shift) < len(t.chunks) && ix.isLive(t, id) {
			ix.remove(s, t, id)
			n++
		}
	}
	ix.advance()
	return n
}

func (ix *Index) remove(s *Searcher, t *table, id uint32) {
	ix.hide(t, id)
	c, i := ix.chunk(t, id)
	atomic.AndUint32(&c.live[i>>5], ^uint32(1<<(i&31)))
	if !ix.isLinked(t, id) {
		atomic.OrUint32(&c.linked[i>>5], 1<<(i&31)) // never to be linked, nor put again
		return
	}
	if ix.nodes.Add(-1) == 0 {
		ix.entry.Store(0)
		return
	}
	ix.bypass(s, t, id)
	if entry, _, _ := ix.entryPoint(); entry == id {
		ix.findEntry(t)
	}
	ix.adoptOrphans(s, t, id)
}

// bypass finds the nodes that link to id and lets them choose again among their
// links and those of id. A link it does not find leads to a dead node, which still
// has its own links.
func (ix *Index) bypass(s *Searcher, t *table, id uint32) {
	from, top, _ := ix.entryPoint()
	q, level := ix.row(t, id, &s.base), ix.level(t, id)
	if level < top {
		from = s.descend(ix, t, q, from, top, level)
	}
	var near []uint64
	for l := min(level, top); l >= 0; l-- {
		s.walk(ix, t, q, from, l, ix.opt.EfConstruction, true)
		from = s.id(s.pool.keys[0])
		near = append(near[:0], s.pool.keys...)
		for _, key := range near {
			nb := s.id(key)
			links := ix.links(t, nb, l)
			if nb == id || !slices.Contains(links, id) || !ix.isLive(t, nb) {
				continue
			}
			ix.bridge(s, t, nb, id, l)
		}
	}
}

// bridge replaces the link of a node to id by links to where id leads: to those
// that no kept link leads nearer to, or else to the nearest.
func (ix *Index) bridge(s *Searcher, t *table, from, id uint32, level int) {
	lock := &ix.stripes[int(from)%len(ix.stripes)]
	lock.Lock()
	defer lock.Unlock()
	links := ix.links(t, from, level)
	keep := s.chosen[:0]
	for _, nb := range links {
		if nb != none && ix.isLive(t, nb) {
			keep = append(keep, nb)
		}
	}
	s.held = s.held[:0]
	for _, nb := range ix.links(t, id, level) {
		if nb != none && nb != from && ix.isLive(t, nb) && !slices.Contains(keep, nb) {
			s.held = append(s.held, nb)
		}
	}
	had := len(keep)
	keep = ix.bridges(s, t, from, keep, len(links))
	if level == 0 {
		for _, nb := range keep[had:] {
			ix.count(t, nb, 1)
		}
	}
	s.chosen = keep[:0]
	setLinks(links, keep)
}

// bridges appends to keep the choice among s.held, at most up to m links.
func (ix *Index) bridges(s *Searcher, t *table, from uint32, keep []uint32, m int) []uint32 {
	if len(s.held) == 0 {
		return keep
	}
	had := len(keep)
	ix.sortByRank(s, t, from)
	for _, key := range s.near {
		if len(keep) == m {
			return keep
		}
		if near, _ := ix.nearer(s, t, s.id(key), rankOf(key), keep); !near {
			keep = append(keep, s.id(key))
		}
	}
	if len(keep) == had {
		keep = append(keep, s.id(s.near[0]))
	}
	return keep
}

// findEntry makes a live node of the highest level the entry.
func (ix *Index) findEntry(t *table) {
	best, level := uint32(0), -1
	for at, c := range t.chunks {
		for i, upper := range c.upper {
			if int(upper&maxLevel) > level && has(c.live, i) && has(c.linked, i) {
				best, level = uint32(at<<ix.lay.shift+i), int(upper&maxLevel)
			}
		}
	}
	ix.setEntry(best, level)
}

// adoptOrphans takes back the links of a dead node, and finds new ones to nodes
// that have no other.
func (ix *Index) adoptOrphans(s *Searcher, t *table, id uint32) {
	for _, nb := range slices.Clone(ix.links(t, id, 0)) {
		if nb != none && ix.isLive(t, nb) && ix.count(t, nb, -1) == 0 {
			ix.adopt(s, t, nb)
		}
	}
}

// adopt makes the node nearest to id, found from the entry, link to it, and id link
// back where it has room.
func (ix *Index) adopt(s *Searcher, t *table, id uint32) {
	from, top, _ := ix.entryPoint()
	if from == id {
		return
	}
	q := ix.row(t, id, &s.base)
	from = s.descend(ix, t, q, from, top, 0)
	s.walk(ix, t, q, from, 0, ix.opt.EfConstruction, true)
	for _, key := range s.pool.keys {
		if nb := s.id(key); nb != id && key&passes != 0 {
			ix.connect(s, nb, id, 0, true)
			ix.connect(s, id, nb, 0, false)
			return
		}
	}
}
