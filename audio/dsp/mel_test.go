package dsp_test

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// The tolerances below are those of logarithms of float32 spectra: bands 80 dB
// under the loudest one, where Whisper and power_to_db cut, carry an error of a
// thousandth.
func TestPresetsReproduceTheirLibraries(t *testing.T) {
	g := golden(t)
	t.Run("Whisper", func(t *testing.T) {
		s, err := dsp.MelSpectrogram(chirp(16000, 0.2), dsp.WhisperLogMel(80))
		require.NoError(t, err)
		requireRows(t, g.WhisperChirp, s, 1e-4)
		require.Equal(t, 10*time.Millisecond, s.Hop)
	})
	t.Run("librosa in decibels", func(t *testing.T) {
		o := dsp.LibrosaMel(0)
		o.Log = dsp.LogDecibel
		s, err := dsp.MelSpectrogram(chirp(22050, 0.2), o)
		require.NoError(t, err)
		requireRows(t, g.LibrosaChirp, s, 5e-3)
		require.Equal(t, 23219955*time.Nanosecond, s.Hop)
	})
	t.Run("torchaudio in decibels", func(t *testing.T) {
		o := dsp.TorchaudioMel(0)
		o.Log = dsp.LogDecibel
		s, err := dsp.MelSpectrogram(chirp(16000, 0.2), o)
		require.NoError(t, err)
		requireRows(t, g.TorchaudioChirp, s, 5e-3)
	})
	t.Run("Kaldi", func(t *testing.T) {
		s, err := dsp.MelSpectrogram(noisy(chirp(16000, 0.2)), dsp.KaldiFbank(0, 80))
		require.NoError(t, err)
		requireRows(t, g.KaldiChirp, s, 1e-3)
	})
	t.Run("HTK amplitude bands", func(t *testing.T) {
		s, err := dsp.MelSpectrogram(chirp(16000, 0.2), dsp.MelOptions{
			FFTSize: 512, Mels: 40, FMin: 20, Scale: dsp.ScaleHTK, Norm: dsp.NormNone, Power: 1,
		})
		require.NoError(t, err)
		requireRows(t, g.HTKAmplitudeChirp, s, 1e-4) // values reach 100
	})
}

func TestMelOptionsHaveDefaults(t *testing.T) {
	m, err := dsp.NewMel(dsp.MelOptions{})
	require.NoError(t, err)
	require.Equal(t, dsp.MelOptions{
		Rate: 16000, FFTSize: 400, WinLength: 400, Hop: 160, Mels: 80, FMax: 8000, Power: 2, Gain: 1,
	}, m.Options())
	m, err = dsp.NewMel(dsp.LibrosaMel(44100))
	require.NoError(t, err)
	require.Equal(t, 22050.0, m.Options().FMax)
	require.Equal(t, 128, m.Options().Mels)
}

func TestMelOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]dsp.MelOptions{
		"negative bands":         {Mels: -1},
		"too many bands":         {Mels: dsp.MaxMels + 1},
		"unknown scale":          {Scale: 3},
		"unknown norm":           {Norm: 2},
		"unknown logarithm":      {Log: 99},
		"negative logarithm":     {Log: -1},
		"decibels of amplitudes": {Log: dsp.LogDecibel, Power: 1},
		"a cube":                 {Power: 3},
		"an exponent that is no": {Power: math.NaN()},
		"above half the rate":    {FMax: 8001},
		"upside down":            {FMin: 5000, FMax: 4000},
		"a frequency that is no": {FMin: math.NaN()},
		"negative frequency":     {FMin: -1},
		"infinite frequency":     {FMax: math.Inf(1)},
		"negative gain":          {Gain: -1},
		"gain that is no number": {Gain: math.NaN()},
		"too much emphasis":      {PreEmphasis: 1.5},
		"huge frame":             {FFTSize: dsp.MaxFFTSize + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsp.NewMel(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = dsp.NewMelBank(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = dsp.MelSpectrogram(nil, o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestMelOfAnyLength(t *testing.T) {
	for _, o := range []dsp.MelOptions{
		dsp.WhisperLogMel(80), dsp.WhisperLogMel(128), dsp.LibrosaMel(0), {NoCenter: true},
		dsp.TorchaudioMel(0), dsp.KaldiFbank(0, 80), dsp.KaldiFbank(8000, 23),
	} {
		m, err := dsp.NewMel(o)
		require.NoError(t, err)
		s := new(dsp.Spectrogram)
		for _, n := range []int{0, 1, 2, 159, 160, 161, 199, 200, 201, 399, 400, 401, 2048, 5000} {
			m.Spectrogram(s, synth.Noise(1, n, 1))
			require.Equal(t, m.Frames(n), s.Frames)
			require.Len(t, s.Data, s.Frames*s.Bins)
			requireFinite(t, s.Data)
		}
	}
}

func TestSilenceHasTheLowestValue(t *testing.T) {
	s, err := dsp.MelSpectrogram(make([]float32, 1600), dsp.WhisperLogMel(80))
	require.NoError(t, err)
	require.InDeltaSlice(t, slices.Repeat([]float32{-1.5}, 800), s.Data, 1e-6)
}

func TestNaNStaysInItsFrames(t *testing.T) {
	x := synth.Noise(1, 4000, 1)
	clean, err := dsp.MelSpectrogram(x, dsp.MelOptions{})
	require.NoError(t, err)
	x[2000] = float32(math.NaN())
	got, err := dsp.MelSpectrogram(x, dsp.MelOptions{})
	require.NoError(t, err)
	for i := range got.Frames {
		touched := i*160-200 <= 2000 && 2000 < i*160+200
		require.Equal(t, touched, math.IsNaN(float64(got.Row(i)[0])), "frame %d", i)
		if !touched {
			require.Equal(t, clean.Row(i), got.Row(i))
		}
	}
}

func TestFrameIsARowBeforeTheLogarithm(t *testing.T) {
	x := synth.Noise(1, 4000, 1)
	m, err := dsp.NewMel(dsp.WhisperLogMel(80))
	require.NoError(t, err)
	want, got := new(dsp.Spectrogram), new(dsp.Spectrogram)
	m.Spectrogram(want, x)
	m.Shape(got, len(x))
	for i := range got.Frames {
		m.Frame(got.Row(i), x, i)
	}
	dsp.LogWhisper.Apply(got.Data)
	require.Equal(t, want, got)
}

func TestClonesRunAtTheSameTime(t *testing.T) {
	x := synth.Noise(1, 8000, 1)
	m, err := dsp.NewMel(dsp.WhisperLogMel(80))
	require.NoError(t, err)
	want := new(dsp.Spectrogram)
	m.Spectrogram(want, x)
	var got [4]dsp.Spectrogram
	var wg sync.WaitGroup
	for i := range got {
		c := m.Clone()
		wg.Go(func() { c.Spectrogram(&got[i], x) })
	}
	wg.Wait()
	for i := range got {
		require.Equal(t, *want, got[i])
	}
}

func TestMelDoesNotAllocate(t *testing.T) {
	m, err := dsp.NewMel(dsp.WhisperLogMel(80))
	require.NoError(t, err)
	x, s, row := synth.Noise(1, 16000, 1), new(dsp.Spectrogram), make([]float32, 80)
	m.Spectrogram(s, x)
	require.Zero(t, testing.AllocsPerRun(3, func() {
		m.Spectrogram(s, x)
		m.Frame(row, x, 0)
	}))
}

func requireFinite(t *testing.T, x []float32) {
	t.Helper()
	for i, v := range x {
		if v != v || math.Abs(float64(v)) > math.MaxFloat32 {
			t.Fatalf("value %d is %v", i, v)
		}
	}
}

// FuzzMel holds finite samples of any size against the promise of finite values.
func FuzzMel(f *testing.F) {
	f.Add([]byte{}, byte(0))
	f.Add([]byte{0xff, 0xff, 0x7f, 0x7f, 0xff, 0xff, 0x7f, 0xff}, byte(4)) // ± the largest float
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0x7f}, byte(1))
	f.Fuzz(func(t *testing.T, raw []byte, kind byte) {
		x := make([]float32, 0, len(raw)/4)
		for ; len(raw) >= 4; raw = raw[4:] {
			v := math.Float32frombits(binary.LittleEndian.Uint32(raw))
			if v-v == 0 { // finite
				x = append(x, v)
			}
		}
		o := dsp.MelOptions{FFTSize: 30, Hop: 7, Mels: 6}
		o.Log, o.Pad = dsp.Log(kind%6), dsp.Padding(kind/6%2)
		if o.Power = float64(1 + kind/12%2); o.Power == 1 && o.Log == dsp.LogDecibel {
			o.Log = dsp.LogNatural
		}
		if kind/24%2 == 1 {
			o.Gain, o.RemoveMean, o.PreEmphasis, o.Snip = 1<<15, true, 0.97, true
		}
		s, err := dsp.MelSpectrogram(x, o)
		if err != nil {
			t.Fatal(err)
		}
		requireFinite(t, s.Data)
	})
}

func BenchmarkLogMel(b *testing.B) {
	const seconds = 60
	x := synth.Noise(1, seconds*16000, 0.3)
	for name, o := range map[string]dsp.MelOptions{
		"n=400/mels=80":  dsp.WhisperLogMel(80),
		"n=400/mels=128": dsp.WhisperLogMel(128),
		"n=512/mels=80":  {FFTSize: 512, Hop: 160, Log: dsp.Log10},
	} {
		b.Run(name, func(b *testing.B) {
			m, err := dsp.NewMel(o)
			require.NoError(b, err)
			s := new(dsp.Spectrogram)
			m.Spectrogram(s, x)
			b.ReportAllocs()
			for b.Loop() {
				m.Spectrogram(s, x)
			}
			b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}
