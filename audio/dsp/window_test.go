package dsp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio/dsp"
)

func TestWindowsAreThoseOfScipy(t *testing.T) {
	g := golden(t)
	for _, w := range []dsp.Window{dsp.Hann, dsp.Hamming, dsp.Blackman} {
		require.InDeltaSlice(t, g.Windows[w.String()], w.Periodic(7), 1e-7, w)
		require.InDeltaSlice(t, g.Symmetric[w.String()], w.Symmetric(7), 1e-7, w)
	}
	require.Equal(t, []float32{1, 1, 1}, dsp.Rectangular.Periodic(3))
}

func TestWindowsOfFewSamples(t *testing.T) {
	for w := dsp.Hann; w <= dsp.Povey; w++ {
		require.Nil(t, w.Periodic(0))
		require.Nil(t, w.Symmetric(-1))
		require.Equal(t, []float32{1}, w.Symmetric(1), "a single sample has no ends to taper")
		require.Len(t, w.Periodic(1), 1)
	}
	require.Equal(t, "Window(9)", dsp.Window(9).String())
}
