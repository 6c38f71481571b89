package audio

import (
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// Segment is a part of a clip in which somebody speaks.
type Segment struct {
	// Start and End count from the begin of the clip. Segments are in order
	// and do not overlap.
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`

	// Score is the mean probability of speech in the frames of the segment,
	// without its padding.
	Score float64 `json:"score"`
}

// SpeechSegments returns the segments of a sound of the given length whose frames
// have the given probabilities of speech, as [VoiceDetector.Probabilities] returns
// them: to try other options without asking the model again. Session and Runtime of
// o are not used.
//
// The rules are those of get_speech_timestamps of Silero VAD 6: a segment starts
// with the first frame from the threshold on; it ends where frames below the lower
// threshold begin, once MinSilence has passed in which none was speech. At the end
// of the sound it ends with that, its last silence included. Only what Silero
// rounds to samples is exact here.
//
// Errors wrap [quintet.ErrOption] for options that make no sense, and
// [quintet.ErrInput] if length does not have as many frames as there are
// probabilities, or if one of them is not from 0 to 1.
func SpeechSegments(probabilities []float32, length time.Duration, o VoiceDetectorOptions) ([]Segment, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if frames := voiceFrames(length); length < 0 || frames != int64(len(probabilities)) {
		return nil, fmt.Errorf("audio: %d probabilities for %v, which has %d frames: %w",
			len(probabilities), length, frames, quintet.ErrInput)
	}
	s := newSegmenter(o)
	s.limit = length
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("audio: probability %d is %v, must be from 0 to 1: %w", i, p, quintet.ErrInput)
		}
		s.add(p)
	}
	s.end(length)
	return segmentsOf(nil, s.events), nil
}

// voiceFrames returns how many frames a sound has, the last of which may be short.
func voiceFrames(length time.Duration) int64 {
	n := int64(length / VoiceFrame)
	if length%VoiceFrame > 0 {
		n++
	}
	return n
}

// segmentsOf appends the segments that events end.
func segmentsOf(dst []Segment, events []VoiceEvent) []Segment {
	for _, e := range events {
		if e.Ended {
			dst = append(dst, e.Segment)
		}
	}
	return dst
}
