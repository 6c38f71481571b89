package vector

import (
	"context"
	"iter"
)

// page is how many items All copies each time it holds the collection.
const page = 64

// All yields the items that were there when the loop began, in insertion order,
// but for those deleted before their turn; replaced ones come as they are by
// then. The collection may be used and changed inside the loop. An error is
// yielded once, at the end.
func (c *Collection[K]) All(ctx context.Context) iter.Seq2[Item[K], error] {
	return func(yield func(Item[K], error) bool) {
		end := c.nextSeq()
		for next := uint64(0); ; {
			items, after, err := c.page(ctx, next, end)
			for _, it := range items {
				if err = ctx.Err(); err != nil {
					break
				}
				if !yield(it, nil) {
					return
				}
			}
			if err != nil {
				yield(Item[K]{}, fail("All", -1, err))
				return
			}
			if next = after; next == end {
				return
			}
		}
	}
}

func (c *Collection[K]) nextSeq() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.seq
}

// page copies the next live items with a seq from next on but below end, and
// returns the seq to go on with.
func (c *Collection[K]) page(ctx context.Context, next, end uint64) (items []Item[K], after uint64, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil {
		return nil, 0, err
	}
	for at := c.slotFrom(next); at < len(c.slots) && c.slots[at].seq < end; at++ {
		if len(items) == page {
			return items, c.slots[at].seq, nil
		}
		if c.slots[at].live {
			items = append(items, c.item(at))
		}
	}
	return items, end, nil
}
