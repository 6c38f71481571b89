package vector

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/quintet-ai/quintet/internal/hnsw"
	"github.com/quintet-ai/quintet/internal/wal"
)

// A snapshot of a graph has blocks of verbNode, or verbNodeSparse, first, each a count and as many items
// with the number of a node in place of the vector, then the parts of the index, each
// in a block of verbPart. Vectors are in there. Files of earlier versions have verbGraph
// in its place, without the bytes between it and the part.

// nodePage is how many items are encoded each time the collection is held.
const nodePage = 512

// graphBlocks yields the items first: a vector that is replaced after its item was
// written is in the index all the same, and the log says what replaced it.
func (c *Collection[K]) graphBlocks(ctx context.Context, end uint64) wal.Blocks {
	return func(add func([]byte) error) error {
		var block []byte
		for next := uint64(0); next < end; {
			var err error
			if block, next, err = c.nodePage(ctx, block[:0], next, end); err != nil {
				return err
			}
			if err := add(block); err != nil {
				return err
			}
		}
		first := true
		return c.graph.Parts(func(part []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if first {
				c.savedChunks, first = hnsw.Chunks(part), false
			}
			block = appendPart(block[:0], part)
			return add(block)
		})
	}
}

// nodePage appends a block of live items from seq next on, and returns the seq to
// go on with.
func (c *Collection[K]) nodePage(ctx context.Context, b []byte, next, end uint64) ([]byte, uint64, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil {
		return nil, 0, err
	}
	first := c.slotFrom(next)
	at, n := first, 0
	for ; at < len(c.slots) && c.slots[at].seq < end && n < nodePage; at++ {
		if c.slots[at].live {
			n++
		}
	}
	verb := byte(verbNode)
	if c.sparse != nil {
		verb = verbNodeSparse
	}
	b = binary.AppendUvarint(append(b, verb), uint64(n))
	for i := range c.slots[first:at] {
		s := &c.slots[first+i]
		if !s.live {
			continue
		}
		b = binary.LittleEndian.AppendUint32(c.keys.append(b, s.id), s.node)
		var err error
		if b, err = appendMeta(appendString(b, s.text), s.meta); err != nil {
			return nil, 0, err
		}
		if verb == verbNodeSparse {
			b = appendSparse(b, c.sparseOf(uint32(first+i)))
		}
	}
	if at == len(c.slots) || c.slots[at].seq >= end {
		return b, end, nil
	}
	return b, c.slots[at].seq, nil
}

// slotFrom returns the first slot with a seq of at least next.
func (c *Collection[K]) slotFrom(next uint64) int {
	at, _ := slices.BinarySearchFunc(c.slots, next, func(s slot[K], seq uint64) int {
		return cmp.Compare(s.seq, seq)
	})
	return at
}
