package vec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

func TestTransposeAgreesWithTheLoop(t *testing.T) {
	const guard = -12345
	sizes := []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 33}
	check := func(t *testing.T, rng *rand.Rand, rows, cols int) {
		lds, ldd := cols+rng.IntN(3), rows+rng.IntN(3)
		src := random(rng, make([]float32, (rows-1)*lds+cols))
		dst := slices.Repeat([]float32{guard}, (cols-1)*ldd+rows)
		want := slices.Clone(dst)
		for r := range rows {
			for c := range cols {
				want[c*ldd+r] = src[r*lds+c]
			}
		}
		vec.Transpose(dst, ldd, src, lds, rows, cols)
		require.Equal(t, want, dst, "%d x %d", rows, cols)
	}
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, rows := range sizes {
			for _, cols := range sizes {
				check(t, rng, rows, cols)
			}
		}
		check(t, rng, 19, 1101)
		check(t, rng, 1101, 19)
	})
}

// exactHalf is the value of a half by the definition of the format.
func exactHalf(h uint16) float64 {
	mantissa, exponent := float64(h&0x3ff), int(h>>10&31)
	value := math.Ldexp(mantissa, -24)
	switch {
	case exponent == 31 && mantissa == 0:
		value = math.Inf(1)
	case exponent == 31:
		value = math.NaN()
	case exponent > 0:
		value = math.Ldexp(1024+mantissa, exponent-25)
	}
	if h&0x8000 != 0 {
		return -value
	}
	return value
}

func allHalves() []uint16 {
	h := make([]uint16, 1<<16)
	for i := range h {
		h[i] = uint16(i)
	}
	return h
}

func TestEveryHalfSurvivesTheRoundTrip(t *testing.T) {
	both(t, func(t *testing.T) {
		halves := allHalves()
		floats, back := make([]float32, len(halves)), make([]uint16, len(halves))
		vec.HalfToFloat(floats, halves)
		vec.FloatToHalf(back, floats)
		for i, h := range halves {
			want := exactHalf(h)
			if want != want {
				require.True(t, floats[i] != floats[i], "%#x", h)
				require.Equal(t, h|0x200, back[i], "quiet, sign and payload kept")
				continue
			}
			if float64(floats[i]) != want || back[i] != h {
				t.Fatalf("%#x is %v, want %v, and comes back as %#x", h, floats[i], want, back[i])
			}
		}
	})
}

// TestFloatsGoToTheNearestHalf tries, for each pair of neighbouring halves, their
// middle and the floats beside it.
func TestFloatsGoToTheNearestHalf(t *testing.T) {
	both(t, func(t *testing.T) {
		var x []float32
		var want []uint16
		for h := uint16(0); h < 0x7c00; h++ {
			above := exactHalf(h + 1)
			if h == 0x7bff {
				above = 65536 // what infinity stands for when rounding
			}
			middle := float32((exactHalf(h) + above) / 2)
			even := h + h&1
			x = append(x, math.Nextafter32(middle, 0), middle, math.Nextafter32(middle, inf), -middle)
			want = append(want, h, even, h+1, even|0x8000)
		}
		got := make([]uint16, len(x))
		vec.FloatToHalf(got, x)
		require.Equal(t, want, got)
	})
}

func TestHalvesAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths() {
			x, check := canaried(rng, n)
			halves := slices.Repeat([]uint16{0xabcd}, n+2)
			random(rng, x)
			vec.FloatToHalf(halves[1:1+n], x)
			require.Equal(t, []uint16{0xabcd, 0xabcd}, []uint16{halves[0], halves[n+1]})
			vec.HalfToFloat(x, halves[1:1+n])
			check(t)
			for i, v := range x {
				require.Equal(t, exactHalf(halves[1+i]), float64(v))
			}
		}
	})
}
