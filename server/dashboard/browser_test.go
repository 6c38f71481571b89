package dashboard_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/dashboard"
	"github.com/quintet-ai/quintet/server/jobs"
)

// busy is a service after 15 minutes of work.
func busy(t *testing.T) service {
	s := start(t, func(o *dashboard.Options) { o.JobDetails = true })
	for i, kind := range []string{"batch", "text", "cleanup", "image"} {
		_, err := s.queue.Enqueue(t.Context(), jobs.Spec{Kind: kind, Priority: jobs.Priority(i % 3), Owner: `"acme"/"ann"`})
		require.NoError(t, err)
	}
	for _, a := range []monitor.Alert{
		{Name: "slow", Severity: monitor.Warning, Labels: map[string]string{"pipeline": "http", "op": "POST /v1/embeddings"}, Summary: "the 99th percentile is 1.2 s, the limit 1 s"},
		{Name: "disk", Severity: monitor.Critical, Labels: map[string]string{"mount": "/var/lib/quintet"}, Summary: "97 % of the disk are used"},
		{Name: "errors", Severity: monitor.Error, Labels: map[string]string{"pipeline": "http"}, Summary: "6.1 % of calls fail"},
	} {
		id, err := s.alerts.Raise(a)
		require.NoError(t, err)
		if a.Name == "errors" {
			require.NoError(t, s.alerts.Acknowledge(id, "ann"))
		}
	}
	_, err := s.alerts.Silence(monitor.Silence{Match: map[string]string{"alert": "slow"}, Until: time.Now().Add(time.Hour), By: "bob", Comment: "known since Tuesday"})
	require.NoError(t, err)
	s.board.Forget()
	rng := rand.New(rand.NewPCG(1, 2))
	at := time.Now().Add(-450 * 2 * time.Second)
	for i := range 450 {
		for range int(20 + 10*rng.Float64() + float64(i)/20) {
			took := time.Duration((1.5 + rng.ExpFloat64()*4) * float64(time.Millisecond))
			e := quintet.Event{Pipeline: "http", Op: "POST /api/v1/text/process", Items: 1, Took: took, Queued: took / 20, Batch: 1}
			if i > 300 && i < 360 && rng.IntN(6) == 0 {
				e.Err = quintet.ErrBusy
			}
			s.metrics.Observe(e)
			s.metrics.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: took - took/4, Batch: 1 + rng.IntN(4), CacheHit: rng.IntN(3) == 0})
		}
		s.metrics.Observe(quintet.Event{Pipeline: "http", Op: "POST /v1/embeddings", Items: 8, Took: 9 * time.Millisecond, Batch: 8})
		s.board.Sample(at.Add(time.Duration(i) * 2 * time.Second))
	}
	return s
}

// browse runs a headless Chromium and returns what it prints. The page must not make
// the browser complain, such as of something that its policy forbids.
func browse(t *testing.T, url string, flags ...string) string {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	flags = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + t.TempDir(), "--virtual-time-budget=3000", "--hide-scrollbars",
		"--enable-logging=stderr", "--v=0",
	}, flags...)
	c := exec.CommandContext(ctx, browser, append(flags, url)...)
	var console strings.Builder
	c.Stderr = &console
	out, err := c.Output()
	require.NoError(t, err)
	for line := range strings.Lines(console.String()) {
		require.NotContains(t, line, "CONSOLE")
	}
	return string(out)
}

// atDashboard serves a dashboard where a server mounts it.
func atDashboard(t *testing.T, h http.Handler) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/dashboard/", http.StripPrefix("/dashboard", h))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/dashboard/"
}

