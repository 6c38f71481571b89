package audio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/optimize"
)

// ModelInput says how a model wants sound. The zero value gives it windows of samples at
// 16 kHz. What a published model wants stands in its preprocessor_config.json or with
// the code that it was trained with; with other numbers it hears nonsense.
//
// The model has one input of float32. It gets samples as [n], [1, n] or [1, 1, n], a mel
// spectrogram as [frames, bands], [1, frames, bands] or [1, 1, frames, bands], by the
// number of dimensions that it says; if it says none, the one with 1 at the front.
type ModelInput struct {
	// Rate is the number of samples in a second that clips are resampled to.
	// Default: that of Mel, or 16000.
	Rate int

	// Mel are the features of the model. Default: none, it gets samples.
	Mel dsp.MelOptions

	// BandsFirst has the bands before the frames, as Whisper does.
	BandsFirst bool

	// Mean and Deviation make a value v of the input (v-Mean)/Deviation. Default:
	// 0 and 1.
	Mean, Deviation float64

	// Window is the most sound that the model gets at once; longer clips are cut
	// into windows. Default: 10 s.
	Window time.Duration

	// Fill adds silence to windows that are shorter. It is done anyhow where
	// the model says that its input has a fixed length.
	Fill bool
}

func (o ModelInput) withDefaults() (ModelInput, error) {
	if o.Rate == 0 {
		if o.Rate = o.Mel.Rate; o.Rate == 0 {
			o.Rate = 16000
		}
	}
	if o.Mel != (dsp.MelOptions{}) {
		if o.Mel.Rate == 0 {
			o.Mel.Rate = o.Rate
		}
		if o.Mel.Rate != o.Rate {
			return o, fmt.Errorf("audio: Rate is %d, Mel.Rate %d: %w", o.Rate, o.Mel.Rate, quintet.ErrOption)
		}
	}
	if o.Rate < 1000 || o.Rate > MaxRate {
		return o, fmt.Errorf("audio: Rate is %d, must be from 1000 to %d: %w", o.Rate, MaxRate, quintet.ErrOption)
	}
	if o.Deviation == 0 {
		o.Deviation = 1
	}
	if !(o.Deviation > 0) || o.Mean-o.Mean != 0 || math.IsInf(o.Deviation, 1) {
		return o, fmt.Errorf("audio: Mean is %v, Deviation %v: %w", o.Mean, o.Deviation, quintet.ErrOption)
	}
	if o.Window == 0 {
		o.Window = 10 * time.Second
	}
	if o.Window < shortestSound || o.Window > time.Hour {
		return o, fmt.Errorf("audio: Window is %v, must be from %v to 1h: %w", o.Window, shortestSound, quintet.ErrOption)
	}
	return o, nil
}

// shortestSound is what a model gets at least: shorter sound is filled up.
const shortestSound = 100 * time.Millisecond

// soundModel is a model that makes numbers of sound. It is safe for concurrent use.
type soundModel struct {
	in      ModelInput
	session optimize.Session
	rank    int
	to      resamplers
	mels    *sync.Pool // of *dsp.Mel; nil for samples
}

func openSoundModel(
	ctx context.Context, rt *optimize.Runtime, model optimize.Model, in ModelInput, o optimize.SessionOptions,
) (*soundModel, error) {
	in, err := in.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &soundModel{in: in, to: resamplers{rate: in.Rate}}
	if in.Mel != (dsp.MelOptions{}) {
		mel, err := dsp.NewMel(in.Mel)
		if err != nil {
			return nil, fmt.Errorf("audio: %w", err)
		}
		m.in.Mel = mel.Options()
		m.mels = &sync.Pool{New: func() any { return mel.Clone() }}
	}
	if m.session, err = openSession(ctx, rt, model, o); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	if err := m.fit(); err != nil {
		return nil, fmt.Errorf("audio: %w", errors.Join(err, m.session.Close()))
	}
	return m, nil
}

func (m *soundModel) close() error { return m.session.Close() }

