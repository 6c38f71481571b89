package hnsw

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Index is a graph over vectors. Every method may be called at any time from any
// goroutine, unless it says otherwise. Searches take no lock.
type Index struct {
	opt     Options
	lay     Layout
	slope   float64 // a level is slope times an exponential variate
	table   atomic.Pointer[table]
	entry   atomic.Uint64 // where searches begin: see entryPoint
	stored  atomic.Int64  // ids that were put
	live    atomic.Int64  // ids that are shown
	nodes   atomic.Int64  // live ids that are linked
	tail    atomic.Uint32 // ids below are linked or deleted
	end     atomic.Uint32 // ids from here on were not put
	growing sync.Mutex    // the table
	puts    sync.RWMutex  // shared by who stores a vector, exclusive for who brings codes
	units   int           // of the arena, taken
	raising sync.Mutex    // held by who adds a level to the graph
	writers sync.RWMutex  // shared by those who link, exclusive for who deletes
	stripes [256]stripe   // guard links of ids by their low bits
	scratch sync.Pool     // of *Searcher, for writers

	walkAlways bool
}

// stripe has its cache line to itself.
type stripe struct {
	sync.Mutex
	_ [56]byte
}

// New returns an empty index, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	ix := &Index{opt: o, lay: NewLayout(o.Dim, o.Half), slope: 1 / math.Log(float64(o.M))}
	ix.scratch.New = func() any { return new(Searcher) }
	ix.table.Store(new(table))
	return ix, nil
}

// dead is the number of ids that searches do not find.
func (ix *Index) dead() int64 { return ix.stored.Load() - ix.live.Load() }

// Dead returns the number of vectors that are in memory but not shown.
func (ix *Index) Dead() int { return int(ix.dead()) }

// WalkAlways keeps searches from scanning where that would be faster, so that tests
// see a small graph at work. It returns the index and is called before all else.
func (ix *Index) WalkAlways() *Index {
	ix.walkAlways = true
	return ix
}

// Len returns the number of vectors that are shown.
func (ix *Index) Len() int { return int(ix.live.Load()) }

// Options returns the options with their defaults.
func (ix *Index) Options() Options { return ix.opt }

// End returns the number after the highest id that was put.
func (ix *Index) End() uint32 { return ix.end.Load() }

// Tail returns a number such that all ids below are linked or deleted. A search
// ranks all vectors from there on.
func (ix *Index) Tail() uint32 { return ix.tail.Load() }

// Live reports whether id is stored, shown, and not deleted.
func (ix *Index) Live(id uint32) bool {
	t := ix.table.Load()
	return int(id>>ix.lay.shift) < len(t.chunks) && ix.isShown(t, id)
}

// Vector returns the vector of a live id, or nil. It must not be written to: it may
// belong to the index, where it never changes.
func (ix *Index) Vector(id uint32) []float32 {
	t := ix.table.Load()
	if int(id>>ix.lay.shift) >= len(t.chunks) || !ix.isShown(t, id) {
		return nil
	}
	var buf []float32
	return ix.row(t, id, &buf)[:ix.opt.Dim:ix.opt.Dim]
}

// Layout returns how the vectors lie in memory.
func (ix *Index) Layout() Layout { return ix.lay }

// Rows returns the rows of the i-th chunk, or nil if there is none. It belongs to
// the index; rows of ids that were not put may change.
func (ix *Index) Rows(i int) []byte {
	if t := ix.table.Load(); i < len(t.chunks) {
		return t.chunks[i].rows
	}
	return nil
}

// Replace gives the first chunks equal rows in other memory, that of a file, but not
// the last chunk, to which vectors may be added. Who took the old ones from a file
// must keep it open as long as searches or writers that were under way.
func (ix *Index) Replace(rows [][]byte) {
	ix.growing.Lock()
	defer ix.growing.Unlock()
	own := *ix.table.Load()
	own.chunks, own.bases = slices.Clone(own.chunks), slices.Clone(own.bases)
	for i := range min(len(rows), len(own.chunks)-1) {
		c := *own.chunks[i]
		c.rows, c.mapped = rows[i], true
		own.chunks[i], own.bases[i] = &c, &c.rows[0]
	}
	ix.table.Store(&own)
}

// Adopt returns an index of the first n rows of chunks that lie as [NewLayout] says,
// which belong to the index from then on. None is linked.
func Adopt(o Options, chunks [][]byte, n int) (*Index, error) {
	ix, err := New(o)
	if err != nil {
		return nil, err
	}
	t := new(table)
	for i, rows := range chunks {
		c := chunkOf(rows, ix.lay, 2*ix.opt.M)
		for j := range min(n-i<<ix.lay.shift, 1<<ix.lay.shift) {
			c.live[j>>5] |= 1 << (j & 31)
		}
		copy(c.shown, c.live)
		t.take(c)
	}
	ix.table.Store(t)
	ix.stored.Store(int64(n))
	ix.live.Store(int64(n))
	ix.end.Store(uint32(n))
	return ix, nil
}

// Stats describes an index.
type Stats struct {
	Live        int   // vectors that are shown
	Nodes       int   // vectors in the graph that are not deleted
	Dead        int   // hidden and deleted vectors, still in memory
	Levels      int   // of the graph
	RowBytes    int64 // memory of vectors
	MappedBytes int64 // of vectors in a file
	LinkBytes   int64 // memory of links
	CodeBytes   int64 // memory of codes
}

