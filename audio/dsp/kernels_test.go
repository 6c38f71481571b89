package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// Lengths straddle the eight values of a round.
func TestAssemblyAgreesWithGo(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 100, 400} {
		x := synth.Noise(uint64(n), 3*n, 1)
		x[0] *= 1e-12
		s, err := dsp.NewSTFT(dsp.STFTOptions{FFTSize: n, Hop: n, NoCenter: true})
		require.NoError(t, err)
		for _, l := range []dsp.Log{dsp.LogNatural, dsp.Log10, dsp.LogDecibel, dsp.LogWhisper, dsp.LogKaldi} {
			got, want := new(dsp.Spectrogram), new(dsp.Spectrogram)
			s.Spectrogram(got, x)
			l.Apply(got.Data)
			restore := dsp.Generic()
			s.Spectrogram(want, x)
			l.Apply(want.Data)
			restore()
			require.InDeltaSlice(t, want.Data, got.Data, 1e-3, "n=%d, logarithm %d", n, l)
		}
	}
}

func TestLogarithmsKeepNaNAndFindTheLargest(t *testing.T) {
	for _, n := range []int{3, 8, 21} {
		for at := range n {
			x := make([]float32, n)
			for i := range x {
				x[i] = 1e-4
			}
			x[at], x[(at+1)%n] = 1e6, float32(math.NaN())
			dsp.LogWhisper.Apply(x) // all but the largest are more than 8 below it
			for i, v := range x {
				switch i {
				case at:
					require.InDelta(t, 2.5, v, 1e-6)
				case (at + 1) % n:
					require.True(t, math.IsNaN(float64(v)))
				default:
					require.InDelta(t, 0.5, v, 1e-6)
				}
			}
		}
	}
}

func TestPeakFindsEachPlace(t *testing.T) {
	for _, n := range []int{1, 31, 32, 33, 64, 70} {
		for at := range n {
			x := synth.Noise(uint64(n), n, 1)
			x[at] = -2
			require.Equal(t, 2.0, dsp.Peak(x))
			x[(at+1)%n] = float32(math.Inf(-1))
			require.True(t, math.IsInf(dsp.Peak(x), 1))
			x[at] = float32(math.NaN())
			require.True(t, math.IsNaN(dsp.Peak(x)) || n == 1)
		}
	}
}
