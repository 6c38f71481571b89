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

// kaiserSeries returns the coefficients in (1-u²)^k of the Kaiser window
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
	return c
}

// at returns the value at time t.
func (k *kernel) at(t float64) float64 {
	u := t / k.width
	if u <= -1 || u >= 1 {
		return 0
	}
	v := 1 - u*u
	var w float64
	for i := len(k.window) - 1; i >= 0; i-- {
		w = w*v + k.window[i]
	}
	if t == 0 {
		return w * k.cutoff
	}
	return w * math.Sin(math.Pi*k.cutoff*t) / (math.Pi * t)
}
