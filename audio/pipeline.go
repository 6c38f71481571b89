package audio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/optimize"
)

// Pipeline analyses clips. It is safe for concurrent use.
type Pipeline struct {
	opt  Options
	eng  *optimize.Engine[Clip, Result]
	mels sync.Pool  // of *dsp.Mel
	to   resamplers // to the rate of mel

	voice *voice // nil without TaskSpeech
}

var _ quintet.Pipeline[Clip, Result] = (*Pipeline)(nil)

// New returns a pipeline, or an error wrapping [quintet.ErrOption]. With TaskSpeech it
// loads a model, and also fails with what [NewVoiceDetector] fails with.
func New(o Options) (*Pipeline, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	mel, err := dsp.NewMel(o.Mel)
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	if rate := mel.Options().Rate; rate > MaxRate {
		return nil, fmt.Errorf("audio: Mel.Rate is %d, must be at most %d: %w", rate, MaxRate, quintet.ErrOption)
	}
	p := &Pipeline{opt: o, to: resamplers{rate: mel.Options().Rate}}
	p.mels.New = func() any { return mel.Clone() }
	if o.Tasks&TaskSpeech != 0 {
		if p.voice, err = newVoice(context.Background(), o.Speech); err != nil {
			return nil, err
		}
	}
	p.eng = optimize.NewEngine(o.Runtime, "audio", p.step)
	return p, nil
}

// step is the whole of the domain's work on one clip.
func (p *Pipeline) step(ctx context.Context, c Clip) (Result, error) {
	if err := c.check(); err != nil {
		return Result{}, err
	}
	if err := c.checkFinite(); err != nil {
		return Result{}, err
	}
	r := Result{ID: c.ID}
	if p.opt.Tasks&TaskProperties != 0 {
		r.Properties = measure(c)
	}
	heard := c
	if p.opt.Tasks&TaskMel != 0 {
		mono, err := p.forMel(ctx, c)
		if err != nil {
			return Result{}, err
		}
		if r.Mel, err = p.melSpectrogram(ctx, mono); err != nil {
			return Result{}, err
		}
		if mono.Rate == voiceRate {
			heard = mono // it is resampled already, which is half of the work
		}
	}
	if p.voice != nil {
		speech, err := p.voice.segments(ctx, heard, c.Duration())
		if err != nil {
			return Result{}, err
		}
		r.Speech = speech
	}
	return r, ctx.Err()
}

// forMel returns the clip as its mel spectrogram is made of.
func (p *Pipeline) forMel(ctx context.Context, c Clip) (Clip, error) {
	if err := checkUpsample(c.Rate, p.to.rate, "a mel spectrogram"); err != nil {
		return Clip{}, err
	}
	return c.Mono().resample(ctx, p.to.from(c.Rate))
}

func (p *Pipeline) melSpectrogram(ctx context.Context, c Clip) (*dsp.Spectrogram, error) {
	mel := p.mels.Get().(*dsp.Mel)
	defer p.mels.Put(mel)
	out := new(dsp.Spectrogram)
	mel.Shape(out, len(c.Samples))
	for i := range out.Frames {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		mel.Frame(out.Row(i), c.Samples, i)
	}
	p.opt.Mel.Log.Apply(out.Data)
	return out, nil
}

// Run analyses one clip.
func (p *Pipeline) Run(ctx context.Context, c Clip) (Result, error) { return p.eng.Run(ctx, c) }

// RunBatch analyses every clip; see [quintet.Pipeline] for its errors.
func (p *Pipeline) RunBatch(ctx context.Context, cs []Clip) ([]Result, error) {
	return p.eng.RunBatch(ctx, cs)
}

// Stream analyses clips as they are pulled.
func (p *Pipeline) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[Result, error] {
	return p.eng.Stream(ctx, cs)
}

// Close waits for running calls and releases p.
func (p *Pipeline) Close() error {
	err := p.eng.Close()
	if p.voice != nil {
		err = errors.Join(err, p.voice.close())
	}
	return err
}

// maxUpsample bounds how far a clip is resampled upwards, so that a few samples
// with a false rate do not become gigabytes.
const maxUpsample = 16

// checkUpsample returns why a clip is not resampled for what a task wants, or nil.
func checkUpsample(from, to int, what string) error {
	if from*maxUpsample < to {
		return fmt.Errorf("rate is %d Hz, %s at %d Hz wants %d: %w",
			from, what, to, (to+maxUpsample-1)/maxUpsample, quintet.ErrInput)
	}
	return nil
}

// resamplers keeps the filter tables of recent rates: to make one takes as long
// as to resample a second of sound.
type resamplers struct {
	rate   int // of all results
	mu     sync.Mutex
	byRate map[int]*resampler
}

// from returns the resampler for clips of a rate.
func (s *resamplers) from(rate int) *resampler {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.byRate[rate]; ok {
		return r
	}
	const most = 8 // of about a megabyte at worst
	if s.byRate == nil || len(s.byRate) >= most {
		s.byRate = make(map[int]*resampler, most)
	}
	r := newResampler(rate, s.rate)
	s.byRate[rate] = r
	return r
}
