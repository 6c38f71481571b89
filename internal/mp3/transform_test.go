package mp3

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// These tests hold the fast transforms against the sums of the standards.

func noise(dst []float32, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range dst {
		dst[i] = r.Float32()*2 - 1
	}
}

func TestTheDCTOfThirtyTwoPointsIsItsSum(t *testing.T) {
	var x, got [32]float32
	noise(x[:], 1)
	dct32(&got, &x)
	for n, v := range got {
		want := 0.0
		for k, v := range x {
			want += float64(v) * math.Cos(math.Pi*float64(n*(2*k+1))/64)
		}
		require.InDelta(t, want, v, 1e-5, "output %d", n)
	}
}

// naiveIMDCT is that of ISO/IEC 11172-3, 2.4.3.4.10, with the window of its kind.
func naiveIMDCT(x []float32, kind int) (y [36]float64) {
	sum := func(x []float32, step, i int) (v float64) {
		n := (len(x) + step - 1) / step * 2
		for k := range n / 2 {
			v += float64(x[step*k]) * math.Cos(math.Pi/float64(2*n)*float64(2*i+1+n/2)*float64(2*k+1))
		}
		return v
	}
	if kind == shortBlock {
		for w := range 3 {
			for i := range 12 {
				y[6+6*w+i] += sum(x[w:w+16:w+16], 3, i) * math.Sin(math.Pi/12*(float64(i)+0.5))
			}
		}
		return y
	}
	at := func(kind, i int) float64 {
		long := math.Sin(math.Pi / 36 * (float64(i) + 0.5))
		switch {
		case kind == normalBlock || i < 18:
			return long
		case i < 24:
			return 1
		case i < 30:
			return math.Sin(math.Pi / 12 * (float64(i-18) + 0.5))
		}
		return 0
	}
	for i := range y {
		w := at(kind, i)
		if kind == stopBlock {
			w = at(startBlock, 35-i)
		}
		y[i] = sum(x, 1, i) * w
	}
	return y
}

func TestBlocksAreTransformedAsTheirSums(t *testing.T) {
	for _, kind := range []int{normalBlock, startBlock, shortBlock, stopBlock} {
		for odd := range 2 {
			var x, overlap [slots]float32
			noise(x[:], 2)
			noise(overlap[:], 3)
			before := overlap
			var out [slots * subbands]float32
			if kind == shortBlock {
				shared().shortBlocks(&x, &overlap, out[:], odd)
			} else {
				longBlock(&x, &shared().window[odd][kind], &overlap, out[:])
			}
			want := naiveIMDCT(x[:], kind)
			if odd == 1 {
				for i := 1; i < 36; i += 2 {
					want[i] = -want[i]
				}
			}
			for i := range slots {
				require.InDelta(t, want[i]+float64(before[i]), out[i*subbands], 1e-5, "block %d, value %d", kind, i)
				require.InDelta(t, want[slots+i], overlap[i], 1e-5, "block %d, value %d", kind, slots+i)
			}
		}
	}
}

// naiveFilter is the synthesis of ISO/IEC 11172-3, figure A.2.
type naiveFilter struct{ v [1024]float64 }

func (f *naiveFilter) next(s []float32) (out [32]float64) {
	copy(f.v[64:], f.v[:])
	for i := range 64 {
		f.v[i] = 0
		for k, x := range s {
			f.v[i] += math.Cos(math.Pi/64*float64((16+i)*(2*k+1))) * float64(x)
		}
	}
	for i := range 512 {
		d := float64(filterWindow[min(i, 512-i)]) / 65536
		if i > 256 && i%64 != 0 {
			d = -d
		}
		out[i%32] += f.v[i/64*128+i%64/32*96+i%32] * d
	}
	return out
}

func TestThePolyphaseFilterIsThatOfTheStandard(t *testing.T) {
	var c channel
	var naive naiveFilter
	for granule := range uint64(3) {
		var in slotBlock
		noise(in[:], granule)
		out := make([]float32, 2*lines)
		c.synthesize(shared(), &in, out, 2)
		for slot := range slots {
			want := naive.next(in[slot*subbands:][:subbands])
			for j, v := range want {
				require.InDelta(t, v, out[2*(slot*subbands+j)], 1e-4, "slot %d, output %d", slot, j)
			}
		}
	}
}
