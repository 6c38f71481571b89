package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// Transcriber writes down what is said, such as an [audio.Transcriber].
type Transcriber interface {
	// Run returns what is said in a clip.
	Run(ctx context.Context, c audio.Clip) (audio.Transcript, error)

	// Listen writes down a sound that comes in parts; see [audio.Transcriber.Listen].
	Listen(ctx context.Context, sound iter.Seq[audio.Clip]) iter.Seq2[audio.TranscriptEvent, error]
}

var _ Transcriber = (*audio.Transcriber)(nil)

// TranscriptionRequest is the form of POST /v1/audio/transcriptions and of
// /v1/audio/translations, as OpenAI defines it.
type TranscriptionRequest struct {
	File           []byte   `json:"file"`                                // a sound in a format of package audio
	Model          string   `json:"model,omitempty"`                     // a name of GET /v1/models
	Language       string   `json:"language,omitempty"`                  // see Pipelines.TranscriberOf; default: it is detected
	Prompt         string   `json:"prompt,omitempty"`                    // ignored: the server's transcriber has its own
	ResponseFormat string   `json:"response_format,omitempty"`           // "json", the default, "text", "srt", "vtt" or "verbose_json"
	Temperature    float64  `json:"temperature,omitempty"`               // ignored, as Prompt
	Granularities  []string `json:"timestamp_granularities[],omitempty"` // of verbose_json: "segment", the default, and "word"
	Stream         bool     `json:"stream,omitempty"`                    // answer with events
}

// Transcription is the answer of /v1/audio/transcriptions in the formats json and
// verbose_json, which alone has the fields between Text and Usage.
type Transcription struct {
	Text     string                 `json:"text"`               // all of it
	Task     string                 `json:"task,omitempty"`     // "transcribe" or "translate"
	Language string                 `json:"language,omitempty"` // code of the spoken one
	Duration float64                `json:"duration,omitempty"` // seconds
	Segments []TranscriptionSegment `json:"segments,omitzero"`  // in order
	Words    []TranscriptionWord    `json:"words,omitzero"`     // in order, if they were asked for
	Usage    TranscriptionUsage     `json:"usage"`              // what was worked on
}

// TranscriptionSegment is a sentence or a part of one.
type TranscriptionSegment struct {
	ID               int     `json:"id"`                // from 0
	Start            float64 `json:"start"`             // seconds
	End              float64 `json:"end"`               // seconds
	Text             string  `json:"text"`              // without blanks at its ends
	Tokens           []int   `json:"tokens"`            // none
	Temperature      float64 `json:"temperature"`       // that it was drawn at
	AvgLogprob       float64 `json:"avg_logprob"`       // of its tokens, at least -100
	CompressionRatio float64 `json:"compression_ratio"` // of its text
	NoSpeechProb     float64 `json:"no_speech_prob"`    // that it is silence
}

// TranscriptionWord is a word with its time.
type TranscriptionWord struct {
	Word  string  `json:"word"`  // without blanks
	Start float64 `json:"start"` // seconds
	End   float64 `json:"end"`   // seconds
}

// TranscriptionUsage counts sound.
type TranscriptionUsage struct {
	Type    string  `json:"type"`    // "duration"
	Seconds float64 `json:"seconds"` // of sound
}

// TranscriptionEvent is one event of a transcription with "stream": deltas of the text,
// and at the end all of it.
type TranscriptionEvent struct {
	Type  string              `json:"type"`            // "transcript.text.delta" or "transcript.text.done"
	Delta string              `json:"delta,omitempty"` // what is added to the text
	Text  string              `json:"text,omitempty"`  // all of it
	Usage *TranscriptionUsage `json:"usage,omitempty"` // of the end
}

// transcriptionRoutes are those for speech.
func (s *Server) transcriptionRoutes() (all []route) {
	post := func(verb, permission, summary string, stream string, f func(http.ResponseWriter, *http.Request) error) {
		rt := route{
			method: http.MethodPost, pattern: "/v1/audio/" + verb, permission: permission, tag: "speech", summary: summary,
			maxBody: largeBody, request: TranscriptionRequest{}, response: Transcription{}, serve: f, stream: stream,
		}
		if stream != "" {
			rt.piece = TranscriptionEvent{}
		}
		all = append(all, rt)
	}
	if s.serving.Transcriber != nil {
		post("transcriptions", "audio:transcribe", "Write down what is said", eventsType, s.transcriptions)
	}
	if s.serving.Translator != nil {
		post("translations", "audio:translate", "Write down in English what is said", "", s.translations)
	}
	return all
}

