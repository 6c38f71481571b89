package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// voice is a sum of harmonics of falling strength.
func voice(rate, n int, hz float64, harmonics int) []float32 {
	x := make([]float32, n)
	for h := 1; h <= harmonics; h++ {
		for i, v := range synth.Tone(rate, n, hz*float64(h), 0.4/float64(h)) {
			x[i] += v
		}
	}
	return x
}

func TestYINFindsThePitch(t *testing.T) {
	for _, rate := range []int{8000, 16000, 44100} {
		for _, hz := range []float64{70, 110, 261.63, 440, 987.77, 1800} {
			if hz > float64(rate)/8 {
				continue // a period of fewer than 8 samples
			}
			for _, harmonics := range []int{1, 4} {
				x := voice(rate, rate/2, hz, min(harmonics, int(float64(rate)/2/hz)))
				got, err := dsp.TrackPitch(x, dsp.YINOptions{Rate: rate})
				require.NoError(t, err)
				require.Len(t, got, 51)
				for _, p := range got[8:42] {
					cents := 1200 * math.Log2(float64(p.Hz)/hz)
					require.InDelta(t, 0, cents, 20, "%v Hz at %d, %d harmonics", hz, rate, harmonics)
					require.Greater(t, p.Confidence, float32(0.85))
				}
			}
		}
	}
}

// The definition: differences by a double loop.
func TestYINIsTheDefinition(t *testing.T) {
	const rate, high, window = 4000, 42, 84 // FMin 100
	x := voice(rate, 400, 180, 3)
	for i, v := range synth.Noise(2, len(x), 0.05) {
		x[i] += v
	}
	got, err := dsp.TrackPitch(x, dsp.YINOptions{Rate: rate, FMin: 99, FMax: 800, Hop: 200})
	require.NoError(t, err)
	first := 200 - (window+high)/2
	best, sum, least := 0, 0.0, 1.0
	for lag := 1; lag <= high; lag++ {
		d := 0.0
		for j := range window {
			e := float64(x[first+j]) - float64(x[first+j+lag])
			d += e * e
		}
		sum += d
		if v := d * float64(lag) / sum; lag >= 5 && v < least {
			best, least = lag, v
		}
	}
	require.InDelta(t, least, 1-got[1].Confidence, 1e-4)
	require.InDelta(t, best, rate/got[1].Hz, 0.5)
}

func TestYINHearsNoPitchInNoise(t *testing.T) {
	got, err := dsp.TrackPitch(synth.Noise(1, 16000, 0.5), dsp.YINOptions{})
	require.NoError(t, err)
	for _, p := range got {
		require.False(t, p.Voiced())
	}
}

func TestYINOfOddSignals(t *testing.T) {
	y, err := dsp.NewYIN(dsp.YINOptions{})
	require.NoError(t, err)
	require.Empty(t, y.Track(nil, nil))
	nan := voice(16000, 4000, 200, 3)
	nan[2000] = float32(math.NaN())
	for name, x := range map[string][]float32{
		"one sample": {1}, "silence": make([]float32, 3000), "NaN": nan, "a constant": make([]float32, 3000),
		"the largest": synth.Tone(16000, 3000, 300, math.MaxFloat32), "the smallest": synth.Tone(16000, 3000, 300, 1e-44),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a constant" {
				for i := range x {
					x[i] = 0.3
				}
			}
			got := y.Track(nil, x)
			require.Len(t, got, 1+len(x)/160)
			for _, p := range got {
				requireFinite(t, []float32{p.Hz, p.Confidence})
				require.GreaterOrEqual(t, p.Confidence, float32(0))
				require.LessOrEqual(t, p.Confidence, float32(1))
			}
		})
	}
	got := y.Track(nil, nan)
	require.Zero(t, got[2000/160].Confidence)
	require.InDelta(t, 200, got[4].Hz, 1)
}

func TestYINOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]dsp.YINOptions{
		"negative rate":          {Rate: -1},
		"negative hop":           {Hop: -1},
		"upside down":            {FMin: 500, FMax: 400},
		"above a quarter":        {Rate: 8000, FMax: 2001},
		"far too low":            {FMin: 1e-9},
		"frequency is no number": {FMin: math.NaN()},
		"threshold of 1":         {Threshold: 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsp.TrackPitch(nil, o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestYINDoesNotAllocate(t *testing.T) {
	y, err := dsp.NewYIN(dsp.YINOptions{})
	require.NoError(t, err)
	x := voice(16000, 4000, 200, 3)
	out := y.Track(nil, x)
	require.Zero(t, testing.AllocsPerRun(3, func() { out = y.Track(out, x) }))
	require.Equal(t, out, y.Clone().Track(nil, x))
}

func ExampleTrackPitch() {
	pitches, err := dsp.TrackPitch(synth.Tone(16000, 16000, 440, 0.5), dsp.YINOptions{})
	if err != nil {
		panic(err)
	}
	p := pitches[50]
	fmt.Printf("%v: %.0f Hz\n", p.Time, p.Hz)
	// Output: 500ms: 440 Hz
}

func BenchmarkYIN(b *testing.B) {
	x := voice(16000, 10*16000, 200, 5)
	y, err := dsp.NewYIN(dsp.YINOptions{})
	require.NoError(b, err)
	out := y.Track(nil, x)
	b.ReportAllocs()
	for b.Loop() {
		out = y.Track(out, x)
	}
}
