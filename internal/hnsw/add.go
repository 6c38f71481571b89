package hnsw

import (
	"sync"
	"sync/atomic"
)

// Add puts v under id and links it; see [Index.Put].
func (ix *Index) Add(id uint32, v []float32) {
	ix.Put(id, v)
	ix.Link([]uint32{id}, 1)
}

// linkedAlone is how many nodes a graph has before several workers build it:
// nodes that are added at the same time do not see each other.
const linkedAlone = 256

// Link adds vectors that were put to the graph, by the given number of goroutines.
// With one, and no other writer, the graph depends on nothing but the options and
// the order of vectors and ids. Ids that are deleted or linked are passed over.
func (ix *Index) Link(ids []uint32, workers int) {
	var next atomic.Int64
	work := func(until int64) {
		s := ix.scratch.Get().(*Searcher)
		defer ix.scratch.Put(s)
		for {
			i := next.Add(1) - 1
			if i >= until {
				next.Add(-1)
				return
			}
			ix.link(s, ids[i])
		}
	}
	alone := int64(len(ids))
	if workers > 1 {
		alone = min(alone, max(0, linkedAlone-ix.nodes.Load()))
	}
	work(alone)
	if alone == int64(len(ids)) {
		ix.advance()
		return
	}
	var crew sync.WaitGroup
	for range workers {
		crew.Go(func() { work(int64(len(ids))) })
	}
	crew.Wait()
	ix.advance()
}

// advance moves the tail past what is linked.
func (ix *Index) advance() {
	t, from := ix.table.Load(), ix.tail.Load()
	to := from
	for int(to>>ix.lay.shift) < len(t.chunks) && ix.isLinked(t, to) {
		to++
	}
	ix.tail.CompareAndSwap(from, to) // else another writer moves it
}

// link adds one node. Its own links are complete on all levels before any other
// node links to it, so that a walk never ends in a half-made node.
func (ix *Index) link(s *Searcher, id uint32) {
	ix.writers.RLock()
	defer ix.writers.RUnlock()
	if t := ix.table.Load(); !ix.isLive(t, id) || ix.isLinked(t, id) {
		return
	}
	level := ix.levelOf(id)
	ix.reserveUpper(id, level)
	entry, top, ok := ix.entryPoint()
	if !ok || level > top {
		ix.raising.Lock()
		defer ix.raising.Unlock()
		if entry, top, ok = ix.entryPoint(); !ok || level > top {
			defer ix.setEntry(id, level)
		}
	}
	t := ix.table.Load() // after the entry, so that it has it
	if ok {
		s.flip = MaxID
		ix.choose(s, t, id, entry, top, level)
	}
	c, i := ix.chunk(t, id)
	atomic.OrUint32(&c.linked[i>>5], 1<<(i&31))
	ix.nodes.Add(1)
	if ok {
		ix.linkBack(s, t, id)
	}
}

// choose writes the links of a new node. They stay in s.chosen, ground level last.
func (ix *Index) choose(s *Searcher, t *table, id, from uint32, top, level int) {
	q := ix.row(t, id, &s.base)
	if level < top {
		from = s.descend(ix, t, q, from, top, level)
	}
	s.chosen, s.counts = s.chosen[:0], s.counts[:0]
	for l := min(level, top); l >= 0; l-- {
		s.walk(ix, t, q, from, l, ix.opt.EfConstruction, ix.dead() > 0)
		from = s.id(s.pool.keys[0])
		n := len(s.chosen)
		s.chosen = ix.diverse(s, t, s.pool.keys, ix.opt.M, id, s.chosen)
		s.counts = append(s.counts, len(s.chosen)-n)
		links := ix.links(t, id, l)
		for i, nb := range s.chosen[n:] {
			if l == 0 {
				ix.count(t, nb, 1)
			}
			atomic.StoreUint32(&links[i], nb)
		}
	}
}

// count adds to the number of links to a node.
func (ix *Index) count(t *table, id uint32, delta int32) uint32 {
	c, i := ix.chunk(t, id)
	return atomic.AddUint32(&c.inDegree[i], uint32(delta))
}

// linkBack makes the chosen nodes link to the new one.
func (ix *Index) linkBack(s *Searcher, t *table, id uint32) {
	rest := s.chosen
	for i, n := range s.counts {
		level := len(s.counts) - 1 - i
		for _, nb := range rest[:n] {
			ix.connect(s, nb, id, level, false)
		}
		if level == 0 && n > 0 && ix.count(t, id, 0) == 0 {
			ix.connect(s, rest[0], id, 0, true)
		}
		rest = rest[n:]
	}
}

// connect lets node from link to id, if id is among the best choices of from or
// force is set.
func (ix *Index) connect(s *Searcher, from, id uint32, level int, force bool) {
	lock := &ix.stripes[int(from)%len(ix.stripes)]
	lock.Lock()
	defer lock.Unlock()
	t := ix.table.Load() // has every node that is linked by now
	links := ix.links(t, from, level)
	n := 0
	for ; n < len(links) && links[n] != none; n++ {
		if links[n] == id {
			return
		}
	}
	if n < len(links) {
		if level == 0 {
			ix.count(t, id, 1)
		}
		atomic.StoreUint32(&links[n], id)
		return
	}
	s.held = append(append(s.held[:0], links...), id)
	ix.chooseAgain(s, t, from, level, force)
}
