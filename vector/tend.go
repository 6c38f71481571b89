package vector

import (
	"context"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// Tending is what makes the graph follow the items: new nodes are linked, the graph
// is led around hidden ones, and now and then it is moved together. It happens in
// the background, in steps. Who takes one holds tendMu, so that nobody else changes
// nodes that are stored or puts another graph in place; searches and writers go on.

const (
	buryStep  = 32  // hidden nodes in one step
	linkStep  = 128 // new nodes in one step, for each worker
	codesFrom = 1000

	minUnsaved = 1000 // nodes that are not worth a snapshot
)

// tend starts tending in the background if there is something to do. It is called
// with commitMu held.
func (c *Collection[K]) tend() {
	if !c.closed && c.untidy() && c.tending.CompareAndSwap(false, true) {
		c.background.Go(c.tendAll)
	}
}

func (c *Collection[K]) tendAll() {
	for {
		for c.step() {
		}
		c.saveGraph()
		c.tending.Store(false)
		c.mu.RLock()
		more := !c.closed && c.untidy()
		c.mu.RUnlock()
		if !more || !c.tending.CompareAndSwap(false, true) {
			return
		}
	}
}

// settle does all there is to do, with all workers.
func (c *Collection[K]) settle(ctx context.Context) error {
	c.settling.Add(1)
	defer c.settling.Add(-1)
	for c.step() {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// untidy reports whether there is something to do. It is called with commitMu or
// mu held.
func (c *Collection[K]) untidy() bool {
	if c.graph == nil {
		return c.wantsGraph()
	}
	return c.graph.Tail() < c.graph.End() || c.hidden.size() > 0 || c.wantsCodes() || c.wantsCompaction()
}

func (c *Collection[K]) wantsCodes() bool {
	from := codesFrom
	if c.opt.walkAlways {
		from = 50
	}
	return c.opt.Quantization.codes() != hnsw.NoCodes && c.graph.Len() >= max(from, 4*int(c.coded.Load()))
}

// wantsCompaction leaves out what is not yet buried: compaction would take it along.
func (c *Collection[K]) wantsCompaction() bool {
	return c.graph.Dead()-c.hidden.size() > maxDead(c.graph.Len())
}

// step does a little and reports whether there may be more to do.
func (c *Collection[K]) step() bool {
	c.tendMu.Lock()
	defer c.tendMu.Unlock()
	workers := c.opt.Runtime.Workers()
	if c.settling.Load() == 0 {
		workers = max(1, workers-1) // one is left for searches
	}
	ix := c.graph
	if ix == nil {
		return c.switchToGraph()
	}
	ix.Delete(c.hidden.take(buryStep)...)
	if c.wantsCompaction() {
		c.compactGraph()
		return true
	}
	if tail, end := ix.Tail(), ix.End(); tail < end {
		ids := make([]uint32, 0, linkStep*workers)
		for id := tail; id < end && len(ids) < cap(ids); id++ {
			ids = append(ids, id)
		}
		ix.Link(ids, workers)
		c.unsaved.Add(int64(len(ids)))
		return true
	}
	switch {
	case c.hidden.size() > 0:
		return true
	case c.wantsCodes():
		c.coded.Store(int64(ix.Len()))
		ix.Quantize(c.opt.Quantization.codes())
		c.restPages()
		return true
	}
	return false
}

func (c *Collection[K]) switchToGraph() bool {
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || !c.wantsGraph() {
		return false
	}
	c.adopt()
	return true
}

// saveGraph writes a snapshot if much was linked since the last one: Open would have
// to link it again.
func (c *Collection[K]) saveGraph() {
	if c.log == nil || c.opt.SnapshotBytes < 0 {
		return
	}
	if n := c.unsaved.Load(); n > minUnsaved && n > int64(c.Len())/4 {
		_ = c.snapshot(context.Background()) // Stats has the error
	}
}
