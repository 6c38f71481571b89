package hnsw

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
	"unsafe"
)

// Codes says what searches walk by.
type Codes uint8

// The kinds of codes.
const (
	// NoCodes is to walk by the vectors.
	NoCodes Codes = iota

	// Code8 has 8 bits a dimension.
	Code8

	// Code1 has one.
	Code1
)

// A code of Code8 is a scale times the integers from -127 to 127 that come nearest to
// the vector less a centre of all. Each vector has its own scale, so that long ones do
// not coarsen short ones, and without the centre an offset common to all costs
// nothing. Aguerrebere et al., VLDB 2023 (LVQ), §3, with a scale in place of bounds
// and the median in place of the mean. A code of Code1 is in bitcodes.go.
//
// A row of codes is n bytes, whole words or lines of them, then as floats the scale
// and what the rank of every query begins with. If x is the vector less the centre c,
// and y the query less it, that is x·x for L2, as it makes the distance together with
// -2x·y, and -x·c for the negated product, as it makes that together with -x·y; what
// is the same for all vectors is left out.
type codebook struct {
	kind   Codes
	centre []float32
	metric Metric
	turn   rotation
	n      int
	stride int // bytes from row to row
	shift  int // log2 of the rows per chunk
}

const codeFloats = 8 // bytes behind the code

func newCodebook(kind Codes, centre []float32, m Metric, shift int) *codebook {
	b := &codebook{kind: kind, centre: centre, metric: m, shift: shift}
	b.n = (len(centre) + 63) &^ 63
	if kind == Code1 {
		b.turn = newRotation(b.n)
		b.n /= 8
	}
	b.stride = (b.n + codeFloats + 31) &^ 31
	return b
}

func (b *codebook) mask() int { return 1<<b.shift - 1 }

// row returns the code of id.
func (b *codebook) row(codes []*byte, id uint32) []byte {
	first := unsafe.Slice(codes[id>>b.shift], b.stride<<b.shift)
	i := int(id) & b.mask() * b.stride
	return first[i : i+b.stride : i+b.stride]
}

func (b *codebook) newCodes() []byte { return alignedBytes(b.stride << b.shift) }

// encode writes the code of v to row, with buf as memory.
func (b *codebook) encode(row []byte, v []float32, buf *[]float32) {
	x := b.moved(v, buf)
	var scale, squares float32
	if b.kind == Code1 {
		scale, squares = encodeBits(row[:b.n], b.turned(x))
	} else {
		scale, squares = encodeBytes(row[:b.n], x)
	}
	if b.metric == Dot {
		squares = b.along(v)
	}
	binary.NativeEndian.PutUint32(row[b.n:], math.Float32bits(scale))
	binary.NativeEndian.PutUint32(row[b.n+4:], math.Float32bits(squares))
}

// along returns -x·c for a vector that was not moved.
func (b *codebook) along(v []float32) float32 {
	var sum float64
	for i, c := range b.centre {
		sum -= (float64(v[i]) - float64(c)) * float64(c)
	}
	return float32(sum)
}

// moved returns v less the centre, with zeros behind for Code1.
func (b *codebook) moved(v []float32, buf *[]float32) []float32 {
	n := len(v)
	if b.kind == Code1 {
		n = 8 * b.n
	}
	if cap(*buf) < n {
		*buf = make([]float32, n)
	}
	x := (*buf)[:n]
	clear(x[len(v):])
	for i, c := range b.centre {
		x[i] = v[i] - c
	}
	return x
}

// turned turns x.
func (b *codebook) turned(x []float32) []float32 {
	b.turn.apply(x)
	return x
}

// encodeBytes writes integers, filled up with zeros, that come nearest to v over the
// scale, and returns the sum of the squares of what they stand for.
func encodeBytes(to []byte, v []float32) (scale, squares float32) {
	var highest float32
	for _, x := range v {
		highest = max(highest, x, -x)
	}
	scale = highest / 127
	inverse := 127 / highest
	if scale == 0 || math.IsInf(float64(inverse), 0) {
		scale, inverse = 0, 0
	}
	const nearest = 3 << 22 // a float32 of this size has no room for less than 1: it rounds to even
	var sum int32
	for i, x := range v {
		c := int32(math.Float32bits(float32(x*inverse)+nearest)) - int32(math.Float32bits(nearest))
		sum += c * c
		to[i] = byte(int8(c))
	}
	clear(to[len(v):])
	return scale, scale * scale * float32(sum)
}

