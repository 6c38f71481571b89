package audio_test

import (
	"errors"
	"math"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// Chromaprint resamples with a shorter filter of its own, so some bits differ where
// sound lies near the edges of classes.
func TestEvaluateFingerprintAgainstChromaprintAt44100(t *testing.T) {
	tool, err := exec.LookPath("fpcalc")
	if err != nil {
		t.Skip("fpcalc (Debian: libchromaprint-tools) is not installed")
	}
	left, right := tonesOf(3, 44100, 30), tonesOf(4, 44100, 30)
	c := audio.Clip{Rate: 44100, Channels: 2}
	for i, v := range left.Samples {
		c.Samples = append(c.Samples, v, right.Samples[i])
	}
	path := filepath.Join(t.TempDir(), "x.wav")
	require.NoError(t, os.WriteFile(path, encode(t, c, audio.PCM16), 0o600))
	out, err := exec.Command(tool, "-raw", "-length", "1000", path).Output()
	var exit *exec.ExitError // some versions take the end of the file for an error, after they print
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	_, list, ok := strings.Cut(strings.TrimSpace(string(out)), "FINGERPRINT=")
	require.True(t, ok, "%s", out)
	got, err := audio.Fingerprint(c)
	require.NoError(t, err)
	want := strings.Split(list, ",")
	require.InDelta(t, len(want), len(got), 1)
	same, differ, n := 0, 0, min(len(want), len(got))
	for i := range n {
		w, err := strconv.ParseUint(want[i], 10, 32)
		require.NoError(t, err)
		differ += bits.OnesCount32(uint32(w) ^ got[i])
		if uint32(w) == got[i] {
			same++
		}
	}
	t.Logf("%d of %d words are those of fpcalc, %d of %d bits differ", same, n, differ, 32*n)
	require.Less(t, float64(differ), 0.002*float64(32*n))
}
