package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/server"
)

// spoken hears "second N." in each second of a sound, in its language if it has one.
type spoken struct {
	language  string
	noWords   bool
	translate bool
}

func (s spoken) segment(i int, length time.Duration) audio.TranscriptSegment {
	start := time.Duration(i) * time.Second
	one := audio.TranscriptSegment{Start: start, End: min(start+time.Second, length), Text: fmt.Sprintf("second %d.", i), Score: 0.5}
	if !s.noWords {
		one.Words = []audio.TranscriptWord{{Start: one.Start, End: one.End, Text: "second"}, {Start: one.End, End: one.End, Text: fmt.Sprint(i, ".")}}
	}
	return one
}

func (s spoken) Run(ctx context.Context, c audio.Clip) (audio.Transcript, error) {
	t := audio.Transcript{Language: s.language, Duration: c.Duration(), Translated: s.translate, Segments: []audio.TranscriptSegment{}}
	for i := 0; time.Duration(i)*time.Second < c.Duration(); i++ {
		t.Segments = append(t.Segments, s.segment(i, c.Duration()))
	}
	return t, ctx.Err()
}

func (s spoken) Listen(ctx context.Context, sound iter.Seq[audio.Clip]) iter.Seq2[audio.TranscriptEvent, error] {
	return func(yield func(audio.TranscriptEvent, error) bool) {
		i := 0
		for c := range sound {
			if ctx.Err() != nil {
				return
			}
			e := audio.TranscriptEvent{TranscriptSegment: s.segment(i, time.Hour)}
			if c.Samples[0] < -0.5 {
				yield(e, fmt.Errorf("too loud: %w", quintet.ErrInput))
				return
			}
			for _, e.Final = range []bool{false, true} { // a draft first
				if !yield(e, nil) {
					return
				}
			}
			i++
		}
	}
}

// wav is a file of some seconds.
func wav(t testing.TB, seconds float64) []byte {
	t.Helper()
	var b bytes.Buffer
	samples := make([]float32, int(seconds*8000))
	for i := range samples {
		samples[i] = float32(0.1 * math.Sin(float64(i)))
	}
	require.NoError(t, audio.EncodeWAV(&b, audio.Clip{Rate: 8000, Channels: 1, Samples: samples}, audio.PCM16))
	return b.Bytes()
}

