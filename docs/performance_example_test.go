package docs_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

func Example_performanceObserve() {
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	check(err)
	rt, err := optimize.New(optimize.Options{Observer: metrics})
	check(err)
	p, err := text.New(text.Options{Runtime: rt})
	check(err)
	_, err = p.Run(ctx, text.Document{Body: "Measured."})
	check(err)
	for _, m := range metrics.Snapshot().Pipelines {
		fmt.Println(m.Pipeline, m.Op, m.Calls)
	}
	// Output: text Run 1
}

func Example_performanceBatch() {
	var documents []string
	var m optimize.Model
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: m, WarmUp: time.Second})
	check(err)
	vectors, err := e.RunBatch(ctx, documents) // groups by length, keeps the order
	check(err)
	fmt.Println(len(vectors))
}

func Example_performanceCache() {
	e, err := text.NewEmbedder(text.EmbedderOptions{})
	check(err)
	question := "who writes the log"
	cache, err := optimize.NewCache(optimize.CacheOptions[string, []float32]{
		Bytes: 256 << 20, TTL: time.Hour,
		Cost: func(k string, v []float32) int64 { return int64(len(k) + 4*len(v)) },
	})
	check(err)
	v, err := cache.Do(ctx, question, func(ctx context.Context) ([]float32, error) { return e.Run(ctx, question) })
	check(err)
	fmt.Println(len(v), cache.Stats().Loads)
	// Output: 384 1
}
