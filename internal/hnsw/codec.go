package hnsw

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
)

// The format, in little-endian words of four bytes: a header, the chunks in order,
// the blocks of the arena in order, each of these parts followed by its CRC-32C.
// A chunk is its bits of live and linked ids, its upper words, its links, and its
// vectors without padding.
const (
	formatMagic   = 0x57534E48 // "HNSW"
	formatVersion = 1
	headerWords   = 14 // without the checksum
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

// encoder writes parts.
type encoder struct {
	w   io.Writer
	buf []byte
	n   int64
}

func (e *encoder) words(x []uint32) {
	for _, v := range x {
		e.buf = binary.LittleEndian.AppendUint32(e.buf, v)
	}
}

func (e *encoder) floats(x []float32) {
	for _, v := range x {
		e.buf = binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(v))
	}
}

// part writes what was collected, with its checksum.
func (e *encoder) part() error {
	e.words([]uint32{crc32.Checksum(e.buf, castagnoli())})
	n, err := e.w.Write(e.buf)
	e.n += int64(n)
	e.buf = e.buf[:0]
	return err
}

// castagnoli is a lookup: the package crc32 makes the table once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// WriteTo writes the index so that [Read] gives it back with the same ids, links
// and deleted nodes. Codes are made again when it is read. Searches go on meanwhile, writers wait.
func (ix *Index) WriteTo(w io.Writer) (int64, error) {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	t := ix.table.Load()
	e := &encoder{w: w}
	entry, quantized := ix.entry.Load(), uint32(0)
	if t.book != nil {
		quantized = 1
	}
	e.words([]uint32{
		formatMagic, formatVersion, uint32(ix.opt.Dim), uint32(ix.opt.Metric), uint32(ix.opt.M),
		uint32(ix.opt.EfConstruction), uint32(ix.opt.Seed), uint32(ix.opt.Seed >> 32),
		uint32(entry), uint32(entry >> 32), uint32(len(t.chunks)), uint32(len(t.arena)), uint32(ix.units),
		quantized,
	})
	if err := e.part(); err != nil {
		return e.n, err
	}
	for _, c := range t.chunks {
		e.words(c.live)
		e.words(c.linked)
		e.words(c.upper)
		e.words(c.links)
		for i := 0; i < len(c.rows); i += ix.lay.stride {
			e.floats(c.rows[i : i+ix.opt.Dim])
		}
		if err := e.part(); err != nil {
			return e.n, err
		}
	}
	for _, block := range t.arena {
		e.words(block)
		if err := e.part(); err != nil {
			return e.n, err
		}
	}
	return e.n, nil
}

// decoder reads parts.
type decoder struct {
	r      io.Reader
	buf    []byte
	rest   []byte // of the part, without its checksum
	offset int64  // of the part
	end    int64
}

func (d *decoder) corrupt(format string, args ...any) error {
	return &CorruptError{Offset: d.offset, Reason: fmt.Sprintf(format, args...)}
}

// part reads the given number of words and checks them.
func (d *decoder) part(words int) error {
	size := 4*words + 4
	if len(d.buf) < size {
		d.buf = make([]byte, size)
	}
	d.offset = d.end
	n, err := io.ReadFull(d.r, d.buf[:size])
	d.end += int64(n)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return d.corrupt("%d bytes of %d", n, size)
	} else if err != nil {
		return err
	}
	d.rest = d.buf[:size-4]
	if crc32.Checksum(d.rest, castagnoli()) != binary.LittleEndian.Uint32(d.buf[size-4:]) {
		return d.corrupt("wrong checksum")
	}
	return nil
}

func (d *decoder) words(x []uint32) {
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(d.rest[4*i:])
	}
	d.rest = d.rest[4*len(x):]
}

// floats reports whether all floats are finite.
func (d *decoder) floats(x []float32) bool {
	var highest uint32
	for i := range x {
		b := binary.LittleEndian.Uint32(d.rest[4*i:])
		highest = max(highest, b&^(1<<31))
		x[i] = math.Float32frombits(b)
	}
	d.rest = d.rest[4*len(x):]
	return highest < 0xFF<<23
}

