package server_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
)

// lists calls f with the JSON path of every list that the answers of a type always have.
func lists(t reflect.Type, path string, f func(path string)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, opts, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		if field.Type.Kind() == reflect.Slice && field.Type != reflect.TypeFor[json.RawMessage]() && !strings.Contains(opts, "omit") {
			f(at)
		}
		if !strings.HasPrefix(path, at) {
			lists(field.Type, at, f)
		}
	}
}

// scalar is a model of one number, whose shape is empty.
type scalar struct{ double }

func (scalar) Inputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "x", DType: optimize.Uint8}}
}

func (s scalar) Outputs() []optimize.TensorInfo { return s.Inputs() }

func (scalar) Run(_ context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	return []optimize.Tensor{in[0].Clone()}, nil
}

// Clients that go through a list need one where there is nothing as well.
func TestEmptyListsAreLists(t *testing.T) {
	p := full(t)
	p.Models = map[string]optimize.Session{"scalar": scalar{}}
	p.Transcriber = spoken{}
	s := serve(t, p, server.Options{NoRate: true})
	bare := serve(t, server.Pipelines{Jobs: p.Jobs}, server.Options{})
	file := wav(t, 0)
	answers := map[string]string{
		"GET /{$}":                          ask(bare, "GET", "/", "").Body.String(),
		"GET /v1/models":                    ask(bare, "GET", "/v1/models", "").Body.String(),
		"GET /api/v1/jobs":                  ask(s, "GET", "/api/v1/jobs", "").Body.String(),
		"GET /api/v1/system/info":           ask(s, "GET", "/api/v1/system/info", "").Body.String(),
		"GET /v2":                           ask(s, "GET", "/v2", "").Body.String(),
		"GET /v2/models/{model}":            ask(s, "GET", "/v2/models/scalar", "").Body.String(),
		"POST /v2/models/{model}/infer":     ask(s, "POST", "/v2/models/scalar/infer", `{"inputs":[{"name":"x","datatype":"UINT8","shape":[],"data":[1]}]}`).Body.String(),
		"POST /api/v1/vector/search":        ask(s, "POST", "/api/v1/vector/search", `{"query":"a"}`).Body.String(),
		"POST /api/v1/text/process":         ask(s, "POST", "/api/v1/text/process", `{"text":"","operations":["all"]}`).Body.String(),
		"POST /api/v1/graph/process":        ask(s, "POST", "/api/v1/graph/process", `{"edges":[],"operations":["all"]}`).Body.String(),
		"POST /api/v1/batch/process":        ask(s, "POST", "/api/v1/batch/process", `{"operation_type":"text","items":[""]}`).Body.String(),
		"POST /api/v1/optimize/performance": ask(s, "POST", "/api/v1/optimize/performance", `{}`).Body.String(),
		"POST /v1/rerank":                   ask(s, "POST", "/v1/rerank", `{"query":"a","documents":["b"]}`).Body.String(),
		"POST /v1/embeddings":               ask(s, "POST", "/v1/embeddings", `{"input":"a"}`).Body.String(),
		"POST /v1/audio/transcriptions":     form(s, "/v1/audio/transcriptions", file, "response_format", "verbose_json").Body.String(),
		"POST /api/v1/image/process":        ask(s, "POST", "/api/v1/image/process?operations=all", string(picture(t)), "Content-Type", "image/png").Body.String(),
		"POST /api/v1/audio/process":        ask(s, "POST", "/api/v1/audio/process?operations=all", string(wav(t, 0.01)), "Content-Type", "audio/wav").Body.String(),
	}
	for name, body := range answers {
		require.NotContains(t, body, "null", name)
		require.NotRegexp(t, `"code":"|"error":`, body, name)
	}
	for name, zero := range s.ResponseTypes() {
		if strings.Contains(name, "/versions/") || strings.Contains(name, "in pieces") || strings.Contains(name, "/stream") {
			continue // as another route
		}
		lists(reflect.TypeOf(zero), "", func(path string) {
			require.NotEmpty(t, answers[name], "%s is not asked for and always has the list %s", name, path)
		})
	}
}
