package audio

import (
	"math"
	"time"
)

// minCut is how long a silence must be, at least, for a segment to be cut there.
const minCut = 98 * time.Millisecond

// forever is the end of a sound that is not known yet.
const forever = time.Duration(math.MaxInt64)

// segmenter makes segments of probabilities that come frame by frame and tells of
// each begin and end as soon as nothing to come can change it.
type segmenter struct {
	speech, silence         float64 // thresholds
	minSpeech, minSilence   time.Duration
	pad, maxSpeech          time.Duration // maxSpeech is without padding, 0 for no limit
	now                     time.Duration // begin of the next frame
	limit                   time.Duration // end of the sound, once it is known
	open                    bool          // speech has begun and not ended
	told                    bool          // its begin was told
	begin                   time.Duration // of the open speech
	paused                  bool          // it may have ended
	pause                   time.Duration // where
	heard, atBegin, atPause mean
	cuts                    []cut   // where it may be cut: each silence is longer than those behind it
	current                 Segment // the last one told of
	waiting                 bool    // the end of current is not told; its End is without padding
	events                  []VoiceEvent
}

// cut is a silence within speech.
type cut struct {
	end, resume     time.Duration
	atEnd, atResume mean
}

func (c cut) length() time.Duration { return c.resume - c.end }

// mean is a sum of probabilities and their number.
type mean struct {
	sum float64
	n   int
}

// since returns the mean of what has come after b.
func (m mean) since(b mean) float64 { return (m.sum - b.sum) / float64(max(m.n-b.n, 1)) }

func newSegmenter(o VoiceDetectorOptions) *segmenter {
	s := &segmenter{
		speech: o.Threshold, silence: max(o.Threshold-0.15, 0.01),
		minSpeech: o.MinSpeech, minSilence: o.MinSilence, pad: o.Pad, limit: forever,
	}
	if o.MaxSegment > 0 {
		s.maxSpeech = o.MaxSegment - VoiceFrame - 2*o.Pad
	}
	return s
}

// add takes the probability of the next frame.
func (s *segmenter) add(probability float32) {
	p, now := float64(probability), s.now
	s.now += VoiceFrame
	s.frame(now, p)
	if s.open {
		s.heard.sum += p
		s.heard.n++
	}
	if s.open && !s.told && !s.paused && min(s.now, s.limit)-s.begin > s.minSpeech {
		s.start() // it can only end later
	}
	s.settle()
}

// frame moves on by the frame that begins now.
func (s *segmenter) frame(now time.Duration, p float64) {
	if p >= s.speech {
		if s.paused {
			s.remember(cut{s.pause, now, s.atPause, s.heard})
			s.paused = false
		}
		if !s.open {
			s.open, s.begin = true, now
			s.heard, s.atBegin = mean{}, mean{}
			return
		}
	}
	if s.open && s.maxSpeech > 0 && now-s.begin > s.maxSpeech {
		if len(s.cuts) == 0 {
			s.finish(now, s.heard)
			s.stop()
			return
		}
		s.cutAt(s.cuts[0])
	}
	if s.open && p < s.silence {
		if !s.paused {
			s.paused, s.pause, s.atPause = true, now, s.heard
		}
		if now-s.pause >= s.minSilence {
			if s.pause-s.begin > s.minSpeech {
				s.finish(s.pause, s.atPause)
			}
			s.stop()
		}
	}
}

// remember keeps a silence at which the open speech may be cut. Shorter ones
// before it can then never be the longest.
func (s *segmenter) remember(c cut) {
	if s.maxSpeech == 0 || c.length() <= minCut {
		return
	}
	for n := len(s.cuts); n > 0 && s.cuts[n-1].length() < c.length(); n-- {
		s.cuts = s.cuts[:n-1]
	}
	s.cuts = append(s.cuts, c)
}

// cutAt ends the open speech at the first of its cuts and goes on behind that.
func (s *segmenter) cutAt(c cut) {
	s.finish(c.end, c.atEnd)
	s.begin, s.atBegin = c.resume, c.atResume
	s.paused = false
	s.cuts = append(s.cuts[:0], s.cuts[1:]...)
}

func (s *segmenter) stop() {
	s.open, s.paused, s.told = false, false, false
	s.cuts = s.cuts[:0]
}

// finish makes a segment of the open speech up to end.
func (s *segmenter) finish(end time.Duration, heard mean) {
	if !s.told {
		s.start()
	}
	s.told = false
	s.current.End, s.current.Score = end, heard.since(s.atBegin)
	s.waiting = true
}

// start tells that the open speech becomes a segment.
func (s *segmenter) start() {
	pad := s.pad
	if s.waiting {
		pad = min(pad, (s.begin-s.current.End)/2)
		s.tellEnd(pad)
	}
	s.told = true
	s.current = Segment{Start: max(s.begin-pad, 0)}
	s.events = append(s.events, VoiceEvent{Segment: s.current})
}

// settle tells the end of a segment once the next is too far away to share its
// padding with.
func (s *segmenter) settle() {
	next := s.now
	if s.open {
		next = s.begin
	}
	if s.waiting && next-s.current.End >= 2*s.pad {
		s.tellEnd(s.pad)
	}
}

func (s *segmenter) tellEnd(pad time.Duration) {
	s.waiting = false
	s.current.End = min(s.current.End+pad, s.limit)
	s.events = append(s.events, VoiceEvent{Segment: s.current, Ended: true})
}

// end tells what is left at the end of the sound.
func (s *segmenter) end(length time.Duration) {
	s.limit = length
	if s.open && length-s.begin > s.minSpeech {
		s.finish(length, s.heard)
	}
	s.stop()
	if s.waiting {
		s.tellEnd(s.pad)
	}
}
