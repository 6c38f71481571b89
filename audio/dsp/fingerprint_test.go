package dsp_test

import (
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// tune plays random notes with three harmonics, four a second.
func tune(seed uint64, rate, seconds int) []float32 {
	rng := synth.Rand(seed)
	x := make([]float32, rate*seconds)
	note := rate / 4
	for at := 0; at < len(x); at += note {
		for range 2 {
			hz := 110 * math.Pow(2, float64(rng.IntN(36))/12)
			for i, v := range voice(rate, min(note, len(x)-at), hz, 3) {
				x[at+i] += 0.5 * v * float32(math.Exp(-3*float64(i)/float64(note)))
			}
		}
	}
	return x
}

func fingerprint(x []float32) dsp.Fingerprint { return dsp.NewFingerprinter().Add(nil, x) }

func TestFingerprintsDoNotDependOnThePieces(t *testing.T) {
	x := tune(1, dsp.FingerprintRate, 8)
	want := fingerprint(x)
	require.Len(t, want, 1+(len(x)-4096)/1365-19)
	rng := rand.New(rand.NewPCG(1, 2))
	f := dsp.NewFingerprinter()
	for range 2 { // and not on what came before Reset
		var got dsp.Fingerprint
		for at := 0; at < len(x); {
			n := min(rng.IntN(9000), len(x)-at)
			got = f.Add(got, x[at:at+n])
			at += n
		}
		require.Equal(t, want, got)
		f.Reset()
	}
}

func TestFingerprinterDoesNotAllocate(t *testing.T) {
	x := tune(1, dsp.FingerprintRate, 4)
	f := dsp.NewFingerprinter()
	dst := make(dsp.Fingerprint, 0, 1000)
	require.Zero(t, testing.AllocsPerRun(5, func() { dst = f.Add(dst[:0], x) }))
}

func TestFingerprintsFindTheirRecording(t *testing.T) {
	x := tune(1, dsp.FingerprintRate, 30)
	whole := fingerprint(x)
	require.Equal(t, 1.0, whole.Match(whole).Score)
	require.Zero(t, whole.Match(whole).Offset)

	noisy := make([]float32, len(x))
	for i, v := range synth.Noise(3, len(x), 0.02) {
		noisy[i] = 0.3*x[i] + v
	}
	require.Greater(t, whole.Match(fingerprint(noisy)).Score, 0.6)

	part := whole.Match(fingerprint(x[10*dsp.FingerprintRate : 20*dsp.FingerprintRate]))
	require.Greater(t, part.Score, 0.6)
	require.InDelta(t, 10*time.Second, part.Offset, float64(100*time.Millisecond))
	other := fingerprint(x[10*dsp.FingerprintRate : 20*dsp.FingerprintRate]).Match(whole)
	require.InDelta(t, -10*time.Second, other.Offset, float64(100*time.Millisecond))

	for seed := range uint64(5) {
		require.Less(t, whole.Match(fingerprint(tune(10+seed, dsp.FingerprintRate, 30))).Score, 0.4)
	}
}

func TestFingerprintsOfOddSignals(t *testing.T) {
	require.Empty(t, fingerprint(nil))
	require.Empty(t, fingerprint([]float32{1}))
	require.Zero(t, dsp.Fingerprint(nil).Match(dsp.Fingerprint{1}))
	silent := fingerprint(make([]float32, 5*dsp.FingerprintRate))
	require.NotEmpty(t, silent)
	bad := make([]float32, 5*dsp.FingerprintRate)
	bad[7], bad[8] = float32(math.NaN()), float32(math.Inf(-1))
	require.Equal(t, silent, fingerprint(bad))
	loud := fingerprint(synth.Noise(1, 5*dsp.FingerprintRate, math.MaxFloat32))
	require.Len(t, loud, len(silent))
}

// fpcalc returns the words that Chromaprint's tool prints for mono PCM of 16 bits.
func fpcalc(t *testing.T, x []float32, rate int) (words dsp.Fingerprint) {
	t.Helper()
	tool, err := exec.LookPath("fpcalc")
	if err != nil {
		t.Skip("fpcalc (Debian: libchromaprint-tools) is not installed")
	}
	path := filepath.Join(t.TempDir(), "x.wav")
	require.NoError(t, os.WriteFile(path, wav16(x, rate), 0o600))
	out, err := exec.Command(tool, "-raw", "-length", "1000", path).Output()
	var exit *exec.ExitError // some versions take the end of the file for an error, after they print
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	_, list, ok := strings.Cut(string(out), "FINGERPRINT=")
	require.True(t, ok, "%s", out)
	for _, s := range strings.Split(strings.TrimSpace(list), ",") {
		w, err := strconv.ParseUint(s, 10, 32)
		require.NoError(t, err)
		words = append(words, uint32(w))
	}
	return words
}

func TestEvaluateFingerprintAgainstChromaprint(t *testing.T) {
	words, same, differ := 0, 0, 0
	for seed := range uint64(2) {
		x := tune(seed, dsp.FingerprintRate, 30)
		for i, v := range x {
			x[i] = float32(math.Round(float64(v)*32767)) / 32768
		}
		want, got := fpcalc(t, x, dsp.FingerprintRate), fingerprint(x)
		require.InDelta(t, len(want), len(got), 1)
		for i := range min(len(want), len(got)) {
			words++
			differ += bits.OnesCount32(want[i] ^ got[i])
			if want[i] == got[i] {
				same++
			}
		}
	}
	t.Logf("%d of %d words are those of fpcalc, %d of %d bits differ", same, words, differ, 32*words)
	require.Greater(t, float64(same), 0.98*float64(words))
	require.Less(t, float64(differ), 0.001*float64(32*words))
}

// wav16 is a mono WAV file of 16 bits.
func wav16(x []float32, rate int) []byte {
	le := func(b []byte, v, n int) []byte {
		for ; n > 0; n-- {
			b, v = append(b, byte(v)), v>>8
		}
		return b
	}
	b := le([]byte("RIFF"), 36+2*len(x), 4)
	b = le(append(b, "WAVEfmt "...), 16, 4)
	b = le(le(le(b, 1, 2), 1, 2), rate, 4)
	b = le(le(le(b, 2*rate, 4), 2, 2), 16, 2)
	b = le(append(b, "data"...), 2*len(x), 4)
	for _, v := range x {
		b = le(b, int(math.Round(float64(v)*32768)), 2)
	}
	return b
}
