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

func TestSpectralFramesAreThoseOfLibrosa(t *testing.T) {
	want := golden(t).Spectral
	got, err := dsp.SpectralFrames(noisy(chirp(22050, 0.2)), dsp.STFTOptions{
		Rate: 22050, FFTSize: 2048, Hop: 512, Pad: dsp.PadZero,
	})
	require.NoError(t, err)
	require.Len(t, got, want.Frames)
	for name, row := range want.Rows {
		var i int
		_, err := fmt.Sscan(name, &i)
		require.NoError(t, err)
		f := got[i]
		have := append([]float32{f.Centroid, f.Bandwidth, f.Rolloff, f.Flatness, f.Flux}, f.Contrast[:]...)
		require.Len(t, row, len(have))
		for k, v := range row {
			require.InDelta(t, v, have[k], 1e-3*math.Abs(v)+1e-4, "frame %d value %d", i, k)
		}
	}
}

func TestSpectralFramesOfKnownSignals(t *testing.T) {
	o := dsp.STFTOptions{Rate: 16000, FFTSize: 512, Hop: 128}
	tests := map[string]struct {
		x     []float32
		check func(t *testing.T, f dsp.SpectralFrame)
	}{
		"silence is flat": {make([]float32, 2000), func(t *testing.T, f dsp.SpectralFrame) {
			require.Equal(t, dsp.SpectralFrame{Flatness: 1}, f)
		}},
		"a tone stands where it is": {synth.Tone(16000, 2000, 2000, 0.5), func(t *testing.T, f dsp.SpectralFrame) {
			require.InDelta(t, 2000, f.Centroid, 10)
			require.InDelta(t, 2000, f.Rolloff, 40)
			require.Less(t, f.Bandwidth, float32(100))
			require.Less(t, f.Flatness, float32(1e-4))
		}},
		"noise is spread": {synth.Noise(1, 2000, 0.5), func(t *testing.T, f dsp.SpectralFrame) {
			require.InDelta(t, 4000, f.Centroid, 500)
			require.InDelta(t, 8000/math.Sqrt(12), f.Bandwidth, 300)
			require.InDelta(t, 0.85*8000, f.Rolloff, 500)
			require.Greater(t, f.Flatness, float32(0.4))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := dsp.SpectralFrames(tt.x, o)
			require.NoError(t, err)
			tt.check(t, got[8])
		})
	}
}

func TestFluxRisesWhereSoundBegins(t *testing.T) {
	x := append(make([]float32, 4000), synth.Noise(1, 4000, 0.5)...)
	got, err := dsp.SpectralFrames(x, dsp.STFTOptions{Rate: 16000, FFTSize: 512, Hop: 128})
	require.NoError(t, err)
	for i, f := range got {
		if i*128 < 4000-256 {
			require.Zero(t, f.Flux)
		}
	}
	require.Greater(t, got[31].Flux, 1.5*got[45].Flux)
}

func TestSpectralFramesOfAnyLengthAreFinite(t *testing.T) {
	for _, o := range []dsp.STFTOptions{{}, {FFTSize: 1}, {FFTSize: 7, Hop: 2}, {Rate: 96000, FFTSize: 64}} {
		s, err := dsp.NewSpectral(o)
		require.NoError(t, err)
		var out []dsp.SpectralFrame
		for _, n := range []int{0, 1, 2, 401} {
			for _, amplitude := range []float64{1, 1e-30, math.MaxFloat32} {
				out = s.Frames(out, synth.Noise(1, n, amplitude))
				for _, f := range out {
					requireFinite(t, append([]float32{f.Centroid, f.Bandwidth, f.Rolloff, f.Flatness, f.Flux}, f.Contrast[:]...))
				}
			}
		}
	}
	_, err := dsp.SpectralFrames(nil, dsp.STFTOptions{Hop: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestSpectralDoesNotAllocate(t *testing.T) {
	s, err := dsp.NewSpectral(dsp.STFTOptions{})
	require.NoError(t, err)
	x := synth.Noise(1, 4000, 1)
	out := s.Frames(nil, x)
	require.Zero(t, testing.AllocsPerRun(3, func() { out = s.Frames(out, x) }))
	require.Equal(t, out, s.Clone().Frames(nil, x))
}

func ExampleSpectralFrames() {
	frames, err := dsp.SpectralFrames(synth.Tone(16000, 16000, 1000, 0.5), dsp.STFTOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f Hz\n", frames[50].Rolloff)
	// Output: 1040 Hz
}

func BenchmarkSpectralFrames(b *testing.B) {
	x := synth.Noise(1, 10*16000, 0.3)
	s, err := dsp.NewSpectral(dsp.STFTOptions{FFTSize: 512, Hop: 160})
	require.NoError(b, err)
	out := s.Frames(nil, x)
	b.ReportAllocs()
	for b.Loop() {
		out = s.Frames(out, x)
	}
}
