package audio

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
)

// Span is a part of a clip.
type Span struct {
	Start time.Duration `json:"start"` // from the begin of the clip
	End   time.Duration `json:"end"`   // likewise
}

// SilenceOptions configures [Silences].
type SilenceOptions struct {
	// Threshold is the level in dBFS below which a block of 10 ms is silent,
	// below 0. Default: -60.
	Threshold float64

	// Shortest is how long a silence must be, at least. Default: 500 ms.
	Shortest time.Duration
}

func (o SilenceOptions) withDefaults() (SilenceOptions, error) {
	if !(o.Threshold <= 0) || o.Shortest < 0 {
		return o, fmt.Errorf("audio: silences below %v dBFS of %v, must be below 0 and not negative: %w",
			o.Threshold, o.Shortest, quintet.ErrOption)
	}
	if o.Threshold == 0 {
		o.Threshold = -60
	}
	if o.Shortest == 0 {
		o.Shortest = 500 * time.Millisecond
	}
	return o, nil
}

// Silences returns the silent parts of a clip, in order: blocks of 10 ms in which the
// root of the mean square of all channels is below the threshold. Errors wrap
// [quintet.ErrOption], or [quintet.ErrInput] for a clip that is not valid. It takes
// time proportional to the samples.
func Silences(c Clip, o SilenceOptions) ([]Span, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err = c.check(); err == nil {
		err = c.checkFinite()
	}
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	return silences(c, o), nil
}

// silences is Silences of a valid clip and full options.
func silences(c Clip, o SilenceOptions) []Span {
	var out []Span
	limit := math.Pow(10, o.Threshold/20)
	block := max(c.Rate/100, 1)
	from := -1
	end := func(frame int) {
		if s := (Span{lasting(max(from, 0), c.Rate), lasting(frame, c.Rate)}); from >= 0 && s.End-s.Start >= o.Shortest {
			out = append(out, s)
		}
		from = -1
	}
	for at := 0; at < c.Frames(); at += block {
		part := c.Samples[at*c.Channels : min(at+block, c.Frames())*c.Channels]
		switch loud := dsp.RMS(part) >= limit; {
		case loud:
			end(at)
		case from < 0:
			from = at
		}
	}
	end(c.Frames())
	return out
}
