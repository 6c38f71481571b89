package main

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"time"
)

//go:embed page.html
var pages embed.FS

var page = template.Must(template.ParseFS(pages, "page.html"))

// view is what the page shows.
type view struct {
	Query, Path, After, Before string
	Hits                       []passage
	Asked                      bool
	Took                       time.Duration
	Passages                   int
	Problem                    string
}

// serve answers at l until the context ends, then lets requests finish.
func serve(ctx context.Context, l net.Listener, lib *library) error {
	s := &http.Server{Handler: handler(lib), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- s.Shutdown(last)
	}()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func handler(lib *library) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		v := view{
			Query: r.FormValue("q"), Path: r.FormValue("path"), After: r.FormValue("after"), Before: r.FormValue("before"),
			Passages: lib.passages.Len(),
		}
		status := http.StatusOK
		if v.Query != "" {
			status = v.ask(r.Context(), lib)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
		w.WriteHeader(status)
		// An error here is a client that went away.
		_ = page.Execute(w, v)
	})
	return mux
}

// ask fills in the answer and returns the status of the page.
func (v *view) ask(ctx context.Context, lib *library) int {
	q := question{text: v.Query, path: v.Path, limit: 10}
	var errs [2]error
	q.after, errs[0] = date(v.After)
	q.before, errs[1] = date(v.Before)
	if err := errors.Join(errs[:]...); err != nil {
		v.Problem = "A date looks like 2026-01-31."
		return http.StatusBadRequest
	}
	start := time.Now()
	hits, err := lib.search(ctx, q)
	if err != nil {
		v.Problem = "The question could not be answered: " + err.Error()
		return http.StatusInternalServerError
	}
	v.Hits, v.Asked, v.Took = hits, true, time.Since(start).Round(time.Microsecond)
	return http.StatusOK
}
