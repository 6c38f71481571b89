package qgemm_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/qgemm"
)

// rounded is the formula of Quantize and Requantize in float64, where adding the
// zero point is exact.
func rounded(v float32, zero, lo, hi float64) float64 {
	if v != v {
		return lo
	}
	return min(max(math.RoundToEven(float64(v))+zero, lo), hi)
}

var zeroPoints = []int{0, 1, 2, 3, 100, 127, 128, 129, 200, 254, 255}

func TestQuantizingIsTheFormulaAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for n := range 110 {
			scale := float32(math.Exp2(float64(rng.IntN(20) - 10)))
			if rng.IntN(2) == 0 {
				scale *= 1.1
			}
			x, z := special(rng, n, scale), zeroPoints[rng.IntN(len(zeroPoints))]
			u, uIntact := fenced[uint8](n, 9)
			s, sIntact := fenced[int8](n, 9)
			qgemm.Quantize(u, x, scale, uint8(z))
			qgemm.QuantizeInt8(s, x, scale, int8(z-128))
			require.True(t, uIntact() && sIntact())
			for i, v := range x {
				require.Equal(t, uint8(rounded(v/scale, float64(z), 0, 255)), u[i], "%v / %v + %d", v, scale, z)
				require.Equal(t, int8(rounded(v/scale, float64(z-128), -128, 127)), s[i], "%v / %v + %d", v, scale, z-128)
			}
		}
	})
}

func TestTiesGoToEvenBeforeTheZeroPointIsAdded(t *testing.T) {
	for name, tt := range map[string]struct {
		x    float32
		zero uint8
		want uint8
	}{
		"half":                        {0.5, 0, 0},
		"half with an odd zero point": {0.5, 1, 1},
		"one and a half":              {1.5, 1, 3},
		"minus half":                  {-0.5, 1, 1},
		"NaN":                         {float32(math.NaN()), 7, 0},
		"infinity":                    {float32(math.Inf(1)), 7, 255},
		"minus infinity":              {float32(math.Inf(-1)), 7, 0},
		"past 32 bits":                {0x1p40, 7, 255},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				for _, n := range []int{1, 8, 40} {
					x, dst := make([]float32, n), make([]uint8, n)
					x[n-1] = tt.x
					qgemm.Quantize(dst, x, 1, tt.zero)
					require.Equal(t, tt.want, dst[n-1])
				}
			})
		})
	}
}

func TestDequantizingIsTheFormulaAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for n := range 110 {
			u, s := make([]uint8, n), make([]int8, n)
			for i := range u {
				u[i] = uint8(rng.Uint32())
				s[i] = int8(rng.Uint32())
			}
			z, scale := zeroPoints[rng.IntN(len(zeroPoints))], rng.Float32()
			fromU, uIntact := fenced[float32](n, 9)
			fromS, sIntact := fenced[float32](n, 9)
			qgemm.Dequantize(fromU, u, scale, uint8(z))
			qgemm.DequantizeInt8(fromS, s, scale, int8(z-128))
			require.True(t, uIntact() && sIntact())
			for i := range u {
				require.Equal(t, float32(int(u[i])-z)*scale, fromU[i])
				require.Equal(t, float32(int(s[i])-(z-128))*scale, fromS[i])
			}
		}
	})
}

func TestRequantizingIsTheFormulaAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for n := 1; n < 110; n++ {
			m := 1 + rng.IntN(3)
			acc := make([]int32, m*n)
			for i := range acc {
				acc[i] = int32(rng.Uint32()) >> rng.IntN(32)
			}
			scale := floats(rng, []int{1, n}[rng.IntN(2)])
			for i := range scale {
				scale[i] = float32(math.Abs(float64(scale[i]))) / 16
			}
			z := zeroPoints[rng.IntN(len(zeroPoints))]
			u, uIntact := fenced[uint8](m*n, 9)
			s, sIntact := fenced[int8](m*n, 9)
			qgemm.Requantize(u, acc, scale, uint8(z))
			qgemm.RequantizeInt8(s, acc, scale, int8(z-128))
			require.True(t, uIntact() && sIntact())
			for i, v := range acc {
				f := float32(v) * scale[i%len(scale)]
				require.Equal(t, uint8(rounded(f, float64(z), 0, 255)), u[i])
				require.Equal(t, int8(rounded(f, float64(z-128), -128, 127)), s[i])
			}
		}
	})
}

