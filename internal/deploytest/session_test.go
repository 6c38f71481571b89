package deploytest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// session is a caller of the API.
type session struct {
	client     *http.Client
	url, token string
}

// ask sends JSON, and returns the status and what came back.
func (s session) ask(ctx context.Context, method, path, body string) (int, map[string]any, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		return resp.StatusCode, nil, fmt.Errorf("status %d: %.200s", resp.StatusCode, b)
	}
	return resp.StatusCode, out, nil
}

// must wants a status.
func (s session) must(t *testing.T, method, path, body string, want int) map[string]any {
	t.Helper()
	got, out, err := s.ask(t.Context(), method, path, body)
	require.NoError(t, err, "%s %s", method, path)
	require.Equal(t, want, got, "%s %s: %v", method, path, out)
	return out
}

func (s session) awaitDone(t *testing.T, job string) {
	t.Helper()
	await(t, "a job", func() bool {
		_, out, err := s.ask(t.Context(), "GET", "/api/v1/jobs/"+job, "")
		return err == nil && out["state"] == "done"
	})
}
