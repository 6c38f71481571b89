package vision

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// FaceDetectorOptions configures a [FaceDetector]. The zero value finds the faces
// of people who are near the camera or in a group.
type FaceDetectorOptions struct {
	// MinScore drops faces with a lower score, from 0 to 1. Default: 0.65, with
	// Tiles 0.75.
	MinScore float64

	// MaxFaces keeps the faces with the highest scores. Default: all.
	MaxFaces int

	// Tiles looks at parts of the picture too, of a half and a quarter of its
	// longer side, that overlap by a quarter. It finds the small faces of crowds
	// and takes up to 35 times as long. Parts are not smaller than 128 pixels.
	Tiles bool

	// Limits bound what one picture may cost, as in [Options].
	Limits Limits

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the model. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o FaceDetectorOptions) withDefaults() (FaceDetectorOptions, error) {
	if !(o.MinScore >= 0 && o.MinScore <= 1) { // nor NaN
		return o, fmt.Errorf("vision: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	}
	if o.MaxFaces < 0 {
		return o, fmt.Errorf("vision: MaxFaces is %d: %w", o.MaxFaces, quintet.ErrOption)
	}
	var err error
	if o.Limits, err = o.Limits.withDefaults(); err != nil {
		return o, fmt.Errorf("vision: %w", err)
	}
	if o.MinScore == 0 {
		o.MinScore = 0.65
		if o.Tiles {
			o.MinScore = 0.75
		}
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	return o, nil
}

// FaceDetector finds faces with a model that is built into the package. It is safe
// for concurrent use.
type FaceDetector struct {
	dec    DecodeOptions
	finder *faceFinder
	eng    *optimize.Engine[Picture, []Face]
}

var _ quintet.Pipeline[Picture, []Face] = (*FaceDetector)(nil)

// NewFaceDetector loads the model on the runtime's backend. It fails with
// [quintet.ErrOption] and with what [optimize.Runtime.Session] fails with.
func NewFaceDetector(o FaceDetectorOptions) (*FaceDetector, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	dec, err := DecodeOptions{Limits: o.Limits}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	finder, err := openFaceFinder(context.Background(), o)
	if err != nil {
		return nil, err
	}
	d := &FaceDetector{dec: dec, finder: finder}
	d.eng = optimize.NewEngine(o.Runtime, "vision.FaceDetector", d.step)
	return d, nil
}

// Run returns the faces of one picture, the highest score first. A picture without
// a face has no error. Causes of errors are those of [Pipeline.Run] and of the
// model; a cancelled context ends it between two operators of the model.
func (d *FaceDetector) Run(ctx context.Context, in Picture) ([]Face, error) {
	return d.eng.Run(ctx, in)
}

// RunBatch returns the faces of many pictures; see [quintet.Pipeline].
func (d *FaceDetector) RunBatch(ctx context.Context, in []Picture) ([][]Face, error) {
	return d.eng.RunBatch(ctx, in)
}

// Stream returns the faces of pictures as they come; see [quintet.Pipeline].
func (d *FaceDetector) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[[]Face, error] {
	return d.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back; later calls return
// [quintet.ErrClosed].
func (d *FaceDetector) Close() error { return errors.Join(d.eng.Close(), d.finder.close()) }

func (d *FaceDetector) step(ctx context.Context, in Picture) ([]Face, error) {
	s, _, err := openPicture(ctx, in, d.dec)
	if err != nil {
		return nil, err
	}
	return d.finder.find(ctx, s)
}
