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
	opt     Options
	eng     *optimize.Engine[Clip, Result]
	mels    sync.Pool  // of *dsp.Mel
	pitches sync.Pool  // of *dsp.PYIN
	chords  sync.Pool  // of *dsp.ChordTracker
	toMel   resamplers // to the rate of mel
	toHeard resamplers // to analysisRate
	toPrint resamplers // to that of fingerprints

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
	p := &Pipeline{
		opt: o, toHeard: resamplers{rate: analysisRate}, toPrint: resamplers{rate: dsp.FingerprintRate},
	}
	if err := p.plan(); err != nil {
		return nil, err
	}
	if o.Tasks&TaskSpeech != 0 {
		if p.voice, err = newVoice(context.Background(), o.Speech); err != nil {
			return nil, err
		}
	}
	p.eng = optimize.NewEngine(o.Runtime, "audio", p.step)
	return p, nil
}

// plan makes the plans that clips are analysed with.
func (p *Pipeline) plan() error {
	mel, err := dsp.NewMel(p.opt.Mel)
	if err != nil {
		return fmt.Errorf("audio: %w", err)
	}
	rate := mel.Options().Rate
	if rate > MaxRate {
		return fmt.Errorf("audio: Mel.Rate is %d, must be at most %d: %w", rate, MaxRate, quintet.ErrOption)
	}
	p.toMel.rate = rate
	p.mels.New = func() any { return mel.Clone() }
	if p.opt.Tasks&TaskPitch != 0 {
		pitch, err := dsp.NewPYIN(dsp.PYINOptions{Rate: analysisRate, Hop: pitchHop})
		if err != nil {
			return err
		}
		p.pitches.New = func() any { return pitch.Clone() }
	}
	if p.opt.Tasks&TaskChords != 0 {
		o := dsp.ChordOptions{Rate: analysisRate}
		if _, err := dsp.NewChordTracker(o); err != nil {
			return err
		}
		p.chords.New = func() any {
			c, _ := dsp.NewChordTracker(o) // it worked before
			return c
		}
	}
	return nil
}

// step is the whole of the domain's work on one clip.
func (p *Pipeline) step(ctx context.Context, c Clip) (Result, error) {
	if err := p.check(c); err != nil {
		return Result{}, err
	}
	r := Result{ID: c.ID}
	if err := p.measured(ctx, &r, c); err != nil {
		return Result{}, err
	}
	heard := c // for speech, which is mixed and resampled where it is not yet
	var err error
	if p.opt.Tasks&TaskMel != 0 {
		if heard, err = p.melSpectrogram(ctx, &r, c); err != nil {
			return Result{}, err
		}
	}
	if heard.Rate != analysisRate || heard.Channels != 1 {
		heard = c
	}
	if p.opt.Tasks&heardTasks != 0 {
		if heard, err = heard.Mono().resample(ctx, p.toHeard.from(heard.Rate)); err != nil {
			return Result{}, err
		}
		if err := p.heard(ctx, &r, heard.Samples); err != nil {
			return Result{}, err
		}
	}
	if p.voice != nil {
		if r.Speech, err = p.voice.segments(ctx, heard, c.Duration()); err != nil {
			return Result{}, err
		}
	}
	return r, ctx.Err()
}

// check returns why a clip cannot be analysed, or nil.
func (p *Pipeline) check(c Clip) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.checkFinite(); err != nil {
		return err
	}
	for _, task := range []struct {
		tasks Task
		rate  int
		what  string
	}{
		{TaskMel, p.toMel.rate, "a mel spectrogram"},
		{TaskSpeech, voiceRate, "speech"},
		{heardTasks, analysisRate, "music"},
		{TaskLoudness, analysisRate, "loudness"},
		{TaskFingerprint, dsp.FingerprintRate, "a fingerprint"},
	} {
		if p.opt.Tasks&task.tasks == 0 {
			continue
		}
		if err := checkUpsample(c.Rate, task.rate, task.what); err != nil {
			return err
		}
	}
	return nil
}

// melSpectrogram sets that of the result and returns the clip that it is of.
func (p *Pipeline) melSpectrogram(ctx context.Context, r *Result, c Clip) (Clip, error) {
	mono, err := c.Mono().resample(ctx, p.toMel.from(c.Rate))
	if err == nil {
		r.Mel, err = p.melOf(ctx, mono)
	}
	return mono, err
}

func (p *Pipeline) melOf(ctx context.Context, c Clip) (*dsp.Spectrogram, error) {
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
