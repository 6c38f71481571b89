package dsp_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// rows are some rows of a matrix that testdata/golden.py computed in float64.
type rows struct {
	Frames int                  `json:"frames"`
	Rows   map[string][]float64 `json:"rows"`
}

type bandWeights struct {
	First   int       `json:"first"`
	Weights []float64 `json:"weights"`
}

type goldenNumbers struct {
	WhisperBank       map[string]map[string]bandWeights `json:"whisper_bank"`
	Windows           map[string][]float64              `json:"windows"`
	Symmetric         map[string][]float64              `json:"symmetric"`
	Power             rows                              `json:"power"`
	WhisperChirp      rows                              `json:"whisper_chirp"`
	WhisperJFK        rows                              `json:"whisper_jfk"`
	LibrosaChirp      rows                              `json:"librosa_chirp"`
	HTKAmplitudeChirp rows                              `json:"htk_amplitude_chirp"`
	TorchaudioChirp   rows                              `json:"torchaudio_chirp"`
	KaldiChirp        rows                              `json:"kaldi_chirp"`
	LibrosaMFCC       rows                              `json:"librosa_mfcc"`
	LibrosaLifterMFCC rows                              `json:"librosa_lifter_mfcc"`
	TorchaudioMFCC    rows                              `json:"torchaudio_mfcc"`
	KaldiMFCC         rows                              `json:"kaldi_mfcc"`
	Spectral          rows                              `json:"spectral"`
	HTKMFCC           rows                              `json:"htk_mfcc"`
}

func golden(t *testing.T) (g goldenNumbers) {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &g))
	return g
}

// chirp is the signal of testdata/golden.py: it sweeps from 100 Hz over 0.45 of
// the rate.
func chirp(rate int, seconds float64) []float32 {
	x := make([]float32, int(float64(rate)*seconds))
	for i := range x {
		t := float64(i) / float64(rate)
		x[i] = float32(0.5 * math.Sin(2*math.Pi*(100*t+0.45*float64(rate)/seconds*t*t/2)))
	}
	return x
}

// noisy adds the noise of testdata/golden.py to x: where nothing cuts quiet bands
// off, those of a pure chirp are rounding errors.
func noisy(x []float32) []float32 {
	state := uint32(1)
	for i := range x {
		state = state*1664525 + 1013904223
		x[i] = float32(float64(x[i]) + 0.04*(float64(state)/(1<<32)-0.5))
	}
	return x
}

// requireRows holds rows of s against want; both may differ by tolerance.
func requireRows(t *testing.T, want rows, s *dsp.Spectrogram, tolerance float64) {
	t.Helper()
	require.Equal(t, want.Frames, s.Frames)
	require.NotEmpty(t, want.Rows)
	for name, row := range want.Rows {
		i, err := strconv.Atoi(name)
		require.NoError(t, err)
		require.Len(t, row, s.Bins)
		for k, v := range row {
			require.InDelta(t, v, s.Row(i)[k], tolerance, "frame %d bin %d", i, k)
		}
	}
}
