package main

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
)

// measured runs figures for one round and returns the report.
func measured(t *testing.T, pattern string, all []report.Figure) string {
	t.Helper()
	var out, complaint strings.Builder
	require.Zero(t, report.Main([]string{"-rounds", "1", "-figure", pattern}, &out, &complaint, all), complaint.String())
	return out.String()
}

func TestNativeFiguresMeasure(t *testing.T) {
	out := measured(t, "cls|silero|mean|binary", append(programFigures(),
		withMean("native/published_mean", report.AtMost(1.05), small(t))...))
	require.NotContains(t, out, "error(")
	require.Equal(t, 5, strings.Count(out, " goal "), out)
}

// small are the figures of some small published models.
func small(t *testing.T) (cells []*cell) {
	t.Helper()
	for _, c := range publishedCells() {
		if strings.Contains(c.name, "cls") || strings.Contains(c.name, "silero") {
			cells = append(cells, c)
		}
	}
	require.Len(t, cells, 2)
	return cells
}

func TestMeanIsGeometricAndLeavesOutWhatIsSkipped(t *testing.T) {
	calls := 0
	fixed := func(name string, v float64, err error) *cell {
		return &cell{name: name, measure: func(*report.Meter) ([]float64, error) {
			calls++
			return []float64{v}, err
		}}
	}
	absent := fixed("a/absent", 0, report.Skip("not installed"))
	tests := map[string]struct {
		cells []*cell
		want  string
	}{
		"two of three": {[]*cell{fixed("a/two", 2, nil), absent, fixed("a/eight", 8, nil)},
			`a/mean +4\.00x onnxruntime goal <=1\.00 short  geometric mean of 2 of 3`},
		"none":      {[]*cell{absent}, `a/mean +- onnxruntime goal <=1\.00 skipped`},
		"a failure": {[]*cell{fixed("a/bad", 0, errors.New("no")), fixed("a/three", 3, nil)}, `a/mean +3\.00x`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			calls = 0
			require.Regexp(t, tt.want, measured(t, ".", withMean("a/mean", report.AtMost(1), tt.cells)))
			require.LessOrEqual(t, calls, len(tt.cells), "a ratio is measured once")
		})
	}
}

func TestNoise(t *testing.T) {
	infos := []optimize.TensorInfo{{Name: "x", DType: optimize.Float32, Shape: []int{-1, 3}},
		{Name: "sr", DType: optimize.Int64, Shape: []int{}}}
	in, err := noise(infos, map[string][]int{"sr": {}})
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, in[0].Shape())
	require.Equal(t, -1, infos[0].Shape[0], "the caller's")
	rate, err := optimize.Data[int64](in[1])
	require.NoError(t, err)
	require.Equal(t, []int64{16_000}, rate)
	_, err = noise([]optimize.TensorInfo{{Name: "s", DType: optimize.Bool, Shape: []int{1}}}, nil)
	require.Error(t, err)
}

func TestWallSpeedup(t *testing.T) {
	f := report.Figure{Name: "a/threads", Unit: "x", Measure: func(m *report.Meter) ([]float64, error) {
		body := func(int) { runtime.Gosched() }
		return wallSpeedup(m, body, body), nil
	}}
	require.Regexp(t, `on one thread, .* ms on two; two runs at once gain`, measured(t, ".", []report.Figure{f}))
}

func TestCosineAndMedian(t *testing.T) {
	require.InDelta(t, 1, cosine([]float32{1, 2}, []float32{2, 4}), 1e-12)
	require.InDelta(t, 0, cosine([]float32{1, 0}, []float32{0, 4}), 1e-12)
	require.Equal(t, 2.0, middle([]float64{3, 1, 2}))
	require.Equal(t, []float64{2, 3}, over([]float64{4, 6}, 2))
}
