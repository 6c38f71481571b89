// Command embeddings shows how a team puts an embedding service into the web service
// that it has: its own mux with its own routes and middleware stays what it is.
//
//	go run ./examples/embeddings
//	curl --json '"a cat sat on the mat"' localhost:8080/embed
//	curl --json '{"input":["a cat","a dog"],"model":"quintet-lexical"}' localhost:8080/v1/embeddings
//
// With -model, a directory with an encoder in the Hugging Face layout, vectors know the
// meaning of texts; without, their words and spelling.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/text"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stderr, func(a net.Addr) { fmt.Printf("http://%v\n", a) })
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "embeddings:", err)
		os.Exit(1)
	}
}

// app is the service that the team has.
func app() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	return mux
}

// mount adds the embedder to the team's mux: one route of the team's own shape, and
// those that clients of OpenAI expect.
func mount(mux *http.ServeMux, e *text.Embedder, name string) error {
	mux.Handle("POST /embed", server.Handle(e))
	s, err := server.New(server.Pipelines{Embedder: e, EmbedderName: name}, server.Options{})
	if err != nil {
		return err
	}
	mux.Handle("/v1/", s)
	return nil
}

// logged is the team's middleware.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		next.ServeHTTP(w, r)
		log.Info("request", "method", r.Method, "path", r.URL.Path, "took", time.Since(start))
	})
}

// embedder opens the model in a directory, or the lexical embedding.
func embedder(model string) (*text.Embedder, error) {
	if model == "" {
		return text.NewEmbedder(text.EmbedderOptions{})
	}
	m, err := optimize.OpenModel(model)
	if err != nil {
		return nil, err
	}
	return text.NewEmbedder(text.EmbedderOptions{Model: m})
}

// run serves until ctx ends, and tells ready where.
func run(ctx context.Context, args []string, log io.Writer, ready func(net.Addr)) (err error) {
	flags := flag.NewFlagSet("embeddings", flag.ContinueOnError)
	flags.SetOutput(log)
	address := flags.String("address", "127.0.0.1:8080", "host and port to listen at")
	model := flags.String("model", "", "directory of an encoder: model.onnx and tokenizer.json")
	name := flags.String("name", "quintet-lexical", "of the model for clients of OpenAI")
	if err := flags.Parse(args); err != nil {
		return err
	}
	e, err := embedder(*model)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	mux := app()
	if err := mount(mux, e, *name); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	ready(l.Addr())
	s := &http.Server{Handler: logged(slog.New(slog.NewJSONHandler(log, nil)), mux), ReadTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		ended <- s.Shutdown(last)
	}()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}
