package synth_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
)

func TestTheSameSeedGivesTheSameData(t *testing.T) {
	makers := map[string]func(seed uint64) any{
		"noise":    func(s uint64) any { return synth.Noise(s, 100, 1) },
		"picture":  func(s uint64) any { return synth.Picture(s, 20, 10) },
		"clusters": func(s uint64) any { return synth.Clusters(s, 20, 8, 3) },
		"edges":    func(s uint64) any { return synth.Edges(s, 10, 30) },
		"prose":    func(s uint64) any { return synth.Prose(s, 50) },
	}
	for name, make := range makers {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, make(1), make(1))
			require.NotEqual(t, make(1), make(2))
		})
	}
}

func TestToneHasItsFrequencyAndAmplitude(t *testing.T) {
	const rate, hz = 8000, 1000
	x := synth.Tone(rate, rate, hz, 0.5)
	var sum float64
	crossings := 0
	for i, v := range x {
		sum += float64(v) * float64(v)
		if i > 0 && x[i-1] < 0 && v >= 0 {
			crossings++
		}
	}
	require.InDelta(t, 0.5/math.Sqrt2, math.Sqrt(sum/rate), 1e-4)
	require.InDelta(t, hz, crossings, 1)
}

func TestClustersStayTogether(t *testing.T) {
	v := synth.Clusters(3, 300, 16, 3)
	dist := func(a, b []float32) (d float64) {
		for i := range a {
			d += float64(a[i]-b[i]) * float64(a[i]-b[i])
		}
		return d
	}
	require.Less(t, dist(v[0], v[3]), dist(v[0], v[1]))
}

func TestProseIsMadeOfSentences(t *testing.T) {
	s := synth.Prose(1, 200)
	require.Len(t, strings.Fields(s), 200)
	require.True(t, strings.HasSuffix(s, "."))
	require.Greater(t, strings.Count(s, ". "), 10)
	require.Contains(t, s, "\n\n")
}
