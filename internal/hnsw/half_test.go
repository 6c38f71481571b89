package hnsw

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHalvesAreTheNearest looks at all 16-bit floats, and at what lies between each
// and the next.
func TestHalvesAreTheNearest(t *testing.T) {
	for h := range uint16(0x7C00) {
		exponent, fraction := int(h>>10), float64(h&0x3FF)
		want := math.Ldexp(1024+fraction, exponent-25)
		if exponent == 0 {
			want = math.Ldexp(fraction, -24)
		}
		x := fromHalf(h)
		require.Equal(t, want, float64(x), "%#x", h)
		require.Equal(t, h, toHalf(x))
		require.Equal(t, h|0x8000, toHalf(-x))
		require.Equal(t, math.Float32bits(x)|1<<31, math.Float32bits(fromHalf(h|0x8000)))
		if h+1 == 0x7C00 {
			continue
		}
		middle := (x + fromHalf(h+1)) / 2
		even := h + h&1
		require.Equal(t, even, toHalf(middle), "%#x", h)
		require.Equal(t, h, toHalf(math.Nextafter32(middle, 0)))
		require.Equal(t, h+1, toHalf(math.Nextafter32(middle, 1e9)))
	}
}

func TestHalvesHaveARange(t *testing.T) {
	below := math.Nextafter32(halfLimit, 0)
	require.True(t, FitsHalf(below) && FitsHalf(-below))
	require.EqualValues(t, MaxHalf, fromHalf(toHalf(below)))
	for _, x := range []float32{halfLimit, 1e30, float32(math.Inf(1))} {
		require.False(t, FitsHalf(x) || FitsHalf(-x))
		require.True(t, math.IsInf(float64(fromHalf(toHalf(x))), 1))
		require.True(t, math.IsInf(float64(fromHalf(toHalf(-x))), -1))
	}
	nan := float32(math.NaN())
	require.False(t, FitsHalf(nan))
	require.True(t, fromHalf(toHalf(nan)) != fromHalf(toHalf(nan)))
}

func TestKernelsOfHalvesAgreeWithTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, dim := range []int{1, 15, 16, 17, 32, 33, 100, 384, 1000} {
		l := NewLayout(dim, true)
		chunk := l.NewChunk()
		q := make([]float32, l.stride)
		for i := range dim {
			q[i] = float32(rng.NormFloat64())
		}
		const n = 37
		var buf []float32
		for r := range n {
			v := make([]float32, dim)
			for i := range v {
				v[i] = float32(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(7)-5)))
			}
			l.Put(l.Row(chunk, r), v)
			for i, x := range l.Vector(l.Row(chunk, r), &buf)[:dim] {
				require.Equal(t, fromHalf(toHalf(v[i])), x)
			}
		}
		for _, m := range []Metric{L2, Dot} {
			got := make([]float32, n+1)
			l.Rank(got[:n], q, m, chunk)
			require.Zero(t, got[n], "nothing is written past the end")
			for r, rank := range got[:n] {
				row := halves(l.Row(chunk, r))
				want := -dotHalves(q, row)
				if m == L2 {
					want = l2Halves(q, row)
				}
				require.InEpsilon(t, 1e4+float64(want), 1e4+float64(rank), 1e-6)
			}
		}
	}
}
