package audio

import "math"

// The low-pass filter of the resampler: a sinc under a Kaiser window, with
// kernelZeros zero crossings to each side, for a stop band of about 118 dB
// (Kaiser and Schafer, "On the use of the I0-sinh window", 1980). kernelCutoff
// is the frequency of half amplitude relative to half of the lower rate.
const (
	kernelZeros  = 48
	kernelBeta   = 12.0
	kernelCutoff = 0.955
)

// kernel is the filter as a function of the time in input samples.
type kernel struct {
	cutoff float64 // cycles per two input samples
	width  float64 // 0 from there on
	window []float64
}

func newKernel(ratio float64) kernel {
	lower := min(ratio, 1)
	return kernel{kernelCutoff * lower, kernelZeros / lower, kaiserSeries(kernelBeta)}
}

// kaiserSeries returns coefficients in (1-u²)^k, a multiple of four, of the Kaiser
// window
//
//	I0(β·√(1-u²)) / I0(β) = Σ (β/2)^2k/(k!)² · (1-u²)^k / I0(β)
func kaiserSeries(beta float64) []float64 {
	term, sum := 1.0, 0.0
	var c []float64
	for k := 1; term > 1e-12*sum; k++ {
		c = append(c, term)
		sum += term
		term *= beta * beta / 4 / float64(k*k)
	}
	for k := range c {
		c[k] /= sum
	}
	for len(c)%4 != 0 {
		c = append(c, 0)
	}
	return c
}

// fill writes the values at the times t, t+1, t+2 and so on. The sine turns by the
// same angle from each to the next.
func (k *kernel) fill(row []float64, t float64) {
	stepSin, stepCos := math.Sincos(math.Pi * k.cutoff)
	sin, cos := math.Sincos(math.Pi * k.cutoff * t)
	for j := range row {
		u := t + float64(j)
		row[j] = k.taper(u/k.width) * k.cutoff
		if math.Abs(u) > 1e-9 {
			row[j] *= sin / (math.Pi * k.cutoff * u)
		}
		sin, cos = sin*stepCos+cos*stepSin, cos*stepCos-sin*stepSin
	}
}

// taper returns the window at u, which is 0 beyond -1 and 1.
func (k *kernel) taper(u float64) float64 {
	if u <= -1 || u >= 1 {
		return 0
	}
	v := 1 - u*u
	v2 := v * v
	v4 := v2 * v2
	var a, b, c, d float64 // four chains of sums at a time
	for i := len(k.window) - 4; i >= 0; i -= 4 {
		w := k.window[i:][:4]
		a, b, c, d = a*v4+w[0], b*v4+w[1], c*v4+w[2], d*v4+w[3]
	}
	return a + v*b + v2*(c+v*d)
}
