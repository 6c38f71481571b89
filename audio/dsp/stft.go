package dsp

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/fft"
)

// Padding says what a centred frame sees beyond the ends of the signal.
type Padding int

const (
	PadReflect Padding = iota // the signal mirrored at its end samples, which are not repeated
	PadZero                   // silence
)

// MaxFFTSize bounds the FFTSize and the Hop of options.
const MaxFFTSize = 1 << 20

// STFTOptions configures an [STFT].
type STFTOptions struct {
	// Rate is the number of samples in a second. It only serves to state
	// times. Default: 16000.
	Rate int

	// FFTSize is the length of a frame in samples, any number up to
	// MaxFFTSize. Default: 400.
	FFTSize int

	// WinLength is the length of the window, which lies in the middle of the
	// frame; the rest of the frame is zero. Default: FFTSize.
	WinLength int

	// Hop is the distance between frames in samples, up to MaxFFTSize.
	// Default: a quarter of FFTSize, at least 1.
	Hop int

	// Window tapers the frame. Default: Hann.
	Window Window

	// Symmetric samples the window in its symmetric form rather than its
	// periodic one, as Kaldi does.
	Symmetric bool

	// NoCenter puts the first sample of frame i at i·Hop and makes only
	// frames that lie inside the signal. By default its middle is there, and
	// Pad says what lies outside.
	NoCenter bool

	// Pad fills centred frames beyond the ends of the signal. Default:
	// PadReflect.
	Pad Padding

	// DropLast leaves the last frame out, as Whisper does.
	DropLast bool

	// Snip puts the window at the first sample of the frame, makes frame i start
	// at sample i·Hop, and makes only frames whose window lies inside the
	// signal: the rest of the frame is zero. It is Kaldi's snip-edges; NoCenter
	// and Pad have no effect then.
	Snip bool

	// Gain multiplies the samples. Kaldi counts them as 16-bit integers: 32768.
	// Default: 1.
	Gain float64

	// RemoveMean subtracts from the samples under a window their mean.
	RemoveMean bool

	// PreEmphasis p, from 0 to 1, subtracts from each sample under a window p
	// times the one before, after the mean; the first counts as its own
	// predecessor. Default: 0.
	PreEmphasis float64
}

func (o STFTOptions) withDefaults() (STFTOptions, error) {
	switch {
	case o.Rate < 0 || o.FFTSize < 0 || o.WinLength < 0 || o.Hop < 0:
		return o, fmt.Errorf("dsp: negative rate or length: %w", quintet.ErrOption)
	case o.FFTSize > MaxFFTSize || o.Hop > MaxFFTSize:
		return o, fmt.Errorf("dsp: FFTSize %d or Hop %d is above %d: %w",
			o.FFTSize, o.Hop, MaxFFTSize, quintet.ErrOption)
	case o.Window < 0 || o.Window >= windows:
		return o, fmt.Errorf("dsp: unknown window %d: %w", o.Window, quintet.ErrOption)
	case !(0 <= o.Gain && o.Gain <= math.MaxFloat32) || !(0 <= o.PreEmphasis && o.PreEmphasis <= 1):
		return o, fmt.Errorf("dsp: Gain %v or PreEmphasis %v: %w", o.Gain, o.PreEmphasis, quintet.ErrOption)
	case o.Pad != PadReflect && o.Pad != PadZero:
		return o, fmt.Errorf("dsp: unknown padding %d: %w", o.Pad, quintet.ErrOption)
	}
	if o.Rate == 0 {
		o.Rate = 16000
	}
	if o.FFTSize == 0 {
		o.FFTSize = 400
	}
	if o.WinLength == 0 {
		o.WinLength = o.FFTSize
	}
	if o.Hop == 0 {
		o.Hop = max(o.FFTSize/4, 1)
	}
	if o.Gain == 0 {
		o.Gain = 1
	}
	if o.WinLength > o.FFTSize {
		return o, fmt.Errorf("dsp: WinLength %d is above FFTSize %d: %w", o.WinLength, o.FFTSize, quintet.ErrOption)
	}
	return o, nil
}

// taper returns the samples of the window.
func (o STFTOptions) taper() []float32 {
	if o.Symmetric {
		return o.Window.Symmetric(o.WinLength)
	}
	return o.Window.Periodic(o.WinLength)
}

