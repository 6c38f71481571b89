package vorbis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// These tests hold the fast ways against the sums of the specification.

func noise(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

func TestTheTransformIsItsSum(t *testing.T) {
	for n := 32; n <= 1024; n *= 2 {
		x := noise(n, 1)
		y := append([]float32(nil), x...)
		newTransform(n).run(y)
		worst := 0.0
		for i, v := range y {
			want := 0.0
			for k, v := range x {
				want += float64(v) * math.Cos(math.Pi/float64(n)*(float64(i)+0.5)*(float64(k)+0.5))
			}
			worst = max(worst, math.Abs(want-float64(v)))
		}
		require.Less(t, worst, 1e-4, "%d lines", n)
	}
}

// naiveBlock is the inverse MDCT of lines with the window of a block between two others
// (Vorbis I, 4.3.1); lengths are in lines.
func naiveBlock(x []float32, before, after int) []float64 {
	n := len(x)
	y := make([]float64, 2*n)
	for i := range y {
		for k, v := range x {
			y[i] += float64(v) * math.Cos(math.Pi/float64(4*n)*float64(2*i+1+n)*float64(2*k+1))
		}
	}
	rise := func(i, slope int) float64 { // of the first half of the window
		switch i -= (n - slope) / 2; {
		case i < 0:
			return 0
		case i >= slope:
			return 1
		}
		s := math.Sin(math.Pi / 2 * (float64(i) + 0.5) / float64(slope))
		return math.Sin(math.Pi / 2 * s * s)
	}
	for i := range n {
		y[i] *= rise(i, min(n, before))
		y[2*n-1-i] *= rise(i, min(n, after))
	}
	return y
}

func TestBlocksOverlapAsTheSpecificationSays(t *testing.T) {
	for _, sizes := range [][2]int{{64, 64}, {32, 64}, {64, 32}, {32, 32}} {
		t.Run(fmt.Sprint(sizes), func(t *testing.T) {
			a, b := noise(sizes[0], 1), noise(sizes[1], 2)
			old, young := naiveBlock(a, sizes[0], sizes[1]), naiveBlock(b, sizes[0], sizes[1])
			d := Decoder{
				channels: make([]channel, 1), places: places(1),
				out: make([]float32, 64), slopes: [2][]float32{slope(32), slope(64)},
			}
			c := &d.channels[0]
			c.before = make([]float32, 32)
			for i, x := range [][]float32{a, b} {
				newTransform(len(x)).run(x)
				c.lines = x
				out := d.overlap(len(x))
				if i == 0 {
					require.Empty(t, out)
					continue
				}
				require.Len(t, out, (sizes[0]+sizes[1])/2)
				// The blocks lie so that the middles of their common halves meet.
				for i, v := range out {
					want := 0.0
					if j := sizes[0] + i; j < 2*sizes[0] {
						want += old[j]
					}
					if j := i - sizes[0]/2 + sizes[1]/2; j >= 0 {
						want += young[j]
					}
					require.InDelta(t, want, v, 1e-4, "sample %d", i)
				}
			}
		})
	}
}
