package hnsw

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// The format, in little-endian words of four bytes: a header, the chunks in order,
// the blocks of the arena in order, each of these parts followed by its CRC-32C.
// A chunk is its rows as they lie in memory, its bits of live and linked ids, its upper
// words and its links. Version 1 is read too: it had the vectors last, as floats
// without padding.
const (
	formatMagic   = 0x57534E48 // "HNSW"
	formatVersion = 2
	headerWords   = 14 // without the checksum

	halfFlag = 1 << 8 // beside the kind of the codes, in the last word
)

// CorruptError says where the bytes given to [Read] stopped being an index. It
// wraps [quintet.ErrInput].
type CorruptError struct {
	Offset int64 // of the part that is wrong
	Reason string
}

// Error returns the reason with the offset.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("hnsw: at byte %d: %s: %v", e.Offset, e.Reason, quintet.ErrInput)
}

// Unwrap returns [quintet.ErrInput].
func (e *CorruptError) Unwrap() error { return quintet.ErrInput }

// encoder collects the words of a part.
type encoder []byte

func (e *encoder) words(x ...uint32) {
	for _, v := range x {
		*e = binary.LittleEndian.AppendUint32(*e, v)
	}
}

// row appends the numbers of a row.
func (e *encoder) row(b []byte, half bool) {
	switch {
	case littleEndian():
		*e = append(*e, b...)
	case half:
		for _, v := range halves(b) {
			*e = binary.LittleEndian.AppendUint16(*e, v)
		}
	default:
		for _, v := range floats(b) {
			*e = binary.LittleEndian.AppendUint32(*e, math.Float32bits(v))
		}
	}
}

// littleEndian reports whether rows in memory are what they are in files.
func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// castagnoli is a lookup: the package crc32 makes the table once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// WriteTo writes the index so that [Read] gives it back with the same ids, links
// and deleted nodes. What is hidden or staged comes back shown, and codes are made
// again. Searches go on meanwhile, and who puts vectors; those are written or not.
// Link and Delete wait.
func (ix *Index) WriteTo(w io.Writer) (n int64, err error) {
	err = ix.Parts(func(part []byte) error {
		part = binary.LittleEndian.AppendUint32(part, crc32.Checksum(part, castagnoli()))
		m, err := w.Write(part)
		n += int64(m)
		return err
	})
	return n, err
}

// Parts calls add with one part after the other of what [Index.WriteTo] writes,
// without checksums: what [Decoder] takes. The memory is used again. Parts 1 to n, for
// n chunks, begin with the rows that [Index.Rows] returns, all but the last final.
func (ix *Index) Parts(add func(part []byte) error) error {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	t := ix.table.Load()
	entry, kinds := ix.entry.Load(), uint32(ix.Codes())
	if ix.opt.Half {
		kinds |= halfFlag
	}
	var e encoder
	e.words(
		formatMagic, formatVersion, uint32(ix.opt.Dim), uint32(ix.opt.Metric), uint32(ix.opt.M),
		uint32(ix.opt.EfConstruction), uint32(ix.opt.Seed), uint32(ix.opt.Seed>>32),
		uint32(entry), uint32(entry>>32), uint32(len(t.chunks)), uint32(len(t.arena)), uint32(ix.units),
		kinds,
	)
	if err := add(e); err != nil {
		return err
	}
	for _, c := range t.chunks {
		e = e[:0]
		ix.encodeChunk(&e, c)
		if err := add(e); err != nil {
			return err
		}
	}
	for _, block := range t.arena {
		e = e[:0]
		e.words(block...)
		if err := add(e); err != nil {
			return err
		}
	}
	return nil
}

// Chunks returns how many parts with rows follow the first part of [Index.Parts].
func Chunks(first []byte) int { return int(binary.LittleEndian.Uint32(first[4*10:])) }

// encodeChunk passes over vectors that are put meanwhile: their bits come last.
func (ix *Index) encodeChunk(e *encoder, c *chunk) {
	live := make([]uint32, len(c.live))
	for w := range live {
		live[w] = atomic.LoadUint32(&c.live[w])
	}
	none := make([]byte, ix.lay.size())
	for i := range 1 << ix.lay.shift {
		row := none
		if has(live, i) || has(c.linked, i) {
			row = ix.lay.Row(c.rows, i)
		}
		e.row(row, ix.opt.Half)
	}
	e.words(live...)
	e.words(c.linked...)
	e.words(c.upper...)
	e.words(c.links...)
}
