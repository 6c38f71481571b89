package hnsw

import (
	"math"
	"slices"
	"sync/atomic"
	"unsafe"
)

// Searcher is the memory of a search, kept for the next one on any index. The zero
// value is ready; it serves one goroutine at a time.
type Searcher struct {
	query []float32 // padded like a row
	seen  []uint8   // ids met by this walk have the value epoch
	epoch uint8
	ids   []uint32  // whose ranks are wanted, padded
	ranks []float32 // of ids
	pool  pool
	tail  []uint64 // the best keys of what is not linked

	// Of a search by codes.
	coded  bool
	code   []byte    // of the query
	planes []uint64  // of the query, for bits
	sum    int       // of the integers in planes
	factor float32   // of the dot product of its integers with those of a row
	moved  []float32 // the query as the codes see it

	// What writers need besides.
	flip   uint32     // see key; not 0
	near   []uint64   // candidates for the links of one node
	chosen []uint32   // the links of a node being added, level by level
	counts []int      // how many there are on each level
	few    [4]uint32  // ids of one comparison
	sums   [4]float32 // their ranks
	held   []uint32   // links of the node under repair
	base   []float32  // the vector of a walk, if rows are 16-bit floats
	other  []float32  // another one, for a short time
}

// pool holds keys in rising order. A key is a rank, an id and two flags, and
// orders by rank, then by id: ascending in searches, so that the oldest of equals
// wins, descending in walks of writers, which makes chains of equal vectors.
type pool struct {
	keys    []uint64
	passing int // keys with the flag passes
}

const (
	expanded = 1 // the links have been followed
	passes   = 2 // may be a result
	idShift  = 2
)

func (s *Searcher) key(rank float32, id uint32) uint64 {
	b := math.Float32bits(rank)
	b ^= uint32(int32(b)>>31) | 1<<31 // orders like the float
	return uint64(b)<<32 | uint64(id^s.flip)<<idShift
}

func (s *Searcher) id(key uint64) uint32 { return uint32(key)>>idShift ^ s.flip }

func rankOf(key uint64) float32 {
	b := uint32(key >> 32)
	return math.Float32frombits(b ^ (^uint32(int32(b)>>31) | 1<<31))
}

// add inserts a key that belongs among the best ef and returns its place.
func (p *pool) add(key uint64, ef int) int {
	lo, hi := 0, len(p.keys)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.keys[mid] < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if len(p.keys) < ef {
		p.keys = append(p.keys, 0)
	}
	copy(p.keys[lo+1:], p.keys[lo:])
	p.keys[lo] = key
	return lo
}

// addPassing is add for a pool that holds at least size keys and at least want
// passing ones before it drops any. It returns the length if the key is not among
// the best.
func (p *pool) addPassing(key uint64, size, want int) int {
	n := len(p.keys)
	if p.full(size, want) && key >= p.keys[n-1] {
		return n
	}
	at := p.add(key, n+1)
	p.passing += int(key & passes >> 1)
	for last := n; last >= size && p.passing >= want; last-- {
		passing := int(p.keys[last] & passes >> 1)
		if p.passing-passing < want {
			break
		}
		p.passing -= passing
		p.keys = p.keys[:last]
	}
	return at
}

func (p *pool) full(size, want int) bool { return len(p.keys) >= size && p.passing >= want }

// aim pads the query.
func (s *Searcher) aim(ix *Index, q []float32) {
	s.query = slices.Grow(s.query[:0], ix.lay.stride)[:ix.lay.stride]
	clear(s.query[copy(s.query, q):])
}

// begin forgets the last walk and starts one at the given node.
func (s *Searcher) begin(ix *Index, t *table, q []float32, from uint32) {
	n := len(t.chunks) << ix.lay.shift
	if s.epoch++; s.epoch == 0 || n > len(s.seen) {
		if n > len(s.seen) {
			s.seen = make([]uint8, n+n/4)
		}
		clear(s.seen)
		s.epoch = 1
	}
	s.room(2 * ix.opt.M)
	s.pool.keys, s.pool.passing = s.pool.keys[:0], 0
	s.seen[from] = s.epoch
	s.ids = pad(append(s.ids[:0], from))
	s.rank(ix, t, q)
	s.pool.keys = append(s.pool.keys, s.key(s.ranks[0], from))
}

