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

// The tolerances are those of the logarithms of the bands, times the gain of the
// lifter, which is 12 for Kaldi.
func TestCepstraAreThoseOfTheirLibraries(t *testing.T) {
	g := golden(t)
	tests := map[string]struct {
		o         dsp.MFCCOptions
		rate      int
		want      rows
		tolerance float64
	}{
		"librosa":    {dsp.LibrosaMFCC(0), 22050, g.LibrosaMFCC, 5e-3},
		"torchaudio": {dsp.TorchaudioMFCC(0), 16000, g.TorchaudioMFCC, 5e-3},
		"Kaldi":      {dsp.KaldiMFCC(0), 16000, g.KaldiMFCC, 1e-3},
		"HTK, liftered": {dsp.MFCCOptions{
			Mel:          dsp.MelOptions{Mels: 26, Scale: dsp.ScaleHTK, Norm: dsp.NormNone, Log: dsp.LogNatural},
			Coefficients: 13, Convention: dsp.CepstrumHTK, Lifter: 22,
		}, 16000, g.HTKMFCC, 5e-3},
		"librosa, liftered": {dsp.MFCCOptions{Mel: dsp.LibrosaMel(0), Coefficients: 20, Lifter: 22},
			22050, g.LibrosaLifterMFCC, 2e-2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := chirp(tt.rate, 0.2)
			if tt.o.Convention == dsp.CepstrumKaldi {
				x = noisy(x)
			}
			s, err := dsp.Cepstra(x, tt.o)
			require.NoError(t, err)
			requireRows(t, tt.want, s, tt.tolerance)
		})
	}
}

func TestAllOrthonormalCoefficientsKeepTheEnergy(t *testing.T) {
	for _, c := range []dsp.Cepstrum{dsp.CepstrumLibrosa, dsp.CepstrumKaldi} {
		m, err := dsp.NewMFCC(dsp.MFCCOptions{Mel: dsp.MelOptions{Mels: 33}, Coefficients: 33, Convention: c})
		require.NoError(t, err)
		x, y := synth.Noise(1, 33, 1), make([]float32, 33)
		m.Cepstrum(y, x)
		require.InEpsilon(t, dsp.RMS(x), dsp.RMS(y), 1e-6)
	}
}

func TestMFCCOptions(t *testing.T) {
	m, err := dsp.NewMFCC(dsp.MFCCOptions{})
	require.NoError(t, err)
	require.Equal(t, 13, m.Options().Coefficients)
	require.Equal(t, dsp.LogDecibel, m.Options().Mel.Log)
	m, err = dsp.NewMFCC(dsp.MFCCOptions{Mel: dsp.MelOptions{Mels: 5, Power: 1}})
	require.NoError(t, err)
	require.Equal(t, 5, m.Options().Coefficients)
	require.Equal(t, dsp.LogNatural, m.Options().Mel.Log)
	for name, o := range map[string]dsp.MFCCOptions{
		"more than bands":     {Coefficients: 81},
		"negative":            {Coefficients: -1},
		"unknown convention":  {Convention: 3},
		"negative lifter":     {Lifter: -1},
		"lifter is no number": {Lifter: math.NaN()},
		"bands are wrong":     {Mel: dsp.MelOptions{Mels: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsp.NewMFCC(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = dsp.Cepstra(nil, o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestCepstraOfAnyLength(t *testing.T) {
	for _, o := range []dsp.MFCCOptions{{}, dsp.LibrosaMFCC(0), dsp.KaldiMFCC(0), dsp.TorchaudioMFCC(0)} {
		m, err := dsp.NewMFCC(o)
		require.NoError(t, err)
		s := new(dsp.Spectrogram)
		for _, n := range []int{0, 1, 2, 399, 400, 401, 3000} {
			m.Spectrogram(s, synth.Noise(1, n, 1))
			require.Len(t, s.Data, s.Frames*m.Options().Coefficients)
			requireFinite(t, s.Data)
		}
	}
}

func TestMFCCDoesNotAllocate(t *testing.T) {
	m, err := dsp.NewMFCC(dsp.KaldiMFCC(0))
	require.NoError(t, err)
	x, s := synth.Noise(1, 8000, 1), new(dsp.Spectrogram)
	m.Spectrogram(s, x)
	require.Zero(t, testing.AllocsPerRun(3, func() { m.Spectrogram(s, x) }))
	m.Clone().Spectrogram(new(dsp.Spectrogram), x)
}

func ExampleCepstra() {
	s, err := dsp.Cepstra(synth.Tone(16000, 16000, 440, 0.5), dsp.KaldiMFCC(16000))
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Frames, "frames of", s.Bins, "coefficients")
	// Output: 98 frames of 13 coefficients
}

func BenchmarkMFCC(b *testing.B) {
	x := synth.Noise(1, 10*16000, 0.3)
	for name, o := range map[string]dsp.MFCCOptions{"convention=kaldi": dsp.KaldiMFCC(0), "convention=librosa": dsp.LibrosaMFCC(0)} {
		b.Run(name, func(b *testing.B) {
			m, err := dsp.NewMFCC(o)
			require.NoError(b, err)
			s := new(dsp.Spectrogram)
			m.Spectrogram(s, x)
			b.ReportAllocs()
			for b.Loop() {
				m.Spectrogram(s, x)
			}
		})
	}
}
