package hnsw

import (
	"fmt"
	"math"
	"math/bits"
)

// Hit is a vector found: its id and its rank, lower is nearer. See [Metric].
type Hit struct {
	ID   uint32
	Rank float32
}

// Search appends to dst the k nearest vectors to q that it finds among the ef best
// candidates, nearest first, equal ones by rising id. With allow, which must not
// change meanwhile, only ids in it are found; nil allows all. A larger ef finds
// more of the true neighbours and takes longer; it is raised to k. Vectors that
// are not linked yet are ranked one by one.
//
// Never fewer than k are found if so many are shown and allowed: should the graph
// yield fewer, and where it would be slower, every allowed vector is ranked, by its
// code if there is one, else as [Index.Exact] does. Vectors that are shown, hidden or
// deleted meanwhile may be found or not.
//
// It allocates nothing once s and dst have room. It panics if q has not Dim floats.
func (ix *Index) Search(dst []Hit, q []float32, k, ef int, allow Bits, s *Searcher) []Hit {
	ix.checkQuery(q)
	if k <= 0 {
		return dst
	}
	tail := ix.tail.Load() // before the walk, so that it finds what is below
	entry, level, ok := ix.entryPoint()
	t := ix.table.Load() // after the entry, so that it has it
	p := ix.plan(t, k, t.book.widened(max(ef, k)), allow)
	if !ok || p.passing <= k || p.scan && t.book == nil {
		return ix.exact(dst, t, q, k, allow, s)
	}
	s.flip = 0
	s.aim(ix, q)
	if p.scan {
		return ix.scanCodes(dst, t, q, k, allow, s)
	}
	ix.rankTail(s, t, tail, k, allow)
	if t.book != nil {
		s.aimCodes(ix, t, q)
	}
	entry = s.descend(ix, t, s.query, entry, level, 0)
	switch {
	case allow == nil && ix.dead() == 0:
		s.walk(ix, t, s.query, entry, 0, p.ef, false)
	case p.hops:
		s.walkTwoHops(ix, t, s.query, entry, p.ef, allow)
	default:
		s.walkPassing(ix, t, s.query, entry, 0, p.ef, p.want, allow)
	}
	if s.coded {
		s.rescore(ix, t, t.book.rescored(k, len(s.pool.keys)), allow)
	}
	before := len(dst)
	if dst = s.collect(dst, ix, t, k, tail, allow); len(dst)-before < k {
		return ix.exact(dst[:before], t, q, k, allow, s)
	}
	return dst
}

// rankTail leaves in s.tail the best k of the ids from tail on.
func (ix *Index) rankTail(s *Searcher, t *table, tail uint32, k int, allow Bits) {
	s.tail = s.tail[:0]
	if tail < ix.end.Load() {
		ix.scanFrom(s, t, tail, k, allow)
		s.tail = append(s.tail, s.pool.keys...)
	}
}

// plan is how a search is made.
type plan struct {
	passing int  // ids that may be found
	scan    bool // instead of a walk
	hops    bool // through nodes that do not pass
	ef      int
	want    int // passing nodes that a walk past the others has to find
}

// walkedPast is the share of nodes that pass from which on a walk past the others
// finds more in its time than one through them.
const walkedPast = 0.2

// plan chooses by the share of nodes that pass. A walk past the others has the k
// among the best k/share, and gets twice as many more candidates as that exceeds k.
// The graph of a walk through the others gets thinner with the share; by
// the square root of it more candidates about make up for that.
func (ix *Index) plan(t *table, k, ef int, allow Bits) plan {
	p := plan{passing: ix.countPassing(t, allow), ef: ef, want: ef}
	if allow == nil && ix.dead() == 0 {
		p.scan = ix.ScanIsFaster(p.passing, ef, false)
		return p
	}
	share := min(1, float64(p.passing)/float64(max(1, ix.nodes.Load()+ix.dead())))
	if share >= walkedPast {
		if p.want = ef; ix.Codes() != Code1 { // bits want all for the ranking by vectors
			p.want = max(k, int(share*float64(ef)+(1-share)*float64(2*k)))
		}
		p.scan = ix.ScanIsFaster(p.passing, ef, true)
		return p
	}
	p.ef, p.hops = int(float64(ef)/math.Sqrt(max(share, 1e-3))), true
	p.scan = ix.scanPays(p.passing, p.ef, 4)
	return p
}

// ScanIsFaster compares a walk with a scan of n vectors. A filter lets the walk read
// links of nodes that it does not let pass.
func (ix *Index) ScanIsFaster(n, ef int, filtered bool) bool {
	if filtered {
		return ix.scanPays(n, ef, 2)
	}
	return ix.scanPays(n, ef, 1)
}