// STFT is the short-time Fourier transform: the spectra of overlapping windowed
// frames of a signal. After [NewSTFT] it allocates nothing. It is not safe for
// concurrent use; Clone gives each goroutine its own.
type STFT struct {
	opt    STFTOptions
	plan   *fft.Plan
	window []float32
	frame  []float32 // zero outside the window
	back   []float32 // a frame of Inverse
	row    []complex64
	left   int // of the window in the frame
	inside int // samples of a frame that must be there, 0 if centred
}

// NewSTFT returns a plan, or an error wrapping [quintet.ErrOption].
func NewSTFT(o STFTOptions) (*STFT, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &STFT{
		opt:    o,
		plan:   fft.New(o.FFTSize),
		window: o.taper(),
		frame:  make([]float32, o.FFTSize),
		back:   make([]float32, o.FFTSize),
		row:    make([]complex64, o.FFTSize/2+1),
		left:   (o.FFTSize - o.WinLength) / 2,
	}
	switch {
	case o.Snip:
		s.left, s.inside = 0, o.WinLength
	case o.NoCenter:
		s.inside = o.FFTSize
	}
	return s, nil
}

// Clone returns a plan with its own work space that shares the tables of s. It
// may be called while s is in use.
func (s *STFT) Clone() *STFT {
	c := *s
	c.plan, c.frame = s.plan.Clone(), make([]float32, len(s.frame))
	c.back, c.row = make([]float32, len(s.back)), make([]complex64, len(s.row))
	return &c
}

// Options returns the options with their defaults filled in.
func (s *STFT) Options() STFTOptions { return s.opt }

// Bins returns the number of values in a spectrum, FFTSize/2+1. Value k is that
// of the frequency k·Rate/FFTSize.
func (s *STFT) Bins() int { return s.plan.Bins() }

// Frames returns the number of frames of a signal of n samples. An empty signal
// has none. Any other has 1 + n/Hop; with NoCenter 1 + (n-FFTSize)/Hop, with Snip
// 1 + (n-WinLength)/Hop, or none if it is shorter than that. DropLast takes one away.
func (s *STFT) Frames(n int) int {
	frames := 1
	switch {
	case n < 1 || n < s.inside:
		return 0
	case s.inside > 0:
		frames += (n - s.inside) / s.opt.Hop
	default:
		frames += n / s.opt.Hop
	}
	if s.opt.DropLast {
		frames--
	}
	return frames
}

// hop returns the time between frames.
func (s *STFT) hop() time.Duration {
	return time.Duration(math.Round(float64(s.opt.Hop) / float64(s.opt.Rate) * float64(time.Second)))
}

// Spectrum writes the Bins values of frame i of x to dst. It panics if dst is
// shorter or if there is no such frame.
func (s *STFT) Spectrum(dst []complex64, x []float32, i int) {
	dst = dst[:s.Bins()]
	shift := s.load(x, i)
	s.plan.Forward(dst, s.frame)
	if shift != 0 {
		for k, z := range dst {
			dst[k] = complex(scaled(real(z), shift), scaled(imag(z), shift))
		}
	}
}

// Power writes the Bins squared magnitudes of the spectrum of frame i of x to
// dst. It panics if dst is shorter or if there is no such frame.
func (s *STFT) Power(dst, x []float32, i int) {
	dst = dst[:s.Bins()]
	shift := s.load(x, i)
	s.plan.Power(dst, s.frame)
	if shift != 0 {
		for k, v := range dst {
			dst[k] = scaled(v, 2*shift)
		}
	}
}

// Spectrogram writes the Power of all frames of x to dst, whose memory it uses if
// that is large enough.
func (s *STFT) Spectrogram(dst *Spectrogram, x []float32) {
	dst.shape(s.Frames(len(x)), s.Bins(), s.hop())
	for i := range dst.Frames {
		s.Power(dst.Row(i), x, i)
	}
}

// PowerSpectrogram returns the squared magnitudes of the short-time spectra of
// x, or an error wrapping [quintet.ErrOption].
func PowerSpectrogram(x []float32, o STFTOptions) (*Spectrogram, error) {
	s, err := NewSTFT(o)
	if err != nil {
		return nil, err
	}
	out := new(Spectrogram)
	s.Spectrogram(out, x)
	return out, nil
}
