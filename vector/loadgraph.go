package vector

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

var (
	errNoGraph = errors.New("graph is not complete")
	errMixed   = errors.New("items with vectors and without")
)

// loading is a snapshot with a graph that is being read: its items in pages, so that
// none is copied twice, and the graph.
type loading[K Key] struct {
	hnsw.Decoder
	pages  [][]slot[K]
	sparse []loadedSparse
}

// loadedSparse is a sparse vector with the slot that it will be of.
type loadedSparse struct {
	at int
	Sparse
}

// begin is called with each block. Vectors stay in the file if that is mapped.
func (c *Collection[K]) begin() error {
	if c.loading != nil {
		return nil
	}
	if len(c.slots) > 0 {
		return errMixed
	}
	c.loading = &loading[K]{Decoder: hnsw.Decoder{Keep: c.pages != nil}}
	return nil
}

// loadNodes reads n items whose vectors come with the graph, perhaps with sparse ones.
func (c *Collection[K]) loadNodes(d *decoder, n int, sparse bool) error {
	if err := c.begin(); err != nil {
		return err
	}
	page := make([]slot[K], 0, min(n, nodePage))
	for range n {
		s := slot[K]{id: c.keys.read(d), node: d.uint32(), text: d.string(), meta: d.meta(), live: true, seq: c.seq}
		if d.err != nil {
			return d.err
		}
		if err := s.meta.check(); err != nil {
			return err
		}
		if sparse {
			if v := d.sparse(); !v.empty() {
				c.loading.sparse = append(c.loading.sparse, loadedSparse{int(c.seq), v})
			}
			if d.err != nil {
				return d.err
			}
		}
		page = append(page, s)
		c.seq++ // which began with 0
	}
	c.loading.pages = append(c.loading.pages, page)
	return nil
}

// number gives the items their slots, in an index that is as large as it will be.
func (c *Collection[K]) number(l *loading[K]) error {
	c.slots = slices.Concat(l.pages...)
	c.index = make(map[K]uint32, len(c.slots))
	for at := range c.slots {
		if c.index[c.slots[at].id] = uint32(at); len(c.index) <= at {
			return fmt.Errorf("item %v comes twice", c.slots[at].id)
		}
	}
	for _, s := range l.sparse {
		c.putSparse(uint32(s.at), s.Sparse)
	}
	return nil
}

// loadGraph reads a part of the graph and, after the last one, brings it together
// with the items.
func (c *Collection[K]) loadGraph(part []byte) error {
	if c.graph != nil {
		return errors.New("two graphs in one snapshot")
	}
	if err := c.begin(); err != nil { // of no items, perhaps
		return err
	}
	if err := c.loading.Part(part); err != nil || c.loading.Next() > 0 {
		return err
	}
	ix, err := c.loading.Index()
	if err == nil {
		err = c.number(c.loading)
	}
	if err != nil {
		return err
	}
	want, have := c.opt.graphOptions(), ix.Options()
	if have.Dim != want.Dim || have.Metric != want.Metric {
		return fmt.Errorf("graph has dimension %d and metric %d", have.Dim, have.Metric)
	}
	c.loading = nil
	c.rows.lay = ix.Layout() // until dropGraph, if the options want another one
	c.setGraph(ix)
	if err := c.ownAll(); err != nil {
		return err
	}
	if c.opt.Index == Flat || have != want {
		return c.dropGraph()
	}
	return nil
}

// ownAll checks the vectors of all items and hides those of none.
func (c *Collection[K]) ownAll() error {
	end := c.graph.End()
	c.owner = make([]uint32, end)
	for node := range c.owner {
		c.owner[node] = nobody
	}
	for at, s := range c.slots {
		if s.node >= end || !c.graph.Live(s.node) || c.owner[s.node] != nobody {
			return fmt.Errorf("item %v has no node %d", s.id, s.node)
		}
		c.owner[s.node] = uint32(at)
	}
	for node := range end {
		if c.owner[node] == nobody && c.graph.Live(node) {
			c.graph.Hide(node)
			c.hidden.add(node)
		}
	}
	return c.checkRows()
}

// checkRows checks the vectors as Upsert does, with all workers.
func (c *Collection[K]) checkRows() error {
	workers := c.opt.Runtime.Workers()
	errs := make([]error, workers)
	var crew sync.WaitGroup
	for w := range workers {
		crew.Go(func() {
			var buf []float32
			for at := w; at < len(c.slots) && errs[w] == nil; at += workers {
				errs[w] = c.checkStored(c.row(at, &buf)[:c.opt.Dim])
			}
		})
	}
	crew.Wait()
	return errors.Join(errs...)
}

// dropGraph makes rows of the nodes: the options want no graph, or another one.
func (c *Collection[K]) dropGraph() error {
	rows := newRows(c.opt)
	rows.resize(len(c.slots))
	var buf []float32
	for at := range c.slots {
		v := c.row(at, &buf)[:c.opt.Dim]
		if err := c.fits(v); err != nil {
			return err
		}
		rows.lay.Put(rows.row(at), v)
	}
	c.graph, c.owner, c.rows = nil, nil, rows
	c.hidden.take(math.MaxInt)
	return nil
}

// loaded ends the loading of a file.
func (c *Collection[K]) loaded(file string) error {
	if c.loading != nil {
		return &CorruptError{File: file, Err: errNoGraph}
	}
	if c.wantsGraph() {
		c.adopt()
	}
	c.indexTexts()
	return nil
}
