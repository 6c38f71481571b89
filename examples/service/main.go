// Command service puts the pipelines behind HTTP, with a durable collection of vectors,
// durable background jobs, health and alerts: what a team would mount in a mux of its own.
//
//	go run ./examples/service -data ./data
//	curl --json '{"text":"What a lovely day.","operations":["sentiment"]}' localhost:8001/api/v1/text/process
//	curl --json '{"input":"a cat","model":"quintet-lexical"}' localhost:8001/v1/embeddings
//
// It answers callers on this machine only. Ctrl-C lets requests and jobs finish.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stderr, func(a net.Addr) { fmt.Printf("http://%v\n", a) })
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and tells ready where.
func run(ctx context.Context, args []string, log io.Writer, ready func(net.Addr)) (err error) {
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(log)
	address := flags.String("address", "127.0.0.1:8001", "host and port to listen at")
	data := flags.String("data", "", "directory for vectors and jobs; by default one that is removed at the end")
	workers := flags.Int("workers", 2, "background jobs at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *data == "" {
		if *data, err = os.MkdirTemp("", "service"); err != nil {
			return err
		}
		defer os.RemoveAll(*data)
	}
	logger := slog.New(slog.NewJSONHandler(log, nil))
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	if err != nil {
		return err
	}
	rt, err := optimize.New(optimize.Options{Observer: metrics})
	if err != nil {
		return err
	}
	embedder, err := text.NewEmbedder(text.EmbedderOptions{Runtime: rt})
	if err != nil {
		return err
	}
	vectors, err := vector.Open[string](filepath.Join(*data, "vectors"), vector.Options{Dim: 384, TextIndex: true, Runtime: rt})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vectors.Close()) }()
	queue, err := jobs.Open(filepath.Join(*data, "jobs"), jobs.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, queue.Close()) }()
	health, err := monitor.NewHealth(monitor.HealthOptions{Checks: []monitor.Check{
		{Name: "vectors", Run: func(ctx context.Context) error { _, err := vectors.Stats(ctx); return err }},
		{Name: "jobs", Run: func(ctx context.Context) error { _, err := queue.Stats(ctx); return err }},
	}})
	if err != nil {
		return err
	}
	defer health.Close()
	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{
		Rules:  []monitor.Rule{monitor.Unhealthy(health), monitor.ErrorRate(metrics, 0.05)},
		Routes: []monitor.Route{{Notifier: monitor.Log(logger)}},
		Logger: logger,
	})
	if err != nil {
		return err
	}
	defer alerts.Close()
	s, err := server.New(server.Pipelines{
		Text: &text.Options{}, Vision: &vision.Options{}, Audio: &audio.Options{}, Graph: &graph.Options{},
		Embedder: embedder, Vectors: vectors, Jobs: queue,
	}, server.Options{Health: health, Observer: metrics, Runtime: rt, Logger: logger})
	if err != nil {
		return err
	}
	kinds := jobs.NewMux()
	if err := s.RegisterJobs(kinds); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- queue.Serve(ctx, kinds, jobs.ServeOptions{Workers: *workers, Observer: metrics}) }()
	err = s.Run(ctx, server.Listen{Address: *address, Ready: ready})
	return errors.Join(err, queue.Close(), <-served)
}
