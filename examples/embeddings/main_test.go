package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serve runs the service until the test ends and returns its URL.
func serve(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-address", "127.0.0.1:0"}, io.Discard, func(a net.Addr) { ready <- a.String() })
	}()
	select {
	case addr := <-ready:
		t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
		return "http://" + addr
	case err := <-ended:
		cancel()
		require.NoError(t, err)
		return ""
	}
}

func call(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestTheAppHasItsRouteAndTheNewOnes(t *testing.T) {
	url := serve(t)
	status, answer := call(t, "GET", url+"/hello", "")
	require.Equal(t, 200, status)
	require.Equal(t, "hello\n", answer)

	status, answer = call(t, "POST", url+"/embed", `"a cat sat on the mat"`)
	require.Equal(t, 200, status, answer)
	var v []float32
	require.NoError(t, json.Unmarshal([]byte(answer), &v))
	require.Len(t, v, 384)

	status, answer = call(t, "POST", url+"/v1/embeddings", `{"input":["a cat sat on the mat","a dog"],"model":"quintet-lexical"}`)
	require.Equal(t, 200, status, answer)
	var all struct {
		Data []struct {
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &all))
	require.Len(t, all.Data, 2)
	require.Equal(t, v, all.Data[0].Embedding, "both routes give one vector")
}

func TestErrorsTellWhatIsWrong(t *testing.T) {
	url := serve(t)
	status, answer := call(t, "POST", url+"/embed", `{"text":"an object"}`)
	require.Equal(t, 400, status)
	require.Contains(t, answer, `"code":"input"`)
	status, answer = call(t, "POST", url+"/v1/embeddings", `{"input":"a cat","model":"no-such-model"}`)
	require.Equal(t, 404, status, answer)
	require.Contains(t, answer, `"error"`)

	var help bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &help, nil), flag.ErrHelp)
	require.Contains(t, help.String(), "-model")
	require.Error(t, run(t.Context(), []string{"-model", t.TempDir()}, io.Discard, nil))
	require.Error(t, run(t.Context(), []string{"-address", "nowhere:x"}, io.Discard, nil))
}
