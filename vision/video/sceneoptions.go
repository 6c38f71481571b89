package video

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// SceneOptions configures [Scenes]. The zero value is good for films of 24 to 60 frames
// a second.
type SceneOptions struct {
	// MinScore is the [Signature.Distance] between two frames below which there is
	// no cut between them, from 0 to 1. Default: 0.06.
	MinScore float64

	// Ratio is how many times the mean distance of the frames around it that of a
	// cut must be, so that fast motion is none. Default: 3.
	Ratio float64

	// Window is how many distances before and as many behind are the surroundings.
	// Default: 3; at most 100.
	Window int

	// MinFrames is the length of the shortest scene; a cut that would make a shorter
	// one is left out, and a flash of fewer frames is none. Default: 8;
	// at most 1000.
	MinFrames int

	// NoKeys does not look for key frames, which takes most of the time.
	NoKeys bool

	// Decode has limits for frames that come as files.
	Decode vision.DecodeOptions
}

func (o SceneOptions) withDefaults() (SceneOptions, error) {
	switch {
	case !(o.MinScore >= 0 && o.MinScore <= 1): // nor NaN
		return o, fmt.Errorf("video: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	case !(o.Ratio >= 0):
		return o, fmt.Errorf("video: Ratio is %v: %w", o.Ratio, quintet.ErrOption)
	case o.Window < 0 || o.Window > 100 || o.MinFrames < 0 || o.MinFrames > 1000:
		return o, fmt.Errorf("video: Window is %d, MinFrames %d: %w", o.Window, o.MinFrames, quintet.ErrOption)
	}
	if o.MinScore == 0 {
		o.MinScore = 0.06
	}
	if o.Ratio == 0 {
		o.Ratio = 3
	}
	if o.Window == 0 {
		o.Window = 3
	}
	if o.MinFrames == 0 {
		o.MinFrames = 8
	}
	return o, nil
}

// reach is how many frames before and behind are looked at.
func (o SceneOptions) reach() int { return max(o.Window, o.MinFrames) }
