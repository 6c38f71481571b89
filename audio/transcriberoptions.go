package audio

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// TranscriberOptions configures a [Transcriber]. All but Model may be left zero.
// Fields that say "Whisper" have no effect on CTC models.
type TranscriberOptions struct {
	// Model is a directory in the Hugging Face layout, from optimize.OpenModel:
	// see [NewTranscriber] for the files. Without one there is no
	// transcription.
	Model optimize.Model

	// Language is the code of the spoken language as the model's files have it,
	// such as "en". Default: it is detected; a CTC model knows its own only.
	Language string

	// Translate asks for English text whatever is spoken. A model that cannot
	// is ErrOption. Whisper.
	Translate bool

	// Beams is the number of hypotheses that are followed at temperature 0, up
	// to 32. Each costs as much as the first. Default: 1, the greedy choice.
	// Whisper.
	Beams int

	// Patience is how many times Beams hypotheses must end before the search
	// does, from 1 to 8. Default: 1. Whisper.
	Patience float64

	// BestOf is how many texts are drawn at temperatures above 0, up to 32; the
	// most likely one is kept. Default: 5. Whisper.
	BestOf int

	// Temperatures are tried in turn until a text passes MinLogProb and
	// MaxCompression: at most 16, each from 0 to 2. Default: 0, 0.2, 0.4, 0.6,
	// 0.8, 1. Whisper.
	Temperatures []float64

	// Seed makes drawing repeatable: the same clip has the same text.
	// Whisper.
	Seed uint64

	// MinLogProb is the mean log probability of a token, below 0, under which a
	// text is taken as failed. Default: -1. Whisper.
	MinLogProb float64

	// MaxCompression is the number of bytes of a text over those of its zlib
	// form from which on it is taken as failed: such texts repeat themselves.
	// Default: 2.4. Whisper.
	MaxCompression float64

	// NoSpeech is the probability of silence above which a window whose text
	// is under MinLogProb has no text, up to 1. Default: 0.6. Whisper.
	NoSpeech float64

	// MaxTokens bounds the tokens of a window, those of times included.
	// Default, and the most: half of what the model can hold. Whisper.
	MaxTokens int

	// Prompt is text put before each window, such as names and their
	// spelling; the last half of what the model can hold counts. Whisper.
	Prompt string

	// PreviousText puts the text of earlier windows before the next. Names
	// stay alike then, but one mistake can become many, so the default is
	// off. Whisper.
	PreviousText bool

	// Words asks for the times of words; see [Transcriber.WordTimes].
	Words bool

	// NoVoiceDetector gives the model the whole sound. By default it gets only
	// what a [VoiceDetector] finds, because models invent text for silence.
	NoVoiceDetector bool

	// Voice configures that detector, but for its Runtime, which must be nil.
	// Here its MinSilence is 700 ms by default and its Pad 200 ms; MaxSegment is
	// at most the model's window, mostly 30 s.
	Voice VoiceDetectorOptions

	// PartialEvery is how much new speech [Transcriber.Listen] waits for
	// before it tells what it has understood so far. Default: 1 s.
	PartialEvery time.Duration

	// NoPartials makes Listen tell final results only.
	NoPartials bool

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the transcriber, on its Backend if that can run the model
	// and else on the native one. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const (
	maxHypotheses   = 32
	maxTemperatures = 16
	maxTemperature  = 2
)

func (o TranscriberOptions) withDefaults() (TranscriberOptions, error) {
	if err := o.check(); err != nil {
		return o, err
	}
	fill(&o.Beams, 1)
	fill(&o.Patience, 1)
	fill(&o.BestOf, 5)
	fill(&o.MinLogProb, -1)
	fill(&o.MaxCompression, 2.4)
	fill(&o.NoSpeech, 0.6)
	fill(&o.PartialEvery, time.Second)
	fill(&o.Voice.MinSilence, 700*time.Millisecond)
	fill(&o.Voice.Pad, 200*time.Millisecond)
	o.Temperatures = slices.Clone(o.Temperatures)
	if len(o.Temperatures) == 0 {
		o.Temperatures = []float64{0, 0.2, 0.4, 0.6, 0.8, 1}
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	o.Voice.Runtime = o.Runtime
	return o, nil
}

// fill sets what is zero.
func fill[T comparable](v *T, by T) {
	if *v == *new(T) {
		*v = by
	}
}

func (o TranscriberOptions) check() error {
	switch {
	case o.Beams < 0 || o.Beams > maxHypotheses:
		return fmt.Errorf("audio: Beams is %d, limit %d: %w", o.Beams, maxHypotheses, quintet.ErrOption)
	case o.BestOf < 0 || o.BestOf > maxHypotheses:
		return fmt.Errorf("audio: BestOf is %d, limit %d: %w", o.BestOf, maxHypotheses, quintet.ErrOption)
	case o.Patience != 0 && !(o.Patience >= 1 && o.Patience <= 8):
		return fmt.Errorf("audio: Patience is %v, must be from 1 to 8: %w", o.Patience, quintet.ErrOption)
	case len(o.Temperatures) > maxTemperatures:
		return fmt.Errorf("audio: %d Temperatures, limit %d: %w", len(o.Temperatures), maxTemperatures, quintet.ErrOption)
	case !(o.MinLogProb <= 0) || math.IsInf(o.MinLogProb, 0):
		return fmt.Errorf("audio: MinLogProb is %v, must be below 0: %w", o.MinLogProb, quintet.ErrOption)
	case !(o.MaxCompression >= 0) || math.IsInf(o.MaxCompression, 0):
		return fmt.Errorf("audio: MaxCompression is %v, must be above 0: %w", o.MaxCompression, quintet.ErrOption)
	case !(o.NoSpeech >= 0 && o.NoSpeech <= 1):
		return fmt.Errorf("audio: NoSpeech is %v, must be from 0 to 1: %w", o.NoSpeech, quintet.ErrOption)
	case o.MaxTokens < 0 || o.PartialEvery < 0:
		return fmt.Errorf("audio: negative limit: %w", quintet.ErrOption)
	case o.Voice.Runtime != nil:
		return fmt.Errorf("audio: Voice.Runtime is set, set Runtime: %w", quintet.ErrOption)
	}
	for _, t := range o.Temperatures {
		if !(t >= 0 && t <= maxTemperature) {
			return fmt.Errorf("audio: temperature %v, must be from 0 to %d: %w", t, maxTemperature, quintet.ErrOption)
		}
	}
	return nil
}

// gate returns the options of the detector before a model that hears so much at once.
func (o TranscriberOptions) gate(window time.Duration) VoiceDetectorOptions {
	v := o.Voice
	if v.MaxSegment == 0 || v.MaxSegment > window {
		v.MaxSegment = window
	}
	return v
}
