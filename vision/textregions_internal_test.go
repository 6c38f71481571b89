package vision

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// floodRegions returns the same regions by filling from each pixel.
func floodRegions(m []float32, w int, threshold float32) (regions []map[[2]int]bool) {
	h := len(m) / w
	seen := map[[2]int]bool{}
	inside := func(p [2]int) bool {
		return p[0] >= 0 && p[1] >= 0 && p[0] < w && p[1] < h && m[p[1]*w+p[0]] > threshold
	}
	for i := range m {
		begin := [2]int{i % w, i / w}
		if !inside(begin) || seen[begin] {
			continue
		}
		region := map[[2]int]bool{}
		for todo := [][2]int{begin}; len(todo) > 0; {
			p := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if !inside(p) || seen[p] {
				continue
			}
			seen[p], region[p] = true, true
			for d := range 9 {
				todo = append(todo, [2]int{p[0] + d%3 - 1, p[1] + d/3 - 1})
			}
		}
		regions = append(regions, region)
	}
	return regions
}

func TestTextRegionsAreThoseOfFilling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 400 {
		w, h := 1+rng.IntN(24), rng.IntN(24)
		m := make([]float32, w*h)
		density := rng.Float32()
		for i := range m {
			if rng.Float32() < density {
				m[i] = 1
			}
			if rng.IntN(50) == 0 {
				m[i] = float32(math.NaN())
			}
		}
		want := floodRegions(m, w, 0.5)
		got := textRegions(m, w, 0.5)
		require.Len(t, got, len(want), "round %d", round)
		for i, runs := range got {
			pixels := map[[2]int]bool{}
			last := textRun{y: -1}
			for _, r := range runs {
				require.True(t, r.y > last.y || r.y == last.y && r.x0 > last.x1, "%v after %v", r, last)
				last = r
				for x := r.x0; x < r.x1; x++ {
					pixels[[2]int{x, r.y}] = true
				}
			}
			require.Equal(t, want[i], pixels, "round %d", round)
		}
	}
}

func BenchmarkTextRegions(b *testing.B) {
	for _, side := range []int{320, 960} {
		m := make([]float32, side*side)
		for i := range m { // lines of 20 pixels, every 40
			if i/side%40 < 20 && i%side > 20 {
				m[i] = 0.9
			}
		}
		b.Run(fmt.Sprintf("side=%d/runs", side), func(b *testing.B) {
			for b.Loop() {
				textRegions(m, side, 0.3)
			}
		})
		b.Run(fmt.Sprintf("side=%d/filling", side), func(b *testing.B) {
			for b.Loop() {
				floodRegions(m, side, 0.3)
			}
		})
	}
}
