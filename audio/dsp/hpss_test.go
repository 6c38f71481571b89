package dsp_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// snr returns the ratio of the power of want to that of its difference from got in
// decibels.
func snr(want, got []float32) float64 {
	var signal, rest float64
	for i, v := range want {
		d := float64(v) - float64(got[i])
		signal, rest = signal+float64(v)*float64(v), rest+d*d
	}
	return 10 * math.Log10(signal/rest)
}

func TestSeparatorTellsTonesFromClicks(t *testing.T) {
	tones := voice(trackRate, 4*trackRate, 330, 5)
	strokes, _ := clicks(140, 4)
	for i, v := range synth.Noise(1, len(strokes), 1) {
		strokes[i] *= v // of all frequencies
	}
	x := make([]float32, len(tones))
	for i := range x {
		x[i] = tones[i] + strokes[i]
	}
	s, err := dsp.NewSeparator(dsp.SeparatorOptions{})
	require.NoError(t, err)
	harmonic, percussive := make([]float32, len(x)), make([]float32, len(x))
	s.Separate(harmonic, percussive, x)
	for i := range x {
		require.InDelta(t, x[i], harmonic[i]+percussive[i], 1e-6)
	}
	require.Greater(t, snr(tones, harmonic), 15.0)
	require.Greater(t, snr(strokes, percussive), 3.0)
	require.Zero(t, testing.AllocsPerRun(2, func() { s.Separate(harmonic, percussive, x[:len(x)/2]) }))
}

// The definition: medians of sorted windows, masks in float64.
func TestSeparatorIsTheDefinition(t *testing.T) {
	x := synth.Noise(2, 500, 1)
	s, err := dsp.NewSeparator(dsp.SeparatorOptions{FFTSize: 16, Hop: 8, Frames: 5, Bins: 3})
	require.NoError(t, err)
	harmonic, percussive := make([]float32, len(x)), make([]float32, len(x))
	s.Separate(harmonic, percussive, x)

	stft, err := dsp.NewSTFT(dsp.STFTOptions{FFTSize: 16, Hop: 8, Pad: dsp.PadZero})
	require.NoError(t, err)
	spectra, bins := stft.Spectra(nil, x), stft.Bins()
	frames := len(spectra) / bins
	size := func(i, k int) float64 {
		for i < 0 || i >= frames {
			i = max(-1-i, min(i, 2*frames-1-i))
		}
		for k < 0 || k >= bins {
			k = max(-1-k, min(k, 2*bins-1-k))
		}
		z := spectra[i*bins+k]
		return math.Hypot(float64(real(z)), float64(imag(z)))
	}
	masked := slices.Clone(spectra)
	for i := range frames {
		for k := range bins {
			var along, across []float64
			for d := -2; d <= 2; d++ {
				along = append(along, size(i+d, k))
			}
			for d := -1; d <= 1; d++ {
				across = append(across, size(i, k+d))
			}
			slices.Sort(along)
			slices.Sort(across)
			h, p := along[2]*along[2], across[1]*across[1]
			masked[i*bins+k] *= complex(float32(h/(h+p)), 0)
		}
	}
	want := make([]float32, len(x))
	stft.Inverse(want, masked)
	require.InDeltaSlice(t, want, harmonic, 1e-5)
}

func TestSeparatorOfOddSignals(t *testing.T) {
	s, err := dsp.NewSeparator(dsp.SeparatorOptions{FFTSize: 64})
	require.NoError(t, err)
	nan := synth.Noise(1, 200, 1)
	nan[100] = float32(math.NaN())
	for name, x := range map[string][]float32{
		"none": nil, "one": {1}, "silence": make([]float32, 100), "NaN": nan, "largest": synth.Noise(1, 300, math.MaxFloat32),
	} {
		harmonic, percussive := make([]float32, len(x)), make([]float32, len(x))
		s.Separate(harmonic, percussive, x)
		require.Len(t, harmonic, len(x), name)
		requireFinite(t, harmonic)
		requireFinite(t, percussive)
	}
	for _, o := range []dsp.SeparatorOptions{{FFTSize: -1}, {Bins: 4}, {Frames: 1001}} {
		_, err := dsp.NewSeparator(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func BenchmarkSeparate(b *testing.B) {
	x, _ := drums(120, 10)
	s, err := dsp.NewSeparator(dsp.SeparatorOptions{})
	require.NoError(b, err)
	harmonic, percussive := make([]float32, len(x)), make([]float32, len(x))
	for b.Loop() {
		s.Separate(harmonic, percussive, x)
	}
	b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}
