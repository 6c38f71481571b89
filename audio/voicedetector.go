package audio

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// VoiceDetector finds where somebody speaks in a clip, or in sound while it comes
// ([VoiceDetector.Listen]). It is safe for concurrent use.
//
// It asks Silero VAD v6 by the Silero Team, which is part of this package, for the
// probability that a frame of 32 ms is speech. Clips of any rate and number of
// channels are mixed and resampled to 16 kHz piece by piece, so it needs little
// memory beside the clip. A clip whose rate is below 1 kHz is [quintet.ErrInput].
type VoiceDetector struct {
	voice         *voice
	eng           *optimize.Engine[Clip, []Segment]
	probabilities *optimize.Engine[Clip, []float32]
	live          *optimize.Engine[livePart, []float32]
}

var _ quintet.Pipeline[Clip, []Segment] = (*VoiceDetector)(nil)

const voiceName = "audio.VoiceDetector"

// NewVoiceDetector returns a detector. Its error wraps [quintet.ErrOption] for
// options that make no sense; it also fails with what optimize.Runtime.Session and
// the native backend fail with.
func NewVoiceDetector(o VoiceDetectorOptions) (*VoiceDetector, error) {
	v, err := newVoice(context.Background(), o)
	if err != nil {
		return nil, err
	}
	step := func(ctx context.Context, c Clip) ([]Segment, error) { return v.segments(ctx, c, c.Duration()) }
	return &VoiceDetector{
		voice:         v,
		eng:           optimize.NewEngine(o.Runtime, voiceName, step),
		probabilities: optimize.NewEngine(o.Runtime, voiceName, v.probabilities),
		live:          optimize.NewEngine(o.Runtime, voiceName+".Listen", runLive),
	}, nil
}

// Run returns the segments of speech in a clip, in order; the caller owns them.
func (d *VoiceDetector) Run(ctx context.Context, c Clip) ([]Segment, error) { return d.eng.Run(ctx, c) }

// RunBatch finds the speech of every clip; see [quintet.Pipeline] for its errors.
func (d *VoiceDetector) RunBatch(ctx context.Context, cs []Clip) ([][]Segment, error) {
	return d.eng.RunBatch(ctx, cs)
}

// Stream finds the speech of clips as they are pulled, each for itself. For one
// sound in many parts there is [VoiceDetector.Listen].
func (d *VoiceDetector) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[[]Segment, error] {
	return d.eng.Stream(ctx, cs)
}

// Probabilities returns the probability of speech in each [VoiceFrame] of a clip,
// from 0 to 1. The last frame may reach beyond the clip, into silence.
// [SpeechSegments] makes segments of them. The caller owns the result.
func (d *VoiceDetector) Probabilities(ctx context.Context, c Clip) ([]float32, error) {
	p, err := d.probabilities.Run(ctx, c)
	if err != nil {
		return nil, callError("Probabilities", err)
	}
	return p, nil
}

// callError is an error of an engine of another method, or of none, as that of op.
func callError(op string, err error) error {
	var e *quintet.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return &quintet.Error{Op: voiceName + "." + op, Index: -1, Err: err}
}

// Close waits for running calls and releases d. What listens gets
// [quintet.ErrClosed] with its next sound.
func (d *VoiceDetector) Close() error {
	return errors.Join(d.eng.Close(), d.probabilities.Close(), d.live.Close(), d.voice.close())
}

// voice is what finds speech, without an engine.
type voice struct {
	opt   VoiceDetectorOptions
	model *voiceModel
	to    resamplers
}

func newVoice(ctx context.Context, o VoiceDetectorOptions) (*voice, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	model, err := openVoiceModel(ctx, o.Runtime, o.Session)
	if err != nil {
		return nil, err
	}
	return &voice{opt: o, model: model, to: resamplers{rate: voiceRate}}, nil
}

func (v *voice) close() error { return v.model.close() }

// stream begins a sound.
func (v *voice) stream(rate, channels int) (*voiceStream, error) {
	return newVoiceStream(v.model, rate, channels, v.to.from(rate))
}

// check returns why speech cannot be found in a clip, or nil.
func (v *voice) check(c Clip) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.checkFinite(); err != nil {
		return err
	}
	return checkUpsample(c.Rate, voiceRate, "speech")
}

// each gives the probabilities of a clip, as they become known, to take.
func (v *voice) each(ctx context.Context, c Clip, take func([]float32)) error {
	if err := v.check(c); err != nil {
		return err
	}
	s, err := v.stream(c.Rate, c.Channels)
	if err != nil {
		return err
	}
	for part := range s.parts(c.Samples) {
		p, err := s.add(ctx, part)
		if err != nil {
			return err
		}
		take(p)
	}
	p, err := s.end(ctx)
	take(p)
	return err
}

func (v *voice) probabilities(ctx context.Context, c Clip) ([]float32, error) {
	out := make([]float32, 0, voiceFrames(c.Duration()))
	err := v.each(ctx, c, func(p []float32) { out = append(out, p...) })
	if err != nil {
		return nil, err
	}
	return out, ctx.Err()
}

// segments returns the speech in a clip that stands for a sound of the given length.
func (v *voice) segments(ctx context.Context, c Clip, length time.Duration) ([]Segment, error) {
	s := newSegmenter(v.opt)
	s.limit = length
	var out []Segment
	err := v.each(ctx, c, func(probabilities []float32) {
		for _, p := range probabilities {
			s.add(p)
		}
		out = segmentsOf(out, s.events)
		s.events = s.events[:0]
	})
	if err != nil {
		return nil, err
	}
	s.end(length)
	return segmentsOf(out, s.events), ctx.Err()
}
