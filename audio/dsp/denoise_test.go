package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// words is a voice that pauses: half a second on, half a second off.
func words(seconds int) []float32 {
	x := voice(16000, seconds*16000, 180, 8)
	for i := range x {
		if i/8000%2 == 1 {
			x[i] = 0
		}
	}
	return x
}

func TestDenoiserKeepsTheVoice(t *testing.T) {
	clean := words(4)
	noisy := make([]float32, len(clean))
	for i, v := range synth.Noise(1, len(clean), 0.1) {
		noisy[i] = clean[i] + v
	}
	d, err := dsp.NewDenoiser(dsp.DenoiserOptions{})
	require.NoError(t, err)
	got := make([]float32, len(noisy))
	d.Run(got, noisy)
	before, after := snr(clean, noisy), snr(clean, got)
	t.Logf("signal to noise %.1f dB before, %.1f dB after", before, after)
	require.Greater(t, after, before+8)
	pause := got[9000:15000]
	require.Less(t, dsp.RMS(pause), 0.25*dsp.RMS(noisy[9000:15000]))

	d.Learn(noisy[8500:15500])
	d.Run(got, noisy)
	require.Greater(t, snr(clean, got), before+8)
	require.Zero(t, testing.AllocsPerRun(2, func() { d.Run(got, noisy); d.Learn(noisy); d.Learn(nil) }))
	d.Run(got, noisy)
	require.InDelta(t, after, snr(clean, got), 1e-9)
	d.Run(noisy, noisy)
	require.Equal(t, got, noisy)
}

func TestDenoiserLeavesCleanSoundAlone(t *testing.T) {
	clean := words(2)
	d, err := dsp.NewDenoiser(dsp.DenoiserOptions{})
	require.NoError(t, err)
	got := make([]float32, len(clean))
	d.Run(got, clean)
	require.Greater(t, snr(clean, got), 40.0)
}

func TestDenoiserOfOddSignals(t *testing.T) {
	d, err := dsp.NewDenoiser(dsp.DenoiserOptions{FFTSize: 64})
	require.NoError(t, err)
	nan := synth.Noise(1, 200, 1)
	nan[100] = float32(math.NaN())
	for _, x := range [][]float32{nil, {1}, make([]float32, 100), nan, synth.Noise(1, 300, math.MaxFloat32)} {
		for _, noise := range [][]float32{nil, {1}, x} {
			got := make([]float32, len(x))
			d.Learn(noise)
			d.Run(got, x)
			requireFinite(t, got)
		}
	}
	for _, o := range []dsp.DenoiserOptions{{FFTSize: -1}, {Threshold: -1}, {Reduction: math.NaN()}} {
		_, err := dsp.NewDenoiser(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}
