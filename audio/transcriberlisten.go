package audio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

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
		l := &transcribing{t: t, history: history{language: t.opt.Language}}
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

// add works on at most a second of sound.
func (l *transcribing) add(ctx context.Context, samples []float32) error {
	l.frames += len(samples) / l.first.Channels
	l.mono = mix(l.mono[:0], samples, l.first.Channels)
	for i, x := range l.mono {
		l.mono[i] = min(max(x, -maxLoudness), maxLoudness)
	}
	if l.resample == nil {
		l.sound = append(l.sound, l.mono...)
	} else {
		l.sound = l.resample.add(l.sound, l.mono)
	}
	if l.stream == nil {
		return l.cutWindows(ctx, l.t.model.longest())
	}
	probabilities, err := l.stream.add(ctx, samples)
	if err != nil {
		return err
	}
	for _, p := range probabilities {
		l.segmenter.add(p)
	}
	if err := l.follow(ctx); err != nil {
		return err
	}
	return l.draft(ctx)
}

// end works on what is left.
func (l *transcribing) end(ctx context.Context) error {
	return l.work(ctx, func(ctx context.Context) error {
		if l.resample != nil {
			l.sound = l.resample.end(l.sound, int(resampledLen(l.frames, l.first.Rate, l.t.to.rate)))
		}
		if l.stream == nil {
			if err := l.cutWindows(ctx, l.t.model.longest()); err != nil {
				return err
			}
			return l.finish(ctx, l.begin, l.base+len(l.sound))
		}
		probabilities, err := l.stream.end(ctx)
		if err != nil {
			return err
		}
		length := l.stream.duration()
		l.segmenter.limit = length
		for _, p := range probabilities {
			l.segmenter.add(p)
		}
		l.segmenter.end(length)
		return l.follow(ctx)
	})
}

// cutWindows writes down whole windows of sound that nothing else cuts.
func (l *transcribing) cutWindows(ctx context.Context, longest int) error {
	for len(l.sound) > longest {
		n := quietest(l.sound, longest, l.t.to.rate)
		if err := l.finish(ctx, l.base, l.base+n); err != nil {
			return err
		}
		l.open, l.begin, l.draftAt = true, l.base+n, l.base+n
		l.forget(l.begin)
	}
	return l.draft(ctx)
}

// follow writes down what the detector has found.
func (l *transcribing) follow(ctx context.Context) error {
	for _, e := range l.segmenter.events {
		if !e.Ended {
			l.open, l.begin = true, l.sampleAt(e.Start)
			l.draftAt = l.begin
			continue
		}
		if err := l.finish(ctx, l.sampleAt(e.Start), l.sampleAt(e.End)); err != nil {
			return err
		}
		l.forget(l.sampleAt(e.End))
	}
	l.segmenter.events = l.segmenter.events[:0]
	if !l.open { // what may still become the begin of a stretch
		o := l.t.voice.opt
		l.forget(l.sampleAt(l.stream.duration() - o.MinSpeech - o.MinSilence - 2*o.Pad - time.Second))
	}
	return nil
}

func (l *transcribing) sampleAt(d time.Duration) int {
	return int(d.Seconds()*float64(l.t.to.rate) + 0.5)
}

// forget lets go of the sound before a sample.
func (l *transcribing) forget(before int) {
	if n := min(before-l.base, len(l.sound)); n > 0 {
		l.sound = append(l.sound[:0], l.sound[n:]...)
		l.base += n
	}
}

// piece returns a take of the sound that is held.
func (l *transcribing) piece(from, to int) take {
	from = min(max(from, l.base), l.base+len(l.sound))
	to = min(max(to, from), l.base+len(l.sound))
	t := take{rate: l.t.to.rate}
	t.add(l.sound[from-l.base:to-l.base], from)
	return t
}

// finish tells the final segments of a stretch.
func (l *transcribing) finish(ctx context.Context, from, to int) error {
	t := l.piece(from, to)
	drafted := l.drafted
	l.open, l.drafted = false, false
	if len(t.samples) == 0 {
		return nil
	}
	segments, err := l.t.model.transcribe(ctx, &t, &l.history, false)
	if err != nil {
		return err
	}
	segments = within(segments, lasting(l.frames, l.first.Rate))
	for _, s := range segments {
		l.events = append(l.events, TranscriptEvent{s, true, l.history.language})
	}
	if len(segments) == 0 && drafted {
		s := TranscriptSegment{Start: t.start(0), End: t.end(len(t.samples))}
		l.events = append(l.events, TranscriptEvent{s, true, ""})
	}
	return nil
}

// draft tells what is understood of a stretch that goes on, if it is time to.
func (l *transcribing) draft(ctx context.Context) error {
	now, o := l.base+len(l.sound), l.t.opt
	if o.NoPartials || !l.open || now-l.draftAt < l.sampleAt(o.PartialEvery) {
		return nil
	}
	l.draftAt = now
	t := l.piece(l.begin, now)
	h := l.history
	segments, err := l.t.model.transcribe(ctx, &t, &h, true)
	if err != nil || len(segments) == 0 {
		return err
	}
	s := TranscriptSegment{Start: t.start(0), End: t.end(len(t.samples)), Score: segments[0].Score}
	s.Text = Transcript{Segments: segments}.Text()
	l.drafted = true
	l.events = append(l.events, TranscriptEvent{s, false, h.language})
	return nil
}