func (s *Server) transcriptions(w http.ResponseWriter, r *http.Request) error {
	q, err := s.transcription(r)
	if err != nil {
		return err
	}
	by := s.serving.Transcriber
	if q.Language != "" && s.serving.TranscriberOf != nil {
		if by, err = s.serving.TranscriberOf(q.Language); err != nil {
			return err
		}
	}
	if q.Stream {
		return s.streamTranscription(w, r, by, q)
	}
	return s.transcribe(w, r, by, q)
}

func (s *Server) translations(w http.ResponseWriter, r *http.Request) error {
	q, err := s.transcription(r)
	if err == nil && (q.Stream || q.Language != "") {
		err = fmt.Errorf("a translation has no language and no stream: %w", quintet.ErrInput)
	}
	if err != nil {
		return err
	}
	return s.transcribe(w, r, s.serving.Translator, q)
}

// transcription reads a request and refuses what makes no sense before any work.
func (s *Server) transcription(r *http.Request) (q TranscriptionRequest, err error) {
	if err := readParts(r, q.take); err != nil {
		return q, err
	}
	words := slices.Contains(q.Granularities, "word")
	other := slices.ContainsFunc(q.Granularities, func(g string) bool { return g != "word" && g != "segment" })
	switch {
	case len(q.File) == 0:
		err = fmt.Errorf("no file: %w", quintet.ErrInput)
	case q.Model != "" && q.Model != s.serving.TranscriberName:
		err = fmt.Errorf("no model %.100q: %w", q.Model, errNotFound)
	case !slices.Contains([]string{"", "json", "text", "srt", "vtt", "verbose_json"}, q.ResponseFormat):
		err = fmt.Errorf("response_format %.50q, want json, text, srt, vtt or verbose_json: %w", q.ResponseFormat, quintet.ErrInput)
	case other:
		err = fmt.Errorf("timestamp_granularities are word and segment: %w", quintet.ErrInput)
	case words && q.ResponseFormat != "verbose_json":
		err = fmt.Errorf("times of words are in verbose_json only: %w", quintet.ErrInput)
	case q.Stream && !slices.Contains([]string{"", "json", "text"}, q.ResponseFormat):
		err = fmt.Errorf("a stream has the format json: %w", quintet.ErrInput)
	case len(q.Language) > 20:
		err = fmt.Errorf("language has %d bytes: %w", len(q.Language), quintet.ErrInput)
	}
	return q, err
}

// take takes a part of the form.
func (q *TranscriptionRequest) take(name string, b []byte) (err error) {
	switch name {
	case "file":
		if q.File != nil {
			return fmt.Errorf("form has two files: %w", quintet.ErrInput)
		}
		q.File = b
	case "model":
		q.Model = string(b)
	case "language":
		q.Language = string(b)
	case "prompt":
		q.Prompt = string(b)
	case "response_format":
		q.ResponseFormat = string(b)
	case "temperature":
		q.Temperature, err = strconv.ParseFloat(string(b), 64)
	case "timestamp_granularities[]", "timestamp_granularities":
		q.Granularities = append(q.Granularities, list(string(b))...)
	case "stream":
		q.Stream, err = strconv.ParseBool(string(b))
	default:
		return fmt.Errorf("form has a part %.50q: %w", name, quintet.ErrInput)
	}
	if err != nil {
		return fmt.Errorf("%s is %.50q: %w", name, b, quintet.ErrInput)
	}
	return nil
}

