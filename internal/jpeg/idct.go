package jpeg

import "encoding/binary"

// draw transforms a block to a square of samples of the given side, and leaves zeros
// where the next scan expects them. last is 0 if the block has nothing but its mean.
func draw(block *[64]int32, dst []uint8, stride, side, last int) {
	switch {
	case side == 8 && last > 0:
		idct8(block, dst, stride)
	case side == 4 && last > 0:
		idct4(block, dst, stride)
	case side == 2:
		idct2(block, dst, stride)
	case side == 1:
		dst[0] = sample(block[0])
	default:
		fill(dst, stride, side, sample(block[0]))
		block[0] = 0
	}
}

// sample is what a coefficient of the mean stands for.
func sample(mean int32) uint8 { return clamp((mean+4)>>3 + 128) }

// fill draws a square of one value, of side 8 or 4.
func fill(dst []uint8, stride, side int, v uint8) {
	all := uint64(v) * 0x0101010101010101
	for y := range side {
		if row := dst[y*stride:]; side == 8 {
			binary.LittleEndian.PutUint64(row, all)
		} else {
			binary.LittleEndian.PutUint32(row, uint32(all))
		}
	}
}

func clamp(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^(v >> 31))
	}
	return uint8(v)
}

// idct2 keeps two frequencies of each direction. Column x of a block begins at 8x.
func idct2(b *[64]int32, dst []uint8, stride int) {
	two(b[0], b[8], b[1], b[9], dst, stride)
	b[0], b[1], b[2], b[8], b[9] = 0, 0, 0, 0, 0 // more is not kept
}

// two transforms a mean and the lowest frequencies to the right, down, and both.
func two(mean, right, down, both int32, dst []uint8, stride int) {
	dst[0], dst[1] = sample(mean+right+down+both), sample(mean-right+down-both)
	dst = dst[stride:]
	dst[0], dst[1] = sample(mean+right-down-both), sample(mean-right-down+both)
}

// Cosines of the transform of four, times 2^13: of a quarter turn over sqrt 8, and
// of the odd frequencies over 2.
const (
	quarter = 2896
	odd1    = 3784
	odd3    = 1567
)

// idct4Generic keeps four frequencies of each direction.
func idct4Generic(b *[64]int32, dst []uint8, stride int) {
	var t [16]int32
	for y := range 4 {
		t[4*y], t[4*y+1], t[4*y+2], t[4*y+3] = four(b[y], b[8+y], b[16+y], b[24+y], 1<<7, 8)
	}
	for x := range 4 {
		p0, p1, p2, p3 := four(t[x], t[4+x], t[8+x], t[12+x], 1<<17+128<<18, 18)
		dst[x], dst[stride+x], dst[2*stride+x], dst[3*stride+x] = clamp(p0), clamp(p1), clamp(p2), clamp(p3)
	}
	*b = [64]int32{}
}

func four(x0, x1, x2, x3, round int32, shift uint) (p0, p1, p2, p3 int32) {
	sum, diff := (x0+x2)*quarter+round, (x0-x2)*quarter+round
	odd0, odd2 := x1*odd1+x3*odd3, x1*odd3-x3*odd1
	return (sum + odd0) >> shift, (diff + odd2) >> shift, (diff - odd2) >> shift, (sum - odd0) >> shift
}

// Factors of the transform of eight times 2^13, by the flow graph of Loeffler,
// Ligtenberg and Moschytz (ICASSP 1989) with 11 multiplications.
const (
	f0298 = 2446
	f0390 = 3196
	f0541 = 4433
	f0765 = 6270
	f0899 = 7373
	f1175 = 9633
	f1501 = 12299
	f1847 = 15137
	f1961 = 16069
	f2053 = 16819
	f2562 = 20995
	f3072 = 25172
)

// idct8Generic transforms a whole block.
func idct8Generic(b *[64]int32, dst []uint8, stride int) {
	var t [64]int32 // row by row
	for y := range 8 {
		var in, out [8]int32
		for x := range in {
			in[x] = b[8*x+y]
		}
		eight(&in, &out, 1<<10, 11)
		copy(t[8*y:], out[:])
	}
	for x := range 8 {
		var in, out [8]int32
		for y := range in {
			in[y] = t[8*y+x]
		}
		eight(&in, &out, 1<<17+128<<18, 18)
		for y, v := range out {
			dst[y*stride+x] = clamp(v)
		}
	}
	*b = [64]int32{}
}

func eight(x, out *[8]int32, round int32, shift uint) {
	z := (x[2] + x[6]) * f0541
	e2, e3 := z-x[6]*f1847, z+x[2]*f0765
	e0, e1 := (x[0]+x[4])<<13+round, (x[0]-x[4])<<13+round
	s0, s3, s1, s2 := e0+e3, e0-e3, e1+e2, e1-e2

	a1, a2, a3, a4 := x[7]+x[1], x[5]+x[3], x[7]+x[3], x[5]+x[1]
	w := (a3 + a4) * f1175
	a1, a2, a3, a4 = -a1*f0899, -a2*f2562, w-a3*f1961, w-a4*f0390
	o0 := x[7]*f0298 + a1 + a3
	o1 := x[5]*f2053 + a2 + a4
	o2 := x[3]*f3072 + a2 + a3
	o3 := x[1]*f1501 + a1 + a4

	out[0], out[7] = (s0+o3)>>shift, (s0-o3)>>shift
	out[1], out[6] = (s1+o2)>>shift, (s1-o2)>>shift
	out[2], out[5] = (s2+o1)>>shift, (s2-o1)>>shift
	out[3], out[4] = (s3+o0)>>shift, (s3-o0)>>shift
}
