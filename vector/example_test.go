package vector_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/vector"
)

func ExampleCollection_Search() {
	ctx := context.Background()
	c, err := vector.New[string](vector.Options{Dim: 2, Metric: vector.Cosine})
	if err != nil {
		log.Fatal(err)
	}
	err = c.Upsert(ctx,
		vector.Item[string]{ID: "north", Vector: []float32{0, 1}, Meta: vector.Meta{"lang": "en"}},
		vector.Item[string]{ID: "nordost", Vector: []float32{1, 1}, Meta: vector.Meta{"lang": "de"}},
		vector.Item[string]{ID: "east", Vector: []float32{1, 0}, Meta: vector.Meta{"lang": "en"}})
	if err != nil {
		log.Fatal(err)
	}
	hits, err := c.Search(ctx, vector.Query{Vector: []float32{3, 4}, K: 10, Filter: vector.Eq("lang", "en")})
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hits {
		fmt.Printf("%s %.2f\n", h.ID, h.Score)
	}
	// Output:
	// north 0.80
	// east 0.60
}

func ExampleNewPipeline() {
	ctx := context.Background()
	c, err := vector.New[int](vector.Options{Dim: 1, Metric: vector.L2})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 100 {
		if err := c.Upsert(ctx, vector.Item[int]{ID: i, Vector: []float32{float32(i)}}); err != nil {
			log.Fatal(err)
		}
	}
	p, err := vector.NewPipeline(c, vector.PipelineOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	results, err := p.RunBatch(ctx, []vector.Query{
		{Vector: []float32{7.2}, K: 2},
		{Vector: []float32{50}, MaxDistance: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	for i, hits := range results {
		for _, h := range hits {
			fmt.Printf("query %d: %d at %.1f\n", i, h.ID, h.Distance)
		}
	}
	// Output:
	// query 0: 7 at 0.2
	// query 0: 8 at 0.8
	// query 1: 50 at 0.0
	// query 1: 49 at 1.0
	// query 1: 51 at 1.0
}

func ExampleFilter() {
	recent := vector.AtLeast("year", 2020)
	f := vector.And(recent, vector.Or(vector.Eq("lang", "en"), vector.In("tags", "translated", "subtitled")))

	ctx := context.Background()
	c, err := vector.New[string](vector.Options{Dim: 1})
	if err != nil {
		log.Fatal(err)
	}
	err = c.Upsert(ctx,
		vector.Item[string]{ID: "a", Vector: []float32{1}, Meta: vector.Meta{"year": 2024, "lang": "fr"}},
		vector.Item[string]{ID: "b", Vector: []float32{1}, Meta: vector.Meta{"year": 2021, "tags": []string{"subtitled"}}})
	if err != nil {
		log.Fatal(err)
	}
	hits, err := c.Search(ctx, vector.Query{Vector: []float32{1}, Filter: f})
	fmt.Println(len(hits), hits[0].ID, err)
	// Output: 1 b <nil>
}
