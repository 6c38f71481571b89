package vision

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// EmbedderOptions configures an [Embedder]. Only Model is needed for the image part of
// CLIP.
type EmbedderOptions struct {
	// Model is an ONNX file with one input, pictures, and a vector as output. It
	// must be given.
	Model optimize.Model

	// Output names the output that has the vector. Default: the only one with a
	// list of numbers, of several that whose name has "embed".
	Output string

	// Spec says how a picture becomes the input of the model. Width and Height
	// are needed where the model takes any size; the model's layout counts where
	// its input shows it. If none of BGR, Mean, Std, Fit, Fill and Filter is
	// given, they are those of [CLIPSpec]. Decode has limits.
	Spec TensorSpec

	// MaxBatch is how many pictures the model gets at once, if its graph takes
	// any number. Stream waits for as many. Default: 8.
	MaxBatch int

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

// Embedder turns pictures into unit vectors whose cosine, which is their dot product,
// is high for pictures that are alike, by a model of the caller's. Vectors of the two
// parts of CLIP, one for pictures and one for texts, lie in one space. It is safe for
// concurrent use.
type Embedder struct {
	opt    EmbedderOptions
	model  *imageModel
	output int
	dim    int
	eng    *optimize.Engine[Picture, []float32]
}

var _ quintet.Pipeline[Picture, []float32] = (*Embedder)(nil)

// NewEmbedder loads a model. A model that does not say the shapes of its outputs is
// run once on a black picture. It fails with [quintet.ErrModel] if no output is a
// vector or several are, with [quintet.ErrOption] if Spec contradicts the model, and
// with what [optimize.Runtime.Session] fails with.
func NewEmbedder(o EmbedderOptions) (*Embedder, error) {
	e := &Embedder{opt: o}
	var err error
	e.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "an embedder", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: 1, maxBatch: o.MaxBatch,
	}, e.learn)
	if err != nil {
		return nil, err
	}
	e.eng = optimize.NewBatchEngine(o.Runtime, "vision.Embedder", e.model.maxBatch(), e.step)
	return e, nil
}

// learn finds the output.
func (e *Embedder) learn(m *imageModel) (spec TensorSpec, err error) {
	if e.output, err = m.pick(e.opt.Output, isVector, "embed"); err != nil {
		return spec, err
	}
	e.dim = m.outputs[e.output].size()
	return CLIPSpec(0, 0), nil
}

// Dim returns the length of the vectors.
func (e *Embedder) Dim() int { return e.dim }

// Spec returns how a picture becomes the input of the model, with its size.
func (e *Embedder) Spec() TensorSpec { return e.model.spec }

// Run returns the vector of one picture; the caller owns it. Causes of errors are those
// of [ReadTensor] for the picture, [quintet.ErrInput] for one with both Data and Image
// or neither, and [quintet.ErrModel] for a vector that is not finite or has no
// direction.
func (e *Embedder) Run(ctx context.Context, in Picture) ([]float32, error) { return e.eng.Run(ctx, in) }

// RunBatch returns the vectors of many pictures; see [quintet.Pipeline].
func (e *Embedder) RunBatch(ctx context.Context, in []Picture) ([][]float32, error) {
	return e.eng.RunBatch(ctx, in)
}

// Stream returns the vectors of pictures as they come; see [quintet.Pipeline].
func (e *Embedder) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[[]float32, error] {
	return e.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (e *Embedder) Close() error { return errors.Join(e.eng.Close(), e.model.close()) }

func (e *Embedder) step(ctx context.Context, in []Picture) ([][]float32, error) {
	return runImages(ctx, e.model, in, func(outputs []optimize.Tensor, i int, _ view) ([]float32, error) {
		v, err := vector(outputs[e.output], i, e.dim)
		if err != nil {
			return nil, err
		}
		return unit(v)
	})
}

// unit returns a copy of length 1.
func unit(v []float32) ([]float32, error) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return nil, fmt.Errorf("the model gave a vector of zeros: %w", quintet.ErrModel)
	}
	out, scale := make([]float32, len(v)), 1/math.Sqrt(sum)
	for i, x := range v {
		out[i] = float32(float64(x) * scale)
	}
	return out, nil
}
