package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func vec(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// dotPlain and l2Plain are the loops of the doc comments.

func dotPlain(a, b []float32) (sum float32) {
	b = b[:len(a)]
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func l2Plain(a, b []float32) (sum float32) {
	b = b[:len(a)]
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

func benchPairs(b *testing.B, kernels map[string]func(a, b []float32) float32) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{128, 384, 768, 1536} {
		x, y := vec(rng, n), vec(rng, n)
		for name, f := range kernels {
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				b.SetBytes(int64(8 * n))
				for b.Loop() {
					f(x, y)
				}
			})
		}
	}
}

func BenchmarkDot(b *testing.B) {
	benchPairs(b, map[string]func(a, b []float32) float32{"simd": Dot, "generic": dotGeneric, "plain": dotPlain})
}

func BenchmarkSquaredL2(b *testing.B) {
	benchPairs(b, map[string]func(a, b []float32) float32{
		"simd": SquaredL2, "generic": squaredL2Generic, "plain": l2Plain,
	})
}

type rowsKernel func(dst, q, base []float32, stride int, rows []uint32)

// benchRows measures 16 rows that stay in the nearest cache, the case of the
// kernels themselves, and rows of a collection that fits in no cache.
func benchRows(b *testing.B, kernels map[string]rowsKernel) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{128, 384, 768, 1536} {
		for _, total := range []int{16, 1 << 24 / n} {
			q, base, dst := vec(rng, n), vec(rng, n*total), make([]float32, 16)
			rows := make([]uint32, 1<<16)
			for i := range rows {
				rows[i] = uint32(rng.IntN(total))
			}
			for name, f := range kernels {
				b.Run(fmt.Sprintf("n=%d/of=%d/%s", n, total, name), func(b *testing.B) {
					b.SetBytes(int64(4 * n * len(dst)))
					for i := 0; b.Loop(); i += len(dst) {
						f(dst, q, base, n, rows[i%len(rows):])
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/row")
				})
			}
		}
	}
}

func BenchmarkDotRows(b *testing.B) {
	benchRows(b, map[string]rowsKernel{"simd": DotRows, "generic": dotRowsGeneric})
}

func BenchmarkSquaredL2Rows(b *testing.B) {
	benchRows(b, map[string]rowsKernel{"simd": SquaredL2Rows, "generic": squaredL2RowsGeneric})
}