// Stats returns figures that may be of different moments if writers are at work.
func (ix *Index) Stats() Stats {
	s := Stats{Live: ix.Len(), Nodes: int(ix.nodes.Load()), Dead: ix.Dead()}
	if _, level, ok := ix.entryPoint(); ok {
		s.Levels = level + 1
	}
	t := ix.table.Load()
	for _, c := range t.chunks {
		if c.mapped {
			s.MappedBytes += int64(len(c.rows))
		} else {
			s.RowBytes += int64(len(c.rows))
		}
		s.LinkBytes += c.linkBytes()
	}
	s.LinkBytes += int64(len(t.arena)) * unitsPerBlock * int64(ix.opt.M) * 4
	if t.book != nil {
		s.CodeBytes = int64(len(t.codes)) * int64(t.book.stride<<t.book.shift)
	}
	return s
}

// entryPoint returns the node on the highest level, if there is any.
func (ix *Index) entryPoint() (id uint32, level int, ok bool) {
	e := ix.entry.Load()
	return uint32(e), int(e>>32) - 1, e != 0
}

func (ix *Index) setEntry(id uint32, level int) { ix.entry.Store(uint64(level+1)<<32 | uint64(id)) }

// levelOf draws the levels of a node, geometrically with the base M: a function of
// the seed and the id, so that no order of insertion changes it.
func (ix *Index) levelOf(id uint32) int {
	x := mix(ix.opt.Seed + (uint64(id)+1)*0x9E3779B97F4A7C15)
	u := (float64(x>>11) + 0.5) / (1 << 53)
	return min(int(-math.Log(u)*ix.slope), maxLevel)
}

// mix is the output function of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Put stores a copy of v under id without linking it, and shows it: searches rank
// it until [Index.Link]. Ids are dense: memory is taken for all up to the highest,
// and a deleted one is not free again before [Index.Compact]. Floats must be
// finite, which is not checked, and with Dot of a norm that lets products be finite.
//
// It panics if v has not Dim floats, and if id was put before or exceeds MaxID:
// bugs of this module.
func (ix *Index) Put(id uint32, v []float32) {
	ix.Stage(id, v)
	ix.Show(id)
}

// Stage is Put without showing: nobody finds the vector before [Index.Show].
func (ix *Index) Stage(id uint32, v []float32) {
	if len(v) != ix.opt.Dim || id > MaxID {
		panic(fmt.Sprintf("hnsw: vector %d of %d floats, want at most %d of %d", id, len(v), MaxID, ix.opt.Dim))
	}
	ix.puts.RLock()
	defer ix.puts.RUnlock()
	t := ix.reserve(id)
	c, i := ix.chunk(t, id)
	if has(c.live, i) || has(c.linked, i) {
		panic(fmt.Sprintf("hnsw: id %d is taken", id))
	}
	ix.lay.Put(ix.lay.Row(c.rows, i), v)
	if t.book != nil {
		ix.encode(t, id)
	}
	ix.stored.Add(1)
	atomic.OrUint32(&c.live[i>>5], 1<<(i&31))
	for end := ix.end.Load(); end <= id && !ix.end.CompareAndSwap(end, id+1); end = ix.end.Load() {
	}
}

// Show lets searches find vectors that were put and not deleted. It waits for
// nobody.
func (ix *Index) Show(ids ...uint32) {
	t := ix.table.Load()
	for _, id := range ids {
		c, i := ix.chunk(t, id)
		if bit := uint32(1) << (i & 31); atomic.OrUint32(&c.shown[i>>5], bit)&bit == 0 {
			ix.live.Add(1)
		}
	}
}

// Hide keeps searches from finding vectors, at once and without waiting for
// anybody. [Index.Delete] has to follow for the graph to lead around them.
func (ix *Index) Hide(ids ...uint32) {
	t := ix.table.Load()
	for _, id := range ids {
		ix.hide(t, id)
	}
}

func (ix *Index) hide(t *table, id uint32) {
	c, i := ix.chunk(t, id)
	if bit := uint32(1) << (i & 31); atomic.AndUint32(&c.shown[i>>5], ^bit)&bit != 0 {
		ix.live.Add(-1)
	}
}

// Bits is a set of ids: bit i%64 of word i/64. Ids past the end are not in it.
type Bits []uint64

// Has reports whether id is in the set.
func (b Bits) Has(id uint32) bool { return int(id>>6) < len(b) && b[id>>6]>>(id&63)&1 == 1 }

// passing returns the 32 ids from 32·word on that are shown and, unless allow is
// nil, in it.
func (ix *Index) passing(t *table, word int, allow Bits) uint32 {
	c := t.chunks[word>>(ix.lay.shift-5)]
	live := atomic.LoadUint32(&c.shown[word&(len(c.shown)-1)])
	switch {
	case allow == nil:
		return live
	case word>>1 >= len(allow):
		return 0
	}
	return live & uint32(allow[word>>1]>>(word&1*32))
}

// countPassing returns how many ids are shown and allowed.
func (ix *Index) countPassing(t *table, allow Bits) (n int) {
	if allow == nil {
		return ix.Len()
	}
	words := len(t.chunks) << (ix.lay.shift - 5)
	for w := range min(words, 2*len(allow)) {
		n += bits.OnesCount32(ix.passing(t, w, allow))
	}
	return n
}