// room makes the buffers take n ids.
func (s *Searcher) room(n int) {
	s.ids = slices.Grow(s.ids[:0], n+lanes)
	s.ranks = slices.Grow(s.ranks[:0], n+lanes)
	s.ranks = s.ranks[:cap(s.ranks)]
}

// rank fills ranks for the padded ids.
func (s *Searcher) rank(ix *Index, t *table, q []float32) {
	if s.coded {
		s.rankCodes(t)
		return
	}
	ix.rank(s.ranks, q, t, s.ids)
}

func (ix *Index) rank(dst, q []float32, t *table, ids []uint32) {
	ix.lay.rank(dst, q, ix.opt.Metric, t.bases, ids)
}

// aheadLines is how much of short rows, which a kernel is done with before the next
// ones have come, is prefetched at once.
const aheadLines = 96

// fetch prefetches the first rows that rank will read, the others it prefetches
// itself.
func (s *Searcher) fetch(ix *Index, t *table) {
	n := min(len(s.ids), lanes)
	switch {
	case !useAssembly:
	case s.coded:
		b := t.book
		lines := min((b.stride+63)/64, 8)
		if n = len(s.ids); b.kind == Code8 { // of bits the kernel prefetches nothing
			n = min(n, max(lanes, aheadLines/lines))
		}
		fetchAsm(unsafe.Pointer(&t.codes[0]), b.shift, b.mask(), b.stride, &s.ids[0], n, lines)
	default:
		l := ix.lay
		lines := min((l.size()+63)/64, 8)
		fetchAsm(unsafe.Pointer(&t.bases[0]), l.shift, l.mask(), l.size(), &s.ids[0], n, lines)
	}
}

// fetchLinks prefetches the ground links of nodes.
func (ix *Index) fetchLinks(t *table, ids []uint32) {
	if useAssembly && len(ids) > 0 {
		size := 2 * ix.opt.M * 4
		fetchAsm(unsafe.Pointer(&t.ground[0]), ix.lay.shift, ix.lay.mask(), size, &ids[0], len(ids), (size+63)/64)
	}
}

// gather leaves in ids the links that the walk has not met, and returns how many.
// Nodes that t does not have yet are passed over.
func (s *Searcher) gather(links []uint32, bound int) int {
	n, ids, seen, epoch := 0, s.ids[:len(links)], s.seen[:bound], s.epoch
	for i := range links {
		id := atomic.LoadUint32(&links[i])
		if int(id) >= len(seen) {
			if id == none {
				break
			}
			continue
		}
		ids[n] = id
		n += int((uint32(seen[id]^epoch) + 255) >> 8) // without a branch that cannot be guessed
		seen[id] = epoch
	}
	s.ids = ids[:n]
	return n
}

// walk leaves in the pool the ef best nodes of a level that it finds from the given
// one on, and some that do not pass if check is set; only live nodes pass then.
func (s *Searcher) walk(ix *Index, t *table, q []float32, from uint32, level, ef int, check bool) {
	if check {
		s.walkPassing(ix, t, q, from, level, 1, ef, nil)
		return
	}
	s.begin(ix, t, q, from)
	bound := len(t.chunks) << ix.lay.shift
	for at := 0; at < len(s.pool.keys); {
		key := s.pool.keys[at]
		if key&expanded != 0 {
			at++
			continue
		}
		s.pool.keys[at] = key | expanded
		n := s.gather(ix.links(t, s.id(key), level), bound)
		if n == 0 {
			at++
			continue
		}
		s.fetch(ix, t)
		if at+1 < len(s.pool.keys) && level == 0 {
			s.few[0] = s.id(s.pool.keys[at+1]) // likely the next
			ix.fetchLinks(t, s.few[:1])
		}
		s.ids = pad(s.ids)
		s.rank(ix, t, q)
		at = min(at+1, s.offer(n, ef))
	}
}

