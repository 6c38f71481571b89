package dsp

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// PYINOptions configures a [PYIN].
type PYINOptions struct {
	// Rate, FMin, FMax and Hop are those of [YINOptions], with the same defaults.
	Rate       int
	FMin, FMax float64
	Hop        int

	// Switch is the probability of a change between voiced and unvoiced from one
	// frame to the next. Default: 0.01.
	Switch float64
}

const (
	semitoneParts  = 10    // pitches that the model tells apart in a semitone
	octavesASecond = 36.0  // the fastest glide of the model
	noDip          = 0.01  // weight of the deepest dip where none is below the threshold
	maxPYINStates  = 4096  // pitches of the model
	leastChance    = 1e-30 // keeps logarithms finite
)

// PYIN tracks the pitch of one voice over a whole signal. Each frame gives several
// candidates, the dips of [YIN]'s difference function, with the probability that each
// is the first below a threshold which is distributed as Beta(2, 18); a hidden Markov
// model over pitches a tenth of a semitone apart, voiced and unvoiced, then finds the
// likeliest track. So it makes fewer octave errors than YIN, and does not drop out at
// single frames. Mauch, Dixon, ICASSP 2014.
//
// Its memory grows to about 2.5 kB for each frame and is kept: runs on signals no
// longer than before allocate nothing. It is not safe for concurrent use; Clone gives
// each goroutine its own.
type PYIN struct {
	opt      PYINOptions
	yin      *YIN
	pitches  int
	reach    int       // steps that a pitch may move from one frame to the next
	moves    []float64 // logarithm of the chance of a move by d at d+reach
	observed []float64 // chance of each voiced pitch in a frame
	score    []float64 // by state: the voiced pitches, then the unvoiced ones
	next     []float64
	from     []uint16  // state before, by frame and state
	best     []float32 // frequency of each pitch in each frame, 0 if none
	voiced   []float32 // chance that each frame is voiced
	path     []uint16
}

// NewPYIN returns a plan, or an error wrapping [quintet.ErrOption].
func NewPYIN(o PYINOptions) (*PYIN, error) {
	if o.Switch == 0 {
		o.Switch = 0.01
	}
	if !(0 < o.Switch && o.Switch < 1) {
		return nil, fmt.Errorf("dsp: switch probability %v, must be in (0, 1): %w", o.Switch, quintet.ErrOption)
	}
	y, err := NewYIN(YINOptions{Rate: o.Rate, FMin: o.FMin, FMax: o.FMax, Hop: o.Hop})
	if err != nil {
		return nil, err
	}
	o.Rate, o.FMin, o.FMax, o.Hop = y.opt.Rate, y.opt.FMin, y.opt.FMax, y.opt.Hop
	p := &PYIN{opt: o, yin: y}
	p.pitches = int(12*semitoneParts*math.Log2(o.FMax/o.FMin)) + 1
	if p.pitches > maxPYINStates {
		return nil, fmt.Errorf("dsp: pitch from %v to %v Hz: %w", o.FMin, o.FMax, quintet.ErrOption)
	}
	glide := octavesASecond * 12 * semitoneParts * float64(o.Hop) / float64(o.Rate)
	p.reach = int(min(max(math.Round(glide), 1), float64(p.pitches)))
	for d := -p.reach; d <= p.reach; d++ { // a triangle
		chance := float64(p.reach+1-max(d, -d)) / float64((p.reach+1)*(p.reach+1))
		p.moves = append(p.moves, math.Log(chance))
	}
	return p.space(), nil
}

func (p *PYIN) space() *PYIN {
	p.observed = make([]float64, p.pitches)
	p.score, p.next = make([]float64, 2*p.pitches), make([]float64, 2*p.pitches)
	return p
}

// Clone returns a plan with its own work space that shares the tables of p. It may be
// called while p is in use.
func (p *PYIN) Clone() *PYIN {
	c := &PYIN{opt: p.opt, yin: p.yin.Clone(), pitches: p.pitches, reach: p.reach, moves: p.moves}
	return c.space()
}

// Options returns the options with their defaults filled in.
func (p *PYIN) Options() PYINOptions { return p.opt }

