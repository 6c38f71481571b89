package vision

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Task names a part of the analysis; several are joined with |.
type Task uint

// The tasks of a [Pipeline].
const (
	TaskProperties Task = 1 << iota // size, format, light, sharpness: Result.Properties
	TaskHashes                      // perceptual hashes: Result.Hashes
	TaskColors                      // dominant colours: Result.Colors
	TaskFaces                       // faces, with the model of NewFaceDetector: Result.Faces

	plainTasks = TaskProperties | TaskHashes | TaskColors
	allTasks   = plainTasks | TaskFaces
)

// Options configures a [Pipeline]. The zero value does every task that needs no
// model, on pictures from anywhere.
type Options struct {
	// Tasks are those that are run. Default: all but TaskFaces.
	Tasks Task

	// Colors is how many dominant colours are looked for, at most 32.
	// Default: 5.
	Colors int

	// Faces configures TaskFaces. Its Limits and Runtime must be zero: those below
	// hold.
	Faces FaceDetectorOptions

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
	if o.Tasks&^allTasks != 0 {
		return o, fmt.Errorf("vision: unknown tasks %#x: %w", uint(o.Tasks&^allTasks), quintet.ErrOption)
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