// offer puts the first n ids with their ranks into the pool and returns the lowest
// place taken.
func (s *Searcher) offer(n, ef int) int {
	best, worst := len(s.pool.keys)+n, ^uint64(0)
	for i, id := range s.ids[:n] {
		if len(s.pool.keys) == ef {
			worst = s.pool.keys[ef-1]
		}
		if key := s.key(s.ranks[i], id); key < worst {
			best = min(best, s.pool.add(key, ef))
		}
	}
	return best
}

// walkPassing is walk for the best size nodes, or more of them until as many as
// wanted are live and, unless allow is nil, in it.
func (s *Searcher) walkPassing(
	ix *Index, t *table, q []float32, from uint32, level, size, want int, allow Bits,
) {
	s.begin(ix, t, q, from)
	bound := len(t.chunks) << ix.lay.shift
	s.pool.keys[0] |= s.flag(ix, t, from, allow)
	s.pool.passing = int(s.pool.keys[0] & passes >> 1)
	for at := 0; at < len(s.pool.keys); {
		key := s.pool.keys[at]
		if key&expanded != 0 {
			at++
			continue
		}
		s.pool.keys[at] = key | expanded
		n := s.gather(ix.links(t, s.id(key), level), bound)
		if n == 0 {
			at++
			continue
		}
		s.fetch(ix, t)
		if at+1 < len(s.pool.keys) && level == 0 {
			s.few[0] = s.id(s.pool.keys[at+1]) // likely the next
			ix.fetchLinks(t, s.few[:1])
		}
		s.ids = pad(s.ids)
		s.rank(ix, t, q)
		at = min(at+1, s.offerPassing(ix, t, n, size, want, allow))
	}
}

func (s *Searcher) offerPassing(ix *Index, t *table, n, size, want int, allow Bits) int {
	best := len(s.pool.keys) + n
	for i, id := range s.ids[:n] {
		key := s.key(s.ranks[i], id)
		if s.pool.full(size, want) && key >= s.pool.keys[len(s.pool.keys)-1] {
			continue
		}
		best = min(best, s.pool.addPassing(key|s.flag(ix, t, id, allow), size, want))
	}
	return best
}

// flag returns passes for an id that is allowed and shown or, for a writer, live.
func (s *Searcher) flag(ix *Index, t *table, id uint32, allow Bits) uint64 {
	if allow != nil && !allow.Has(id) {
		return 0
	}
	c, i := ix.chunk(t, id)
	set := c.shown
	if s.flip != 0 {
		set = c.live
	}
	if has(set, i) {
		return passes
	}
	return 0
}

// descend follows on each level, from the first down to above the last, the links
// to ever nearer nodes.
func (s *Searcher) descend(ix *Index, t *table, q []float32, from uint32, first, last int) uint32 {
	s.room(2 * ix.opt.M)
	s.ids = pad(append(s.ids[:0], from))
	s.rank(ix, t, q)
	best := s.ranks[0]
	for level := first; level > last; level-- {
		for moved := true; moved; {
			moved = false
			n := s.list(ix.links(t, from, level), len(t.chunks)<<ix.lay.shift)
			if n == 0 {
				break
			}
			s.rank(ix, t, q)
			for i, id := range s.ids[:n] {
				if s.ranks[i] < best {
					best, from, moved = s.ranks[i], id, true
				}
			}
		}
	}
	return from
}

// list is gather without memory of what was met, and pads.
func (s *Searcher) list(links []uint32, bound int) int {
	s.ids = s.ids[:0]
	for i := range links {
		id := atomic.LoadUint32(&links[i])
		if id == none {
			break
		}
		if int(id) < bound {
			s.ids = append(s.ids, id)
		}
	}
	n := len(s.ids)
	if n > 0 {
		s.ids = pad(s.ids)
	}
	return n
}
