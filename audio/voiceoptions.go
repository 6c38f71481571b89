package audio

import (
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// VoiceFrame is how much sound one probability of speech stands for.
const VoiceFrame = 32 * time.Millisecond

// VoiceDetectorOptions configures a [VoiceDetector]. The zero value is good. Times
// count as the sound's; none may be longer than a day.
type VoiceDetectorOptions struct {
	// Threshold is the probability from which on a frame is speech, up to 1.
	// Speech ends with frames below Threshold-0.15, or below 0.01 if that is
	// more. A lower one finds more of quiet speech, and more of what is none.
	// Default: 0.5.
	Threshold float64

	// MinSpeech drops segments that are not longer, before padding. Default:
	// 250 ms.
	MinSpeech time.Duration

	// MinSilence is how long a silence must be to end a segment. Default: 100
	// ms.
	MinSilence time.Duration

	// Pad is added before and after each segment; between two that are closer
	// than twice that, each gets half of the silence. Default: 30 ms.
	Pad time.Duration

	// MaxSegment cuts segments that would be longer, with their padding: at
	// the longest silence of more than 98 ms in them or, without one, in the
	// middle of speech. Pieces may be shorter than MinSpeech. It must be at
	// least MinSpeech + 2·Pad + VoiceFrame. Default: no limit.
	MaxSegment time.Duration

	// Session says how the model is loaded. Default: on the device "cpu": the
	// model is too small for others.
	Session optimize.SessionOptions

	// Runtime runs the detector, on its Backend if that can run the model and
	// else on the native one. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o VoiceDetectorOptions) withDefaults() (VoiceDetectorOptions, error) {
	const day = 24 * time.Hour
	if !(o.Threshold >= 0 && o.Threshold <= 1) {
		return o, fmt.Errorf("audio: Threshold is %v, must be from 0 to 1: %w", o.Threshold, quintet.ErrOption)
	}
	for name, d := range map[string]time.Duration{
		"MinSpeech": o.MinSpeech, "MinSilence": o.MinSilence, "Pad": o.Pad, "MaxSegment": o.MaxSegment,
	} {
		if d < 0 || d > day {
			return o, fmt.Errorf("audio: %s is %v, must be from 0 to %v: %w", name, d, day, quintet.ErrOption)
		}
	}
	if o.Threshold == 0 {
		o.Threshold = 0.5
	}
	if o.MinSpeech == 0 {
		o.MinSpeech = 250 * time.Millisecond
	}
	if o.MinSilence == 0 {
		o.MinSilence = 100 * time.Millisecond
	}
	if o.Pad == 0 {
		o.Pad = 30 * time.Millisecond
	}
	if least := o.MinSpeech + 2*o.Pad + VoiceFrame; o.MaxSegment > 0 && o.MaxSegment < least {
		return o, fmt.Errorf("audio: MaxSegment is %v, must be at least %v: %w", o.MaxSegment, least, quintet.ErrOption)
	}
	return o, nil
}
