package gemm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// flops runs f and reports how many thousand million operations it does a second.
func flops(b *testing.B, name string, ops int, f func()) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			f()
		}
		b.ReportMetric(float64(ops)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	})
}

// withGeneric measures f with the assembly and without.
func withGeneric(b *testing.B, name string, ops int, f func()) {
	flops(b, "kernel=asm/"+name, ops, f)
	restore := gemm.Generic()
	flops(b, "kernel=generic/"+name, ops, f)
	restore()
}

// naiveMul is the loop everybody writes.
func naiveMul(dst, a, b []float32, m, n, k int) {
	for i := range m {
		for j := range n {
			var s float32
			for p := range k {
				s += a[i*k+p] * b[p*n+j]
			}
			dst[i*n+j] = s
		}
	}
}

func BenchmarkMul(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{
		{1, 384, 384}, {1, 384, 1536}, {1, 1536, 384},
		{8, 384, 384}, {32, 384, 384}, {128, 384, 384}, {256, 384, 384},
		{8, 384, 1536}, {32, 384, 1536}, {128, 384, 1536}, {8, 1536, 384}, {32, 1536, 384}, {128, 1536, 384},
		{784, 128, 256}, {3136, 64, 64}, {12544, 32, 16}, {3136, 24, 72}, {100, 100, 10},
	} {
		m, k, n := s[0], s[1], s[2]
		a, w, dst := random(rng, m*k), random(rng, k*n), make([]float32, m*n)
		p, e := gemm.Pack(w, k, n, n, false), gemm.Epilogue{Bias: random(rng, n)}
		name := fmt.Sprintf("size=%dx%dx%d", m, k, n)
		withGeneric(b, name, 2*m*n*k, func() { gemm.Mul(dst, n, a, k, m, p, e) })
		flops(b, "kernel=naive/"+name, 2*m*n*k, func() { naiveMul(dst, a, w, m, n, k) })
	}
}

func BenchmarkAttention(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tokens := range []int{1, 8, 32, 128, 256} {
		const k, cached = 32, 256
		q, keys, v := random(rng, tokens*k), random(rng, cached*k), random(rng, cached*k)
		scores, out := make([]float32, tokens*cached), make([]float32, tokens*k)
		scratch := make([]float32, gemm.TransposedScratch(cached, k))
		withGeneric(b, fmt.Sprintf("product=scores/tokens=%d", tokens), 2*tokens*cached*k, func() {
			gemm.MulTransposed(scores, cached, q, k, keys, k, tokens, cached, k, scratch, gemm.Epilogue{})
		})
		withGeneric(b, fmt.Sprintf("product=values/tokens=%d", tokens), 2*tokens*cached*k, func() {
			gemm.MulRaw(out, k, scores, cached, v, k, tokens, k, cached, gemm.Epilogue{})
		})
	}
}

func BenchmarkConv(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for name, s := range map[string]gemm.ConvShape{
		"stem3-32/size=224/k=3/s=2":  square(224, 3, 32, 3, 2, 1, 1, 1),
		"stem3-64/size=224/k=7/s=2":  square(224, 3, 64, 7, 2, 1, 3, 1),
		"64-64/size=56/k=3":          square(56, 64, 64, 3, 1, 1, 1, 1),
		"128-128/size=28/k=3":        square(28, 128, 128, 3, 1, 1, 1, 1),
		"256-256/size=14/k=3":        square(14, 256, 256, 3, 1, 1, 1, 1),
		"512-512/size=7/k=3":         square(7, 512, 512, 3, 1, 1, 1, 1),
		"64-128/size=56/k=3/s=2":     square(56, 64, 128, 3, 2, 1, 1, 1),
		"128-256/size=28/k=1":        square(28, 128, 256, 1, 1, 1, 0, 1),
		"64-128/size=56/k=1/s=2":     square(56, 64, 128, 1, 2, 1, 0, 1),
		"32-16/size=112/k=1":         square(112, 32, 16, 1, 1, 1, 0, 1),
		"144-24/size=56/k=1":         square(56, 144, 24, 1, 1, 1, 0, 1),
		"depthwise96/size=56/k=3":    square(56, 96, 96, 3, 1, 1, 1, 96),
		"depthwise96/size=56/k=3s=2": square(56, 96, 96, 3, 2, 1, 1, 96),
		"depthwise384/size=14/k=3":   square(14, 384, 384, 3, 1, 1, 1, 384),
		"depthwise576/size=7/k=3":    square(7, 576, 576, 3, 1, 1, 1, 576),
		"depthwise240/size=14/k=5":   square(14, 240, 240, 5, 1, 1, 2, 240),
		"depthwise96/size=56/k=7":    square(56, 96, 96, 7, 1, 1, 3, 96),
	} {
		x, w := random(rng, s.InH*s.InW*s.InC), random(rng, s.OutC*s.InC/s.Groups*s.KernelH*s.KernelW)
		dst, p := make([]float32, s.OutH*s.OutW*s.OutC), gemm.PackConv(w, s)
		e := gemm.Epilogue{Bias: random(rng, s.OutC), Clamp: true, Hi: 6}
		var scratch gemm.Scratch
		ops := 2 * s.OutH * s.OutW * len(w)
		withGeneric(b, "conv="+name, ops, func() { gemm.Conv(dst, x, s, p, 0, s.OutH, &scratch, e) })
		flops(b, "kernel=naive/conv="+name, ops, func() { naiveConv(dst, x, w, s) })
	}
}

// naiveConv is the six loops in float32.
func naiveConv(dst, x, w []float32, s gemm.ConvShape) {
	in, out := s.InC/s.Groups, s.OutC/s.Groups
	for at := range s.OutH * s.OutW * s.OutC {
		oc, ox, oy := at%s.OutC, at/s.OutC%s.OutW, at/s.OutC/s.OutW
		var total float32
		for ky := range s.KernelH {
			for kx := range s.KernelW {
				iy, ix := oy*s.StrideH-s.PadTop+ky*s.DilationH, ox*s.StrideW-s.PadLeft+kx*s.DilationW
				if iy < 0 || ix < 0 || iy >= s.InH || ix >= s.InW {
					continue
				}
				pixel := x[(iy*s.InW+ix)*s.InC+oc/out*in:][:in]
				for c, v := range pixel {
					total += v * w[((oc*in+c)*s.KernelH+ky)*s.KernelW+kx]
				}
			}
		}
		dst[at] = total
	}
}