func TestABrowserDrawsTheFigures(t *testing.T) {
	url := atDashboard(t, busy(t).board)
	dom := browse(t, url, "--dump-dom")
	for _, want := range []string{
		"<title>Quintet dashboard</title>", "! degraded", "connection refused by 10.0.0.7:6379", "97 % of the disk are used",
		`aria-label="Acknowledge disk"`, "● acknowledged", "known since Tuesday", "POST /v1/embeddings", "Throughput, calls a second",
		`<path class="line a" d="M`, "4 waiting", "quintet_cache_entries", "1,234", "v1.2.3",
	} {
		require.True(t, strings.Contains(dom, want), want)
	}
	require.Regexp(t, `<p id="lost"[^>]*hidden=""></p>`, dom, "nothing went wrong")
	// QUINTET_SCREENSHOTS names a folder for pictures to be looked at.
	folder := os.Getenv("QUINTET_SCREENSHOTS")
	if folder == "" {
		return
	}
	for name, flags := range map[string][]string{
		"light":  {"--window-size=1280,1900"},
		"dark":   {"--window-size=1280,1900", "--blink-settings=preferredColorScheme=0"},
		"phone":  {"--window-size=390,3600"},
		"narrow": {"--window-size=320,3600"},
	} {
		browse(t, url, append(flags, "--screenshot="+filepath.Join(folder, "dashboard-"+name+".png"))...)
	}
}

// Nothing that a service says becomes markup, and nothing in it runs.
func TestABrowserShowsHostileNamesAsText(t *testing.T) {
	s := start(t, func(o *dashboard.Options) {
		o.JobDetails = true
		o.Version = hostile[0]
		o.System = func() []monitor.GaugeValue {
			return []monitor.GaugeValue{{Name: hostile[1], Help: hostile[2], Value: 1}}
		}
	})
	for _, name := range hostile {
		_, err := s.alerts.Raise(monitor.Alert{Name: name, Summary: name, Labels: map[string]string{name: name}})
		require.NoError(t, err)
		_, err = s.queue.Enqueue(t.Context(), jobs.Spec{Kind: name[:min(len(name), 100)], Owner: name})
		require.NoError(t, err)
		s.metrics.Observe(quintet.Event{Pipeline: name, Op: name, Took: time.Millisecond})
	}
	for i := range 3 {
		s.board.Sample(time.Now().Add(time.Duration(i+1) * time.Second))
	}
	require.NotContains(t, ask(s.board, "GET", "/data.json", "").Body.String(), "<", "the data escapes it as well")
	dom := browse(t, atDashboard(t, s.board), "--dump-dom")
	require.Contains(t, dom, "<title>Quintet dashboard</title>")
	require.Contains(t, dom, "&lt;img src=x onerror=")
	require.NotContains(t, dom, "<img")
	require.Equal(t, 1, strings.Count(dom, "<script>"), "its own")
	require.NotContains(t, dom, "<svg onload")
}

// driven puts a script behind a page that presses its buttons.
func driven(h http.Handler, js string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			h.ServeHTTP(w, r)
			return
		}
		page := httptest.NewRecorder()
		h.ServeHTTP(page, r) // its policy would forbid the script
		_, _ = w.Write([]byte(page.Body.String() + "<script>" + js + "</script>"))
	})
}

func TestTheButtonsOfThePageAct(t *testing.T) {
	s := start(t, nil)
	first, err := s.alerts.Raise(monitor.Alert{Name: "disk", Severity: monitor.Critical, Summary: "full"})
	require.NoError(t, err)
	second, err := s.alerts.Raise(monitor.Alert{Name: "errors", Severity: monitor.Warning, Labels: map[string]string{"route": "/"}})
	require.NoError(t, err)
	const js = `
		const press = (key, next) => {
			const button = document.querySelector('[data-key="' + key + '"]');
			if (!button) return setTimeout(press, 20, key, next);
			button.click();
			next();
		};
		press("ack FIRST", () => press("silence SECOND", () => {
			document.getElementById("quiet-why").value = "known";
			document.getElementById("quiet-yes").click();
		}));`
	page := driven(s.board, strings.NewReplacer("FIRST", first, "SECOND", second).Replace(js))
	dom := browse(t, atDashboard(t, page), "--dump-dom")
	states := map[string]monitor.State{}
	for _, a := range s.alerts.Active() {
		states[a.ID] = a.State
	}
	require.Equal(t, map[string]monitor.State{first: monitor.Acknowledged, second: monitor.Silenced}, states)
	require.Equal(t, "known", s.alerts.Silences()[0].Comment)
	require.Contains(t, dom, "● acknowledged")
	require.Contains(t, dom, "⊘ silenced")
}
