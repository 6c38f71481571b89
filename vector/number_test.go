package vector

import (
	"math"
	"math/big"
	"testing"
)

// FuzzNumbers holds the comparison of all number types against exact arithmetic.
func FuzzNumbers(f *testing.F) {
	for _, i := range []int64{0, -1, 1<<53 + 1, -1<<53 - 1, math.MaxInt64, math.MinInt64} {
		for _, u := range []uint64{0, 1 << 63, math.MaxUint64} {
			for _, x := range []float64{0, 0.5, -0.5, 1 << 53, 1 << 63, -1 << 63, 1 << 64, math.Inf(1), math.Inf(-1)} {
				f.Add(i, u, x)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i int64, u uint64, x float64) {
		if math.IsNaN(x) {
			t.Skip("Meta and filters refuse NaN")
		}
		exact := map[any]*big.Float{
			i: new(big.Float).SetInt64(i), u: new(big.Float).SetUint64(u), x: big.NewFloat(x),
			float32(x): big.NewFloat(float64(float32(x))), int8(i): big.NewFloat(float64(int8(i))),
		}
		for a, v := range exact {
			for b, w := range exact {
				if got, want := compare(valueOf(a), valueOf(b)), v.Cmp(w); got != want {
					t.Errorf("%T %v against %T %v: %d, want %d", a, a, b, b, got, want)
				}
			}
		}
	})
}
