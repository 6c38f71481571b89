package dsp

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// TempoCandidate is a tempo that fits a signal.
type TempoCandidate struct {
	BPM        float64 `json:"bpm"`        // beats in a minute
	Confidence float64 `json:"confidence"` // share of the candidate, from 0 to 1
}

// The gains, octaves and the teeth of comb were chosen on made-up tracks, seeds 0 to
// 159 of band in the tests, none of which the evaluation takes.
const (
	slowestBPM, fastestBPM = 40.0, 240.0
	usualBPM               = 120.0
	lowGainTempo           = 4.5 // of the low bands, without which a hi-hat sets the tempo
	lowGainBeats           = 4
	octaves                = 1.0 // deviation of the preference for usualBPM
)

// Tempos returns at most n tempos from 40 to 240 beats in a minute, best first;
// the confidences of all that were found sum to 1, so two of nearly equal
// confidence, of which one is mostly double or 1.5 times the other, say that the
// signal leaves it open. They are the peaks of the autocorrelation of the envelope,
// each taken with its multiples, less where half the lag is as good, weighted by a
// preference for 120 that falls as a normal curve over octaves: Ellis, Journal of
// New Music Research 36(1), 2007. A signal without onsets, or one shorter than three seconds, has none. It
// costs O(n) for each of 150 lags.
func (e OnsetEnvelope) Tempos(n int) []TempoCandidate {
	shortest := 60 / fastestBPM * e.Rate
	longest := int(math.Ceil(60 / slowestBPM * e.Rate))
	if len(e.Values) < 2*longest || Peak(e.Values) == 0 {
		return nil
	}
	r := autocorrelation(e.mixed(lowGainTempo), 4*longest+2)
	weight := func(lag float64) float64 {
		return comb(r, lag) * undivided(r, lag) * preference(60*e.Rate/lag)
	}
	var out []TempoCandidate
	total := 0.0
	for lag := int(shortest); lag <= longest; lag++ {
		w := weight(float64(lag))
		if w <= 0 || w < weight(float64(lag-1)) || w <= weight(float64(lag+1)) {
			continue
		}
		at := refine(r, lag)
		out = append(out, TempoCandidate{60 * e.Rate / at, w})
		total += w
	}
	for i := range out {
		out[i].Confidence /= total
	}
	slices.SortStableFunc(out, func(a, b TempoCandidate) int {
		if a.Confidence > b.Confidence {
			return -1
		} else if a.Confidence < b.Confidence {
			return 1
		}
		return 0
	})
	return out[:max(min(n, len(out)), 0)]
}

// mixed returns the envelope plus lowGain times that of the low bands, smoothed
// over 50 ms, without its mean.
func (e OnsetEnvelope) mixed(lowGain float64) []float64 {
	raw := make([]float64, len(e.Values))
	mean := 0.0
	for i, v := range e.Values {
		raw[i] = float64(v) + lowGain*float64(e.Low[i])
		mean += raw[i]
	}
	mean /= float64(len(raw))
	out := make([]float64, len(raw))
	for i := range raw {
		sum, weight := 0.0, 0.0
		for d := -2; d <= 2; d++ {
			if j := i + d; 0 <= j && j < len(raw) {
				w := math.Exp(-0.5 * float64(d*d))
				sum += w * (raw[j] - mean)
				weight += w
			}
		}
		out[i] = sum / weight
	}
	return out
}

// autocorrelation returns the unbiased, normalised correlation of x at the lags
// below n.
func autocorrelation(x []float64, n int) []float64 {
	r := make([]float64, n)
	for lag := range min(n, len(x)-len(x)/4) {
		sum := 0.0
		for i, v := range x[lag:] {
			sum += v * x[i]
		}
		r[lag] = sum / float64(len(x)-lag)
	}
	for lag := n - 1; lag >= 0 && r[0] > 0; lag-- {
		r[lag] /= r[0]
	}
	return r
}

