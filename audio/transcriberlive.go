package audio

import (
	"context"
	"time"
)

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
