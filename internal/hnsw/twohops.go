package hnsw

import "sync/atomic"

// walkTwoHops is walkPassing for filters that let few nodes pass: a link to a node
// that does not pass stands for that node's links, so that the walk stays among
// nodes that do. The graph that it sees is about the one over the passing nodes
// alone. Patel et al., SIGMOD 2024 (ACORN), §5.3, the variant γ = 1.
func (s *Searcher) walkTwoHops(ix *Index, t *table, q []float32, from uint32, ef int, allow Bits) {
	s.begin(ix, t, q, from)
	s.room(6 * ix.opt.M)
	s.pool.keys[0] |= s.flag(ix, t, from, allow)
	s.pool.passing = int(s.pool.keys[0] & passes >> 1)
	for at := 0; at < len(s.pool.keys); {
		key := s.pool.keys[at]
		if key&expanded != 0 {
			at++
			continue
		}
		s.pool.keys[at] = key | expanded
		n := s.gatherTwoHops(ix, t, ix.links(t, s.id(key), 0), allow, s.pool.passing == 0)
		if n == 0 {
			at++
			continue
		}
		s.fetch(ix, t)
		s.ids = pad(s.ids)
		s.rank(ix, t, q)
		at = min(at+1, s.offerPassing(ix, t, n, 1, ef, allow))
	}
}

// gatherTwoHops leaves in ids the nodes that pass and are linked, or linked from a
// linked node that does not pass, until there are as many as a node has links.
// With lost set, nodes that do not pass are among them: there is none yet to go on
// from.
func (s *Searcher) gatherTwoHops(ix *Index, t *table, links []uint32, allow Bits, lost bool) int {
	s.held = s.held[:0]
	s.ids = s.ids[:0]
	seen := s.seen[:len(t.chunks)<<ix.lay.shift]
	for i := range links {
		id := atomic.LoadUint32(&links[i])
		if int(id) >= len(seen) {
			if id == none {
				break
			}
			continue
		}
		if seen[id] == s.epoch {
			continue
		}
		seen[id] = s.epoch
		through := s.flag(ix, t, id, allow) == 0
		if through {
			s.held = append(s.held, id)
		}
		if !through || lost {
			s.ids = append(s.ids, id)
		}
	}
	ix.fetchLinks(t, s.held)
	for _, id := range s.held {
		if len(s.ids) >= 2*ix.opt.M {
			break
		}
		s.gatherPassing(ix, t, ix.links(t, id, 0), allow)
	}
	return len(s.ids)
}

// gatherPassing appends the links that pass and have not been met. It asks allow
// first: most fail there, and its bits are in the nearest cache.
func (s *Searcher) gatherPassing(ix *Index, t *table, links []uint32, allow Bits) {
	seen := s.seen[:len(t.chunks)<<ix.lay.shift]
	for i := range links {
		id := atomic.LoadUint32(&links[i])
		if allow != nil && !allow.Has(id) {
			if id == none {
				return
			}
			continue
		}
		if int(id) < len(seen) && seen[id] != s.epoch && ix.isShown(t, id) {
			seen[id] = s.epoch
			s.ids = append(s.ids, id)
		}
	}
}
