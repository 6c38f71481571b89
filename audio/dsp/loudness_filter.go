package dsp

import (
	"math"

	"github.com/quintet-ai/quintet/internal/simd"
)

// biquad is a filter of second order in transposed direct form II.
type biquad struct {
	b0, b1, b2, a1, a2 float64
	s1, s2             float64
}

// kWeighting is the filter of BS.1770-4, annex 1: a shelf of 4 dB for the head and
// a high-pass.
type kWeighting struct{ shelf, pass biquad }

// newKWeighting derives the filters for any rate from the analogue ones by the
// bilinear transform. The constants are those that give the tables of the standard
// at 48 kHz.
func newKWeighting(rate float64) kWeighting {
	const (
		shelfHz, shelfDB, shelfQ = 1681.974450955533, 3.999843853973347, 0.7071752369554196
		passHz, passQ            = 38.13547087602444, 0.5003270373238773
	)
	k := math.Tan(math.Pi * shelfHz / rate)
	high := math.Pow(10, shelfDB/20)
	mid := math.Pow(high, 0.4996667741545416)
	a0 := 1 + k/shelfQ + k*k
	shelf := biquad{
		b0: (high + mid*k/shelfQ + k*k) / a0, b1: 2 * (k*k - high) / a0, b2: (high - mid*k/shelfQ + k*k) / a0,
		a1: 2 * (k*k - 1) / a0, a2: (1 - k/shelfQ + k*k) / a0,
	}
	k = math.Tan(math.Pi * passHz / rate)
	a0 = 1 + k/passQ + k*k
	pass := biquad{b0: 1, b1: -2, b2: 1, a1: 2 * (k*k - 1) / a0, a2: (1 - k/passQ + k*k) / a0}
	return kWeighting{shelf, pass}
}

// power filters x and returns the sum of squares.
func (w *kWeighting) power(x []float32) (sum float64) {
	s, p := w.shelf, w.pass
	for _, v := range x {
		u := float64(v)
		y := s.b0*u + s.s1
		s.s1 = s.b1*u - s.a1*y + s.s2
		s.s2 = s.b2*u - s.a2*y
		z := y + p.s1
		p.s1 = p.s2 - 2*y - p.a1*z
		p.s2 = y - p.a2*z
		sum += z * z
	}
	// What has decayed to nothing would only slow the processor down.
	w.shelf.s1, w.shelf.s2 = audible(s.s1), audible(s.s2)
	w.pass.s1, w.pass.s2 = audible(p.s1), audible(p.s2)
	return sum
}

func audible(v float64) float64 {
	if math.Abs(v) < 1e-30 {
		return 0
	}
	return v
}

// peakTaps is the number of samples that an interpolated value is made of.
const peakTaps = 32

// phases are the filters of the three values between two samples.
type phases struct {
	taps [3][peakTaps]float32
	gain float32 // no value exceeds the largest of its samples by this factor
}

// newPhases returns a sinc under a Hann window of peakTaps samples.
func newPhases() *phases {
	p := new(phases)
	for i := range p.taps {
		sum := 0.0
		var row [peakTaps]float64
		for j := range row {
			x := float64(j-peakTaps/2+1) - float64(i+1)/4
			row[j] = math.Sin(math.Pi*x) / (math.Pi * x) * (0.5 + 0.5*math.Cos(2*math.Pi*x/peakTaps))
			sum += row[j]
		}
		gain := float32(0)
		for j, v := range row {
			p.taps[i][j] = float32(v / sum)
			gain += abs(p.taps[i][j])
		}
		p.gain = max(p.gain, gain)
	}
	return p
}

// peakMeter holds the largest magnitude of a channel.
type peakMeter struct {
	*phases
	peak   float32
	buffer []float32 // the last peakTaps-1 samples, then those of a part
}

func newPeakMeter(p *phases) peakMeter {
	return peakMeter{phases: p, buffer: make([]float32, peakTaps-1+max(meterPart, peakTaps))}
}

// add takes at most meterPart finite samples.
func (m *peakMeter) add(x []float32) {
	b := m.buffer[:peakTaps-1+len(x)]
	copy(b[peakTaps-1:], x)
	m.peak = m.highest(b)
	copy(b, b[len(x):])
}

// highest returns the largest magnitude of and between the samples of b, or the
// peak so far.
func (m *peakMeter) highest(b []float32) float32 {
	sample := float32(Peak(b))
	peak := max(m.peak, sample)
	if sample*m.gain <= peak {
		return peak // nothing between them can be higher
	}
	for i := range len(b) - peakTaps + 1 {
		for k := range m.taps {
			if v := abs(simd.Dot(b[i:i+peakTaps], m.taps[k][:])); v > peak {
				peak = min(v, math.MaxFloat32)
			}
		}
	}
	return peak
}

// value returns the peak as if silence followed.
func (m *peakMeter) value() float32 {
	var b [2*peakTaps - 2]float32
	copy(b[:], m.buffer[:peakTaps-1])
	return m.highest(b[:])
}