// Quantize gives every vector, and those put later, a code, or with NoCodes takes it
// away. Searches then walk by codes, which are less memory to read, and rank what they
// find by the vectors themselves. A code takes a byte or a bit a dimension, rounded up
// to 64 of them, and 8 to 32 bytes. Searches go on, and until the last moment who puts
// vectors; Link and Delete wait.
//
// Codes are made for the vectors that are there: call it after the first thousand,
// and again when there are many more.
func (ix *Index) Quantize(kind Codes) {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	var q quantizer
	if kind != NoCodes {
		t := ix.table.Load()
		q = quantizer{ix: ix, book: newCodebook(kind, ix.median(t), ix.opt.Metric, ix.lay.shift)}
		q.encode(t)
	}
	ix.puts.Lock()
	defer ix.puts.Unlock()
	ix.growing.Lock()
	defer ix.growing.Unlock()
	own := *ix.table.Load()
	own.book = q.book
	if q.book != nil {
		q.encode(&own)
	}
	own.codes = q.codes
	ix.table.Store(&own)
}

// quantizer makes the codes of an index.
type quantizer struct {
	ix         *Index
	book       *codebook
	codes      []*byte
	done       [][]uint32 // bits of the ids that have codes, chunk by chunk
	row, moved []float32
}

// encode makes the codes that are missing.
func (q *quantizer) encode(t *table) {
	for at, c := range t.chunks {
		if at == len(q.done) {
			q.done = append(q.done, make([]uint32, len(c.live)))
			q.codes = append(q.codes, &q.book.newCodes()[0])
		}
		for w := range c.live {
			todo := (atomic.LoadUint32(&c.live[w]) | atomic.LoadUint32(&c.linked[w])) &^ q.done[at][w]
			q.done[at][w] |= todo
			for ; todo != 0; todo &= todo - 1 {
				id := uint32(at<<q.ix.lay.shift + w<<5 + bits.TrailingZeros32(todo))
				v := q.ix.row(t, id, &q.row)[:q.ix.opt.Dim]
				q.book.encode(q.book.row(q.codes, id), v, &q.moved)
			}
		}
	}
}

// Codes returns the kind of codes that the index has.
func (ix *Index) Codes() Codes {
	if b := ix.table.Load().book; b != nil {
		return b.kind
	}
	return NoCodes
}

// encode makes the code of a vector that is being put.
func (ix *Index) encode(t *table, id uint32) {
	s := ix.scratch.Get().(*Searcher)
	defer ix.scratch.Put(s)
	v := ix.row(t, id, &s.base)[:ix.opt.Dim]
	t.book.encode(t.book.row(t.codes, id), v, &s.moved)
}

// median returns the middle of each dimension for at most some thousand live
// vectors, evenly spread: unlike the mean, it stays among the short vectors when a
// few are very long.
func (ix *Index) median(t *table) []float32 {
	const enough = 1000
	dim, step := ix.opt.Dim, 1+ix.Len()/enough
	var sample, buf []float32
	for id := 0; id < len(t.chunks)<<ix.lay.shift; id += step {
		if ix.isLive(t, uint32(id)) {
			sample = append(sample, ix.row(t, uint32(id), &buf)[:dim]...)
		}
	}
	middle, column := make([]float32, dim), make([]float32, len(sample)/dim)
	if len(sample) == 0 {
		return middle
	}
	for i := range middle {
		for j := range column {
			column[j] = sample[j*dim+i]
		}
		slices.Sort(column)
		middle[i] = column[len(column)/2]
	}
	return middle
}

// aimCodes makes the code of the query and turns the walks of s to codes.
func (s *Searcher) aimCodes(ix *Index, t *table, q []float32) {
	b := t.book
	x := b.moved(q, &s.moved)
	if b.kind == Code1 {
		s.aimBits(b.turned(x))
	} else {
		s.code = slices.Grow(s.code[:0], b.n)[:b.n]
		s.factor, _ = encodeBytes(s.code, x)
	}
	s.factor = -s.factor
	if b.metric == L2 {
		s.factor *= 2
	}
	s.coded = true
}

// rankCodes fills ranks for the padded ids by their codes.
func (s *Searcher) rankCodes(t *table) {
	if t.book.kind == Code1 {
		bitRows(s.ranks, s.planes, s.sum, s.factor, t.book, t.codes, s.ids)
		return
	}
	codeRows(s.ranks, s.code, s.factor, t.book, t.codes, s.ids)
}

// rescore replaces the ranks of the best n keys of the pool, which are those of
// codes, by those of the vectors, and drops the others.
func (s *Searcher) rescore(ix *Index, t *table, n int, allow Bits) {
	s.coded = false
	s.room(n)
	s.ids = s.ids[:0]
	for _, key := range s.pool.keys {
		if len(s.ids) == n {
			break
		}
		if id := s.id(key); s.flag(ix, t, id, allow) != 0 {
			s.ids = append(s.ids, id)
		}
	}
	s.pool.keys = s.pool.keys[:0]
	if n = len(s.ids); n > 0 {
		s.fetch(ix, t)
		s.ids = pad(s.ids)
		s.rank(ix, t, s.query)
		s.offer(n, n)
	}
}
