package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestLevels(t *testing.T) {
	tests := map[string]struct {
		x                   []float32
		rms, peak, crossing float64
	}{
		"no samples":              {nil, 0, 0, 0},
		"one sample":              {[]float32{-0.5}, 0.5, 0.5, 0},
		"zero counts as positive": {[]float32{0, 1, 0, -1, 0}, math.Sqrt(0.4), 1, 0.4},
		"so does minus zero":      {[]float32{float32(math.Copysign(0, -1)), 1, 1, 1}, math.Sqrt(0.75), 1, 0},
		"alternating":             {[]float32{1, -1, 1, -1}, 1, 1, 0.75},
		"a constant":              {[]float32{-2, -2, -2}, 2, 2, 0},
		"the largest float":       {[]float32{math.MaxFloat32, -math.MaxFloat32}, math.MaxFloat32, math.MaxFloat32, 0.5},
		"a tone":                  {synth.Tone(8000, 8000, 1000, 0.5), 0.5 / math.Sqrt2, 0.5, 0.25},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.InEpsilon(t, 1+tt.rms, 1+dsp.RMS(tt.x), 1e-7)
			require.Equal(t, tt.peak, dsp.Peak(tt.x))
			require.InDelta(t, tt.crossing, dsp.ZeroCrossingRate(tt.x), 1e-3)
		})
	}
}

func TestDecibels(t *testing.T) {
	require.InDelta(t, 0, dsp.DBFS(1), 1e-12)
	require.InDelta(t, -6.0206, dsp.DBFS(0.5), 1e-4)
	require.InDelta(t, dsp.MinDBFS, dsp.DBFS(0), 1e-9)
	require.InDelta(t, dsp.MinDBFS, dsp.DBFS(1e-30), 1e-9)
}
