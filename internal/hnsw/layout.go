package hnsw

import (
	"math/bits"
	"unsafe"

	"github.com/quintet-ai/quintet/internal/simd"
)

// Layout says how vectors lie in memory, and how they are compared there: in chunks
// of 1<<shift rows of stride numbers, those past dim zero. A number is a float32 or,
// with half set, a 16-bit float. Rows begin at multiples of 32 bytes.
type Layout struct {
	dim    int
	stride int
	shift  int
	half   bool
}

// chunkFloats makes chunks of 128 to 256 KiB of float32, or of 64 rows if those are
// more: small enough to stay in a core's second cache while many queries pass over
// one, and large enough that the runtime aligns it to pages.
const chunkFloats = 1 << 16

// NewLayout returns how vectors of dim floats lie, as 16-bit floats with half set.
func NewLayout(dim int, half bool) Layout {
	stride := (dim + 15) &^ 15
	return Layout{dim: dim, stride: stride, shift: max(6, bits.Len(uint(chunkFloats/stride))-1), half: half}
}

// Stride returns the length of a padded vector, in floats.
func (l Layout) Stride() int { return l.stride }

// Shift returns the binary logarithm of the rows in a chunk.
func (l Layout) Shift() int { return l.shift }

func (l Layout) mask() int { return 1<<l.shift - 1 }

// size returns the bytes of a row.
func (l Layout) size() int {
	if l.half {
		return 2 * l.stride
	}
	return 4 * l.stride
}

// NewChunk returns memory for the rows of a chunk, all zero, aligned to cache lines.
func (l Layout) NewChunk() []byte { return alignedBytes(l.size() << l.shift) }

// Row returns row i of a chunk.
func (l Layout) Row(chunk []byte, i int) []byte {
	at, size := i*l.size(), l.size()
	return chunk[at : at+size : at+size]
}

// Put writes v, of dim floats, to a row of zeros or of another vector. Floats must be
// in the range of 16-bit ones if the rows are such.
func (l Layout) Put(row []byte, v []float32) {
	if !l.half {
		copy(floats(row), v)
		return
	}
	to := halves(row)
	for i, x := range v {
		to[i] = toHalf(x)
	}
}

// Vector returns the padded vector of a row: the row itself, or buf with what the
// 16-bit floats stand for, grown if need be.
func (l Layout) Vector(row []byte, buf *[]float32) []float32 {
	if !l.half {
		return floats(row)
	}
	if cap(*buf) < l.stride {
		*buf = make([]float32, l.stride)
	}
	*buf = (*buf)[:l.stride]
	fromHalves(*buf, halves(row))
	return *buf
}

// Rank writes to dst the ranks of the first rows of a chunk from the padded q. Equal
// rows have equal ranks, whatever else is in the chunk.
func (l Layout) Rank(dst, q []float32, m Metric, chunk []byte) {
	switch {
	case len(dst) == 0:
	case l.half:
		l.rankHalves(dst, q, m, chunk)
	case m == L2:
		simd.SquaredL2Rows(dst, q, floats(chunk), l.stride, nil)
	default:
		simd.DotRows(dst, q, floats(chunk), l.stride, nil)
		for i, r := range dst {
			dst[i] = -r
		}
	}
}

// rankHalves gives the kernel, which wants ids, some at a time.
func (l Layout) rankHalves(dst, q []float32, m Metric, chunk []byte) {
	var ids [scanBatch]uint32
	var ranks [scanBatch]float32
	bases := [1]*byte{&chunk[0]}
	for first := 0; first < len(dst); first += scanBatch {
		n := min(scanBatch, len(dst)-first)
		for i := range ids {
			ids[i] = uint32(first + min(i, n-1))
		}
		l.rank(ranks[:], q, m, bases[:], ids[:(n+lanes-1)/lanes*lanes])
		copy(dst[first:], ranks[:n])
	}
}

// at returns the row of id, given where each chunk begins.
func (l Layout) at(bases []*byte, id uint32) []byte {
	return l.Row(unsafe.Slice(bases[id>>l.shift], l.size()<<l.shift), int(id)&l.mask())
}

// floats returns the float32 of aligned bytes.
func floats(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// halves returns the 16-bit floats of aligned bytes.
func halves(b []byte) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}

// alignedFloats returns n floats that begin with a cache line, as large
// allocations do anyway.
func alignedFloats(n int) []float32 {
	x := make([]float32, n)
	if skip := uintptr(unsafe.Pointer(&x[0])) % 64 / 4; skip != 0 {
		x = make([]float32, n+16)
		skip = uintptr(unsafe.Pointer(&x[0])) % 64 / 4
		x = x[(16-skip)%16:][:n:n]
	}
	return x
}

// alignedBytes is alignedFloats for bytes, a multiple of four.
func alignedBytes(n int) []byte {
	x := alignedFloats(n / 4)
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), n)
}
