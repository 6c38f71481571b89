package hnsw

import "sync/atomic"

// none ends a row of links that is not full.
const none = ^uint32(0)

// chunk holds what belongs to consecutive ids. It never moves. Words that change
// after a node can be reached are read and written atomically.
type chunk struct {
	rows     []byte   // the vectors, as the layout says
	mapped   bool     // the rows are part of a file
	links    []uint32 // 2·M a node, on the ground level
	inDegree []uint32 // live nodes that link to this one on the ground level
	upper    []uint32 // unit<<levelBits | level of the links above
	live     []uint32 // bits: stored and not deleted
	shown    []uint32 // bits: live, and searches may find it
	linked   []uint32 // bits: the links are complete
}

// table is what a search sees of an index: a growing index publishes a new one.
type table struct {
	chunks []*chunk
	bases  []*byte    // the first row of each chunk
	ground []*uint32  // the first link of each chunk
	arena  [][]uint32 // blocks of units, each the links of one node on one level
	book   *codebook  // nil without codes
	codes  []*byte    // the first row of codes of each chunk
}

const (
	levelBits = 4
	maxLevel  = 1<<levelBits - 1

	unitsPerBlock = 1 << 8
)

func newChunk(l Layout, m0 int) *chunk { return chunkOf(l.NewChunk(), l, m0) }

// chunkOf takes over rows.
func chunkOf(rows []byte, l Layout, m0 int) *chunk {
	c := unlinkedChunk(rows, l, m0)
	for i := range c.links {
		c.links[i] = none
	}
	return c
}

// unlinkedChunk is chunkOf for a caller who fills in the links.
func unlinkedChunk(rows []byte, l Layout, m0 int) *chunk {
	n := 1 << l.shift
	return &chunk{
		rows:     rows,
		links:    make([]uint32, n*m0),
		inDegree: make([]uint32, n),
		upper:    make([]uint32, n),
		live:     make([]uint32, n/32),
		shown:    make([]uint32, n/32),
		linked:   make([]uint32, n/32),
	}
}

// linkBytes is the memory of a chunk but for its vectors.
func (c *chunk) linkBytes() int64 {
	words := len(c.links) + len(c.inDegree) + len(c.upper) + len(c.live) + len(c.shown) + len(c.linked)
	return int64(words) * 4
}

func has(bits []uint32, i int) bool { return atomic.LoadUint32(&bits[i>>5])>>(i&31)&1 == 1 }

func (ix *Index) chunk(t *table, id uint32) (c *chunk, i int) {
	return t.chunks[id>>ix.lay.shift], int(id) & ix.lay.mask()
}

func (ix *Index) isLive(t *table, id uint32) bool {
	c, i := ix.chunk(t, id)
	return has(c.live, i)
}

func (ix *Index) isShown(t *table, id uint32) bool {
	c, i := ix.chunk(t, id)
	return has(c.shown, i)
}

func (ix *Index) isLinked(t *table, id uint32) bool {
	c, i := ix.chunk(t, id)
	return has(c.linked, i)
}

// row returns the padded vector of id: the memory of the index, or buf.
func (ix *Index) row(t *table, id uint32, buf *[]float32) []float32 {
	c, i := ix.chunk(t, id)
	return ix.lay.Vector(ix.lay.Row(c.rows, i), buf)
}

func (ix *Index) level(t *table, id uint32) int {
	c, i := ix.chunk(t, id)
	return int(c.upper[i] & maxLevel)
}

// links returns the links of a node on a level that it has. The result is empty if
// they were made after t was published.
func (ix *Index) links(t *table, id uint32, level int) []uint32 {
	c, i := ix.chunk(t, id)
	if level == 0 {
		m0 := 2 * ix.opt.M
		return c.links[i*m0 : (i+1)*m0 : (i+1)*m0]
	}
	unit := int(c.upper[i]>>levelBits) + level - 1
	if unit/unitsPerBlock >= len(t.arena) {
		return nil
	}
	at := unit % unitsPerBlock * ix.opt.M
	return t.arena[unit/unitsPerBlock][at : at+ix.opt.M : at+ix.opt.M]
}

// reserve makes room for id and returns the table that has it.
func (ix *Index) reserve(id uint32) *table {
	if t := ix.table.Load(); int(id>>ix.lay.shift) < len(t.chunks) {
		return t
	}
	ix.growing.Lock()
	defer ix.growing.Unlock()
	t := *ix.table.Load()
	for int(id>>ix.lay.shift) >= len(t.chunks) {
		t.take(newChunk(ix.lay, 2*ix.opt.M))
		if t.book != nil {
			t.codes = append(t.codes, &t.book.newCodes()[0])
		}
	}
	ix.table.Store(&t)
	return &t
}

// take appends a chunk.
func (t *table) take(c *chunk) {
	t.chunks = append(t.chunks, c)
	t.bases = append(t.bases, &c.rows[0])
	t.ground = append(t.ground, &c.links[0])
}

// reserveUpper makes room for the links of a node above the ground level, all in
// one block.
func (ix *Index) reserveUpper(id uint32, level int) {
	if level == 0 {
		return
	}
	ix.growing.Lock()
	defer ix.growing.Unlock()
	t := *ix.table.Load()
	if unitsPerBlock-ix.units%unitsPerBlock < level {
		ix.units += unitsPerBlock - ix.units%unitsPerBlock
	}
	if (ix.units+level-1)/unitsPerBlock >= len(t.arena) {
		block := make([]uint32, unitsPerBlock*ix.opt.M)
		for i := range block {
			block[i] = none
		}
		t.arena = append(t.arena, block)
		ix.table.Store(&t)
	}
	c, i := ix.chunk(&t, id)
	c.upper[i] = uint32(ix.units<<levelBits | level)
	ix.units += level
}
