package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// Open opens the collection in a directory, or makes a new one, and locks the
// directory until Close. What Upsert and Delete change is in the directory when
// they return, and safe from a loss of power as o.Sync says.
//
// Its error is a [quintet.Error] whose cause is [quintet.ErrOption] for options
// that contradict what is there, [quintet.ErrBusy] if the directory is open
// elsewhere, [ErrCorrupt], [quintet.ErrUnsupported] for files of another format
// or a system without file locks, or an error of the file system.
func Open[K Key](dir string, o Options) (*Collection[K], error) {
	return openIn[K](wal.OS{}, dir, o)
}

func openIn[K Key](fs wal.FS, dir string, o Options) (*Collection[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := newCollection[K](o)
	handler := wal.Handler{Reset: c.forget, Block: c.load, Record: c.load}
	if o.Mapped {
		handler.Map = c.mapWith
	}
	log, err := wal.Open(dir, wal.Options{
		Tag: c.tag(), Policy: wal.Policy(o.Sync), Interval: o.SyncInterval, FS: fs,
	}, handler)
	if err != nil {
		c.unmap()
		return nil, fail("Open", -1, c.explain(err))
	}
	if err = c.loaded(dir); err == nil && len(c.index) > o.MaxItems {
		err = fmt.Errorf("%s holds %d items, MaxItems is %d: %w", dir, len(c.index), o.MaxItems, quintet.ErrOption)
	}
	if err != nil {
		c.unmap()
		return nil, fail("Open", -1, errors.Join(err, log.Close()))
	}
	c.unmapUnused()
	c.restPages()
	c.log = log
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	c.tend()
	return c, nil
}

// forget empties a collection that nobody else uses.
func (c *Collection[K]) forget() {
	c.index, c.slots, c.rows = map[K]uint32{}, nil, newRows(c.opt)
	c.dead, c.seq, c.graph, c.owner, c.loading, c.sparse = 0, 0, nil, nil, nil, nil
	c.hidden.reset()
	c.unmap()
}

// tag is what the files of a collection must agree on.
func (c *Collection[K]) tag() (t wal.Tag) {
	binary.LittleEndian.PutUint32(t[:], uint32(c.opt.Dim))
	t[4] = byte(c.opt.Metric)
	t[5] = byte(c.keys.kind)
	return t
}

func describe(t wal.Tag) string {
	return fmt.Sprintf("dimension %d, metric %v, keys of kind %v",
		binary.LittleEndian.Uint32(t[:]), Metric(t[4]), reflect.Kind(t[5]))
}

// explain turns errors of package wal into those of this package.
func (c *Collection[K]) explain(err error) error {
	var tag *wal.TagError
	if errors.As(err, &tag) {
		return fmt.Errorf("%s has %s, want %s: %w", tag.File, describe(tag.Tag), describe(c.tag()), quintet.ErrOption)
	}
	var option *optionError
	if errors.As(err, &option) {
		return fmt.Errorf("items do not fit the options: %v: %w", option.err, quintet.ErrOption)
	}
	var bad *wal.CorruptError
	if errors.As(err, &bad) {
		return &CorruptError{File: bad.File, Offset: bad.Offset, Err: bad.Err}
	}
	return err
}
