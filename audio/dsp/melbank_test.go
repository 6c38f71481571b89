package dsp_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// evaluation returns the path of a file of the evaluation data, which lie beside
// the repository; without them the test is skipped.
func evaluation(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../shared/data/audio", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no evaluation data: %v", err)
	}
	return path
}

// npz returns an array of float32 from a file as numpy.savez writes it.
func npz(t *testing.T, path, name string) []float32 {
	t.Helper()
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer z.Close()
	f, err := z.Open(name + ".npy")
	require.NoError(t, err)
	defer f.Close()
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, "\x93NUMPY\x01", string(b[:7]))
	header := int(binary.LittleEndian.Uint16(b[8:]))
	require.Contains(t, string(b[10:10+header]), "'descr': '<f4', 'fortran_order': False")
	out := make([]float32, (len(b)-10-header)/4)
	require.NoError(t, binary.Read(bytes.NewReader(b[10+header:]), binary.LittleEndian, out))
	return out
}

// dense returns the whole row of a band.
func dense(b *dsp.MelBank, i int) []float32 {
	row := make([]float32, b.Bins())
	first, weights := b.Weights(i)
	copy(row[first:], weights)
	return row
}

func TestWhisperBankIsThatOfOpenAI(t *testing.T) {
	path := evaluation(t, "mel_filters.npz")
	for name, mels := range map[string]int{"mel_80": 80, "mel_128": 128} {
		want := npz(t, path, name)
		b, err := dsp.NewMelBank(dsp.WhisperLogMel(mels))
		require.NoError(t, err)
		require.Equal(t, mels, b.Bands())
		require.Len(t, want, mels*b.Bins())
		for i := range mels {
			require.InDeltaSlice(t, want[i*b.Bins():(i+1)*b.Bins()], dense(b, i), 1e-6, "band %d", i)
		}
	}
}

// The committed rows are a slice of the same file, for machines without it.
func TestWhisperBankRows(t *testing.T) {
	for name, mels := range map[string]int{"mel_80": 80, "mel_128": 128} {
		b, err := dsp.NewMelBank(dsp.WhisperLogMel(mels))
		require.NoError(t, err)
		rows := golden(t).WhisperBank[name]
		require.Len(t, rows, 4)
		for band, want := range rows {
			i, err := strconv.Atoi(band)
			require.NoError(t, err)
			row := make([]float64, b.Bins())
			copy(row[want.First:], want.Weights)
			require.InDeltaSlice(t, row, dense(b, i), 1e-6, "%s band %d", name, i)
		}
	}
}

func TestMelScalesRoundTrip(t *testing.T) {
	for _, s := range []dsp.MelScale{dsp.ScaleSlaney, dsp.ScaleHTK} {
		before := -1.0
		for hz := 0.0; hz < 24000; hz += 37 {
			mel := s.Mel(hz)
			require.Greater(t, mel, before)
			require.InDelta(t, hz, s.Hz(mel), 1e-8)
			before = mel
		}
	}
	require.InDelta(t, 15, dsp.ScaleSlaney.Mel(1000), 1e-12)
	require.InDelta(t, 42, dsp.ScaleSlaney.Mel(6400), 1e-12)
	require.InDelta(t, 999.9855, dsp.ScaleHTK.Mel(1000), 1e-4)
}

func TestBankAppliesItsWeights(t *testing.T) {
	for _, o := range []dsp.MelOptions{
		{}, {FFTSize: 31, Mels: 9, Scale: dsp.ScaleHTK, Norm: dsp.NormNone}, {FFTSize: 1, Mels: 3},
	} {
		b, err := dsp.NewMelBank(o)
		require.NoError(t, err)
		x, got := synth.Noise(1, b.Bins(), 1), make([]float32, b.Bands())
		b.Apply(got, x)
		for i := range got {
			var want float64
			for k, w := range dense(b, i) {
				want += float64(w) * float64(x[k])
			}
			require.InDelta(t, want, got[i], 1e-6)
		}
	}
}

func TestUnitTrianglesReachTheirHeight(t *testing.T) {
	b, err := dsp.NewMelBank(dsp.MelOptions{Rate: 16000, FFTSize: 16000, Mels: 20, Norm: dsp.NormNone})
	require.NoError(t, err)
	area, err := dsp.NewMelBank(dsp.MelOptions{Rate: 16000, FFTSize: 16000, Mels: 20})
	require.NoError(t, err)
	for i := range 20 {
		var peak, sum float32
		for _, w := range dense(b, i) {
			peak = max(peak, w)
		}
		for _, w := range dense(area, i) {
			sum += w // bins are 1 Hz apart
		}
		require.InDelta(t, 1, peak, 0.01)
		require.InDelta(t, 1, sum, 0.01)
	}
}
