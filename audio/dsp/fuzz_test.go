package dsp_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// bitsOf returns the floats with the given bytes, and whether all are finite.
func bitsOf(data []byte) (x []float32, allFinite bool) {
	allFinite = true
	for ; len(data) >= 4; data = data[4:] {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data))
		x = append(x, v)
		allFinite = allFinite && v-v == 0
	}
	return x, allFinite
}

// Finite samples never give NaN or an infinity, and no samples make a plan panic.
func FuzzFeatures(f *testing.F) {
	f.Add([]byte{}, byte(1))
	f.Add([]byte{0, 0, 128, 63}, byte(2))                                         // one sample of 1
	f.Add([]byte{255, 255, 127, 127, 255, 255, 127, 255, 1, 0, 0, 0}, byte(200))  // the largest, the smallest
	f.Add([]byte{0, 0, 192, 127, 0, 0, 128, 255, 0, 0, 0, 63}, byte(50))          // NaN, -Inf
	f.Add([]byte{0, 0, 0, 63, 0, 0, 0, 191, 0, 0, 0, 63, 0, 0, 0, 63}, byte(255)) // repeated
	cqt, err := dsp.NewCQT(dsp.CQTOptions{Rate: 2000, FMin: 100, Bins: 24, Hop: 64})
	require.NoError(f, err)
	pyin, err := dsp.NewPYIN(dsp.PYINOptions{Rate: 2000, Hop: 200, FMin: 100})
	require.NoError(f, err)
	chords, err := dsp.NewChordTracker(dsp.ChordOptions{Rate: 2000})
	require.NoError(f, err)
	separator, err := dsp.NewSeparator(dsp.SeparatorOptions{FFTSize: 32, Frames: 5, Bins: 3})
	require.NoError(f, err)
	denoiser, err := dsp.NewDenoiser(dsp.DenoiserOptions{FFTSize: 32})
	require.NoError(f, err)
	printer := dsp.NewFingerprinter()
	f.Fuzz(func(t *testing.T, data []byte, repeat byte) {
		once, allFinite := bitsOf(data[:min(len(data), 400)])
		var x []float32
		for range repeat {
			x = append(x, once...)
		}
		a, b := make([]float32, len(x)), make([]float32, len(x))
		separator.Separate(a, b, x)
		requireFinite(t, a)
		requireFinite(t, b)
		denoiser.Run(a, x)
		requireFinite(t, a)
		for _, p := range pyin.Track(nil, x) {
			require.True(t, p.Hz >= 0 && p.Hz <= 300 && p.Confidence >= 0 && p.Confidence <= 1, "%+v", p)
		}
		for _, c := range chords.Track(nil, x) {
			require.True(t, c.Start < c.End && c.Score >= 0 && c.Score <= 1, "%+v", c)
		}
		s := new(dsp.Spectrogram)
		if cqt.Spectrogram(s, x); allFinite {
			requireFinite(t, s.Data)
		}
		printer.Reset()
		words := printer.Add(nil, x)
		require.LessOrEqual(t, words.Match(words).Score, 1.0)
	})
}
