package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// StreamOptions configures [StreamSentences]. The zero value works.
type StreamOptions struct {
	// MaxSentence is the length in bytes, with the white space behind it, at
	// which a sentence is cut. Default: 64 KiB.
	MaxSentence int
}

func (o StreamOptions) withDefaults() (StreamOptions, error) {
	if o.MaxSentence < 0 {
		return o, fmt.Errorf("text: MaxSentence is %d: %w", o.MaxSentence, quintet.ErrOption)
	}
	if o.MaxSentence == 0 {
		o.MaxSentence = 1 << 16
	}
	return o, nil
}

// StreamedSentence is a sentence of a stream.
type StreamedSentence struct {
	Span        // from the beginning of the stream
	Text string `json:"text"`          // its bytes, a copy
	Cut  bool   `json:"cut,omitempty"` // the sentence, or the space behind it, goes on in the next one
}

const (
	// sentenceReach is how many bytes behind the white space after a mark may
	// decide about it: four opening brackets, a short word and what ends it.
	sentenceReach = 64

	minRead = 1 << 12 // bytes that are read before the next look
)

// StreamSentences yields the sentences of what r reads, in order. They are those
// that [Sentences] finds in the whole, however the reads fall, but for sentences
// longer than MaxSentence, which are cut between runes.
//
// It holds about twice MaxSentence, whatever r holds, and reads at least 4 KiB, or
// to the end, before it yields. The cost is O(bytes read). An error ends the stream:
// of the options, wrapping [quintet.ErrOption], of ctx, which is looked at between
// reads and sentences, or of r, after the sentences that were complete by then.
func StreamSentences(ctx context.Context, r io.Reader, o StreamOptions) iter.Seq2[StreamedSentence, error] {
	return func(yield func(StreamedSentence, error) bool) {
		o, err := o.withDefaults()
		if err != nil {
			yield(StreamedSentence{}, err)
			return
		}
		s := sentenceStream{r: r, most: o.MaxSentence}
		for err == nil {
			if err = ctx.Err(); err != nil {
				break
			}
			err = s.fill()
			for x := range s.split(errors.Is(err, io.EOF)) {
				if ctx.Err() != nil {
					err = ctx.Err()
					break
				}
				if !yield(x, nil) {
					return
				}
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(StreamedSentence{}, err)
		}
	}
}

// sentenceStream splits what it reads.
type sentenceStream struct {
	r    io.Reader
	most int
	raw  []byte // read and not yet yielded
	base int    // offset of raw in the stream
}

// fill reads at least as much as is held already, so that looking at that again
// costs no more than the reads.
func (s *sentenceStream) fill() error {
	have := len(s.raw)
	want := have + max(min(minRead, s.most+sentenceReach), have)
	if cap(s.raw) < want {
		s.raw = append(make([]byte, 0, want), s.raw...)
	}
	for empty := 0; len(s.raw) < want; {
		n, err := s.r.Read(s.raw[len(s.raw):want])
		s.raw = s.raw[:len(s.raw)+n]
		if err == io.EOF {
			return io.EOF // as it is: a reader's own error may wrap it
		}
		if err != nil {
			return fmt.Errorf("text: read at byte %d: %w", s.base+len(s.raw), notEOF{err})
		}
		if empty++; n > 0 {
			empty = 0
		} else if empty == 100 {
			return fmt.Errorf("text: read at byte %d: %w", s.base+len(s.raw), io.ErrNoProgress)
		}
	}
	return nil
}

// notEOF hides that an error wraps io.EOF in the middle of a stream.
type notEOF struct{ error }

// Is reports whether the error is target, unless that is io.EOF.
func (e notEOF) Is(target error) bool { return target != io.EOF && errors.Is(e.error, target) }

// As finds the first error that target can take.
func (e notEOF) As(target any) bool { return errors.As(e.error, target) }

// split yields the sentences that nothing behind what was read can change, all of
// them if that was the last, and drops them.
func (s *sentenceStream) split(last bool) iter.Seq[StreamedSentence] {
	return func(yield func(StreamedSentence) bool) {
		body := string(s.raw)
		start, _ := skipSpace(body, 0)
		for i := start; ; {
			e, known := s.ending(body, start, i, last)
			if !known {
				break
			}
			i = e.next
			if !e.ends {
				continue
			}
			cut := e.stop < 0
			if cut {
				e.stop = trimSpace(body, start, e.next)
			}
			if e.stop > start && !yield(s.sentence(body, start, e.stop, cut)) {
				return
			}
			start, _ = skipSpace(body, e.next)
			i = start
		}
		s.base += start
		s.raw = s.raw[:copy(s.raw, s.raw[start:])]
	}
}

// ending returns the next place at or behind i where the sentence that began at
// start may end, or reports that it is not known yet. A place that cuts the sentence
// has no stop.
func (s *sentenceStream) ending(body string, start, i int, last bool) (e ending, known bool) {
	i = nextMark(body[:min(len(body), start+s.most+1)], i) // what is behind cuts the sentence
	e = ending{stop: i, next: i, ends: last && start < len(body)}
	if i < len(body) && i <= start+s.most {
		e = endingAt(body, start, i)
	}
	switch {
	case e.next-start > s.most:
		cut := start + s.most
		for cut > start+1 && cut > start+s.most-utf8.UTFMax+1 && !utf8.RuneStart(body[cut]) {
			cut--
		}
		return ending{stop: -1, next: cut, ends: true}, true
	case i == len(body):
		e.stop = trimSpace(body, start, i)
		return e, e.ends
	}
	return e, last || e.next+sentenceReach <= len(body)
}

func (s *sentenceStream) sentence(body string, start, stop int, cut bool) StreamedSentence {
	return StreamedSentence{Span{s.base + start, s.base + stop}, strings.Clone(body[start:stop]), cut}
}
