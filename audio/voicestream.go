package audio

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/quintet-ai/quintet/optimize"
)

// maxLoudness is the amplitude at which samples are clamped before the model. Far
// louder ones would make its sums infinite, and its memory useless from then on.
const maxLoudness = 1 << 40

// voiceStream turns sound that comes part by part into probabilities of speech. What
// it holds does not depend on how long the sound is, nor its answers, up to
// rounding, on where the parts end.
type voiceStream struct {
	model    *voiceModel
	memory   voiceMemory
	rate     int
	channels int
	resample *resampleStream // nil at voiceRate
	frames   int             // of the sound so far, at rate

	mono  []float32
	sound []float32 // at voiceRate: the context, then what was not looked at yet
	input []float32 // of a run of the model
	probs []float32
}

func newVoiceStream(m *voiceModel, rate, channels int, to *resampler) (*voiceStream, error) {
	v := &voiceStream{model: m, rate: rate, channels: channels, sound: make([]float32, voiceContext)}
	if rate != voiceRate {
		v.resample = newResampleStream(to)
	}
	var err error
	if v.memory.h, err = optimize.Zeros[float32](1, 1, voiceState); err == nil {
		v.memory.c, err = optimize.Zeros[float32](1, 1, voiceState)
	}
	return v, err
}

// duration returns how long the sound has been so far.
func (v *voiceStream) duration() time.Duration { return lasting(v.frames, v.rate) }

// parts cuts interleaved samples into pieces of about as much sound as one run of
// the model takes.
func (v *voiceStream) parts(samples []float32) iter.Seq[[]float32] {
	frames := max(v.rate*voiceBlock*voiceHop/voiceRate, 1)
	return slices.Chunk(samples, frames*v.channels)
}

// add takes the next samples, interleaved and finite, and returns the probabilities
// of the frames that have become complete, which are valid until the next call.
func (v *voiceStream) add(ctx context.Context, samples []float32) ([]float32, error) {
	v.frames += len(samples) / v.channels
	v.mono = mix(v.mono[:0], samples, v.channels)
	for i, x := range v.mono {
		v.mono[i] = min(max(x, -maxLoudness), maxLoudness)
	}
	if v.resample == nil {
		v.sound = append(v.sound, v.mono...)
	} else {
		v.sound = v.resample.add(v.sound, v.mono)
	}
	return v.look(ctx)
}

// end returns the probabilities of what is left. The last frame is filled up with
// silence. No sound may follow.
func (v *voiceStream) end(ctx context.Context) ([]float32, error) {
	if v.resample != nil {
		v.sound = v.resample.end(v.sound, int(resampledLen(v.frames, v.rate, voiceRate)))
	}
	if rest := (len(v.sound) - voiceContext) % voiceHop; rest > 0 {
		v.sound = append(v.sound, make([]float32, voiceHop-rest)...)
	}
	return v.look(ctx)
}

// look runs the model over the complete frames and forgets them but for the context
// of the next.
func (v *voiceStream) look(ctx context.Context) ([]float32, error) {
	v.probs = v.probs[:0]
	at := 0
	for left := (len(v.sound) - voiceContext) / voiceHop; left > 0; {
		n := min(left, voiceBlock)
		v.input = v.input[:0]
		for range n {
			v.input = append(v.input, v.sound[at:at+voiceWindow]...)
			at += voiceHop
		}
		var err error
		if v.probs, err = v.model.run(ctx, v.probs, v.input, n, &v.memory); err != nil {
			return nil, err
		}
		left -= n
	}
	v.sound = append(v.sound[:0], v.sound[at:]...)
	return v.probs, nil
}
