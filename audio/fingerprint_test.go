package audio_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// tonesOf is a clip of random tones, five a second.
func tonesOf(seed uint64, rate, seconds int) audio.Clip {
	rng := synth.Rand(seed)
	c := audio.Clip{Rate: rate, Channels: 1}
	for range 5 * seconds {
		hz := 220 * math.Pow(2, float64(rng.IntN(24))/12)
		c.Samples = append(c.Samples, synth.Tone(rate, rate/5, hz, 0.5)...)
	}
	return c
}

func TestFingerprintFindsARecordingAtOtherRates(t *testing.T) {
	c := tonesOf(1, 44100, 15)
	want, err := audio.Fingerprint(c)
	require.NoError(t, err)
	got, err := audio.Fingerprint(resample(t, c, 16000))
	require.NoError(t, err)
	require.Greater(t, want.Match(got).Score, 0.95)
	other, err := audio.Fingerprint(tonesOf(2, 44100, 15))
	require.NoError(t, err)
	require.Less(t, want.Match(other).Score, 0.5)
}

func TestFingerprintOfShortAndInvalidClips(t *testing.T) {
	for _, samples := range [][]float32{nil, {1}} {
		got, err := audio.Fingerprint(audio.Clip{Rate: 44100, Channels: 1, Samples: samples})
		require.NoError(t, err)
		require.Equal(t, dsp.Fingerprint(nil), got)
	}
	_, err := audio.Fingerprint(audio.Clip{})
	require.ErrorIs(t, err, quintet.ErrInput)
}
