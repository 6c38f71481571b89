package gemm_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// both runs a test with the kernels of this machine and with the plain Go ones.
func both(t *testing.T, test func(t *testing.T)) {
	t.Run(gemm.Kernels(), test)
	t.Run("assembly turned off", func(t *testing.T) {
		defer gemm.Generic()()
		require.Equal(t, "pure Go kernels", gemm.Kernels())
		test(t)
	})
}

// canary is a NaN that no computation gives.
var canary = math.Float32frombits(0x7fc0beef)

// fenced returns n random floats, and after as well as before them canaries.
func fenced(rng *rand.Rand, n int) (x []float32, whole []float32) {
	const fence = 40
	at := fence + rng.IntN(16)
	whole = make([]float32, at+n+fence)
	for i := range whole {
		whole[i] = canary
	}
	x = whole[at : at+n : at+n]
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x, whole
}

func random(rng *rand.Rand, n int) []float32 {
	x, _ := fenced(rng, n)
	return x
}

// rowsOf returns a random matrix with canaries between its rows.
func rowsOf(rng *rand.Rand, m, n, stride int) []float32 {
	if m == 0 || n == 0 {
		return nil
	}
	x := random(rng, (m-1)*stride+n)
	for i := range x {
		if i%stride >= n {
			x[i] = canary
		}
	}
	return x
}

// sum is a sum in float64 with the sum of the absolute values beside it.
type sum struct{ v, total float64 }

func (s *sum) add(v float64) { s.v, s.total = s.v+v, s.total+math.Abs(v) }

// outputs is the wanted rows of outputs before the epilogue.
type outputs struct {
	m, n int
	sums []sum
}

// result is one call's destination.
type result struct {
	dst    []float32
	whole  []float32
	before []float32
	stride int
}

func newResult(rng *rand.Rand, m, n, stride int) result {
	r := result{stride: stride}
	if m > 0 && n > 0 {
		r.dst, r.whole = fenced(rng, (m-1)*stride+n)
		for i := range r.dst {
			if i%stride >= n {
				r.dst[i] = canary
			}
		}
	}
	r.before = append([]float32(nil), r.dst...)
	return r
}

// check holds the destination against the sums and the epilogue: terms is the
// length of the longest sum. The bound is that of any order of additions, twice
// because fused and separate operations both count as right.
func (r result) check(t *testing.T, want outputs, e gemm.Epilogue, add []float32, terms int, label string) {
	t.Helper()
	for i := range want.m {
		for j := range want.n {
			s := want.sums[i*want.n+j]
			if e.Bias != nil {
				s.add(float64(e.Bias[j]))
			}
			if add != nil {
				s.add(float64(add[i*e.AddStride+j]))
			}
			if e.Accumulate {
				s.add(float64(r.before[i*r.stride+j]))
			}
			v, got := s.v, float64(r.dst[i*r.stride+j])
			if e.Clamp {
				v = max(float64(e.Lo), min(float64(e.Hi), v))
			}
			if math.IsNaN(v) && math.IsNaN(got) || v == got {
				continue
			}
			if !(math.Abs(v-got) <= 2*float64(terms+4)*0x1p-24*s.total+1e-44) {
				require.Failf(t, "wrong output", "%s: row %d column %d: %v, want %v", label, i, j, got, v)
			}
		}
	}
	r.checkUntouched(t, want.m, want.n, label)
}

// checkUntouched fails if anything between and around the rows has changed.
func (r result) checkUntouched(t *testing.T, m, n int, label string) {
	t.Helper()
	bits := math.Float32bits(canary)
	for i, v := range r.dst {
		if i%r.stride >= n && math.Float32bits(v) != bits {
			require.Failf(t, "written between rows", "%s: float %d", label, i)
		}
	}
	at := 0
	for at < len(r.whole) && math.Float32bits(r.whole[at]) == bits {
		at++
	}
	if len(r.dst) == 0 {
		return
	}
	start := cap(r.whole) - len(r.dst) - 40
	for i, v := range r.whole {
		if (i < start || i >= start+len(r.dst)) && math.Float32bits(v) != bits {
			require.Failf(t, "written outside", "%s: float %d of %d", label, i, len(r.whole))
		}
	}
}

// epilogues are the combinations that a kernel distinguishes.
func epilogue(rng *rand.Rand, bits, m, n int) gemm.Epilogue {
	var e gemm.Epilogue
	if bits&1 != 0 {
		e.Bias = random(rng, n)
	}
	if bits&2 != 0 {
		e.AddStride = n + rng.IntN(3)
		e.Add = rowsOf(rng, m, n, e.AddStride)
	}
	e.Accumulate = bits&4 != 0
	if bits&8 != 0 {
		e.Clamp, e.Lo, e.Hi = true, -0.5, 1.5
	}
	return e
}

// product is the definition of a matrix product.
func product(a []float32, lda, m int, b func(p, j int) float32, n, k int) outputs {
	o := outputs{m: m, n: n, sums: make([]sum, m*n)}
	for i := range m {
		for j := range n {
			s := &o.sums[i*n+j]
			for p := range k {
				s.add(float64(a[i*lda+p]) * float64(b(p, j)))
			}
		}
	}
	return o
}
