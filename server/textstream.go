package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/text"
)

// TextEvent is one sentence of the answer of POST /api/v1/text/stream, an event named
// "sentence".
type TextEvent struct {
	Index  int          `json:"index"`            // of the sentence
	Start  int          `json:"start"`            // of the sentence, in bytes of the text
	End    int          `json:"end"`              // of the sentence
	Text   string       `json:"text"`             // the sentence
	Cut    bool         `json:"cut,omitempty"`    // it is longer than 64 KiB and goes on in the next
	Result *text.Result `json:"result,omitempty"` // of the operations
	Error  *Problem     `json:"error,omitempty"`  // instead of a result
}

// TextEnd is the last event, named "done".
type TextEnd struct {
	Sentences int `json:"sentences"` // with a result
	Failed    int `json:"failed"`    // with an error
}

// plainText reports whether a body is a text and nothing else.
func plainText(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "text/plain"
}

// streamText answers with an event for each sentence of a text, in order, as soon as it
// and those before are done. A text that comes as text/plain is worked on while it comes.
func (s *Server) streamText(w http.ResponseWriter, r *http.Request) error {
	q, in, err := streamedText(r)
	if err != nil {
		return err
	}
	tasks, err := text.ParseTasks(translate(q.Operations, textNames))
	if err != nil {
		return err
	}
	p, err := s.texts.of(uint(tasks))
	if err != nil {
		return err
	}
	if r, err = s.asStream(r); err != nil {
		return err
	}
	r, out := s.answerPieces(w, r, eventsType)
	defer out.end()
	err = s.sendSentences(r.Context(), p, in, out)
	if err != nil && r.Context().Err() == nil {
		err = errors.Join(err, out.event("error", problemOf(err)))
	}
	return err
}

// sendSentences sends the results of the sentences that in reads.
func (s *Server) sendSentences(ctx context.Context, p textPipeline, in io.Reader, out *pieces) error {
	from := &sentences{s: s, in: in}
	var end TextEnd
	for one := range inOrder(ctx, from.all(ctx), s.opt.Runtime.Workers(), func(ctx context.Context, i int, one text.StreamedSentence) TextEvent {
		return s.sentence(ctx, p, i, one)
	}) {
		if one.Error != nil {
			end.Failed++
		} else {
			end.Sentences++
		}
		if err := out.event("sentence", one); err != nil {
			return err
		}
	}
	if err := cmp.Or(from.err, ctx.Err()); err != nil {
		return err
	}
	return out.event("done", end)
}

func (s *Server) sentence(ctx context.Context, p textPipeline, i int, one text.StreamedSentence) TextEvent {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	e := TextEvent{Index: i, Start: one.Start, End: one.End, Text: one.Text, Cut: one.Cut}
	var err error
	if !utf8.ValidString(one.Text) {
		err = fmt.Errorf("the sentence is not UTF-8: %w", quintet.ErrInput)
	}
	if err == nil {
		var res text.Result
		res, err = p.Run(ctx, text.Document{Body: one.Text})
		e.Result = &res
	}
	if err != nil {
		e.Result, e.Error = nil, problemOf(err)
	}
	return e
}

// streamedText reads a request: JSON, or the text itself with parameters of the URL.
func streamedText(r *http.Request) (q TextRequest, in io.Reader, err error) {
	if plainText(r) {
		q.Operations = list(r.URL.Query().Get("operations"))
		return q, r.Body, nil
	}
	err = readJSON(r, &q)
	return q, strings.NewReader(q.Text), err
}

// sentences are those of a text that comes.
type sentences struct {
	s   *Server
	in  io.Reader
	err error // why they ended, if that is not the end of the text
}

// all yields each sentence when the caller may have one thing more done.
func (a *sentences) all(ctx context.Context) iter.Seq[text.StreamedSentence] {
	who, _ := auth.FromContext(ctx)
	return func(yield func(text.StreamedSentence) bool) {
		for one, err := range text.StreamSentences(ctx, a.in, text.StreamOptions{}) {
			if err != nil {
				err = fmt.Errorf("body: %w", inputUnless(err))
			} else {
				err = a.s.limit.wait(ctx, who)
			}
			if a.err = err; err != nil || !yield(one) {
				return
			}
		}
	}
}
