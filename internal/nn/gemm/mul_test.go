package gemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// checkProducts compares all four forms of the product with its definition.
func checkProducts(t *testing.T, rng *rand.Rand, m, n, k, bits int) {
	t.Helper()
	lda, ldb, ldt, ldc := k+rng.IntN(5), n+rng.IntN(5), k+rng.IntN(5), n+rng.IntN(5)
	a, b, bt := rowsOf(rng, m, k, lda), rowsOf(rng, k, n, ldb), rowsOf(rng, n, k, ldt)
	e := epilogue(rng, bits, m, n)
	want := product(a, lda, m, func(p, j int) float32 { return b[p*ldb+j] }, n, k)
	wantT := product(a, lda, m, func(p, j int) float32 { return bt[j*ldt+p] }, n, k)
	label := fmt.Sprintf("%dx%dx%d epilogue %d", m, k, n, bits)

	r := newResult(rng, m, n, ldc)
	gemm.Mul(r.dst, ldc, a, lda, m, gemm.Pack(b, k, n, ldb, false), e)
	r.check(t, want, e, e.Add, k, "Mul "+label)

	r = newResult(rng, m, n, ldc)
	gemm.Mul(r.dst, ldc, a, lda, m, gemm.Pack(bt, k, n, ldt, true), e)
	r.check(t, wantT, e, e.Add, k, "Mul transposed "+label)

	r = newResult(rng, m, n, ldc)
	gemm.MulRaw(r.dst, ldc, a, lda, b, ldb, m, n, k, e)
	r.check(t, want, e, e.Add, k, "MulRaw "+label)

	r = newResult(rng, m, n, ldc)
	scratch, whole := fenced(rng, gemm.TransposedScratch(n, k))
	gemm.MulTransposed(r.dst, ldc, a, lda, bt, ldt, m, n, k, scratch, e)
	r.check(t, wantT, e, e.Add, k, "MulTransposed "+label)
	require.Equal(t, math.Float32bits(canary), math.Float32bits(whole[len(whole)-40]), "scratch end")

	r = newResult(rng, m, n, ldc)
	packed := gemm.PackOver(scratch, b, ldb, k, n)
	gemm.Mul(r.dst, ldc, a, lda, m, &packed, e)
	r.check(t, want, e, e.Add, k, "PackOver "+label)
	require.Equal(t, math.Float32bits(canary), math.Float32bits(whole[len(whole)-40]), "scratch end")
}

func TestTheFirstRowsOfAPackedMatrix(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(21, 22))
		const m, n, k, all = 7, 37, 11, 19
		a, b := random(rng, m*k), random(rng, all*n)
		got, want := make([]float32, m*n), make([]float32, m*n)
		gemm.Mul(want, n, a, k, m, gemm.Pack(b, k, n, n, false), gemm.Epilogue{})
		packed := gemm.PackOver(make([]float32, gemm.TransposedScratch(n, all)), b, n, all, n)
		first := packed.First(k)
		gemm.Mul(got, n, a, k, m, &first, gemm.Epilogue{})
		require.Equal(t, want, got)
		require.Panics(t, func() { packed.First(all + 1) })
		require.Panics(t, func() { packed.First(-1) })
	})
}

func TestProductsAgreeWithTheDefinitionAtEverySizeAroundTheBlocks(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		ns := []int{1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 48, 50}
		ks := []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33}
		for m := 1; m <= 14; m++ {
			for i, n := range ns {
				for j, k := range ks {
					if (i+j+m)%8 == 0 || n == 17 && k%4 < 2 || k == 5 && n%8 < 2 {
						checkProducts(t, rng, m, n, k, rng.IntN(16))
					}
				}
			}
		}
	})
}

func TestEveryEpilogueInEveryKernel(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for bits := range 16 {
			for _, n := range []int{5, 8, 13, 16, 29} {
				for m := 1; m <= 7; m++ {
					checkProducts(t, rng, m, n, 6, bits)
				}
			}
		}
	})
}

func TestProductsLongerThanABlock(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, s := range [][3]int{
			{7, 20, 449}, {8, 9, 900}, {1, 17, 4097}, {6, 8, 4100}, {169, 17, 20}, {340, 3, 5}, {171, 5, 460},
		} {
			checkProducts(t, rng, s[0], s[1], s[2], rng.IntN(16))
			checkProducts(t, rng, s[0], s[1], s[2], 15)
		}
	})
}

func TestEmptyProducts(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, s := range [][3]int{{0, 5, 5}, {5, 0, 5}, {5, 5, 0}, {0, 0, 0}, {1, 1, 0}, {7, 20, 0}} {
			for _, bits := range []int{0, 15} {
				checkProducts(t, rng, s[0], s[1], s[2], bits)
			}
		}
	})
}

func TestAddMayBeTheDestination(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, k := range []int{5, 1000} {
			const m, n, ldc = 9, 21, 23
			a, b := random(rng, m*k), random(rng, k*n)
			want := product(a, k, m, func(p, j int) float32 { return b[p*n+j] }, n, k)
			r := newResult(rng, m, n, ldc)
			e := gemm.Epilogue{Add: r.dst, AddStride: ldc, Clamp: true, Lo: 0, Hi: float32(math.Inf(1))}
			gemm.Mul(r.dst, ldc, a, k, m, gemm.Pack(b, k, n, n, false), e)
			r.check(t, want, e, r.before, k, "Mul")
		}
	})
}

