package vector

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// load applies a record of the log or a block of a snapshot to a collection that
// nobody else uses.
func (c *Collection[K]) load(record []byte) error {
	if part, ok := graphPart(record); ok {
		return c.loadGraph(part)
	}
	d := &decoder{b: record}
	verb := d.byte()
	switch {
	case verb == verbGraph:
		return c.loadGraph(d.b)
	case c.loading != nil && verb != verbNode && verb != verbNodeSparse:
		return errNoGraph
	}
	n := d.count()
	switch {
	case d.err != nil:
		return d.err
	case verb == verbNode, verb == verbNodeSparse:
		if err := c.loadNodes(d, n, verb == verbNodeSparse); err != nil {
			return err
		}
	case verb == verbRemove:
		for range n {
			if id := c.keys.read(d); d.err == nil {
				c.remove([]K{id})
			}
		}
	case verb == verbPut, verb == verbPutSparse:
		v := make([]float32, c.opt.Dim)
		for range n {
			if err := c.loadItem(d, v, verb == verbPutSparse); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("record has unknown verb %d", verb)
	}
	if len(d.b) > 0 {
		d.fail("record has %d bytes too many", len(d.b))
	}
	return d.err
}

// loadItem reads an item with the help of v. It is checked as Upsert does, as a
// checksum says nothing about who wrote the file.
func (c *Collection[K]) loadItem(d *decoder, v []float32, sparse bool) error {
	id := c.keys.read(d)
	bits := d.take(4 * len(v))
	if d.err != nil {
		return d.err
	}
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(bits[4*i:]))
	}
	it := Item[K]{ID: id, Vector: v, Text: d.string(), Meta: d.meta()}
	if sparse {
		it.Sparse = d.sparse()
	}
	if d.err != nil {
		return d.err
	}
	err := c.checkStored(v)
	if err == nil {
		err = it.Meta.check()
	}
	if err == nil {
		err = c.fits(v)
	}
	if err != nil {
		return err
	}
	ready := []prepared{{scale: 1, meta: it.Meta, sparse: it.Sparse}}
	c.stage([]Item[K]{it}, ready)
	c.put(it, ready[0])
	return nil
}

// fits checks a vector that was stored with other options, perhaps.
func (c *Collection[K]) fits(v []float32) error {
	if err := c.opt.Quantization.checkRange(v, 1); err != nil {
		return &optionError{err}
	}
	return nil
}

// optionError is an error that files do not have by themselves.
type optionError struct{ err error }

func (e *optionError) Error() string { return e.err.Error() }
func (e *optionError) Unwrap() error { return quintet.ErrOption }

// checkStored checks a vector that was stored before.
func (c *Collection[K]) checkStored(v []float32) error {
	if c.opt.Metric.plain(v) {
		return nil
	}
	scale, err := c.opt.Metric.scale(v, c.opt.Dim)
	if err == nil && c.opt.Metric == Cosine && math.Abs(scale-1) > 1e-3 {
		err = fmt.Errorf("vector has norm %.3g, want 1", 1/scale)
	}
	return err
}
