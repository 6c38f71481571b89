package vec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// function is an elementwise kernel with its reference in float64 and the error
// that the package promises: relative, or absolute where abs says how large the
// unit is.
type function struct {
	kernel  func(dst, x []float32)
	exact   func(x float64) float64
	bound   float64
	abs     func(x float64) float64
	flushes bool // gives 0 instead of a denormal
}

const ulp = 0x1p-23

func one(float64) float64          { return 1 }
func atLeastOne(x float64) float64 { return max(1, math.Abs(x)) }

func functions() map[string]function {
	return map[string]function{
		"Exp":     {kernel: vec.Exp, exact: math.Exp, bound: ulp},
		"Log":     {kernel: vec.Log, exact: math.Log, bound: ulp},
		"Sqrt":    {kernel: vec.Sqrt, exact: math.Sqrt, bound: ulp / 2},
		"Erf":     {kernel: vec.Erf, exact: math.Erf, bound: 1.2e-7, abs: one},
		"Tanh":    {kernel: vec.Tanh, exact: math.Tanh, bound: 2e-7},
		"Sigmoid": {kernel: vec.Sigmoid, exact: sigmoid, bound: 2e-7, flushes: true},
		"Gelu": {kernel: vec.Gelu, bound: 2e-7, abs: atLeastOne, exact: func(x float64) float64 {
			return 0.5 * x * (1 + math.Erf(x/math.Sqrt2))
		}},
		"GeluTanh": {kernel: vec.GeluTanh, bound: 2e-7, abs: atLeastOne, exact: func(x float64) float64 {
			return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
		"QuickGelu": {kernel: func(dst, x []float32) { vec.QuickGelu(dst, x, 1.702) }, bound: 1e-6, flushes: true,
			abs: atLeastOne, exact: func(x float64) float64 { return x * sigmoid(float64(float32(1.702))*x) }},
		"Silu": {kernel: vec.Silu, bound: 4e-7, flushes: true, exact: func(x float64) float64 {
			return x * sigmoid(x)
		}},
		"HardSwish": {kernel: vec.HardSwish, bound: 2e-7, abs: atLeastOne, exact: func(x float64) float64 {
			return x * min(max(x/6+0.5, 0), 1)
		}},
		"Softplus": {kernel: vec.Softplus, bound: 5e-7, flushes: true, exact: func(x float64) float64 {
			return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
		}},
		"Mish": {kernel: vec.Mish, bound: 4e-7, flushes: true, exact: func(x float64) float64 {
			e := math.Exp(min(x, 40))
			return x * (e * (e + 2) / (e*(e+2) + 2))
		}},
		"Elu": {kernel: func(dst, x []float32) { vec.Elu(dst, x, 1) }, bound: 4e-7, exact: func(x float64) float64 {
			if x < 0 {
				return math.Expm1(x)
			}
			return x
		}},
		"Reciprocal": {kernel: vec.Reciprocal, bound: ulp / 2, exact: func(x float64) float64 { return 1 / x }},
		"Floor":      {kernel: vec.Floor, exact: math.Floor},
		"Ceil":       {kernel: vec.Ceil, exact: math.Ceil},
		"Round":      {kernel: vec.Round, exact: math.RoundToEven},
		"Abs":        {kernel: vec.Abs, exact: math.Abs},
		"Neg":        {kernel: vec.Neg, exact: func(x float64) float64 { return -x }},
		"Relu":       {kernel: vec.Relu, exact: func(x float64) float64 { return max(x, 0) }},
	}
}

func both(t *testing.T, test func(t *testing.T)) {
	t.Run(vec.Kernels(), test)
	t.Run("assembly turned off", func(t *testing.T) {
		defer vec.Generic()()
		require.Equal(t, "pure Go kernels", vec.Kernels())
		test(t)
	})
}

// excess is the error of got in units of the bound; 0 if it is the reference
// rounded.
func (f function) excess(x, got float32) float64 {
	want := f.exact(float64(x))
	if rounded := float32(want); rounded == got || rounded != rounded && got != got {
		return 0
	}
	if f.flushes && got == 0 && math.Abs(want) < 2e-36 {
		return 0
	}
	unit := max(math.Abs(want), 0x1p-126) // the last place of a denormal
	if f.abs != nil {
		unit = f.abs(float64(x))
	}
	excess := math.Abs(float64(got)-want) / unit / max(f.bound, 1e-45)
	if excess != excess || math.IsInf(float64(got), 0) {
		return math.Inf(1)
	}
	return excess
}

// TestFunctionsKeepTheirBoundOverAllFloats walks through the bit patterns of
// float32, all exponents of both signs, at a stride without a common factor.
func TestFunctionsKeepTheirBoundOverAllFloats(t *testing.T) {
	const stride = 10007
	for name, f := range functions() {
		t.Run(name, func(t *testing.T) {
			x, y := make([]float32, 4096), make([]float32, 4096)
			worst, at := 0.0, float32(0)
			for bits := uint64(0); bits < 1<<32; {
				for i := range x {
					x[i] = math.Float32frombits(uint32(bits))
					bits += stride
				}
				f.kernel(y, x)
				for i, v := range x {
					if e := f.excess(v, y[i]); e > worst {
						worst, at = e, v
					}
				}
			}
			f.kernel(y[:1], []float32{at})
			t.Logf("worst %.3g (of a bound of %.3g) at %v: %v", worst*f.bound, f.bound, at, y[0])
			require.LessOrEqual(t, worst, 1.0, "at %v: got %v, want %v", at, y[0], f.exact(float64(at)))
		})
	}
}
