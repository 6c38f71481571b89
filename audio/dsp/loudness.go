package dsp

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// MinLUFS is the lowest loudness that is reported, the absolute gate of BS.1770.
const MinLUFS = -70

// MaxChannels bounds LoudnessOptions.Channels.
const MaxChannels = 64

// Loudness is the loudness of a signal by ITU-R BS.1770-4 and EBU R128. LUFS are
// loudness units relative to full scale; none is below [MinLUFS].
type Loudness struct {
	// Integrated is the gated loudness of the whole signal in LUFS: blocks of
	// 400 ms every 100 ms that are louder than -70 LUFS and than 10 LU below
	// the mean of those.
	Integrated float64 `json:"integrated"`

	// Momentary is that of the last 400 ms in LUFS, ShortTerm that of the last
	// 3 s. They move in steps of 100 ms, and are MinLUFS before the signal is
	// that long.
	Momentary float64 `json:"momentary"`
	ShortTerm float64 `json:"short_term"`

	// MaxMomentary and MaxShortTerm are the largest so far in LUFS.
	MaxMomentary float64 `json:"max_momentary"`
	MaxShortTerm float64 `json:"max_short_term"`

	// Range is the loudness range in LU, EBU Tech 3342: the distance from the
	// 10th to the 95th percentile of short-term loudness above -70 LUFS and
	// above 20 LU below the mean of that. It is 0 before 3 s.
	Range float64 `json:"range"`

	// TruePeak is the largest magnitude of any channel in decibels relative to
	// full scale, at least MinDBFS, with three values interpolated between any
	// two samples (4 times oversampling). A peak may be higher by 0.2 dB at a
	// quarter of the rate, 0.7 dB near half of it.
	TruePeak float64 `json:"true_peak"`

	// NonFinite is the number of NaN and infinite samples, which count as 0.
	NonFinite int `json:"non_finite"`
}

// LoudnessOptions configures a [LoudnessMeter].
type LoudnessOptions struct {
	// Rate is the number of samples of a channel in a second, at least 4000.
	// Default: 48000.
	Rate int

	// Channels is their number, up to MaxChannels. Default: 1.
	Channels int

	// Weights are the factors of the power of each channel. Default: 1, but
	// for 5 and 6 channels those of surround sound in the order of WAV files
	// (left, right, centre, low frequencies if there are 6, and two of surround):
	// 0 for low frequencies and 1.41 for surround.
	Weights []float64
}

func (o LoudnessOptions) withDefaults() (LoudnessOptions, error) {
	switch {
	case o.Rate != 0 && (o.Rate < 4000 || o.Rate > 1<<24):
		return o, fmt.Errorf("dsp: loudness at rate %d: %w", o.Rate, quintet.ErrOption)
	case o.Channels < 0 || o.Channels > MaxChannels:
		return o, fmt.Errorf("dsp: %d channels, limit %d: %w", o.Channels, MaxChannels, quintet.ErrOption)
	}
	if o.Rate == 0 {
		o.Rate = 48000
	}
	if o.Channels == 0 {
		o.Channels = 1
	}
	if o.Weights == nil {
		o.Weights = surround(o.Channels)
	}
	if len(o.Weights) != o.Channels {
		return o, fmt.Errorf("dsp: %d weights for %d channels: %w", len(o.Weights), o.Channels, quintet.ErrOption)
	}
	for _, w := range o.Weights {
		if !(0 <= w && w <= 1e6) {
			return o, fmt.Errorf("dsp: channel weight %v: %w", w, quintet.ErrOption)
		}
	}
	return o, nil
}

// surround returns the weights of BS.1770-4, table 3.
func surround(channels int) []float64 {
	switch channels {
	case 5:
		return []float64{1, 1, 1, 1.41, 1.41}
	case 6:
		return []float64{1, 1, 1, 0, 1.41, 1.41}
	}
	w := make([]float64, channels)
	for i := range w {
		w[i] = 1
	}
	return w
}

