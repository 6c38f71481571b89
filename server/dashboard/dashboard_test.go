package dashboard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/dashboard"
	"github.com/quintet-ai/quintet/server/jobs"
)

// hostile are names that would do harm if a page took them for markup.
var hostile = []string{
	`<script>document.title="owned"</script>`, `<img src=x onerror="document.title='owned'">`, `"><svg onload=alert(1)>`,
	"a\u202eb\x00c", `</script><script>document.title="owned"</script>`,
}

// service is what a dashboard shows.
type service struct {
	board   *dashboard.Dashboard
	metrics *monitor.Metrics
	alerts  *monitor.Alerts
	queue   *jobs.Local
}

// start makes a dashboard of a service with all parts. Its samples are taken by hand.
func start(t *testing.T, change func(*dashboard.Options)) (s service) {
	t.Helper()
	var err error
	s.metrics, err = monitor.NewMetrics(monitor.MetricsOptions{Gauges: []monitor.Gauge{
		{Name: "quintet_cache_entries", Help: "Results that are kept.", Value: func() float64 { return 1234 }},
		{Name: "quintet_nothing", Value: math.NaN},
	}})
	require.NoError(t, err)
	s.alerts, err = monitor.NewAlerts(monitor.AlertsOptions{Interval: time.Hour})
	require.NoError(t, err)
	checked := make(chan struct{}, 2)
	health, err := monitor.NewHealth(monitor.HealthOptions{Interval: time.Hour, OnChange: func(monitor.CheckReport) { checked <- struct{}{} }, Checks: []monitor.Check{
		{Name: "database", Run: func(context.Context) error { return nil }},
		{Name: "cache", Optional: true, Run: func(context.Context) error { return errors.New("connection refused by 10.0.0.7:6379") }},
	}})
	require.NoError(t, err)
	<-checked
	<-checked
	s.queue, err = jobs.New(jobs.Options{})
	require.NoError(t, err)
	o := dashboard.Options{
		Metrics: s.metrics, Health: health, Alerts: s.alerts, Jobs: s.queue, Runtime: optimize.Default(), Version: "v1.2.3",
		Interval: time.Hour, System: func() []monitor.GaugeValue { return []monitor.GaugeValue{{Name: "disk_free", Value: 0.25}} },
	}
	if change != nil {
		change(&o)
	}
	s.board, err = dashboard.New(o)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, errors.Join(s.board.Close(), s.board.Close(), s.queue.Close(), health.Close(), s.alerts.Close()))
	})
	return s
}

// ask sends a request as the page would.
func ask(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Quintet-Dashboard", "1")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r = r.WithContext(auth.NewContext(r.Context(), auth.Principal{Subject: "ann"}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// data is what the tests read of data.json.
type data struct {
	Version    string
	Pipelines  []string
	Pipeline   string
	Points     map[string][]*float64
	Operations []struct {
		Pipeline, Op             string
		Calls, Failed, Hits, P95 *float64
	}
	MoreOperations int `json:"more_operations"`
	Health         struct {
		Status string
		Checks []struct{ Name, Status string }
	}
	Alerts struct {
		Active   []struct{ ID, Name, State, By string }
		More     int
		Silences []struct {
			ID, By, Comment string
			Match           map[string]string
		}
	}
	Jobs struct {
		Stats  jobs.Stats
		Newest []map[string]any
	}
	Devices []struct{ Name string }
	Figures []struct {
		Name  string
		Value *float64
	}
	CanAct bool `json:"can_act"`
}

func look(t *testing.T, h http.Handler, query string) (d data) {
	t.Helper()
	w := ask(h, "GET", "/data.json"+query, "")
	require.Equal(t, 200, w.Code, "%s", w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &d), "%s", w.Body)
	return d
}

// value is a number that is there.
func value(t *testing.T, v *float64) float64 {
	t.Helper()
	require.NotNil(t, v)
	return *v
}

