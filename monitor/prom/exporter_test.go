package prom_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/prom"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/jobs"
)

var update = flag.Bool("update", false, "rewrite golden files instead of comparing")

// service is a service with something of everything.
func service(t *testing.T) prom.Options {
	t.Helper()
	m, err := monitor.NewMetrics(monitor.MetricsOptions{Seconds: []float64{.01, .1, 1}, Gauges: []monitor.Gauge{
		{Name: "shop_queue_length", Help: "Orders that wait.", Labels: map[string]string{"shop": "north"}, Value: func() float64 { return 3 }},
		{Name: "shop_queue_length", Labels: map[string]string{"shop": "so\"uth\n"}, Value: func() float64 { return 0.5 }},
	}})
	require.NoError(t, err)
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 5 * time.Millisecond, Queued: time.Millisecond, Batch: 4})
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 2 * time.Second, Err: quintet.ErrBusy})
	m.Observe(quintet.Event{Pipeline: "text", Op: "RunBatch", Items: 32, Took: 50 * time.Millisecond, Batch: 16})
	m.Observe(quintet.Event{Pipeline: "http", Op: "POST /v1/embeddings", Items: 1, Took: time.Millisecond, CacheHit: true})

	checked := make(chan struct{}, 2)
	h, err := monitor.NewHealth(monitor.HealthOptions{
		Checks: []monitor.Check{
			{Name: "database", Run: func(context.Context) error { return nil }},
			{Name: "mail", Optional: true, Run: func(context.Context) error { return errors.New("no route") }},
		},
		OnChange: func(monitor.CheckReport) { checked <- struct{}{} },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	<-checked
	<-checked

	a, err := monitor.NewAlerts(monitor.AlertsOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	id, err := a.Raise(monitor.Alert{Name: "disk", Severity: monitor.Critical})
	require.NoError(t, err)
	require.NoError(t, a.Acknowledge(id, "ada"))
	_, err = a.Raise(monitor.Alert{Name: "slow", Severity: monitor.Warning})
	require.NoError(t, err)

	rt, err := optimize.New(optimize.Options{Workers: 3})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rt.Close()) })
	return prom.Options{
		Metrics: m, Health: h, Alerts: a, Runtime: rt,
		Jobs: func(context.Context) (jobs.Stats, error) {
			return jobs.Stats{Scheduled: 1, Queued: 2, Running: 3, Done: 40, Failed: 5, Retries: 6, Oldest: 1500 * time.Millisecond}, nil
		},
		Caches: map[string]func() optimize.CacheStats{"embeddings": func() optimize.CacheStats {
			return optimize.CacheStats{Hits: 9, Misses: 3, Loads: 2, Entries: 2, Bytes: 3072}
		}},
		Batchers: map[string]func() optimize.BatchStats{"embedder": func() optimize.BatchStats {
			return optimize.BatchStats{Alone: 2, Batched: 8, Batches: 2, Largest: 5, Length: 100, Padded: 120}
		}},
	}
}

func scrape(t *testing.T, e *prom.Exporter) string {
	t.Helper()
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, 200, w.Code)
	return w.Body.String()
}

