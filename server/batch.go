package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
)

// BatchRequest is the body of POST /api/v1/batch/process.
type BatchRequest struct {
	// Type is what the items are: "text", "image", "audio", "graph" or "vector".
	Type string `json:"operation_type"`

	// Items are bodies of the route of that type; a text may be a string.
	Items []json.RawMessage `json:"items"`

	// Operations are those of items that name none.
	Operations []string `json:"operations,omitempty"`

	// BatchSize is how many items are worked on at a time. Default: as many as the
	// runtime has workers, which is also the most.
	BatchSize int `json:"batch_size,omitempty"`

	// Async answers 202 with a job at once.
	Async bool `json:"async,omitempty"`
}

// BatchResponse is its answer.
type BatchResponse struct {
	Results   []BatchResult `json:"results"`   // one for each item, in order
	Succeeded int           `json:"succeeded"` // items with a result
	Failed    int           `json:"failed"`    // items with an error
}

// BatchResult is the outcome of one item.
type BatchResult struct {
	Index  int             `json:"index"`            // of the item
	Result json.RawMessage `json:"result,omitempty"` // as the route of the type answers
	Error  *Problem        `json:"error,omitempty"`  // instead of a result
}

// item answers one item of a batch.
type item func(ctx context.Context, raw json.RawMessage) (any, error)

// items are the types of batches that have a pipeline, with the permission each needs.
func (s *Server) items(operations []string) map[string]item {
	all := map[string]item{}
	if s.serving.Text != nil {
		all["text"] = func(ctx context.Context, raw json.RawMessage) (any, error) {
			var q TextRequest
			if len(raw) > 0 && raw[0] == '"' {
				if err := parseJSON(raw, &q.Text); err != nil {
					return nil, err
				}
			} else if err := parseJSON(raw, &q); err != nil {
				return nil, err
			}
			if len(q.Operations) == 0 {
				q.Operations = operations
			}
			return s.text(ctx, q)
		}
	}
	file := func(f func(context.Context, FileRequest) (any, error)) item {
		return func(ctx context.Context, raw json.RawMessage) (any, error) {
			var q FileRequest
			if err := parseJSON(raw, &q); err != nil {
				return nil, err
			}
			if len(q.Operations) == 0 {
				q.Operations = operations
			}
			return f(ctx, q)
		}
	}
	if s.serving.Vision != nil {
		all["image"] = file(func(ctx context.Context, q FileRequest) (any, error) { return s.image(ctx, q) })
	}
	if s.serving.Audio != nil {
		all["audio"] = file(func(ctx context.Context, q FileRequest) (any, error) { return s.sound(ctx, q) })
	}
	if s.serving.Graph != nil {
		all["graph"] = parsed(func(ctx context.Context, q GraphRequest) (any, error) { return s.graph(ctx, q) })
	}
	if s.vectors() {
		all["vector"] = parsed(func(ctx context.Context, q SearchRequest) (any, error) { return s.search(ctx, q) })
	}
	return all
}

func parsed[Q any](f func(context.Context, Q) (any, error)) item {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var q Q
		if err := parseJSON(raw, &q); err != nil {
			return nil, err
		}
		return f(ctx, q)
	}
}

// itemPermission is what a caller needs for a type of batch.
func itemPermission(kind string) string {
	if kind == "vector" {
		return "vector:search"
	}
	return kind + ":process"
}

func (s *Server) batch(w http.ResponseWriter, r *http.Request) error {
	var q BatchRequest
	if ofLines(r) {
		return s.batchOfLines(w, r)
	}
	if err := readJSON(r, &q); err != nil {
		return err
	}
	p, _ := auth.FromContext(r.Context())
	if err := s.checkBatch(q, p); err != nil {
		return err
	}
	if q.Async {
		return s.later(w, r, q, p)
	}
	if strings.Contains(r.Header.Get("Accept"), linesType) {
		r, err := s.asStream(r)
		if err != nil {
			return err
		}
		return s.answerLines(w, r, q, slices.Values(q.Items))
	}
	out, err := s.runBatch(r.Context(), q)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, out)
	return nil
}

// checkBatch refuses what is no batch, or not the caller's to run.
func (s *Server) checkBatch(q BatchRequest, p auth.Principal) error {
	if err := s.checkItems(q, p); err != nil {
		return err
	}
	if n := len(q.Items); n == 0 || n > s.opt.MaxBatch {
		return fmt.Errorf("%d items, want 1 to %d: %w", n, s.opt.MaxBatch, quintet.ErrInput)
	}
	if err := s.limit.principal(p, len(q.Items)-1, route{}); err != nil && len(q.Items) > 1 {
		return err
	}
	return nil
}

// checkItems refuses what does not hang on the items.
func (s *Server) checkItems(q BatchRequest, p auth.Principal) error {
	if s.items(nil)[q.Type] == nil {
		return fmt.Errorf("no operation_type %.50q: %w", q.Type, quintet.ErrInput)
	}
	if !s.opt.Policy.Allows(p, itemPermission(q.Type)) {
		return fmt.Errorf("items need the permission %s: %w", itemPermission(q.Type), errForbidden)
	}
	if q.BatchSize < 0 {
		return fmt.Errorf("batch_size is %d: %w", q.BatchSize, quintet.ErrInput)
	}
	return nil
}

// results works on the items, several at a time, and yields their outcomes in order.
func (s *Server) results(ctx context.Context, q BatchRequest, items iter.Seq[json.RawMessage]) iter.Seq[BatchResult] {
	answer := s.items(q.Operations)[q.Type]
	workers := s.opt.Runtime.Workers()
	return inOrder(ctx, items, min(cmp.Or(q.BatchSize, workers), workers),
		func(ctx context.Context, i int, raw json.RawMessage) BatchResult {
			out := BatchResult{Index: i}
			ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
			defer cancel()
			v, err := answer(ctx, raw)
			if err == nil {
				out.Result, err = json.Marshal(v)
			}
			if err != nil {
				out.Error = problemOf(err)
			}
			return out
		})
}

func (s *Server) runBatch(ctx context.Context, q BatchRequest) (out BatchResponse, err error) {
	out.Results = make([]BatchResult, 0, len(q.Items))
	for r := range s.results(ctx, q, slices.Values(q.Items)) {
		out.Results = append(out.Results, r)
		if r.Error != nil {
			out.Failed++
		} else {
			out.Succeeded++
		}
	}
	return out, ctx.Err()
}

// answerLines answers with a line for each item as soon as it and those before are done.
func (s *Server) answerLines(w http.ResponseWriter, r *http.Request, q BatchRequest, items iter.Seq[json.RawMessage]) error {
	r, out := s.answerPieces(w, r, linesType)
	defer out.end()
	for one := range s.results(r.Context(), q, items) {
		if err := out.line(one); err != nil {
			return err
		}
	}
	return r.Context().Err()
}

// later makes a job of a batch.
func (s *Server) later(w http.ResponseWriter, r *http.Request, q BatchRequest, p auth.Principal) error {
	if s.serving.Jobs == nil {
		return fmt.Errorf("no job queue: %w", quintet.ErrUnsupported)
	}
	q.Async = false
	var raw bytes.Buffer
	if err := json.NewEncoder(&raw).Encode(q); err != nil {
		return err
	}
	info, err := s.serving.Jobs.Enqueue(r.Context(), jobs.Spec{Kind: "batch", Args: raw.Bytes(), Owner: p.Owner()})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/jobs/"+info.ID)
	info.Args = nil
	send(w, http.StatusAccepted, info)
	return nil
}
