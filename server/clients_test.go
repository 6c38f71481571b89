package server_test

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
)

// bearer takes one token for that of an administrator.
func bearer(token string) auth.Authenticator {
	return auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case !ok:
			return auth.Principal{}, auth.ErrNoCredentials
		case subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 0:
			return auth.Principal{}, auth.ErrDenied
		}
		return auth.Principal{Subject: "ann", Roles: []string{auth.RoleAdmin}, Method: "bearer"}, nil
	})
}

// command runs a program, which must succeed, and returns what it prints. Without the
// program the test is skipped.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("no " + name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, path, args...)
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.Output()
	require.NoError(t, err, "%s%s", out, complaint.String())
	return string(out)
}

// clients is the folder that testdata/install.sh fills.
func clients(t *testing.T, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	folder := filepath.Join(cache, "quintet-test", "clients")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", name)); err != nil {
		t.Skip("no client " + name + ": sh server/testdata/install.sh brings it")
	}
	return folder
}

func TestTheOpenAIClientWorksUnmodified(t *testing.T) {
	folder := clients(t, "openai")
	p := full(t)
	p.Transcriber, p.Translator = spoken{language: "en"}, spoken{language: "de", translate: true}
	web := httptest.NewServer(serve(t, p, server.Options{Auth: bearer("secret")}))
	defer web.Close()
	sound := filepath.Join(t.TempDir(), "sound.wav")
	require.NoError(t, os.WriteFile(sound, wav(t, 1.5), 0o600))
	type failure struct {
		Class, Code, Type, Message, RequestID string
		Status                                int
	}
	var got struct {
		Version, Base64 string
		Lengths         [][]int
		Worst           float64
		Usage           server.Usage
		Models          []string
		Errors          map[string]failure
		Speech          struct {
			JSON, Text, SRT, VTT, Translation string
			Verbose                           []any
			Deltas                            []string
			Done                              server.TranscriptionEvent
			Error                             failure
		}
	}
	out := command(t, "node", "testdata/openai.mjs", folder, web.URL, "secret", sound)
	require.NoError(t, json.Unmarshal([]byte(out), &got), out)
	t.Log("openai", got.Version)
	require.Equal(t, [][]int{{384, 384}, {384, 384}}, got.Lengths)
	require.Zero(t, got.Worst, "base64 and numbers are the same vector")
	require.Equal(t, "string", got.Base64)
	require.Equal(t, server.Usage{PromptTokens: 4, TotalTokens: 4}, got.Usage)
	require.Equal(t, []string{"quintet-lexical", "double", "whisper-1"}, got.Models)
	const said = "second 0. second 1."
	require.Equal(t, []string{said, said + "\n", said}, []string{got.Speech.JSON, got.Speech.Text, got.Speech.Translation})
	require.Contains(t, got.Speech.SRT, "2\n00:00:01,000 --> 00:00:01,500\nsecond 1.")
	require.True(t, strings.HasPrefix(got.Speech.VTT, "WEBVTT\n"), got.Speech.VTT)
	require.Equal(t, []any{"en", 1.5, 2., "second 0. second 1."}, got.Speech.Verbose)
	require.Equal(t, []string{"second 0.", " second 1."}, got.Speech.Deltas)
	require.Equal(t, said, got.Speech.Done.Text)
	require.Equal(t, server.TranscriptionUsage{Type: "duration", Seconds: 1.5}, *got.Speech.Done.Usage)
	require.Equal(t, 404, got.Speech.Error.Status)
	for name, want := range map[string]failure{
		"model":  {Class: "NotFoundError", Status: 404, Code: "not_found"},
		"input":  {Class: "BadRequestError", Status: 400, Code: "input"},
		"tokens": {Class: "UnprocessableEntityError", Status: 422, Code: "unsupported"},
		"key":    {Class: "AuthenticationError", Status: 401, Code: "unauthenticated"},
	} {
		e := got.Errors[name]
		require.Equal(t, []any{want.Class, want.Status, want.Code, "invalid_request_error"}, []any{e.Class, e.Status, e.Code, e.Type}, name)
		require.NotEmpty(t, e.Message, name)
		require.Len(t, e.RequestID, 26, name)
	}
}

func TestCurlSpeaksTheOpenInferenceProtocol(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl")
	}
	web := httptest.NewServer(serve(t, full(t), server.Options{Auth: bearer("secret")}))
	defer web.Close()
	require.Equal(t, "as the protocol says\n", command(t, "sh", "testdata/kserve.sh", web.URL, "secret"))
}

// freePort returns a port that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func TestPrometheusScrapesWithAToken(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus")
	}
	figures := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprint(w, "# HELP quintet_answer The answer.\n# TYPE quintet_answer gauge\nquintet_answer 42\n")
	})
	web := httptest.NewServer(serve(t, full(t), server.Options{Auth: bearer("secret"), Metrics: figures}))
	defer web.Close()
	dir := t.TempDir()
	config := fmt.Sprintf(`
global: {scrape_interval: 100ms}
scrape_configs:
- job_name: quintet
  authorization: {credentials: secret}
  static_configs: [{targets: [%q]}]
`, strings.TrimPrefix(web.URL, "http://"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	addr := freePort(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, program, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	require.NoError(t, c.Start())
	defer func() {
		cancel()
		_ = c.Wait() // it was killed
	}()
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + addr + "/api/v1/query?query=" + url.QueryEscape(`quintet_answer{job="quintet"}`))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return err == nil && strings.Contains(string(body), `"42"]`)
	}, 30*time.Second, 50*time.Millisecond)
}
