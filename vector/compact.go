package vector

import (
	"context"
	"slices"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// Compact frees the memory of deleted items and, with a directory, writes a
// snapshot. With a graph it first waits until all items are built into it, and
// orders them so that near ones lie together in memory. Searches and changes go on
// meanwhile, except that at the end changes wait while all items are numbered anew.
func (c *Collection[K]) Compact(ctx context.Context) error {
	err := c.compactNow(ctx)
	if err == nil && c.log != nil {
		err = c.snapshot(ctx)
	}
	if err != nil {
		return fail("Compact", -1, err)
	}
	return nil
}

func (c *Collection[K]) compactNow(ctx context.Context) error {
	if err := c.check(ctx); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	c.tendMu.Lock()
	defer c.tendMu.Unlock()
	if c.graph != nil {
		c.compactGraph()
	} else {
		c.compactFlat()
	}
	return c.check(ctx)
}

func (c *Collection[K]) check(ctx context.Context) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.usable(ctx)
}

func (c *Collection[K]) compactFlat() {
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.graph == nil {
		c.compact()
	}
}

// maxDead bounds what dead slots cost every search, and is a share of the live
// ones so that the moves of compact are paid by as many deletions.
func maxDead(live int) int { return 32 + live/4 }

// compact closes the gaps of dead slots while the collection is flat, and keeps the
// order of the others.
func (c *Collection[K]) compact() {
	to := 0
	for from := range c.slots {
		if !c.slots[from].live {
			continue
		}
		if to != from {
			c.slots[to] = c.slots[from]
			copy(c.rows.row(to), c.rows.row(from))
			c.index[c.slots[to].id] = uint32(to)
		}
		to++
	}
	clear(c.slots[to:])
	c.slots = c.slots[:to]
	if cap(c.slots) > 4*to+64 {
		c.slots = slices.Clone(c.slots)
	}
	c.rows.resize(to)
	c.dead = 0
	c.relocate()
}

// compactGraph replaces the graph by a compact copy. It is called with tendMu held.
// What changed while the copy was made is brought up to date while writers wait.
func (c *Collection[K]) compactGraph() {
	ix, remap := c.graph.Compact()
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	if c.closed {
		return
	}
	c.unsaved.Add(int64(ix.Len()))
	m := mover[K]{c: c, ix: ix, remap: remap}
	m.move()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setGraph(ix)
	c.unmap()
	c.slots, c.owner, c.dead = m.slots, m.owner, 0
	if m.index != nil {
		c.index = m.index
	}
	c.relocate()
	for node, at := range c.owner {
		if at == nobody { // it was replaced meanwhile
			ix.Hide(uint32(node))
			c.hidden.add(uint32(node))
		}
	}
}

// mover makes what belongs to a compact graph.
type mover[K Key] struct {
	c     *Collection[K]
	ix    *hnsw.Index
	remap []uint32
	slots []slot[K]
	owner []uint32
	index map[K]uint32 // nil if no slot gets another number
	buf   []float32
}

func (m *mover[K]) move() {
	c := m.c
	m.slots = make([]slot[K], 0, len(c.index))
	m.owner = slices.Repeat([]uint32{nobody}, int(m.ix.End()))
	if c.dead > 0 {
		m.index = make(map[K]uint32, len(c.index))
	}
	for _, s := range c.slots {
		if !s.live {
			continue
		}
		s.node = m.node(s.node)
		m.owner[s.node] = uint32(len(m.slots))
		if m.index != nil {
			m.index[s.id] = uint32(len(m.slots))
		}
		m.slots = append(m.slots, s)
	}
}

// node returns the new number of a node, which is put if it was too new.
func (m *mover[K]) node(old uint32) uint32 {
	if int(old) < len(m.remap) && m.remap[old] != hnsw.Gone {
		return m.remap[old]
	}
	id := m.ix.End()
	m.ix.Put(id, m.c.rows.at(int(old), &m.buf)[:m.c.opt.Dim])
	m.owner = append(m.owner, nobody)
	return id
}
