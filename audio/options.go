package audio

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/optimize"
)

// Options configures a [Pipeline]. The zero value runs the default tasks on the default
// runtime.
type Options struct {
	// Tasks selects the work. Default: all but TaskPitch, which takes several
	// times as long as the others together, TaskChords and TaskFingerprint.
	Tasks Task

	// Mel configures TaskMel. The clip is mixed to one channel and resampled
	// to its Rate first. Default: dsp.WhisperLogMel(80).
	Mel dsp.MelOptions

	// Speech configures TaskSpeech, but for its Runtime, which must be nil: it
	// is that of the pipeline.
	Speech VoiceDetectorOptions

	// Silence configures TaskSilence.
	Silence SilenceOptions

	// Runtime runs the pipeline. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	if o.Tasks&^allTasks != 0 {
		return o, fmt.Errorf("audio: unknown bits in Tasks %#x: %w", uint(o.Tasks), quintet.ErrOption)
	}
	if o.Tasks == 0 {
		o.Tasks = defaultTasks
	}
	if o.Mel == (dsp.MelOptions{}) {
		o.Mel = dsp.WhisperLogMel(80)
	}
	if o.Speech.Runtime != nil {
		return o, fmt.Errorf("audio: Speech.Runtime is set, set Runtime: %w", quintet.ErrOption)
	}
	o.Speech.Runtime = o.Runtime
	var err error
	o.Silence, err = o.Silence.withDefaults()
	return o, err
}
