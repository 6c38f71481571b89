package hnsw

import (
	"slices"
	"sync/atomic"
)

// diverse appends to dst at most m of the candidates, whose keys rise, and returns
// it. A candidate is taken if none of those taken is nearer to it than base is: the
// others are reached through these. Candidates that are exactly as near to one
// taken, such as copies of it, may be half of the m, or a crowd of copies would
// close itself off. Nodes that are dead, and base itself, are left out. Malkov and
// Yashunin, arXiv 1603.09320, algorithm 4.
func (ix *Index) diverse(s *Searcher, t *table, keys []uint64, m int, base uint32, dst []uint32) []uint32 {
	first, ties := len(dst), 0
	for _, key := range keys {
		if len(dst)-first == m {
			break
		}
		id := s.id(key)
		if id == base || !ix.isLive(t, id) {
			continue
		}
		near, tie := ix.nearer(s, t, id, rankOf(key), dst[first:])
		if near || tie && ties >= m/2 {
			continue
		}
		if tie {
			ties++
		}
		dst = append(dst, id)
	}
	return dst
}

// nearer reports whether one of the taken has a lower rank to id than the given
// one, or else whether one has that rank.
func (ix *Index) nearer(s *Searcher, t *table, id uint32, rank float32, taken []uint32) (near, tie bool) {
	q := ix.row(t, id, &s.other)
	for len(taken) > 0 {
		n := min(lanes, len(taken))
		for i := range s.few {
			s.few[i] = taken[min(i, n-1)]
		}
		ix.rank(s.sums[:], q, t, s.few[:])
		for _, r := range s.sums {
			if r < rank {
				return true, false
			}
			tie = tie || r == rank
		}
		taken = taken[n:]
	}
	return false, tie
}

// chooseAgain replaces the links of a node by the best choice among s.held. The
// last link to a node is never given up, nor, with force set, the last of s.held.
// The caller holds the node's stripe.
func (ix *Index) chooseAgain(s *Searcher, t *table, from uint32, level int, force bool) {
	links := ix.links(t, from, level)
	newest := s.held[len(s.held)-1]
	ix.sortByRank(s, t, from)
	best := ix.diverse(s, t, s.near, len(links), from, s.ids[:0])
	if level == 0 {
		best = ix.keepLast(s, t, links, best, newest, force)
	}
	setLinks(links, best)
	s.ids = best[:0]
}

// setLinks writes links one by one: who reads them meanwhile meets old and new
// ones, all of them nodes.
func setLinks(links, to []uint32) {
	for i := range links {
		id := none
		if i < len(to) {
			id = to[i]
		}
		atomic.StoreUint32(&links[i], id)
	}
}

// sortByRank leaves in s.near the keys of s.held, ranked from a node.
func (ix *Index) sortByRank(s *Searcher, t *table, from uint32) {
	n := len(s.held)
	s.room(n)
	s.ids = pad(append(s.ids[:0], s.held...))
	ix.rank(s.ranks, ix.row(t, from, &s.other), t, s.ids)
	s.near = s.near[:0]
	for i, id := range s.ids[:n] {
		s.near = append(s.near, s.key(s.ranks[i], id))
	}
	slices.Sort(s.near)
}

// keepLast accounts for the change of a node's links on the ground level from old
// to best, and puts back those old ones without which a node would have no link to
// it, in place of the last ones that can go.
func (ix *Index) keepLast(s *Searcher, t *table, old, best []uint32, newest uint32, force bool) []uint32 {
	for _, id := range best {
		if !slices.Contains(old, id) {
			ix.count(t, id, 1)
		}
	}
	spare := len(best)
	for _, id := range old {
		if id == none || slices.Contains(best, id) || !ix.isLive(t, id) || ix.release(t, id) {
			continue
		}
		best, spare = ix.squeeze(t, best, len(old), spare, id)
	}
	if force && !slices.Contains(best, newest) {
		ix.count(t, newest, 1)
		best, _ = ix.squeeze(t, best, len(old), spare, newest)
	}
	return best
}

// squeeze appends id, or puts it in the place of one of the first spare that has
// other links to it. If there is none, the node keeps its best links and id's count
// is taken back.
func (ix *Index) squeeze(t *table, best []uint32, m, spare int, id uint32) ([]uint32, int) {
	if len(best) < m {
		return append(best, id), spare
	}
	for i := spare - 1; i >= 0; i-- {
		if ix.release(t, best[i]) {
			best[i] = id
			return best, i
		}
	}
	ix.count(t, id, -1)
	return best, 0
}

// release gives up one of the links to a node unless it is the last one.
func (ix *Index) release(t *table, id uint32) bool {
	c, i := ix.chunk(t, id)
	for {
		n := atomic.LoadUint32(&c.inDegree[i])
		if n <= 1 {
			return false
		}
		if atomic.CompareAndSwapUint32(&c.inDegree[i], n, n-1) {
			return true
		}
	}
}
