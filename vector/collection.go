package vector

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
	"github.com/quintet-ai/quintet/internal/mmap"
	"github.com/quintet-ai/quintet/internal/postings"
	"github.com/quintet-ai/quintet/internal/wal"
)

// Collection is a [Store] in memory, made by [New], or in memory and a directory,
// made by [Open]. Every method may be called at any time from any goroutine; each
// change is seen by a search whole or not at all, also by one that walks a graph.
// Items go in and come out as copies.
//
// The errors of its methods are [quintet.Error] values whose cause is
// [quintet.ErrInput], [quintet.ErrClosed], the error of the context or, with a
// directory, one of the file system. Waiting for another call to let go of the
// collection is not cut short by the context.
type Collection[K Key] struct {
	opt      Options
	keys     keyCodec[K]
	sessions sync.Pool     // of *session
	helpers  chan struct{} // holds one element for each goroutine that helps a search

	tendMu   sync.Mutex   // held by whoever changes stored nodes; taken first
	settling atomic.Int32 // calls that wait for tending
	tending  atomic.Bool  // in the background
	coded    atomic.Int64 // items when codes were last made
	pages    *mmap.Pages  // of the snapshot that rows are in, or nil; see mapped.go
	unsaved  atomic.Int64 // nodes that were linked since the last snapshot
	hidden   backlog
	allowed  allowed

	log        *wal.Log // nil in memory
	background sync.WaitGroup
	snapMu     sync.Mutex             // one snapshot at a time; taken before commitMu
	snapping   atomic.Bool            // in the background
	snapFailed atomic.Pointer[string] // why the last snapshot failed

	savedChunks int // of the graph in the snapshot being written, with tendMu

	queue    queue[K]
	commitMu sync.Mutex // held by whoever changes what follows; taken before mu
	retryAt  int64      // log bytes below which no snapshot is tried after one failed
	buffer   []float32  // a vector on its way in

	mu      sync.RWMutex
	closed  bool
	index   map[K]uint32 // the slot of each live item
	slots   []slot[K]    // in insertion order
	dead    int          // slots that are not live
	graph   *hnsw.Index  // nil while flat
	owner   []uint32     // the slot of each node
	rows    rows         // the vectors of the slots, or of the nodes
	loading *loading[K]  // nil but while a snapshot with a graph is read
	seq     uint64       // of the next new item
	words   *words       // nil without Options.TextIndex
	sparse  *inverted    // nil until an item has a sparse vector
}

// slot is an item without its vector. A deleted one stays, empty, until compact.
type slot[K Key] struct {
	id   K
	meta Meta
	text string
	seq  uint64 // rises with the slot and outlives its number
	live bool
	node uint32 // with a graph

	documents [invertedKinds]uint32 // one more than its numbers in the inverted indexes, 0 for none
}

