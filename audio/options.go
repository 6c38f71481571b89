package audio

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/optimize"
)

// Task names what a pipeline computes. Tasks combine with |.
type Task uint

// The tasks.
const (
	TaskProperties Task = 1 << iota // Result.Properties
	TaskMel                         // Result.Mel

	allTasks = TaskProperties | TaskMel
)

// Options configures a [Pipeline]. The zero value runs every task on the default
// runtime.
type Options struct {
	// Tasks selects the work. Default: all.
	Tasks Task

	// Mel configures TaskMel. The clip is mixed to one channel and resampled
	// to its Rate first. Default: dsp.WhisperLogMel(80).
	Mel dsp.MelOptions

	// Runtime runs the pipeline. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	if o.Tasks&^allTasks != 0 {
		return o, fmt.Errorf("audio: unknown bits in Tasks %#x: %w", uint(o.Tasks), quintet.ErrOption)
	}
	if o.Tasks == 0 {
		o.Tasks = allTasks
	}
	if o.Mel == (dsp.MelOptions{}) {
		o.Mel = dsp.WhisperLogMel(80)
	}
	return o, nil
}
