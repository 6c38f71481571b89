package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// lengths straddle every block of every kernel: 1, 4, 8, 16, 32 and 64 floats,
// and the change to eight sums at 768.
func lengths() (ns []int) {
	for n := range 71 {
		ns = append(ns, n)
	}
	return append(ns, 127, 128, 129, 383, 384, 385, 767, 768, 769, 831, 832, 833, 1000, 1536)
}

// tolerance bounds the rounding of a sum of n terms whose absolute values add up
// to total, in any order: twice γₙ = n·u/(1-n·u) with the unit u = 2⁻²⁴, since
// both sides of a comparison round, and the differences of L2 round once more.
func tolerance(n int, total float64) float64 { return 2 * float64(n+2) * 0x1p-24 * total }

// exact returns the dot product and the squared distance in float64, each with
// the sum of the absolute values of its terms.
func exact(a, b []float32) (dot, dotTotal, l2 float64) {
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		dot += x * y
		dotTotal += math.Abs(x * y)
		l2 += (x - y) * (x - y)
	}
	return dot, dotTotal, l2
}

// fenced returns a slice of n floats that starts at an odd place in memory and
// has NaN on either side: a kernel that reads past an end gives itself away.
func fenced(rng *rand.Rand, n int) []float32 {
	room := slices.Repeat([]float32{float32(math.NaN())}, n+80)
	at := 32 + rng.IntN(16)
	x := room[at : at+n : at+n]
	copy(x, vec(rng, n))
	return x
}

func both(t *testing.T, test func(t *testing.T)) {
	t.Run(Kernels(), test)
	t.Run("assembly turned off", func(t *testing.T) {
		defer Generic()()
		require.Equal(t, "pure Go kernels", Kernels())
		test(t)
	})
}

func TestPairsAgreeWithTheLoopAtEveryLength(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths() {
			for range 4 {
				a, b := fenced(rng, n), fenced(rng, n)
				dot, dotTotal, l2 := exact(a, b)
				require.InDelta(t, dot, Dot(a, b), tolerance(n, dotTotal), "Dot, n=%d", n)
				require.InDelta(t, l2, SquaredL2(a, b), tolerance(n, l2), "SquaredL2, n=%d", n)
			}
		}
	})
}

func TestALongerSecondSliceCountsUpToTheFirst(t *testing.T) {
	both(t, func(t *testing.T) {
		nan := float32(math.NaN())
		require.Equal(t, float32(11), Dot([]float32{1, 2}, []float32{3, 4, nan}))
		require.Equal(t, float32(8), SquaredL2([]float32{1, 2}, []float32{3, 4, nan}))
	})
}

func TestNonFiniteValuesReachTheResult(t *testing.T) {
	both(t, func(t *testing.T) {
		for _, n := range []int{1, 9, 33, 100, 1000} {
			for _, at := range []int{0, n / 2, n - 1} {
				a, b := make([]float32, n), make([]float32, n)
				a[at] = float32(math.NaN())
				require.True(t, math.IsNaN(float64(Dot(a, b))))
				require.True(t, math.IsNaN(float64(SquaredL2(a, b))))
				a[at] = float32(math.Inf(1))
				require.True(t, math.IsInf(float64(SquaredL2(a, b)), 1))
			}
		}
	})
}

func TestRowsAgreeWithTheLoop(t *testing.T) {
	const total = 13
	for name, kernel := range map[string]struct {
		rows rowsKernel
		l2   bool
	}{"DotRows": {DotRows, false}, "SquaredL2Rows": {SquaredL2Rows, true}} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(3, 4))
				for _, n := range lengths() {
					stride := n + rng.IntN(20)
					q, base := fenced(rng, n), fenced(rng, total*stride)
					for count := range total + 1 {
						checkAgainstLoop(t, kernel.rows, kernel.l2, q, base, stride, count, nil)
						rows := make([]uint32, count+rng.IntN(3)) // more than dst asks for
						for i := range rows {
							rows[i] = uint32(rng.IntN(total)) // repeated, out of order
						}
						checkAgainstLoop(t, kernel.rows, kernel.l2, q, base, stride, count, rows)
					}
				}
			})
		})
	}
}

func checkAgainstLoop(t *testing.T, f rowsKernel, isL2 bool, q, base []float32, stride, count int, rows []uint32) {
	t.Helper()
	const guard = -12345
	room := slices.Repeat([]float32{guard}, count+16)
	dst := room[8 : 8+count]
	f(dst, q, base, stride, rows)
	for i, got := range dst {
		want, total, l2 := exact(q, base[row(rows, i)*stride:])
		if isL2 {
			want, total = l2, l2
		}
		if math.Abs(want-float64(got)) > tolerance(len(q), total) {
			t.Fatalf("n=%d stride=%d rows=%v: row %d is %v, want %v", len(q), stride, rows, i, got, want)
		}
	}
	for i, v := range room {
		if (i < 8 || i >= 8+count) && v != guard {
			t.Fatalf("n=%d count=%d: wrote %v at %d, outside dst", len(q), count, v, i-8)
		}
	}
}

func TestARowHasOneResultWhereverItStands(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range lengths() {
			q, base := vec(rng, n), slices.Repeat(vec(rng, n), 11)
			for _, f := range []rowsKernel{DotRows, SquaredL2Rows} {
				dst := make([]float32, 11)
				f(dst, q, base, n, nil)
				require.Equal(t, slices.Repeat(dst[:1], 11), dst, "n=%d", n)
				few := make([]float32, 3)
				f(few, q, base, n, []uint32{7, 0, 10})
				require.Equal(t, dst[:3], few, "n=%d", n)
			}
		}
	})
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	x := make([]float32, 8)
	for name, bug := range map[string]func(){
		"b shorter than a in Dot":       func() { Dot(x, x[:7]) },
		"b shorter than a in SquaredL2": func() { SquaredL2(x, x[:7]) },
		"stride shorter than q":         func() { DotRows(x[:1], x[:4], x, 3, nil) },
		"negative stride":               func() { DotRows(x[:2], x[:4], x, -4, nil) },
		"last row past the end":         func() { DotRows(x[:3], x[:4], x, 4, nil) },
		"numbered row past the end":     func() { SquaredL2Rows(x[:1], x[:4], x, 4, []uint32{2}) },
		"huge row":                      func() { DotRows(x[:1], x[:4], x, math.MaxInt, []uint32{math.MaxUint32}) },
		"rows shorter than dst":         func() { DotRows(x[:2], x[:4], x, 4, make([]uint32, 1, 2)) },
		"q longer than base":            func() { DotRows(x[:1], make([]float32, 9), x, 9, nil) },
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, bug) })
	}
}

func TestNoRowsAskNothing(t *testing.T) {
	DotRows(nil, nil, nil, 0, nil)
	SquaredL2Rows(nil, make([]float32, 4), nil, 0, []uint32{})
	dst := []float32{1, 1, 1, 1, 1}
	DotRows(dst, nil, nil, 0, nil)
	require.Equal(t, make([]float32, 5), dst, "rows without elements have the sum 0")
}

func TestKernelsNamesWhatRuns(t *testing.T) {
	require.Contains(t, []string{"AVX2+FMA kernels", "NEON kernels", "pure Go kernels"}, Kernels())
	restore := Generic()
	require.Equal(t, "pure Go kernels", Kernels())
	restore()
	require.Equal(t, assemblyRuns(), Kernels() != "pure Go kernels")
}
