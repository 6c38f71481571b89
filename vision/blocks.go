package vision

import (
	"encoding/binary"
)

// maxBlock is how many bytes fit into a sum of 16 bits.
const maxBlock = 257

// blocks takes the means of blocks of pixels, row by row.
type blocks struct {
	read     []func(y int) []uint8 // returns rows of samples, channels of them a pixel
	channels int
	x, y     []int // where blocks begin
	w, h     int   // of a block
	even     []uint64
	odd      []uint64
	sums     []uint16 // of the samples of the rows of a block
}

// newBlocks returns a resampler of the means of blocks. Its rows have planes
// planes for each reader.
func newBlocks(cols, rows axis, channels, planes int, read ...func(y int) []uint8) *resampler {
	b := &blocks{read: read, channels: channels}
	var xs, ys taps
	b.x, b.w, xs = cols.block()
	b.y, b.h, ys = rows.block()
	words := (b.samples() + 7) / 8
	b.even, b.odd, b.sums = make([]uint64, words), make([]uint64, words), make([]uint16, 8*words)
	load := func(in [][]float32, y int) {
		for i, row := range read {
			b.means(in[i*planes:(i+1)*planes], row, y)
		}
	}
	return newResampler(xs, ys, len(b.x), planes*len(read), load)
}

// samples returns how many of a row the blocks cover.
func (b *blocks) samples() int { return (b.x[len(b.x)-1] + b.w - b.x[0]) * b.channels }

// means fills row y of blocks, one plane for each of the first channels.
func (b *blocks) means(planes [][]float32, read func(y int) []uint8, y int) {
	from, n := b.x[0]*b.channels, b.samples()
	if b.w*b.h == 1 {
		if row := read(b.y[y])[from : from+n]; b.channels == 1 {
			floats(planes[0], row)
		} else {
			splitRGB(planes, row)
		}
		return
	}
	clear(b.even)
	clear(b.odd)
	for i := range b.h {
		addLanes(b.even, b.odd, read(b.y[y] + i)[from:from+n])
	}
	for i, even := range b.even {
		odd, s := b.odd[i], b.sums[8*i:8*i+8]
		s[0], s[1], s[2], s[3] = uint16(even), uint16(odd), uint16(even>>16), uint16(odd>>16)
		s[4], s[5], s[6], s[7] = uint16(even>>32), uint16(odd>>32), uint16(even>>48), uint16(odd>>48)
	}
	for c, plane := range planes {
		b.across(plane, c)
	}
}

// across fills a plane with the means of channel c.
func (b *blocks) across(plane []float32, c int) {
	scale := 1 / float32(b.w*b.h)
	for i, x := range b.x {
		sum := uint32(0)
		sums := b.sums[(x-b.x[0])*b.channels+c:]
		if b.channels == 1 {
			for _, v := range sums[:b.w] {
				sum += uint32(v)
			}
		} else {
			for k := range b.w {
				sum += uint32(sums[k*b.channels])
			}
		}
		plane[i] = float32(sum) * scale
	}
}

// addLanes adds bytes to sums of 16 bits, four to a word: those at even places and
// those at odd ones.
func addLanes(even, odd []uint64, row []uint8) {
	const mask = 0x00ff00ff00ff00ff
	odd = odd[:len(even)]
	i := 0
	for ; len(row) >= 8; i++ {
		v := binary.LittleEndian.Uint64(row)
		even[i] += v & mask
		odd[i] += v >> 8 & mask
		row = row[8:]
	}
	if len(row) > 0 {
		var last [8]uint8
		copy(last[:], row)
		v := binary.LittleEndian.Uint64(last[:])
		even[i] += v & mask
		odd[i] += v >> 8 & mask
	}
}
