package audio

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// FaultKind is what is wrong with a recording.
type FaultKind string

// The kinds.
const (
	// FaultClipping is sound that was cut off at full scale: at least three
	// samples in a row at or beyond the largest value of 16 bits, with the same
	// sign. Such places closer than 100 ms are one fault. Sound that was made
	// softer after it was cut off is not found.
	FaultClipping FaultKind = "clipping"

	// FaultOffset is a mean of more than 0.005 of full scale, -46 dBFS, over a
	// channel: it takes headroom away and clicks at cuts.
	FaultOffset FaultKind = "dc offset"
)

// Fault is something wrong with the recording of one channel of a clip.
type Fault struct {
	Kind    FaultKind `json:"kind"`    // what it is
	Channel int       `json:"channel"` // from 0

	// Span is where it is; all of the clip for an offset.
	Span

	// Samples is how many samples are clipped; 0 for an offset.
	Samples int `json:"samples,omitempty"`

	// Offset is the mean of the channel; 0 for clipping.
	Offset float64 `json:"offset,omitempty"`
}

const (
	clippedRun  = 3 // a peak of one or two samples may just touch full scale
	clippedNear = 100 * time.Millisecond
	offsetLimit = 0.005
)

// Faults returns what is wrong with a clip by order of time, then of channel. The error
// of a clip that is not valid wraps [quintet.ErrInput]. It takes time proportional to
// the samples.
func Faults(c Clip) ([]Fault, error) {
	err := c.check()
	if err == nil {
		err = c.checkFinite()
	}
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	return faults(c), nil
}

// faults is Faults of a valid clip.
func faults(c Clip) []Fault {
	if len(c.Samples) == 0 {
		return nil
	}
	var out []Fault
	for channel := range c.Channels {
		mean, _, clipped := measureChannel(c, channel)
		if math.Abs(mean) > offsetLimit {
			out = append(out, Fault{Kind: FaultOffset, Channel: channel, Span: Span{End: c.Duration()}, Offset: mean})
		}
		if clipped >= clippedRun {
			out = clippings(out, c, channel)
		}
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// clippings appends the clipped parts of a channel.
func clippings(out []Fault, c Clip, channel int) []Fault {
	first, run, sign := len(out), 0, float32(0)
	end := func(frame int) {
		if run < clippedRun {
			return
		}
		s := Span{lasting(frame-run, c.Rate), lasting(frame, c.Rate)}
		if n := len(out); n > first && s.Start-out[n-1].End < clippedNear {
			out[n-1].End = s.End
			out[n-1].Samples += run
			return
		}
		out = append(out, Fault{Kind: FaultClipping, Channel: channel, Span: s, Samples: run})
	}
	for frame := range c.Frames() {
		v := c.Samples[frame*c.Channels+channel]
		if run > 0 && v*sign >= fullScale {
			run++
			continue
		}
		end(frame)
		run = 0
		switch {
		case v >= fullScale:
			run, sign = 1, 1
		case v <= -fullScale:
			run, sign = 1, -1
		}
	}
	end(c.Frames())
	return out
}
