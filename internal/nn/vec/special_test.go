package vec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

func TestFunctionsAtSpecialValues(t *testing.T) {
	const least = math.SmallestNonzeroFloat32
	specials := []float32{
		0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, -nan, math.MaxFloat32, -math.MaxFloat32,
		least, -least, 0x1p-126, -0x1p-126, 0x1p-127, 0.5, 1.5, 2.5, -0.5, -1.5, 0x1p23, 0x1p31, -0x1p31, 0x1p63,
		88.72283, 88.722839, 88.73, -87.33, -87.34, -103.9, -104, -105, 9.02, 3.95, -3.95,
	}
	for name, f := range functions() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				y := make([]float32, len(specials))
				f.kernel(y, specials)
				for i, x := range specials {
					require.LessOrEqual(t, f.excess(x, y[i]), 1.0, "at %v: %v, want %v", x, y[i], f.exact(float64(x)))
				}
			})
		})
	}
}

func TestSpecialValues(t *testing.T) {
	one := func(f func(dst, x []float32), x float32) float32 {
		dst := []float32{0}
		f(dst, []float32{x})
		return dst[0]
	}
	two := func(f func(dst, a, b []float32), a, b float32) float32 {
		dst := []float32{0}
		f(dst, []float32{a}, []float32{b})
		return dst[0]
	}
	both(t, func(t *testing.T) {
		require.Equal(t, inf, one(vec.Exp, 88.73))
		require.Equal(t, float32(0), one(vec.Exp, -104))
		require.Equal(t, float32(math.SmallestNonzeroFloat32), one(vec.Exp, -103.3))
		require.Equal(t, -inf, one(vec.Log, 0))
		require.Equal(t, -inf, one(vec.Log, float32(math.Copysign(0, -1))))
		require.True(t, math.IsNaN(float64(one(vec.Log, -math.SmallestNonzeroFloat32))))
		require.Equal(t, float32(-1), one(vec.Tanh, -inf))
		require.Equal(t, float32(-1), one(vec.Erf, -inf))
		require.Equal(t, float32(0), one(vec.Sigmoid, -inf))
		require.Equal(t, float32(1), one(vec.Sigmoid, inf))
		require.Equal(t, inf, one(vec.Gelu, inf))
		require.Zero(t, one(vec.Gelu, -1e30))
		require.Zero(t, one(vec.GeluTanh, -1e30))
		for _, f := range []func(dst, x []float32){vec.Gelu, vec.GeluTanh, vec.Silu, vec.HardSwish, vec.Mish} {
			require.True(t, math.IsNaN(float64(one(f, -inf))), "-Inf * 0")
		}
		for _, pair := range [][2]float32{{nan, 1}, {1, nan}, {nan, nan}, {nan, inf}, {-inf, nan}} {
			require.True(t, math.IsNaN(float64(two(vec.Max, pair[0], pair[1]))), "%v", pair)
			require.True(t, math.IsNaN(float64(two(vec.Min, pair[0], pair[1]))), "%v", pair)
		}
		require.Equal(t, inf, two(vec.Max, 3, inf))
		require.Equal(t, -inf, two(vec.Min, 3, -inf))
		clip := func(dst, x []float32) { vec.Clip(dst, x, 2, 1) }
		require.Equal(t, float32(1), one(clip, 5), "hi wins")
		require.True(t, math.IsNaN(float64(one(clip, nan))))
	})
}

func TestExtremesTellOfNaN(t *testing.T) {
	both(t, func(t *testing.T) {
		for _, n := range []int{1, 3, 8, 9, 33, 100, 4096, 20000} {
			for _, at := range []int{0, n / 3, n / 2, n - 1} {
				x := make([]float32, n)
				for i := range x {
					x[i] = float32(i % 7)
				}
				x[at] = nan
				lo, hi := vec.MinMax(x)
				for _, v := range []float32{vec.MaxOf(x), vec.MinOf(x), lo, hi} {
					require.True(t, math.IsNaN(float64(v)), "n=%d at=%d", n, at)
				}
				require.Equal(t, at, vec.ArgMax(x))
				x[at] = 100
				require.Equal(t, float32(100), vec.MaxOf(x))
				require.Equal(t, at, vec.ArgMax(x))
				x[at] = -100
				require.Equal(t, float32(-100), vec.MinOf(x))
				lo, _ = vec.MinMax(x)
				require.Equal(t, float32(-100), lo)
			}
		}
	})
}