func TestDynamicParamsFollowTheOperator(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, tt := range map[string]struct {
		x     []float32
		scale float32
		zero  uint8
	}{
		"the operator's own example":   {[]float32{0, 2, -3, -2.5, 1.34, 0.5}, 0.019607844, 153},
		"positive values include 0":    {[]float32{1, 2.1, 1.3, 2.5, 3.34, 4}, 0.015686275, 0},
		"negative values include 0":    {[]float32{-1, -2.1, -1.3, -2.5, -3.34, -4}, 0.015686275, 255},
		"zeros":                        {[]float32{0, 0}, 1, 0},
		"nothing":                      {nil, 1, 0},
		"NaN is passed over":           {[]float32{nan, 255, nan}, 1, 0},
		"only NaN":                     {[]float32{nan}, 1, 0},
		"infinity":                     {[]float32{1, inf}, inf, 0},
		"minus infinity":               {[]float32{1, -inf}, inf, 0},
		"a range that overflows":       {[]float32{-3e38, 3e38}, inf, 0},
		"a tie of the zero point":      {[]float32{-0.5, 254.5}, 1, 0},
		"a tie of an odd zero point":   {[]float32{-1.5, 253.5}, 1, 2},
		"the smallest number":          {[]float32{math.SmallestNonzeroFloat32}, 1, 0},
		"smallest beside its opposite": {[]float32{-math.SmallestNonzeroFloat32}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				for n := range 70 { // every place of a block
					x := append(make([]float32, n), tt.x...)
					scale, zero := qgemm.DynamicParams(x)
					require.Equal(t, tt.scale, scale)
					require.Equal(t, tt.zero, zero)
				}
			})
		})
	}
}

func TestWeightsKeepWithinTheirBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, bits := range []int{7, 8} {
		limit := float32(int(1)<<(bits-1) - 1)
		for range 50 {
			k, n, gap := 1+rng.IntN(20), 1+rng.IntN(20), rng.IntN(3)
			w := floats(rng, k*n)
			w[0] = float32(math.NaN())
			plain, turned := spread(w, k, n, gap), spread(turn(w, k, n), n, k, gap)
			q, scales := make([]int8, k*n), make([]float32, n)
			qgemm.QuantizeWeights(q, scales, plain, k, n, n+gap, false, bits)
			q2, scales2 := make([]int8, k*n), make([]float32, n)
			qgemm.QuantizeWeights(q2, scales2, turned, k, n, k+gap, true, bits)
			require.Equal(t, scales, scales2)
			require.Equal(t, turn(q, k, n), q2)
			require.Zero(t, q[0])
			for i, v := range w[1:] {
				i++
				require.LessOrEqual(t, max(q[i], -q[i]), int8(limit))
				require.InDelta(t, v, float32(q[i])*scales[i%n], float64(scales[i%n])*0.50001)
			}
			if bits == 7 {
				require.True(t, qgemm.Pack(q, k, n, n, false).Fast())
			}
		}
	}
}

func TestAColumnWithoutWeightsHasTheScaleOne(t *testing.T) {
	scales := []float32{9, 9}
	q := make([]int8, 4)
	inf := float32(math.Inf(1))
	qgemm.QuantizeWeights(q, scales, []float32{0, inf, 0, -math.SmallestNonzeroFloat32}, 2, 2, 2, false, 8)
	require.Equal(t, []float32{1, 1}, scales)
	require.Equal(t, []int8{0, 0, 0, 0}, q)
}

func TestWeightsRoundTiesToEven(t *testing.T) {
	q, scales := make([]int8, 6), make([]float32, 1)
	qgemm.QuantizeWeights(q, scales, []float32{127, 0.5, 1.5, 2.5, -0.5, -1.5}, 6, 1, 1, false, 8)
	require.Equal(t, []float32{1}, scales)
	require.Equal(t, []int8{127, 0, 2, 2, 0, -2}, q)
}

// turn transposes a matrix without gaps.
func turn[T any](x []T, rows, cols int) []T {
	y := make([]T, len(x))
	for i := range rows {
		for j := range cols {
			y[j*rows+i] = x[i*cols+j]
		}
	}
	return y
}

// spread puts gap zeros behind each row but the last.
func spread(x []float32, rows, cols, gap int) []float32 {
	y := make([]float32, (rows-1)*(cols+gap)+cols)
	for i := range rows {
		copy(y[i*(cols+gap):], x[i*cols:][:cols])
	}
	return y
}

func FuzzQuantize(f *testing.F) {
	f.Add(uint64(1), uint8(40), float32(0.1), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, scale float32, zero uint8) {
		x := special(rand.New(rand.NewPCG(seed, 1)), int(n), scale)
		dst := make([]uint8, n)
		qgemm.Quantize(dst, x, scale, zero)
		for i, v := range x {
			require.Equal(t, uint8(rounded(v/scale, float64(zero), 0, 255)), dst[i], "%v / %v + %d", v, scale, zero)
		}
	})
}
