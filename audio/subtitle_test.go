package audio_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func segment(start, end time.Duration, text string) audio.TranscriptSegment {
	return audio.TranscriptSegment{Start: start, End: end, Text: text}
}

func transcript(segments ...audio.TranscriptSegment) audio.Transcript {
	return audio.Transcript{Segments: segments}
}

func TestWriteSRT(t *testing.T) {
	tests := map[string]struct {
		in   audio.Transcript
		want string
	}{
		"nothing": {transcript(), ""},
		"times": {transcript(segment(1500*ms, 59*time.Second+999500*time.Microsecond, "One.")),
			"1\n00:00:01,500 --> 00:01:00,000\nOne.\n\n"},
		"more than a hundred hours": {transcript(segment(100*time.Hour+61*time.Second, 101*time.Hour, "Late.")),
			"1\n100:01:01,000 --> 101:00:00,000\nLate.\n\n"},
		"no time at all": {transcript(segment(time.Second, time.Second+100, "x")), "1\n00:00:01,000 --> 00:00:01,001\nx\n\n"},
		"a text that would end its cue": {transcript(segment(0, time.Second, " a\r\n\r\n2\n00:00 --> 00:01\nb\x00\x1b ")),
			"1\n00:00:00,000 --> 00:00:01,000\na 2 00:00 -> 00:01 b\n\n"},
		"no text is no cue": {transcript(segment(0, time.Second, "\n"), segment(time.Second, 2*time.Second, "b")),
			"1\n00:00:01,000 --> 00:00:02,000\nb\n\n"},
		"broken bytes": {transcript(segment(0, time.Second, "a\xffb")), "1\n00:00:00,000 --> 00:00:01,000\na\ufffdb\n\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, tt.in.WriteSRT(&b))
			require.Equal(t, tt.want, b.String())
		})
	}
}

func TestWriteVTT(t *testing.T) {
	var b bytes.Buffer
	in := transcript(segment(0, 1234*ms, "if a<b && b>c --> d"), segment(time.Hour, time.Hour+ms, "e"))
	require.NoError(t, in.WriteVTT(&b))
	require.Equal(t, "WEBVTT\n\n00:00:00.000 --> 00:00:01.234\nif a&lt;b &amp;&amp; b&gt;c --&gt; d\n\n"+
		"01:00:00.000 --> 01:00:00.001\ne\n\n", b.String())
}

func TestWriteJSON(t *testing.T) {
	in := audio.Transcript{
		Language: "de", Translated: true, Duration: 2500 * ms,
		Segments: []audio.TranscriptSegment{{
			Start: 100 * ms, End: 1200 * ms, Text: "a <b>", Score: math.Exp(-0.5), NoSpeech: 0.25, Compression: 1.5, Temperature: 0.2,
			Words: []audio.TranscriptWord{{Start: 100 * ms, End: 300 * ms, Text: "a", Score: 0.5}},
		}},
	}
	var b bytes.Buffer
	require.NoError(t, in.WriteJSON(&b))
	require.Equal(t, `{"task":"translate","language":"de","duration":2.500,"text":"a <b>","segments":[{"id":0,`+
		`"start":0.100,"end":1.200,"text":"a <b>","temperature":0.2,"avg_logprob":-0.5,"compression_ratio":1.5,`+
		`"no_speech_prob":0.25,"words":[{"word":"a","start":0.100,"end":0.300,"probability":0.5}]}]}`+"\n", b.String())
	b.Reset()
	require.NoError(t, audio.Transcript{}.WriteJSON(&b))
	require.Equal(t, `{"task":"transcribe","duration":0.000,"text":"","segments":[]}`+"\n", b.String())
}

func TestImpossibleTimesAreNotWritten(t *testing.T) {
	for name, in := range map[string]audio.Transcript{
		"an end before the start": transcript(segment(0, time.Second, "a"), segment(time.Second, 0, "b")),
		"a start before 0":        transcript(segment(-1, time.Second, "a")),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.ErrorIs(t, in.WriteSRT(&b), quintet.ErrInput)
			require.ErrorIs(t, in.WriteVTT(&b), quintet.ErrInput)
			require.ErrorIs(t, in.WriteJSON(&b), quintet.ErrInput)
			require.Zero(t, b.Len())
		})
	}
	strange := transcript(audio.TranscriptSegment{Text: "a", NoSpeech: math.NaN()})
	require.ErrorIs(t, strange.WriteJSON(new(bytes.Buffer)), quintet.ErrInput)
	require.ErrorIs(t, transcript(segment(0, 1, "a")).WriteSRT(&full{}), errFull)
}

