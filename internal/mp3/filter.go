package mp3

import "math"

// kept is how many slots before a granule the polyphase filter looks at.
const kept = 15

// history holds the DCT of the slots of a granule and of those before it.
type history [(kept + slots) * subbands]float32

// filterRow are the weights of sixteen slots, the oldest first, for outputs j and
// subbands-j.
type filterRow [2 * (kept + 1)]float32

func newFilter() (f [subbands/2 + 1]filterRow) {
	at := func(i int) float32 {
		v := filterWindow[min(i, 512-i)]
		if i > 256 && i%64 != 0 {
			v = -v
		}
		return float32(v) / (1 << 16)
	}
	for j := range f {
		for slot := range kept + 1 {
			age := kept - slot
			v, mirror := at(subbands*age+j), float32(0)
			if j > 0 {
				mirror = -at(subbands*age + subbands - j)
			}
			if age%2 == 1 {
				v = -v
			}
			f[j][2*slot], f[j][2*slot+1] = v, mirror
		}
	}
	return f
}

// synthesize makes samples of the slots of a granule. They go to every step-th place.
func (c *channel) synthesize(t *tables, in *slotBlock, out []float32, step int) {
	copy(c.history[:kept*subbands], c.history[slots*subbands:])
	for slot := range slots {
		from := (*[subbands]float32)(in[slot*subbands:])
		dct32((*[subbands]float32)(c.history[(kept+slot)*subbands:]), from)
		past := (*[(kept + 1) * subbands]float32)(c.history[slot*subbands:])
		t.weigh(past, out[slot*subbands*step:], step)
	}
}

// weigh gives the 32 outputs of the last of sixteen slots. Output j takes value 16+j of
// every other slot, beginning with the last, and 16-j of those between.
func (t *tables) weigh(past *[(kept + 1) * subbands]float32, out []float32, step int) {
	out = out[:(subbands-1)*step+1]
	var first, middle float32
	w, m := &t.filter[0], &t.filter[subbands/2]
	for slot := 0; slot <= kept; slot += 2 {
		first += past[slot*subbands+16]*w[2*slot] + past[(slot+1)*subbands+16]*w[2*slot+2]
		middle += past[slot*subbands] * m[2*slot]
	}
	out[0], out[16*step] = first, middle
	for j := 1; j < 16; j++ {
		w := &t.filter[j]
		odd, even := past[16-j:], past[48+j:]
		odd, even = odd[:14*subbands+1], even[:14*subbands+1]
		var a, b, c, d float32
		for k := 0; k < 8; k++ {
			x, y := odd[2*k*subbands], even[2*k*subbands]
			a += x * w[4*k]
			b += x * w[4*k+1]
			c += y * w[4*k+2]
			d += y * w[4*k+3]
		}
		out[j*step] = a + c
		out[(subbands-j)*step] = b + d
	}
}

// halfSecants are 1/(2*cos(pi*(2k+1)/(2n))) of the stages of 32, 16, 8 and 4 points.
var (
	secants32 = [16]float32(halfSecants(32))
	secants16 = [8]float32(halfSecants(16))
	secants8  = [4]float32(halfSecants(8))
	secants4  = [2]float32(halfSecants(4))
)

func halfSecants(n int) []float32 {
	s := make([]float32, n/2)
	for k := range s {
		s[k] = float32(0.5 / math.Cos(math.Pi*float64(2*k+1)/float64(2*n)))
	}
	return s
}

// dct32 is the DCT-II of 32 points: dst[n] is the sum of x[k]*cos(pi*n*(2k+1)/64).
// Even outputs are the DCT of half the points of the sums of opposite points; odd ones
// are sums of neighbours in that of their differences over twice a cosine.
func dct32(dst, x *[32]float32) {
	var sums, differences [16]float32
	for k := range 16 {
		sums[k], differences[k] = x[k]+x[31-k], (x[k]-x[31-k])*secants32[k]
	}
	dct16(&sums)
	dct16(&differences)
	for m := range 15 {
		dst[2*m], dst[2*m+1] = sums[m], differences[m]+differences[m+1]
	}
	dst[30], dst[31] = sums[15], differences[15]
}

func dct16(x *[16]float32) {
	var sums, differences [8]float32
	for k := range 8 {
		sums[k], differences[k] = x[k]+x[15-k], (x[k]-x[15-k])*secants16[k]
	}
	dct8(&sums)
	dct8(&differences)
	for m := range 7 {
		x[2*m], x[2*m+1] = sums[m], differences[m]+differences[m+1]
	}
	x[14], x[15] = sums[7], differences[7]
}

func dct8(x *[8]float32) {
	a0, a1, a2, a3 := dct4(x[0]+x[7], x[1]+x[6], x[2]+x[5], x[3]+x[4])
	b0, b1, b2, b3 := dct4((x[0]-x[7])*secants8[0], (x[1]-x[6])*secants8[1],
		(x[2]-x[5])*secants8[2], (x[3]-x[4])*secants8[3])
	x[0], x[2], x[4], x[6] = a0, a1, a2, a3
	x[1], x[3], x[5], x[7] = b0+b1, b1+b2, b2+b3, b3
}

func dct4(x0, x1, x2, x3 float32) (y0, y1, y2, y3 float32) {
	a, b := x0+x3, x1+x2
	c, d := (x0-x3)*secants4[0], (x1-x2)*secants4[1]
	odd := (c - d) * halfRoot
	return a + b, c + d + odd, (a - b) * halfRoot, odd
}
