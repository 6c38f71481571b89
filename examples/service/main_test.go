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
	"time"

	"github.com/stretchr/testify/require"
)

// serve runs the service on a directory and returns its URL and how to stop it.
func serve(t *testing.T, dir string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-address", "127.0.0.1:0", "-data", dir}, io.Discard, func(a net.Addr) { ready <- a.String() })
	}()
	select {
	case addr := <-ready:
		return "http://" + addr, func() { cancel(); require.NoError(t, <-ended) }
	case err := <-ended:
		cancel()
		require.NoError(t, err)
		return "", nil
	}
}

func ask(t *testing.T, method, url, body string) (status int, out map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

func TestServiceAnswersAndKeepsWhatItWasTold(t *testing.T) {
	dir := t.TempDir()
	url, stop := serve(t, dir)
	status, out := ask(t, "POST", url+"/api/v1/text/process", `{"text":"What a lovely day.","operations":["sentiment"]}`)
	require.Equal(t, 200, status)
	require.Positive(t, out["sentiment"].(map[string]any)["score"])
	status, _ = ask(t, "POST", url+"/api/v1/vector/upsert", `{"items":[{"id":"a","text":"a cat sat on the mat"}]}`)
	require.Equal(t, 200, status)
	status, job := ask(t, "POST", url+"/api/v1/batch/process", `{"operation_type":"text","items":["one","two"],"async":true}`)
	require.Equal(t, 202, status)
	where := "/api/v1/jobs/" + job["id"].(string)
	require.Eventually(t, func() bool {
		_, out := ask(t, "GET", url+where, "")
		return out["state"] == "done"
	}, 20*time.Second, 5*time.Millisecond)
	stop()

	url, stop = serve(t, dir)
	_, out = ask(t, "POST", url+"/api/v1/vector/search", `{"query":"cat"}`)
	require.Equal(t, "a", out["results"].([]any)[0].(map[string]any)["id"])
	_, out = ask(t, "GET", url+where, "")
	require.Equal(t, "done", out["state"], "the result is there after a restart")
	stop()
}

func TestServiceSaysWhatItWants(t *testing.T) {
	var help bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &help, nil), flag.ErrHelp)
	require.Contains(t, help.String(), "-address")
	require.Error(t, run(t.Context(), []string{"-address", "nowhere:x"}, io.Discard, nil))
}
