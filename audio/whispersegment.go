package audio

import (
	"bytes"
	"compress/zlib"
	"math"
	"strings"
)

// span is a segment of a window: tokens [from, to) and units of time, counted from
// the window's begin.
type span struct {
	from, to   int
	start, end int
}

// spans cuts the tokens of a window of so many units where one segment ends and the next
// begins, which times that follow one another show, and returns where the next
// window starts: behind the last complete segment.
func (c *whisperConfig) spans(tokens []int32, units int) (out []span, next int) {
	n, at := len(tokens), 0
	unit := func(i int) int { return min(int(tokens[i]-c.firstTime), units) }
	for i := 1; i < n; i++ {
		if c.isTime(tokens[i]) && c.isTime(tokens[i-1]) {
			out = append(out, span{at, i, unit(at), unit(i - 1)})
			at = i
		}
	}
	// A single time at the end says that nothing follows it in the window.
	complete := n >= 2 && c.isTime(tokens[n-1]) && !c.isTime(tokens[n-2])
	switch {
	case len(out) > 0 && complete:
		out = append(out, span{at, n, unit(at), unit(n - 1)})
	case len(out) > 0:
		return out, out[len(out)-1].end
	case n > 0:
		s := span{0, n, 0, units}
		if c.isTime(tokens[0]) {
			s.start = unit(0)
		}
		if last := c.lastTime(tokens); last > 0 {
			s.end = min(last, units)
		}
		out = append(out, s)
	}
	return out, c.positions
}

// lastTime returns the last time of tokens behind the first token, 0 without one.
func (c *whisperConfig) lastTime(tokens []int32) int {
	for i := len(tokens) - 1; i > 0; i-- {
		if c.isTime(tokens[i]) {
			return int(tokens[i] - c.firstTime)
		}
	}
	return 0
}

// segments returns the spans of a window that begins at a sample of a take.
func (w *whisper) segments(t *take, at int, win window, spans []span) []TranscriptSegment {
	step := w.c.samples / w.c.positions
	out := make([]TranscriptSegment, len(spans))
	for i, s := range spans {
		end := at + s.end*step
		if s.end*step > win.samples-step {
			end = at + win.samples
		}
		out[i] = TranscriptSegment{
			Start: t.start(at + s.start*step), End: t.end(end),
			Text:  strings.TrimSpace(w.c.words(win.tokens[s.from:s.to])),
			Score: math.Exp(min(win.score(), 0)), NoSpeech: win.quiet,
			Compression: win.compression, Temperature: win.temperature,
		}
	}
	return out
}

// compression returns the number of bytes of a text over those of its zlib form, 0 of
// an empty one: the more it repeats itself, the higher.
func compression(text string) float64 {
	if text == "" {
		return 0
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // a buffer takes everything
	_ = z.Close()
	return float64(len(text)) / float64(b.Len())
}