// comb returns the mean of r at a lag and its multiples.
func comb(r []float64, lag float64) (sum float64) {
	const teeth = 3
	for k := 1; k <= teeth; k++ {
		at := lag * float64(k)
		i := int(at)
		if i+1 >= len(r) {
			return sum / float64(max(k-1, 1))
		}
		sum += between(r, at)
	}
	return sum / teeth
}

// undivided returns how much less alike the signal is half a lag later than a lag
// later, from 0 to 1: where it is the same, the beats are between.
func undivided(r []float64, lag float64) float64 {
	const least, strength = 0.7, 0.8 // likeness from which on it counts, and how much
	whole := between(r, lag)
	if whole <= 0 {
		return 0
	}
	half := between(r, lag/2) / whole
	return whole * (1 - strength*min(max((half-least)/(1-least), 0), 1))
}

// between interpolates r, which has values up to the position after at.
func between(r []float64, at float64) float64 {
	i := int(at)
	part := at - float64(i)
	return r[i]*(1-part) + r[i+1]*part
}

// refine returns the position of the peak of r near the fourth multiple of lag, in
// units of lag.
func refine(r []float64, lag int) float64 {
	at, times := lag, 1
	for times*2 <= 4 && 2*at+2 < len(r) {
		times *= 2
		center := 2 * at
		at = center
		for j := center - 2; j <= center+2; j++ {
			if r[j] > r[at] {
				at = j
			}
		}
	}
	return (float64(at) + vertex(r[at-1], r[at], r[at+1])) / float64(times)
}

func preference(bpm float64) float64 {
	d := math.Log2(bpm/usualBPM) / octaves
	return math.Exp(-0.5 * d * d)
}

// Beats returns the times of the beats of a signal whose tempo is about bpm, in
// order: the row of frames with the largest sum of envelope values less a penalty
// for distances between beats that differ from the period of bpm. Ellis, Journal of
// New Music Research 36(1), 2007. The bands below 200 Hz count several times, so
// that high sounds between the beats do not draw the beats to them. Signals without
// onsets have no beats. It costs O(n·period) for n frames. The error of a tempo out
// of the range from 20 to 500 wraps [quintet.ErrOption].
func (e OnsetEnvelope) Beats(bpm float64) ([]time.Duration, error) {
	if !(20 <= bpm && bpm <= 500) {
		return nil, fmt.Errorf("dsp: beats at %v a minute, must be from 20 to 500: %w", bpm, quintet.ErrOption)
	}
	if len(e.Values) == 0 || Peak(e.Values) == 0 {
		return nil, nil
	}
	score, before := e.chain(60 * e.Rate / bpm)
	last := 0
	period := int(math.Ceil(60 * e.Rate / bpm))
	for i := max(len(score)-period, 0); i < len(score); i++ {
		if score[i] > score[last] || last < len(score)-period {
			last = i
		}
	}
	var frames []int
	for i := last; i >= 0; i = before[i] {
		frames = append(frames, i)
	}
	slices.Reverse(frames)
	beats := make([]time.Duration, len(frames))
	for i, f := range frames {
		beats[i] = e.time(float64(f))
	}
	return beats, nil
}

// chain returns for each frame the best sum of a row of beats that ends there, and
// the beat before it, -1 if it is the first.
func (e OnsetEnvelope) chain(period float64) (score []float64, before []int) {
	const tightness = 100
	x := e.mixed(lowGainBeats)
	deviation := 0.0
	for _, v := range x {
		deviation += v * v
	}
	deviation = max(math.Sqrt(deviation/float64(len(x))), math.SmallestNonzeroFloat32)
	near, far := max(int(period/2), 1), int(2*period)
	penalty := make([]float64, far+1)
	for lag := near; lag <= far; lag++ {
		l := math.Log(float64(lag) / period)
		penalty[lag] = tightness * l * l
	}
	score, before = make([]float64, len(x)), make([]int, len(x))
	for i, v := range x {
		best := 0.0
		before[i] = -1
		for lag := near; lag <= min(far, i); lag++ {
			if s := score[i-lag] - penalty[lag]; s > best {
				best, before[i] = s, i-lag
			}
		}
		score[i] = v/deviation + best
	}
	return score, before
}
