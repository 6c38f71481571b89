package dsp

import (
	"math"
	"slices"
)

// ContrastBands is the number of bands of SpectralFrame.Contrast.
const ContrastBands = 7

// SpectralFrame describes the shape of the spectrum of a frame: S_k is the
// magnitude of bin k, f_k its frequency in Hz. All values of a silent frame are 0,
// its Flatness is 1.
type SpectralFrame struct {
	// Centroid is the mean frequency in Hz, Σ f_k·S_k / Σ S_k.
	Centroid float32 `json:"centroid"`

	// Bandwidth is the deviation from the centroid in Hz,
	// √(Σ S_k·(f_k - Centroid)² / Σ S_k).
	Bandwidth float32 `json:"bandwidth"`

	// Rolloff is the lowest frequency in Hz up to which at least 0.85 of Σ S_k
	// lies.
	Rolloff float32 `json:"rolloff"`

	// Flatness is the geometric mean of S_k² over its mean, from 0 for tones to
	// 1 for flat noise. Powers below 1e-10 are raised to it first.
	Flatness float32 `json:"flatness"`

	// Flux is what the magnitudes rose by since the frame before,
	// Σ max(0, S_k - previous S_k); 0 in the first frame. Dixon, DAFx 2006.
	Flux float32 `json:"flux"`

	// Contrast is the distance of peaks from valleys in decibels, 10·log10 of
	// the ratio of the mean of the largest 2 % of S_k to that of the smallest
	// 2 %, at least one bin each, from 0 to 200 Hz and in the six octaves from
	// there. Magnitudes below 1e-10 are raised to it. Bands without bins have 0.
	// Jiang et al., ICME 2002.
	Contrast [ContrastBands]float32 `json:"contrast"`
}

// Spectral computes the [SpectralFrame] of each frame of a signal with the
// conventions of librosa 0.10 (whose spectral_contrast also cuts both levels off
// 80 dB below the largest of the signal). After [NewSpectral] it allocates only
// what its results need to grow. It is not safe for concurrent use; Clone gives
// each goroutine its own.
type Spectral struct {
	stft        *STFT
	bands       [ContrastBands][2]int // first bin and end
	now, before []float32
	sorted      []float32
}

// NewSpectral returns a plan, or an error wrapping [quintet.ErrOption].
func NewSpectral(o STFTOptions) (*Spectral, error) {
	stft, err := NewSTFT(o)
	if err != nil {
		return nil, err
	}
	s := &Spectral{stft: stft}
	s.bands = contrastBands(stft.Options(), stft.Bins())
	return s.space(), nil
}

// space gives s work space of its own.
func (s *Spectral) space() *Spectral {
	n := s.stft.Bins()
	s.now, s.before, s.sorted = make([]float32, n), make([]float32, n), make([]float32, n)
	return s
}

// contrastBands returns the bins of each band. As in librosa a band begins one bin
// below its lowest frequency and leaves its last bin to the next one.
func contrastBands(o STFTOptions, bins int) (bands [ContrastBands][2]int) {
	perBin := float64(o.Rate) / float64(o.FFTSize)
	low := 0.0
	for b := range bands {
		high := 200 * math.Pow(2, float64(b))
		first := min(int(math.Ceil(low/perBin)), bins)
		end := min(int(math.Floor(high/perBin))+1, bins)
		if b > 0 && first < end {
			first = max(first-1, 0)
		}
		if b < ContrastBands-1 {
			end--
		} else if first < end {
			end = bins
		}
		bands[b] = [2]int{first, max(first, end)}
		low = high
	}
	return bands
}

// Clone returns a plan with its own work space that shares the tables of s. It
// may be called while s is in use.
func (s *Spectral) Clone() *Spectral {
	c := &Spectral{stft: s.stft.Clone(), bands: s.bands}
	return c.space()
}

// Frames appends the values of all frames of x to dst[:0] and returns it. It
// allocates only if dst is too small.
func (s *Spectral) Frames(dst []SpectralFrame, x []float32) []SpectralFrame {
	dst = dst[:0]
	for i := range s.stft.Frames(len(x)) {
		s.stft.Power(s.now, x, i)
		for k, v := range s.now {
			s.now[k] = float32(math.Sqrt(float64(v)))
		}
		if i == 0 {
			copy(s.before, s.now)
		}
		dst = append(dst, s.frame())
		s.now, s.before = s.before, s.now
	}
	return dst
}

// SpectralFrames returns the values of all frames of x, or an error wrapping
// [quintet.ErrOption].
func SpectralFrames(x []float32, o STFTOptions) ([]SpectralFrame, error) {
	s, err := NewSpectral(o)
	if err != nil {
		return nil, err
	}
	return s.Frames(nil, x), nil
}

// frame describes s.now.
func (s *Spectral) frame() (f SpectralFrame) {
	perBin := float64(s.stft.opt.Rate) / float64(s.stft.opt.FFTSize)
	var sum, moment, logs, powers, flux float64
	for k, v := range s.now {
		m := float64(v)
		sum += m
		moment += float64(k) * m
		p := max(m*m, 1e-10)
		logs += math.Log(p)
		powers += p
		flux += max(m-float64(s.before[k]), 0)
	}
	n := float64(len(s.now))
	f.Flatness = float32(math.Exp(logs/n) / (powers / n))
	f.Flux = saturate(flux)
	for b, r := range s.bands {
		f.Contrast[b] = s.contrast(s.now[r[0]:r[1]], b)
	}
	if sum == 0 {
		return f
	}
	mean := moment / sum
	f.Centroid = float32(mean * perBin)
	var square, part float64
	rolloff := -1
	for k, v := range s.now {
		d := float64(k) - mean
		square += float64(v) * d * d
		if part += float64(v); rolloff < 0 && part >= 0.85*sum {
			rolloff = k
		}
	}
	f.Bandwidth = float32(math.Sqrt(square/sum) * perBin)
	f.Rolloff = float32(float64(rolloff) * perBin)
	if sum != sum {
		f.Rolloff = float32(sum)
	}
	return f
}

// contrast returns that of the magnitudes of a band. The share of 2 % counts the
// bin that all bands but the last leave to the next one.
func (s *Spectral) contrast(x []float32, b int) float32 {
	if len(x) == 0 {
		return 0
	}
	sorted := s.sorted[:copy(s.sorted, x)]
	slices.Sort(sorted)
	bins := len(x)
	if b < ContrastBands-1 {
		bins++
	}
	n := min(max(int(math.RoundToEven(0.02*float64(bins))), 1), len(x))
	return float32(10 * math.Log10(meanFloor(sorted[len(x)-n:])/meanFloor(sorted[:n])))
}

// meanFloor returns the mean of x, at least 1e-10.
func meanFloor(x []float32) (mean float64) {
	for _, v := range x {
		mean += float64(v)
	}
	return max(mean/float64(len(x)), logFloor)
}
