package hub_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/quintet-ai/quintet/optimize/hub"
)

func ExampleFetch() {
	// A server with one file, in place of a public one.
	weights := []byte("pretend these are weights")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(weights))
	}))
	defer server.Close()
	models, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(models)

	dir, err := hub.Fetch(context.Background(), "owner/name", hub.FetchOptions{
		Endpoint: server.URL,
		Dir:      models,
		Files:    []string{"onnx/model.onnx"},
		SHA256: map[string]string{
			"onnx/model.onnx": "5f78c49f50a8ac981d37d8466e56c8cad7b870bfb00b3c45ca318c53c8d0eb29",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	m, err := hub.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	data, err := m.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", data)
	// Output: pretend these are weights
}
