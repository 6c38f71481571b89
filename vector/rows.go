package vector

import "github.com/quintet-ai/quintet/internal/hnsw"

// rows are vectors in memory that never moves, as a graph wants them: chunks of a
// fixed number of rows, a power of two, of 128 to 256 KiB. That is small enough to
// stay in a core's second cache while many queries pass over them, and large enough
// that the runtime aligns them to pages. Rows are padded with zeros to whole cache
// lines, which no metric notices.
type rows struct {
	stride int // floats per row
	shift  int // log2 of the rows per chunk
	chunks [][]float32
}

func newRows(dim int) rows {
	stride, shift := hnsw.Layout(dim)
	return rows{stride: stride, shift: shift}
}

func (r *rows) perChunk() int { return 1 << r.shift }

func (r *rows) at(slot int) []float32 {
	i := slot & (r.perChunk() - 1) * r.stride
	return r.chunks[slot>>r.shift][i : i+r.stride : i+r.stride]
}

// resize makes room for n rows, or frees what n rows do not need.
func (r *rows) resize(n int) {
	want := (n + r.perChunk() - 1) >> r.shift
	for len(r.chunks) < want {
		r.chunks = append(r.chunks, make([]float32, r.stride<<r.shift))
	}
	clear(r.chunks[want:])
	r.chunks = r.chunks[:want]
}

func (r *rows) bytes() int64 { return int64(len(r.chunks)) * int64(r.stride<<r.shift) * 4 }
