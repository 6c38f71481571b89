package audio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ctc is a loaded model for connectionist temporal classification, such as wav2vec 2.0:
// it gives each frame of the sound a character or none. Graves et al., Connectionist
// Temporal Classification, ICML 2006; Baevski et al., wav2vec 2.0, NeurIPS 2020.
type ctc struct {
	session   optimize.Session
	v         ctcVocab
	hz        int
	normalize bool
	stride    int // samples of a frame, 0 if the files do not say
	words     bool
}

// Seconds of sound that a model gets at once: published ones were trained on less
// than the most, and cannot take less than the least.
const (
	ctcLongest  = 30
	ctcShortest = 0.1
)

func openCTC(
	ctx context.Context, o TranscriberOptions, config modelConfig, sound preprocessorConfig,
) (r recognizer, err error) {
	if o.Translate {
		return nil, fmt.Errorf("the model does not translate: %w", quintet.ErrOption)
	}
	if err := bounded("sampling_rate", sound.Rate, 1000, MaxRate); err != nil {
		return nil, err
	}
	c := &ctc{hz: sound.Rate, words: o.Words, normalize: true, stride: 1}
	if sound.Normalize != nil {
		c.normalize = *sound.Normalize
	}
	for _, n := range config.Stride {
		if err := bounded("conv_stride", n, 1, 1<<10); err != nil {
			return nil, err
		}
		if c.stride *= n; c.stride > ctcLongest*c.hz {
			return nil, fmt.Errorf("conv_stride is %v: %w", config.Stride, quintet.ErrModel)
		}
	}
	if len(config.Stride) == 0 {
		c.stride = 0
	}
	if c.v, err = readCTCVocab(o.Model, config); err != nil {
		return nil, err
	}
	if c.session, err = openSession(ctx, o.Runtime, o.Model, o.Session); err != nil {
		return nil, err
	}
	for i, info := range c.session.Inputs() {
		if i == 0 && info.DType == optimize.Float32 || info.Name == "attention_mask" {
			continue
		}
		err = fmt.Errorf("no use for the model's input %v: %w", info, quintet.ErrModel)
		return nil, errors.Join(err, c.session.Close())
	}
	return c, nil
}

func (c *ctc) rate() int       { return c.hz }
func (c *ctc) longest() int    { return ctcLongest * c.hz }
func (c *ctc) packs() bool     { return false }
func (c *ctc) wordTimes() bool { return true }
func (c *ctc) close() error    { return c.session.Close() }

// transcribe implements recognizer. A take is a segment.
func (c *ctc) transcribe(ctx context.Context, t *take, _ *history, draft bool) ([]TranscriptSegment, error) {
	frames, err := c.run(ctx, t.samples)
	if err != nil || len(frames) == 0 {
		return nil, err
	}
	letters := c.v.collapse(frames)
	words := c.v.words(letters)
	if len(words) == 0 {
		return nil, nil
	}
	stride := float64(c.stride)
	if c.stride == 0 {
		stride = float64(max(len(t.samples), c.shortest())) / float64(len(frames))
	}
	s := TranscriptSegment{Start: t.start(0), End: t.end(len(t.samples)), Score: meanProbability(letters)}
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = word.text
		if c.words && !draft {
			s.Words = append(s.Words, TranscriptWord{
				Start: t.start(int(float64(word.from) * stride)), End: t.end(int(float64(word.to) * stride)),
				Text: word.text, Score: word.score,
			})
		}
	}
	s.Text = strings.Join(texts, " ")
	orderWords(&s)
	return []TranscriptSegment{s}, ctx.Err()
}

func (c *ctc) shortest() int { return int(ctcShortest * float64(c.hz)) }

// run returns the logits of each frame.
func (c *ctc) run(ctx context.Context, samples []float32) ([][]float32, error) {
	n := max(len(samples), c.shortest())
	in, err := inputsOf(c.session, func(info optimize.TensorInfo) (optimize.Tensor, error) {
		if info.Name == "attention_mask" {
			return ones(n)
		}
		x := make([]float32, n)
		copy(x, samples)
		if c.normalize {
			normalizeSamples(x[:len(samples)])
		}
		return optimize.NewTensor(x, 1, n)
	})
	if err != nil {
		return nil, err
	}
	out, err := c.session.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	x := out[0]
	data, err := optimize.Data[float32](x)
	if err != nil || x.Rank() != 3 || x.Dim(0) != 1 || x.Dim(2) != len(c.v.tokens) {
		return nil, fmt.Errorf("the model gave %v, want %d tokens for each frame: %w",
			x, len(c.v.tokens), quintet.ErrModel)
	}
	frames := make([][]float32, x.Dim(1))
	for i := range frames {
		frames[i] = data[i*x.Dim(2) : (i+1)*x.Dim(2)]
	}
	return frames, nil
}

// normalizeSamples gives samples mean 0 and variance 1, in place, as the feature
// extractor of wav2vec 2.0 does.
func normalizeSamples(x []float32) {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(max(len(x), 1))
	for _, v := range x {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	deviation := math.Sqrt(squares/float64(max(len(x), 1)) + 1e-7)
	for i, v := range x {
		x[i] = float32((float64(v) - mean) / deviation)
	}
}
