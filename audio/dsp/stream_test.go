package dsp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// blocks calls f with x in blocks of random lengths.
func blocks(x []float32, seed uint64, f func([]float32)) {
	r := rand.New(rand.NewPCG(seed, 1))
	for len(x) > 0 {
		n := min(r.IntN(300), len(x))
		f(x[:n])
		x = x[n:]
	}
}

// requireSame fails unless both are equal within 1e-6 of the largest sample.
func requireSame(t testing.TB, want, got []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	largest, worst := 1e-30, 0.0
	for i, v := range want {
		largest = max(largest, math.Abs(float64(v)))
		worst = max(worst, math.Abs(float64(v)-float64(got[i])))
	}
	require.LessOrEqual(t, worst, 1e-6*largest)
}

var streamLengths = []int{0, 1, 5, 63, 64, 100, 1000, 5000}

func TestDenoiserStreamIsTheDenoiser(t *testing.T) {
	for _, o := range []dsp.DenoiserOptions{
		{FFTSize: 64}, {FFTSize: 63, Hop: 20}, {FFTSize: 32, Hop: 32}, {FFTSize: 16, Hop: 50},
	} {
		t.Run(fmt.Sprintf("%d by %d", o.FFTSize, o.Hop), func(t *testing.T) {
			noise := synth.Noise(1, 2000, 0.1)
			whole, err := dsp.NewDenoiser(o)
			require.NoError(t, err)
			whole.Learn(noise)
			s, err := dsp.NewDenoiserStream(o, noise)
			require.NoError(t, err)
			for i, n := range streamLengths {
				x := synth.Noise(uint64(i), n, 0.1)
				for j := range x {
					x[j] += float32(math.Sin(float64(j)/3)) * float32(j/700%2)
				}
				want := make([]float32, n)
				whole.Run(want, x)
				var got []float32
				taken := 0
				blocks(x, uint64(i), func(x []float32) {
					taken += len(x)
					got = s.Add(got, x)
					require.LessOrEqual(t, taken-len(got), s.Latency())
				})
				requireSame(t, want, s.End(got))
			}
		})
	}
}

func TestSeparatorStreamIsTheSeparator(t *testing.T) {
	for _, o := range []dsp.SeparatorOptions{
		{FFTSize: 64, Frames: 5, Bins: 7},
		{FFTSize: 63, Hop: 20, Frames: 31, Bins: 1},
		{FFTSize: 32, Hop: 32, Frames: 1, Bins: 99},
	} {
		t.Run(fmt.Sprintf("%d by %d", o.FFTSize, o.Hop), func(t *testing.T) {
			whole, err := dsp.NewSeparator(o)
			require.NoError(t, err)
			s, err := dsp.NewSeparatorStream(o)
			require.NoError(t, err)
			for i, n := range streamLengths {
				x := synth.Noise(uint64(i), n, 0.3)
				for j := range x {
					x[j] += float32(math.Sin(float64(j) / 3))
				}
				steady, strokes := make([]float32, n), make([]float32, n)
				whole.Separate(steady, strokes, x)
				var h, p []float32
				taken := 0
				blocks(x, uint64(i), func(x []float32) {
					taken += len(x)
					h, p = s.Add(h, p, x)
					require.Len(t, p, len(h))
					require.LessOrEqual(t, taken-len(h), s.Latency())
				})
				h, p = s.End(h, p)
				requireSame(t, steady, h)
				requireSame(t, strokes, p)
			}
		})
	}
}

func TestStreamsMakeNoGarbage(t *testing.T) {
	x := synth.Noise(1, 4000, 0.5)
	d, err := dsp.NewDenoiserStream(dsp.DenoiserOptions{FFTSize: 256}, x)
	require.NoError(t, err)
	s, err := dsp.NewSeparatorStream(dsp.SeparatorOptions{FFTSize: 256})
	require.NoError(t, err)
	a, b := make([]float32, 0, 20000), make([]float32, 0, 20000)
	d.Add(a, x)
	s.Add(a, b, x)
	require.Zero(t, testing.AllocsPerRun(5, func() { d.Add(a, x); s.Add(a, b, x) }))
}

func TestStreamsOfOddSignals(t *testing.T) {
	x := synth.Noise(1, 500, math.MaxFloat32)
	x[100], x[200] = float32(math.NaN()), float32(math.Inf(1))
	d, err := dsp.NewDenoiserStream(dsp.DenoiserOptions{FFTSize: 64}, x)
	require.NoError(t, err)
	got := d.End(d.Add(nil, x))
	require.Len(t, got, len(x))
	requireFinite(t, got)
	s, err := dsp.NewSeparatorStream(dsp.SeparatorOptions{FFTSize: 64})
	require.NoError(t, err)
	h, p := s.Add(nil, nil, x)
	h, p = s.End(h, p)
	requireFinite(t, h)
	requireFinite(t, p)
	_, err = dsp.NewDenoiserStream(dsp.DenoiserOptions{}, nil)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = dsp.NewDenoiserStream(dsp.DenoiserOptions{Threshold: -1}, x)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = dsp.NewSeparatorStream(dsp.SeparatorOptions{Frames: 2})
	require.ErrorIs(t, err, quintet.ErrOption)
}
