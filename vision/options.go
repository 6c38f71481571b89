package vision

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ObjectFinder finds objects in a picture: an [ObjectDetector] does. It is safe for
// concurrent use.
type ObjectFinder interface {
	// Run returns the objects, the highest score first.
	Run(ctx context.Context, in Picture) ([]Object, error)
}

// PictureLabeler names the classes of a picture: a [Classifier] does. It is safe for
// concurrent use.
type PictureLabeler interface {
	// Run returns the classes, the highest score first.
	Run(ctx context.Context, in Picture) ([]Label, error)
}

// TextReader reads the text of a picture: a [Reader] does. It is safe for concurrent use.
type TextReader interface {
	// Run returns the lines in the order in which they are read.
	Run(ctx context.Context, in Picture) (Reading, error)
}

// VectorEmbedder makes a vector of a picture: an [Embedder] does. It is safe for
// concurrent use.
type VectorEmbedder interface {
	// Run returns the vector, which the caller owns.
	Run(ctx context.Context, in Picture) ([]float32, error)
}

// Options configures a [Pipeline]. The zero value does every task that needs no
// model, on pictures from anywhere.
type Options struct {
	// Tasks are those that are run. Default: TaskProperties, TaskHashes and
	// TaskColors.
	Tasks Task

	// Colors is how many dominant colours are looked for, at most 32.
	// Default: 5.
	Colors int

	// Faces configures TaskFaces. Its Limits and Runtime must be zero: those below
	// hold.
	Faces FaceDetectorOptions

	// Objects finds Result.Objects; TaskObjects needs it. Like the three below it
	// gets the picture decoded and upright, is shared with the caller, who closes
	// it, and is best opened on the same Runtime. Default: none.
	Objects ObjectFinder

	// Labels finds Result.Labels; TaskLabels needs it. Default: none.
	Labels PictureLabeler

	// Text reads Result.Text; TaskText needs it. Default: none.
	Text TextReader

	// Embedder makes Result.Embedding; TaskEmbedding needs it. Default: none.
	Embedder VectorEmbedder

	// Limits bound what one picture may cost. Pictures that come decoded are
	// held against MaxSide and MaxPixels. Default: see [Limits].
	Limits Limits

	// GPS tells where a picture was taken, as in [DecodeOptions].
	GPS bool

	// Runtime runs the pipeline; as many pictures as it has workers may be in
	// memory at once. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	if o.Tasks&^knownTasks != 0 {
		return o, fmt.Errorf("vision: unknown tasks %#x: %w", uint(o.Tasks&^knownTasks), quintet.ErrOption)
	}
	if t := o.Tasks & o.without(); t != 0 {
		return o, fmt.Errorf("vision: tasks %v without their options: %w", t, quintet.ErrOption)
	}
	if o.Colors < 0 || o.Colors > maxColors {
		return o, fmt.Errorf("vision: Colors is %d, want 1 to %d: %w", o.Colors, maxColors, quintet.ErrOption)
	}
	if o.Faces.Limits != (Limits{}) || o.Faces.Runtime != nil {
		return o, fmt.Errorf("vision: Faces has Limits or a Runtime of its own: %w", quintet.ErrOption)
	}
	var err error
	if o.Limits, err = o.Limits.withDefaults(); err != nil {
		return o, fmt.Errorf("vision: %w", err)
	}
	o.Faces.Runtime = o.Runtime
	if o.Faces, err = o.Faces.withDefaults(); err != nil {
		return o, err
	}
	if o.Tasks == 0 {
		o.Tasks = plainTasks
	}
	if o.Colors == 0 {
		o.Colors = 5
	}
	return o, nil
}

// without returns the tasks whose options are missing.
func (o Options) without() (t Task) {
	if o.Objects == nil {
		t |= TaskObjects
	}
	if o.Labels == nil {
		t |= TaskLabels
	}
	if o.Text == nil {
		t |= TaskText
	}
	if o.Embedder == nil {
		t |= TaskEmbedding
	}
	return t
}
