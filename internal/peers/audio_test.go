package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAudioFiguresMeasure(t *testing.T) {
	out := measured(t, "audio/(logmel_allocs|resample_snr|resample_alias)", audioFigures())
	require.NotContains(t, out, "error(")
	require.Equal(t, 3, strings.Count(out, " ok"), out)
}

func TestBeatScore(t *testing.T) {
	s := func(seconds ...float64) (out []time.Duration) {
		for _, v := range seconds {
			out = append(out, time.Duration(v*float64(time.Second)))
		}
		return out
	}
	require.Equal(t, 1.0, beatScore(s(1, 2, 3), s(2.05, 2.95)))
	require.Equal(t, 0.5, beatScore(s(2, 3), s(2, 3.1)))
	require.InDelta(t, 4.0/6, beatScore(s(2, 3), s(2, 2.5, 3, 3.5)), 1e-12)
	require.Zero(t, beatScore(nil, nil))
}

func TestNumbersOfAPeerMustBeOurs(t *testing.T) {
	path, err := writeFloats(t.TempDir(), "numbers", []float32{1, 2})
	require.NoError(t, err)
	require.NoError(t, alike(path, []float32{1, 2.01}, 0.1))
	require.EqualError(t, alike(path, []float32{1, 2.5}, 0.1), "numbers: value 1 of the peer is 2, ours 2.5")
	require.EqualError(t, alike(path, []float32{1}, 0.1), "numbers: the peer has 2 values, we have 1")
}
