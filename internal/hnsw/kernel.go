package hnsw

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/quintet-ai/quintet/internal/simd"
)

// layout says where the row of an id is: rows of stride floats, a power of two
// of them to a chunk.
type layout struct {
	stride int // floats per row, whole cache lines
	shift  int // log2 of the rows per chunk
}

func (l layout) mask() int { return 1<<l.shift - 1 }

// at returns the row of id, given where each chunk begins.
func (l layout) at(bases []*float32, id uint32) []float32 {
	first := unsafe.Slice(bases[id>>l.shift], l.stride<<l.shift)
	i := int(id) & l.mask() * l.stride
	return first[i : i+l.stride : i+l.stride]
}

// lanes is how many rows the kernels take at a time.
const lanes = 4

// pad repeats the last id until the kernels take them all.
func pad(ids []uint32) []uint32 {
	for len(ids)%lanes != 0 {
		ids = append(ids, ids[len(ids)-1])
	}
	return ids
}

// l2Rows writes to dst the squared distances of the padded q from the rows of
// ids, whose number is a positive multiple of lanes. Equal rows have equal
// results.
func l2Rows(dst, q []float32, l layout, bases []*float32, ids []uint32) {
	if useAssembly {
		l2RowsAsm(&dst[0], &q[0], l.stride, &bases[0], l.shift, l.mask(), l.stride*4, &ids[0], len(ids))
		return
	}
	for i, id := range ids {
		dst[i] = simd.SquaredL2(q, l.at(bases, id))
	}
}

// dotRows is l2Rows with the negated dot product.
func dotRows(dst, q []float32, l layout, bases []*float32, ids []uint32) {
	if useAssembly {
		dotRowsAsm(&dst[0], &q[0], l.stride, &bases[0], l.shift, l.mask(), l.stride*4, &ids[0], len(ids))
		return
	}
	for i, id := range ids {
		dst[i] = -simd.Dot(q, l.at(bases, id))
	}
}

// codeRows writes to dst, for each row of ids, the second float behind its n
// integers plus factor times the first one times the dot product of the integers
// with those of q. Ids are as in l2Rows.
func codeRows(dst []float32, q []byte, factor float32, b *codebook, codes []*byte, ids []uint32) {
	if useAssembly {
		l := b.lay
		codeRowsAsm(&dst[0], &q[0], b.n, &codes[0], l.shift, l.mask(), l.stride, &ids[0], len(ids), factor)
		return
	}
	for i, id := range ids {
		row := b.row(codes, id)
		var sum int32
		for j, c := range q[:b.n] {
			sum += int32(int8(c)) * int32(int8(row[j]))
		}
		scale := math.Float32frombits(binary.NativeEndian.Uint32(row[b.n:]))
		dst[i] = float32(sum)*scale*factor + math.Float32frombits(binary.NativeEndian.Uint32(row[b.n+4:]))
	}
}

// row returns the code of id.
func (b *codebook) row(codes []*byte, id uint32) []byte {
	first := unsafe.Slice(codes[id>>b.lay.shift], b.lay.stride<<b.lay.shift)
	i := int(id) & b.lay.mask() * b.lay.stride
	return first[i : i+b.lay.stride : i+b.lay.stride]
}