// steady leaves out what differs from run to run.
func steady(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		_, rest, _ := strings.Cut(line, " ")
		name := strings.TrimPrefix(strings.TrimPrefix(rest, "HELP "), "TYPE ")
		if line[0] != '#' {
			name = line
		}
		ours := strings.HasPrefix(name, "quintet_") || strings.HasPrefix(name, "shop_")
		if ours && (line[0] == '#' || !strings.Contains(line, "quintet_check_duration") &&
			!strings.Contains(line, "quintet_check_timestamp")) {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestAServiceAsText(t *testing.T) {
	e, err := prom.New(service(t))
	require.NoError(t, err)
	got := steady(scrape(t, e))
	path := filepath.Join("testdata", "service.txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestHandlerTellsOfTheProcessToo(t *testing.T) {
	e, err := prom.New(prom.Options{})
	require.NoError(t, err)
	text := scrape(t, e)
	require.Contains(t, text, "go_goroutines ")
	require.NotContains(t, text, "quintet_", "there is nothing to tell")
}

func TestExporterLivesInTheRegistryOfACaller(t *testing.T) {
	o := service(t)
	o.Labels = map[string]string{"service": "shop"}
	e, err := prom.New(o)
	require.NoError(t, err)
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(e))
	problems, err := testutil.GatherAndLint(r)
	require.NoError(t, err)
	require.Empty(t, problems)
	all, err := r.Gather()
	require.NoError(t, err)
	for _, f := range all {
		for _, m := range f.GetMetric() {
			require.Contains(t, m.String(), "shop", "%s has the label", f.GetName())
		}
	}
}

func TestSourceThatFailsIsLeftOut(t *testing.T) {
	tests := map[string]func(context.Context) (jobs.Stats, error){
		"error": func(context.Context) (jobs.Stats, error) { return jobs.Stats{}, errors.New("gone") },
		"panic": func(context.Context) (jobs.Stats, error) { panic("boom") },
		"hangs": func(ctx context.Context) (jobs.Stats, error) { <-ctx.Done(); return jobs.Stats{}, ctx.Err() },
	}
	for name, read := range tests {
		t.Run(name, func(t *testing.T) {
			o := service(t)
			o.Jobs, o.Timeout = read, time.Millisecond
			e, err := prom.New(o)
			require.NoError(t, err)
			text := scrape(t, e)
			require.Contains(t, text, `quintet_collect_success{source="jobs"} 0`)
			require.Contains(t, text, `quintet_collect_success{source="health"} 1`)
			require.NotContains(t, text, "quintet_jobs{")
			require.Contains(t, text, `quintet_check_up{check="mail",optional="true"} 0`)
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	gauges := func(all ...monitor.Gauge) prom.Options {
		for i := range all {
			all[i].Value = func() float64 { return 1 }
		}
		m, err := monitor.NewMetrics(monitor.MetricsOptions{Gauges: all})
		require.NoError(t, err)
		return prom.Options{Metrics: m}
	}
	label := func(k string) map[string]string { return map[string]string{k: "x"} }
	tests := map[string]prom.Options{
		"negative timeout":            {Timeout: -1},
		"cache without a function":    {Caches: map[string]func() optimize.CacheStats{"a": nil}},
		"batcher without a function":  {Batchers: map[string]func() optimize.BatchStats{"a": nil}},
		"label that is no name":       {Labels: label("\xff")},
		"label of a metric":           {Labels: label("source")},
		"gauge that is no name":       gauges(monitor.Gauge{Name: "\xff"}),
		"gauge twice":                 gauges(monitor.Gauge{Name: "a", Labels: label("b")}, monitor.Gauge{Name: "a", Labels: label("b")}),
		"gauges of different keys":    gauges(monitor.Gauge{Name: "a", Labels: label("b")}, monitor.Gauge{Name: "a", Labels: label("c")}),
		"gauge with the name of Go's": gauges(monitor.Gauge{Name: "go_goroutines"}),
		"gauge with the name of ours": gauges(monitor.Gauge{Name: "quintet_requests_total", Labels: map[string]string{"pipeline": "p", "op": "o"}}),
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := prom.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestCardinalityIsThatOfTheMetrics(t *testing.T) {
	m, err := monitor.NewMetrics(monitor.MetricsOptions{MaxSeries: 5})
	require.NoError(t, err)
	for i := range 1000 {
		m.Observe(quintet.Event{Pipeline: "p", Op: fmt.Sprint(i), Err: fmt.Errorf("error %d", i)})
	}
	m.Observe(quintet.Event{Pipeline: "\xff\xfe"})
	e, err := prom.New(prom.Options{Metrics: m})
	require.NoError(t, err)
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(e)
	for _, name := range []string{"quintet_requests_total", "quintet_errors_total", "quintet_batch_size"} {
		n, err := testutil.GatherAndCount(r, name)
		require.NoError(t, err)
		require.Equal(t, 6, n, name)
	}
}

func TestLabelsThatAreNoText(t *testing.T) {
	m, err := monitor.NewMetrics(monitor.MetricsOptions{})
	require.NoError(t, err)
	m.Observe(quintet.Event{Pipeline: "\xff"})
	m.Observe(quintet.Event{Pipeline: "\xfe"})
	e, err := prom.New(prom.Options{Metrics: m})
	require.NoError(t, err)
	require.Contains(t, scrape(t, e), `quintet_requests_total{op="",pipeline="\"\\xfe\""} 1`)
}

func BenchmarkCollect(b *testing.B) {
	for _, series := range []int{10, 1000} {
		b.Run(fmt.Sprintf("series=%d", series), func(b *testing.B) {
			m, err := monitor.NewMetrics(monitor.MetricsOptions{MaxSeries: 2000})
			require.NoError(b, err)
			for i := range series {
				m.Observe(quintet.Event{Pipeline: "p", Op: fmt.Sprint(i)})
			}
			e, err := prom.New(prom.Options{Metrics: m})
			require.NoError(b, err)
			h := e.Handler()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			}
		})
	}
}
