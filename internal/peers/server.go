package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
)

// serverFigures measure what HTTP adds to the work, and the job queue.
func serverFigures() []report.Figure {
	return []report.Figure{
		{Name: "server/added", Unit: "µs", Peer: "bare", Parallel: true, Goal: report.AtMost(40), Measure: addedByStack},
		{Name: "server/added_embeddings", Unit: "µs", Peer: "Embedder", Parallel: true, Goal: report.AtMost(12), Measure: addedToEmbedding},
		{Name: "server/text", Unit: "x", Peer: "inside", Parallel: true, Goal: report.AtLeast(0.85), Measure: textOverHTTP(stack)},
		{Name: "server/text_bare", Unit: "x", Peer: "inside", Parallel: true, Measure: textOverHTTP(bareText)},
		{Name: "server/jobs", Unit: "jobs/s", Parallel: true, Goal: report.AtLeast(200_000), Measure: noopJobs},
	}
}

const jsonType = "application/json"

// discard is a response that nobody reads. Its status is kept.
type discard struct {
	h      http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// post asks a handler n times, each time with a request of its own.
func post(h http.Handler, path, body string) func(n int) {
	return func(n int) {
		for range n {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.RemoteAddr, r.Host = "127.0.0.1:4711", "localhost"
			r.Header.Set("Content-Type", jsonType)
			r.Header.Set("X-Api-Key", "key of ann")
			w := discard{http.Header{}, http.StatusOK}
			if h.ServeHTTP(&w, r); w.status != http.StatusOK {
				panic(fmt.Sprint(path, ": status ", w.status))
			}
		}
	}
}

// stack is a server with all that stands around the work.
func stack(p server.Pipelines) (http.Handler, error) {
	ann := auth.AuthenticatorFunc(func(*http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: "ann", Roles: []string{auth.RoleUser}, Method: "apikey"}, nil
	})
	return server.New(p, server.Options{
		Auth: ann, Rate: 1e9, Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), InFlight: 1000, Observer: quintet.ObserverFunc(func(quintet.Event) {}),
	})
}

// difference is the time of one body less that of another, in microseconds.
func difference(m *report.Meter, more, less func(n int)) []float64 {
	all := m.Times(more, less)
	out := make([]float64, len(all[0]))
	for i := range out {
		out[i] = (all[0][i] - all[1][i]) / 1000
	}
	return out
}

// constant is an embedder whose work is nothing.
type constant struct {
	quintet.Pipeline[string, []float32]
}

func (constant) RunBatch(_ context.Context, in []string) ([][]float32, error) {
	return make([][]float32, len(in)), nil
}

// addedByStack is the CPU time of a request whose work is nothing, beyond that of a bare
// handler that decodes the same body and encodes the same answer.
func addedByStack(m *report.Meter) ([]float64, error) {
	full, err := stack(server.Pipelines{Embedder: constant{}})
	if err != nil {
		return nil, err
	}
	bare := http.NewServeMux()
	bare.HandleFunc("POST /v1/embeddings", func(w http.ResponseWriter, r *http.Request) {
		var q server.EmbeddingsRequest
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		_ = json.NewEncoder(w).Encode(server.EmbeddingsResponse{Object: "list", Data: []server.Embedding{{Object: "embedding", Embedding: []byte("[]")}}})
	})
	const body = `{"model":"quintet-lexical","input":"a cat","encoding_format":"base64"}`
	return difference(m, post(full, "/v1/embeddings", body), post(bare, "/v1/embeddings", body)), nil
}

// addedToEmbedding is what a request in base64 takes beyond the embedding of 384 floats
// and beyond the stack around it, which server/added has.
func addedToEmbedding(m *report.Meter) ([]float64, error) {
	e, err := text.NewEmbedder(text.EmbedderOptions{})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	whole, err := stack(server.Pipelines{Embedder: e})
	if err != nil {
		return nil, err
	}
	nothing, err := stack(server.Pipelines{Embedder: constant{}})
	if err != nil {
		return nil, err
	}
	const body = `{"model":"quintet-lexical","input":"a cat","encoding_format":"base64"}`
	all := m.Times(post(whole, "/v1/embeddings", body), post(nothing, "/v1/embeddings", body), func(n int) {
		for range n {
			if _, err := e.RunBatch(context.Background(), []string{"a cat"}); err != nil {
				panic(err)
			}
		}
	})
	out := make([]float64, len(all[0]))
	for i := range out {
		out[i] = (all[0][i] - all[1][i] - all[2][i]) / 1000
	}
	return out, nil
}

