package vector

import "github.com/quintet-ai/quintet/internal/hnsw"

// rows are vectors in memory that never moves, as a graph wants them: chunks of a
// fixed number of rows, a power of two, in which vectors are padded with zeros, which
// no metric notices.
type rows struct {
	lay    hnsw.Layout
	chunks [][]byte
}

func newRows(o Options) rows { return rows{lay: hnsw.NewLayout(o.Dim, o.Quantization == F16)} }

func (r *rows) perChunk() int { return 1 << r.lay.Shift() }

func (r *rows) row(slot int) []byte {
	return r.lay.Row(r.chunks[slot>>r.lay.Shift()], slot&(r.perChunk()-1))
}

// at returns a padded vector: the memory of the rows, or buf.
func (r *rows) at(slot int, buf *[]float32) []float32 { return r.lay.Vector(r.row(slot), buf) }

// resize makes room for n rows, or frees what n rows do not need.
func (r *rows) resize(n int) {
	want := (n + r.perChunk() - 1) >> r.lay.Shift()
	for len(r.chunks) < want {
		r.chunks = append(r.chunks, r.lay.NewChunk())
	}
	clear(r.chunks[want:])
	r.chunks = r.chunks[:want]
}

func (r *rows) bytes() int64 {
	if len(r.chunks) == 0 {
		return 0
	}
	return int64(len(r.chunks)) * int64(len(r.chunks[0]))
}
