package dsp

import (
	"math"
	"math/bits"
	"time"
)

// The numbers of Chromaprint's default algorithm, its second.
const (
	// FingerprintRate is the rate in Hz of the samples that a [Fingerprinter]
	// takes.
	FingerprintRate = 11025

	fingerprintFrame = 4096
	fingerprintHop   = fingerprintFrame / 3
	fingerprintLow   = 28.0   // Hz
	fingerprintHigh  = 3520.0 // Hz
	lowestA          = 27.5   // Hz; classes are counted from A
	chromaTaps       = 5      // frames of the smoothing
	imageRows        = 16     // frames that a word looks at
	quietChroma      = 0.01   // norm below which a frame counts as silent
)

// Fingerprint identifies a recording, also after it was coded with losses: words of
// 32 bits, of which similar sounds share most. They are those of Chromaprint's
// default algorithm, as printed by its tool fpcalc with -raw, but for a few bits
// that hang on rounding and on its resampler. Word i describes about 2.6 s from
// i·FingerprintHop on.
type Fingerprint []uint32

// FingerprintHop is the time between two words of a [Fingerprint], about 124 ms.
const FingerprintHop = time.Second * fingerprintHop / FingerprintRate

// Fingerprinter computes fingerprints of sound that comes in pieces: spectra, their
// power by pitch class, smoothed over time and scaled to length 1, and of the
// picture that these make sixteen differences of areas, each rounded to 2 bits.
// Lalinský, "How does Chromaprint work?", 2011, after Ke, Hoiem, Sukthankar, CVPR
// 2005, and Jang et al., 2009. It allocates nothing but what its result needs to
// grow. It is not safe for concurrent use.
type Fingerprinter struct {
	stft    *STFT
	class   []int8 // of each bin, -1 for none
	power   []float32
	pending []float32            // samples of the next frame
	raw     [chromaTaps]octave   // the latest frames, by number of the frame
	image   [imageRows]octave    // the latest smoothed ones
	area    [imageRows + 1]edges // sums of all rows and classes before
	frames  int
	rows    int
}

type (
	octave [PitchClasses]float64
	edges  [PitchClasses + 1]float64
)

// NewFingerprinter returns a plan.
func NewFingerprinter() *Fingerprinter {
	s, err := NewSTFT(STFTOptions{
		Rate: FingerprintRate, FFTSize: fingerprintFrame, Hop: fingerprintHop,
		Window: Hamming, Symmetric: true, NoCenter: true,
	})
	if err != nil {
		panic(err) // the options are constants
	}
	f := &Fingerprinter{stft: s, class: make([]int8, s.Bins()), power: make([]float32, s.Bins())}
	f.pending = make([]float32, 0, fingerprintFrame)
	bin := func(hz float64) int { return int(math.Round(fingerprintFrame * hz / FingerprintRate)) }
	for k := range f.class {
		f.class[k] = -1
		if k >= max(bin(fingerprintLow), 1) && k < bin(fingerprintHigh) {
			octaves := math.Log2(float64(k) * FingerprintRate / fingerprintFrame / lowestA)
			f.class[k] = int8(PitchClasses * (octaves - math.Floor(octaves)))
		}
	}
	return f
}

// Reset forgets all samples: the next ones begin a recording.
func (f *Fingerprinter) Reset() { f.pending, f.frames, f.rows = f.pending[:0], 0, 0 }

// Add takes the next samples, mono at [FingerprintRate], and appends to dst the
// words that they complete. A recording of less than 2.8 s has none. NaN and
// infinite samples count as 0. It costs O(len(x)).
func (f *Fingerprinter) Add(dst Fingerprint, x []float32) Fingerprint {
	for len(x) > 0 {
		n := min(len(x), fingerprintFrame-len(f.pending))
		for _, v := range x[:n] {
			if v-v != 0 {
				v = 0
			}
			f.pending = append(f.pending, v)
		}
		x = x[n:]
		if len(f.pending) == fingerprintFrame {
			dst = f.frame(dst)
			f.pending = f.pending[:copy(f.pending, f.pending[fingerprintHop:])]
		}
	}
	return dst
}

// frame appends the word that the pending frame completes, if there is one.
func (f *Fingerprinter) frame(dst Fingerprint) Fingerprint {
	f.stft.Power(f.power, f.pending, 0)
	row := &f.raw[f.frames%chromaTaps]
	*row = octave{}
	for k, c := range f.class {
		if c >= 0 {
			row[c] += float64(f.power[k])
		}
	}
	f.frames++
	if f.frames < chromaTaps {
		return dst
	}
	f.image[f.rows%imageRows] = f.smooth()
	f.rows++
	if f.rows < imageRows {
		return dst
	}
	return append(dst, f.word())
}

// smooth returns the weighted sum of the latest frames, of length 1, or 0 if they
// are silent.
func (f *Fingerprinter) smooth() (out octave) {
	weights := [chromaTaps]float64{0.25, 0.75, 1, 0.75, 0.25}
	var norm float64
	for c := range out {
		for t, w := range weights {
			out[c] += w * f.raw[(f.frames+t)%chromaTaps][c]
		}
		norm += out[c] * out[c]
	}
	if norm = math.Sqrt(norm); norm < quietChroma {
		return octave{}
	}
	for c := range out {
		out[c] /= norm
	}
	return out
}

// word rates the latest rows of the picture.
func (f *Fingerprinter) word() (word uint32) {
	for t := range imageRows {
		sum := 0.0
		for c, v := range f.image[(f.rows+t)%imageRows] {
			sum += v
			f.area[t+1][c+1] = f.area[t][c+1] + sum
		}
	}
	for _, q := range chromaprintQuestions {
		level := uint32(0)
		for v := q.ask(&f.area); level < 3 && v >= q.cuts[level]; {
			level++
		}
		word = word<<2 | level ^ level>>1 // neighbouring levels differ in one bit
	}
	return word
}

// FingerprintMatch is how well two fingerprints agree at the best shift.
type FingerprintMatch struct {
	// Offset is the time in the first recording at which the second begins; it
	// is negative if the second begins earlier.
	Offset time.Duration `json:"offset"`

	// Overlap is how long both recordings last there.
	Overlap time.Duration `json:"overlap"`

	// Score is 1 less twice the share of bits that differ in the overlap, at
	// least 0: 1 for equal fingerprints, near 0 for unrelated ones. Half of
	// the bits are equal by chance.
	Score float64 `json:"score"`
}

// Match compares a with b at every shift at which they overlap by at least half of
// the shorter one, and returns the one with the highest score, of equal ones that
// with the least offset. Copies of one recording, also coded with losses, score
// above 0.6, unrelated ones below 0.3. If one is empty all values are 0. It costs
// O(len(a)·len(b)).
func (a Fingerprint) Match(b Fingerprint) (best FingerprintMatch) {
	least := (min(len(a), len(b)) + 1) / 2
	if least == 0 {
		return best
	}
	best.Score = -1
	for shift := least - len(b); shift <= len(a)-least; shift++ {
		from, to := max(shift, 0), min(shift+len(b), len(a))
		differ := 0
		for i, w := range a[from:to] {
			differ += bits.OnesCount32(w ^ b[from-shift+i])
		}
		score := max(1-2*float64(differ)/float64(32*(to-from)), 0)
		if score > best.Score {
			best = FingerprintMatch{
				Offset: time.Duration(shift) * FingerprintHop, Overlap: time.Duration(to-from) * FingerprintHop, Score: score,
			}
		}
	}
	return best
}
