package dsp

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// PitchClasses is the number of pitch classes: 0 is C, 1 is C sharp, up to 11, B.
const PitchClasses = 12

// Chroma holds the strength of each pitch class, which sum to 1; all are 0 for
// silence.
type Chroma [PitchClasses]float64

// Key is a musical key.
type Key struct {
	Tonic int  `json:"tonic"` // pitch class
	Minor bool `json:"minor"` // else major
}

// String returns the name in English, such as "C# minor".
func (k Key) String() string {
	names := [PitchClasses]string{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"}
	mode := " major"
	if k.Minor {
		mode = " minor"
	}
	if k.Tonic < 0 || k.Tonic >= PitchClasses {
		return fmt.Sprintf("Key(%d)%s", k.Tonic, mode)
	}
	return names[k.Tonic] + mode
}

// KeyCandidate is a key with its correlation.
type KeyCandidate struct {
	Key   Key     `json:"key"`
	Score float64 `json:"score"` // correlation with the profile of the key, from -1 to 1
}

const (
	chromaLow, chromaHigh = 65.0, 2100.0 // Hz, C2 to C7
	concertA              = 440.0
)

// ChromaOf returns the mean chroma of x, sampled at rate Hz: the power of the peaks
// of the spectra of frames of about 0.2 s from 65 to 2100 Hz, each in the class of
// the semitone that is nearest to it with a4 Hz for the note A4; 0 is 440. Each frame
// counts by the root of its power. Fujishima, ICMC 1999. NaN and infinite samples
// count as 0. It costs O(n log n) for n samples. The error of rates below 1000 or
// above 2^22, or of a tuning that is not within an octave of 440, wraps
// [quintet.ErrOption].
func ChromaOf(x []float32, rate int, a4 float64) (Chroma, error) {
	if a4 == 0 {
		a4 = concertA
	}
	if rate < lowestRate || rate > 1<<22 || !(concertA/2 <= a4 && a4 <= concertA*2) {
		return Chroma{}, fmt.Errorf("dsp: chroma at rate %d, tuned to %v Hz: %w", rate, a4, quintet.ErrOption)
	}
	size := chromaSize(rate)
	s, err := NewSTFT(STFTOptions{Rate: rate, FFTSize: size, Hop: size / 2, Pad: PadZero})
	if err != nil {
		return Chroma{}, err
	}
	x = finite(x)
	var sum Chroma
	power := make([]float32, s.Bins())
	perBin := float64(rate) / float64(size)
	for i := range s.Frames(len(x)) {
		s.Power(power, x, i)
		frame, total := classes(power, perBin, a4)
		for c, v := range frame {
			if total > 0 {
				sum[c] += v / math.Sqrt(total)
			}
		}
	}
	return sum.normal(), nil
}

// chromaSize returns the length of the frames of chroma, a power of 2 of 0.17 s or up
// to twice that.
func chromaSize(rate int) int {
	size := 64
	for size < rate/6 {
		size *= 2
	}
	return size
}

// classes returns the power of the peaks of a spectrum by pitch class, and in all.
func classes(power []float32, perBin, a4 float64) (c Chroma, total float64) {
	low := max(int(chromaLow/perBin), 1)
	high := min(int(chromaHigh/perBin), len(power)-2)
	for k := low; k <= high; k++ {
		a, b, d := float64(power[k-1]), float64(power[k]), float64(power[k+1])
		if b <= a || b < d || b < 1e-20 {
			continue
		}
		// A Hann window's peak is close to a parabola of the logarithm.
		at := float64(k) + vertex(math.Log(max(a, 1e-30)), math.Log(b), math.Log(max(d, 1e-30)))
		note := int(math.Round(69 + 12*math.Log2(at*perBin/a4)))
		c[((note%PitchClasses)+PitchClasses)%PitchClasses] += b
		total += b
	}
	return c, total
}

// normal returns c with sum 1.
func (c Chroma) normal() Chroma {
	sum := 0.0
	for _, v := range c {
		sum += v
	}
	if sum > 0 {
		for i := range c {
			c[i] /= sum
		}
	}
	return c
}

// The probe tone ratings of Krumhansl, Kessler, Psychological Review 89(4), 1982:
// how well a tone fits a key, by its distance from the tonic in semitones.
func profiles() (major, minor Chroma) {
	return Chroma{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
		Chroma{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}
}

// Keys returns the 24 keys, best first, by the correlation of c with the profiles of
// Krumhansl and Kessler; ties are in order of the tonic, major before minor. If all
// classes are alike, as in silence, it returns nil. A relative or parallel key of
// nearly equal score says that the sound leaves it open.
func (c Chroma) Keys() []KeyCandidate {
	if !(c.deviation() > 1e-12) {
		return nil
	}
	major, minor := profiles()
	out := make([]KeyCandidate, 0, 2*PitchClasses)
	for tonic := range PitchClasses {
		var turned Chroma
		for i := range turned {
			turned[i] = c[(i+tonic)%PitchClasses]
		}
		out = append(out,
			KeyCandidate{Key{Tonic: tonic}, turned.correlation(major)},
			KeyCandidate{Key{Tonic: tonic, Minor: true}, turned.correlation(minor)})
	}
	slices.SortStableFunc(out, func(a, b KeyCandidate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out
}

func (c Chroma) mean() (mean float64) {
	for _, v := range c {
		mean += v / PitchClasses
	}
	return mean
}

// deviation returns the root of the sum of squares about the mean.
func (c Chroma) deviation() float64 {
	sum, mean := 0.0, c.mean()
	for _, v := range c {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum)
}

// correlation returns Pearson's.
func (c Chroma) correlation(d Chroma) float64 {
	sum, m, n := 0.0, c.mean(), d.mean()
	for i := range c {
		sum += (c[i] - m) * (d[i] - n)
	}
	return sum / (c.deviation() * d.deviation())
}
