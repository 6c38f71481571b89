package dsp

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// Cepstrum is a convention of cepstral coefficients: how the cosine transform
// (DCT-II) of N band values is scaled, and which factor of the lifter L
// coefficient n has.
type Cepstrum int

const (
	// CepstrumLibrosa scales by √(2/N), coefficient 0 by √(1/N), so that the
	// transform is orthonormal; the lifter is 1 + L/2·sin(π(n+1)/L). Torchaudio,
	// which has no lifter, has the same coefficients.
	CepstrumLibrosa Cepstrum = iota

	// CepstrumHTK scales all coefficients by √(2/N); the lifter is
	// 1 + L/2·sin(πn/L): Young et al., The HTK Book, 5.3 and 5.6.
	CepstrumHTK

	// CepstrumKaldi is orthonormal with the lifter of HTK.
	CepstrumKaldi

	cepstra
)

// MFCCOptions configures an [MFCC].
type MFCCOptions struct {
	// Mel are the bands. Their logarithm is LogDecibel if LogNone is set and
	// the Power is 2, else LogNatural.
	Mel MelOptions

	// Coefficients is their number, at most that of the bands. Default: 13, or
	// the number of bands if that is less.
	Coefficients int

	// Convention scales the coefficients. Default: CepstrumLibrosa.
	Convention Cepstrum

	// Lifter is L, which raises the middle coefficients; 0 for none.
	Lifter float64
}

// LibrosaMFCC returns the defaults of librosa.feature.mfcc (librosa 0.10): 20
// coefficients of [LibrosaMel] in decibels. Rate 0 is librosa's 22050.
func LibrosaMFCC(rate int) MFCCOptions {
	return MFCCOptions{Mel: LibrosaMel(rate), Coefficients: 20}
}

// TorchaudioMFCC returns the defaults of torchaudio.transforms.MFCC (torchaudio
// 2): 40 coefficients of [TorchaudioMel] in decibels. Rate 0 is 16000.
func TorchaudioMFCC(rate int) MFCCOptions {
	return MFCCOptions{Mel: TorchaudioMel(rate), Coefficients: 40}
}

// KaldiMFCC returns Kaldi's compute-mfcc-feats with --dither=0 and
// --use-energy=false: 13 coefficients of [KaldiFbank] with 23 bands, lifter 22.
// Rate 0 is 16000.
func KaldiMFCC(rate int) MFCCOptions {
	return MFCCOptions{Mel: KaldiFbank(rate, 23), Coefficients: 13, Convention: CepstrumKaldi, Lifter: 22}
}

func (o MFCCOptions) withDefaults() (MFCCOptions, error) {
	mel, err := o.Mel.withDefaults()
	if err != nil {
		return o, err
	}
	o.Mel = mel
	switch {
	case o.Coefficients < 0 || o.Coefficients > mel.Mels:
		return o, fmt.Errorf("dsp: %d coefficients of %d bands: %w", o.Coefficients, mel.Mels, quintet.ErrOption)
	case o.Convention < 0 || o.Convention >= cepstra:
		return o, fmt.Errorf("dsp: unknown cepstrum %d: %w", o.Convention, quintet.ErrOption)
	case !(0 <= o.Lifter && o.Lifter <= MaxMels):
		return o, fmt.Errorf("dsp: Lifter is %v, must be from 0 to %d: %w", o.Lifter, MaxMels, quintet.ErrOption)
	}
	if o.Coefficients == 0 {
		o.Coefficients = min(13, mel.Mels)
	}
	if o.Mel.Log == LogNone {
		o.Mel.Log = LogDecibel
		if o.Mel.Power == 1 {
			o.Mel.Log = LogNatural
		}
	}
	return o, nil
}

// MFCC computes mel-frequency cepstral coefficients: the cosine transform of the
// logarithms of mel bands. Davis, Mermelstein, IEEE Transactions on Acoustics,
// Speech and Signal Processing 28(4), 1980. After [NewMFCC] it allocates nothing
// but what a [Spectrogram] needs to grow. It is not safe for concurrent use;
// Clone gives each goroutine its own.
type MFCC struct {
	opt   MFCCOptions
	mel   *Mel
	basis []float32 // Coefficients rows of Mels values
	bands Spectrogram
}

// NewMFCC returns a plan, or an error wrapping [quintet.ErrOption].
func NewMFCC(o MFCCOptions) (*MFCC, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	mel, err := NewMel(o.Mel)
	if err != nil {
		return nil, err
	}
	return &MFCC{opt: o, mel: mel, basis: o.basis()}, nil
}

// basis returns the scaled and liftered rows of the cosine transform.
func (o MFCCOptions) basis() []float32 {
	bands := float64(o.Mel.Mels)
	basis := make([]float32, 0, o.Coefficients*o.Mel.Mels)
	for n := range o.Coefficients {
		scale := math.Sqrt(2 / bands)
		if n == 0 && o.Convention != CepstrumHTK {
			scale = math.Sqrt(1 / bands)
		}
		if o.Lifter > 0 {
			at := float64(n)
			if o.Convention == CepstrumLibrosa {
				at++
			}
			scale *= 1 + o.Lifter/2*math.Sin(math.Pi*at/o.Lifter)
		}
		for k := range o.Mel.Mels {
			basis = append(basis, float32(scale*math.Cos(math.Pi*float64(n)*(float64(k)+0.5)/bands)))
		}
	}
	return basis
}

// Clone returns a plan with its own work space that shares the tables of m. It
// may be called while m is in use.
func (m *MFCC) Clone() *MFCC { return &MFCC{opt: m.opt, mel: m.mel.Clone(), basis: m.basis} }

// Options returns the options with their defaults filled in.
func (m *MFCC) Options() MFCCOptions { return m.opt }

// Cepstrum writes the Coefficients of a row of Mels compressed band values to
// dst. It panics if either is shorter. It costs O(Coefficients·Mels).
func (m *MFCC) Cepstrum(dst, bands []float32) {
	mels := m.opt.Mel.Mels
	dst, bands = dst[:m.opt.Coefficients], bands[:mels]
	for n := range dst {
		dst[n] = simd.Dot(m.basis[n*mels:][:mels], bands)
	}
}

// Spectrogram writes the coefficients of all frames of x to dst, whose memory it
// uses if that is large enough: a row for each frame of [Mel.Frames], in a row
// coefficient 0 first.
func (m *MFCC) Spectrogram(dst *Spectrogram, x []float32) {
	m.mel.Spectrogram(&m.bands, x)
	dst.shape(m.bands.Frames, m.opt.Coefficients, m.bands.Hop)
	for i := range dst.Frames {
		m.Cepstrum(dst.Row(i), m.bands.Row(i))
	}
}

// Cepstra returns the mel-frequency cepstral coefficients of x, or an error
// wrapping [quintet.ErrOption].
func Cepstra(x []float32, o MFCCOptions) (*Spectrogram, error) {
	m, err := NewMFCC(o)
	if err != nil {
		return nil, err
	}
	out := new(Spectrogram)
	m.Spectrogram(out, x)
	return out, nil
}