func TestNoElements(t *testing.T) {
	both(t, func(t *testing.T) {
		require.Zero(t, vec.Sum(nil))
		require.Zero(t, vec.SumSquares(nil))
		require.Zero(t, vec.Dot(nil, nil))
		require.Equal(t, -inf, vec.MaxOf(nil))
		require.Equal(t, inf, vec.MinOf(nil))
		require.Equal(t, -1, vec.ArgMax(nil))
		require.Equal(t, 0, vec.ArgMax([]float32{2, 2, 1}), "the first among equals")
		require.Equal(t, 0, vec.ArgMax([]float32{-inf, -inf}))
		vec.AddRow(nil, nil, nil)
		vec.Transpose(nil, 0, nil, 0, 0, 0)
	})
}

func TestSoftmaxOfExtremeRows(t *testing.T) {
	both(t, func(t *testing.T) {
		dst := make([]float32, 3)
		vec.Softmax(dst, []float32{-inf, 5, 5})
		require.Equal(t, []float32{0, 0.5, 0.5}, dst)
		vec.Softmax(dst, []float32{1e38, -1e38, 0})
		require.Equal(t, []float32{1, 0, 0}, dst)
		vec.SoftmaxScaled(dst, []float32{1, 2, 3}, 1, []float32{-1e9, 0, -inf})
		require.Equal(t, []float32{0, 1, 0}, dst)
		vec.LogSoftmax(dst, []float32{0, -1000, -inf})
		require.Equal(t, []float32{0, -1000, -inf}, dst)
		for _, x := range [][]float32{{-inf, -inf, -inf}, {inf, 0, 0}, {nan, 0, 1}} {
			vec.Softmax(dst, x)
			for _, v := range dst {
				require.True(t, math.IsNaN(float64(v)), "%v", x)
			}
		}
	})
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	x := make([]float32, 8)
	for name, bug := range map[string]func(){
		"input shorter than dst":      func() { vec.Add(x, x, x[:7]) },
		"mask shorter than dst":       func() { vec.SoftmaxScaled(x, x, 1, x[:3]) },
		"gamma shorter than dst":      func() { vec.LayerNorm(x, x, x[:3], x, 0) },
		"rows that do not fill dst":   func() { vec.AddRow(x, x, x[:3]) },
		"an empty row":                func() { vec.MulRow(x, x, nil) },
		"no rows":                     func() { vec.MaxOfRows(x, nil) },
		"a short row":                 func() { vec.SumOfRows(x, [][]float32{x[:7]}, 1) },
		"three gates":                 func() { vec.LSTMCell(x[:6], x[:2], x[:2]) },
		"two gates":                   func() { vec.GRUCell(x[:4], x[:6], x[:2]) },
		"src too short to transpose":  func() { vec.Transpose(make([]float32, 99), 3, x, 3, 3, 3) },
		"dst too short to transpose":  func() { vec.Transpose(x, 3, make([]float32, 99), 3, 3, 3) },
		"leading dimension too small": func() { vec.Transpose(make([]float32, 99), 2, make([]float32, 99), 3, 3, 3) },
		"halves shorter than dst":     func() { vec.HalfToFloat(x, make([]uint16, 7, 8)) },
	} {
		t.Run(name, func(t *testing.T) { both(t, func(t *testing.T) { require.Panics(t, bug) }) })
	}
}

func TestKernelsNamesWhatRuns(t *testing.T) {
	require.Contains(t, []string{"AVX2+FMA kernels", "NEON kernels", "pure Go kernels"}, vec.Kernels())
}
