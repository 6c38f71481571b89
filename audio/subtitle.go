package audio

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/quintet-ai/quintet"
)

// WriteSRT writes the segments as SubRip subtitles: numbered from 1, times as
// hours:minutes:seconds,milliseconds, a blank line after each. SubRip knows no
// escaping: in texts, runs of blanks and line ends become one blank, control
// characters are left out, and "-->" becomes "->". Segments without text are left
// out; one that rounds to no time lasts a millisecond. A segment that ends before it
// starts, or starts before 0, is [quintet.ErrInput], and nothing is written.
func (t Transcript) WriteSRT(w io.Writer) error {
	return t.writeCues(w, "", func(b *bufio.Writer, n int, start, end, text string) {
		text = strings.ReplaceAll(text, "-->", "->")
		fmt.Fprintf(b, "%d\n%s --> %s\n%s\n\n", n, start, end, text)
	}, ",")
}

// WriteVTT writes the segments as WebVTT, W3C Candidate Recommendation of 4 April
// 2019: times as hours:minutes:seconds.milliseconds; &, < and > are escaped. All else
// is as in [Transcript.WriteSRT].
func (t Transcript) WriteVTT(w io.Writer) error {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return t.writeCues(w, "WEBVTT\n\n", func(b *bufio.Writer, _ int, start, end, text string) {
		fmt.Fprintf(b, "%s --> %s\n%s\n\n", start, end, escape.Replace(text))
	}, ".")
}

// writeCues checks all segments, then writes each.
func (t Transcript) writeCues(
	w io.Writer, head string, cue func(b *bufio.Writer, n int, start, end, text string), point string,
) error {
	if err := t.checkTimes(); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	b.WriteString(head)
	n := 0
	for _, s := range t.Segments {
		text := oneLine(s.Text)
		if text == "" {
			continue
		}
		n++
		from, to := s.Start.Round(time.Millisecond), s.End.Round(time.Millisecond)
		cue(b, n, cueTime(from, point), cueTime(max(to, from+time.Millisecond), point), text)
	}
	return b.Flush()
}

func (t Transcript) checkTimes() error {
	for i, s := range t.Segments {
		if s.Start < 0 || s.End < s.Start {
			return fmt.Errorf("audio: segment %d is from %v to %v: %w", i, s.Start, s.End, quintet.ErrInput)
		}
	}
	return nil
}

// cueTime writes a time of whole milliseconds; hours have at least two digits.
func cueTime(d time.Duration, point string) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}

// oneLine returns a text that fits on a line of a subtitle.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// jsonTranscript is a transcript with the names that programs for Whisper know.
type jsonTranscript struct {
	Task     string        `json:"task"`
	Language string        `json:"language,omitempty"`
	Duration seconds       `json:"duration"`
	Text     string        `json:"text"`
	Segments []jsonSegment `json:"segments"`
}

type jsonSegment struct {
	ID          int        `json:"id"`
	Start       seconds    `json:"start"`
	End         seconds    `json:"end"`
	Text        string     `json:"text"`
	Temperature float64    `json:"temperature"`
	LogProb     float64    `json:"avg_logprob"`
	Compression float64    `json:"compression_ratio"`
	NoSpeech    float64    `json:"no_speech_prob"`
	Words       []jsonWord `json:"words,omitempty"`
}

type jsonWord struct {
	Word  string  `json:"word"`
	Start seconds `json:"start"`
	End   seconds `json:"end"`
	Score float64 `json:"probability"`
}

// seconds is written with three digits behind the point.
type seconds time.Duration

// MarshalJSON implements [json.Marshaler].
func (s seconds) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(s).Round(time.Millisecond).Seconds()), nil
}

// WriteJSON writes the transcript as the JSON object that Whisper's own program and
// the services around it write, times in seconds: task, language, duration, text
// and segments with id, start, end, text, temperature, avg_logprob,
// compression_ratio, no_speech_prob and words. Times are checked as in
// [Transcript.WriteSRT]; a number that is not finite is [quintet.ErrInput], too.
func (t Transcript) WriteJSON(w io.Writer) error {
	if err := t.checkTimes(); err != nil {
		return err
	}
	out := jsonTranscript{
		Task: "transcribe", Language: t.Language, Duration: seconds(t.Duration), Text: t.Text(),
		Segments: make([]jsonSegment, len(t.Segments)),
	}
	if t.Translated {
		out.Task = "translate"
	}
	for i, s := range t.Segments {
		out.Segments[i] = jsonSegment{
			ID: i, Start: seconds(s.Start), End: seconds(s.End), Text: s.Text, Temperature: s.Temperature,
			LogProb: logOf(s.Score), Compression: s.Compression, NoSpeech: s.NoSpeech,
		}
		for _, word := range s.Words {
			out.Segments[i].Words = append(out.Segments[i].Words,
				jsonWord{word.Text, seconds(word.Start), seconds(word.End), word.Score})
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return fmt.Errorf("audio: %w: %w", err, quintet.ErrInput)
	}
	return err
}