// FuzzSubtitles holds that every text is one line of one cue, and that JSON is JSON.
func FuzzSubtitles(f *testing.F) {
	f.Add("Hello.", "1\n00:00:00,000 --> 00:00:01,000\n", int64(1_500_000_000))
	f.Add("\u2028\v<i>", "\xff\x00-->\r", int64(3_600_000_000_000))
	f.Fuzz(func(t *testing.T, a, b string, at int64) {
		d := time.Duration(at &^ math.MinInt64 / 4)
		in := transcript(segment(d, d+time.Second, a), segment(d+time.Second, d+2*time.Second, b))
		for form, write := range map[string]func() (string, error){
			"srt": func() (string, error) { var w bytes.Buffer; err := in.WriteSRT(&w); return w.String(), err },
			"vtt": func() (string, error) { var w bytes.Buffer; err := in.WriteVTT(&w); return w.String(), err },
		} {
			out, err := write()
			if err != nil || !utf8.ValidString(out) {
				t.Fatal(form, err, out)
			}
			if err := cues(strings.TrimPrefix(out, "WEBVTT\n\n"), form); err != nil {
				t.Fatalf("%v in %q", err, out)
			}
		}
		var w bytes.Buffer
		if err := in.WriteJSON(&w); err != nil || !json.Valid(w.Bytes()) {
			t.Fatal(err, w.String())
		}
	})
}

// cues reads subtitles strictly.
func cues(s, form string) error {
	r := bufio.NewScanner(strings.NewReader(s))
	r.Buffer(nil, 1<<24)
	next := func() string { r.Scan(); return r.Text() }
	for n := 1; r.Scan(); n++ {
		arrow := r.Text()
		if form == "srt" {
			if arrow != fmt.Sprint(n) {
				return fmt.Errorf("cue %d is %q", n, arrow)
			}
			arrow = next()
		}
		if strings.Count(arrow, " --> ") != 1 {
			return errors.New("no times")
		}
		if text := next(); text == "" || strings.Contains(text, "-->") {
			return fmt.Errorf("text %q", text)
		}
		if next() != "" {
			return errors.New("no blank line")
		}
	}
	return nil
}

func ExampleTranscript_WriteSRT() {
	t := audio.Transcript{Segments: []audio.TranscriptSegment{
		{Start: 300 * time.Millisecond, End: 2100 * time.Millisecond, Text: "Ask not what your country can do for you."},
		{Start: 2100 * time.Millisecond, End: 4 * time.Second, Text: "Ask what you can do."},
	}}
	if err := t.WriteSRT(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1
	// 00:00:00,300 --> 00:00:02,100
	// Ask not what your country can do for you.
	//
	// 2
	// 00:00:02,100 --> 00:00:04,000
	// Ask what you can do.
}

func ExampleTranscript_WriteVTT() {
	t := audio.Transcript{Segments: []audio.TranscriptSegment{
		{Start: 300 * time.Millisecond, End: 2100 * time.Millisecond, Text: "Tom & Jerry"},
	}}
	if err := t.WriteVTT(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// WEBVTT
	//
	// 00:00:00.300 --> 00:00:02.100
	// Tom &amp; Jerry
}

func ExampleTranscript_WriteJSON() {
	t := audio.Transcript{Language: "en", Duration: 3 * time.Second, Segments: []audio.TranscriptSegment{
		{Start: 300 * time.Millisecond, End: 2100 * time.Millisecond, Text: "Hello.", Score: 1},
	}}
	if err := t.WriteJSON(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"task":"transcribe","language":"en","duration":3.000,"text":"Hello.","segments":[{"id":0,"start":0.300,"end":2.100,"text":"Hello.","temperature":0,"avg_logprob":0,"compression_ratio":0,"no_speech_prob":0}]}
}
