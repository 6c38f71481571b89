package dsp

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/fft"
)

// Pitch is the fundamental frequency of a frame.
type Pitch struct {
	// Time is that of the middle of the frame.
	Time time.Duration `json:"time"`

	// Hz is the frequency, 0 where no frequency was found.
	Hz float32 `json:"hz"`

	// Confidence is 1 less the depth of the dip in the difference function
	// that gives Hz, from 0 to 1; it is near 1 for periodic frames, 0 for
	// silence and frames with samples that are NaN or infinite.
	Confidence float32 `json:"confidence"`
}

// Voiced reports whether a frequency was found.
func (p Pitch) Voiced() bool { return p.Hz > 0 }

// YINOptions configures a [YIN].
type YINOptions struct {
	// Rate is the number of samples in a second. Default: 16000.
	Rate int

	// FMin and FMax bound the frequency in Hz, FMax by a quarter of Rate. Above
	// an eighth of Rate a period has too few samples to be found reliably.
	// Default: 65 and 2093, C2 and C7, or an eighth of Rate if that is less.
	FMin, FMax float64

	// Hop is the distance between frames in samples. Default: 10 ms.
	Hop int

	// Threshold is the depth below which the first dip of the normalised
	// difference is taken; where none is as deep, the frame has no frequency.
	// Default: 0.15.
	Threshold float64
}

func (o YINOptions) withDefaults() (YINOptions, error) {
	if o.Rate < 0 || o.Rate > 1<<24 || o.Hop < 0 || o.Hop > MaxFFTSize {
		return o, fmt.Errorf("dsp: pitch at rate %d, hop %d: %w", o.Rate, o.Hop, quintet.ErrOption)
	}
	if o.Rate == 0 {
		o.Rate = 16000
	}
	if o.Hop == 0 {
		o.Hop = max(o.Rate/100, 1)
	}
	quarter := float64(o.Rate) / 4
	if o.FMax == 0 {
		o.FMax = min(2093, quarter/2)
	}
	if o.FMin == 0 {
		o.FMin = min(65, o.FMax/2)
	}
	if o.Threshold == 0 {
		o.Threshold = 0.15
	}
	switch {
	case !(0 < o.FMin && o.FMin < o.FMax && o.FMax <= quarter) || float64(o.Rate)/o.FMin > MaxFFTSize/8:
		return o, fmt.Errorf("dsp: pitch from %v to %v Hz at rate %d: %w", o.FMin, o.FMax, o.Rate, quintet.ErrOption)
	case !(0 < o.Threshold && o.Threshold < 1):
		return o, fmt.Errorf("dsp: threshold %v, must be in (0, 1): %w", o.Threshold, quintet.ErrOption)
	}
	return o, nil
}

// YIN finds the fundamental frequency of a voice or an instrument: the first deep
// dip of the mean normalised difference of the signal with itself, refined by a
// parabola. De Cheveigné, Kawahara, Journal of the Acoustical Society of America
// 111(4), 2002; its step 6 is left out. A frame holds a window of two periods of
// FMin and what is compared with it. After [NewYIN] it allocates only what its
// results need to grow. It is not safe for concurrent use; Clone gives each
// goroutine its own.
type YIN struct {
	opt      YINOptions
	low      int // shortest lag in samples
	high     int // longest lag
	window   int // samples that are compared
	plan     *fft.Plan
	frame    []float32
	head     []float32 // the window, then zeros
	tail     []float32
	spectrum []complex64
	other    []complex64
	diff     []float64 // by lag
}

// NewYIN returns a plan, or an error wrapping [quintet.ErrOption].
func NewYIN(o YINOptions) (*YIN, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	y := &YIN{opt: o, low: max(int(float64(o.Rate)/o.FMax), 2), high: int(math.Ceil(float64(o.Rate)/o.FMin)) + 1}
	y.window = 2 * y.high
	size := 1
	for size < y.window+y.high {
		size *= 2
	}
	y.plan = fft.New(size)
	return y.space(), nil
}

func (y *YIN) space() *YIN {
	n := y.plan.Len()
	y.frame, y.head, y.tail = make([]float32, y.window+y.high), make([]float32, n), make([]float32, n)
	y.spectrum, y.other = make([]complex64, y.plan.Bins()), make([]complex64, y.plan.Bins())
	y.diff = make([]float64, y.high+1)
	return y
}