// fit learns the shape of the input, and says why the model does not take it.
func (m *soundModel) fit() error {
	inputs := m.session.Inputs()
	if len(inputs) != 1 || inputs[0].DType != optimize.Float32 {
		return fmt.Errorf("the model's inputs are %v, not one of float32: %w", inputs, quintet.ErrModel)
	}
	info, least := inputs[0], 1
	if m.mels != nil {
		least = 2
	}
	m.rank = least + 1
	if !info.AnyRank {
		m.rank = len(info.Shape)
	}
	if m.rank < least || m.rank > least+2 {
		return fmt.Errorf("the model's input is %v, not of %d to %d dimensions: %w", info, least, least+2, quintet.ErrModel)
	}
	if info.AnyRank {
		return nil
	}
	for i, want := range m.shape(m.samples()) {
		if has := info.Shape[i]; has >= 0 && has != want {
			return fmt.Errorf("the model's input is %v, a window of %v has %v: %w",
				info, m.in.Window, m.shape(m.samples()), quintet.ErrModel)
		}
	}
	if info.Shape[m.timeAxis()] >= 0 {
		m.in.Fill = true
	}
	return nil
}

// samples is the length of a window.
func (m *soundModel) samples() int { return int(m.in.Window.Seconds()*float64(m.in.Rate) + 0.5) }

// timeAxis is the dimension that depends on the length of the sound.
func (m *soundModel) timeAxis() int {
	if m.mels != nil && !m.in.BandsFirst {
		return m.rank - 2
	}
	return m.rank - 1
}

// shape returns that of the input for n samples.
func (m *soundModel) shape(n int) []int {
	shape := make([]int, m.rank)
	for i := range shape {
		shape[i] = 1
	}
	shape[m.timeAxis()] = n
	if m.mels != nil {
		mel := m.mels.Get().(*dsp.Mel)
		shape[m.timeAxis()] = mel.Frames(n)
		shape[2*m.rank-3-m.timeAxis()] = m.in.Mel.Mels
		m.mels.Put(mel)
	}
	return shape
}

// check returns why a clip cannot be given to the model, or nil.
func (m *soundModel) check(c Clip) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.checkFinite(); err != nil {
		return err
	}
	return checkUpsample(c.Rate, m.in.Rate, "a model")
}

// each gives take the first output of the model for each window of a clip, and how many
// samples of the window are of the clip. A clip without samples has no window.
func (m *soundModel) each(ctx context.Context, c Clip, take func(out optimize.Tensor, samples int) error) error {
	if err := m.check(c); err != nil {
		return err
	}
	mono, err := c.Mono().resample(ctx, m.to.from(c.Rate))
	if err != nil {
		return err
	}
	for x := mono.Samples; len(x) > 0; {
		n := min(len(x), m.samples())
		out, err := m.run(ctx, x[:n])
		if err != nil {
			return err
		}
		if err := take(out, n); err != nil {
			return err
		}
		x = x[n:]
	}
	return ctx.Err()
}

// run gives the model one window.
func (m *soundModel) run(ctx context.Context, x []float32) (optimize.Tensor, error) {
	n := max(len(x), int(shortestSound.Seconds()*float64(m.in.Rate)))
	if m.in.Fill {
		n = m.samples()
	}
	values := append(make([]float32, 0, n), x...)[:n]
	shape := m.shape(n)
	if m.mels != nil {
		values = m.bands(values)
	}
	if m.in.Mean != 0 || m.in.Deviation != 1 {
		for i, v := range values {
			values[i] = float32((float64(v) - m.in.Mean) / m.in.Deviation)
		}
	}
	in, err := optimize.NewTensor(values, shape...)
	if err != nil {
		return in, err
	}
	out, err := m.session.Run(ctx, []optimize.Tensor{in})
	if err != nil {
		return in, err
	}
	return out[0], nil
}

// bands returns the mel spectrogram in the order that the model wants.
func (m *soundModel) bands(x []float32) []float32 {
	mel := m.mels.Get().(*dsp.Mel)
	defer m.mels.Put(mel)
	var s dsp.Spectrogram
	mel.Spectrogram(&s, x)
	if !m.in.BandsFirst {
		return s.Data
	}
	out := make([]float32, len(s.Data))
	for frame := range s.Frames {
		for band, v := range s.Row(frame) {
			out[band*s.Frames+frame] = v
		}
	}
	return out
}

// rows returns the rows of an output, which have the length of its last dimension.
func rows(out optimize.Tensor) ([][]float32, error) {
	data, err := optimize.Data[float32](out)
	if err != nil || out.Rank() == 0 || len(data) == 0 {
		return nil, fmt.Errorf("the model gave %v, not rows of float32: %w", out, quintet.ErrModel)
	}
	n := out.Dim(out.Rank() - 1)
	r := make([][]float32, len(data)/n)
	for i := range r {
		r[i] = data[i*n : (i+1)*n]
	}
	return r, nil
}