// form sends a file with fields.
func form(s http.Handler, path string, file []byte, fields ...string) *httptest.ResponseRecorder {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if file != nil {
		w, _ := m.CreateFormFile("file", "a.wav") // a buffer takes everything
		_, _ = w.Write(file)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	_ = m.Close()
	return ask(s, "POST", path, b.String(), "Content-Type", m.FormDataContentType())
}

func TestTranscriptionsInEveryFormat(t *testing.T) {
	s := serve(t, server.Pipelines{Transcriber: spoken{language: "en"}}, server.Options{})
	file := wav(t, 2.5)
	for format, want := range map[string][2]string{
		"":     {"application/json", `{"text":"second 0. second 1. second 2.","usage":{"type":"duration","seconds":2.5}}` + "\n"},
		"json": {"application/json", `{"text":"second 0. second 1. second 2.","usage":{"type":"duration","seconds":2.5}}` + "\n"},
		"text": {"text/plain; charset=utf-8", "second 0. second 1. second 2.\n"},
		"srt": {"application/x-subrip; charset=utf-8", "1\n00:00:00,000 --> 00:00:01,000\nsecond 0.\n\n" +
			"2\n00:00:01,000 --> 00:00:02,000\nsecond 1.\n\n3\n00:00:02,000 --> 00:00:02,500\nsecond 2.\n\n"},
		"vtt": {"text/vtt; charset=utf-8", "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsecond 0.\n\n" +
			"00:00:01.000 --> 00:00:02.000\nsecond 1.\n\n00:00:02.000 --> 00:00:02.500\nsecond 2.\n\n"},
	} {
		w := form(s, "/v1/audio/transcriptions", file, "model", "whisper-1", "response_format", format, "temperature", "0", "prompt", "names")
		require.Equal(t, 200, w.Code, "%s: %s", format, w.Body)
		require.Equal(t, want, [2]string{w.Header().Get("Content-Type"), w.Body.String()}, format)
	}
	verbose := func(fields ...string) (out server.Transcription) {
		w := form(s, "/v1/audio/transcriptions", file, append(fields, "response_format", "verbose_json")...)
		require.Equal(t, 200, w.Code, w.Body)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return out
	}
	out := verbose()
	require.Equal(t, []any{"transcribe", "en", 2.5}, []any{out.Task, out.Language, out.Duration})
	require.Len(t, out.Segments, 3)
	require.InDelta(t, math.Log(0.5), out.Segments[2].AvgLogprob, 1e-9)
	require.Equal(t, []float64{2, 2.5}, []float64{out.Segments[2].Start, out.Segments[2].End})
	require.Nil(t, out.Words)
	out = verbose("timestamp_granularities[]", "word")
	require.Nil(t, out.Segments, "they were not asked for")
	require.Len(t, out.Words, 6)
	require.Equal(t, server.TranscriptionWord{Word: "second", Start: 1, End: 2}, out.Words[2])
	out = verbose("timestamp_granularities[]", "word", "timestamp_granularities[]", "segment")
	require.Len(t, out.Segments, 3)
	require.Len(t, out.Words, 6)
}

func TestTranscriptionsThatMakeNoSense(t *testing.T) {
	of := func(language string) (server.Transcriber, error) {
		if language != "de" {
			return nil, fmt.Errorf("no language %q: %w", language, quintet.ErrInput)
		}
		return spoken{language: language}, nil
	}
	s := serve(t, server.Pipelines{Transcriber: spoken{noWords: true}, TranscriberOf: of, Translator: spoken{translate: true}},
		server.Options{NoRate: true, Sound: audio.Limits{MaxDuration: 10 * time.Second}})
	file := wav(t, 1)
	const path = "/v1/audio/transcriptions"
	for name, c := range map[string]struct {
		path   string
		file   []byte
		fields []string
		want   int
		code   string
	}{
		"no file":                      {path, nil, nil, 400, "input"},
		"no sound":                     {path, []byte("hello"), nil, 400, "input"},
		"too long a sound":             {path, wav(t, 11), nil, 400, "input"},
		"another model":                {path, file, []string{"model", "gpt"}, 404, "not_found"},
		"another format":               {path, file, []string{"response_format", "pdf"}, 400, "input"},
		"words of text":                {path, file, []string{"timestamp_granularities[]", "word"}, 400, "input"},
		"other granularities":          {path, file, []string{"timestamp_granularities[]", "letter"}, 400, "input"},
		"words that are not known":     {path, file, []string{"timestamp_granularities[]", "word", "response_format", "verbose_json"}, 422, "unsupported"},
		"a stream of subtitles":        {path, file, []string{"stream", "true", "response_format", "srt"}, 400, "input"},
		"a language that is not there": {path, file, []string{"language", "fr"}, 400, "input"},
		"a stream that is neither":     {path, file, []string{"stream", "perhaps"}, 400, "input"},
		"unknown parts":                {path, file, []string{"admin", "true"}, 400, "input"},
		"a translation of a language":  {"/v1/audio/translations", file, []string{"language", "de"}, 400, "input"},
	} {
		w := form(s, c.path, c.file, c.fields...)
		require.Equal(t, c.want, w.Code, "%s: %s", name, w.Body)
		var e struct{ Error struct{ Code, Type string } }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e), name)
		require.Equal(t, c.code, e.Error.Code, name)
	}
	require.Equal(t, 415, ask(s, "POST", path, "{}").Code)
	require.Contains(t, form(s, path, file, "language", "de", "response_format", "verbose_json").Body.String(), `"language":"de"`)
	require.Contains(t, form(s, "/v1/audio/translations", file, "response_format", "verbose_json").Body.String(), `"task":"translate"`)
}

func TestATranscriptionInEvents(t *testing.T) {
	s := serve(t, server.Pipelines{Transcriber: spoken{}}, server.Options{})
	w := form(s, "/v1/audio/transcriptions", wav(t, 2.5), "stream", "true")
	require.Equal(t, "text/event-stream", w.Header().Get("Content-Type"))
	require.Equal(t, ":\n\n"+
		`data: {"type":"transcript.text.delta","delta":"second 0."}`+"\n\n"+
		`data: {"type":"transcript.text.delta","delta":" second 1."}`+"\n\n"+
		`data: {"type":"transcript.text.delta","delta":" second 2."}`+"\n\n"+
		`data: {"type":"transcript.text.done","text":"second 0. second 1. second 2.","usage":{"type":"duration","seconds":2.5}}`+"\n\n", w.Body.String())
	loud := bytes.Clone(wav(t, 2))
	copy(loud[len(loud)-16000:], "\x00\x80") // the first sample of the second second is -1
	w = form(s, "/v1/audio/transcriptions", loud, "stream", "true")
	require.Equal(t, 1, strings.Count(w.Body.String(), "transcript.text.delta"))
	require.Contains(t, w.Body.String(), `event: error`+"\n"+`data: {"error":{"message":"too loud: invalid input"`)
	require.Equal(t, 400, form(s, "/v1/audio/transcriptions", []byte("no sound"), "stream", "true").Code, "what is seen at once is an answer of its own")
}