// Clone returns a plan with its own work space that shares the tables of y. It
// may be called while y is in use.
func (y *YIN) Clone() *YIN {
	c := &YIN{opt: y.opt, low: y.low, high: y.high, window: y.window, plan: y.plan.Clone()}
	return c.space()
}

// Options returns the options with their defaults filled in.
func (y *YIN) Options() YINOptions { return y.opt }

// Track appends the pitch of each frame of x to dst[:0] and returns it. The middle
// of frame i is at sample i·Hop; beyond its ends the signal is silent. An empty
// signal has no frames, any other 1 + len(x)/Hop. It costs O(F log F) for a frame
// of F samples.
func (y *YIN) Track(dst []Pitch, x []float32) []Pitch {
	dst = dst[:0]
	if len(x) == 0 {
		return dst
	}
	for i := range 1 + len(x)/y.opt.Hop {
		at := float64(i*y.opt.Hop) / float64(y.opt.Rate)
		p := Pitch{Time: time.Duration(math.Round(at * float64(time.Second)))}
		if y.load(x, i*y.opt.Hop-len(y.frame)/2) {
			y.difference()
			p.Hz, p.Confidence = y.pick()
		}
		dst = append(dst, p)
	}
	return dst
}

// TrackPitch returns the pitch of each frame of x, or an error wrapping
// [quintet.ErrOption].
func TrackPitch(x []float32, o YINOptions) ([]Pitch, error) {
	y, err := NewYIN(o)
	if err != nil {
		return nil, err
	}
	return y.Track(nil, x), nil
}

// load fills the frame that begins at sample first of x, at a level that needs no
// care. It reports whether there is anything to hear.
func (y *YIN) load(x []float32, first int) bool {
	clear(y.frame)
	from, to := max(first, 0), min(first+len(y.frame), len(x))
	if from >= to {
		return false
	}
	copy(y.frame[from-first:], x[from:to])
	peak := Peak(y.frame)
	if !(peak > 0 && peak <= math.MaxFloat32) {
		return false
	}
	scale := 1 / peak
	for i, v := range y.frame {
		y.frame[i] = float32(float64(v) * scale)
	}
	return true
}

// difference fills diff with the mean normalised difference: d(lag) is the energy
// of the window plus that of the window lag samples later less twice their
// product, which is a correlation; the value is d(lag) over the mean of d(1) to
// d(lag).
func (y *YIN) difference() {
	copy(y.head, y.frame[:y.window])
	copy(y.tail, y.frame)
	y.plan.Forward(y.spectrum, y.head)
	y.plan.Forward(y.other, y.tail)
	for k, a := range y.spectrum {
		b := y.other[k]
		y.other[k] = complex(real(a)*real(b)+imag(a)*imag(b), real(a)*imag(b)-imag(a)*real(b))
	}
	correlation := y.head
	y.plan.Inverse(correlation, y.other)
	still := energy(y.frame[:y.window])
	moved := still
	sum := 0.0
	y.diff[0] = 1
	for lag := 1; lag <= y.high; lag++ {
		out, in := float64(y.frame[lag-1]), float64(y.frame[lag-1+y.window])
		moved += in*in - out*out
		d := max(still+moved-2*float64(correlation[lag]), 0)
		sum += d
		y.diff[lag] = 1
		if sum > 0 {
			y.diff[lag] = d * float64(lag) / sum
		}
	}
	clear(y.head)
	clear(y.tail)
}

// pick returns the frequency of the first dip below the threshold.
func (y *YIN) pick() (hz, confidence float32) {
	best := y.low
	for lag := y.low; lag < y.high; lag++ {
		if y.diff[lag] < y.diff[best] {
			best = lag
		}
		if y.diff[lag] < y.opt.Threshold {
			for lag+1 < y.high && y.diff[lag+1] < y.diff[lag] {
				lag++
			}
			best = lag
			break
		}
	}
	depth := y.diff[best]
	if depth >= y.opt.Threshold {
		return 0, float32(max(1-depth, 0))
	}
	lag := float64(best) + vertex(y.diff[best-1], depth, y.diff[best+1])
	return float32(float64(y.opt.Rate) / lag), float32(1 - depth)
}

// vertex returns where the parabola through three values, 1 apart, has its extreme,
// relative to the middle one and at most half a step away.
func vertex(a, b, c float64) float64 {
	curve := a - 2*b + c
	if curve == 0 {
		return 0
	}
	return min(max((a-c)/(2*curve), -0.5), 0.5)
}