func TestFiguresAreThoseOfTheTimeBetweenSamples(t *testing.T) {
	s := start(t, nil)
	s.board.Forget()
	at := time.Now()
	for range 1000 { // before the first sample: no rate
		s.metrics.Observe(quintet.Event{Pipeline: "http", Op: "GET /", Items: 1, Took: time.Second})
	}
	s.board.Sample(at)
	for i := range 20 {
		e := quintet.Event{Pipeline: "http", Op: "GET /", Items: 1, Took: 3 * time.Millisecond, Batch: 1, CacheHit: i < 10}
		if i < 5 {
			e.Err = quintet.ErrBusy
		}
		s.metrics.Observe(e)
		s.metrics.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: time.Millisecond})
	}
	s.board.Sample(at.Add(2 * time.Second))
	s.board.Sample(at.Add(4 * time.Second))
	d := look(t, s.board, "")
	require.Equal(t, []string{"http", "text"}, d.Pipelines)
	require.Equal(t, "http", d.Pipeline, "what callers see is shown first")
	require.Len(t, d.Points["t"], 3)
	require.Nil(t, d.Points["calls"][0], "the first sample has none before it")
	require.Equal(t, []float64{10, 0}, []float64{value(t, d.Points["calls"][1]), value(t, d.Points["calls"][2])})
	require.InDelta(t, 2.5, value(t, d.Points["failed"][1]), 1e-9)
	require.Less(t, value(t, d.Points["p99"][1]), 0.01, "the second before the first sample does not count")
	require.Nil(t, d.Points["p50"][2], "without calls there is no latency")
	require.Positive(t, value(t, d.Points["heap"][2]))

	busy := d.Operations[0]
	require.InDelta(t, 0.25, value(t, busy.Failed), 1e-9)
	require.InDelta(t, 0.5, value(t, busy.Hits), 1e-9)
	require.InDelta(t, 5, value(t, busy.Calls), 1e-9)

	require.Equal(t, "text", look(t, s.board, "?pipeline=text").Pipeline)
	after := fmt.Sprintf("?pipeline=http&after=%.0f", *d.Points["t"][1])
	require.Len(t, look(t, s.board, after).Points["t"], 1, "only what the page has not")
	require.Len(t, look(t, s.board, "?pipeline=none&after=9999999999999").Points["t"], 3, "points of another pipeline")
	require.Len(t, look(t, s.board, "?after=soon").Points["t"], 3)
}

func TestAllPartsAreShown(t *testing.T) {
	s := start(t, nil)
	_, err := s.queue.Enqueue(t.Context(), jobs.Spec{Kind: "text", Owner: "ann", Args: json.RawMessage(`"secret"`)})
	require.NoError(t, err)
	s.board.Sample(time.Now())
	d := look(t, s.board, "")
	require.Equal(t, "v1.2.3", d.Version)
	require.Equal(t, "degraded", d.Health.Status)
	require.Len(t, d.Health.Checks, 2)
	require.Equal(t, 1, d.Jobs.Stats.Queued)
	require.Equal(t, "text", d.Jobs.Newest[0]["kind"])
	require.NotContains(t, d.Jobs.Newest[0], "owner")
	require.NotContains(t, ask(s.board, "GET", "/data.json", "").Body.String(), "secret")
	require.NotEmpty(t, d.Devices)
	require.Equal(t, "quintet_cache_entries", d.Figures[0].Name)
	require.Nil(t, d.Figures[1].Value, "what is no number has no value")
	require.Equal(t, "disk_free", d.Figures[2].Name)
	require.True(t, d.CanAct)

	detailed := start(t, func(o *dashboard.Options) { o.JobDetails = true; o.Jobs = s.queue })
	require.Equal(t, "ann", look(t, detailed.board, "").Jobs.Newest[0]["owner"])

	bare, err := dashboard.New(dashboard.Options{})
	require.NoError(t, err)
	defer bare.Close()
	d = look(t, bare, "")
	require.Empty(t, d.Pipeline)
	require.Len(t, d.Points["t"], 1)
	require.False(t, d.CanAct)
}