// Read returns the index that [Index.WriteTo] wrote. It reads no further than its
// end. Bytes that are not an index give a [*CorruptError]; memory is taken as they
// arrive, whatever sizes they claim. Other errors are those of r.
func Read(r io.Reader) (*Index, error) {
	d := &decoder{r: r}
	ix, h, err := d.header()
	if err != nil {
		return nil, err
	}
	t := new(table)
	for range h.chunks {
		if err := d.chunk(ix, t); err != nil {
			return nil, err
		}
	}
	for range h.blocks {
		block := make([]uint32, unitsPerBlock*ix.opt.M)
		if err := d.part(len(block)); err != nil {
			return nil, err
		}
		d.words(block)
		t.arena = append(t.arena, block)
	}
	ix.table.Store(t)
	if reason := ix.check(t); reason != "" {
		return nil, d.corrupt("%s", reason)
	}
	ix.recount()
	if h.quantized {
		ix.Quantize()
	}
	return ix, nil
}

// contents is what a header says about the parts to come.
type contents struct {
	chunks, blocks uint32
	quantized      bool
}

// header returns an empty index with its options, entry and units.
func (d *decoder) header() (*Index, contents, error) {
	if err := d.part(headerWords); err != nil {
		return nil, contents{}, err
	}
	var h [headerWords]uint32
	d.words(h[:])
	if h[0] != formatMagic || h[1] != formatVersion {
		return nil, contents{}, d.corrupt("not an index of version %d", formatVersion)
	}
	ix, err := New(Options{
		Dim: int(h[2]), Metric: Metric(min(h[3], 255)), M: int(h[4]), EfConstruction: int(h[5]),
		Seed: uint64(h[6]) | uint64(h[7])<<32,
	})
	if err != nil {
		return nil, contents{}, d.corrupt("%v", err)
	}
	ix.entry.Store(uint64(h[8]) | uint64(h[9])<<32)
	ix.units = int(h[12])
	if uint64(h[10])<<ix.lay.shift > MaxID+1 || uint64(h[12]) > uint64(h[11])*unitsPerBlock {
		return nil, contents{}, d.corrupt("%d chunks and %d units in %d blocks", h[10], h[12], h[11])
	}
	return ix, contents{chunks: h[10], blocks: h[11], quantized: h[13] != 0}, nil
}

func (d *decoder) chunk(ix *Index, t *table) error {
	n, m0 := 1<<ix.lay.shift, 2*ix.opt.M
	if err := d.part(n/32*2 + n + n*m0 + n*ix.opt.Dim); err != nil {
		return err
	}
	c := newChunk(ix.lay, m0)
	d.words(c.live)
	d.words(c.linked)
	d.words(c.upper)
	d.words(c.links)
	for i := 0; i < len(c.rows); i += ix.lay.stride {
		if !d.floats(c.rows[i : i+ix.opt.Dim]) {
			return d.corrupt("vector %d is not finite", len(t.chunks)<<ix.lay.shift+i/ix.lay.stride)
		}
	}
	t.take(c)
	return nil
}

// check counts the nodes and returns what is wrong with the links, if anything.
func (ix *Index) check(t *table) string {
	n := uint32(len(t.chunks) << ix.lay.shift)
	for id := range n {
		live, linked := ix.isLive(t, id), ix.isLinked(t, id)
		if live {
			ix.live.Add(1)
		}
		if !linked {
			continue
		}
		if live {
			ix.nodes.Add(1)
		} else {
			ix.dead.Add(1)
		}
		c, i := ix.chunk(t, id)
		level, unit := int(c.upper[i]&maxLevel), int(c.upper[i]>>levelBits)
		if level > 0 && (unit+level > ix.units || unit%unitsPerBlock+level > unitsPerBlock) {
			return fmt.Sprintf("node %d has its links nowhere", id)
		}
		for l := range level + 1 {
			for _, nb := range ix.links(t, id, l) {
				if nb != none && (nb >= n || nb == id || !ix.isLinked(t, nb) || ix.level(t, nb) < l) {
					return fmt.Sprintf("node %d links to %d on level %d", id, nb, l)
				}
			}
		}
	}
	id, level, ok := ix.entryPoint()
	if ok != (ix.nodes.Load() > 0) || ok && (id >= n || !ix.isLive(t, id) || !ix.isLinked(t, id)) {
		return "entry is no live node"
	}
	if ok && ix.level(t, id) != level {
		return "entry has another level"
	}
	return ""
}
