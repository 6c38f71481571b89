package audio

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
)

// maxGain bounds gains in decibels, to either side.
const maxGain = 200

// Gain returns the clip louder by an amount in decibels, softer if it is negative.
// Samples beyond full scale are kept, not cut; [NormalizeOptions.Peak] prevents
// them. The error of an amount beyond 200 to either side wraps
// [quintet.ErrOption].
func (c Clip) Gain(decibels float64) (Clip, error) {
	if !(math.Abs(decibels) <= maxGain) {
		return Clip{}, fmt.Errorf("audio: gain of %v dB, limit %d: %w", decibels, maxGain, quintet.ErrOption)
	}
	return c.times(math.Pow(10, decibels/20)), nil
}

// times returns the clip with its samples times gain, at most the largest float32.
func (c Clip) times(gain float64) Clip {
	out := make([]float32, len(c.Samples))
	for i, v := range c.Samples {
		out[i] = float32(min(max(float64(v)*gain, -math.MaxFloat32), math.MaxFloat32))
	}
	c.Samples = out
	return c
}

// Fade returns the clip rising from silence over the time in at its beginning and
// falling to silence over the time out at its end, both as half a period of a raised
// cosine. Times are rounded to frames; longer ones than the clip are cut to it,
// negative ones count as 0. Where both fades meet, their gains multiply.
func (c Clip) Fade(in, out time.Duration) Clip {
	frames := c.Frames()
	rise, fall := c.frameAt(in), c.frameAt(out)
	c.Samples = append([]float32(nil), c.Samples...)
	gain := func(frame, by, of int) {
		g := float32(0.5 - 0.5*math.Cos(math.Pi*float64(by)/float64(of)))
		for channel := range c.Channels {
			c.Samples[frame*c.Channels+channel] *= g
		}
	}
	for i := range rise {
		gain(i, i, rise)
	}
	for i := range fall {
		gain(frames-1-i, i, fall)
	}
	return c
}

// Level is a measure of how loud a clip is.
type Level int

const (
	LevelLoudness Level = iota // integrated loudness in LUFS: ITU-R BS.1770-4, EBU R128
	LevelRMS                   // root of the mean square in dBFS
	LevelPeak                  // largest sample in dBFS

	levels
)

// NormalizeOptions configures [Clip.Normalize].
type NormalizeOptions struct {
	// Level is what is brought to Target. Default: LevelLoudness.
	Level Level

	// Target is the wanted level, below 0. Default: -23 LUFS for LevelLoudness, as
	// EBU R128 has it, -20 dBFS for LevelRMS, -1 dBFS for LevelPeak.
	Target float64

	// Peak bounds the largest sample in dBFS, at most 0: the gain is lowered, and
	// Target missed, where samples would exceed it. Default: -1.
	Peak float64
}

func (o NormalizeOptions) withDefaults() (NormalizeOptions, error) {
	if o.Level < 0 || o.Level >= levels {
		return o, fmt.Errorf("unknown level %d: %w", o.Level, quintet.ErrOption)
	}
	if o.Target == 0 {
		o.Target = [levels]float64{-23, -20, -1}[o.Level]
	}
	if o.Peak == 0 {
		o.Peak = -1
	}
	if !(-maxGain <= o.Target && o.Target < 0 && -maxGain <= o.Peak && o.Peak < 0) {
		return o, fmt.Errorf("target %v dB, peak %v dB, must be below 0: %w", o.Target, o.Peak, quintet.ErrOption)
	}
	return o, nil
}

// Normalize returns the clip at a given level, and the gain in decibels that did it.
// A clip without a level, silent or, for LevelLoudness, shorter than 0.4 s or below
// -70 LUFS, is returned as it is with gain 0. LevelLoudness wants a rate of at least
// 4000 Hz and at most 64 channels. Errors wrap [quintet.ErrOption], or
// [quintet.ErrInput] for a clip that is not valid.
func (c Clip) Normalize(o NormalizeOptions) (out Clip, gain float64, err error) {
	if o, err = o.withDefaults(); err == nil {
		if err = c.check(); err == nil {
			err = c.checkFinite()
		}
	}
	if err != nil {
		return Clip{}, 0, fmt.Errorf("audio: %w", err)
	}
	level, known, err := c.level(o.Level)
	if err != nil || !known {
		return c, 0, err
	}
	gain = min(o.Target-level, o.Peak-dsp.DBFS(dsp.Peak(c.Samples)))
	return c.times(math.Pow(10, gain/20)), gain, nil
}

// level returns a level in decibels and whether the clip has one.
func (c Clip) level(l Level) (level float64, known bool, err error) {
	if dsp.Peak(c.Samples) == 0 {
		return 0, false, nil
	}
	switch l {
	case LevelRMS:
		return dsp.DBFS(dsp.RMS(c.Samples)), true, nil
	case LevelPeak:
		return dsp.DBFS(dsp.Peak(c.Samples)), true, nil
	}
	m, err := dsp.MeasureLoudness(c.Samples, dsp.LoudnessOptions{Rate: c.Rate, Channels: c.Channels})
	if err != nil {
		return 0, false, fmt.Errorf("audio: %w", err)
	}
	return m.Integrated, m.Integrated > dsp.MinLUFS, nil
}

// trimBlock is the time whose level decides whether it is silent.
const trimBlock = 10 * time.Millisecond

// Trim returns the clip without the silence at its ends, sharing its samples, and the
// time at which it began in c. Blocks of 10 ms count as silent if the root of their
// mean square is below threshold, in dBFS; 0 is -60. The part that is kept is longer
// by margin at both ends, as far as c reaches. A clip that is silent throughout
// becomes empty. The error of a threshold that is not below 0, or of a negative
// margin, wraps [quintet.ErrOption].
func (c Clip) Trim(threshold float64, margin time.Duration) (out Clip, from time.Duration, err error) {
	if threshold == 0 {
		threshold = -60
	}
	if !(threshold < 0) || margin < 0 {
		return Clip{}, 0, fmt.Errorf("audio: trim below %v dB with margin %v: %w", threshold, margin, quintet.ErrOption)
	}
	if c.Rate < 1 || c.Channels < 1 {
		return c, 0, nil
	}
	block := max(int(trimBlock.Seconds()*float64(c.Rate)), 1)
	loud := func(frame int) bool {
		part := c.Samples[frame*c.Channels : min(frame+block, c.Frames())*c.Channels]
		return dsp.DBFS(dsp.RMS(part)) >= threshold
	}
	first, last := 0, c.Frames()
	for first < last && !loud(first) {
		first += block
	}
	if first >= last {
		return c.Slice(0, 0), 0, nil
	}
	end := first
	for at := first; at < last; at += block {
		if loud(at) {
			end = min(at+block, last)
		}
	}
	keep := c.frameAt(margin)
	first, end = max(first-keep, 0), min(end+keep, last)
	c.Samples = c.Samples[first*c.Channels : end*c.Channels : end*c.Channels]
	return c, lasting(first, c.Rate), nil
}
