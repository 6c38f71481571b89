package fft

import "math"

// chirp is the transform of any length as a convolution, after Bluestein, "A
// linear filtering approach to the computation of discrete Fourier transform",
// 1970: with w[j] = exp(-πij²/n) the transform of x is
//
//	y[k] = w[k] · Σ (x[j]·w[j]) · conj(w[k-j])
type chirp struct {
	w      []complex64
	kernel []complex64 // transform of conj(w), over its length
	inner  *transform  // of a length that holds the convolution
}

func newChirp(n int) *chirp {
	c := &chirp{w: make([]complex64, n), inner: newTransform(roomy(2*n - 1))}
	z := c.inner.in()
	scale := float32(1 / float64(len(z)))
	for j := range n {
		// j² modulo 2n keeps the angle small and so exact.
		c.w[j] = root(int(uint64(j)*uint64(j)%uint64(2*n)), 2*n)
		v := complex(real(c.w[j])*scale, -imag(c.w[j])*scale)
		z[j] = v
		z[(len(z)-j)%len(z)] = v
	}
	c.kernel = append([]complex64(nil), c.inner.run()...)
	return c
}

// roomy returns the least length from n on whose only prime factors are 2, 3
// and 5.
func roomy(n int) int {
	best := math.MaxInt
	for five := 1; five < best; five *= 5 {
		for three := five; three < best; three *= 3 {
			m := three
			for m < n {
				m *= 2
			}
			best = min(best, m)
			if three >= n {
				break
			}
		}
		if five >= n {
			break
		}
	}
	return best
}

func (c *chirp) clone() *chirp { return &chirp{w: c.w, kernel: c.kernel, inner: c.inner.clone()} }

func (c *chirp) run(dst, src []complex64) {
	z := c.inner.in()
	for j, v := range src {
		z[j] = times(v, c.w[j])
	}
	clear(z[len(src):])
	spectrum := c.inner.run()
	z = c.inner.in()
	for k, v := range spectrum { // conjugate: the next transform is to be an inverse one
		v = times(v, c.kernel[k])
		z[k] = complex(real(v), -imag(v))
	}
	y := c.inner.run()
	for k := range dst {
		dst[k] = times(complex(real(y[k]), -imag(y[k])), c.w[k])
	}
}
