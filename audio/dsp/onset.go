package dsp

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
)

// OnsetEnvelope says how much new sound there is in each frame of a signal.
type OnsetEnvelope struct {
	// Rate is the number of frames in a second; frame i is at i/Rate seconds.
	Rate float64 `json:"rate"`

	// Values are the strengths, at least 0: the sum over mel bands of the rise
	// since the frame before of ln(1 + 1000·v/m), where v is the magnitude of
	// the band and m the largest of the signal.
	Values []float32 `json:"values"`

	// Low is the part of Values of the bands below 200 Hz, the drum and the
	// bass, where beats are more often than above.
	Low []float32 `json:"low"`
}

// Onset is the beginning of a sound.
type Onset struct {
	Time     time.Duration `json:"time"`     // to about 20 ms
	Strength float32       `json:"strength"` // over the mean of its surroundings, in units of the largest value
}

const (
	onsetBands = 60
	onsetGain  = 1000 // of the compression: quiet bands count, noise 60 dB down does not
	lowestRate = 1000 // of signals whose rhythm is looked at, in Hz
)

// OnsetStrength returns the onset envelope of x, sampled at rate Hz, in 100 frames
// a second: spectral flux of logarithmically compressed mel bands (Klapuri, ICASSP
// 1999). The logarithm is relative to the loudest band, so the result does not
// depend on the level, and faint bands do not outweigh strong ones. NaN and
// infinite samples count as 0. An empty signal has no frames. The error of rates
// below 1000 or above 2^24 wraps [quintet.ErrOption].
func OnsetStrength(x []float32, rate int) (OnsetEnvelope, error) {
	if rate < lowestRate || rate > 1<<24 {
		return OnsetEnvelope{}, fmt.Errorf("dsp: onsets at rate %d: %w", rate, quintet.ErrOption)
	}
	size := 64
	for size < rate/25 {
		size *= 2
	}
	s, err := MelSpectrogram(finite(x), MelOptions{
		Rate: rate, FFTSize: size, Hop: (rate + 50) / 100, Mels: onsetBands, FMin: 30, FMax: min(float64(rate)/2, 11000),
		Scale: ScaleHTK, Power: 1, Pad: PadZero,
	})
	if err != nil {
		return OnsetEnvelope{}, err
	}
	compress(s.Data)
	e := OnsetEnvelope{
		Rate: 1 / s.Hop.Seconds(), Values: make([]float32, s.Frames), Low: make([]float32, s.Frames),
	}
	low := lowBands(min(float64(rate)/2, 11000))
	for i := 1; i < s.Frames; i++ {
		before, now := s.Row(i-1), s.Row(i)
		for b, v := range now {
			rise := max(v-before[b], 0)
			e.Values[i] += rise
			if b < low {
				e.Low[i] += rise
			}
		}
	}
	return e, nil
}

// lowBands returns the number of bands whose peak is below 200 Hz.
func lowBands(top float64) int {
	from, to := ScaleHTK.Mel(30), ScaleHTK.Mel(top)
	return int((ScaleHTK.Mel(200) - from) / (to - from) * (onsetBands + 1))
}

// compress replaces v by ln(1 + onsetGain·v/largest).
func compress(values []float32) {
	largest := Peak(values)
	if largest == 0 {
		return
	}
	for i, v := range values {
		values[i] = float32(math.Log1p(onsetGain * float64(v) / largest))
	}
}

// finite returns x, or a copy with NaN and infinities replaced by 0.
func finite(x []float32) []float32 {
	for i, v := range x {
		if v-v != 0 {
			out := append([]float32(nil), x...)
			for j := i; j < len(out); j++ {
				if out[j]-out[j] != 0 {
					out[j] = 0
				}
			}
			return out
		}
	}
	return x
}

// Onsets returns the peaks of the envelope in order of time: values that are the
// largest within 30 ms, exceed the mean from 100 ms before to 70 ms after by 0.07
// of the largest of all, and come 30 ms after the onset before at least. Böck,
// Krebs, Schedl, ISMIR 2012. It costs O(n) for n frames.
func (e OnsetEnvelope) Onsets() []Onset {
	const (
		near, past, ahead = 0.03, 0.10, 0.07 // seconds
		threshold         = 0.07
	)
	frames := func(seconds float64) int { return int(math.Round(seconds * e.Rate)) }
	largest := Peak(e.Values)
	var out []Onset
	last := math.MinInt32
	for i, v := range e.Values {
		if v <= 0 || i-last < frames(near) || v < peakOf(e.Values, i-frames(near), i+frames(near)) {
			continue
		}
		excess := (float64(v) - meanOf(e.Values, i-frames(past), i+frames(ahead))) / largest
		if excess < threshold {
			continue
		}
		last = i
		out = append(out, Onset{Time: e.time(float64(i)), Strength: float32(excess)})
	}
	return out
}

// time returns the time of a frame.
func (e OnsetEnvelope) time(frame float64) time.Duration {
	return time.Duration(math.Round(frame / e.Rate * float64(time.Second)))
}

// peakOf returns the largest of x[from:to+1].
func peakOf(x []float32, from, to int) (peak float32) {
	for _, v := range x[max(from, 0):min(to+1, len(x))] {
		peak = max(peak, v)
	}
	return peak
}

// meanOf returns the mean of x[from:to+1].
func meanOf(x []float32, from, to int) (mean float64) {
	part := x[max(from, 0):min(to+1, len(x))]
	for _, v := range part {
		mean += float64(v)
	}
	return mean / float64(len(part))
}
