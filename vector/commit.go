package vector

import (
	"context"
	"fmt"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
)

// change is a call of Upsert or Delete on its way in.
type change[K Key] struct {
	ctx    context.Context
	items  []Item[K] // to put
	ready  []prepared
	ids    []K    // to remove
	record []byte // what the log says of it

	turn    chan bool // nil for who leads at once
	err     error
	index   int // of the item to blame for err, or -1
	deleted int
}

// queue holds the changes that wait. One of their callers leads: it makes all
// changes that it finds, then lets the first of those that came meanwhile lead.
type queue[K Key] struct {
	mu      sync.Mutex
	led     bool
	waiting []*change[K]
}

// add reports whether the caller leads. If not, it hears from ch.turn: true to
// lead, false when the change was made or failed.
func (q *queue[K]) add(ch *change[K]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, ch)
	if q.led {
		ch.turn = make(chan bool, 1)
		return false
	}
	q.led = true
	return true
}

func (q *queue[K]) take() []*change[K] {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting
	q.waiting = nil
	return batch
}

// pass ends the turn of the leader, who took the batch.
func (q *queue[K]) pass(leader *change[K], batch []*change[K]) {
	for _, ch := range batch {
		if ch != leader {
			ch.turn <- false
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.led = len(q.waiting) > 0; q.led {
		q.waiting[0].turn <- true
	}
}

// commit makes a change durable, as Options.Sync says, and then visible. The
// caller whose turn it is does that for all who wait: one write and one sync
// serve many changes. Changes become visible in the order of the log.
func (c *Collection[K]) commit(ch *change[K]) error {
	if c.log != nil && len(ch.items)+len(ch.ids) > 0 {
		if ch.record, ch.err = c.encodeChange(ch); ch.err != nil {
			return ch.err
		}
	}
	if c.queue.add(ch) || <-ch.turn {
		c.lead(ch)
	}
	return ch.err
}

func (c *Collection[K]) lead(ch *change[K]) {
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	batch := c.queue.take()
	c.commitAll(batch)
	c.queue.pass(ch, batch)
}

// commitAll is called with commitMu held, so nobody else changes the items.
func (c *Collection[K]) commitAll(batch []*change[K]) {
	var usable []*change[K]
	items := 0
	for _, ch := range batch {
		if ch.err = c.writable(ch); ch.err == nil {
			usable = append(usable, ch)
			items += len(ch.items)
		}
	}
	if items <= c.opt.MaxItems-len(c.index) {
		c.apply(usable)
		return
	}
	for _, ch := range usable {
		if ch.index = c.overflow(ch.items); ch.index >= 0 {
			ch.err = fmt.Errorf("collection is full with %d items: %w", c.opt.MaxItems, quintet.ErrInput)
			continue
		}
		c.apply([]*change[K]{ch})
	}
}

// writable leaves the graph numbers for twice as many items as it may have.
func (c *Collection[K]) writable(ch *change[K]) error {
	if c.graph != nil && len(ch.items) > hnsw.MaxID-int(c.graph.End()) {
		return fmt.Errorf("too many replaced items wait for compaction: %w", quintet.ErrBusy)
	}
	return c.usable(ch.ctx)
}

// apply logs changes and makes them visible, all or none.
func (c *Collection[K]) apply(batch []*change[K]) {
	if err := c.write(batch); err != nil {
		for _, ch := range batch {
			ch.err = err
		}
		return
	}
	c.show(batch)
	c.tend()
	c.snapshotIfDue()
}

func (c *Collection[K]) write(batch []*change[K]) error {
	var records [][]byte
	for _, ch := range batch {
		if ch.record != nil {
			records = append(records, ch.record)
		}
	}
	if len(records) == 0 {
		return nil
	}
	return c.log.Append(records...)
}

func (c *Collection[K]) show(batch []*change[K]) {
	for _, ch := range batch {
		c.stage(ch.items, ch.ready)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range batch {
		for i, it := range ch.items {
			c.put(it, ch.ready[i])
		}
		ch.deleted = c.remove(ch.ids)
	}
}
