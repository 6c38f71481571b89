package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
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

func TestExplorerIsForDevelopmentOnly(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	w := ask(s, "GET", "/docs", "")
	require.Equal(t, 200, w.Code)
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'sha256-")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, w.Body.String(), "http", "nothing comes from elsewhere")
	require.NotRegexp(t, `<[^>]+\s(on\w+|style)=`, w.Body.String(), "no inline handlers and styles")
	s = serve(t, full(t), server.Options{Production: true, Auth: auth.Anonymous()})
	require.Equal(t, 404, ask(s, "GET", "/docs", "").Code)
	require.NotContains(t, ask(s, "GET", "/openapi.json", "").Body.String(), "/docs")
}

func TestABrowserListsTheRoutes(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	s := serve(t, full(t), server.Options{Version: "<b>v1</b>"})
	web := httptest.NewServer(s)
	defer web.Close()
	run := func(flags ...string) (dom string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		flags = append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + t.TempDir(), "--virtual-time-budget=2000",
			"--enable-logging=stderr", "--v=0",
		}, append(flags, web.URL+"/docs#postApiV1TextProcess")...)
		c := exec.CommandContext(ctx, browser, flags...)
		var console strings.Builder
		c.Stderr = &console
		out, err := c.Output()
		require.NoError(t, err)
		for line := range strings.Lines(console.String()) {
			require.NotRegexp(t, `CONSOLE.*(Content Security Policy|Uncaught)`, line)
		}
		return string(out)
	}
	dom := run("--dump-dom")
	require.Contains(t, dom, "&lt;b&gt;v1&lt;/b&gt;")
	require.Contains(t, dom, "Needs the permission text:process.", "the operation that the address names is open")
	for _, rt := range s.Routes() {
		_, path, _ := strings.Cut(rt, " ")
		path = strings.ReplaceAll(strings.TrimSuffix(path, "{$}"), "...", "")
		require.True(t, strings.Contains(dom, `<span class="path">`+path+`</span>`), path)
	}
	if folder := os.Getenv("QUINTET_SCREENSHOTS"); folder != "" {
		run("--window-size=1000,3600", "--screenshot="+filepath.Join(folder, "explorer.png"))
	}
}

// The form of a route sends what it says.
func TestAFormOfTheExplorerIsSent(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	s := serve(t, full(t), server.Options{})
	const js = `
		const find = (css, next) => {
			const e = document.querySelector(css);
			if (!e) return setTimeout(find, 20, css, next);
			next(e);
		};
		find("#postApiV1TextProcess form", (f) => {
			f.querySelector("textarea").value = '{"text":"What a lovely day.","operations":["statistics"]}';
			f.requestSubmit();
		});`
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/docs" {
			s.ServeHTTP(w, r)
			return
		}
		page := ask(s, "GET", "/docs", "").Body.String()
		fmt.Fprint(w, page+"<script>"+js+"</script>")
	}))
	defer web.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dom, err := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=2000", "--dump-dom", web.URL+"/docs#postApiV1TextProcess").Output()
	require.NoError(t, err)
	require.Contains(t, string(dom), "✓ 200 OK")
	require.Contains(t, string(dom), `"words": 4`)
}
