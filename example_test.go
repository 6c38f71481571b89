package quintet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// The bodies of these examples stand in README.md, word for word.

var ctx = context.Background()

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example_text() {
	body := "Chandra is a telescope in orbit. The telescope sees X-rays, and X-rays do not cross the air."
	p, err := text.New(text.Options{Tasks: text.TaskStats | text.TaskKeywords})
	check(err)
	r, err := p.Run(ctx, text.Document{ID: "note", Body: body})
	check(err)
	fmt.Println(r.Stats.Words, "words about", r.Keywords[0].Term)
	// Output: 19 words about telescope
}

func Example_vision() {
	data, err := os.ReadFile("examples/quickstart/samples/astronaut.jpg")
	check(err)
	p, err := vision.New(vision.Options{})
	check(err)
	r, err := p.Run(ctx, vision.Picture{ID: "astronaut.jpg", Data: data})
	check(err)
	fmt.Println(r.Properties.Width, r.Properties.Height, r.Colors[0].Color)
	// Output: 512 512 #c7bcb8
}

func Example_audio() {
	f, err := os.Open("examples/quickstart/samples/reading.wav")
	check(err)
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{})
	check(err)
	speech, err := clip.Mono().Resample(16000)
	check(err)
	fmt.Println(speech.Duration(), speech.Rate)
	// Output: 7.1s 16000
}

func Example_vector() {
	v, q := []float32{0, 1, 0}, []float32{0, 3, 4}
	c, err := vector.New[string](vector.Options{Dim: 3, Metric: vector.Cosine})
	check(err)
	check(c.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: v, Meta: vector.Meta{"lang": "en"}}))
	hits, err := c.Search(ctx, vector.Query{Vector: q, K: 10, Filter: vector.Eq("lang", "en")})
	check(err)
	fmt.Printf("%s %.1f\n", hits[0].ID, hits[0].Score)
	// Output: doc-1 0.6
}

func Example_graph() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("ada", "grace", 1)
	g, err := b.Build()
	check(err)
	ranks, err := graph.PageRank(ctx, g, graph.PageRankOptions{}) // ranks.Of("grace"), ranks.Top(10)
	check(err)
	fmt.Println(ranks.Top(1)[0].Node)
	// Output: grace
}

// It needs a model, so it is compiled and not run.
func Example_model() {
	m, err := optimize.OpenModel("all-MiniLM-L6-v2") // a folder with model.onnx and tokenizer.json
	check(err)
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: m}) // runs in pure Go
	check(err)
	v, err := e.Run(ctx, "a sentence")
	check(err)
	fmt.Println(len(v))
}

// It needs the ONNX Runtime library, so it is compiled and not run.
func Example_backends() {
	native, err := optimize.NewNative(optimize.NativeOptions{})
	check(err)
	ort, err := onnx.New(onnx.Options{Devices: []string{"cuda:0", "cpu"}}) // finds the library and checks its version
	check(err)
	rt, err := optimize.New(optimize.Options{Backend: optimize.Prefer(native, ort), MemoryBudget: 2 << 30})
	check(err)
	fmt.Println(rt.Workers())
}

func ExampleItemErrors() {
	p, err := text.New(text.Options{MaxBytes: 20})
	check(err)
	defer p.Close()
	docs := []text.Document{{ID: "a", Body: "Short."}, {ID: "b", Body: "Much longer than it may be."}}

	results, err := p.RunBatch(ctx, docs) // len(results) == len(docs), always
	for i, err := range quintet.ItemErrors(err) {
		fmt.Println(docs[i].ID, errors.Is(err, quintet.ErrInput), err)
	}
	fmt.Println(len(results[0].Sentences), "sentence in the other one")
	// Output:
	// b true text.RunBatch [1]: body has 27 bytes, limit 20: invalid input
	// 1 sentence in the other one
}
