package vector

import (
	"slices"
	"sync"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// While a collection is flat, row i of rows is the vector of slot i. With a graph,
// row i is that of node i, in the memory of the index, and owner says whose it is.
// A new vector is a new node; what it replaces is hidden. Both happen at one moment,
// under mu; that the graph leads to the one and around the other comes later, see
// tend.

// nobody owns a node that was replaced or deleted.
const nobody = ^uint32(0)

// graphOptions are those of the index behind a collection.
func (o Options) graphOptions() hnsw.Options {
	h := hnsw.Options{
		Dim: o.Dim, M: o.M, EfConstruction: o.EfConstruction, Seed: o.Seed, Half: o.Quantization == F16,
	}
	if !o.Metric.squares() {
		h.Metric = hnsw.Dot
	}
	return h
}

// wantsGraph is called with mu or commitMu held.
func (c *Collection[K]) wantsGraph() bool {
	return c.graph == nil && (c.opt.Index == HNSW || c.opt.Index == Auto && len(c.index) >= c.opt.graphPays())
}

// graphPays returns the number of items from which on Auto builds a graph: where a
// search by it takes about half the time of a scan.
func (o Options) graphPays() int { return 2 * o.EfSearch * (30 + 4500/((o.Dim+15)&^15)) }

// adopt turns flat rows into nodes. It is called with commitMu and mu held, or
// while nobody else uses the collection.
func (c *Collection[K]) adopt() {
	c.compact()
	ix, err := hnsw.Adopt(c.opt.graphOptions(), c.rows.chunks, len(c.slots))
	if err != nil {
		panic(err) // the options were checked
	}
	c.setGraph(ix)
	c.owner = make([]uint32, len(c.slots))
	for i := range c.slots {
		c.slots[i].node, c.owner[i] = uint32(i), uint32(i)
	}
}

func (c *Collection[K]) setGraph(ix *hnsw.Index) {
	if c.opt.walkAlways {
		ix.WalkAlways()
	}
	c.graph, c.owner, c.rows.chunks = ix, nil, nil
	c.coded.Store(0)
	if ix.Codes() != hnsw.NoCodes {
		c.coded.Store(int64(ix.Len()))
	}
	c.hidden.reset()
	c.allowed.reset()
	c.showRows()
}

// showRows makes rows hold all chunks of the graph.
func (c *Collection[K]) showRows() {
	for rows := c.graph.Rows(len(c.rows.chunks)); rows != nil; rows = c.graph.Rows(len(c.rows.chunks)) {
		c.rows.chunks = append(c.rows.chunks, rows)
	}
}

// stage stores the vectors of a change where nobody finds them yet. It is called
// with commitMu held.
func (c *Collection[K]) stage(items []Item[K], ready []prepared) {
	if c.graph == nil {
		return
	}
	for i, it := range items {
		ready[i].node = c.graph.End()
		c.graph.Stage(ready[i].node, c.scaled(it.Vector, ready[i].scale))
	}
}

// scaled returns v times a factor, until the next call. It is called with commitMu
// held.
func (c *Collection[K]) scaled(v []float32, factor float64) []float32 {
	c.buffer = slices.Grow(c.buffer[:0], len(v))[:len(v)]
	scaled(c.buffer, v, factor)
	return c.buffer
}

// own gives a slot a node that was staged.
func (c *Collection[K]) own(at, node uint32) {
	for int(node) >= len(c.owner) {
		c.owner = append(c.owner, nobody)
	}
	c.showRows()
	c.slots[at].node, c.owner[node] = node, at
	c.allowed.add(node, c.slots[at].meta)
	c.graph.Show(node)
}

// disown hides a node.
func (c *Collection[K]) disown(node uint32) {
	c.graph.Hide(node)
	c.owner[node] = nobody
	c.hidden.add(node)
}

// row returns the vector of a live slot, padded: the memory of the rows, or buf.
func (c *Collection[K]) row(at int, buf *[]float32) []float32 {
	if c.graph != nil {
		at = int(c.slots[at].node)
	}
	return c.rows.at(at, buf)
}

// stored returns how many rows a scan has to pass.
func (c *Collection[K]) stored() int {
	if c.graph != nil {
		return len(c.owner)
	}
	return len(c.slots)
}

// slotOf returns the slot of a row and whether it is live.
func (c *Collection[K]) slotOf(row int) (at int, live bool) {
	if c.graph == nil {
		return row, c.slots[row].live
	}
	at = int(c.owner[row])
	return at, c.owner[row] != nobody
}

// backlog holds hidden nodes that the graph does not lead around yet.
type backlog struct {
	mu    sync.Mutex
	nodes []uint32
}

func (b *backlog) add(nodes ...uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = append(b.nodes, nodes...)
}

// take returns at most n of the nodes.
func (b *backlog) take(n int) []uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	n = min(n, len(b.nodes))
	taken := b.nodes[:n:n]
	if b.nodes = b.nodes[n:]; len(b.nodes) == 0 {
		b.nodes = nil
	}
	return taken
}

func (b *backlog) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.nodes)
}

func (b *backlog) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = nil
}