// scanPays compares a walk with a scan of n vectors. A walk ranks about 30 vectors
// for each candidate, and reads links for as long as it takes to rank 4500 floats,
// twice that past nodes that do not pass and four times through them. Measured with
// 2 to 50 % of 100,000 vectors of 128 floats.
func (ix *Index) scanPays(n, ef, links int) bool {
	return !ix.walkAlways && n <= ef*(30+links*4500/ix.lay.stride)
}

// scanCodes is exact by codes, which are less to read, with the best of them
// ranked by the vectors.
func (ix *Index) scanCodes(dst []Hit, t *table, q []float32, k int, allow Bits, s *Searcher) []Hit {
	s.aimCodes(ix, t, q)
	n := t.book.rescored(k, 16*k)
	ix.scanFrom(s, t, 0, n, allow)
	s.rescore(ix, t, n, allow)
	for _, key := range s.pool.keys[:min(k, len(s.pool.keys))] {
		dst = append(dst, s.hit(key))
	}
	return dst
}

// The least number of vectors that a search by codes ranks again, if it has found so
// many.
const (
	leastRescored     = 32
	leastRescoredBits = 160
)

// rescored is how many of the found vectors a search for k ranks again: of those by
// bits all, as signs do not tell near ones apart.
func (b *codebook) rescored(k, found int) int {
	if b.kind == Code1 {
		return max(found, leastRescoredBits)
	}
	return max(k+k/2, leastRescored)
}

// widened is the number of candidates of a walk by codes in place of ef: the fewer
// bits there are, the less they tell. Twice as many make up for it with 64.
func (b *codebook) widened(ef int) int {
	if b != nil && b.kind == Code1 {
		return ef + ef*8/b.n
	}
	return ef
}

func (ix *Index) checkQuery(q []float32) {
	if len(q) != ix.opt.Dim {
		panic(fmt.Sprintf("hnsw: query has %d floats, want %d", len(q), ix.opt.Dim))
	}
}

// collect appends the best k of the pool, but for ids from tail on, and of s.tail,
// that still pass.
func (s *Searcher) collect(dst []Hit, ix *Index, t *table, k int, tail uint32, allow Bits) []Hit {
	rest := s.tail
	for _, key := range s.pool.keys {
		if s.id(key) >= tail || s.flag(ix, t, s.id(key), allow) == 0 {
			continue
		}
		for len(rest) > 0 && k > 0 && rest[0] < key {
			dst, rest, k = append(dst, s.hit(rest[0])), rest[1:], k-1
		}
		if k == 0 {
			return dst
		}
		dst, k = append(dst, s.hit(key)), k-1
	}
	for _, key := range rest[:min(k, len(rest))] {
		dst = append(dst, s.hit(key))
	}
	return dst
}

func (s *Searcher) hit(key uint64) Hit { return Hit{ID: s.id(key), Rank: rankOf(key)} }

// Exact appends to dst the k nearest of all shown vectors that are allowed, linked
// or not, nearest first, equal ones by rising id; at the end, the lowest ids of
// equals. It takes O(n·Dim), and O(k) for each vector that is among the best so
// far. See [Index.Search] for allow and s.
func (ix *Index) Exact(dst []Hit, q []float32, k int, allow Bits, s *Searcher) []Hit {
	ix.checkQuery(q)
	if k <= 0 {
		return dst
	}
	return ix.exact(dst, ix.table.Load(), q, k, allow, s)
}

// scanBatch is how many rows a scan ranks at a time: what a walk does, and short
// enough not to hold up the scheduler.
const scanBatch = 64

func (ix *Index) exact(dst []Hit, t *table, q []float32, k int, allow Bits, s *Searcher) []Hit {
	s.flip = 0
	s.aim(ix, q)
	ix.scanFrom(s, t, 0, k, allow)
	for _, key := range s.pool.keys {
		dst = append(dst, s.hit(key))
	}
	return dst
}

// scanFrom leaves in the pool the best k of the ids from first on.
func (ix *Index) scanFrom(s *Searcher, t *table, first uint32, k int, allow Bits) {
	s.room(scanBatch + 32)
	s.ids, s.pool.keys = s.ids[:0], s.pool.keys[:0]
	words := len(t.chunks) << (ix.lay.shift - 5)
	if allow != nil {
		words = min(words, 2*len(allow))
	}
	mask := ^uint32(0) << (first & 31)
	for w := int(first >> 5); w < words; w++ {
		for set := ix.passing(t, w, allow) & mask; set != 0; set &= set - 1 {
			s.ids = append(s.ids, uint32(w<<5+bits.TrailingZeros32(set)))
		}
		mask = ^uint32(0)
		if len(s.ids) >= scanBatch {
			s.scan(ix, t, k)
		}
	}
	s.scan(ix, t, k)
}

// scan offers the ids to the pool and empties them.
func (s *Searcher) scan(ix *Index, t *table, k int) {
	if n := len(s.ids); n > 0 {
		s.ids = pad(s.ids)
		s.rank(ix, t, s.query)
		s.offer(n, k)
		s.ids = s.ids[:0]
	}
}
