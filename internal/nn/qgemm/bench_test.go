package qgemm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quintet-ai/quintet/internal/nn/qgemm"
)

// shapes are those of the linear layers of a small text encoder, M x K x N.
var shapes = [][3]int{
	{1, 384, 384}, {1, 384, 1536}, {1, 1536, 384}, {8, 384, 384}, {32, 384, 384}, {128, 384, 384}, {256, 384, 384},
	{8, 384, 1536}, {32, 384, 1536}, {128, 384, 1536}, {8, 1536, 384}, {32, 1536, 384}, {128, 1536, 384},
}

// naiveMul is the loop of Mul's comment on the weights as they are before packing.
func naiveMul(dst []int32, a []uint8, b []int8, m, n, k int) {
	for i := range m {
		for j := range n {
			var sum int32
			for l := range k {
				sum += int32(a[i*k+l]) * int32(b[l*n+j])
			}
			dst[i*n+j] = sum
		}
	}
}

func operands(m, n, k, limit int) (a []uint8, b []int8) {
	rng := rand.New(rand.NewPCG(1, 2))
	a, b = make([]uint8, m*k), make([]int8, k*n)
	for i := range a {
		a[i] = uint8(rng.Uint32())
	}
	for i := range b {
		b[i] = int8(rng.IntN(2*limit+1) - limit)
	}
	return a, b
}

func benchMul(b *testing.B, s [3]int, name string, f func()) {
	b.Run(fmt.Sprintf("m=%d/k=%d/n=%d/%s", s[0], s[1], s[2], name), func(b *testing.B) {
		for b.Loop() {
			f()
		}
		b.ReportMetric(2*float64(s[0]*s[1]*s[2])*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GOP/s")
	})
}

func BenchmarkMul(b *testing.B) {
	for _, s := range shapes {
		m, k, n := s[0], s[1], s[2]
		dst := make([]int32, m*n)
		for _, limit := range []int{32, 64, 127} {
			x, w := operands(m, n, k, limit)
			p := qgemm.Pack(w, k, n, n, false)
			name := map[int]string{32: "narrow", 64: "fast", 127: "exact"}[limit]
			benchMul(b, s, name, func() { qgemm.Mul(dst, n, x, k, m, p, nil, nil) })
			if limit == 64 && m == 8 {
				restore := qgemm.Generic()
				benchMul(b, s, "generic", func() { qgemm.Mul(dst, n, x, k, m, p, nil, nil) })
				restore()
				benchMul(b, s, "naive", func() { naiveMul(dst, x, w, m, n, k) })
			}
		}
	}
}

// BenchmarkLinear is a whole layer: parameters, quantised activations, product,
// scales and bias. Its rate is to be held against that of float32.
func BenchmarkLinear(b *testing.B) {
	for _, s := range shapes {
		m, k, n := s[0], s[1], s[2]
		rng := rand.New(rand.NewPCG(1, 2))
		x, y, bias, scales := floats(rng, m*k), make([]float32, m*n), floats(rng, n), floats(rng, n)
		q, scratch := make([]uint8, m*k), make([]int32, qgemm.Scratch(m, n))
		_, w := operands(m, n, k, 32)
		p := qgemm.Pack(w, k, n, n, false)
		zp := make([]int32, 1)
		benchMul(b, s, "narrow", func() {
			scale, zero := qgemm.DynamicParams(x)
			qgemm.Quantize(q, x, scale, zero)
			zp[0] = int32(zero)
			qgemm.MulFloat(y, n, q, k, m, p, zp, nil, scratch, qgemm.Epilogue{AScale: scale, BScale: scales, Bias: bias})
		})
	}
}

func BenchmarkElements(b *testing.B) {
	const n = 128 * 384
	rng := rand.New(rand.NewPCG(1, 2))
	x, q, acc := floats(rng, n), make([]uint8, n), make([]int32, n)
	scale := floats(rng, 384)
	for name, f := range map[string]func(){
		"params":     func() { qgemm.DynamicParams(x) },
		"quantize":   func() { qgemm.Quantize(q, x, 0.02, 100) },
		"dequantize": func() { qgemm.Dequantize(x, q, 0.02, 100) },
		"requantize": func() { qgemm.Requantize(q, acc, scale, 100) },
	} {
		for _, kernels := range []string{"assembly", "generic"} {
			b.Run(fmt.Sprintf("n=%d/%s/%s", n, name, kernels), func(b *testing.B) {
				if kernels == "generic" {
					defer qgemm.Generic()()
				}
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
}

// BenchmarkLoad is what each weight costs when a model is loaded.
func BenchmarkLoad(b *testing.B) {
	const k, n = 384, 1536
	rng := rand.New(rand.NewPCG(1, 2))
	w, q, scales := floats(rng, k*n), make([]int8, k*n), make([]float32, n)
	for _, transposed := range []bool{false, true} {
		stride := map[bool]int{false: n, true: k}[transposed]
		for name, f := range map[string]func(){
			"quantize": func() { qgemm.QuantizeWeights(q, scales, w, k, n, stride, transposed, 7) },
			"pack":     func() { qgemm.Pack(q, k, n, stride, transposed) },
		} {
			b.Run(fmt.Sprintf("k=%d/n=%d/transposed=%v/%s", k, n, transposed, name), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(k*n), "ns/weight")
			})
		}
	}
}
