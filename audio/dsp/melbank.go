package dsp

import "math"

// MelScale is a formula that maps frequency to perceived pitch.
type MelScale int

const (
	// ScaleSlaney is linear up to 1000 Hz, which is 15 mel, and logarithmic
	// above: Slaney, Auditory Toolbox, Interval Research 1998-010. Librosa
	// and Whisper use it.
	ScaleSlaney MelScale = iota

	// ScaleHTK is 2595·log10(1 + f/700): Young et al., The HTK Book, 5.4.
	// Torchaudio uses it.
	ScaleHTK

	// ScaleKaldi is ScaleHTK with the sides of the triangles straight over mel
	// instead of Hz. They have height 1 whatever the norm.
	ScaleKaldi

	scales
)

const (
	slaneyStep  = 200.0 / 3 // Hz per mel below the knee
	slaneyKnee  = 1000.0    // Hz
	slaneyRatio = 27        // mels from the knee to 6.4 times its frequency
)

// Mel returns the pitch of a frequency in Hz.
func (s MelScale) Mel(hz float64) float64 {
	switch {
	case s != ScaleSlaney:
		return 2595 * math.Log10(1+hz/700)
	case hz < slaneyKnee:
		return hz / slaneyStep
	}
	return slaneyKnee/slaneyStep + slaneyRatio*math.Log(hz/slaneyKnee)/math.Log(6.4)
}

// Hz returns the frequency of a pitch; it undoes Mel.
func (s MelScale) Hz(mel float64) float64 {
	switch {
	case s != ScaleSlaney:
		return 700 * (math.Pow(10, mel/2595) - 1)
	case mel < slaneyKnee/slaneyStep:
		return mel * slaneyStep
	}
	return slaneyKnee * math.Pow(6.4, (mel-slaneyKnee/slaneyStep)/slaneyRatio)
}

// MelNorm says how the bands of a [MelBank] are scaled.
type MelNorm int

const (
	NormSlaney MelNorm = iota // each triangle over Hz has area 1: height 2/width
	NormNone                  // each triangle has height 1
)

// MelBank maps a spectrum to mel bands. Band i is a triangle over frequency; its
// foot points and peak are points i, i+1 and i+2 of Mels+2 that are spaced evenly
// on the mel scale from FMin to FMax. It is immutable and safe for concurrent use.
type MelBank struct {
	bins  int
	bands []band
}

// band is the part of a row that is not zero.
type band struct {
	first   int
	weights []float32
}

// NewMelBank returns the bank of a spectrum of o.FFTSize/2+1 bins, or an error
// wrapping [quintet.ErrOption]. It looks at Rate, FFTSize, Mels, FMin, FMax,
// Scale and Norm.
func NewMelBank(o MelOptions) (*MelBank, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return newMelBank(o), nil
}

func newMelBank(o MelOptions) *MelBank {
	b := &MelBank{bins: o.FFTSize/2 + 1, bands: make([]band, o.Mels)}
	low, high := o.Scale.Mel(o.FMin), o.Scale.Mel(o.FMax)
	point := func(i int) float64 { return o.Scale.Hz(low + (high-low)*float64(i)/float64(o.Mels+1)) }
	axis := func(hz float64) float64 { return hz }
	if o.Scale == ScaleKaldi {
		axis = o.Scale.Mel
	}
	perBin := float64(o.Rate) / float64(o.FFTSize)
	for i := range b.bands {
		left, peak, right := point(i), point(i+1), point(i+2)
		height := 1.0
		if o.Norm == NormSlaney && o.Scale != ScaleKaldi {
			height = 2 / (right - left)
		}
		first := min(int(left/perBin)+1, b.bins) // the first bin above the foot point
		var weights []float32
		for k := first; k < b.bins && float64(k)*perBin < right; k++ {
			w := triangle(axis(float64(k)*perBin), axis(left), axis(peak), axis(right))
			weights = append(weights, float32(w*height))
		}
		b.bands[i] = band{first, weights}
	}
	return b
}

// triangle returns the height at f of the triangle of height 1.
func triangle(f, left, peak, right float64) float64 {
	return max(min((f-left)/(peak-left), (right-f)/(right-peak)), 0)
}

// Bands returns the number of bands.
func (b *MelBank) Bands() int { return len(b.bands) }

// Bins returns the length of the spectrum.
func (b *MelBank) Bins() int { return b.bins }

// Weights returns the weights of band i, those of bins first, first+1 and so on;
// all others are 0. The slice belongs to b and must not be changed.
func (b *MelBank) Weights(i int) (first int, weights []float32) {
	return b.bands[i].first, b.bands[i].weights
}

// Apply writes the weighted sum of each band to dst. It panics if dst is shorter
// than Bands or spectrum shorter than Bins.
func (b *MelBank) Apply(dst, spectrum []float32) {
	dst, spectrum = dst[:len(b.bands)], spectrum[:b.bins]
	for i := range b.bands {
		w := b.bands[i].weights
		x := spectrum[b.bands[i].first:][:len(w)]
		var sum float32
		for k, v := range w {
			sum += v * x[k]
		}
		dst[i] = min(sum, math.MaxFloat32)
	}
}
