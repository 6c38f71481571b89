package server

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vision"
)

// domainRoutes are those of the analysers.
func (s *Server) domainRoutes() (all []route) {
	post := func(kind, summary string, maxBody int64, request, response any, f func(http.ResponseWriter, *http.Request) error) {
		all = append(all, route{
			method: http.MethodPost, pattern: "/api/v1/" + kind + "/process", permission: kind + ":process", tag: kind,
			summary: summary, maxBody: maxBody, request: request, response: response, serve: f,
		})
	}
	if s.serving.Text != nil {
		post("text", "Analyse a text", 0, TextRequest{}, text.Result{}, answerWith(s.text))
		all = append(all, route{
			method: http.MethodPost, pattern: "/api/v1/text/stream", permission: "text:process", tag: "text",
			summary: "Analyse a text sentence by sentence, an event for each", request: TextRequest{}, serve: s.streamText,
			piecewise: plainText, stream: eventsType, piece: TextEvent{}, query: []string{"operations"},
		})
	}
	if s.serving.Vision != nil {
		post("image", "Analyse a picture", largeBody, FileRequest{}, vision.Result{}, answerFile(s.image))
	}
	if s.serving.Audio != nil {
		post("audio", "Analyse a sound", largeBody, FileRequest{}, audio.Result{}, answerFile(s.sound))
	}
	if s.serving.Graph != nil {
		post("graph", "Analyse a graph", largeBody, GraphRequest{}, graph.Result[string]{}, answerWith(s.graph))
	}
	return all
}

// answer reads, calls and encodes.
func answer[In, Out any](
	read func(*http.Request) (In, error), f func(context.Context, In) (Out, error),
) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := read(r)
		if err != nil {
			return err
		}
		out, err := f(r.Context(), in)
		if err != nil {
			return err
		}
		send(w, http.StatusOK, out)
		return nil
	}
}

// answerWith is answer for a body of JSON, answerFile for a form with a file or its JSON.
func answerWith[In, Out any](f func(context.Context, In) (Out, error)) func(http.ResponseWriter, *http.Request) error {
	return answer(func(r *http.Request) (in In, err error) {
		err = readJSON(r, &in)
		return in, err
	}, f)
}

func answerFile[Out any](f func(context.Context, FileRequest) (Out, error)) func(http.ResponseWriter, *http.Request) error {
	return answer(readFile, f)
}

// TextRequest is the body of POST /api/v1/text/process.
type TextRequest struct {
	ID         string   `json:"id,omitempty"`         // comes back with the result
	Text       string   `json:"text"`                 // UTF-8
	Operations []string `json:"operations,omitempty"` // default: those of the server
}

// textNames are other names of tasks of texts.
var textNames = map[string]string{
	"statistics": "stats", "anonymization": "pii", "anonymisation": "pii", "ner": "entities", "pos": "tags",
	"embeddings": "embedding", "summarization": "summary", "language_detection": "language",
	"keyword_extraction": "keywords", "sentiment_analysis": "sentiment", "entity_extraction": "entities",
}

func (s *Server) text(ctx context.Context, q TextRequest) (text.Result, error) {
	tasks, err := text.ParseTasks(translate(q.Operations, textNames))
	if err != nil {
		return text.Result{}, err
	}
	p, err := s.texts.of(uint(tasks))
	if err != nil {
		return text.Result{}, err
	}
	return p.Run(ctx, text.Document{ID: q.ID, Body: q.Text})
}

// translate replaces other names by those of tasks.
func translate(names []string, other map[string]string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ToLower(strings.TrimSpace(name))
		if to, ok := other[out[i]]; ok {
			out[i] = to
		}
	}
	return out
}

// FileRequest is the body of POST /api/v1/image/process and /api/v1/audio/process: as
// JSON, or a form with a file "file" and a comma list "operations".
type FileRequest struct {
	ID         string   `json:"id,omitempty"`         // comes back with the result
	Data       []byte   `json:"data"`                 // the file, in JSON as base64
	Operations []string `json:"operations,omitempty"` // default: those of the server
}

