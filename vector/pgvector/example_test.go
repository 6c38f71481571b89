package pgvector_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := pgvector.Open[string](ctx, pgvector.Options{URL: "postgres:///shop", Dim: 3, MetaIndex: true})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	ann, err := store.Tenant("ann")
	if err != nil {
		log.Fatal(err)
	}
	err = ann.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: []float32{1, 0, 0}, Meta: vector.Meta{"lang": "en"}})
	if err != nil {
		log.Fatal(err)
	}
	hits, err := ann.Search(ctx, vector.Query{Vector: []float32{1, 1, 0}, Filter: vector.Eq("lang", "en")})
	fmt.Println(hits, err)
}
