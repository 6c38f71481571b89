package server_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
)

// No filter that JSON can write breaks the parser or the search, and the answer is a
// result or an error of the caller.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		`{"a":"b"}`, `{"a":{"gte":1,"lte":2}}`, `{"$or":[{"a":1},{"b":true}]}`, `{"$not":{"a":{"in":["x",1]}}}`,
		`{"a":{"exists":false}}`, `{"a":{"eq":{"eq":1}}}`, `{"$and":[]}`, `{"a":{"gte":2,"lte":1}}`,
	} {
		f.Add(s)
	}
	s := serve(f, full(f), server.Options{NoRate: true})
	if w := ask(s, "POST", "/api/v1/vector/upsert", `{"items":[{"id":"1","text":"a cat","meta":{"a":"b"}}]}`); w.Code != 200 {
		f.Fatal(w.Body)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		if !json.Valid([]byte(filter)) || !strings.HasPrefix(filter, "{") {
			return
		}
		w := ask(s, "POST", "/api/v1/vector/search", `{"query":"cat","filter":`+filter+`}`)
		require.Contains(t, []int{200, 400}, w.Code, "%s", w.Body)
	})
}

// No body of an inference breaks the server.
func FuzzInfer(f *testing.F) {
	f.Add(`{"inputs":[{"name":"n","datatype":"UINT8","shape":[1],"data":[1]},{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`)
	f.Add(`{"inputs":[{"name":"n","datatype":"UINT8","shape":[-1],"data":[[[]]]}]}`)
	s := serve(f, full(f), server.Options{NoRate: true})
	f.Fuzz(func(t *testing.T, body string) {
		w := ask(s, "POST", "/v2/models/double/infer", body)
		require.Contains(t, []int{200, 400, 413, 422}, w.Code, "%s", w.Body)
	})
}

// What is read without reflection is what encoding/json reads.
func FuzzTextRequest(f *testing.F) {
	for _, s := range []string{
		`{"text":"a"}`, ` { "id" : "1" , "text":"a\n\"b\\\/\b\f\r\t", "operations":["x", "y"] } `, `{"operations":[]}`, `{}`, `{"text":"a","text":"b"}`,
		`{"Text":"a"}`, `{"text":"\u00e9"}`, `{"text":"é"}`, `{"text":null}`, `{"operations":null}`, `{"text":"a"}x`, `{"text":"a",}`, `{"operations":["a",]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var quick, slow server.TextRequest
		if !utf8.Valid(b) || !quick.ParseQuickly(b) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&slow))
		require.False(t, d.More())
		require.Equal(t, slow, quick)
	})
}

func TestTextsAreReadQuickly(t *testing.T) {
	var q server.TextRequest
	require.True(t, q.ParseQuickly([]byte(`{"text":"one\ntwo \"three\"","operations":["stats"]}`)))
	require.Equal(t, server.TextRequest{Text: "one\ntwo \"three\"", Operations: []string{"stats"}}, q)
	require.False(t, q.ParseQuickly([]byte(`{"text":"\u00e9"}`)), "that is for encoding/json")
}
