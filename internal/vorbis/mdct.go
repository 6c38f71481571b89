package vorbis

import (
	"math"

	"github.com/quintet-ai/quintet/internal/fft"
)

// transform is a DCT-IV of n lines: y[i] is the sum of x[k]*cos(pi/n*(i+1/2)*(k+1/2)).
// With z[m] = x[2m] + i*x[n-1-2m], turned by pi*(8m+1)/(8n) before and behind a complex
// transform of half the length, y[2m] is the real part and y[n-1-2m] the imaginary one,
// negative.
type transform struct {
	n           int
	turns       []turn
	plan        *fft.Plan // of n/2 real numbers; there are two of them in a complex one
	re, im      []float32
	reBin, iBin []complex64
}

type turn struct{ cos, sin float32 }

func newTransform(n int) *transform {
	t := &transform{
		n: n, turns: make([]turn, n/2), plan: fft.New(n / 2),
		re: make([]float32, n/2), im: make([]float32, n/2),
	}
	t.reBin, t.iBin = make([]complex64, t.plan.Bins()), make([]complex64, t.plan.Bins())
	for m := range t.turns {
		s, c := math.Sincos(math.Pi * float64(8*m+1) / float64(8*n))
		t.turns[m] = turn{float32(c), float32(s)}
	}
	return t
}

// run transforms x in place.
func (t *transform) run(x []float32) {
	re, im, turns := t.re, t.im[:len(t.re)], t.turns[:len(t.re)]
	for m := range re {
		a, b, by := x[2*m], x[t.n-1-2*m], turns[m]
		re[m], im[m] = a*by.cos+b*by.sin, b*by.cos-a*by.sin
	}
	t.plan.Forward(t.reBin, re)
	t.plan.Forward(t.iBin, im)
	half := len(re)
	put := func(m int, a, b float32) {
		by := turns[m]
		x[2*m], x[t.n-1-2*m] = a*by.cos+b*by.sin, a*by.sin-b*by.cos
	}
	for m, a := range t.reBin {
		b := t.iBin[m]
		put(m, real(a)-imag(b), imag(a)+real(b))
		if m > 0 && 2*m < half {
			put(half-m, real(a)+imag(b), real(b)-imag(a))
		}
	}
}

// slope returns the rising half of the window of a block of 2n samples.
func slope(n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		s := math.Sin(math.Pi / 2 * (float64(i) + 0.5) / float64(n))
		w[i] = float32(math.Sin(math.Pi / 2 * s * s))
	}
	return w
}
