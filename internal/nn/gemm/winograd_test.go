package gemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// TestMinimalFilteringIsTheConvolution compares it with the direct one, in bands of
// rows and of channels, at odd and even sizes, paddings and epilogues.
func TestMinimalFilteringIsTheConvolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for i := range 60 {
		s := gemm.ConvShape{
			InH: 1 + rng.IntN(19), InW: 1 + rng.IntN(19), InC: 16 + 8*rng.IntN(5), OutC: 16 + 8*rng.IntN(5), Groups: 1,
			KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: rng.IntN(3), PadLeft: rng.IntN(3),
		}
		if !s.Winograd() {
			t.Skip("no minimal filtering on this machine")
		}
		s.OutH, s.OutW = max(1, s.InH+s.PadTop-2+rng.IntN(3)), max(1, s.InW+s.PadLeft-2+rng.IntN(3))
		s.InStride, s.OutStride = s.InC+rng.IntN(2)*3, s.OutC+rng.IntN(2)*5
		x := rowsOf(rng, s.InH*s.InW, s.InC, s.InStride)
		w := random(rng, s.OutC*s.InC*9)
		e := epilogue(rng, i, s.OutH*s.OutW, s.OutC)
		e.Accumulate = false // minimal filtering does not add to what is there
		want := make([]float32, s.OutH*s.OutW*s.OutStride)
		var scratch gemm.Scratch
		gemm.Conv(want, x, s, gemm.PackConv(w, s), 0, s.OutH, &scratch, e)

		p := gemm.PackWinograd(w, s)
		for name, compute := range map[string]func(dst []float32){
			"rows": func(dst []float32) {
				band := rng.IntN(s.OutH + 1)
				gemm.Conv(dst, x, s, p, band, s.OutH, &scratch, e)
				gemm.Conv(dst, x, s, p, 0, band, &scratch, e)
			},
			"columns": func(dst []float32) {
				gemm.ConvColumns(dst, x, s, p, 16, s.OutC, &scratch, e)
				gemm.ConvColumns(dst, x, s, p, 0, 16, &scratch, e)
			},
			"transforms in Go": func(dst []float32) {
				defer gemm.Generic()()
				gemm.Conv(dst, x, s, p, 0, s.OutH, &scratch, e)
			},
		} {
			got := make([]float32, len(want))
			compute(got)
			near(t, got, want, fmt.Sprintf("%s of %+v epilogue %d", name, s, i))
		}
	}
}

func near(t *testing.T, got, want []float32, label string) {
	t.Helper()
	worst, largest := 0.0, 1.0
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i]-want[i])))
		largest = max(largest, math.Abs(float64(want[i])))
	}
	require.LessOrEqual(t, worst/largest, 3e-5, label)
}

func TestMinimalFilteringKeepsNaN(t *testing.T) {
	s := square(6, 16, 16, 3, 1, 1, 1, 1)
	if !s.Winograd() {
		t.Skip("no minimal filtering on this machine")
	}
	x, w := make([]float32, 6*6*16), make([]float32, 9*16*16)
	x[0], w[4] = float32(math.NaN()), 1 // the middle of the first channel's kernel
	dst := make([]float32, 6*6*16)
	var scratch gemm.Scratch
	gemm.Conv(dst, x, s, gemm.PackWinograd(w, s), 0, 6, &scratch, gemm.Epilogue{Clamp: true, Lo: 0, Hi: 6})
	require.True(t, math.IsNaN(float64(dst[0])))
	require.Zero(t, dst[len(dst)-1], "far from it")
}

func TestMinimalFilteringRefusesWhatItCannotDo(t *testing.T) {
	for name, s := range map[string]gemm.ConvShape{
		"five by five":  square(9, 16, 16, 5, 1, 1, 2, 1),
		"strides":       square(9, 16, 16, 3, 2, 1, 1, 1),
		"dilation":      square(9, 16, 16, 3, 1, 2, 2, 1),
		"groups":        square(9, 16, 16, 3, 1, 1, 1, 2),
		"odd channels":  square(9, 17, 16, 3, 1, 1, 1, 1),
		"few channels":  square(9, 8, 16, 3, 1, 1, 1, 1),
		"heavy weights": square(7, 512, 512, 3, 1, 1, 1, 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.False(t, s.Winograd())
			require.Panics(t, func() { gemm.PackWinograd(make([]float32, 25*512*512), s) })
		})
	}
}

func BenchmarkMinimalFiltering(b *testing.B) {
	for _, n := range [][3]int{{56, 64, 64}, {28, 128, 128}, {14, 256, 256}, {7, 256, 256}, {160, 96, 24}} {
		s := square(n[0], n[1], n[2], 3, 1, 1, 1, 1)
		rng := rand.New(rand.NewPCG(1, 2))
		x, w := random(rng, n[0]*n[0]*n[1]), random(rng, 9*n[1]*n[2])
		dst := make([]float32, n[0]*n[0]*n[2])
		kernels := map[string]*gemm.PackedConv{"direct": gemm.PackConv(w, s)}
		if s.Winograd() {
			kernels["winograd"] = gemm.PackWinograd(w, s)
		}
		for name, p := range kernels {
			b.Run(fmt.Sprintf("size=%d/in=%d/out=%d/%s", n[0], n[1], n[2], name), func(b *testing.B) {
				var scratch gemm.Scratch
				for b.Loop() {
					gemm.Conv(dst, x, s, p, 0, n[0], &scratch, gemm.Epilogue{})
				}
			})
		}
	}
}
