package dsp

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// ChordQuality is the kind of a chord.
type ChordQuality int

const (
	ChordNone  ChordQuality = iota // silence, noise, or no triad
	ChordMajor                     // root, major third, fifth
	ChordMinor                     // root, minor third, fifth
)

// Chord is a chord that sounds for some time.
type Chord struct {
	Start   time.Duration `json:"start"`   // from the beginning of the signal
	End     time.Duration `json:"end"`     // the start of the next chord, or the end of the signal
	Root    int           `json:"root"`    // pitch class, 0 for ChordNone
	Quality ChordQuality  `json:"quality"` // major, minor or none

	// Score is the mean over the frames of the cosine between the chroma and the
	// tones of the chord, from 0 to 1; 0 for ChordNone.
	Score float64 `json:"score"`
}

// String returns the name in the syntax of Harte et al., ISMIR 2005: "A:maj",
// "C#:min", "N" for none.
func (c Chord) String() string {
	names := [PitchClasses]string{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"}
	if c.Root < 0 || c.Root >= PitchClasses {
		return fmt.Sprintf("Chord(%d)", c.Root)
	}
	switch c.Quality {
	case ChordMajor:
		return names[c.Root] + ":maj"
	case ChordMinor:
		return names[c.Root] + ":min"
	}
	return "N"
}

// ChordOptions configures a [ChordTracker].
type ChordOptions struct {
	// Rate is the number of samples in a second, from 1000 to 2^22. Default: 22050.
	Rate int

	// A4 is the frequency of that note in Hz, within an octave of 440. Default: 440.
	A4 float64

	// Change is the probability that the chord changes from one frame to the next,
	// of which there are some 20 a second, in (0, 1). Default: 0.02.
	Change float64
}

func (o ChordOptions) withDefaults() (ChordOptions, error) {
	if o.Rate == 0 {
		o.Rate = 22050
	}
	if o.A4 == 0 {
		o.A4 = concertA
	}
	if o.Change == 0 {
		o.Change = 0.02
	}
	if o.Rate < lowestRate || o.Rate > 1<<22 || !(concertA/2 <= o.A4 && o.A4 <= concertA*2) || !(0 < o.Change && o.Change < 1) {
		return o, fmt.Errorf("dsp: chords at rate %d, A4 %v Hz, change %v: %w", o.Rate, o.A4, o.Change, quintet.ErrOption)
	}
	return o, nil
}

const (
	chordStates = 2*PitchClasses + 1 // major chords, minor ones, none
	chordGain   = 12.0               // from cosines to logarithms of likelihoods
	noChord     = 0.6                // cosine that no chord counts as; flat chroma has 0.5
)

// ChordTracker names the major and minor triads of music: the chroma of each frame is
// compared with the tones of the 24 triads, and the likeliest row of chords found by
// the Viterbi algorithm, in which a change costs -ln(Change/24): Fujishima, ICMC 1999;
// Sheh, Ellis, ISMIR 2003. Other chords are named after the triad that is nearest.
// Its memory is kept: runs on signals no longer than before allocate nothing but what
// the result needs to grow. It is not safe for concurrent use.
type ChordTracker struct {
	opt    ChordOptions
	stft   *STFT
	power  []float32
	scores []float64 // cosine of each state by frame
	from   []uint8   // state before, by frame and state
	path   []uint8
}

// NewChordTracker returns a plan, or an error wrapping [quintet.ErrOption].
func NewChordTracker(o ChordOptions) (*ChordTracker, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	size := chromaSize(o.Rate)
	s, err := NewSTFT(STFTOptions{Rate: o.Rate, FFTSize: size, Hop: size / 4, Pad: PadZero})
	if err != nil {
		return nil, err
	}
	return &ChordTracker{opt: o, stft: s, power: make([]float32, s.Bins())}, nil
}

// Options returns the options with their defaults filled in.
func (c *ChordTracker) Options() ChordOptions { return c.opt }

// Track appends the chords of x to dst[:0] and returns it: in order, without gaps,
// from 0 to the end of x. An empty signal has none. NaN and infinite samples count as
// 0. It costs O(n·log Rate) for n samples.
func (c *ChordTracker) Track(dst []Chord, x []float32) []Chord {
	dst = dst[:0]
	x = finite(x)
	frames := c.stft.Frames(len(x))
	if frames == 0 {
		return dst
	}
	c.scores = slices.Grow(c.scores[:0], frames*chordStates)[:frames*chordStates]
	c.from = slices.Grow(c.from[:0], frames*chordStates)[:frames*chordStates]
	c.path = slices.Grow(c.path[:0], frames)[:frames]
	perBin := float64(c.opt.Rate) / float64(c.stft.Options().FFTSize)
	for i := range frames {
		c.stft.Power(c.power, x, i)
		chroma, _ := classes(c.power, perBin, c.opt.A4)
		rateChords(c.scores[i*chordStates:][:chordStates], chroma)
	}
	c.smooth(frames)
	return c.spans(dst, len(x))
}

// rateChords writes the cosines of the triads with the magnitudes of a chroma.
func rateChords(dst []float64, chroma Chroma) {
	var size Chroma
	norm := 0.0
	for i, v := range chroma {
		size[i] = math.Sqrt(v)
		norm += v
	}
	dst[chordStates-1] = noChord
	norm = math.Sqrt(3 * norm)
	for root := range PitchClasses {
		open := size[root] + size[(root+7)%PitchClasses]
		dst[root], dst[PitchClasses+root] = 0, 0
		if norm > 0 {
			dst[root] = (open + size[(root+4)%PitchClasses]) / norm
			dst[PitchClasses+root] = (open + size[(root+3)%PitchClasses]) / norm
		}
	}
}

// smooth finds the likeliest path through the states.
func (c *ChordTracker) smooth(frames int) {
	stay, change := math.Log(1-c.opt.Change), math.Log(c.opt.Change/(chordStates-1))
	var score [chordStates]float64
	for i := range frames {
		best := 0
		for s, v := range score {
			if v > score[best] {
				best = s
			}
		}
		highest := score[best]
		for s, v := range c.scores[i*chordStates:][:chordStates] {
			from, sum := s, score[s]-highest+stay
			if sum < change {
				from, sum = best, change
			}
			c.from[i*chordStates+s] = uint8(from)
			score[s] = sum + chordGain*v
		}
	}
	last := 0
	for s, v := range score {
		if v > score[last] {
			last = s
		}
	}
	for i := frames - 1; i >= 0; i-- {
		c.path[i] = uint8(last)
		last = int(c.from[i*chordStates+last])
	}
}

// spans joins equal states of the path. A change lies in the middle between frames.
func (c *ChordTracker) spans(dst []Chord, n int) []Chord {
	hop := c.stft.Options().Hop
	at := func(sample int) time.Duration {
		return time.Duration(math.Round(float64(min(sample, n)) / float64(c.opt.Rate) * float64(time.Second)))
	}
	for i := 0; i < len(c.path); {
		state, sum, first := int(c.path[i]), 0.0, i
		for ; i < len(c.path) && int(c.path[i]) == state; i++ {
			sum += c.scores[i*chordStates+state]
		}
		chord := Chord{Start: at(max(first*hop-hop/2, 0)), End: at(i*hop - hop/2)}
		if i == len(c.path) {
			chord.End = at(n)
		}
		if state < chordStates-1 {
			chord.Root, chord.Quality = state%PitchClasses, ChordMajor+ChordQuality(state/PitchClasses)
			chord.Score = min(sum/float64(i-first), 1)
		}
		dst = append(dst, chord)
	}
	return dst
}