func TestColumnsOfAProductAreThoseOfTheWhole(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		const m, n, k = 9, 53, 70
		a, b := random(rng, m*k), gemm.Pack(random(rng, k*n), k, n, n, false)
		e := epilogue(rng, 11, m, n)
		want, got := make([]float32, m*n), make([]float32, m*n)
		gemm.Mul(want, n, a, k, m, b, e)
		gemm.MulColumns(got, n, a, k, m, b, 0, 16, e)
		gemm.MulColumns(got, n, a, k, m, b, 48, 53, e)
		gemm.MulColumns(got, n, a, k, m, b, 16, 48, e)
		gemm.MulColumns(got, n, a, k, m, b, 32, 32, e)
		require.Equal(t, want, got)
		require.Panics(t, func() { gemm.MulColumns(got, n, a, k, m, b, 8, 16, e) })
		require.Panics(t, func() { gemm.MulColumns(got, n, a, k, m, b, 0, 54, e) })
	})
}

func TestNonFiniteAndDenormalValues(t *testing.T) {
	both(t, func(t *testing.T) {
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		tiny := math.Float32frombits(3)
		a := []float32{
			nan, 1, 1,
			1, inf, 1,
			1, -inf, 1,
			1, tiny, 0,
			1, inf, -inf,
		}
		b := gemm.Pack([]float32{0, 1, 1}, 3, 1, 1, false)
		dst := make([]float32, 5)
		gemm.Mul(dst, 1, a, 3, 5, b, gemm.Epilogue{Clamp: true, Lo: -7, Hi: 7})
		require.True(t, math.IsNaN(float64(dst[0])), "clamping keeps NaN")
		require.Equal(t, []float32{7, -7, tiny}, dst[1:4])
		require.True(t, math.IsNaN(float64(dst[4])))
		gemm.Mul(dst, 1, a, 3, 5, b, gemm.Epilogue{Clamp: true, Lo: 0, Hi: inf})
		require.Equal(t, []float32{inf, 0, tiny}, dst[1:4])
		require.True(t, math.IsNaN(float64(dst[0])), "Relu keeps NaN")
		gemm.Mul(dst, 1, a, 3, 5, b, gemm.Epilogue{Bias: []float32{nan}})
		for _, v := range dst {
			require.True(t, math.IsNaN(float64(v)))
		}
	})
}

func TestShortSlicesPanicBeforeAnythingIsWritten(t *testing.T) {
	x := func(n int) []float32 { return make([]float32, n) }
	b := gemm.Pack(x(12), 3, 4, 4, false)
	for name, f := range map[string]func(){
		"pack":          func() { gemm.Pack(x(11), 3, 4, 4, false) },
		"dst":           func() { gemm.Mul(x(7), 4, x(6), 3, 2, b, gemm.Epilogue{}) },
		"a":             func() { gemm.Mul(x(8), 4, x(5), 3, 2, b, gemm.Epilogue{}) },
		"bias":          func() { gemm.Mul(x(8), 4, x(6), 3, 2, b, gemm.Epilogue{Bias: x(3)}) },
		"add":           func() { gemm.Mul(x(8), 4, x(6), 3, 2, b, gemm.Epilogue{Add: x(7), AddStride: 4}) },
		"raw b":         func() { gemm.MulRaw(x(8), 4, x(6), 3, x(11), 4, 2, 4, 3, gemm.Epilogue{}) },
		"transposed b":  func() { gemm.MulTransposed(x(8), 4, x(6), 3, x(11), 3, 2, 4, 3, x(48), gemm.Epilogue{}) },
		"packed over":   func() { gemm.PackOver(x(48), x(11), 4, 3, 4) },
		"no room":       func() { gemm.PackOver(x(47), x(12), 4, 3, 4) },
		"short scratch": func() { gemm.MulTransposed(x(8), 4, x(6), 3, x(12), 3, 2, 4, 3, x(47), gemm.Epilogue{}) },
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, f) })
	}
}

func TestProductsDoNotAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	const m, n, k = 20, 37, 50
	a, b, dst := random(rng, m*k), random(rng, k*n), make([]float32, m*n)
	p, scratch := gemm.Pack(b, k, n, n, false), make([]float32, gemm.TransposedScratch(n, k))
	e := gemm.Epilogue{Bias: random(rng, n)}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		gemm.Mul(dst, n, a, k, m, p, e)
		gemm.MulRaw(dst, n, a, k, b, n, m, n, k, e)
		gemm.MulTransposed(dst, n, a, k, b, k, m, n, k, scratch, e)
		over := gemm.PackOver(scratch, b, n, k, n)
		gemm.Mul(dst, n, a, k, m, &over, e)
	}))
}

func FuzzMul(f *testing.F) {
	f.Add(uint64(1), uint8(6), uint8(16), uint16(64))
	f.Add(uint64(2), uint8(1), uint8(17), uint16(5000))
	f.Fuzz(func(t *testing.T, seed uint64, m, n uint8, k uint16) {
		rng := rand.New(rand.NewPCG(seed, 0))
		rows, cols, depth := int(m)%40, int(n)%60, int(k)%6000
		if rows*cols*depth > 1<<20 {
			depth = 1 << 20 / (rows * cols)
		}
		checkProducts(t, rng, rows, cols, depth, rng.IntN(16))
	})
}
