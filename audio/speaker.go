package audio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// SpeakerEmbedderOptions configures a [SpeakerEmbedder].
type SpeakerEmbedderOptions struct {
	// Model is an ONNX model whose first output has the embedding in its last
	// dimension, such as an x-vector or ECAPA network. Over other dimensions the
	// mean is taken. Required.
	Model optimize.Model

	// Input says how the model wants sound.
	Input ModelInput

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the embedder, on its Backend if that can run the model and else
	// on the native one. Default: optimize.Default().
	Runtime *optimize.Runtime
}

// SpeakerEmbedder makes vectors of voices, with a model that the caller supplies, so that
// those of one speaker are near one another. No weights come with this package. It is
// safe for concurrent use.
type SpeakerEmbedder struct {
	model *soundModel
	eng   *optimize.Engine[Clip, []float32]
	turns *optimize.Engine[diarization, []Turn]
}

var _ quintet.Pipeline[Clip, []float32] = (*SpeakerEmbedder)(nil)

// NewSpeakerEmbedder returns an embedder. Its error wraps [quintet.ErrOption] for options
// that make no sense and [quintet.ErrModel] for a model that does not fit them; it also
// fails with what optimize.Runtime.Session fails with.
func NewSpeakerEmbedder(o SpeakerEmbedderOptions) (*SpeakerEmbedder, error) {
	m, err := openSoundModel(context.Background(), o.Runtime, o.Model, o.Input, o.Session)
	if err != nil {
		return nil, err
	}
	e := &SpeakerEmbedder{model: m}
	e.eng = optimize.NewEngine(o.Runtime, "audio.SpeakerEmbedder", e.step)
	e.turns = optimize.NewEngine(o.Runtime, "audio.SpeakerEmbedder.Diarize", e.diarize)
	return e, nil
}

// Run returns the embedding of the voice in a clip, a vector of length 1: the mean over
// the windows of the clip by their length. A clip without samples is [quintet.ErrInput].
// The caller owns the result.
func (e *SpeakerEmbedder) Run(ctx context.Context, c Clip) ([]float32, error) {
	return e.eng.Run(ctx, c)
}

// RunBatch embeds every clip; see [quintet.Pipeline] for its errors.
func (e *SpeakerEmbedder) RunBatch(ctx context.Context, cs []Clip) ([][]float32, error) {
	return e.eng.RunBatch(ctx, cs)
}

// Stream embeds clips as they are pulled.
func (e *SpeakerEmbedder) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[[]float32, error] {
	return e.eng.Stream(ctx, cs)
}

// Close waits for running calls and releases e.
func (e *SpeakerEmbedder) Close() error {
	return errors.Join(e.eng.Close(), e.turns.Close(), e.model.close())
}

func (e *SpeakerEmbedder) step(ctx context.Context, c Clip) ([]float32, error) {
	if c.check() == nil && len(c.Samples) == 0 {
		return nil, fmt.Errorf("the clip has no samples: %w", quintet.ErrInput)
	}
	var sum []float64
	err := e.model.each(ctx, c, func(out optimize.Tensor, samples int) error {
		r, err := rows(out)
		if err != nil {
			return err
		}
		if sum == nil {
			sum = make([]float64, len(r[0]))
		}
		if len(r[0]) != len(sum) {
			return fmt.Errorf("the model gave %v after %d numbers: %w", out, len(sum), quintet.ErrModel)
		}
		for _, row := range r {
			for i, v := range row {
				sum[i] += float64(samples) / float64(len(r)) * float64(v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return unit(sum)
}

// unit returns a vector at length 1.
func unit(v []float64) ([]float32, error) {
	squares := 0.0
	for _, x := range v {
		squares += x * x
	}
	length := math.Sqrt(squares)
	if !(length > 0) || math.IsInf(length, 1) {
		return nil, fmt.Errorf("the model gave a vector of length %v: %w", length, quintet.ErrModel)
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x / length)
	}
	return out, nil
}
