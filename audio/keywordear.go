package audio

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
)

// onlySound cuts the ends off that are 40 dB softer than the peak.
func onlySound(c Clip) Clip {
	if dsp.Peak(c.Samples) == 0 {
		return c.Slice(0, 0)
	}
	level := dsp.DBFS(dsp.Peak(c.Samples)) - 40
	out, _, err := c.Trim(min(level, -1), 0)
	if err != nil {
		return c
	}
	return out
}

// Rows of cepstra are 20 ms apart.
const (
	cepstralHop  = 20 * time.Millisecond
	cepstralRate = voiceRate
	coefficients = 12 // without the first, which is the level
)

// cepstralEar hears the shape of the spectrum and how it changes.
type cepstralEar struct {
	plans sync.Pool // of *cepstralPlan
	to    resamplers
}

// cepstralPlan makes the bands itself, to raise what is faint.
type cepstralPlan struct {
	mel  *dsp.Mel
	mfcc *dsp.MFCC
}

func newCepstralEar() (*cepstralEar, error) {
	bands := dsp.MelOptions{
		Rate: cepstralRate, FFTSize: 512, WinLength: 480, Hop: int(cepstralHop) * cepstralRate / int(time.Second),
		Mels: 32, FMin: 80, FMax: 7600, PreEmphasis: 0.97,
	}
	mel, err := dsp.NewMel(bands)
	if err != nil {
		return nil, err
	}
	mfcc, err := dsp.NewMFCC(dsp.MFCCOptions{
		Mel: bands, Coefficients: coefficients + 1, Convention: dsp.CepstrumHTK, Lifter: 22,
	})
	if err != nil {
		return nil, err
	}
	e := &cepstralEar{to: resamplers{rate: cepstralRate}}
	e.plans.New = func() any { return &cepstralPlan{mel.Clone(), mfcc.Clone()} }
	return e, nil
}

// faint is the power under the loudest band of a sound to which all are raised, -50 dB:
// below is what the room and the microphone add.
const faint = 1e-5

// cepstra returns a row of coefficients for each frame.
func (p *cepstralPlan) cepstra(x []float32) *dsp.Spectrogram {
	var bands dsp.Spectrogram
	p.mel.Spectrogram(&bands, x)
	floor := max(faint*float32(dsp.Peak(bands.Data)), math.SmallestNonzeroFloat32)
	for i, v := range bands.Data {
		bands.Data[i] = max(v, floor)
	}
	dsp.LogNatural.Apply(bands.Data)
	out := &dsp.Spectrogram{Frames: bands.Frames, Bins: coefficients + 1}
	out.Data = make([]float32, out.Frames*out.Bins)
	for i := range out.Frames {
		p.mfcc.Cepstrum(out.Row(i), bands.Row(i))
	}
	return out
}

func (e *cepstralEar) hop() time.Duration { return cepstralHop }
func (e *cepstralEar) close() error       { return nil }

// hear returns a row of coefficients and of their changes for each frame. The mean of the
// loud frames is taken away first: it is that of the voice and of the microphone.
func (e *cepstralEar) hear(ctx context.Context, c Clip) ([][]float32, error) {
	if err := checkUpsample(c.Rate, cepstralRate, "speech"); err != nil {
		return nil, err
	}
	mono, err := c.Mono().resample(ctx, e.to.from(c.Rate))
	if err != nil {
		return nil, err
	}
	plan := e.plans.Get().(*cepstralPlan)
	defer e.plans.Put(plan)
	s := plan.cepstra(mono.Samples)
	mean := loudMean(s)
	out := make([][]float32, s.Frames)
	at := func(frame, k int) float32 { return s.Row(min(max(frame, 0), s.Frames-1))[1+k] - mean[k] }
	for i := range out {
		row := make([]float32, 2*coefficients)
		for k := range coefficients {
			row[k] = at(i, k)
			row[coefficients+k] = at(i+2, k) - at(i-2, k)
		}
		toUnit(row)
		out[i] = row
	}
	return out, nil
}

// loudMean is the mean of the coefficients over the frames whose level is not far below
// that of the loudest.
func loudMean(s *dsp.Spectrogram) (mean [coefficients]float32) {
	top := float32(math.Inf(-1))
	for i := range s.Frames {
		top = max(top, s.Row(i)[0])
	}
	const far = 40 // of coefficient 0, the scaled sum of 32 logarithms: some 40 dB
	n := 0
	for i := range s.Frames {
		if row := s.Row(i); row[0] >= top-far {
			n++
			for k := range mean {
				mean[k] += row[1+k]
			}
		}
	}
	for k := range mean {
		mean[k] /= float32(max(n, 1))
	}
	return mean
}

// toUnit gives a row length 1, or leaves it as zeros.
func toUnit(row []float32) {
	squares := 0.0
	for _, v := range row {
		squares += float64(v) * float64(v)
	}
	if squares == 0 {
		return
	}
	for i, v := range row {
		row[i] = float32(float64(v) / math.Sqrt(squares))
	}
}

// modelEar hears windows as a model does.
type modelEar struct {
	model *soundModel
	every time.Duration
}

func newModelEar(ctx context.Context, o KeywordSpotterOptions) (*modelEar, error) {
	m, err := openSoundModel(ctx, o.Runtime, o.Model, o.Input, o.Session)
	return &modelEar{m, o.Hop}, err
}

func (e *modelEar) hop() time.Duration { return e.every }
func (e *modelEar) close() error       { return e.model.close() }

func (e *modelEar) hear(ctx context.Context, c Clip) ([][]float32, error) {
	if err := e.model.check(c); err != nil {
		return nil, err
	}
	mono, err := c.Mono().resample(ctx, e.model.to.from(c.Rate))
	if err != nil {
		return nil, err
	}
	var out [][]float32
	step := max(int(e.every.Seconds()*float64(e.model.in.Rate)), 1)
	for at := 0; at < len(mono.Samples); at += step {
		t, err := e.model.run(ctx, mono.Samples[at:min(at+e.model.samples(), len(mono.Samples))])
		if err != nil {
			return nil, err
		}
		r, err := rows(t)
		if err != nil {
			return nil, err
		}
		mean := make([]float32, len(r[0]))
		for _, row := range r {
			for i, v := range row {
				mean[i] += v
			}
		}
		toUnit(mean)
		if len(out) > 0 && len(out[0]) != len(mean) || mean[0]-mean[0] != 0 {
			return nil, fmt.Errorf("the model gave %v, not vectors of one length: %w", t, quintet.ErrModel)
		}
		out = append(out, mean)
	}
	return out, nil
}
