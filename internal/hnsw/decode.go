package hnsw

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/bits"
	"unsafe"

	"github.com/quintet-ai/quintet/internal/simd"
)

// Read returns the index that [Index.WriteTo] wrote. It reads no further than its
// end. Bytes that are not an index give a [*CorruptError]; memory is taken as they
// arrive, whatever sizes they claim. Other errors are those of r.
func Read(r io.Reader) (*Index, error) {
	var d Decoder
	var offset int64
	var buf []byte
	for size := 4 * headerWords; size > 0; size = d.Next() {
		if len(buf) < size+4 {
			buf = make([]byte, size+4)
		}
		n, err := io.ReadFull(r, buf[:size+4])
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil, &CorruptError{Offset: offset, Reason: fmt.Sprintf("%d bytes of %d", n, size+4)}
		case err != nil:
			return nil, err
		case crc32.Checksum(buf[:size], castagnoli()) != binary.LittleEndian.Uint32(buf[size:]):
			return nil, &CorruptError{Offset: offset, Reason: "wrong checksum"}
		}
		if reason := d.part(buf[:size]); reason != "" {
			return nil, &CorruptError{Offset: offset, Reason: reason}
		}
		offset += int64(size) + 4
	}
	ix, reason := d.index()
	if reason != "" {
		return nil, &CorruptError{Offset: offset, Reason: reason}
	}
	if d.codes != NoCodes {
		ix.Quantize(d.codes)
	}
	return ix, nil
}

// Decoder makes an index of the parts of [Index.Parts]. The zero value is ready.
type Decoder struct {
	// Keep makes vectors part of the index as they lie in the parts, which must
	// stay what they are then, but for the last ones. They are copied where memory
	// is not like files, or if a part does not begin at a multiple of 32 bytes.
	Keep bool

	ix      *Index // nil before the header
	t       *table
	version uint32
	chunks  int // to come
	blocks  int // to come after them
	codes   Codes
	rest    []byte // of the part
}

// Next returns the size of the next part in bytes, or 0 after the last.
func (d *Decoder) Next() int {
	switch {
	case d.ix == nil:
		return 4 * headerWords
	case d.chunks > 0:
		n, l := 1<<d.ix.lay.shift, d.ix.lay
		size := 4 * (n/32*2 + n + n*2*d.ix.opt.M)
		if d.version == 1 {
			return size + 4*n*l.dim
		}
		return size + n*l.size()
	case d.blocks > 0:
		return 4 * unitsPerBlock * d.ix.opt.M
	}
	return 0
}

// Part takes the next part. The error says what is wrong with it.
func (d *Decoder) Part(part []byte) error {
	if reason := d.part(part); reason != "" {
		return errors.New(reason)
	}
	return nil
}

// Index returns the index after the last part, without codes. The error says what
// is wrong with it.
func (d *Decoder) Index() (*Index, error) {
	ix, reason := d.index()
	if reason != "" {
		return nil, errors.New(reason)
	}
	return ix, nil
}

func (d *Decoder) part(b []byte) (reason string) {
	if want := d.Next(); len(b) != want || want == 0 {
		return fmt.Sprintf("part of %d bytes, want %d", len(b), want)
	}
	d.rest = b
	switch {
	case d.ix == nil:
		return d.header()
	case d.chunks > 0:
		d.chunks--
		return d.chunk()
	}
	d.blocks--
	block := make([]uint32, unitsPerBlock*d.ix.opt.M)
	d.words(block)
	d.t.arena = append(d.t.arena, block)
	return ""
}

func (d *Decoder) words(x []uint32) {
	from := d.rest[:4*len(x)]
	d.rest = d.rest[len(from):]
	if littleEndian() && len(x) > 0 {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(from)), from)
		return
	}
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(from[4*i:])
	}
}

