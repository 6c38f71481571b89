package audio

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
)

// TranscriptEvent tells what has been understood so far.
type TranscriptEvent struct {
	// TranscriptSegment is a segment; of speech that goes on, all of it until
	// now.
	TranscriptSegment

	// Final says that the segment will not change. Otherwise the next event
	// replaces it.
	Final bool `json:"final"`

	// Language is the code of the spoken language, "" if the model names none.
	Language string `json:"language,omitempty"`
}

// Listen writes down sound while it comes. The clips are the parts of one sound, of any
// length, the empty one too; they have the same rate and channels. Times count from
// the begin of the first.
//
// While somebody speaks there is an event with all that this stretch of speech holds
// so far after each PartialEvery of new speech; it is a draft, from the greedy choice
// and without words. When the speech has ended, for which the sound must go on for
// MinSilence, or has become as long as the model's window, its final segments follow. A
// stretch that turns out to be nothing, of which there was a draft, ends with a final
// event without text. Without the detector, stretches are cut where the last third of a
// window is quietest.
//
// The first error is the last item: that of a part that is not a valid clip or not
// like the first ([quintet.ErrInput]), of the model, the end of ctx, which is seen when
// a part comes, or [quintet.ErrClosed]. Each piece of work takes a worker of the runtime
// and makes an event of the pipeline "audio.Transcriber.Listen". The sound of the
// stretch, at most a window and some seconds, is held.
func (t *Transcriber) Listen(ctx context.Context, sound iter.Seq[Clip]) iter.Seq2[TranscriptEvent, error] {
	return func(yield func(TranscriptEvent, error) bool) {
		l := &transcribing{t: t, history: t.history()}
		for c := range sound {
			if !l.send(yield, l.hear(ctx, c)) {
				return
			}
		}
		err := ctx.Err()
		if err == nil && l.first.Rate != 0 {
			err = l.end(ctx)
		}
		l.send(yield, err)
	}
}

// liveWork is a piece of work of Listen.
type liveWork func(ctx context.Context) error

func runLiveWork(ctx context.Context, work liveWork) (struct{}, error) { return struct{}{}, work(ctx) }

// transcribing is a call of Listen.
type transcribing struct {
	t         *Transcriber
	first     Clip         // its rate and channels
	stream    *voiceStream // nil without the detector
	segmenter *segmenter
	resample  *resampleStream // nil at the model's rate
	frames    int             // of the sound so far

	mono  []float32
	sound []float32 // at the model's rate, from base on
	base  int

	open    bool // somebody speaks
	begin   int  // since this sample
	drafted bool // an event of this stretch was told
	draftAt int  // sample up to which the last draft went
	history history
	events  []TranscriptEvent
}

// send yields what there is to tell and returns false when the loop is over.
func (l *transcribing) send(yield func(TranscriptEvent, error) bool, err error) bool {
	for _, e := range l.events {
		if !yield(e, nil) {
			return false
		}
	}
	l.events = l.events[:0]
	if err != nil {
		if e, ok := errors.AsType[*quintet.Error](err); ok {
			err = e.Err
		}
		yield(TranscriptEvent{}, &quintet.Error{Op: transcriberName + ".Listen", Index: -1, Err: err})
		return false
	}
	return true
}

// work runs a piece of work in a slot of the runtime.
func (l *transcribing) work(ctx context.Context, f liveWork) error {
	_, err := l.t.live.Run(ctx, f)
	return err
}

// hear takes a part of the sound.
func (l *transcribing) hear(ctx context.Context, c Clip) error {
	if err := l.t.check(c); err != nil {
		return err
	}
	if l.first.Rate == 0 {
		if err := l.start(c); err != nil {
			return err
		}
	}
	if c.Rate != l.first.Rate || c.Channels != l.first.Channels {
		return fmt.Errorf("part has %d Hz and %d channels, the first %d and %d: %w",
			c.Rate, c.Channels, l.first.Rate, l.first.Channels, quintet.ErrInput)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for part := range parts(c) {
		err := l.work(ctx, func(ctx context.Context) error { return l.add(ctx, part) })
		if err != nil {
			return err
		}
	}
	return nil
}

// parts cuts a clip into seconds.
func parts(c Clip) iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		for x, n := c.Samples, c.Rate*c.Channels; len(x) > 0; {
			k := min(n, len(x))
			if !yield(x[:k]) {
				return
			}
			x = x[k:]
		}
	}
}

// start prepares for sound like a clip.
func (l *transcribing) start(c Clip) (err error) {
	if l.t.voice != nil {
		if l.stream, err = l.t.voice.stream(c.Rate, c.Channels); err != nil {
			return err
		}
		l.segmenter = newSegmenter(l.t.voice.opt)
	} else {
		l.open = true
	}
	if c.Rate != l.t.to.rate {
		l.resample = newResampleStream(l.t.to.from(c.Rate))
	}
	l.first = Clip{Rate: c.Rate, Channels: c.Channels}
	return nil
}