// transcribe answers with the whole text.
func (s *Server) transcribe(w http.ResponseWriter, r *http.Request, by Transcriber, q TranscriptionRequest) error {
	clip, _, err := audio.Decode(bytes.NewReader(q.File), audio.DecodeOptions{Limits: s.opt.Sound})
	if err != nil {
		return err
	}
	t, err := by.Run(r.Context(), clip)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	kind := "text/plain; charset=utf-8"
	switch q.ResponseFormat {
	case "text":
		body.WriteString(t.Text() + "\n")
	case "srt":
		kind, err = "application/x-subrip; charset=utf-8", t.WriteSRT(&body)
	case "vtt":
		kind, err = "text/vtt; charset=utf-8", t.WriteVTT(&body)
	default:
		out, err := transcriptionOf(t, q)
		if err == nil {
			send(w, http.StatusOK, out)
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("transcript: %w", err)
	}
	w.Header().Set("Content-Type", kind)
	_, err = w.Write(body.Bytes())
	return err
}

// transcriptionOf makes the answer in a format of JSON.
func transcriptionOf(t audio.Transcript, q TranscriptionRequest) (Transcription, error) {
	out := Transcription{Text: t.Text(), Usage: TranscriptionUsage{"duration", t.Duration.Seconds()}}
	if q.ResponseFormat != "verbose_json" {
		return out, nil
	}
	out.Task, out.Language, out.Duration = "transcribe", t.Language, t.Duration.Seconds()
	if t.Translated {
		out.Task = "translate"
	}
	if slices.Contains(q.Granularities, "word") {
		out.Words = []TranscriptionWord{}
	}
	out.Segments = make([]TranscriptionSegment, len(t.Segments))
	for i, one := range t.Segments {
		out.Segments[i] = TranscriptionSegment{
			ID: i, Start: one.Start.Seconds(), End: one.End.Seconds(), Text: one.Text, Tokens: []int{},
			Temperature: one.Temperature, AvgLogprob: max(-100, math.Log(one.Score)),
			CompressionRatio: one.Compression, NoSpeechProb: one.NoSpeech,
		}
		if out.Words != nil && len(one.Words) == 0 && one.Text != "" {
			return out, fmt.Errorf("the model does not tell the times of words: %w", quintet.ErrUnsupported)
		}
		for _, word := range one.Words {
			if out.Words != nil {
				out.Words = append(out.Words, TranscriptionWord{word.Text, word.Start.Seconds(), word.End.Seconds()})
			}
		}
	}
	if out.Words != nil && !slices.Contains(q.Granularities, "segment") {
		out.Segments = nil
	}
	return out, nil
}

// streamTranscription answers with events while the sound is worked on.
func (s *Server) streamTranscription(w http.ResponseWriter, r *http.Request, by Transcriber, q TranscriptionRequest) error {
	in, err := audio.NewReader(bytes.NewReader(q.File), audio.DecodeOptions{Limits: s.opt.Sound})
	if err != nil {
		return err
	}
	if r, err = s.asStream(r); err != nil {
		return err
	}
	r, out := s.answerPieces(w, r, eventsType)
	defer out.end()
	err = sendTranscript(r.Context(), by, in, out)
	if err != nil && r.Context().Err() == nil {
		err = errors.Join(err, out.event("error", openAIErrorOf(err)))
	}
	return err
}

func sendTranscript(ctx context.Context, by Transcriber, in *audio.Reader, out *pieces) error {
	sound := &soundParts{in: in}
	var texts []string
	for e, err := range by.Listen(ctx, sound.all) {
		if err != nil {
			return err
		}
		if !e.Final || e.Text == "" {
			continue
		}
		delta := e.Text
		if len(texts) > 0 {
			delta = " " + delta
		}
		texts = append(texts, e.Text)
		if err := out.data(TranscriptionEvent{Type: "transcript.text.delta", Delta: delta}); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if sound.err != nil {
		return sound.err
	}
	return out.data(TranscriptionEvent{
		Type: "transcript.text.done", Text: strings.Join(texts, " "), Usage: &TranscriptionUsage{"duration", sound.length().Seconds()},
	})
}

// soundParts decodes a sound second by second.
type soundParts struct {
	in      *audio.Reader
	samples int
	err     error // why it ended, if that is not its end
}

func (p *soundParts) all(yield func(audio.Clip) bool) {
	for {
		b := make([]float32, p.in.Rate()*p.in.Channels())
		n, err := p.in.Read(b)
		p.samples += n
		if n > 0 && !yield(audio.Clip{Rate: p.in.Rate(), Channels: p.in.Channels(), Samples: b[:n]}) {
			return
		}
		if err == io.EOF { //nolint:errorlint // Read documents it bare
			return
		}
		if p.err = err; err != nil {
			return
		}
	}
}

// length is that of the sound until now.
func (p *soundParts) length() time.Duration {
	return time.Duration(float64(p.samples) / float64(p.in.Rate()*p.in.Channels()) * float64(time.Second))
}
