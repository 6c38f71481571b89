package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/text"
)

var sample = strings.Repeat("The orchestra played a wonderful concert in Vienna last night. ", 9)

// BenchmarkText is a text through the server, through a bare handler of the same mux,
// and without HTTP.
func BenchmarkText(b *testing.B) {
	p, err := text.New(text.Options{Tasks: text.TaskStats | text.TaskSentiment | text.TaskKeywords})
	require.NoError(b, err)
	defer p.Close()
	body, err := json.Marshal(server.TextRequest{Text: sample, Operations: []string{"statistics", "sentiment", "keywords"}})
	require.NoError(b, err)
	bare := http.NewServeMux()
	bare.HandleFunc("POST /api/v1/text/process", func(w http.ResponseWriter, r *http.Request) {
		var q server.TextRequest
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return
		}
		out, err := p.Run(r.Context(), text.Document{Body: q.Text})
		if err == nil {
			_ = json.NewEncoder(w).Encode(out)
		}
	})
	full := serve(b, server.Pipelines{Text: &text.Options{}}, server.Options{NoRate: true})
	for name, h := range map[string]http.Handler{"bare": bare, "server": full} {
		b.Run("handler="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/api/v1/text/process", strings.NewReader(string(body)))
				r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
	b.Run("handler=none", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Run(b.Context(), text.Document{Body: sample}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEmbeddings is a vector of 384 floats, as numbers and as base64.
func BenchmarkEmbeddings(b *testing.B) {
	e, err := text.NewEmbedder(text.EmbedderOptions{})
	require.NoError(b, err)
	defer e.Close()
	s := serve(b, server.Pipelines{Embedder: e}, server.Options{NoRate: true})
	for _, format := range []string{"float", "base64"} {
		b.Run("format="+format, func(b *testing.B) {
			for b.Loop() {
				if w := ask(s, "POST", "/v1/embeddings", `{"model":"quintet-lexical","input":"a cat","encoding_format":"`+format+`"}`); w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
	b.Run("format=none", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Run(b.Context(), "a cat"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