var (
	serverSample = strings.Repeat("The orchestra played a wonderful concert in Vienna last night. ", 9)
	serverTasks  = text.TaskStats | text.TaskSentiment | text.TaskKeywords
)

// bareText is a handler of the same mux without anything around it.
func bareText(server.Pipelines) (http.Handler, error) {
	p, err := text.New(text.Options{Tasks: serverTasks})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/text/process", func(w http.ResponseWriter, r *http.Request) {
		var q server.TextRequest
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out, err := p.Run(r.Context(), text.Document{Body: q.Text})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		_ = json.NewEncoder(w).Encode(out)
	})
	return mux, nil
}

// textOverHTTP is the CPU time of a text in process over that of the same text for wrk,
// which is a process of its own.
func textOverHTTP(handler func(server.Pipelines) (http.Handler, error)) func(m *report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		wrk, err := exec.LookPath("wrk")
		if err != nil {
			return nil, report.Skip("no wrk")
		}
		p, err := text.New(text.Options{Tasks: serverTasks})
		if err != nil {
			return nil, err
		}
		defer p.Close()
		h, err := handler(server.Pipelines{Text: &text.Options{}})
		if err != nil {
			return nil, err
		}
		var served atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r); served.Add(1) }))
		defer web.Close()
		dir, err := os.MkdirTemp("", "wrk")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		body, err := json.Marshal(server.TextRequest{Text: serverSample, Operations: []string{"statistics", "sentiment", "keywords"}})
		if err != nil {
			return nil, err
		}
		script := filepath.Join(dir, "text.lua")
		lua := "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = " + strconv.Quote(string(body)) + "\n"
		if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
			return nil, err
		}
		var out []float64
		for range m.Rounds() {
			inside := float64(m.Took(func() { inProcess(p, 2000) })) / 2000
			before := served.Load()
			var failed error
			took := m.Took(func() {
				var complaint bytes.Buffer
				c := exec.Command(wrk, "-t1", "-c16", "-d1s", "-s", script, web.URL+"/api/v1/text/process")
				c.Stdout = &complaint
				if failed = c.Run(); failed == nil && strings.Contains(complaint.String(), "Non-2xx") {
					failed = fmt.Errorf("wrk: %s", complaint.String())
				}
			})
			if failed != nil {
				return nil, failed
			}
			outside := float64(took) / float64(served.Load()-before)
			out = append(out, inside/outside)
			m.Note("%.0f µs a text in process, %.0f over HTTP", inside/1000, outside/1000)
		}
		return out, nil
	}
}

// inProcess analyses n texts from as many goroutines as there are processors.
func inProcess(p *text.Pipeline, n int) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := p.Run(context.Background(), text.Document{Body: serverSample}); err != nil {
					panic(err)
				}
			}
		})
	}
	all.Wait()
}

// noopJobs is how many jobs that do nothing go through a queue in memory in a second of
// two busy cores.
func noopJobs(m *report.Meter) ([]float64, error) {
	const n = 200_000
	var out []float64
	for range m.Rounds() {
		q, err := jobs.New(jobs.Options{MaxJobs: 1 << 30})
		if err != nil {
			return nil, err
		}
		mux := jobs.NewMux()
		var ran sync.WaitGroup
		ran.Add(n)
		err = jobs.Register(mux, "noop", func(context.Context, struct{}) (struct{}, error) {
			ran.Done()
			return struct{}{}, nil
		}, jobs.KindOptions{})
		if err != nil {
			return nil, err
		}
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- q.Serve(ctx, mux, jobs.ServeOptions{Workers: 2}) }()
		var failed error
		took := m.Took(func() {
			for range n {
				if _, err := q.Enqueue(ctx, jobs.Spec{Kind: "noop"}); err != nil {
					failed = err
					return
				}
			}
			ran.Wait()
		})
		stop()
		if err := errors.Join(failed, <-served, q.Close()); err != nil {
			return nil, err
		}
		out = append(out, 2*n/took.Seconds())
	}
	return out, nil
}
