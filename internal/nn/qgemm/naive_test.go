package qgemm_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/qgemm"
)

// both runs a test with the kernels of the machine and with those in Go.
func both(t *testing.T, test func(t *testing.T)) {
	t.Run(qgemm.Kernels(), test)
	t.Run("assembly turned off", func(t *testing.T) {
		defer qgemm.Generic()()
		require.Equal(t, "pure Go kernels", qgemm.Kernels())
		test(t)
	})
}

// matrix is a row-major matrix of integers of any kind, as the formulas have it.
type matrix struct {
	rows, cols int
	v          []int64
}

func newMatrix(rows, cols int, at func() int64) matrix {
	m := matrix{rows, cols, make([]int64, rows*cols)}
	for i := range m.v {
		m.v[i] = at()
	}
	return m
}

// naive is the triple loop of Mul's comment in int64, and modulo 2³².
func naive(a, b matrix, aZero, bZero []int32) []int32 {
	dst := make([]int32, a.rows*b.cols)
	for i := range a.rows {
		for j := range b.cols {
			var sum int64
			for k := range a.cols {
				sum += (a.v[i*a.cols+k] - zeroOf(aZero, i)) * (b.v[k*b.cols+j] - zeroOf(bZero, j))
			}
			dst[i*b.cols+j] = int32(sum)
		}
	}
	return dst
}

func zeroOf(z []int32, i int) int64 {
	switch len(z) {
	case 0:
		return 0
	case 1:
		return int64(z[0])
	}
	return int64(z[i])
}

// bytes lays m out with the given stride, transposed or not. The slice ends with
// the last element.
func bytes[T int8 | uint8](m matrix, stride int, transposed bool) []T {
	rows, cols := m.rows, m.cols
	if transposed {
		rows, cols = cols, rows
	}
	if rows*cols == 0 {
		return nil
	}
	x := make([]T, (rows-1)*stride+cols)
	for i := range m.rows {
		for j := range m.cols {
			if transposed {
				x[j*stride+i] = T(m.v[i*m.cols+j])
			} else {
				x[i*stride+j] = T(m.v[i*m.cols+j])
			}
		}
	}
	return x
}

// fenced returns n elements between two fences that must survive.
func fenced[T comparable](n int, fence T) (x []T, intact func() bool) {
	room := slices.Repeat([]T{fence}, n+2*64)
	return room[64 : 64+n : 64+n], func() bool {
		for i, v := range room {
			if (i < 64 || i >= 64+n) && v != fence {
				return false
			}
		}
		return true
	}
}

// span returns a source of integers from lo to hi, the ends more often than
// their share.
func span(rng *rand.Rand, lo, hi int64) func() int64 {
	return func() int64 {
		switch rng.IntN(8) {
		case 0:
			return lo
		case 1:
			return hi
		}
		return lo + rng.Int64N(hi-lo+1)
	}
}

func always(v int64) func() int64 { return func() int64 { return v } }

func zeros(rng *rand.Rand, n int, lo, hi int64) []int32 {
	switch rng.IntN(3) {
	case 0:
		return nil
	case 1:
		n = 1
	}
	z := make([]int32, n)
	for i := range z {
		z[i] = int32(lo + rng.Int64N(hi-lo+1))
	}
	return z
}

func floats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// special returns n floats of which many are awkward to round.
func special(rng *rand.Rand, n int, scale float32) []float32 {
	odd := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1p31, -0x1p31, 0x1p32}
	x := make([]float32, n)
	for i := range x {
		switch rng.IntN(4) {
		case 0:
			x[i] = odd[rng.IntN(len(odd))]
		case 1:
			x[i] = (float32(rng.IntN(600)-300) + 0.5) * scale
		default:
			x[i] = float32(rng.NormFloat64()) * scale * 100
		}
	}
	return x
}
