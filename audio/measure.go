package audio

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet/audio/dsp"
)

const (
	silence   = 1e-3                   // amplitude of -60 dBFS
	fullScale = float32(32767) / 32768 // of 16 bits
)

// Measure returns the properties of a clip. Its error wraps [quintet.ErrInput] and
// says why the clip is not valid. It takes time proportional to the samples.
func Measure(c Clip) (Properties, error) {
	if err := c.check(); err != nil {
		return Properties{}, fmt.Errorf("audio: %w", err)
	}
	if err := c.checkFinite(); err != nil {
		return Properties{}, fmt.Errorf("audio: %w", err)
	}
	return measure(c), nil
}

// measure is Measure of a valid clip.
func measure(c Clip) Properties {
	p := Properties{
		Duration: c.Duration(), Rate: c.Rate, Channels: c.Channels, Frames: c.Frames(),
		RMS: dsp.RMS(c.Samples), Peak: dsp.Peak(c.Samples),
		Silence: silentShare(c),
	}
	p.RMSDBFS, p.PeakDBFS = dsp.DBFS(p.RMS), dsp.DBFS(p.Peak)
	if p.Peak > 0 {
		p.Crest = 20 * math.Log10(p.Peak/p.RMS)
	}
	for channel := range c.Channels {
		mean, crossings, clipped := measureChannel(c, channel)
		if math.Abs(mean) > math.Abs(p.DCOffset) {
			p.DCOffset = mean
		}
		p.ZeroCrossingRate += crossings / float64(c.Channels)
		p.Clipped += clipped
	}
	return p
}

// measureChannel returns the mean, the changes of sign per sample and the number
// of clipped samples of a channel.
func measureChannel(c Clip, channel int) (mean, crossings float64, clipped int) {
	if len(c.Samples) == 0 {
		return 0, 0, 0
	}
	changes := uint64(0)
	before := math.Float32bits(c.Samples[channel] + 0)
	for i := channel; i < len(c.Samples); i += c.Channels {
		v := c.Samples[i]
		mean += float64(v)
		if v >= fullScale || v <= -fullScale {
			clipped++
		}
		sign := math.Float32bits(v + 0) // -0 becomes 0
		changes += uint64((sign ^ before) >> 31)
		before = sign
	}
	frames := float64(c.Frames())
	return mean / frames, float64(changes) / frames, clipped
}

// silentShare returns the share of blocks of 20 ms whose RMS is below silence.
func silentShare(c Clip) float64 {
	if len(c.Samples) == 0 {
		return 0
	}
	block := max(c.Rate/50, 1) * c.Channels
	silent, blocks := 0, 0
	for i := 0; i < len(c.Samples); i += block {
		if dsp.RMS(c.Samples[i:min(i+block, len(c.Samples))]) < silence {
			silent++
		}
		blocks++
	}
	return float64(silent) / float64(blocks)
}