// readFile reads a file from a form, from JSON, or as the body itself.
func readFile(r *http.Request) (q FileRequest, err error) {
	kind, _, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "application/json"))
	switch {
	case err != nil:
		return q, fmt.Errorf("Content-Type: %w: %w", err, errMediaType)
	case kind == "application/json":
		err = readJSON(r, &q)
	case kind == "multipart/form-data":
		err = readParts(r, q.take)
	case strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || kind == "application/octet-stream":
		q.Operations = list(r.URL.Query().Get("operations"))
		q.Data, err = keptBodyOf(r)
	default:
		err = fmt.Errorf("want a form, JSON or the file itself, not %q: %w", kind, errMediaType)
	}
	if err == nil && len(q.Data) == 0 {
		err = fmt.Errorf("no file: %w", quintet.ErrInput)
	}
	return q, err
}

// maxParts bounds the parts of a form.
const maxParts = 16

// readParts gives each part of a form to take.
func readParts(r *http.Request, take func(name string, b []byte) error) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return fmt.Errorf("want a form: %w", errMediaType)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return fmt.Errorf("form: %w: %w", err, quintet.ErrInput)
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // NextPart documents it bare
			return nil
		}
		if err != nil {
			return fmt.Errorf("form: %w", inputUnless(err))
		}
		if n == maxParts {
			return fmt.Errorf("form has more than %d parts: %w", maxParts, quintet.ErrInput)
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return fmt.Errorf("form: %w", inputUnless(err))
		}
		if err := take(part.FormName(), b); err != nil {
			return err
		}
	}
}

func (q *FileRequest) take(name string, b []byte) error {
	switch name {
	case "file", "image", "audio":
		if q.Data != nil {
			return fmt.Errorf("form has two files: %w", quintet.ErrInput)
		}
		q.Data = b
	case "operations":
		q.Operations = append(q.Operations, list(string(b))...)
	case "id":
		q.ID = string(b)
	default:
		return fmt.Errorf("form has a part %.50q: %w", name, quintet.ErrInput)
	}
	return nil
}

// imageNames and graphNames are other names of tasks of pictures and of graphs.
var (
	imageNames = map[string]string{
		"colours": "colors", "face_detection": "faces", "object_detection": "objects",
		"image_classification": "labels", "classification": "labels", "ocr": "text", "embeddings": "embedding",
	}
	graphNames = map[string]string{"statistics": "stats", "pagerank": "ranks"}
)

func (s *Server) image(ctx context.Context, q FileRequest) (vision.Result, error) {
	t, err := vision.ParseTasks(translate(q.Operations, imageNames))
	if err != nil {
		return vision.Result{}, err
	}
	p, err := s.images.of(uint(t))
	if err != nil {
		return vision.Result{}, err
	}
	return p.Run(ctx, vision.Picture{ID: q.ID, Data: q.Data})
}

func (s *Server) sound(ctx context.Context, q FileRequest) (audio.Result, error) {
	t, err := audio.ParseTasks(translate(q.Operations, nil))
	if err != nil {
		return audio.Result{}, err
	}
	p, err := s.sounds.of(uint(t))
	if err != nil {
		return audio.Result{}, err
	}
	clip, _, err := audio.Decode(bytes.NewReader(q.Data), audio.DecodeOptions{ID: q.ID, Limits: s.opt.Sound})
	if err != nil {
		return audio.Result{}, err
	}
	return p.Run(ctx, clip)
}

// GraphRequest is the body of POST /api/v1/graph/process.
type GraphRequest struct {
	Directed   bool        `json:"directed,omitempty"`   // default: undirected
	Edges      []GraphEdge `json:"edges"`                // at least one
	Operations []string    `json:"operations,omitempty"` // default: those of the server
}

// GraphEdge joins two nodes.
type GraphEdge struct {
	From   string   `json:"from"`             // name of a node
	To     string   `json:"to"`               // name of a node
	Weight *float32 `json:"weight,omitempty"` // default: 1
}

func (s *Server) graph(ctx context.Context, q GraphRequest) (r graph.Result[string], err error) {
	t, err := graph.ParseTasks(translate(q.Operations, graphNames))
	if err != nil {
		return r, err
	}
	p, err := s.graphs.of(uint(t))
	if err != nil {
		return r, err
	}
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: q.Directed})
	for _, e := range q.Edges {
		weight := float32(1)
		if e.Weight != nil {
			weight = *e.Weight
		}
		b.AddEdge(e.From, e.To, weight)
	}
	g, err := b.Build()
	if err != nil {
		return r, err
	}
	return p.Run(ctx, g)
}
