package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
)

func TestLogarithmsAreExactToFloat32(t *testing.T) {
	for v := float32(1e-10); v < 1e30; v *= 1.0173 {
		got := []float32{v}
		dsp.Log10.Apply(got)
		want := math.Log10(float64(v))
		require.InDelta(t, want, got[0], 1e-7+3e-7*math.Abs(want), "log10 of %v", v)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		got := []float32{float32(v)}
		dsp.Log10.Apply(got)
		require.True(t, math.IsNaN(float64(got[0])))
	}
}

func TestLogs(t *testing.T) {
	tests := map[string]struct {
		log      dsp.Log
		in, want []float32
	}{
		"none leaves all":             {dsp.LogNone, []float32{0, -1, 5}, []float32{0, -1, 5}},
		"natural":                     {dsp.LogNatural, []float32{1, math.E, 0}, []float32{0, 1, -23.02585}},
		"of ten":                      {dsp.Log10, []float32{1, 1000, 0, -1}, []float32{0, 3, -10, -10}},
		"decibels cut 80 below":       {dsp.LogDecibel, []float32{100, 1e-5, 1e-9, 0}, []float32{20, -50, -60, -60}},
		"Whisper cuts 8 below":        {dsp.LogWhisper, []float32{1, 1e-4, 1e-9}, []float32{1, 0, -1}},
		"no values":                   {dsp.LogWhisper, nil, nil},
		"the largest float is finite": {dsp.LogDecibel, []float32{math.MaxFloat32}, []float32{385.31839}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.log.Apply(tt.in)
			require.InDeltaSlice(t, tt.want, tt.in, 1e-4)
		})
	}
}
