package fft_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/fft"
	"github.com/quintet-ai/quintet/internal/synth"
)

// dft is the transform by its definition.
func dft(x []float32) []complex128 {
	n := len(x)
	roots := make([]complex128, n)
	for j := range roots {
		roots[j] = cmplx.Exp(complex(0, -2*math.Pi*float64(j)/float64(n)))
	}
	out := make([]complex128, n/2+1)
	for k := range out {
		for j, v := range x {
			out[k] += complex(float64(v), 0) * roots[j*k%n]
		}
	}
	return out
}

// lengths are all small ones, then what callers use, primes, prime powers,
// products around the largest radix and their neighbours.
func lengths() []int {
	var all []int
	for n := 1; n <= 64; n++ {
		all = append(all, n)
	}
	return append(all, 67, 97, 101, 121, 128, 169, 187, 221, 240, 243, 256, 257, 286, 343, 399, 400, 401,
		480, 500, 504, 509, 511, 512, 513, 625, 640, 729, 1000, 1001, 1009, 1018, 1024, 1056, 1103, 1200, 2048)
}

// tolerance bounds the error of one value relative to the norm of the signal:
// a float32 rounds by 6e-8, each of some log2(n) stages a few times.
func tolerance(n int) float64 { return 1e-7 * (3 + math.Log2(float64(n))) }

func norm(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// both runs a test as it is and with the assembly turned off.
func both(t *testing.T, test func(t *testing.T)) {
	t.Run("assembly if there is any", test)
	t.Run("Go", func(t *testing.T) {
		defer fft.Generic()()
		test(t)
	})
}

func TestForwardIsTheDefinition(t *testing.T) { both(t, forwardIsTheDefinition) }

func forwardIsTheDefinition(t *testing.T) {
	for _, n := range lengths() {
		x := synth.Noise(uint64(n), n, 1)
		before := append([]float32(nil), x...)
		want, got := dft(x), make([]complex64, n/2+1)
		p := fft.New(n)
		require.Equal(t, n, p.Len())
		require.Equal(t, len(want), p.Bins())
		p.Forward(got, x)
		require.Equal(t, before, x, "n=%d: the source was changed", n)
		var worst float64
		for k := range want {
			worst = max(worst, cmplx.Abs(complex128(got[k])-want[k]))
		}
		require.LessOrEqual(t, worst, tolerance(n)*norm(x), "n=%d", n)
	}
}

func TestPowerIsTheSquareOfForward(t *testing.T) { both(t, powerIsTheSquareOfForward) }

func powerIsTheSquareOfForward(t *testing.T) {
	for _, n := range lengths() {
		x := synth.Noise(uint64(n), n, 1)
		spectrum, power := make([]complex64, n/2+1), make([]float32, n/2+1)
		p := fft.New(n)
		p.Forward(spectrum, x)
		p.Power(power, x)
		for k, z := range spectrum {
			if want := real(z)*real(z) + imag(z)*imag(z); math.Abs(float64(power[k]-want)) > 1e-6*float64(want) {
				t.Fatalf("n=%d k=%d: %v, want %v", n, k, power[k], want)
			}
		}
	}
}

func TestInverseUndoesForward(t *testing.T) { both(t, inverseUndoesForward) }

func inverseUndoesForward(t *testing.T) {
	for _, n := range lengths() {
		x := synth.Noise(uint64(n), n, 1)
		spectrum, got := make([]complex64, n/2+1), make([]float32, n)
		p := fft.New(n)
		p.Forward(spectrum, x)
		p.Inverse(got, spectrum)
		var worst float64
		for j := range x {
			worst = max(worst, math.Abs(float64(x[j]-got[j])))
		}
		require.LessOrEqual(t, worst, 2*tolerance(n), "n=%d", n)
	}
}

func TestInverseIgnoresImpossibleImaginaryParts(t *testing.T) {
	for _, n := range []int{1, 2, 5, 8, 19} {
		clean, dirty := make([]complex64, n/2+1), make([]complex64, n/2+1)
		for k := range clean {
			clean[k] = complex(float32(k+1), float32(k))
			dirty[k] = clean[k]
		}
		dirty[0] += 7i
		if n%2 == 0 {
			clean[n/2] = complex(real(clean[n/2]), 0)
		}
		want, got := make([]float32, n), make([]float32, n)
		fft.New(n).Inverse(want, clean)
		fft.New(n).Inverse(got, dirty)
		require.Equal(t, want, got, "n=%d", n)
	}
}

func TestCloneSharesNoWorkSpace(t *testing.T) {
	for _, n := range []int{400, 401, 509} {
		p := fft.New(n)
		x := synth.Noise(1, n, 1)
		want := make([]float32, p.Bins())
		p.Power(want, x)
		done := make(chan []float32)
		for range 4 {
			c := p.Clone()
			go func() {
				got := make([]float32, c.Bins())
				for range 20 {
					c.Power(got, x)
				}
				done <- got
			}()
		}
		for range 4 {
			require.Equal(t, want, <-done)
		}
	}
}

func TestMethodsDoNotAllocate(t *testing.T) {
	for _, n := range []int{1, 400, 401, 509, 512} {
		p := fft.New(n)
		x, power, z := synth.Noise(1, n, 1), make([]float32, p.Bins()), make([]complex64, p.Bins())
		require.Zero(t, testing.AllocsPerRun(10, func() {
			p.Forward(z, x)
			p.Inverse(x, z)
			p.Power(power, x)
		}), "n=%d", n)
	}
}

func TestMisuseIsABug(t *testing.T) {
	require.PanicsWithValue(t, "fft: length 0", func() { fft.New(0) })
	p := fft.New(8)
	require.Panics(t, func() { p.Forward(make([]complex64, 4), make([]float32, 8)) })
	require.Panics(t, func() { p.Power(make([]float32, 5), make([]float32, 7)) })
	require.Panics(t, func() { p.Inverse(make([]float32, 7), make([]complex64, 5)) })
}

func BenchmarkPower(b *testing.B) {
	for _, n := range []int{400, 401, 512, 2048} {
		x := synth.Noise(1, n, 1)
		out := make([]float32, n/2+1)
		b.Run(fmt.Sprintf("n=%d/plan", n), func(b *testing.B) {
			p := fft.New(n)
			for b.Loop() {
				p.Power(out, x)
			}
		})
		b.Run(fmt.Sprintf("n=%d/go", n), func(b *testing.B) {
			defer fft.Generic()()
			p := fft.New(n)
			for b.Loop() {
				p.Power(out, x)
			}
		})
		if n > 512 {
			continue
		}
		b.Run(fmt.Sprintf("n=%d/naive", n), func(b *testing.B) {
			table := make([]float32, n) // the definition with its sines computed beforehand
			for j := range table {
				table[j] = float32(math.Cos(2 * math.Pi * float64(j) / float64(n)))
			}
			for b.Loop() {
				naivePower(out, x, table)
			}
		})
	}
}

func naivePower(out, x, cos []float32) {
	n := len(x)
	for k := range out {
		var re, im float32
		at, quarter := 0, n-n/4
		for _, v := range x {
			re += v * cos[at]
			im += v * cos[(at+quarter)%n]
			if at += k; at >= n {
				at -= n
			}
		}
		out[k] = re*re + im*im
	}
}
