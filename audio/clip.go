package audio

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
)

// MaxRate is the highest sampling rate in Hz that this package works with.
const MaxRate = 768_000

// Clip is sound in memory. Its methods leave it as it is.
//
// A valid clip has a Rate from 1 to [MaxRate], 1 to 65535 channels and a whole
// number of frames of finite samples. A clip without samples is valid. Functions
// that return an error refuse other clips with [quintet.ErrInput].
type Clip struct {
	// ID is the caller's name for the clip. Results carry it.
	ID string `json:"id,omitempty"`

	// Rate is the number of frames in a second.
	Rate int `json:"rate"`

	// Channels is the number of samples in a frame.
	Channels int `json:"channels"`

	// Samples are interleaved: a frame has one sample of each channel. Full
	// scale is -1 to 1; louder samples are kept.
	Samples []float32 `json:"samples,omitempty"`
}

// Frames returns the number of whole frames. It is 0 without a channel.
func (c Clip) Frames() int {
	if c.Channels < 1 {
		return 0
	}
	return len(c.Samples) / c.Channels
}

// Duration returns Frames over Rate, rounded down to a nanosecond. It is 0
// without a rate.
func (c Clip) Duration() time.Duration {
	if c.Rate < 1 {
		return 0
	}
	return lasting(c.Frames(), c.Rate)
}

// lasting returns frames over rate, rounded down to a nanosecond.
func lasting(frames, rate int) time.Duration {
	seconds, rest := time.Duration(frames/rate), time.Duration(frames%rate)
	if seconds >= math.MaxInt64/time.Second {
		return math.MaxInt64
	}
	return seconds*time.Second + rest*time.Second/time.Duration(rate)
}

// Mono returns the mean of the channels as a clip of one. A clip of one channel
// is returned as it is, sharing its samples; so is a clip without a channel.
func (c Clip) Mono() Clip {
	if c.Channels <= 1 {
		return c
	}
	c.Samples, c.Channels = mix(make([]float32, 0, c.Frames()), c.Samples, c.Channels), 1
	return c
}

// mix appends the mean of the channels of interleaved samples to dst.
func mix(dst, samples []float32, channels int) []float32 {
	if channels == 1 {
		return append(dst, samples...)
	}
	for ; len(samples) >= channels; samples = samples[channels:] {
		var sum float64
		for _, v := range samples[:channels] {
			sum += float64(v)
		}
		dst = append(dst, float32(sum/float64(channels)))
	}
	return dst
}

// Slice returns the part from one time up to another, each rounded to the
// nearest frame and moved into the clip; it is empty if to is before from. It
// shares the samples of c, but appending to it does not overwrite them.
func (c Clip) Slice(from, to time.Duration) Clip {
	first, last := c.frameAt(from)*c.Channels, c.frameAt(to)*c.Channels
	last = max(first, last)
	c.Samples = c.Samples[first:last:last]
	return c
}

// frameAt returns the frame nearest to a time, from 0 to c.Frames().
func (c Clip) frameAt(t time.Duration) int {
	frame := math.Round(t.Seconds() * float64(c.Rate))
	return int(min(max(frame, 0), float64(c.Frames())))
}

// check returns why the clip is not valid, apart from samples that are not
// finite, or nil.
func (c Clip) check() error {
	switch {
	case c.Rate < 1 || c.Rate > MaxRate:
		return fmt.Errorf("rate is %d Hz, must be from 1 to %d: %w", c.Rate, MaxRate, quintet.ErrInput)
	case c.Channels < 1 || c.Channels > math.MaxUint16:
		return fmt.Errorf("clip has %d channels, must have 1 to %d: %w",
			c.Channels, math.MaxUint16, quintet.ErrInput)
	case len(c.Samples)%c.Channels != 0:
		return fmt.Errorf("%d samples do not divide into %d channels: %w",
			len(c.Samples), c.Channels, quintet.ErrInput)
	}
	return nil
}

// checkFinite returns why the samples cannot be computed with, or nil.
func (c Clip) checkFinite() error {
	if dsp.Peak(c.Samples) <= math.MaxFloat32 {
		return nil
	}
	for i, v := range c.Samples {
		if v-v != 0 { // NaN and infinities
			return fmt.Errorf("sample %d is %v: %w", i, v, quintet.ErrInput)
		}
	}
	return nil
}