// Track appends the pitch of each frame of x to dst[:0] and returns it. Frames are
// those of [YIN.Track]; Confidence is the probability that the frame is voiced. It
// costs O(F log F + S·R) for a frame of F samples with S pitches that may move by R.
func (p *PYIN) Track(dst []Pitch, x []float32) []Pitch {
	dst = dst[:0]
	if len(x) == 0 {
		return dst
	}
	frames := 1 + len(x)/p.opt.Hop
	states := 2 * p.pitches
	p.from = slices.Grow(p.from[:0], frames*states)[:frames*states]
	p.best = slices.Grow(p.best[:0], frames*p.pitches)[:frames*p.pitches]
	p.voiced = slices.Grow(p.voiced[:0], frames)[:frames]
	p.path = slices.Grow(p.path[:0], frames)[:frames]
	for i := range frames {
		p.voiced[i] = float32(p.observe(p.best[i*p.pitches:][:p.pitches], x, i))
		p.step(p.from[i*states:][:states], float64(p.voiced[i]), i == 0)
	}
	p.trace(frames)
	for i, state := range p.path {
		at := float64(i*p.opt.Hop) / float64(p.opt.Rate)
		pitch := Pitch{Time: time.Duration(math.Round(at * float64(time.Second))), Confidence: p.voiced[i]}
		if int(state) < p.pitches {
			pitch.Hz = p.best[i*p.pitches+int(state)]
			if pitch.Hz == 0 { // between frames that have it
				pitch.Hz = float32(p.hz(int(state)))
			}
		}
		dst = append(dst, pitch)
	}
	return dst
}

// hz returns the frequency of a pitch of the model.
func (p *PYIN) hz(pitch int) float64 {
	return p.opt.FMin * math.Exp2(float64(pitch)/(12*semitoneParts))
}

// observe fills the chances of the pitches in frame i of x and their exact
// frequencies, and returns the sum of the chances.
func (p *PYIN) observe(best []float32, x []float32, i int) (voiced float64) {
	clear(p.observed)
	clear(best)
	y := p.yin
	if !y.load(x, i*p.opt.Hop-len(y.frame)/2) {
		return 0
	}
	y.difference()
	// A dip is taken if the threshold lies above it and not above one before it.
	above, deepest := 1.0, y.low
	for lag := max(y.low, 1); lag < y.high; lag++ {
		d := y.diff[lag]
		if d < y.diff[deepest] {
			deepest = lag
		}
		if d < above && d < y.diff[lag-1] && d <= y.diff[lag+1] {
			voiced += p.add(best, lag, thresholdsBelow(above)-thresholdsBelow(d))
			above = d
		}
	}
	if deepest > 1 {
		voiced += p.add(best, deepest, noDip*thresholdsBelow(y.diff[deepest]))
	}
	return min(voiced, 1)
}

// thresholdsBelow is the distribution function of Beta(2, 18).
func thresholdsBelow(v float64) float64 {
	if v >= 1 {
		return 1
	}
	return 1 - math.Pow(1-v, 18)*(1+18*v)
}

// add gives the pitch of a dip a chance, which it returns.
func (p *PYIN) add(best []float32, lag int, chance float64) float64 {
	y := p.yin
	hz := float64(p.opt.Rate) / (float64(lag) + vertex(y.diff[lag-1], y.diff[lag], y.diff[lag+1]))
	pitch := int(math.Round(12 * semitoneParts * math.Log2(hz/p.opt.FMin)))
	if pitch < 0 || pitch >= p.pitches {
		return 0
	}
	if best[pitch] == 0 || chance > p.observed[pitch] {
		best[pitch] = float32(hz)
	}
	chance = max(chance, 0) // it may be a rounding error below
	p.observed[pitch] += chance
	return chance
}

// step moves the scores of the states, logarithms of chances, on by a frame, and
// notes where each came from.
func (p *PYIN) step(from []uint16, voiced float64, first bool) {
	n := p.pitches
	stay, change := math.Log(1-p.opt.Switch), math.Log(p.opt.Switch)
	silent := math.Log(max((1-voiced)/float64(n), leastChance))
	for pitch := range n {
		here, other := math.Inf(-1), math.Inf(-1)
		var hereFrom, otherFrom int
		if first {
			here, other = 0, 0
		} else {
			for q := max(pitch-p.reach, 0); q <= min(pitch+p.reach, n-1); q++ {
				move := p.moves[pitch-q+p.reach]
				if s := p.score[q] + move; s > here {
					here, hereFrom = s, q
				}
				if s := p.score[n+q] + move; s > other {
					other, otherFrom = s, n+q
				}
			}
		}
		sound := math.Log(max(p.observed[pitch], leastChance))
		p.choose(from, pitch, sound, here+stay, other+change, hereFrom, otherFrom)
		p.choose(from, n+pitch, silent, here+change, other+stay, hereFrom, otherFrom)
	}
	p.score, p.next = p.next, p.score
	highest := slices.Max(p.score)
	for i := range p.score {
		p.score[i] -= highest
	}
}

// choose gives a state the better of two scores and notes where it came from.
func (p *PYIN) choose(from []uint16, state int, seen, a, b float64, fromA, fromB int) {
	p.next[state], from[state] = seen+a, uint16(fromA)
	if b > a {
		p.next[state], from[state] = seen+b, uint16(fromB)
	}
}

// trace follows the likeliest path back.
func (p *PYIN) trace(frames int) {
	best := 0
	for state, s := range p.score {
		if s > p.score[best] {
			best = state
		}
	}
	for i := frames - 1; i >= 0; i-- {
		p.path[i] = uint16(best)
		best = int(p.from[i*2*p.pitches+best])
	}
}
