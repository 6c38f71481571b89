package vision

import (
	"context"
	_ "embed" // the model
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

//go:generate sh models/fetch.sh

//go:embed models/face_detection_back_256x256.onnx
var faceModel []byte

// faceSide is the width and height of the model's input.
const faceSide = 256

// faceFinder runs the model over pictures. It is safe for concurrent use.
type faceFinder struct {
	opt     FaceDetectorOptions
	session optimize.Session
	inputs  sync.Pool // of *[]float32, an input of the model each
}

// faceOutputs are what the model gives: for each of two layers the scores, then
// for each the boxes.
var faceOutputs = [][]int{{1, 512, 1}, {1, 384, 1}, {1, 512, 16}, {1, 384, 16}}

// openFaceFinder loads the model. The caller closes the finder.
func openFaceFinder(ctx context.Context, o FaceDetectorOptions) (*faceFinder, error) {
	session, err := o.Runtime.Session(ctx, optimize.ModelBytes(faceModel), o.Session)
	if err != nil {
		return nil, err
	}
	outputs := session.Outputs()
	if len(outputs) != len(faceOutputs) {
		err = fmt.Errorf("vision: the face model has the outputs %v: %w", outputs, quintet.ErrModel)
		return nil, errors.Join(err, session.Close())
	}
	f := &faceFinder{opt: o, session: session}
	f.inputs.New = func() any {
		input := make([]float32, faceSide*faceSide*3)
		return &input
	}
	return f, nil
}

func (f *faceFinder) close() error { return f.session.Close() }

// find returns the faces of a picture, the highest score first.
func (f *faceFinder) find(ctx context.Context, s *source) ([]Face, error) {
	input := f.inputs.Get().(*[]float32)
	defer f.inputs.Put(input)
	tiles := []square{around(s.w, s.h)}
	if f.opt.Tiles {
		tiles = append(tiles, tilesOf(s.w, s.h)...)
	}
	var all []candidate
	for _, t := range tiles {
		found, err := f.look(ctx, s, t, *input)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if t.trusts(c, s.w, s.h) {
				all = append(all, c)
			}
		}
	}
	return f.faces(merge(all), s), nil
}

// look runs the model on a part of a picture.
func (f *faceFinder) look(ctx context.Context, s *source, part square, input []float32) ([]candidate, error) {
	s.letterbox(input, faceSide, part)
	x, err := optimize.NewTensor(input, 1, faceSide, faceSide, 3)
	if err != nil {
		return nil, err
	}
	outputs, err := f.session.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return nil, err
	}
	var data [4][]float32
	for i, o := range outputs {
		if !slices.Equal(o.Shape(), faceOutputs[i]) {
			return nil, fmt.Errorf("face model gave %v, want shape %v: %w", o, faceOutputs[i], quintet.ErrModel)
		}
		if data[i], err = optimize.Data[float32](o); err != nil {
			return nil, err
		}
	}
	found := anchors{cells: 16, each: 2}.decode(nil, data[0], data[2], f.opt.MinScore, part)
	return anchors{cells: 8, each: 6}.decode(found, data[1], data[3], f.opt.MinScore, part), nil
}

// faces makes results of candidates.
func (f *faceFinder) faces(all []candidate, s *source) []Face {
	var out []Face
	for _, c := range all {
		if n := f.opt.MaxFaces; n > 0 && len(out) == n {
			break
		}
		if face, ok := c.face(s.img.Bounds()); ok {
			out = append(out, face)
		}
	}
	return out
}
