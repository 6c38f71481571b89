package docs_test

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/quintet-ai/quintet/vector"
)

func Example_vectorSearch() {
	dir, err := os.MkdirTemp("", "vectors")
	check(err)
	defer os.RemoveAll(dir)
	c, err := vector.Open[string](dir, vector.Options{Dim: 3, Metric: vector.Cosine}) // or New, in memory
	check(err)
	check(c.Upsert(ctx,
		vector.Item[string]{ID: "tide", Vector: []float32{1, 0, 0}, Meta: vector.Meta{"lang": "en", "year": 2024}},
		vector.Item[string]{ID: "ebbe", Vector: []float32{1, 1, 0}, Meta: vector.Meta{"lang": "de", "year": 2026}},
	))
	recent := vector.And(vector.AtLeast("year", 2025), vector.Not(vector.Eq("lang", "en")))
	hits, err := c.Search(ctx, vector.Query{Vector: []float32{1, 0.2, 0}, K: 10, Filter: recent})
	check(err)
	fmt.Println(len(hits), hits[0].ID)
	check(c.Close())
	// Output: 1 ebbe
}

func Example_vectorHybrid() {
	c, err := vector.New[string](vector.Options{Dim: 2, TextIndex: true})
	check(err)
	check(c.Upsert(ctx,
		vector.Item[string]{ID: "manual", Vector: []float32{1, 0.1}, Text: "How to reset the device."},
		vector.Item[string]{ID: "error", Vector: []float32{0.2, 1}, Text: "Error E42: the pump is blocked."},
	))
	hits, err := c.Search(ctx, vector.Query{Vector: []float32{0.8, 0.6}, Text: "what is E42", TextWeight: 2})
	check(err)
	fmt.Println(hits[0].ID)
	// Output: error
}

func Example_vectorRecall() {
	c, err := vector.New[int](vector.Options{Dim: 2, Metric: vector.L2})
	check(err)
	for i := range 500 {
		check(c.Upsert(ctx, vector.Item[int]{ID: i, Vector: []float32{float32(i % 25), float32(i / 25)}}))
	}
	check(c.Compact(ctx)) // the graph is built in the background; this waits
	recall, err := c.Recall(ctx, 100)
	check(err)
	fmt.Println(recall > 0.95)
	// Output: true
}

func Example_vectorOpen() {
	dir, err := os.MkdirTemp("", "vectors")
	check(err)
	defer os.RemoveAll(dir)
	var backup bytes.Buffer
	c, err := vector.Open[string](dir, vector.Options{Dim: 384, Sync: vector.SyncEvery, SyncInterval: 50 * time.Millisecond})
	check(err)
	check(c.Backup(ctx, &backup)) // while it is used; Restore reads it
	check(c.Close())
}

func Example_vectorTenants() {
	ts, err := vector.NewTenants[string](vector.TenantsOptions{Collection: vector.Options{Dim: 2}}) // or OpenTenants
	check(err)
	check(ts.Use(ctx, "Ann & Co.", func(c *vector.Collection[string]) error {
		return c.Upsert(ctx, vector.Item[string]{ID: "letter", Vector: []float32{1, 1}})
	}))
	names, err := ts.Names(ctx)
	check(err)
	fmt.Println(names)
	// Output: [Ann & Co.]
}

func Example_vectorFanout() {
	var shards []vector.Store[string]
	for range 4 {
		c, err := vector.New[string](vector.Options{Dim: 2})
		check(err)
		shards = append(shards, c)
	}
	all, err := vector.NewFanout(ctx, shards...) // any Store: a collection, a server
	check(err)
	check(all.Upsert(ctx, vector.Item[string]{ID: "north", Vector: []float32{0, 1}}))
	hits, err := all.Search(ctx, vector.Query{Vector: []float32{1, 5}, K: 2})
	check(err)
	fmt.Println(hits[0].ID)
	// Output: north
}
