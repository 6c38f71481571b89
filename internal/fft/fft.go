// Package fft holds the discrete Fourier transform of real float32 signals of
// any length.
//
// Lengths whose prime factors are at most 13 run as a Stockham transform of
// radix 4, 2, 3, 5, 7, 11 and 13; every other length runs as a convolution
// (Bluestein). An even length n costs one complex transform of length n/2. On
// amd64 with AVX2 and FMA lengths that are multiples of 8 run in assembly, but for
// stages of radix 7, 11 and 13; the build tag purego leaves it out.
package fft

import (
	"fmt"
	"math"
	"unsafe"
)

// Plan is the transform of real signals of one length. After New nothing
// allocates. The methods share work space, so a Plan is not safe for concurrent
// use; Clone gives each goroutine its own.
type Plan struct {
	n     int
	inner *transform  // of length n/2 if n is even, else n
	turns []complex64 // even n: -i/2·exp(-2πik/n) for k up to n/4
}

// New returns the plan for signals of n samples. It takes O(n log n) time and
// O(n) memory. It panics if n < 1.
func New(n int) *Plan {
	if n < 1 {
		panic(fmt.Sprintf("fft: length %d", n))
	}
	if n%2 != 0 {
		return &Plan{n: n, inner: newTransform(n)}
	}
	p := &Plan{n: n, inner: newTransform(n / 2), turns: make([]complex64, n/4+1)}
	for k := range p.turns {
		w := root(k, n)
		p.turns[k] = complex(imag(w)/2, -real(w)/2)
	}
	return p
}

// Clone returns a plan with its own work space that shares the tables of p. It
// may be called while p is in use.
func (p *Plan) Clone() *Plan { return &Plan{n: p.n, inner: p.inner.clone(), turns: p.turns} }

// Len returns the number of samples.
func (p *Plan) Len() int { return p.n }

// Bins returns the number of spectral values, n/2+1: those of the frequencies
// from 0 to half the sampling rate. The others are their conjugates.
func (p *Plan) Bins() int { return p.n/2 + 1 }

// Forward writes
//
//	dst[k] = Σ src[j]·exp(-2πijk/n), 0 <= k <= n/2
//
// src is left as it was. It panics if src is shorter than Len or dst shorter
// than Bins. The sum of |src| must not overflow a float32.
func (p *Plan) Forward(dst []complex64, src []float32) {
	dst = dst[:p.Bins()]
	z := p.run(src)
	if p.n%2 != 0 {
		copy(dst, z)
		return
	}
	m := len(z)
	re, im := real(z[0]), imag(z[0])
	dst[0], dst[m] = complex(re+im, 0), complex(re-im, 0)
	for k := splitAll(dst, z, p.turns); k <= m/2; k++ {
		dst[k], dst[m-k] = split(z[k], z[m-k], p.turns[k])
	}
}

// Power writes the squared magnitudes of what Forward would write.
func (p *Plan) Power(dst, src []float32) {
	dst = dst[:p.Bins()]
	z := p.run(src)
	if p.n%2 != 0 {
		for k := range dst {
			dst[k] = square(z[k])
		}
		return
	}
	m := len(z)
	re, im := real(z[0]), imag(z[0])
	dst[0], dst[m] = (re+im)*(re+im), (re-im)*(re-im)
	for k := powerAll(dst, z, p.turns); k <= m/2; k++ {
		a, b := split(z[k], z[m-k], p.turns[k])
		dst[k], dst[m-k] = square(a), square(b)
	}
}

// Inverse writes the real signal whose Forward transform is src, scaled by 1/n,
// so that Inverse undoes Forward. The imaginary parts of src[0] and, for even
// n, of src[n/2] are taken as 0. It panics if dst is shorter than Len or src
// shorter than Bins.
func (p *Plan) Inverse(dst []float32, src []complex64) {
	dst, src = dst[:p.n], src[:p.Bins()]
	z := p.inner.in()
	// With real and imaginary parts exchanged on both sides, the forward
	// transform is the inverse one.
	if p.n%2 != 0 {
		z[0] = complex(0, real(src[0]))
		for k := 1; k < len(src); k++ {
			re, im := real(src[k]), imag(src[k])
			z[k], z[p.n-k] = complex(im, re), complex(-im, re)
		}
		z = p.inner.run()
		scale := 1 / float32(p.n)
		for j := range dst {
			dst[j] = imag(z[j]) * scale
		}
		return
	}
	m := len(z)
	first, last := real(src[0]), real(src[m])
	z[0] = complex(first-last, first+last)
	for k := 1; k <= m/2; k++ {
		z[k], z[m-k] = join(src[k], src[m-k], p.turns[k])
	}
	z = p.inner.run()
	scale := 1 / float32(p.n)
	for j := range z {
		dst[2*j], dst[2*j+1] = imag(z[j])*scale, real(z[j])*scale
	}
}

// run transforms src: as it is for odd n, else with the even samples as real and
// the odd ones as imaginary parts.
func (p *Plan) run(src []float32) []complex64 {
	src = src[:p.n]
	z := p.inner.in()
	if p.n%2 != 0 {
		for j, v := range src {
			z[j] = complex(v, 0)
		}
		return p.inner.run()
	}
	// A complex64 is a pair of float32 in memory.
	copy(z, unsafe.Slice((*complex64)(unsafe.Pointer(unsafe.SliceData(src))), len(z)))
	return p.inner.run()
}

// split takes the values a at k and b at m-k of the packed transform of length
// m apart. With the spectra e of the even and o of the odd samples,
//
//	e = (a + conj b)/2,  o = (a - conj b)/2i,  w = exp(-2πik/n)
//
// the signal has e + w·o at k and the conjugate of e - w·o at m-k. The turn is
// w/2i.
func split(a, b, turn complex64) (atK, atMK complex64) {
	e := complex((real(a)+real(b))*0.5, (imag(a)-imag(b))*0.5)
	o := times(complex(real(a)-real(b), imag(a)+imag(b)), turn)
	return e + o, complex(real(e)-real(o), imag(o)-imag(e))
}

// join undoes split up to a factor of 2 and exchanges real and imaginary parts
// of its results.
func join(a, b, turn complex64) (atK, atMK complex64) {
	er, ei := real(a)+real(b), imag(a)-imag(b)
	o := times(complex(real(a)-real(b), imag(a)+imag(b)), complex(-2*imag(turn), -2*real(turn)))
	return complex(ei+real(o), er-imag(o)), complex(real(o)-ei, er+imag(o))
}

func square(z complex64) float32 { return real(z)*real(z) + imag(z)*imag(z) }

// root returns exp(-2πij/n), rounded once.
func root(j, n int) complex64 {
	sin, cos := math.Sincos(-2 * math.Pi * float64(j%n) / float64(n))
	return complex(float32(cos), float32(sin))
}
