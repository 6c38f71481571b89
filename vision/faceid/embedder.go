package faceid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// Options configures an [Embedder]. Only Model is needed for networks that take RGB
// from -1 to 1, 112 by 112 pixels or another square.
type Options struct {
	// Model is an ONNX file with one input, square pictures, and a vector as output.
	// It must be given.
	Model optimize.Model

	// Output names the output that has the vector. Default: as in
	// [vision.EmbedderOptions].
	Output string

	// Spec says how an aligned face becomes the input of the model. If none of BGR,
	// Mean, Std, Fit, Fill and Filter is given, Mean and Std are 0.5 each, unless the
	// input is of bytes. Width and Height are needed where the model takes any size.
	Spec vision.TensorSpec

	// MaxFaces is how many faces a picture may have. Default: 256.
	MaxFaces int

	// MaxBatch is how many faces the model gets at once, if its graph takes any
	// number. Default: 8.
	MaxBatch int

	// Decode has limits for pictures that come as files.
	Decode vision.DecodeOptions

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

// Portraits are faces of one picture, as a [vision.FaceDetector] finds them there.
type Portraits struct {
	Picture vision.Picture
	Faces   []vision.Face
}

// Embedder makes unit vectors of faces. It is safe for concurrent use.
type Embedder struct {
	opt   Options
	model *vision.Embedder
	side  int
	eng   *optimize.Engine[Portraits, [][]float32]
}

var _ quintet.Pipeline[Portraits, [][]float32] = (*Embedder)(nil)

// New loads a model. It fails with the errors of [vision.NewEmbedder], and with
// [quintet.ErrModel] for an input that is not square.
func New(o Options) (*Embedder, error) {
	if o.MaxFaces < 0 {
		return nil, fmt.Errorf("faceid: MaxFaces is %d: %w", o.MaxFaces, quintet.ErrOption)
	}
	if o.MaxFaces == 0 {
		o.MaxFaces = 256
	}
	m, err := vision.NewEmbedder(vision.EmbedderOptions{
		Model: o.Model, Output: o.Output, Spec: normalised(o.Spec), MaxBatch: o.MaxBatch, Session: o.Session, Runtime: o.Runtime,
	})
	if err != nil {
		return nil, err
	}
	e := &Embedder{opt: o, model: m, side: m.Spec().Width}
	if h := m.Spec().Height; h != e.side {
		err := fmt.Errorf("faceid: the model takes %dx%d pixels, want a square: %w", e.side, h, quintet.ErrModel)
		return nil, errors.Join(err, m.Close())
	}
	e.eng = optimize.NewEngine(o.Runtime, "faceid", e.step)
	return e, nil
}

// normalised fills in the usual way to make a tensor of a face.
func normalised(s vision.TensorSpec) vision.TensorSpec {
	var none [3]float32
	if !s.BGR && s.Mean == none && s.Std == none && s.Fit == 0 && s.Fill == (vision.RGB{}) && s.Filter == 0 {
		s.Mean, s.Std = [3]float32{0.5, 0.5, 0.5}, [3]float32{0.5, 0.5, 0.5}
	}
	return s
}

// Dim returns the length of the vectors.
func (e *Embedder) Dim() int { return e.model.Dim() }

// Run returns a vector for each face of a picture, in their order; the caller owns them.
// A picture without faces has none. Causes of errors are those of [vision.Decode] and
// [Align] and of the model; one face that is none fails its picture. More than MaxFaces
// are [quintet.ErrInput].
func (e *Embedder) Run(ctx context.Context, in Portraits) ([][]float32, error) {
	return e.eng.Run(ctx, in)
}

// RunBatch returns the vectors of the faces of many pictures; see [quintet.Pipeline].
func (e *Embedder) RunBatch(ctx context.Context, in []Portraits) ([][][]float32, error) {
	return e.eng.RunBatch(ctx, in)
}

// Stream returns the vectors of pictures as they come; see [quintet.Pipeline].
func (e *Embedder) Stream(ctx context.Context, in iter.Seq[Portraits]) iter.Seq2[[][]float32, error] {
	return e.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (e *Embedder) Close() error { return errors.Join(e.eng.Close(), e.model.Close()) }

func (e *Embedder) step(ctx context.Context, in Portraits) ([][]float32, error) {
	if n := len(in.Faces); n > e.opt.MaxFaces {
		return nil, fmt.Errorf("%d faces, limit %d: %w", n, e.opt.MaxFaces, quintet.ErrInput)
	}
	img, err := e.pixels(in.Picture)
	if err != nil || len(in.Faces) == 0 {
		return nil, err
	}
	aligned := make([]vision.Picture, len(in.Faces))
	for i, f := range in.Faces {
		m, err := Align(img, f.Landmarks, e.side)
		if err != nil {
			return nil, fmt.Errorf("face %d: %w", i, err)
		}
		aligned[i].Image = m
	}
	return e.model.RunBatch(ctx, aligned)
}

func (e *Embedder) pixels(p vision.Picture) (image.Image, error) {
	if (p.Image == nil) == (len(p.Data) == 0) {
		return nil, fmt.Errorf("picture needs either Data or Image: %w", quintet.ErrInput)
	}
	if p.Image != nil {
		return p.Image, nil
	}
	m, _, err := vision.Decode(bytes.NewReader(p.Data), e.opt.Decode)
	return m, err
}
