package main

import (
	"slices"
	"strings"
	"testing"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/report"
)

func TestFiguresMeasure(t *testing.T) {
	const some = "simd/.*_128|cache/hit|engine" // a trace takes a minute with -race
	var out, complaint strings.Builder
	require.Zero(t, report.Main([]string{"-rounds", "1", "-figure", some}, &out, &complaint, figures()), complaint.String())
	require.NotContains(t, out.String(), "error(")
	require.Greater(t, strings.Count(out.String(), " goal "), 20)
}

func TestTracesAreFixed(t *testing.T) {
	tests := map[string]struct {
		trace  []int
		beyond int // accesses to keys outside the universe
	}{
		"zipf":  {zipf(1.2), 0},
		"scans": {scans(), 14 * 20_000},
		"shift": {shift(), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			beyond := 0
			for _, k := range tt.trace {
				if k >= universe {
					beyond++
				}
			}
			require.GreaterOrEqual(t, slices.Min(tt.trace), 0)
			require.Len(t, tt.trace, accesses)
			require.Equal(t, tt.beyond, beyond)
		})
	}
	require.Equal(t, zipf(1.2), zipf(1.2))
}

func TestHits(t *testing.T) {
	c, err := lru.New[int, int](2)
	require.NoError(t, err)
	require.Equal(t, 40.0, hits([]int{1, 2, 1, 2, 3}, c.Get, func(k, v int) { c.Add(k, v) }))
}
