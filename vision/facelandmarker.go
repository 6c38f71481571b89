package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/warp"
	"github.com/quintet-ai/quintet/optimize"
)

// FaceLandmarkerOptions configures a [FaceLandmarker]. Only Model is needed for the
// face mesh of MediaPipe.
type FaceLandmarkerOptions struct {
	// Model is an ONNX file with one input, square pictures of one face, and an
	// output of x, y and z of each point in turn, in pixels of the input. It must be
	// given.
	Model optimize.Model

	// Output names the output that has the points. Default: that of 468 or 478
	// points, or else the only one with a list of three numbers a point.
	Output string

	// Presence names the output of one number that tells whether there is a face, as
	// a probability, or as its logit where Logits is set. Default: the only output of
	// one number; without one the score of a mesh is that of its face.
	Presence string
	Logits   bool

	// MinScore drops meshes with a lower score, from 0 to 1. Default: 0.5.
	MinScore float64

	// Faces configures the detector that finds the faces. Its Limits and Runtime must
	// be zero: those below hold.
	Faces FaceDetectorOptions

	// Spec says how a face becomes the input of the model. Width and Height are
	// needed where the model takes any size. If none of BGR, Mean, Std, Fit, Fill and
	// Filter is given, samples are 0 to 1.
	Spec TensorSpec

	// MaxBatch is how many faces the model gets at once, if its graph takes any
	// number. Default: 8.
	MaxBatch int

	// Limits bound what one picture may cost, as in [Options].
	Limits Limits

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the models. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o FaceLandmarkerOptions) withDefaults() (FaceLandmarkerOptions, error) {
	if !(o.MinScore >= 0 && o.MinScore <= 1) { // nor NaN
		return o, fmt.Errorf("vision: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	}
	if o.Faces.Limits != (Limits{}) || o.Faces.Runtime != nil {
		return o, fmt.Errorf("vision: Faces has Limits or a Runtime of its own: %w", quintet.ErrOption)
	}
	o.Faces.Limits, o.Faces.Runtime = o.Limits, o.Runtime
	var err error
	if o.Faces, err = o.Faces.withDefaults(); err != nil {
		return o, err
	}
	o.Runtime = o.Faces.Runtime
	if o.MinScore == 0 {
		o.MinScore = 0.5
	}
	return o, nil
}

// FaceLandmarker finds faces and lays a mesh of points over each: a model of the
// caller's does, on the faces that the built-in detector finds. It is safe for
// concurrent use.
type FaceLandmarker struct {
	opt      FaceLandmarkerOptions
	dec      DecodeOptions
	finder   *faceFinder
	model    *imageModel
	points   int // the output
	presence int // the output, or -1
	eng      *optimize.Engine[Picture, []FaceMesh]
}

var _ quintet.Pipeline[Picture, []FaceMesh] = (*FaceLandmarker)(nil)

// NewFaceLandmarker loads the models. A model that does not say the shapes of its
// outputs is run once on a black picture. It fails with [quintet.ErrModel] if no output
// has points, several might have, or the input is not square, with [quintet.ErrOption],
// and with what [optimize.Runtime.Session] fails with.
func NewFaceLandmarker(o FaceLandmarkerOptions) (*FaceLandmarker, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &FaceLandmarker{opt: o}
	if l.dec, err = (DecodeOptions{Limits: o.Limits}).withDefaults(); err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	l.model, err = openImageModel(context.Background(), imageModelOptions{
		name: "a landmarker of faces", model: o.Model, session: o.Session, runtime: o.Runtime,
		spec: o.Spec, crop: 1, maxBatch: o.MaxBatch,
	}, l.learn)
	if err != nil {
		return nil, err
	}
	if l.finder, err = openFaceFinder(context.Background(), o.Faces); err != nil {
		return nil, errors.Join(err, l.model.close())
	}
	l.eng = optimize.NewEngine(o.Runtime, "vision.FaceLandmarker", l.step)
	return l, nil
}

// learn finds the outputs.
func (l *FaceLandmarker) learn(m *imageModel) (spec TensorSpec, err error) {
	spec.Fit, spec.Filter = FitStretch, Bilinear
	if m.spec.Width != m.spec.Height {
		return spec, fmt.Errorf("the model takes %dx%d pixels, want a square: %w", m.spec.Width, m.spec.Height, quintet.ErrModel)
	}
	s := headSearch{outputs: m.outputs}
	l.points = s.only(func(o modelOutput) bool {
		return hasPoints(o) && (o.size() == 3*meshPoints || o.size() == 3*(meshPoints+irisPoints))
	})
	if l.points < 0 || l.opt.Output != "" {
		if l.points, err = m.pick(l.opt.Output, hasPoints); err != nil {
			return spec, err
		}
	}
	if l.presence = s.only(isNumber); l.opt.Presence != "" {
		l.presence, err = m.pick(l.opt.Presence, isNumber)
	}
	return spec, err
}

// hasPoints reports whether an output is x, y and z of points.
func hasPoints(o modelOutput) bool {
	return o.dtype == optimize.Float32 && len(o.shape) >= 2 && o.size() >= 3 && o.size()%3 == 0
}

func isNumber(o modelOutput) bool {
	return o.dtype == optimize.Float32 && len(o.shape) >= 1 && o.size() == 1
}

// Run returns the meshes of the faces of one picture, in the order in which a
// [FaceDetector] finds them. A picture without a face has no error. Causes of errors
// are those of [FaceDetector.Run], and [quintet.ErrModel] for points that are not finite.
func (l *FaceLandmarker) Run(ctx context.Context, in Picture) ([]FaceMesh, error) {
	return l.eng.Run(ctx, in)
}

// RunBatch returns the meshes of the faces of many pictures; see [quintet.Pipeline].
func (l *FaceLandmarker) RunBatch(ctx context.Context, in []Picture) ([][]FaceMesh, error) {
	return l.eng.RunBatch(ctx, in)
}

// Stream returns the meshes of pictures as they come; see [quintet.Pipeline].
func (l *FaceLandmarker) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[[]FaceMesh, error] {
	return l.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the models back; later calls return
// [quintet.ErrClosed].
func (l *FaceLandmarker) Close() error {
	return errors.Join(l.eng.Close(), l.model.close(), l.finder.close())
}

func (l *FaceLandmarker) step(ctx context.Context, in Picture) ([]FaceMesh, error) {
	s, _, err := openPicture(ctx, in, l.dec)
	if err != nil {
		return nil, err
	}
	faces, err := l.finder.find(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []FaceMesh
	for part := range slices.Chunk(faces, l.model.maxBatch()) {
		meshes, err := l.lay(ctx, s, part)
		if err != nil {
			return nil, err
		}
		out = append(out, meshes...)
	}
	return slices.DeleteFunc(out, func(m FaceMesh) bool { return m.Score < l.opt.MinScore }), nil
}

// lay runs the model on a few faces, each turned upright.
func (l *FaceLandmarker) lay(ctx context.Context, s *source, faces []Face) ([]FaceMesh, error) {
	upright := make([]Picture, len(faces))
	ways := make([]warp.Similarity, len(faces))
	for i, f := range faces {
		ways[i] = portrait(f, l.model.spec.Width)
		m, err := s.warped(ways[i], l.model.spec.Width)
		if err != nil {
			return nil, err
		}
		upright[i].Image = m
	}
	return runImages(ctx, l.model, upright, func(outputs []optimize.Tensor, i int, _ view) (FaceMesh, error) {
		m := FaceMesh{Face: faces[i], Score: faces[i].Score}
		var err error
		if l.presence >= 0 {
			if m.Score, err = l.score(outputs[l.presence], i); err != nil {
				return m, err
			}
		}
		data, err := vector(outputs[l.points], i, l.model.outputs[l.points].size())
		if err != nil {
			return m, err
		}
		m.Points = meshOf(data, ways[i].Inverse())
		return m, nil
	})
}

// score reads how sure the model is that it saw a face.
func (l *FaceLandmarker) score(t optimize.Tensor, i int) (float64, error) {
	v, err := vector(t, i, 1)
	if err != nil {
		return 0, err
	}
	p := float64(v[0])
	if l.opt.Logits {
		p = 1 / (1 + math.Exp(-p))
	}
	if !(p >= 0 && p <= 1) {
		return 0, fmt.Errorf("the model gave a probability of %v: %w", p, quintet.ErrModel)
	}
	return p, nil
}

// portraitScale is how much of a face's surroundings the model sees, as in MediaPipe.
const portraitScale = 1.5

// portrait returns the way from the picture to an upright square around a face.
func portrait(f Face, side int) warp.Similarity {
	k := float64(side) / (portraitScale * float64(max(f.Box.Dx(), f.Box.Dy())))
	sin, cos := math.Sincos(-f.Angle * math.Pi / 180)
	s := warp.Similarity{A: k * cos, B: k * sin}
	middle := s.To(warp.Point{X: float64(f.Box.Min.X+f.Box.Max.X) / 2, Y: float64(f.Box.Min.Y+f.Box.Max.Y) / 2})
	s.X, s.Y = float64(side)/2-middle.X, float64(side)/2-middle.Y
	return s
}

// warped draws the part of the picture that s leads to a square, black where the picture
// ends.
func (s *source) warped(way warp.Similarity, side int) (*image.NRGBA, error) {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	part := way.Source(side, side).Intersect(s.img.Bounds())
	if part.Empty() {
		return out, nil
	}
	pixels, err := Crop(s.img, part)
	if err != nil {
		return nil, err
	}
	pixels.Rect = pixels.Rect.Add(part.Min)
	warp.Draw(out, pixels, way)
	return out, nil
}
