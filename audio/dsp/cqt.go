package dsp

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/fft"
)

// CQTOptions configures a [CQT]. The zero value has the defaults of librosa.cqt.
type CQTOptions struct {
	// Rate is the number of samples in a second. Default: 22050.
	Rate int

	// Hop is the distance between frames in samples, up to MaxFFTSize.
	// Default: 512.
	Hop int

	// FMin is the frequency of the lowest bin in Hz. Default: that of C1, 32.70.
	FMin float64

	// Bins is the number of bins, up to 1024; the highest must end below half of
	// Rate. Default: 84.
	Bins int

	// BinsPerOctave is their number in an octave, up to 192. Default: 12.
	BinsPerOctave int
}

// lowestC is the frequency of C1 in Hz.
const lowestC = 32.70319566257483

// maxCQTBins bounds CQTOptions.Bins.
const maxCQTBins = 1024

func (o CQTOptions) withDefaults() (CQTOptions, error) {
	if o.Rate == 0 {
		o.Rate = 22050
	}
	if o.Hop == 0 {
		o.Hop = 512
	}
	if o.FMin == 0 {
		o.FMin = lowestC
	}
	if o.Bins == 0 {
		o.Bins = 84
	}
	if o.BinsPerOctave == 0 {
		o.BinsPerOctave = 12
	}
	switch {
	case o.Rate < 1 || o.Rate > 1<<24 || o.Hop < 1 || o.Hop > MaxFFTSize:
		return o, fmt.Errorf("dsp: constant-Q at rate %d, hop %d: %w", o.Rate, o.Hop, quintet.ErrOption)
	case o.Bins < 1 || o.Bins > maxCQTBins || o.BinsPerOctave < 1 || o.BinsPerOctave > 192:
		return o, fmt.Errorf("dsp: constant-Q of %d bins, %d an octave: %w", o.Bins, o.BinsPerOctave, quintet.ErrOption)
	case !(o.FMin > 0) || o.length(0) > MaxFFTSize/2:
		return o, fmt.Errorf("dsp: constant-Q from %v Hz at rate %d: %w", o.FMin, o.Rate, quintet.ErrOption)
	}
	if top := o.hz(o.Bins-1) * (1 + 1/o.q()); top > float64(o.Rate)/2 {
		return o, fmt.Errorf("dsp: constant-Q up to %v Hz at rate %d: %w", top, o.Rate, quintet.ErrOption)
	}
	return o, nil
}

// hz returns the frequency of a bin.
func (o CQTOptions) hz(bin int) float64 {
	return o.FMin * math.Exp2(float64(bin)/float64(o.BinsPerOctave))
}

// q returns the ratio of the frequency of a bin to its bandwidth.
func (o CQTOptions) q() float64 {
	r := math.Exp2(2 / float64(o.BinsPerOctave))
	return (r + 1) / (r - 1)
}

// length returns the length of the window of a bin in samples.
func (o CQTOptions) length(bin int) float64 { return o.q() * float64(o.Rate) / o.hz(bin) }

// CQT computes constant-Q transforms: magnitudes at frequencies that are spaced like
// the notes of a scale, each over a window of the same number of periods. With the
// Hann window h of length L_k the value of bin k of frequency f_k is
//
//	√L_k · |Σ x[t]·h[t]·exp(-2πi·t·f_k/Rate)| / Σ h[t]
//
// which is librosa.cqt (librosa 0.10, defaults) before its own rounding: a sine of
// amplitude A has A·√L_k/2. All bins come from one transform of the frame by kernels
// that are cut where they are below a thousandth of their largest value: Brown,
// Puckette, Journal of the Acoustical Society of America 92(5), 1992. Values are exact
// to about 0.2 % of the largest of the frame.
//
// After [NewCQT] it allocates nothing but what a [Spectrogram] needs to grow. It is
// not safe for concurrent use; Clone gives each goroutine its own.
type CQT struct {
	opt      CQTOptions
	plan     *fft.Plan
	kernels  []cqtKernel
	frame    []float32
	spectrum []complex64
}

// cqtKernel is the part of the transform of a window that counts, times what scales
// the sum.
type cqtKernel struct {
	first  int
	values []complex64
}

// cutKernel is the least magnitude that a kernel keeps, of its largest.
const cutKernel = 1e-3

