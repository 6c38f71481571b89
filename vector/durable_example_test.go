package vector_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/vector"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		c, err := vector.Open[string](dir, vector.Options{Dim: 2})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Len(), "items")
		err = c.Upsert(ctx,
			vector.Item[string]{ID: "north", Vector: []float32{0, 1}},
			vector.Item[string]{ID: "east", Vector: []float32{1, 0}})
		if err != nil {
			log.Fatal(err)
		}
		if err := c.Close(); err != nil {
			log.Fatal(err)
		}
	}
	_, err = vector.Open[string](dir, vector.Options{Dim: 3})
	fmt.Println(err != nil)
	// Output:
	// 0 items
	// 2 items
	// true
}

func ExampleCorruptError() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	c, err := vector.Open[int](dir, vector.Options{Dim: 1})
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Upsert(ctx, vector.Item[int]{ID: 1, Vector: []float32{1}}); err != nil {
		log.Fatal(err)
	}
	if err := c.Close(); err != nil {
		log.Fatal(err)
	}
	name := filepath.Join(dir, "00000000000000000001.log")
	data, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	data[100] ^= 4
	if err := os.WriteFile(name, data, 0o600); err != nil {
		log.Fatal(err)
	}

	_, err = vector.Open[int](dir, vector.Options{Dim: 1})
	var bad *vector.CorruptError
	if errors.As(err, &bad) {
		fmt.Println(filepath.Base(bad.File), bad.Offset, bad.Err)
	}
	// Output: 00000000000000000001.log 64 record 1: wrong checksum
}

func ExampleCollection_Backup() {
	ctx := context.Background()
	c, err := vector.New[int](vector.Options{Dim: 1, Metric: vector.L2})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		if err := c.Upsert(ctx, vector.Item[int]{ID: i, Vector: []float32{float32(i)}}); err != nil {
			log.Fatal(err)
		}
	}
	var backup bytes.Buffer
	if err := c.Backup(ctx, &backup); err != nil {
		log.Fatal(err)
	}
	if _, err := c.Delete(ctx, 0, 1); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Len())
	if err := c.Restore(ctx, &backup); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Len())
	// Output:
	// 1
	// 3
}

func ExampleImportJSONL() {
	ctx := context.Background()
	c, err := vector.New[string](vector.Options{Dim: 2, Metric: vector.Dot})
	if err != nil {
		log.Fatal(err)
	}
	file := `{"id": "a", "vector": [1, 2], "meta": {"lang": "en"}, "text": "one"}
{"id": "b", "vector": [3, 4]}
{"id": "c", "vector": [5]}
`
	n, err := vector.ImportJSONL(ctx, c, strings.NewReader(file), func(p vector.Progress) {
		fmt.Println("progress:", p.Items, "items")
	})
	fmt.Println(n, err)
	_, err = vector.ExportJSONL(os.Stdout, c.All(ctx), nil)
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// progress: 2 items
	// 2 vector.ImportJSONL: line 3: vector has 1 floats, want 2: invalid input
	// {"id":"a","vector":[1,2],"meta":{"lang":"en"},"text":"one"}
	// {"id":"b","vector":[3,4]}
}
