package dsp

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// MelOptions configures a [Mel]. Take a preset and change what you must; the zero
// value is a power spectrogram of 80 Slaney bands at 16 kHz, with the frames of
// Whisper and no logarithm.
type MelOptions struct {
	// Rate is the number of samples in a second. Default: 16000.
	Rate int

	// FFTSize is the length of a frame in samples, any number up to
	// MaxFFTSize. Default: 400.
	FFTSize int

	// WinLength is the length of the window, which lies in the middle of the
	// frame; the rest of the frame is zero. Default: FFTSize.
	WinLength int

	// Hop is the distance between frames in samples, up to MaxFFTSize.
	// Default: 160 if FFTSize is 0 too, else a quarter of FFTSize.
	Hop int

	// Mels is the number of bands, up to MaxMels. Where bands are narrower
	// than the bins of the spectrum, some have no bin and stay 0. Default: 80.
	Mels int

	// FMin and FMax bound the bands in Hz: the lowest band rises from FMin,
	// the highest falls to FMax. Default: 0 and half of Rate, which is also the
	// highest FMax.
	FMin, FMax float64

	// Scale is the formula of the mel scale. Default: ScaleSlaney.
	Scale MelScale

	// Norm scales each band. Default: NormSlaney.
	Norm MelNorm

	// Power is the exponent of the magnitudes: 2 for power, 1 for amplitude.
	// Default: 2.
	Power float64

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

	// DropLast leaves the last frame out.
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

	// Log compresses the values. Default: LogNone.
	Log Log
}

// MaxMels bounds MelOptions.Mels.
const MaxMels = 4096

// WhisperLogMel returns the front end of OpenAI's Whisper models: 16 kHz, frames
// of 25 ms every 10 ms, reflected ends, the last frame dropped, [LogWhisper]. The
// models want 80 bands, large-v3 wants 128; they also want the sound padded with
// silence to 30 s, which is the caller's choice.
func WhisperLogMel(mels int) MelOptions {
	return MelOptions{Rate: 16000, FFTSize: 400, Hop: 160, Mels: mels, DropLast: true, Log: LogWhisper}
}

// LibrosaMel returns the defaults of librosa.feature.melspectrogram (librosa
// 0.10): frames of 2048 samples every 512, 128 bands of power, ends padded with
// silence. Rate 0 is librosa's 22050. For its power_to_db set Log to
// [LogDecibel]. Librosa has the frames in columns.
func LibrosaMel(rate int) MelOptions {
	if rate == 0 {
		rate = 22050
	}
	return MelOptions{Rate: rate, FFTSize: 2048, Hop: 512, Mels: 128, Pad: PadZero}
}

// TorchaudioMel returns the defaults of torchaudio.transforms.MelSpectrogram
// (torchaudio 2): frames of 400 samples every 200, 128 bands of power on the HTK
// scale of height 1, reflected ends. Rate 0 is torchaudio's 16000. Torchaudio has
// the frames in columns, and refuses signals of fewer than 201 samples, which are
// reflected more than once here.
func TorchaudioMel(rate int) MelOptions {
	return MelOptions{Rate: rate, FFTSize: 400, Hop: 200, Mels: 128, Scale: ScaleHTK, Norm: NormNone}
}

// KaldiFbank returns Kaldi's compute-fbank-feats with --dither=0, which
// kaldi-native-fbank and torchaudio.compliance.kaldi.fbank follow: windows of
// 25 ms every 10 ms inside the signal, their mean removed, pre-emphasis 0.97, a
// Povey window, frames filled up to a power of 2, natural logarithms of power in
// bands from 20 Hz, samples counted as 16-bit integers. Rate 0 is 16000. Kaldi's
// own number of bands is 23; models mostly want 80. It is Povey et al., The Kaldi
// Speech Recognition Toolkit, ASRU 2011.
func KaldiFbank(rate, mels int) MelOptions {
	if rate == 0 {
		rate = 16000
	}
	window := max(rate/40, 1)
	size := 1
	for size < window && size < MaxFFTSize {
		size *= 2
	}
	return MelOptions{
		Rate: rate, FFTSize: size, WinLength: window, Hop: max(rate/100, 1), Mels: mels, FMin: 20,
		Scale: ScaleKaldi, Norm: NormNone, Window: Povey, Symmetric: true, Snip: true,
		Gain: 1 << 15, RemoveMean: true, PreEmphasis: 0.97, Log: LogKaldi,
	}
}

