package vector

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// minSnapshotBytes is the log that is not worth a snapshot by default.
const minSnapshotBytes = 4 << 20

// Snapshot writes all items to a new file of the directory and drops the log of
// the changes it holds, which makes the next [Open] fast. Searches and changes go
// on meanwhile. It also makes a collection take changes again whose log failed.
// Without a directory the error is [quintet.ErrUnsupported].
func (c *Collection[K]) Snapshot(ctx context.Context) error {
	if c.log == nil {
		err := fmt.Errorf("collection has no directory, use Backup: %w", quintet.ErrUnsupported)
		return fail("Snapshot", -1, err)
	}
	if err := c.snapshot(ctx); err != nil {
		return fail("Snapshot", -1, err)
	}
	return nil
}

// snapshot keeps the outcome for Stats.
func (c *Collection[K]) snapshot(ctx context.Context) error {
	c.tendMu.Lock() // so that numbers of nodes stay what they are
	defer c.tendMu.Unlock()
	c.snapMu.Lock()
	defer c.snapMu.Unlock()
	err := c.writeSnapshot(ctx)
	switch {
	case err == nil:
		c.snapFailed.Store(nil)
	case !errors.Is(err, quintet.ErrClosed):
		why := err.Error()
		c.snapFailed.Store(&why)
	}
	return err
}

// writeSnapshot cuts the log and then copies the items, those that change
// meanwhile as they are by then: the log after the cut brings them up to date. A
// log that failed cannot do that, so changes wait until it is replaced.
func (c *Collection[K]) writeSnapshot(ctx context.Context) error {
	seq, end, err := c.cut(ctx)
	if err != nil || seq == 0 {
		return err
	}
	c.savedChunks = 0
	if err := c.log.Checkpoint(seq, c.blocks(ctx, end)); err != nil {
		return err
	}
	c.mapSnapshot()
	return nil
}

// cut begins a new segment and returns the number of its first record and the
// seq of the next new item, or replaces a failed log and returns 0.
func (c *Collection[K]) cut(ctx context.Context) (seq, end uint64, err error) {
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	if err := c.usable(ctx); err != nil {
		return 0, 0, err
	}
	if c.log.Err() != nil {
		return 0, 0, c.log.Replace(c.blocks(ctx, c.seq))
	}
	if c.unsaved.Swap(0) > 0 { // the log cannot tell that there is something new
		if err := c.log.Append(binary.AppendUvarint([]byte{verbRemove}, 0)); err != nil {
			return 0, 0, err
		}
	}
	seq, err = c.log.Rotate()
	return seq, c.seq, err
}

// blocks yields the items with a seq below end: with their vectors, or with their
// nodes and then the graph. It is called with tendMu held.
func (c *Collection[K]) blocks(ctx context.Context, end uint64) wal.Blocks {
	if c.graph != nil {
		return c.graphBlocks(ctx, end)
	}
	return func(add func([]byte) error) error {
		var block []byte
		for next := uint64(0); next < end; {
			items, after, err := c.page(ctx, next, end)
			if err != nil {
				return err
			}
			verb := putVerb(items)
			block = binary.AppendUvarint(append(block[:0], verb), uint64(len(items)))
			for _, it := range items {
				if block, err = c.appendItem(block, it, 1, verb); err != nil {
					return err
				}
			}
			if err := add(block); err != nil {
				return err
			}
			next = after
		}
		return nil
	}
}

// snapshotIfDue is called with commitMu held.
func (c *Collection[K]) snapshotIfDue() {
	if c.log == nil || c.opt.SnapshotBytes < 0 {
		return
	}
	limit := c.opt.SnapshotBytes
	if limit == 0 {
		limit = max(minSnapshotBytes, c.rows.bytes())
	}
	size := c.log.Sizes().Log
	if size < max(limit, c.retryAt) || !c.snapping.CompareAndSwap(false, true) {
		return
	}
	c.retryAt = size + limit // if this one fails
	c.background.Go(func() {
		defer c.snapping.Store(false)
		if c.snapshot(context.Background()) == nil {
			c.commitMu.Lock()
			defer c.commitMu.Unlock()
			c.retryAt = 0
		}
	})
}

// Backup writes all items to w for [Collection.Restore]. Changes wait until it is
// done, searches do not. It works without a directory too.
func (c *Collection[K]) Backup(ctx context.Context, w io.Writer) error {
	c.tendMu.Lock()
	defer c.tendMu.Unlock()
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	err := c.usable(ctx)
	if err == nil {
		err = wal.WriteSnapshot(w, c.tag(), c.blocks(ctx, c.seq))
	}
	if err != nil {
		return fail("Backup", -1, err)
	}
	return nil
}

// Restore replaces all items by those of a backup, or of a snapshot file, which
// it reads to the end of r. After an error the items are as they were. The causes
// are those of [Open]; the options must fit those of the backup.
func (c *Collection[K]) Restore(ctx context.Context, r io.Reader) error {
	fresh := newCollection[K](c.opt)
	err := wal.ReadSnapshot(&until{ctx: ctx, r: r}, "backup", c.tag(), fresh.load)
	if err == nil {
		err = fresh.loaded("backup")
	}
	switch {
	case err != nil:
		err = c.explain(err)
	case len(fresh.index) > c.opt.MaxItems:
		err = fmt.Errorf("backup holds %d items, MaxItems is %d: %w", len(fresh.index), c.opt.MaxItems, quintet.ErrOption)
	default:
		err = c.replace(ctx, fresh)
	}
	if err != nil {
		return fail("Restore", -1, err)
	}
	return nil
}

// replace takes over the items of fresh, on disk first.
func (c *Collection[K]) replace(ctx context.Context, fresh *Collection[K]) error {
	c.tendMu.Lock()
	defer c.tendMu.Unlock()
	c.snapMu.Lock()
	defer c.snapMu.Unlock()
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	if err := c.usable(ctx); err != nil {
		return err
	}
	if c.log != nil {
		if err := c.log.Replace(fresh.blocks(ctx, fresh.seq)); err != nil {
			return err
		}
	}
	c.takeOver(fresh)
	if c.log != nil {
		if pages, rows := c.snapshotRows(); pages != nil {
			c.moveTo(pages, rows)
		}
	}
	c.tend()
	return nil
}

func (c *Collection[K]) takeOver(fresh *Collection[K]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range fresh.slots { // no loop over All that is under way takes them for old items
		fresh.slots[i].seq += c.seq
	}
	c.graph, c.owner, c.words, c.sparse = fresh.graph, fresh.owner, fresh.words, fresh.sparse
	c.index, c.slots, c.rows.chunks, c.dead = fresh.index, fresh.slots, fresh.rows.chunks, fresh.dead
	c.seq += fresh.seq
	c.savedChunks = fresh.savedChunks
	c.unmap()
	c.hidden.reset()
	c.hidden.add(fresh.hidden.take(math.MaxInt)...)
	c.allowed.reset()
	c.coded.Store(fresh.coded.Load())
}

// until reads from r as long as its context lasts.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}
