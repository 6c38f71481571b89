package audio

import (
	"context"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
)

// VoiceEvent tells that speech has begun or ended.
type VoiceEvent struct {
	// Segment is the speech. While it goes on, End and Score are 0.
	Segment

	// Ended says that Segment is complete.
	Ended bool `json:"ended"`
}

// Listen finds speech in sound while it comes. The clips are the parts of one sound,
// of any length, the empty one too; they have the same rate and channels. Times
// count from the begin of the first.
//
// The events of a segment, one for its begin and then one for its end, come as soon
// as no later sound can change them: for a begin about MinSpeech after it, for an
// end about MinSilence, or twice Pad if that is longer. When the clips end, speech
// ends with them. The segments are those of Run on the whole sound; their
// probabilities may differ by rounding.
//
// The first error is the last item: that of a part that is not a valid clip or not
// like the first ([quintet.ErrInput]), the end of ctx, which is seen when a part
// comes, or [quintet.ErrClosed]. Each part takes a worker of the runtime only while
// it is worked on, and makes an event of the pipeline "audio.VoiceDetector.Listen".
// The sound is not held for longer than one frame needs.
func (d *VoiceDetector) Listen(ctx context.Context, sound iter.Seq[Clip]) iter.Seq2[VoiceEvent, error] {
	return func(yield func(VoiceEvent, error) bool) {
		l := &listener{d: d, segmenter: newSegmenter(d.voice.opt), yield: yield}
		for c := range sound {
			if !l.hear(ctx, c) {
				return
			}
		}
		l.end(ctx)
	}
}

// listener is a call of Listen.
type listener struct {
	d         *VoiceDetector
	stream    *voiceStream // nil before the first part
	segmenter *segmenter
	yield     func(VoiceEvent, error) bool
}

// livePart is one piece of sound to work on.
type livePart struct {
	stream  *voiceStream
	samples []float32
	last    bool // nothing follows, and samples is empty
}

func runLive(ctx context.Context, p livePart) ([]float32, error) {
	if p.last {
		return p.stream.end(ctx)
	}
	return p.stream.add(ctx, p.samples)
}

// hear works on a part of the sound. It returns false when the loop is over, for
// which it has told the reason.
func (l *listener) hear(ctx context.Context, c Clip) bool {
	if err := l.check(c); err != nil {
		return l.fail(err)
	}
	if l.stream == nil {
		var err error
		if l.stream, err = l.d.voice.stream(c.Rate, c.Channels); err != nil {
			return l.fail(err)
		}
	}
	for part := range l.stream.parts(c.Samples) {
		if !l.work(ctx, livePart{stream: l.stream, samples: part}) {
			return false
		}
	}
	return true
}

func (l *listener) check(c Clip) error {
	if err := l.d.voice.check(c); err != nil {
		return err
	}
	if s := l.stream; s != nil && (c.Rate != s.rate || c.Channels != s.channels) {
		return fmt.Errorf("part has %d Hz and %d channels, the first %d and %d: %w",
			c.Rate, c.Channels, s.rate, s.channels, quintet.ErrInput)
	}
	return nil
}

// end tells what is left when the sound is over.
func (l *listener) end(ctx context.Context) {
	switch {
	case ctx.Err() != nil:
		l.fail(ctx.Err())
	case l.stream != nil:
		l.segmenter.limit = l.stream.duration()
		if l.work(ctx, livePart{stream: l.stream, last: true}) {
			l.segmenter.end(l.segmenter.limit)
			l.tell()
		}
	}
}

// work runs the model on a piece and tells the events.
func (l *listener) work(ctx context.Context, p livePart) bool {
	probabilities, err := l.d.live.Run(ctx, p)
	if err != nil {
		return l.fail(err)
	}
	for _, p := range probabilities {
		l.segmenter.add(p)
	}
	return l.tell()
}

// tell yields the events that have become known.
func (l *listener) tell() bool {
	for _, e := range l.segmenter.events {
		if !l.yield(e, nil) {
			return false
		}
	}
	l.segmenter.events = l.segmenter.events[:0]
	return true
}

// fail yields the error that ends the loop.
func (l *listener) fail(err error) bool {
	l.yield(VoiceEvent{}, callError("Listen", err))
	return false
}
