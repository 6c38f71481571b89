package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
)

// record keeps what is logged.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

// lines returns the values of a field in the order of the log, of records that have it.
func (r *record) lines(field string) (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.b.String()) {
		var m map[string]any
		if json.Unmarshal([]byte(line), &m) == nil && m[field] != nil {
			out = append(out, fmt.Sprint(m[field]))
		}
	}
	return out
}

// ports returns ports of this machine that are free.
func ports(t *testing.T, n int) []string {
	t.Helper()
	out := make([]string, n)
	for i := range out {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		_, out[i], err = net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
	}
	return out
}

// service is a running quintetd.
type service struct {
	api, monitoring string // URLs
	log             *record
	stop            func() error
}

// start runs a command until stop is called or the test ends.
func start(t *testing.T, command string, environ ...string) service {
	t.Helper()
	p := ports(t, 2)
	ctx, cancel := context.WithCancel(context.Background())
	s := service{api: "http://127.0.0.1:" + p[0], monitoring: "http://127.0.0.1:" + p[1], log: &record{}}
	environ = append([]string{
		"API_PORT=" + p[0], "MONITORING_PORT=" + p[1], "STORAGE_PATH=" + filepath.Join(t.TempDir(), "data"), "HEALTH_CHECK_INTERVAL=1s",
	}, environ...)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{command, "-drain", "0s"}, environ, io.Discard, s.log) }()
	s.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = s.stop() })
	require.Eventually(t, func() bool { return s.get(s.monitoring+"/healthz") == http.StatusOK }, 30*time.Second, 5*time.Millisecond)
	return s
}

// get returns the status of an answer, 0 if there is none.
func (s service) get(url string) int {
	resp, err := http.Get(url)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func (s service) ready(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return s.get(s.api+"/readyz") == http.StatusOK }, 30*time.Second, 5*time.Millisecond)
}

// ask sends JSON and returns what comes back.
func (s service) ask(t *testing.T, method, path, token, body string) (status int, out map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.api+path, strings.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

func TestOneProcessAnswersWorksAndEndsInOrder(t *testing.T) {
	s := start(t, "all")
	s.ready(t)
	for path, body := range map[string]string{
		"/api/v1/text/process":  `{"text":"What a lovely day.","operations":["sentiment"]}`,
		"/api/v1/graph/process": `{"edges":[{"from":"a","to":"b"}]}`,
		"/api/v1/vector/upsert": `{"items":[{"id":"a","text":"a cat sat on the mat"}]}`,
		"/api/v1/vector/search": `{"query":"cat"}`,
		"/v1/embeddings":        `{"model":"quintet-lexical","input":["a cat","a cat"]}`,
	} {
		status, out := s.ask(t, "POST", path, "", body)
		require.Equal(t, 200, status, "%s: %v", path, out)
	}
	status, job := s.ask(t, "POST", "/api/v1/jobs", "", `{"kind":"text","args":{"text":"a b"}}`)
	require.Equal(t, 202, status, job)
	require.Eventually(t, func() bool {
		_, out := s.ask(t, "GET", "/api/v1/jobs/"+job["id"].(string), "", "")
		return out["state"] == "done"
	}, 30*time.Second, 5*time.Millisecond)
	require.Equal(t, 200, s.get(s.monitoring+"/metrics"))
	require.Equal(t, 200, s.get(s.monitoring+"/dashboard/"))
	require.NoError(t, s.stop())
	require.Equal(t, []string{"dashboard", "dashboard", "audit", "alerts", "health", "jobs", "vectors", "embedder"}, s.log.lines("part"))
}

func TestWhoHasNoTokenIsRefused(t *testing.T) {
	secret := []string{"SECRET_KEY=mV3xQ9rT7bK1sW5zN8cH2dF6gJ4pL0yA", "AUTH_ENABLED=true", "ENVIRONMENT=production"}
	s := start(t, "all", secret...)
	s.ready(t)
	var token bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"token", "-subject", "ann", "-roles", "user"}, secret, &token, io.Discard))
	body := `{"text":"one two"}`
	status, _ := s.ask(t, "POST", "/api/v1/text/process", "", body)
	require.Equal(t, 401, status)
	status, _ = s.ask(t, "POST", "/api/v1/text/process", strings.TrimSpace(token.String()), body)
	require.Equal(t, 200, status)
	require.NoError(t, s.stop())
}

func TestProcessWithoutWhatItNeedsListensAndIsNotReady(t *testing.T) {
	for name, tt := range map[string]struct{ command, environ string }{
		"worker without Redis":          {"worker", "REDIS_URL=redis://127.0.0.1:1/"},
		"monitor without Redis":         {"monitor", "REDIS_URL=redis://127.0.0.1:1/"},
		"everything without PostgreSQL": {"all", "DATABASE_URL=postgres://127.0.0.1:1/"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, tt.command, tt.environ)
			require.Eventually(t, func() bool { return s.get(s.monitoring+"/readyz") == 503 }, 30*time.Second, 5*time.Millisecond)
			environ := "MONITORING_PORT=" + s.monitoring[strings.LastIndex(s.monitoring, ":")+1:]
			require.ErrorIs(t, run(t.Context(), []string{"ready"}, []string{environ}, io.Discard, io.Discard), quintet.ErrBusy)
			require.NoError(t, s.stop())
		})
	}
	s := start(t, "all")
	s.ready(t)
	environ := "MONITORING_PORT=" + s.monitoring[strings.LastIndex(s.monitoring, ":")+1:]
	require.NoError(t, run(t.Context(), []string{"ready"}, []string{environ}, io.Discard, io.Discard))
}

func TestCommandsThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		args, environ []string
		want          error
	}{
		"no command":               {nil, nil, flag.ErrHelp},
		"help":                     {[]string{"-h"}, nil, flag.ErrHelp},
		"help of a command":        {[]string{"serve", "-h"}, nil, flag.ErrHelp},
		"unknown command":          {[]string{"dance"}, nil, quintet.ErrOption},
		"worker without Redis":     {[]string{"worker"}, []string{"STORAGE_PATH=" + t.TempDir()}, quintet.ErrOption},
		"settings":                 {[]string{"serve"}, []string{"API_PORT=0"}, quintet.ErrOption},
		"weak in production":       {[]string{"serve"}, []string{"ENVIRONMENT=production"}, quintet.ErrOption},
		"no such file":             {[]string{"serve", "-config", "nowhere.yml"}, nil, os.ErrNotExist},
		"storage of others":        {[]string{"serve"}, []string{"STORAGE_TYPE=s3", "STORAGE_BUCKET=b"}, quintet.ErrUnsupported},
		"URL of another":           {[]string{"serve"}, []string{"REDIS_URL=http://localhost"}, quintet.ErrOption},
		"URL without host":         {[]string{"serve"}, []string{"DATABASE_URL=quintet"}, quintet.ErrOption},
		"ready without service":    {[]string{"ready"}, []string{"MONITORING_PORT=1"}, syscall.ECONNREFUSED},
		"token without key":        {[]string{"token", "-subject", "a"}, nil, quintet.ErrOption},
		"public key that is none":  {[]string{"serve"}, []string{"STORAGE_PATH=" + t.TempDir(), "AUTH_ENABLED=1", "ALGORITHM=ES256", "JWT_PUBLIC_KEY=x"}, quintet.ErrOption},
		"port that is not for us":  {[]string{"all"}, []string{"STORAGE_PATH=" + t.TempDir(), "API_HOST=192.0.2.1"}, nil},
		"certificate that is none": {[]string{"all"}, []string{"STORAGE_PATH=" + t.TempDir(), "MONITORING_ENABLED=0", "API_TLS_CERT=/a", "API_TLS_KEY=/b"}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), tt.args, tt.environ, io.Discard, io.Discard)
			require.Error(t, err)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
		})
	}
}

func TestCheckPrintsATable(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"check"}, []string{"STORAGE_PATH=" + dir}, &out, io.Discard))
	require.Regexp(t, `settings +ok +development\nstorage +ok`, out.String())
	for name, tt := range map[string]struct {
		environ []string
		want    string
	}{
		"several settings":    {[]string{"API_PORT=0", "BATCH_SIZE=-1"}, `(?s)settings +failed +API_PORT.*settings +failed +BATCH_SIZE`},
		"Redis is away":       {[]string{"REDIS_URL=redis://:secret@127.0.0.1:1"}, `redis +failed`},
		"PostgreSQL is away":  {[]string{"DATABASE_URL=postgres://u:secret@127.0.0.1:1/x"}, `database +failed`},
		"storage is no dir":   {[]string{"STORAGE_PATH=" + filepath.Join(write(t, "x"), "y")}, `storage +failed`},
		"no certificate":      {[]string{"API_TLS_CERT=/a", "API_TLS_KEY=/b"}, `certificate +failed`},
		"key for a signature": {[]string{"AUTH_ENABLED=1", "ALGORITHM=RS256", "JWT_PUBLIC_KEY=x"}, `tokens +failed`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), []string{"check"}, append([]string{"STORAGE_PATH=" + dir}, tt.environ...), &out, io.Discard)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.Regexp(t, tt.want, out.String())
			require.NotContains(t, out.String(), "secret")
		})
	}
}

// write makes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestURLsStandForVariables(t *testing.T) {
	c, err := load("", []string{"REDIS_HOST=old", "REDIS_URL=rediss://:p%40ss@r.example:6390/3", "DATABASE_URL=postgres://ann:pw@d.example/shop?sslmode=require"})
	require.NoError(t, err)
	require.Equal(t, "r.example:6390", address(c.Redis))
	require.Equal(t, "p@ss", c.Redis.Password.Reveal())
	require.Equal(t, 3, c.Redis.DB)
	require.True(t, c.Redis.TLS)
	require.Equal(t, "postgres://ann:pw@d.example:5432/shop?sslmode=require", c.Database.URL().Reveal())
}
