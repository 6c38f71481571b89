package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestInverseReconstructsTheSignal(t *testing.T) {
	rng := synth.Rand(9)
	for range 150 {
		o := dsp.STFTOptions{
			FFTSize: 2 + rng.IntN(70), Window: dsp.Window(rng.IntN(5)), Symmetric: rng.IntN(2) == 0,
			NoCenter: rng.IntN(3) == 0, Snip: rng.IntN(3) == 0, Pad: dsp.Padding(rng.IntN(2)),
			Gain: []float64{0, 2, 1 << 15}[rng.IntN(3)],
		}
		o.WinLength = 1 + rng.IntN(o.FFTSize)
		o.Hop = 1 + rng.IntN(o.WinLength)
		x := synth.Noise(rng.Uint64(), rng.IntN(300), 1)
		s, err := dsp.NewSTFT(o)
		require.NoError(t, err)
		got := make([]float32, len(x))
		s.Inverse(got, s.Spectra(nil, x))
		for i, cover := range covers(o, s.Frames(len(x)), len(x)) {
			switch {
			case cover > 1e-4:
				require.InDelta(t, x[i], got[i], 1e-6/math.Sqrt(cover)+1e-6, "%+v sample %d of %d", o, i, len(x))
			case cover < 1e-9:
				require.Zero(t, got[i])
			}
		}
	}
}

// covers returns the sum of squared windows over each sample by the definition.
func covers(o dsp.STFTOptions, frames, n int) []float64 {
	taper, left := o.Window.Periodic(o.WinLength), (o.FFTSize-o.WinLength)/2
	if o.Symmetric {
		taper = o.Window.Symmetric(o.WinLength)
	}
	if o.Snip {
		left = 0
	} else if !o.NoCenter {
		left -= o.FFTSize / 2
	}
	out := make([]float64, n)
	for i := range frames {
		for j, w := range taper {
			if at := i*o.Hop + left + j; 0 <= at && at < n {
				out[at] += float64(w) * float64(w)
			}
		}
	}
	return out
}

func TestInverseOfCentredFramesMissesNoSample(t *testing.T) {
	for _, n := range []int{0, 1, 2, 99, 100, 399, 400, 4001} {
		s, err := dsp.NewSTFT(dsp.STFTOptions{})
		require.NoError(t, err)
		x, got := synth.Noise(1, n, 1), make([]float32, n)
		s.Inverse(got, s.Spectra(nil, x))
		for i := range x {
			require.InDelta(t, x[i], got[i], 2e-6, "sample %d of %d", i, n)
		}
	}
}

func TestInverseOfEnormousSpectraIsFinite(t *testing.T) {
	s, err := dsp.NewSTFT(dsp.STFTOptions{FFTSize: 64, Hop: 16})
	require.NoError(t, err)
	for _, amplitude := range []float64{1e20, 1e30, 1e36} {
		x := synth.Noise(1, 500, amplitude)
		got := make([]float32, len(x))
		s.Inverse(got, s.Spectra(nil, x))
		for i := range x {
			require.InDelta(t, x[i], got[i], 1e-5*amplitude)
		}
	}
	z := s.Spectra(nil, synth.Noise(1, 500, 1))
	for i := range z {
		z[i] = complex(math.MaxFloat32, -math.MaxFloat32)
	}
	got := make([]float32, 500)
	s.Inverse(got, z)
	requireFinite(t, got)
}

func TestInverseWantsARowForEachFrame(t *testing.T) {
	s, err := dsp.NewSTFT(dsp.STFTOptions{})
	require.NoError(t, err)
	require.PanicsWithValue(t, "dsp: 201 spectral values for 2 frames of 201", func() {
		s.Inverse(make([]float32, 100), make([]complex64, 201))
	})
}

func TestInverseDoesNotAllocate(t *testing.T) {
	s, err := dsp.NewSTFT(dsp.STFTOptions{})
	require.NoError(t, err)
	x := synth.Noise(1, 4000, 1)
	z := s.Spectra(nil, x)
	require.Zero(t, testing.AllocsPerRun(3, func() {
		z = s.Spectra(z, x)
		s.Inverse(x, z)
	}))
	y := make([]float32, len(x))
	s.Clone().Inverse(y, z)
	require.Equal(t, x, y)
}

// A spectral gate: what is quieter than a threshold is taken out.
func ExampleSTFT_Inverse() {
	x := synth.Tone(16000, 16000, 1000, 0.5)
	for i, v := range synth.Noise(1, len(x), 0.01) {
		x[i] += v
	}
	s, err := dsp.NewSTFT(dsp.STFTOptions{})
	if err != nil {
		panic(err)
	}
	spectra := s.Spectra(nil, x)
	for i, z := range spectra {
		if real(z)*real(z)+imag(z)*imag(z) < 1 {
			spectra[i] = 0
		}
	}
	s.Inverse(x, spectra)
	for i, v := range synth.Tone(16000, 16000, 1000, 0.5) {
		x[i] -= v
	}
	fmt.Println("noise below -60 dBFS:", dsp.DBFS(dsp.RMS(x[400:15600])) < -60)
	// Output: noise below -60 dBFS: true
}

func BenchmarkInverse(b *testing.B) {
	x := synth.Noise(1, 10*16000, 0.3)
	for _, size := range []int{400, 512, 2048} {
		b.Run(fmt.Sprintf("n=%d", size), func(b *testing.B) {
			s, err := dsp.NewSTFT(dsp.STFTOptions{FFTSize: size})
			require.NoError(b, err)
			z := s.Spectra(nil, x)
			b.ReportAllocs()
			for b.Loop() {
				s.Inverse(x, z)
			}
		})
	}
}
