package docs_test

import (
	"fmt"
	"image"
	"os"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision/filters"
)

func Example_migrationHugot() {
	m, err := optimize.OpenModel("models/distilbert-sst2")
	check(err)
	c, err := text.NewClassifier(text.ClassifierOptions{Model: m})
	check(err)
	labels, err := c.Run(ctx, "What a lovely day.")
	check(err)
	fmt.Println(labels[0].Label, labels[0].Score)
}

func Example_migrationCoderSearch() {
	c, err := vector.New[string](vector.Options{Dim: 2, Metric: vector.Cosine})
	check(err)
	check(c.Upsert(ctx,
		vector.Item[string]{ID: "a", Vector: []float32{1, 0}},
		vector.Item[string]{ID: "b", Vector: []float32{0, 1}},
	))
	near, err := c.Search(ctx, vector.Query{Vector: []float32{1, 0.2}, K: 1})
	check(err)
	fmt.Println(near[0].ID)
	// Output: a
}

func Example_migrationChromem() {
	dir, err := os.MkdirTemp("", "notes")
	check(err)
	defer os.RemoveAll(dir)
	e, err := text.NewEmbedder(text.EmbedderOptions{}) // or a model of yours
	check(err)
	c, err := vector.Open[string](dir, vector.Options{Dim: e.Dim(), TextIndex: true})
	check(err)
	body := "The tide turns twice a day."
	v, err := e.Run(ctx, body)
	check(err)
	check(c.Upsert(ctx, vector.Item[string]{ID: "tide", Vector: v, Text: body, Meta: vector.Meta{"lang": "en"}}))

	question := "when does the tide turn"
	v, err = e.Run(ctx, question)
	check(err)
	hits, err := c.Search(ctx, vector.Query{Vector: v, Text: question, K: 1, Filter: vector.Eq("lang", "en")})
	check(err)
	fmt.Println(hits[0].ID)
	check(c.Close())
	// Output: tide
}

func Example_migrationImagingFilters() {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	soft, err := filters.Blur(img, 1.5)
	check(err)
	bright, err := filters.Adjust(soft, filters.Adjustment{Brightness: 10, Contrast: 20, Saturation: -30})
	check(err)
	fmt.Println(bright.Bounds().Size())
	// Output: (8,8)
}

func Example_migrationGonumPaths() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("a", "b", 1)
	b.AddEdge("b", "c", 2)
	g, err := b.Build()
	check(err)
	way, err := graph.ShortestPath(ctx, g, "a", "c", graph.ShortestPathOptions{})
	check(err)
	fmt.Println(way.Nodes, way.Length)
	// Output: [a b c] 3
}
