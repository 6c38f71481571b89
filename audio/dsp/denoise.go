package dsp

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// DenoiserOptions configures a [Denoiser].
type DenoiserOptions struct {
	// FFTSize and Hop are those of the short-time spectra. Default: 1024, which
	// suits speech at 16 kHz, and a quarter of FFTSize.
	FFTSize, Hop int

	// Threshold is how far above the mean power of the noise a value must be to
	// count as sound, in decibels above 0. Default: 6.
	Threshold float64

	// Reduction is how much softer the rest becomes in decibels above 0.
	// Default: 20.
	Reduction float64
}

func (o DenoiserOptions) withDefaults() (DenoiserOptions, error) {
	if o.FFTSize == 0 {
		o.FFTSize = 1024
	}
	if o.Threshold == 0 {
		o.Threshold = 6
	}
	if o.Reduction == 0 {
		o.Reduction = 20
	}
	if !(0 < o.Threshold && o.Threshold <= 100 && 0 < o.Reduction && o.Reduction <= 200) {
		return o, fmt.Errorf("dsp: threshold %v dB, reduction %v dB: %w", o.Threshold, o.Reduction, quintet.ErrOption)
	}
	return o, nil
}

// Denoiser makes steady noise softer: a gate for each value of the short-time
// spectra, open where the power is well above that of the noise at that frequency,
// and spread over neighbours so that single values do not ring. It is spectral gating
// after Boll, IEEE Transactions on Acoustics, Speech and Signal Processing 27(2),
// 1979, with gates in place of subtraction. Its memory is kept: runs on signals no
// longer than before allocate nothing. It is not safe for concurrent use.
type Denoiser struct {
	opt     DenoiserOptions
	stft    *STFT
	noise   []float64 // mean power by bin
	learned bool
	spectra []complex64
	sizes   []float32 // magnitudes, then gates
	spread  []float32
	line    []float32
}

// NewDenoiser returns a plan, or an error wrapping [quintet.ErrOption].
func NewDenoiser(o DenoiserOptions) (*Denoiser, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := NewSTFT(STFTOptions{FFTSize: o.FFTSize, Hop: o.Hop, Pad: PadZero})
	if err != nil {
		return nil, err
	}
	o.Hop = s.Options().Hop
	return &Denoiser{opt: o, stft: s, noise: make([]float64, s.Bins())}, nil
}

// Options returns the options with their defaults filled in.
func (d *Denoiser) Options() DenoiserOptions { return d.opt }

// Learn takes the noise from a part of the recording that has nothing else, best some
// tenths of a second. Without it, or after it was given no samples, Run takes it from
// the softest fifth of each frequency, and so counts sounds that last throughout as
// noise.
func (d *Denoiser) Learn(noise []float32) {
	clear(d.noise)
	d.spectra = d.stft.Spectra(d.spectra, finite(noise))
	for i, z := range d.spectra {
		d.noise[i%len(d.noise)] += power(z)
	}
	frames := len(d.spectra) / len(d.noise)
	for k := range d.noise {
		d.noise[k] /= float64(max(frames, 1))
	}
	d.learned = frames > 0
}

// power returns the squared magnitude.
func power(z complex64) float64 {
	re, im := float64(real(z)), float64(imag(z))
	return re*re + im*im
}

// Run writes x with less noise to dst, which may be x. It panics if dst is shorter.
// NaN and infinite samples count as 0. It costs O(n·log FFTSize) for n samples, and
// a sort of each frequency if no noise was learned.
func (d *Denoiser) Run(dst, x []float32) {
	dst = dst[:len(x)]
	d.spectra = d.stft.Spectra(d.spectra, finite(x))
	n, bins := len(d.spectra), len(d.noise)
	d.sizes = slices.Grow(d.sizes[:0], n)[:n]
	d.spread = slices.Grow(d.spread[:0], n)[:n]
	magnitudes(d.sizes, d.spectra)
	if !d.learned {
		d.estimate()
	}
	threshold := math.Pow(10, d.opt.Threshold/10)
	for at := 0; at < n; at += bins {
		open(d.sizes[at:at+bins], d.noise, threshold)
	}
	blur(d.spread, d.sizes, bins, 1)
	blur(d.sizes, d.spread, n, bins)
	floor := d.floor()
	for i, v := range d.sizes {
		d.sizes[i] = gateGain(v, floor)
	}
	d.stft.weighed(dst, d.spectra, d.sizes)
}

// floor returns the gain of a closed gate.
func (d *Denoiser) floor() float32 { return float32(math.Pow(10, -d.opt.Reduction/20)) }

// open makes gates of the magnitudes of a frame: 1 where their power is above the noise by
// a factor, else 0.
func open(row []float32, noise []float64, threshold float64) {
	for k, v := range row {
		row[k] = 0
		if p := float64(v) * float64(v); p > threshold*noise[k] {
			row[k] = 1
		}
	}
}

// gateGain returns the gain of a gate and its neighbours, half of which open it whole.
func gateGain(v, floor float32) float32 { return floor + (1-floor)*min(2*v, 1) }

// weighed writes to dst the signal of spectra after each value was multiplied by its gain.
func (s *STFT) weighed(dst []float32, spectra []complex64, gains []float32) {
	for i, z := range spectra {
		spectra[i] = complex(real(z)*gains[i], imag(z)*gains[i])
	}
	s.Inverse(dst, spectra)
}

// estimate takes the noise from the softest fifth of each frequency. The power of
// noise is distributed exponentially, so a fifth lies below ln(5/4) of its mean.
func (d *Denoiser) estimate() {
	bins := len(d.noise)
	for k := range d.noise {
		d.line = d.line[:0]
		for i := k; i < len(d.sizes); i += bins {
			d.line = append(d.line, d.sizes[i])
		}
		slices.Sort(d.line)
		d.noise[k] = 0
		if len(d.line) > 0 {
			v := float64(d.line[len(d.line)/5])
			d.noise[k] = v * v / math.Log(1.25)
		}
	}
}

// blur writes to dst the mean of each value of src and two neighbours at both sides,
// weighted 1 2 3 2 1. Neighbours lie step apart within rows of width; beyond the
// ends they are 0.
func blur(dst, src []float32, width, step int) {
	for at := 0; at < len(src); at += width {
		row, out := src[at:at+width], dst[at:at+width]
		for i, v := range row {
			sum := 3 * v
			for d, w := range [...]float32{2, 1} {
				reach := (d + 1) * step
				if i >= reach {
					sum += w * row[i-reach]
				}
				if i+reach < len(row) {
					sum += w * row[i+reach]
				}
			}
			out[i] = sum / 9
		}
	}
}

// magnitudes writes those of spectra to dst.
func magnitudes(dst []float32, spectra []complex64) {
	for i, z := range spectra {
		dst[i] = saturate(math.Sqrt(power(z)))
	}
}
