package hnsw

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
)

// A code is a vector in 8 bits a dimension: a scale times the integers from -127
// to 127 that come nearest to the vector less a centre of all. Each vector has its
// own scale, so that long ones do not coarsen short ones, and without the centre an
// offset common to all costs nothing. Aguerrebere et al., VLDB 2023 (LVQ), §3,
// with a scale in place of bounds and the median in place of the mean.
//
// A row of codes is the integers, padded to whole lines, then as floats the scale
// and for L2 the squared norm of what they stand for.
type codebook struct {
	centre []float32
	lay    layout // stride in bytes
	n      int    // bytes of integers in a row
}

const codeFloats = 8 // bytes behind the integers

func newCodebook(centre []float32, shift int) *codebook {
	n := (len(centre) + 63) &^ 63
	return &codebook{centre: centre, n: n, lay: layout{stride: (n + codeFloats + 31) &^ 31, shift: shift}}
}

// encode writes the code of v to row. With move set, the centre is taken off.
func (b *codebook) encode(row []byte, v []float32, move, norm bool) (scale float32) {
	var highest float32
	for i, x := range v {
		if move {
			x -= b.centre[i]
		}
		highest = max(highest, x, -x)
	}
	scale = highest / 127
	inverse := 127 / highest
	if scale == 0 || math.IsInf(float64(inverse), 0) {
		scale, inverse = 0, 0
	}
	var squares int
	for i, x := range v {
		if move {
			x -= b.centre[i]
		}
		c := int(math.RoundToEven(float64(x * inverse)))
		squares += c * c
		row[i] = byte(int8(c))
	}
	clear(row[len(v):b.n])
	var length float32
	if norm {
		length = scale * scale * float32(squares)
	}
	binary.NativeEndian.PutUint32(row[b.n:], math.Float32bits(scale))
	binary.NativeEndian.PutUint32(row[b.n+4:], math.Float32bits(length))
	return scale
}

// Quantize gives every vector, and those put later, a code in 8 bits a dimension.
// Searches then walk by codes, a quarter of the memory to read, and rank what they
// find by the vectors themselves. It takes a byte a dimension, rounded up to whole
// lines, and 32 bytes. Searches go on, and until the last moment who puts vectors;
// Link and Delete wait.
//
// Codes are made for the vectors that are there: call it after the first thousand,
// and again when there are many more.
func (ix *Index) Quantize() {
	ix.writers.Lock()
	defer ix.writers.Unlock()
	t := ix.table.Load()
	q := quantizer{ix: ix, book: newCodebook(ix.median(t), ix.lay.shift)}
	q.encode(t)
	ix.puts.Lock()
	defer ix.puts.Unlock()
	ix.growing.Lock()
	defer ix.growing.Unlock()
	own := *ix.table.Load()
	own.book = q.book
	q.encode(&own)
	own.codes = q.codes
	ix.table.Store(&own)
}

// quantizer makes the codes of an index.
type quantizer struct {
	ix    *Index
	book  *codebook
	codes []*byte
	done  [][]uint32 // bits of the ids that have codes, chunk by chunk
}

// encode makes the codes that are missing.
func (q *quantizer) encode(t *table) {
	for at, c := range t.chunks {
		if at == len(q.done) {
			q.done = append(q.done, make([]uint32, len(c.live)))
			q.codes = append(q.codes, &newCodes(q.book)[0])
		}
		for w := range c.live {
			todo := (atomic.LoadUint32(&c.live[w]) | atomic.LoadUint32(&c.linked[w])) &^ q.done[at][w]
			q.done[at][w] |= todo
			for ; todo != 0; todo &= todo - 1 {
				i := w<<5 + bits.TrailingZeros32(todo)
				v := c.rows[i*q.ix.lay.stride:][:q.ix.opt.Dim]
				q.book.encode(q.book.row(q.codes, uint32(at<<q.ix.lay.shift+i)), v, true, q.ix.opt.Metric == L2)
			}
		}
	}
}

// Quantized reports whether the index has codes.
func (ix *Index) Quantized() bool { return ix.table.Load().book != nil }

func newCodes(b *codebook) []byte { return alignedBytes(b.lay.stride << b.lay.shift) }

// encode makes the code of a vector that is being put.
func (ix *Index) encode(t *table, id uint32) {
	v := ix.row(t, id)[:ix.opt.Dim]
	t.book.encode(t.book.row(t.codes, id), v, true, ix.opt.Metric == L2)
}

// median returns the middle of each dimension for at most some thousand live
// vectors, evenly spread: unlike the mean, it stays among the short vectors when a
// few are very long.
func (ix *Index) median(t *table) []float32 {
	const enough = 1000
	var sample []uint32
	step := 1 + ix.Len()/enough
	for id := 0; id < len(t.chunks)<<ix.lay.shift; id += step {
		if ix.isLive(t, uint32(id)) {
			sample = append(sample, uint32(id))
		}
	}
	middle, column := make([]float32, ix.opt.Dim), make([]float32, len(sample))
	if len(sample) == 0 {
		return middle
	}
	for i := range middle {
		for j, id := range sample {
			column[j] = ix.row(t, id)[i]
		}
		slices.Sort(column)
		middle[i] = column[len(column)/2]
	}
	return middle
}

// aimCodes makes the code of the query and turns the walks of s to codes.
func (s *Searcher) aimCodes(ix *Index, t *table, q []float32) {
	if need := t.book.lay.stride; len(s.code) < need {
		s.code = make([]byte, need)
	}
	l2 := ix.opt.Metric == L2
	s.factor = -t.book.encode(s.code, q, l2, false)
	if l2 {
		s.factor *= 2
	}
	s.coded = true
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