// floats reads vectors without padding, as version 1 has them, and reports whether
// they are finite.
func (d *Decoder) floats(l Layout, rows []byte) bool {
	var highest uint32
	for i := range 1 << l.shift {
		row := floats(l.Row(rows, i))[:l.dim]
		for j := range row {
			b := binary.LittleEndian.Uint32(d.rest[4*j:])
			highest = max(highest, b&^(1<<31))
			row[j] = math.Float32frombits(b)
		}
		d.rest = d.rest[4*l.dim:]
	}
	return highest < 0xFF<<23
}

// rows takes the rows of a chunk, or copies them, and reports whether they are finite
// and padded with zeros.
func (d *Decoder) rows(l Layout) (rows []byte, kept, good bool) {
	part := d.rest[: l.size()<<l.shift : l.size()<<l.shift]
	d.rest = d.rest[len(part):]
	if kept = d.Keep && d.chunks > 0 && littleEndian() && aligned(part); kept {
		return part, true, l.good(part)
	}
	rows = l.NewChunk()
	switch {
	case littleEndian():
		copy(rows, part)
	case l.half:
		for i := range halves(rows) {
			halves(rows)[i] = binary.LittleEndian.Uint16(part[2*i:])
		}
	default:
		for i := range floats(rows) {
			floats(rows)[i] = math.Float32frombits(binary.LittleEndian.Uint32(part[4*i:]))
		}
	}
	return rows, false, l.good(rows)
}

func aligned(b []byte) bool { return uintptr(unsafe.Pointer(unsafe.SliceData(b)))%32 == 0 }

// good reports whether all numbers of a chunk are finite and the padding is zero. A
// finite sum of squares says the first of all floats at once.
func (l Layout) good(chunk []byte) bool {
	var highest, padding uint32
	checked := !l.half && simd.Dot(floats(chunk), floats(chunk)) <= math.MaxFloat32
	if checked && l.dim == l.stride {
		return true
	}
	for i := range 1 << l.shift {
		row := l.Row(chunk, i)
		if l.half {
			for _, h := range halves(row) {
				highest = max(highest, uint32(h&0x7FFF))
			}
			for _, h := range halves(row)[l.dim:] {
				padding |= uint32(h)
			}
			continue
		}
		for _, x := range floats(row)[l.dim:] {
			padding |= math.Float32bits(x)
		}
		if checked {
			continue
		}
		for _, x := range floats(row) {
			highest = max(highest, math.Float32bits(x)&^(1<<31))
		}
	}
	if l.half {
		return highest < 0x7C00 && padding == 0
	}
	return highest < 0xFF<<23 && padding == 0
}

// header makes an empty index with its options, entry and units.
func (d *Decoder) header() (reason string) {
	var h [headerWords]uint32
	d.words(h[:])
	if h[0] != formatMagic || h[1] < 1 || h[1] > formatVersion {
		return fmt.Sprintf("not an index of version 1 to %d", formatVersion)
	}
	half := h[13]&halfFlag != 0
	if kinds := h[13] &^ halfFlag; kinds > uint32(Code1) || h[1] == 1 && h[13] > uint32(Code8) {
		return fmt.Sprintf("unknown kinds %#x of numbers", h[13])
	}
	ix, err := New(Options{
		Dim: int(h[2]), Metric: Metric(min(h[3], 255)), M: int(h[4]), EfConstruction: int(h[5]),
		Seed: uint64(h[6]) | uint64(h[7])<<32, Half: half,
	})
	if err != nil {
		return err.Error()
	}
	ix.entry.Store(uint64(h[8]) | uint64(h[9])<<32)
	ix.units = int(h[12])
	if uint64(h[10])<<ix.lay.shift > MaxID+1 || uint64(h[12]) > uint64(h[11])*unitsPerBlock {
		return fmt.Sprintf("%d chunks and %d units in %d blocks", h[10], h[12], h[11])
	}
	d.ix, d.t, d.version, d.chunks, d.blocks = ix, new(table), h[1], int(h[10]), int(h[11])
	d.codes = Codes(h[13] &^ halfFlag)
	return ""
}

