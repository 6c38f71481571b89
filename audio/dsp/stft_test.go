package dsp_test

import (
	"math"
	"math/cmplx"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestPowerSpectrogramIsThatOfScipy(t *testing.T) {
	s, err := dsp.PowerSpectrogram(chirp(16000, 0.2), dsp.STFTOptions{FFTSize: 64, Hop: 16, Window: dsp.Hamming})
	require.NoError(t, err)
	requireRows(t, golden(t).Power, s, 1e-4) // values reach 109
	require.Equal(t, time.Millisecond, s.Hop)
}

// naiveSpectrum is frame i of x by the definition: pad, cut, taper, transform.
func naiveSpectrum(x []float32, o dsp.STFTOptions, i int) []complex128 {
	at := func(j int) float64 {
		for len(x) > 1 && o.Pad == dsp.PadReflect && (j < 0 || j >= len(x)) {
			if j = max(j, -j); j >= len(x) {
				j = 2*(len(x)-1) - j
			}
		}
		switch {
		case len(x) == 1 && o.Pad == dsp.PadReflect:
			return float64(x[0])
		case j < 0 || j >= len(x):
			return 0
		}
		return float64(x[j])
	}
	first := i * o.Hop
	if !o.NoCenter && !o.Snip {
		first -= o.FFTSize / 2
	}
	out := make([]complex128, o.FFTSize/2+1)
	left := (o.FFTSize - o.WinLength) / 2
	taper := o.Window.Periodic(o.WinLength)
	if o.Symmetric {
		taper = o.Window.Symmetric(o.WinLength)
	}
	if o.Snip {
		left = 0
	}
	for j, w := range taper {
		v := complex(at(first+left+j)*float64(w), 0)
		for k := range out {
			out[k] += v * cmplx.Exp(complex(0, -2*math.Pi*float64(k*(left+j))/float64(o.FFTSize)))
		}
	}
	return out
}

func TestSpectrumIsTheDefinition(t *testing.T) {
	rng := synth.Rand(5)
	for range 60 {
		o := dsp.STFTOptions{
			FFTSize: 1 + rng.IntN(40), Hop: 1 + rng.IntN(12), Window: dsp.Window(rng.IntN(5)), Symmetric: rng.IntN(2) == 0, Snip: rng.IntN(3) == 0,
			NoCenter: rng.IntN(3) == 0, Pad: dsp.Padding(rng.IntN(2)), DropLast: rng.IntN(2) == 0,
		}
		o.WinLength = 1 + rng.IntN(o.FFTSize)
		x := synth.Noise(rng.Uint64(), rng.IntN(60), 1)
		s, err := dsp.NewSTFT(o)
		require.NoError(t, err)
		got, power := make([]complex64, s.Bins()), make([]float32, s.Bins())
		for i := range s.Frames(len(x)) {
			want := naiveSpectrum(x, o, i)
			s.Spectrum(got, x, i)
			s.Power(power, x, i)
			for k := range want {
				require.InDelta(t, 0, cmplx.Abs(complex128(got[k])-want[k]), 1e-5, "%+v, %d samples, frame %d", o, len(x), i)
				require.InDelta(t, real(want[k])*real(want[k])+imag(want[k])*imag(want[k]), power[k], 1e-4)
			}
		}
	}
}

func TestFrames(t *testing.T) {
	tests := map[string]struct {
		o       dsp.STFTOptions
		samples int
		want    int
	}{
		"no samples":                     {dsp.STFTOptions{FFTSize: 4, Hop: 2}, 0, 0},
		"no samples and none to drop":    {dsp.STFTOptions{FFTSize: 4, Hop: 2, DropLast: true}, 0, 0},
		"one sample":                     {dsp.STFTOptions{FFTSize: 4, Hop: 2}, 1, 1},
		"one sample, the last dropped":   {dsp.STFTOptions{FFTSize: 4, Hop: 2, DropLast: true}, 1, 0},
		"a frame every hop":              {dsp.STFTOptions{FFTSize: 4, Hop: 2}, 10, 6},
		"thirty seconds of Whisper":      {dsp.STFTOptions{FFTSize: 400, Hop: 160, DropLast: true}, 480000, 3000},
		"shorter than an uncentred one":  {dsp.STFTOptions{FFTSize: 4, Hop: 2, NoCenter: true}, 3, 0},
		"exactly an uncentred one":       {dsp.STFTOptions{FFTSize: 4, Hop: 2, NoCenter: true}, 4, 1},
		"uncentred frames lie inside":    {dsp.STFTOptions{FFTSize: 4, Hop: 2, NoCenter: true}, 9, 3},
		"the default hop is a quarter":   {dsp.STFTOptions{FFTSize: 16}, 16, 5},
		"the default hop is at least 1":  {dsp.STFTOptions{FFTSize: 1}, 3, 4},
		"a snipped one needs its window": {dsp.STFTOptions{FFTSize: 8, WinLength: 5, Hop: 2, Snip: true}, 9, 3},
		"shorter than a snipped window":  {dsp.STFTOptions{FFTSize: 8, WinLength: 5, Hop: 2, Snip: true}, 4, 0},
		"the default frame has 400":      {dsp.STFTOptions{NoCenter: true}, 400, 1},
		"a negative number is like none": {dsp.STFTOptions{}, -1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := dsp.NewSTFT(tt.o)
			require.NoError(t, err)
			require.Equal(t, tt.want, s.Frames(tt.samples))
			if tt.want > 100 {
				return
			}
			got := new(dsp.Spectrogram)
			s.Spectrogram(got, make([]float32, max(tt.samples, 0)))
			require.Equal(t, tt.want, got.Frames)
			require.Len(t, got.Data, tt.want*s.Bins())
		})
	}
}

func TestSTFTOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]dsp.STFTOptions{
		"negative rate":                {Rate: -1},
		"negative frame":               {FFTSize: -1},
		"huge frame":                   {FFTSize: dsp.MaxFFTSize + 1},
		"huge hop":                     {Hop: dsp.MaxFFTSize + 1},
		"negative hop":                 {Hop: -1},
		"negative window length":       {WinLength: -1},
		"window longer than the frame": {FFTSize: 8, WinLength: 9},
		"unknown window":               {Window: 9},
		"unknown padding":              {Pad: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsp.NewSTFT(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = dsp.PowerSpectrogram(nil, o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestSpectraSaturateInsteadOfOverflowing(t *testing.T) {
	const n = 64
	s, err := dsp.NewSTFT(dsp.STFTOptions{FFTSize: n, Hop: n, Window: dsp.Rectangular, NoCenter: true})
	require.NoError(t, err)
	z, power := make([]complex64, s.Bins()), make([]float32, s.Bins())
	for _, amplitude := range []float64{1, 1e9, 1e17, 1e30, math.MaxFloat32} {
		x := synth.Tone(n, n, 4, amplitude)
		s.Spectrum(z, x, 0)
		s.Power(power, x, 0)
		peak := amplitude * n / 2 // of a tone in the middle of a bin
		require.InEpsilon(t, min(peak, math.MaxFloat32), -imag(z[4]), 1e-5)
		require.InEpsilon(t, min(peak*peak, math.MaxFloat32), power[4], 1e-5)
		require.Less(t, cmplx.Abs(complex128(z[8])), 1e-5*peak)
	}
}

func TestFramesOutOfRangeAreABug(t *testing.T) {
	s, err := dsp.NewSTFT(dsp.STFTOptions{})
	require.NoError(t, err)
	power := make([]float32, s.Bins())
	require.PanicsWithValue(t, "dsp: frame 1 of 1", func() { s.Power(power, make([]float32, 5), 1) })
}

func TestSTFTDoesNotAllocate(t *testing.T) {
	s, err := dsp.NewSTFT(dsp.STFTOptions{})
	require.NoError(t, err)
	x, z, out := synth.Noise(1, 4000, 1), make([]complex64, s.Bins()), new(dsp.Spectrogram)
	s.Spectrogram(out, x)
	require.Zero(t, testing.AllocsPerRun(5, func() {
		s.Spectrum(z, x, 3)
		s.Spectrogram(out, x)
		s.Spectrogram(out, x[:100])
	}))
}
