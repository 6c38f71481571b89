package vec_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// sumBound bounds the rounding of a sum of n terms of the given total size, in
// any order and with one rounding in each term.
func sumBound(n int, total float64) float64 { return float64(n+2) * 0x1p-24 * total }

func TestSumsAgreeWithTheLoopAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths() {
			a, _ := canaried(rng, n)
			b, _ := canaried(rng, n)
			random(rng, a)
			random(rng, b)
			var sum, sumAbs, squares, dot, dotAbs float64
			for i, v := range a {
				x, y := float64(v), float64(b[i])
				sum, sumAbs = sum+x, sumAbs+math.Abs(x)
				squares, dot, dotAbs = squares+x*x, dot+x*y, dotAbs+math.Abs(x*y)
			}
			require.InDelta(t, sum, vec.Sum(a), sumBound(n, sumAbs), "Sum, n=%d", n)
			require.InDelta(t, squares, vec.SumSquares(a), sumBound(n, squares), "SumSquares, n=%d", n)
			require.InDelta(t, dot, vec.Dot(a, b), sumBound(n, dotAbs), "Dot, n=%d", n)
		}
	})
}

func TestExtremesAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths()[1:] {
			x, _ := canaried(rng, n)
			random(rng, x)
			best := 0
			wantLo, wantHi := x[0], x[0]
			for i, v := range x {
				wantLo, wantHi = min(wantLo, v), max(wantHi, v)
				if v > x[best] {
					best = i
				}
			}
			lo, hi := vec.MinMax(x)
			require.Equal(t, []float32{wantLo, wantHi, wantLo, wantHi}, []float32{lo, hi, vec.MinOf(x), vec.MaxOf(x)})
			require.Equal(t, best, vec.ArgMax(x))
			for i := range x {
				x[i] = -abs(x[i]) - 1 // zeros that fill up a vector would win
			}
			require.Less(t, vec.MaxOf(x), float32(0), "n=%d", n)
		}
	})
}

func abs(x float32) float32 { return max(x, -x) }

func TestSoftmaxAgreesWithTheFormula(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, n := range lengths()[1:] {
			x, mask := random(rng, make([]float32, n)), random(rng, make([]float32, n))
			if n > 2 {
				mask[n/2] = -inf
			}
			got, plain, logs := make([]float32, n), make([]float32, n), make([]float32, n)
			vec.SoftmaxScaled(got, x, 0.5, mask)
			vec.SoftmaxScaled(plain, x, 0.5, nil)
			vec.LogSoftmax(logs, x)
			var sum, sumPlain, sumLog float64
			for i, v := range x {
				sum += math.Exp(float64(v)/2 + float64(mask[i]))
				sumPlain += math.Exp(float64(v) / 2)
				sumLog += math.Exp(float64(v))
			}
			for i, v := range x {
				want := math.Exp(float64(v)/2+float64(mask[i])) / sum
				require.InDelta(t, want, got[i], 2e-6*want+1e-12, "n=%d", n)
				want = math.Exp(float64(v)/2) / sumPlain
				require.InDelta(t, want, plain[i], 2e-6*want, "n=%d", n)
				require.InDelta(t, float64(v)-math.Log(sumLog), logs[i], 3e-6, "n=%d", n)
			}
		}
	})
}

// layerNorm is the formula in float64.
func layerNorm(x, gamma, beta []float32, eps float64) []float64 {
	var mean, variance float64
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (float64(v)-mean)/math.Sqrt(variance+eps)*float64(gamma[i]) + float64(beta[i])
	}
	return y
}

func TestNormsAgreeWithTheFormula(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range lengths()[1:] {
			in := make([][]float32, 5)
			for i := range in {
				in[i] = random(rng, make([]float32, n))
			}
			x, r, bias, gamma, beta := in[0], in[1], in[2], in[3], in[4]
			dst, sum := make([]float32, n), make([]float32, n)
			vec.AddLayerNorm(dst, sum, x, r, bias, gamma, beta, 1e-5)
			for i := range sum {
				require.Equal(t, x[i]+r[i]+bias[i], sum[i])
			}
			for i, want := range layerNorm(sum, gamma, beta, 1e-5) {
				require.InDelta(t, want, dst[i], 2e-5*max(1, math.Abs(want)), "n=%d", n)
			}
			vec.RMSNorm(dst, x, gamma, 1e-5)
			var squares float64
			for _, v := range x {
				squares += float64(v) * float64(v)
			}
			for i, v := range x {
				want := float64(v) / math.Sqrt(squares/float64(n)+1e-5) * float64(gamma[i])
				require.InDelta(t, want, dst[i], 2e-6*max(1, math.Abs(want)), "n=%d", n)
			}
		}
	})
}

func TestALargeMeanCancelsNothing(t *testing.T) {
	both(t, func(t *testing.T) {
		x, ones, zeros := make([]float32, 384), make([]float32, 384), make([]float32, 384)
		for i := range x {
			x[i], ones[i] = 30000+float32(i%5), 1
		}
		dst := make([]float32, len(x))
		vec.LayerNorm(dst, x, nil, nil, 1e-5)
		for i, want := range layerNorm(x, ones, zeros, 1e-5) {
			require.InDelta(t, want, dst[i], 3e-3, "the mean itself is rounded to 2e-3")
		}
	})
}

func TestRowsAreBroadcastAlongTheLastAxis(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, n := range []int{1, 2, 3, 7, 8, 63, 64, 65, 200} {
			for _, rows := range []int{1, 2, 3, 50, 700} {
				r, x := random(rng, make([]float32, n)), random(rng, make([]float32, n*rows))
				sum, product := make([]float32, len(x)), make([]float32, len(x))
				vec.AddRow(sum, x, r)
				vec.MulRow(product, x, r)
				for i, v := range x {
					if sum[i] != v+r[i%n] || product[i] != v*r[i%n] {
						t.Fatalf("%d rows of %d: %v and %v at %d", rows, n, sum[i], product[i], i)
					}
				}
			}
		}
	})
}

func TestPoolsOfAnyNumberOfRows(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for count := 1; count <= 10; count++ {
			rows := make([][]float32, count)
			for i := range rows {
				rows[i] = random(rng, make([]float32, 21))
			}
			high, mean := make([]float32, 21), make([]float32, 21)
			vec.MaxOfRows(high, rows)
			vec.SumOfRows(mean, rows, 1/float32(count))
			for i := range high {
				wantMax, wantSum := rows[0][i], float64(0)
				for _, r := range rows {
					wantMax, wantSum = max(wantMax, r[i]), wantSum+float64(r[i])
				}
				require.Equal(t, wantMax, high[i])
				require.InDelta(t, wantSum/float64(count), mean[i], 3e-6)
			}
			rows[count-1][5] = nan
			vec.MaxOfRows(high, rows)
			require.True(t, math.IsNaN(float64(high[5])))
		}
	})
}
