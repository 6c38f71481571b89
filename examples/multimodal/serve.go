package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"time"

	"github.com/quintet-ai/quintet/vision"
)

//go:embed page.html
var pages embed.FS

var page = template.Must(template.ParseFS(pages, "page.html"))

// view is what the page shows.
type view struct {
	Query, Kind, Problem string
	People, Asked        bool
	Hits                 []hit
	Took                 time.Duration
	Texts, Photos        int
	Recordings           int
}

// serve answers at l until the context ends, then lets requests finish.
func serve(ctx context.Context, l net.Listener, lib *library) error {
	s := &http.Server{Handler: handler(lib), ReadTimeout: 10 * time.Second}
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
	mux.HandleFunc("GET /{$}", lib.answer)
	mux.HandleFunc("GET /thumb/{path...}", lib.thumbnail)
	mux.HandleFunc("GET /sound/{path...}", func(w http.ResponseWriter, r *http.Request) {
		path := r.PathValue("path")
		if lib.kinds[path] != kindRecording {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, lib.folder, path)
	})
	return mux
}

// answer shows the page.
func (l *library) answer(w http.ResponseWriter, r *http.Request) {
	v := view{
		Query: r.FormValue("q"), Kind: r.FormValue("kind"), People: r.FormValue("people") != "",
		Texts: l.count[kindText], Photos: l.count[kindPhoto], Recordings: l.count[kindRecording],
	}
	status := http.StatusOK
	q := question{text: v.Query, kind: v.Kind, people: v.People, limit: 24}
	if err := q.check(); err != nil {
		v.Problem, status = err.Error(), http.StatusBadRequest
	} else if v.Query != "" {
		start := time.Now()
		if v.Hits, err = l.search(r.Context(), q); err != nil {
			v.Problem, status = "The question could not be answered: "+err.Error(), http.StatusInternalServerError
		}
		v.Asked, v.Took = err == nil, time.Since(start).Round(time.Microsecond)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy",
		"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; form-action 'self'")
	w.WriteHeader(status)
	// An error here is a client that went away.
	_ = page.Execute(w, v)
}

// thumbnail answers with a small copy, without what the camera wrote into the file.
func (l *library) thumbnail(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	if l.kinds[path] != kindPhoto {
		http.NotFound(w, r)
		return
	}
	jpeg, err := l.thumbs.Do(r.Context(), path, func(context.Context) ([]byte, error) { return l.shrink(path) })
	if err != nil {
		http.Error(w, "the picture cannot be read any more", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(jpeg)
}

func (l *library) shrink(path string) ([]byte, error) {
	f, err := l.folder.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := vision.Decode(f, vision.DecodeOptions{})
	if err != nil {
		return nil, err
	}
	small, err := vision.Thumbnail(img, 360, 240, vision.FitSmart, l.parts[place(path, 0)].faces...)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = vision.EncodeJPEG(&b, small, vision.JPEGOptions{Quality: 80})
	return b.Bytes(), err
}