// New returns an empty collection in memory, or an error wrapping [quintet.ErrOption].
func New[K Key](o Options) (*Collection[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := newCollection[K](o)
	return c, c.loaded("")
}

func newCollection[K Key](o Options) *Collection[K] {
	return &Collection[K]{
		opt:      o,
		keys:     newKeyCodec[K](),
		sessions: sync.Pool{New: func() any { return new(session) }},
		helpers:  make(chan struct{}, o.Runtime.Workers()-1),
		index:    map[K]uint32{},
		rows:     newRows(o),
	}
}

// Upsert adds items; one whose ID is there replaces the old one in its place. If
// an ID comes twice, the last one counts. Either all items go in or, on any error,
// none; the error carries the index of the first bad item. In a collection of
// [Open] the items of one call take at most 1 GiB.
func (c *Collection[K]) Upsert(ctx context.Context, items ...Item[K]) error {
	ready := make([]prepared, len(items))
	for i, it := range items {
		err := ctx.Err()
		if err != nil {
			return fail("Upsert", -1, err)
		}
		if ready[i], err = c.prepare(it); err != nil {
			return fail("Upsert", i, err)
		}
	}
	ch := &change[K]{ctx: ctx, items: items, ready: ready, index: -1}
	if err := c.commit(ch); err != nil {
		return fail("Upsert", ch.index, err)
	}
	return nil
}

// prepared is what a checked item is stored with.
type prepared struct {
	scale float64
	meta  Meta
	node  uint32 // with a graph, once it is staged
	terms []postings.Term

	sparse Sparse
}

func (c *Collection[K]) prepare(it Item[K]) (p prepared, err error) {
	if p.scale, err = c.opt.Metric.scale(it.Vector, c.opt.Dim); err == nil {
		err = c.opt.Quantization.checkRange(it.Vector, p.scale)
	}
	if err == nil {
		p.meta, err = it.Meta.clone()
	}
	if err == nil {
		err = it.Sparse.check()
	}
	if err == nil {
		p.sparse = it.Sparse.copied()
	}
	if c.words != nil && err == nil {
		p.terms = c.words.terms(it.Text)
	}
	return p, err
}

// overflow returns the first item for which there is no room, or -1.
func (c *Collection[K]) overflow(items []Item[K]) int {
	room := c.opt.MaxItems - len(c.index)
	if len(items) <= room {
		return -1
	}
	fresh := map[K]bool{}
	for i, it := range items {
		if _, ok := c.index[it.ID]; !ok {
			fresh[it.ID] = true
		}
		if len(fresh) > room {
			return i
		}
	}
	return -1
}

func (c *Collection[K]) put(it Item[K], p prepared) {
	at, ok := c.index[it.ID]
	if !ok {
		at = uint32(len(c.slots))
		c.index[it.ID] = at
		c.slots = append(c.slots, slot[K]{id: it.ID, seq: c.seq, live: true})
		c.seq++
	}
	if c.words != nil && (!ok || c.slots[at].text != it.Text) {
		c.reword(at, c.slots[at].text, p.terms)
	}
	c.putSparse(at, p.sparse)
	c.slots[at].meta, c.slots[at].text = p.meta, it.Text
	if c.graph == nil {
		c.rows.resize(len(c.slots))
		c.rows.lay.Put(c.rows.row(int(at)), c.scaled(it.Vector, p.scale))
		return
	}
	if ok {
		c.disown(c.slots[at].node)
	}
	c.own(at, p.node)
}

// Delete removes items and returns how many of the IDs were there. Without a graph
// it takes O(Dim) per item on average; now and then one call moves all items
// together to free memory. With a graph that happens in the background.
func (c *Collection[K]) Delete(ctx context.Context, ids ...K) (int, error) {
	ch := &change[K]{ctx: ctx, ids: ids, index: -1}
	if err := c.commit(ch); err != nil {
		return 0, fail("Delete", -1, err)
	}
	return ch.deleted, nil
}

func (c *Collection[K]) remove(ids []K) (n int) {
	for _, id := range ids {
		if at, ok := c.index[id]; ok {
			delete(c.index, id)
			if c.graph != nil {
				c.disown(c.slots[at].node)
			}
			if c.words != nil {
				c.reword(at, c.slots[at].text, nil)
			}
			c.putSparse(at, Sparse{})
			c.slots[at] = slot[K]{seq: c.slots[at].seq}
			c.dead++
			n++
		}
	}
	if c.graph == nil && c.dead > maxDead(len(c.index)) {
		c.compact()
	}
	return n
}

// Get returns the item with the given ID and whether it is there. The Vector of
// a Cosine collection has norm 1.
func (c *Collection[K]) Get(ctx context.Context, id K) (Item[K], bool, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil {
		return Item[K]{}, false, fail("Get", -1, err)
	}
	at, ok := c.index[id]
	if !ok {
		return Item[K]{}, false, nil
	}
	return c.item(int(at)), true, nil
}

// item returns a copy of a live item.
func (c *Collection[K]) item(at int) Item[K] {
	s := &c.slots[at]
	var buf []float32
	v := c.row(at, &buf)[:c.opt.Dim:c.opt.Dim]
	if buf == nil { // it is the memory of the rows
		v = slices.Clone(v)
	}
	return Item[K]{
		ID: s.id, Vector: v, Meta: s.meta.copied(), Text: s.text, Sparse: c.sparseOf(uint32(at)).copied(),
	}
}

// Len returns the number of items, 0 after Close.
func (c *Collection[K]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.index)
}

// Stats describes the collection. It takes no time that grows with the items but for
// a thousandth of them.
func (c *Collection[K]) Stats(ctx context.Context) (Stats, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil {
		return Stats{}, fail("Stats", -1, err)
	}
	s := Stats{
		Items:   len(c.index),
		Dim:     c.opt.Dim,
		Metric:  c.opt.Metric,
		Deleted: c.dead,
		Bytes:   c.rows.bytes(),
		Index:   Flat,

		Quantization: c.quantization(),
	}
	if c.graph != nil {
		g := c.graph.Stats()
		s.Index, s.Deleted, s.Levels = HNSW, g.Dead, g.Levels
		s.Bytes, s.MappedBytes, s.LinkBytes, s.CodeBytes = g.RowBytes, g.MappedBytes, g.LinkBytes, g.CodeBytes
		s.Unlinked = int(c.graph.End() - c.graph.Tail())
	}
	if c.sparse != nil {
		s.Sparse = c.sparse.index.Len()
	}
	if c.log != nil {
		sizes := c.log.Sizes()
		s.LogBytes, s.SnapshotBytes, s.LastSnapshot = sizes.Log, sizes.Snapshot, sizes.Made
		if failed := c.snapFailed.Load(); failed != nil {
			s.SnapshotError = *failed
		}
	}
	return s, nil
}

// Close waits for running calls, makes all changes durable and frees the items.
// Later calls return [quintet.ErrClosed]; closing twice is harmless. Its error is
// one of the file system.
func (c *Collection[K]) Close() error {
	c.free()
	c.background.Wait()
	if c.log == nil {
		return nil
	}
	if err := c.log.Close(); err != nil {
		return fail("Close", -1, err)
	}
	return nil
}

func (c *Collection[K]) free() {
	c.tendMu.Lock()
	defer c.tendMu.Unlock()
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.index, c.slots, c.rows.chunks, c.graph, c.owner = nil, nil, nil, nil, nil
	c.dead, c.sparse = 0, nil
	c.unmap()
}

// usable is called with mu held.
func (c *Collection[K]) usable(ctx context.Context) error {
	if c.closed {
		return quintet.ErrClosed
	}
	return ctx.Err()
}

func fail(method string, index int, err error) error {
	return &quintet.Error{Op: "vector." + method, Index: index, Err: err}
}
