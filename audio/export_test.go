package audio

import (
	"context"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// ResampleInParts resamples a channel that comes in parts of the given lengths, the
// last of which repeats.
func ResampleInParts(x []float32, from, to int, lengths []int) []float32 {
	s := newResampleStream(newResampler(from, to))
	n := int(resampledLen(len(x), from, to))
	var out []float32
	for len(x) > 0 {
		part := min(max(lengths[0], 1), len(x))
		out = s.add(out, x[:part])
		x = x[part:]
		if len(lengths) > 1 {
			lengths = lengths[1:]
		}
	}
	return s.end(out, n)
}

// TrackPitch is trackPitch.
func TrackPitch(ctx context.Context, tracker *dsp.PYIN, x []float32, size int) []dsp.Pitch {
	return trackPitch(ctx, tracker, x, size)
}
