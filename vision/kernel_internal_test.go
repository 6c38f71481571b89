package vision

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWeighEqualsTheLoopAtEveryLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		acc := make([]float32, n)
		var rows [4][]uint8
		for i := range rows {
			rows[i] = make([]uint8, n+i) // a longer row counts up to acc
			for x := range rows[i] {
				rows[i][x] = uint8(rng.Uint32())
			}
		}
		w := [4]float32{rng.Float32(), -rng.Float32(), 0, rng.Float32()}
		want := make([]float64, n)
		for x := range acc {
			acc[x] = rng.Float32()
			want[x] = float64(acc[x])
			for i, r := range rows {
				want[x] += float64(w[i]) * float64(r[x])
			}
		}
		weigh(acc, rows[0], rows[1], rows[2], rows[3], &w)
		for x := range acc {
			require.InDelta(t, want[x], acc[x], 1e-3)
		}
	}
}

func TestAcrossEqualsTheTaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, f := range []Filter{Lanczos3, CatmullRom, Bilinear, Box} {
		for _, size := range [][2]int{{1, 1}, {3, 7}, {50, 50}, {50, 7}, {201, 30}, {97, 1}, {40, 81}} {
			xs := newTaps(f, size[0], 0, float64(size[0]), size[1])
			even := newEvenTaps(xs, 0)
			src := make([]float32, size[0]+even.n)
			for i := range size[0] {
				src[i] = rng.Float32()
			}
			dst := make([]float32, size[1])
			even.across(dst, src)
			for i, got := range dst {
				want := 0.0
				for k, w := range xs.weights[i] {
					want += float64(w) * float64(src[xs.start[i]+k])
				}
				require.InDelta(t, want, got, 1e-5)
			}
		}
	}
}