func TestHistoryIsBounded(t *testing.T) {
	s := start(t, func(o *dashboard.Options) { o.History = 10 })
	at := time.Now()
	for i := range 30 {
		for p := range 30 {
			s.metrics.Observe(quintet.Event{Pipeline: fmt.Sprintf("p%02d", p), Op: fmt.Sprint(i), Took: time.Millisecond})
		}
		s.board.Sample(at.Add(time.Duration(i+1) * 5 * time.Second))
	}
	samples, snapshots := s.board.Samples()
	require.Equal(t, 10, samples)
	require.LessOrEqual(t, snapshots, 8)
	d := look(t, s.board, "?pipeline=other")
	require.Len(t, d.Pipelines, 16)
	require.Equal(t, "other", d.Pipeline)
	require.Len(t, d.Operations, 50)
	require.Positive(t, d.MoreOperations)
	require.InDelta(t, 3, value(t, d.Points["calls"][9]), 1e-9, "15 pipelines share one history: 15 calls in 5 s")
}

func TestAlertsCanBeAcknowledgedAndSilenced(t *testing.T) {
	s := start(t, nil)
	id, err := s.alerts.Raise(monitor.Alert{Name: "disk", Severity: monitor.Critical, Labels: map[string]string{"host": "a"}, Summary: "full"})
	require.NoError(t, err)
	other, err := s.alerts.Raise(monitor.Alert{Name: "disk", Labels: map[string]string{"host": "b"}})
	require.NoError(t, err)
	require.Equal(t, "firing", look(t, s.board, "").Alerts.Active[0].State)

	require.Equal(t, 204, ask(s.board, "POST", "/acknowledge", `{"id":"`+id+`"}`).Code)
	a := look(t, s.board, "").Alerts.Active[0]
	require.Equal(t, []string{"acknowledged", "ann"}, []string{a.State, a.By})

	require.Equal(t, 204, ask(s.board, "POST", "/silence", `{"id":"`+id+`","minutes":30,"comment":"known"}`).Code)
	d := look(t, s.board, "")
	require.Equal(t, "silenced", d.Alerts.Active[0].State)
	require.Equal(t, other, d.Alerts.Active[1].ID)
	require.Equal(t, "firing", d.Alerts.Active[1].State, "the other host is not silenced")
	require.Equal(t, map[string]string{"alert": "disk", "host": "a"}, d.Alerts.Silences[0].Match)
	require.Equal(t, []string{"ann", "known"}, []string{d.Alerts.Silences[0].By, d.Alerts.Silences[0].Comment})
	require.Equal(t, 204, ask(s.board, "POST", "/unsilence", `{"id":"`+d.Alerts.Silences[0].ID+`"}`).Code)
	require.Empty(t, look(t, s.board, "").Alerts.Silences)

	for name, c := range map[string]struct{ path, body string }{
		"no such alert":         {"/acknowledge", `{"id":"none"}`},
		"no such alert to mute": {"/silence", `{"id":"none","minutes":1}`},
		"no time":               {"/silence", `{"id":"` + id + `"}`},
		"a year":                {"/silence", `{"id":"` + id + `","minutes":525600}`},
		"a long comment":        {"/silence", `{"id":"` + id + `","minutes":1,"comment":"` + strings.Repeat("a", 501) + `"}`},
		"no such silence":       {"/unsilence", `{"id":"none"}`},
		"other fields":          {"/silence", `{"id":"` + id + `","minutes":1,"match":{}}`},
		"no JSON":               {"/silence", `id=1`},
		"a long body":           {"/silence", `{"id":"` + strings.Repeat("a", 5000) + `"}`},
	} {
		w := ask(s.board, "POST", c.path, c.body)
		require.Equal(t, 400, w.Code, name)
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), name)
	}
}