// NewCQT returns a plan, or an error wrapping [quintet.ErrOption]. It costs
// O(Bins·F·log F) with the length F of the longest window.
func NewCQT(o CQTOptions) (*CQT, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	size := 64
	for float64(size) < o.length(0)+2 {
		size *= 2
	}
	c := &CQT{opt: o, plan: fft.New(size)}
	re, im := make([]float32, size), make([]float32, size)
	a, b := make([]complex64, c.plan.Bins()), make([]complex64, c.plan.Bins())
	for bin := range o.Bins {
		c.window(re, im, bin)
		c.plan.Forward(a, re)
		c.plan.Forward(b, im)
		c.kernels = append(c.kernels, trimKernel(a, b, math.Sqrt(o.length(bin))/float64(size)))
	}
	return c.space(), nil
}

func (c *CQT) space() *CQT {
	c.frame, c.spectrum = make([]float32, c.plan.Len()), make([]complex64, c.plan.Bins())
	return c
}

// window writes the real and imaginary parts of the windowed wave of a bin, which
// sum to 1 in magnitude, around the middle of the frame.
func (c *CQT) window(re, im []float32, bin int) {
	clear(re)
	clear(im)
	half := c.opt.length(bin) / 2
	from, to := int(math.Floor(-half)), int(math.Floor(half))
	total := float64(to-from) / 2 // of a periodic Hann window
	for t := from; t < to; t++ {
		h := Hann.at(float64(t-from)/float64(to-from)) / total
		sin, cos := math.Sincos(2 * math.Pi * c.opt.hz(bin) / float64(c.opt.Rate) * float64(t))
		re[len(re)/2+t], im[len(im)/2+t] = float32(h*cos), float32(h*sin)
	}
}

// trimKernel returns the conjugate of the spectrum a + ib from the first to the last
// value that counts.
func trimKernel(a, b []complex64, scale float64) cqtKernel {
	peak := 0.0
	at := func(k int) complex128 { return complex128(a[k]) + 1i*complex128(b[k]) }
	size := func(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }
	for k := range a {
		peak = max(peak, size(at(k)))
	}
	low, high := 0, len(a)-1
	for size(at(low)) < cutKernel*cutKernel*peak {
		low++
	}
	for size(at(high)) < cutKernel*cutKernel*peak {
		high--
	}
	k := cqtKernel{first: low}
	for i := low; i <= high; i++ {
		z := at(i)
		k.values = append(k.values, complex64(complex(real(z)*scale, -imag(z)*scale)))
	}
	return k
}

// Clone returns a plan with its own work space that shares the tables of c. It may be
// called while c is in use.
func (c *CQT) Clone() *CQT {
	return (&CQT{opt: c.opt, plan: c.plan.Clone(), kernels: c.kernels}).space()
}

// Options returns the options with their defaults filled in.
func (c *CQT) Options() CQTOptions { return c.opt }

// Hz returns the frequency of a bin, FMin·2^(bin/BinsPerOctave).
func (c *CQT) Hz(bin int) float64 { return c.opt.hz(bin) }

// Frames returns the number of frames of a signal of n samples, 1 + n/Hop, or none if
// n is 0.
func (c *CQT) Frames(n int) int {
	if n < 1 {
		return 0
	}
	return 1 + n/c.opt.Hop
}

// Frame writes the Bins magnitudes of frame i of x to dst. The middle of the frame is
// at sample i·Hop; beyond its ends the signal is silent. It panics if dst is shorter
// or if there is no such frame. NaN and infinite samples give NaN.
func (c *CQT) Frame(dst, x []float32, i int) {
	if i < 0 || i >= c.Frames(len(x)) {
		panic(fmt.Sprintf("dsp: frame %d of %d", i, c.Frames(len(x))))
	}
	first := i*c.opt.Hop - len(c.frame)/2
	clear(c.frame)
	if from, to := max(first, 0), min(first+len(c.frame), len(x)); from < to {
		copy(c.frame[from-first:], x[from:to])
	}
	shift := tame(c.frame)
	c.plan.Forward(c.spectrum, c.frame)
	dst = dst[:len(c.kernels)]
	for bin := range c.kernels {
		k := &c.kernels[bin]
		var re, im float32
		for j, z := range c.spectrum[k.first:][:len(k.values)] {
			v := k.values[j]
			re += real(z)*real(v) - imag(z)*imag(v)
			im += real(z)*imag(v) + imag(z)*real(v)
		}
		dst[bin] = scaled(float32(math.Hypot(float64(re), float64(im))), shift)
	}
}

// Spectrogram writes all frames of x to dst, whose memory it uses if that is large
// enough.
func (c *CQT) Spectrogram(dst *Spectrogram, x []float32) {
	hop := float64(c.opt.Hop) / float64(c.opt.Rate) * float64(time.Second)
	dst.shape(c.Frames(len(x)), c.opt.Bins, time.Duration(math.Round(hop)))
	for i := range dst.Frames {
		c.Frame(dst.Row(i), x, i)
	}
}