func (o MelOptions) withDefaults() (MelOptions, error) {
	switch {
	case o.Mels < 0 || o.Mels > MaxMels:
		return o, fmt.Errorf("dsp: Mels is %d, limit %d: %w", o.Mels, MaxMels, quintet.ErrOption)
	case o.Scale < 0 || o.Scale >= scales:
		return o, fmt.Errorf("dsp: unknown mel scale %d: %w", o.Scale, quintet.ErrOption)
	case o.Norm != NormSlaney && o.Norm != NormNone:
		return o, fmt.Errorf("dsp: unknown mel norm %d: %w", o.Norm, quintet.ErrOption)
	case o.Power != 0 && o.Power != 1 && o.Power != 2:
		return o, fmt.Errorf("dsp: Power is %v, must be 1 or 2: %w", o.Power, quintet.ErrOption)
	case o.Log < 0 || o.Log >= logs:
		return o, fmt.Errorf("dsp: unknown logarithm %d: %w", o.Log, quintet.ErrOption)
	}
	if o.Hop == 0 && o.FFTSize == 0 {
		o.Hop = 160
	}
	frames, err := o.frames().withDefaults()
	if err != nil {
		return o, err
	}
	o.Rate, o.FFTSize, o.WinLength, o.Hop = frames.Rate, frames.FFTSize, frames.WinLength, frames.Hop
	o.Gain = frames.Gain
	if o.Mels == 0 {
		o.Mels = 80
	}
	if o.Power == 0 {
		o.Power = 2
	}
	if o.Power == 1 && o.Log == LogDecibel {
		return o, fmt.Errorf("dsp: LogDecibel wants Power 2: %w", quintet.ErrOption)
	}
	if o.FMax == 0 {
		o.FMax = float64(o.Rate) / 2
	}
	if !(0 <= o.FMin && o.FMin < o.FMax && o.FMax <= float64(o.Rate)/2) {
		return o, fmt.Errorf("dsp: bands from %v to %v Hz at rate %d: %w", o.FMin, o.FMax, o.Rate, quintet.ErrOption)
	}
	return o, nil
}

// frames returns the part of the options that concerns the spectrum.
func (o MelOptions) frames() STFTOptions {
	return STFTOptions{
		Rate: o.Rate, FFTSize: o.FFTSize, WinLength: o.WinLength, Hop: o.Hop,
		Window: o.Window, Symmetric: o.Symmetric, NoCenter: o.NoCenter, Pad: o.Pad, DropLast: o.DropLast,
		Snip: o.Snip, Gain: o.Gain, RemoveMean: o.RemoveMean, PreEmphasis: o.PreEmphasis,
	}
}

// Mel computes mel spectrograms. After [NewMel] it allocates nothing but what a
// [Spectrogram] needs to grow. It is not safe for concurrent use; Clone gives each
// goroutine its own.
type Mel struct {
	opt      MelOptions
	stft     *STFT
	bank     *MelBank
	spectrum []float32
}

// NewMel returns a plan, or an error wrapping [quintet.ErrOption].
func NewMel(o MelOptions) (*Mel, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	stft, err := NewSTFT(o.frames())
	if err != nil {
		return nil, err
	}
	return &Mel{opt: o, stft: stft, bank: newMelBank(o), spectrum: make([]float32, stft.Bins())}, nil
}

// Clone returns a plan with its own work space that shares the tables of m. It
// may be called while m is in use.
func (m *Mel) Clone() *Mel {
	return &Mel{opt: m.opt, stft: m.stft.Clone(), bank: m.bank, spectrum: make([]float32, len(m.spectrum))}
}

// Options returns the options with their defaults filled in.
func (m *Mel) Options() MelOptions { return m.opt }

// Frames returns the number of frames of a signal of n samples; see
// [STFT.Frames].
func (m *Mel) Frames(n int) int { return m.stft.Frames(n) }

// Frame writes the Mels band values of frame i of x to dst, before Log. It
// panics if dst is shorter or if there is no such frame.
func (m *Mel) Frame(dst, x []float32, i int) {
	m.stft.Power(m.spectrum, x, i)
	if m.opt.Power == 1 {
		for k, v := range m.spectrum {
			m.spectrum[k] = float32(math.Sqrt(float64(v)))
		}
	}
	m.bank.Apply(dst, m.spectrum)
}

// Spectrogram writes all frames of x to dst, whose memory it uses if that is
// large enough, and applies Log to them.
func (m *Mel) Spectrogram(dst *Spectrogram, x []float32) {
	m.Shape(dst, len(x))
	for i := range dst.Frames {
		m.Frame(dst.Row(i), x, i)
	}
	m.opt.Log.Apply(dst.Data)
}

// Shape gives dst the size of the spectrogram of n samples. It serves callers
// that fill the rows by Frame themselves, to stop in between.
func (m *Mel) Shape(dst *Spectrogram, n int) {
	dst.shape(m.Frames(n), m.opt.Mels, m.stft.hop())
}

// MelSpectrogram returns the mel spectrogram of x, or an error wrapping
// [quintet.ErrOption].
func MelSpectrogram(x []float32, o MelOptions) (*Spectrogram, error) {
	m, err := NewMel(o)
	if err != nil {
		return nil, err
	}
	out := new(Spectrogram)
	m.Spectrogram(out, x)
	return out, nil
}
