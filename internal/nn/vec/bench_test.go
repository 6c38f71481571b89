package vec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

func perElement(b *testing.B, n int, f func()) {
	b.Helper()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
}

// BenchmarkFunctions has the loop over package math beside each function.
func BenchmarkFunctions(b *testing.B) {
	const n = 4096
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := random(rng, make([]float32, n)), make([]float32, n)
	for i, v := range x {
		x[i] = abs(v) // for Log and Sqrt
	}
	for name, f := range functions() {
		b.Run(fmt.Sprintf("f=%s/by=vec", name), func(b *testing.B) {
			perElement(b, n, func() { f.kernel(y, x) })
		})
		b.Run(fmt.Sprintf("f=%s/by=math", name), func(b *testing.B) {
			perElement(b, n, func() {
				for i, v := range x {
					y[i] = float32(f.exact(float64(v)))
				}
			})
		})
	}
}

// BenchmarkRows has the generic kernels beside the assembly.
func BenchmarkRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([][]float32, 4)
	for i := range in {
		in[i] = random(rng, make([]float32, 4096))
	}
	rows := map[string]func(dst []float32, in [][]float32){
		"Add":        func(dst []float32, in [][]float32) { vec.Add(dst, in[0], in[1]) },
		"Clip":       func(dst []float32, in [][]float32) { vec.Clip(dst, in[0], 0, 6) },
		"Sum":        func(_ []float32, in [][]float32) { vec.Sum(in[0]) },
		"MaxOf":      func(_ []float32, in [][]float32) { vec.MaxOf(in[0]) },
		"ArgMax":     func(_ []float32, in [][]float32) { vec.ArgMax(in[0]) },
		"Dot":        func(_ []float32, in [][]float32) { vec.Dot(in[0], in[1]) },
		"Softmax":    func(dst []float32, in [][]float32) { vec.Softmax(dst, in[0]) },
		"LogSoftmax": func(dst []float32, in [][]float32) { vec.LogSoftmax(dst, in[0]) },
		"LayerNorm":  func(dst []float32, in [][]float32) { vec.LayerNorm(dst, in[0], in[1], in[2], 1e-5) },
		"AddLayerNorm": func(dst []float32, in [][]float32) {
			vec.AddLayerNorm(dst, nil, in[0], in[3], nil, in[1], in[2], 1e-5)
		},
		"RMSNorm":   func(dst []float32, in [][]float32) { vec.RMSNorm(dst, in[0], in[1], 1e-5) },
		"MaxOfRows": func(dst []float32, in [][]float32) { vec.MaxOfRows(dst, in) },
	}
	for name, f := range rows {
		for _, n := range []int{16, 128, 384, 4096} {
			dst, part := make([]float32, n), make([][]float32, len(in))
			for i := range in {
				part[i] = in[i][:n]
			}
			b.Run(fmt.Sprintf("f=%s/n=%d/by=assembly", name, n), func(b *testing.B) {
				perElement(b, n, func() { f(dst, part) })
			})
			b.Run(fmt.Sprintf("f=%s/n=%d/by=generic", name, n), func(b *testing.B) {
				defer vec.Generic()()
				perElement(b, n, func() { f(dst, part) })
			})
		}
	}
}

func BenchmarkTranspose(b *testing.B) {
	for _, size := range [][2]int{{32, 128}, {384, 128}, {1024, 1024}, {50176, 3}, {3, 50176}} {
		rows, cols := size[0], size[1]
		src, dst := make([]float32, rows*cols), make([]float32, rows*cols)
		name := fmt.Sprintf("rows=%d/cols=%d", rows, cols)
		run := func(b *testing.B) {
			perElement(b, rows*cols, func() { vec.Transpose(dst, rows, src, cols, rows, cols) })
		}
		b.Run(name+"/by=assembly", run)
		b.Run(name+"/by=generic", func(b *testing.B) {
			defer vec.Generic()()
			run(b)
		})
	}
}

func BenchmarkHalf(b *testing.B) {
	const n = 4096
	floats, halves := make([]float32, n), make([]uint16, n)
	for i := range halves {
		halves[i] = uint16(i * 7)
	}
	for name, f := range map[string]func(){
		"HalfToFloat": func() { vec.HalfToFloat(floats, halves) },
		"FloatToHalf": func() { vec.FloatToHalf(halves, floats) },
	} {
		b.Run("f="+name+"/by=assembly", func(b *testing.B) { perElement(b, n, f) })
		b.Run("f="+name+"/by=generic", func(b *testing.B) {
			defer vec.Generic()()
			perElement(b, n, f)
		})
	}
}

// BenchmarkCells is one step of a recurrent layer; elements are those of h.
func BenchmarkCells(b *testing.B) {
	const n = 128
	rng := rand.New(rand.NewPCG(1, 2))
	gates, other := random(rng, make([]float32, 4*n)), random(rng, make([]float32, 4*n))
	c, h := make([]float32, n), make([]float32, n)
	b.Run("f=LSTMCell/by=vec", func(b *testing.B) {
		perElement(b, n, func() { vec.LSTMCell(gates, c, h) })
	})
	b.Run("f=LSTMCell/by=math", func(b *testing.B) {
		perElement(b, n, func() {
			for i := range h {
				keep := sigmoid(float64(gates[2*n+i])) * float64(c[i])
				c[i] = float32(keep + sigmoid(float64(gates[i]))*math.Tanh(float64(gates[3*n+i])))
				h[i] = float32(sigmoid(float64(gates[n+i])) * math.Tanh(float64(c[i])))
			}
		})
	})
	b.Run("f=GRUCell/by=vec", func(b *testing.B) {
		perElement(b, n, func() { vec.GRUCell(gates[:3*n], other[:3*n], h) })
	})
}