// chunk has taken itself off those that are to come.
func (d *Decoder) chunk() (reason string) {
	ix, l := d.ix, d.ix.lay
	var c *chunk
	good := true
	if d.version == 1 {
		c = unlinkedChunk(l.NewChunk(), l, 2*ix.opt.M)
	} else {
		var rows []byte
		var kept bool
		rows, kept, good = d.rows(l)
		c = unlinkedChunk(rows, l, 2*ix.opt.M)
		c.mapped = kept
	}
	d.words(c.live)
	copy(c.shown, c.live)
	d.words(c.linked)
	d.words(c.upper)
	d.words(c.links)
	if d.version == 1 {
		good = d.floats(l, c.rows)
	}
	if !good {
		return fmt.Sprintf("a vector from %d on is not finite", len(d.t.chunks)<<l.shift)
	}
	d.t.take(c)
	return ""
}

func (d *Decoder) index() (ix *Index, reason string) {
	if n := d.Next(); n > 0 {
		return nil, fmt.Sprintf("a part of %d bytes is missing", n)
	}
	ix = d.ix
	ix.table.Store(d.t)
	if reason := ix.check(d.t); reason != "" {
		return nil, reason
	}
	ix.advance()
	return ix, ""
}

// check counts the nodes and their links, and returns what is wrong with the links,
// if anything. Nobody else uses the index.
func (ix *Index) check(t *table) string {
	n := uint32(len(t.chunks) << ix.lay.shift)
	heights, degrees := ix.heights(t), make([]uint32, n)
	for id, height := range heights {
		if height == 0 {
			continue
		}
		c, i := ix.chunk(t, uint32(id))
		unit, top := int(c.upper[i]>>levelBits), int(height)-1
		if top > 0 && (unit+top > ix.units || unit%unitsPerBlock+top > unitsPerBlock) {
			return fmt.Sprintf("node %d has its links nowhere", id)
		}
		live := c.live[i>>5] >> (i & 31) & 1
		ix.nodes.Add(int64(live))
		for l := range int(height) {
			for _, nb := range ix.links(t, uint32(id), l) {
				if nb == none {
					continue
				}
				if nb >= n || nb == uint32(id) || int(heights[nb]) <= l {
					return fmt.Sprintf("node %d links to %d on level %d", id, nb, l)
				}
				if l == 0 {
					degrees[nb] += live
				}
			}
		}
	}
	for _, c := range t.chunks {
		degrees = degrees[copy(c.inDegree, degrees):]
	}
	return ix.checkEntry(heights)
}

// heights returns how many levels each id is on, 0 if it is not linked, and counts
// the ids.
func (ix *Index) heights(t *table) []uint8 {
	heights := make([]uint8, len(t.chunks)<<ix.lay.shift)
	for at, c := range t.chunks {
		for w := range c.live {
			ix.live.Add(int64(bits.OnesCount32(c.live[w])))
			stored := c.live[w] | c.linked[w]
			if ix.stored.Add(int64(bits.OnesCount32(stored))); stored != 0 {
				ix.end.Store(uint32(at<<ix.lay.shift + w<<5 + bits.Len32(stored)))
			}
			for set := c.linked[w]; set != 0; set &= set - 1 {
				i := w<<5 + bits.TrailingZeros32(set)
				heights[at<<ix.lay.shift+i] = uint8(c.upper[i]&maxLevel) + 1
			}
		}
	}
	return heights
}

func (ix *Index) checkEntry(heights []uint8) string {
	id, level, ok := ix.entryPoint()
	switch {
	case ok != (ix.nodes.Load() > 0), ok && (int(id) >= len(heights) || heights[id] == 0 || !ix.Live(id)):
		return "entry is no live node"
	case ok && int(heights[id])-1 != level:
		return "entry has another level"
	}
	return ""
}
