package hnsw

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/quintet-ai/quintet/internal/simd"
)

// lanes is how many rows the kernels take at a time.
const lanes = 4

// pad repeats the last id until the kernels take them all.
func pad(ids []uint32) []uint32 {
	for len(ids)%lanes != 0 {
		ids = append(ids, ids[len(ids)-1])
	}
	return ids
}

// rank writes to dst the ranks, from the padded q, of the rows of ids, whose number is
// a positive multiple of lanes. Equal rows have equal results.
func (l Layout) rank(dst, q []float32, m Metric, bases []*byte, ids []uint32) {
	if useAssembly {
		d, x, b, first := &dst[0], &q[0], &bases[0], &ids[0]
		switch {
		case l.half && m == L2:
			l2HalvesAsm(d, x, l.stride, b, l.shift, l.mask(), l.size(), first, len(ids))
		case l.half:
			dotHalvesAsm(d, x, l.stride, b, l.shift, l.mask(), l.size(), first, len(ids))
		case m == L2:
			l2RowsAsm(d, x, l.stride, b, l.shift, l.mask(), l.size(), first, len(ids))
		default:
			dotRowsAsm(d, x, l.stride, b, l.shift, l.mask(), l.size(), first, len(ids))
		}
		return
	}
	for i, id := range ids {
		dst[i] = l.rankRow(q, m, l.at(bases, id))
	}
}

// rankRow is what the kernels do for a row.
func (l Layout) rankRow(q []float32, m Metric, row []byte) float32 {
	switch {
	case l.half && m == L2:
		return l2Halves(q, halves(row))
	case l.half:
		return -dotHalves(q, halves(row))
	case m == L2:
		return simd.SquaredL2(q, floats(row))
	}
	return -simd.Dot(q, floats(row))
}

// codeRows writes to dst, for each row of ids, the second float behind its n
// integers plus factor times the first one times the dot product of the integers
// with those of q. Ids are as in rank.
func codeRows(dst []float32, q []byte, factor float32, b *codebook, codes []*byte, ids []uint32) {
	if useAssembly {
		codeRowsAsm(&dst[0], &q[0], b.n, &codes[0], b.shift, b.mask(), b.stride, &ids[0], len(ids), factor)
		return
	}
	for i, id := range ids {
		row := b.row(codes, id)
		var sum int32
		for j, c := range q[:b.n] {
			sum += int32(int8(c)) * int32(int8(row[j]))
		}
		scale, constant := b.tail(row)
		dst[i] = float32(sum)*scale*factor + constant
	}
}

// bitRows is codeRows for rows of n bytes of bits, each of which stands for 1 or -1.
// The integers of q are from -8 to 7, in four planes of bits, word by word; sum is
// that of them all.
func bitRows(dst []float32, q []uint64, sum int, factor float32, b *codebook, codes []*byte, ids []uint32) {
	if useAssembly {
		bitRowsAsm(&dst[0], &q[0], b.n/8, &codes[0], b.shift, b.mask(), b.stride, &ids[0], len(ids), factor, int32(sum))
		return
	}
	for i, id := range ids {
		row := b.row(codes, id)
		positive := 0
		for w := range b.n / 8 {
			word, planes := binary.LittleEndian.Uint64(row[8*w:]), q[4*w:4*w+4]
			positive += bits.OnesCount64(word&planes[0]) + 2*bits.OnesCount64(word&planes[1]) +
				4*bits.OnesCount64(word&planes[2]) - 8*bits.OnesCount64(word&planes[3])
		}
		scale, constant := b.tail(row)
		dst[i] = float32(2*positive-sum)*scale*factor + constant
	}
}

// tail returns the floats behind a code.
func (b *codebook) tail(row []byte) (scale, constant float32) {
	return math.Float32frombits(binary.NativeEndian.Uint32(row[b.n:])),
		math.Float32frombits(binary.NativeEndian.Uint32(row[b.n+4:]))
}