func TestOnlyThePageMayAct(t *testing.T) {
	s := start(t, nil)
	id, err := s.alerts.Raise(monitor.Alert{Name: "disk"})
	require.NoError(t, err)
	body := `{"id":"` + id + `"}`
	for name, header := range map[string][]string{
		"a page of another site":   {"Sec-Fetch-Site", "cross-site"},
		"a page of a sister site":  {"Sec-Fetch-Site", "same-site"},
		"an old browser elsewhere": {"Sec-Fetch-Site", "", "Origin", "https://evil.example.org"},
		"a form":                   {"Content-Type", "application/x-www-form-urlencoded"},
		"a form of plain text":     {"Content-Type", "text/plain"},
		"a request without type":   {"Content-Type", ""},
		"without the header":       {"X-Quintet-Dashboard", ""},
	} {
		require.Equal(t, 403, ask(s.board, "POST", "/acknowledge", body, header...).Code, name)
	}
	require.Equal(t, 404, ask(s.board, "GET", "/acknowledge", "").Code)
	require.Equal(t, "firing", look(t, s.board, "").Alerts.Active[0].State)

	readOnly := start(t, func(o *dashboard.Options) { o.ReadOnly = true })
	require.Equal(t, 404, ask(readOnly.board, "POST", "/acknowledge", body).Code)
	require.False(t, look(t, readOnly.board, "").CanAct)
}

func TestThePageIsOneFileUnderAStrictPolicy(t *testing.T) {
	s := start(t, nil)
	w := ask(s.board, "GET", "/", "")
	require.Equal(t, 200, w.Code)
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; script-src 'sha256-")
	require.NotContains(t, policy, "unsafe")
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	page := w.Body.String()
	require.NotContains(t, page, "//cdn")
	require.NotContains(t, strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), "http", "nothing comes from elsewhere")
	require.NotRegexp(t, `<[^>]+\s(on\w+|style)=`, page, "no inline handlers and styles")
	require.Contains(t, ask(s.board, "GET", "/data.json", "").Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, 404, ask(s.board, "GET", "/index.html", "").Code)
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for _, o := range []dashboard.Options{{Interval: -1}, {History: -1}, {History: 1 << 30}} {
		_, err := dashboard.New(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestBehindAServerRolesAndPolicyHold(t *testing.T) {
	s := start(t, nil)
	id, err := s.alerts.Raise(monitor.Alert{Name: "disk"})
	require.NoError(t, err)
	who := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: "bob", Roles: r.Header.Values("X-Role")}, nil
	})
	web, err := server.New(server.Pipelines{}, server.Options{Auth: who, Dashboard: s.board, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	body := `{"id":"` + id + `"}`
	page := ask(web, "GET", "/dashboard/", "", "X-Role", auth.RoleViewer)
	require.Equal(t, 200, page.Code)
	require.Contains(t, page.Header().Get("Content-Security-Policy"), "script-src 'sha256-", "the policy of the page replaces that of the server")
	require.Equal(t, "/dashboard/", ask(web, "GET", "/dashboard", "", "X-Role", auth.RoleViewer).Header().Get("Location"))
	require.Equal(t, 403, ask(web, "GET", "/dashboard/data.json", "", "X-Role", auth.RoleUser).Code)
	require.Equal(t, 403, ask(web, "POST", "/dashboard/acknowledge", body, "X-Role", auth.RoleViewer).Code)
	require.Equal(t, 204, ask(web, "POST", "/dashboard/acknowledge", body, "X-Role", auth.RoleAdmin).Code)
	require.Equal(t, "bob", s.alerts.Active()[0].By)
}

// A flood of alerts costs no more than what is shown.
func TestManyAlertsAreCutShort(t *testing.T) {
	s := start(t, nil)
	for i := range 300 {
		_, err := s.alerts.Raise(monitor.Alert{Name: fmt.Sprint("flood", i)})
		require.NoError(t, err)
	}
	d := look(t, s.board, "")
	require.Len(t, d.Alerts.Active, 100)
	require.Equal(t, 200, d.Alerts.More)
}