// LoudnessMeter measures the loudness of a signal that comes in pieces. Its
// memory does not grow with the signal; Add allocates nothing. It is not safe for
// concurrent use.
type LoudnessMeter struct {
	opt       LoudnessOptions
	channels  []meterChannel
	part      []float32 // a piece of one channel
	filled    int       // samples of the step under way
	step      int       // samples in 100 ms
	power     float64   // weighted sum of squares of the step
	recent    [30]float64
	steps     int // complete ones
	blocks    histogram
	shorts    histogram
	nonFinite int

	momentary, short, maxMomentary, maxShort float64 // powers
}

// meterChannel is the state of one channel.
type meterChannel struct {
	weight float64
	filter kWeighting
	peak   peakMeter
}

// meterPart is the number of samples that are filtered at a time.
const meterPart = 256

// NewLoudnessMeter returns a meter, or an error wrapping [quintet.ErrOption].
func NewLoudnessMeter(o LoudnessOptions) (*LoudnessMeter, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &LoudnessMeter{
		opt: o, channels: make([]meterChannel, o.Channels), part: make([]float32, meterPart),
		step: (o.Rate + 5) / 10,
	}
	phases := newPhases()
	for c := range m.channels {
		m.channels[c] = meterChannel{o.Weights[c], newKWeighting(float64(o.Rate)), newPeakMeter(phases)}
	}
	return m, nil
}

// Add takes the next samples, interleaved by channel. Samples of an incomplete
// frame at the end are left out. It costs O(len(x)).
func (m *LoudnessMeter) Add(x []float32) {
	channels := len(m.channels)
	for frames := len(x) / channels; frames > 0; {
		n := min(frames, meterPart, m.step-m.filled)
		for c := range m.channels {
			part := m.part[:n]
			for i := range part {
				part[i] = m.finite(x[i*channels+c])
			}
			m.channels[c].peak.add(part)
			m.power += m.channels[c].weight * m.channels[c].filter.power(part)
		}
		if m.filled += n; m.filled == m.step {
			m.endStep()
		}
		x, frames = x[n*channels:], frames-n
	}
}

// finite replaces and counts what is not a number.
func (m *LoudnessMeter) finite(v float32) float32 {
	if v-v != 0 {
		m.nonFinite++
		return 0
	}
	return v
}

// endStep rates the 100 ms that are complete.
func (m *LoudnessMeter) endStep() {
	m.recent[m.steps%len(m.recent)] = m.power / float64(m.step)
	m.steps++
	m.filled, m.power = 0, 0
	if m.steps >= 4 {
		m.momentary = m.mean(4)
		m.maxMomentary = max(m.maxMomentary, m.momentary)
		m.blocks.add(m.momentary)
	}
	if m.steps >= len(m.recent) {
		m.short = m.mean(len(m.recent))
		m.maxShort = max(m.maxShort, m.short)
		m.shorts.add(m.short)
	}
}

// mean returns the mean power of the last n steps.
func (m *LoudnessMeter) mean(n int) (sum float64) {
	for i := m.steps - n; i < m.steps; i++ {
		sum += m.recent[i%len(m.recent)]
	}
	return sum / float64(n)
}

// Loudness returns the measures of all samples so far. It costs O(1).
func (m *LoudnessMeter) Loudness() Loudness {
	peak := float32(0)
	for c := range m.channels {
		peak = max(peak, m.channels[c].peak.value())
	}
	return Loudness{
		Integrated:   lufs(m.blocks.gated(-10)),
		Momentary:    lufs(m.momentary),
		ShortTerm:    lufs(m.short),
		MaxMomentary: lufs(m.maxMomentary),
		MaxShortTerm: lufs(m.maxShort),
		Range:        m.shorts.spread(),
		TruePeak:     DBFS(float64(peak)),
		NonFinite:    m.nonFinite,
	}
}

// MeasureLoudness returns the loudness of a whole signal, interleaved by channel,
// or an error wrapping [quintet.ErrOption].
func MeasureLoudness(x []float32, o LoudnessOptions) (Loudness, error) {
	m, err := NewLoudnessMeter(o)
	if err != nil {
		return Loudness{}, err
	}
	m.Add(x)
	return m.Loudness(), nil
}

// lufs returns the loudness of a weighted power: BS.1770-4, annex 1.
func lufs(power float64) float64 {
	return max(-0.691+10*math.Log10(power), MinLUFS)
}
