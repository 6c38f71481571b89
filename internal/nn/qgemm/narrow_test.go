package qgemm_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// heavy returns weights of which most are small, and some blocks of 16 rows as
// heavy as they may be, alternating in sign or all of one.
func heavy(rng *rand.Rand, k, n int) matrix {
	m := matrix{k, n, make([]int64, k*n)}
	for first := 0; first < k; first += 16 {
		kind, sign := rng.IntN(8), 1-2*rng.Int64N(2)
		for i := first * n; i < min(first+16, k)*n; i++ {
			switch kind {
			case 0:
				m.v[i] = 64 * sign
			case 1:
				m.v[i] = rng.Int64N(129) - 64
			case 2:
				m.v[i] = 32 * sign // eight of them are just light enough
			case 3:
				m.v[i] = 32 * sign
				if rng.IntN(64) == 0 {
					m.v[i] += sign // eight of them may be just too heavy
				}
			default:
				m.v[i] = rng.Int64N(33) - 16
			}
		}
	}
	return m
}

// against returns rows that bring the sums with column j of w to their ends.
func against(rng *rand.Rand, w matrix, rows int) matrix {
	m := matrix{rows, w.rows, make([]int64, rows*w.rows)}
	for i := range rows {
		column, high := rng.IntN(w.cols), rng.IntN(2) == 0
		for k := range w.rows {
			if (w.v[k*w.cols+column] > 0) == high {
				m.v[i*w.rows+k] = 255
			}
		}
	}
	return m
}

func TestSumsThatLeaveSixteenBitsAreExact(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for m := range 12 {
			for _, k := range []int{16, 32, 50, 95, 768, 784, 1536 + 5} {
				p := problem{bSigned: true, b: heavy(rng, k, 33), transposed: rng.IntN(2) == 0, aZero: []int32{7}}
				p.a = newMatrix(m, k, span(rng, 0, 255))
				require.Equal(t, naive(p.a, p.b, p.aZero, nil), p.product(t), "%v", p)
				p.a = against(rng, p.b, m)
				require.Equal(t, naive(p.a, p.b, p.aZero, nil), p.product(t), "%v", p)
			}
		}
	})
}

func TestAHeavyOrLightColumnIsExact(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, w := range []int64{-64, -33, -32, -31, 0, 31, 32, 33, 64} {
			p := problem{bSigned: true, b: newMatrix(48, 16, always(0))}
			for k := range 48 {
				p.b.v[16*k+5] = w
			}
			for _, a := range []int64{0, 1, 128, 254, 255} {
				p.a = newMatrix(5, 48, always(a))
				require.Equal(t, naive(p.a, p.b, nil, nil), p.product(t), "%d x %d", a, w)
			}
			p.a = newMatrix(5, 48, span(rng, 0, 255))
			require.Equal(t, naive(p.a, p.b, nil, nil), p.product(t), "%d", w)
		}
	})
}
