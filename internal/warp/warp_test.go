package warp_test

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/warp"
)

func TestFitFindsTheSimilarity(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		want := warp.Similarity{A: rng.NormFloat64(), B: rng.NormFloat64(), X: 50 * rng.NormFloat64(), Y: 50 * rng.NormFloat64()}
		var from, to []warp.Point
		for range 4 {
			p := warp.Point{X: 100 * rng.Float64(), Y: 100 * rng.Float64()}
			from, to = append(from, p), append(to, want.To(p))
			back := want.Inverse().To(want.To(p))
			require.InDelta(t, p.X, back.X, 1e-6)
			require.InDelta(t, p.Y, back.Y, 1e-6)
		}
		got, ok := warp.Fit(from, to)
		require.True(t, ok)
		for i, v := range []float64{want.A - got.A, want.B - got.B, want.X - got.X, want.Y - got.Y} {
			require.InDelta(t, 0, v, 1e-8, "number %d", i)
		}
	}
	_, ok := warp.Fit([]warp.Point{{1, 1}, {1, 1}}, []warp.Point{{0, 0}, {1, 1}})
	require.False(t, ok)
	_, ok = warp.Fit([]warp.Point{{1, math.NaN()}, {1, 1}}, []warp.Point{{0, 0}, {1, 1}})
	require.False(t, ok)
}

// No other similarity near the one that was fitted is better.
func TestFitIsLeastSquares(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	var from, to []warp.Point
	for range 5 {
		from = append(from, warp.Point{X: rng.Float64(), Y: rng.Float64()})
		to = append(to, warp.Point{X: rng.Float64(), Y: rng.Float64()})
	}
	loss := func(s warp.Similarity) (sum float64) {
		for i, p := range from {
			q := s.To(p)
			sum += (q.X-to[i].X)*(q.X-to[i].X) + (q.Y-to[i].Y)*(q.Y-to[i].Y)
		}
		return sum
	}
	s, ok := warp.Fit(from, to)
	require.True(t, ok)
	for range 1000 {
		d := func() float64 { return rng.NormFloat64() / 50 }
		require.LessOrEqual(t, loss(s), loss(warp.Similarity{A: s.A + d(), B: s.B + d(), X: s.X + d(), Y: s.Y + d()}))
	}
}

func TestDraw(t *testing.T) {
	src := synth.Picture(1, 40, 30)
	for i := 3; i < len(src.Pix); i += 4 {
		src.Pix[i] = 255
	}
	out := image.NewNRGBA(src.Rect)
	warp.Draw(out, src, warp.Similarity{A: 1})
	require.Equal(t, src.Pix, out.Pix, "nothing moves")

	moved := *src
	moved.Rect = src.Rect.Add(image.Pt(-7, 100))
	warp.Draw(out, &moved, warp.Similarity{A: 1, X: 7, Y: -100})
	require.Equal(t, src.Pix, out.Pix, "bounds count")

	quarter := image.NewNRGBA(image.Rect(0, 0, 30, 40))
	turn := warp.Similarity{B: 1, X: 30}
	warp.Draw(quarter, src, turn)
	require.Equal(t, src.NRGBAAt(0, 0), quarter.NRGBAAt(29, 0), "a turn to the right")
	require.Equal(t, src.NRGBAAt(39, 29), quarter.NRGBAAt(0, 39))
	require.Equal(t, image.Rect(-1, -1, 41, 31), turn.Source(30, 40))

	half := image.NewNRGBA(image.Rect(0, 0, 20, 15))
	warp.Draw(half, src, warp.Similarity{A: 0.5})
	var sum int
	for _, p := range []image.Point{{8, 4}, {9, 4}, {8, 5}, {9, 5}} {
		sum += int(src.NRGBAAt(p.X, p.Y).G)
	}
	require.InDelta(t, float64(sum)/4, float64(half.NRGBAAt(4, 2).G), 0.51, "the mean of four")

	far := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	warp.Draw(far, src, warp.Similarity{A: 1, X: 1000})
	require.Equal(t, []uint8{0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255}, far.Pix)
}
