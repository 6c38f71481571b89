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
	TaskSpeech                      // Result.Speech

	allTasks = TaskProperties | TaskMel | TaskSpeech
)

// Options configures a [Pipeline]. The zero value runs every task on the default
// runtime.
type Options struct {
	// Tasks selects the work. Default: all.
	Tasks Task

	// Mel configures TaskMel. The clip is mixed to one channel and resampled
	// to its Rate first. Default: dsp.WhisperLogMel(80).
	Mel dsp.MelOptions

	// Speech configures TaskSpeech, but for its Runtime, which must be nil: it
	// is that of the pipeline.
	Speech VoiceDetectorOptions

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
	if o.Speech.Runtime != nil {
		return o, fmt.Errorf("audio: Speech.Runtime is set, set Runtime: %w", quintet.ErrOption)
	}
	o.Speech.Runtime = o.Runtime
	return o, nil
}
