package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/prom"
	"github.com/quintet-ai/quintet/server"
)

// daemon runs a program until the end of the test.
func daemon(t *testing.T, path string, args ...string) {
	t.Helper()
	c := exec.Command(path, args...)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() }) // it was killed
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// alertNames are those of the alerts that an Alertmanager has.
func alertNames(addr string) (names []string) {
	resp, err := http.Get("http://" + addr + "/api/v2/alerts")
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var all []struct{ Labels map[string]string }
	if json.NewDecoder(resp.Body).Decode(&all) != nil {
		return nil
	}
	for _, a := range all {
		names = append(names, a.Labels["alertname"])
	}
	return names
}

// broken is an embedder that fails.
type broken struct {
	quintet.Pipeline[string, []float32]
}

func (broken) RunBatch(context.Context, []string) ([][]float32, error) {
	return nil, errors.New("the disk is gone")
}

// A request that fails is counted, scraped, held against a rule, and comes to the
// Alertmanager: once through Prometheus, once by the alerts of package monitor.
func TestAFailureReachesTheAlertmanagerBothWays(t *testing.T) {
	manager, scraper := program(t, "prometheus-alertmanager", "prometheus-alertmanager"), program(t, "prometheus", "prometheus")
	dir := t.TempDir()
	managerAt, scraperAt := freeAddress(t), freeAddress(t)
	daemon(t, manager, "--config.file="+write(t, dir, "manager.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n"),
		"--storage.path="+filepath.Join(dir, "manager"), "--web.listen-address="+managerAt, "--cluster.listen-address=")

	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	require.NoError(t, err)
	exporter, err := prom.New(prom.Options{Metrics: metrics})
	require.NoError(t, err)
	s, err := server.New(server.Pipelines{Embedder: broken{}}, server.Options{
		Logger: slog.New(slog.DiscardHandler), NoRate: true, Observer: metrics, Metrics: exporter.Handler(),
	})
	require.NoError(t, err)
	web := httptest.NewServer(s)
	defer web.Close()
	write(t, dir, "rules.yml", `
groups:
- name: quintet
  interval: 200ms
  rules:
  - alert: RequestsFail
    expr: sum(quintet_errors_total{pipeline="http"}) > 0
    labels: {severity: critical}
`)
	daemon(t, scraper, "--storage.tsdb.path="+filepath.Join(dir, "scraper"), "--web.listen-address="+scraperAt, "--config.file="+write(t, dir, "prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 200ms, evaluation_interval: 200ms}
rule_files: [rules.yml]
scrape_configs: [{job_name: quintet, static_configs: [{targets: [%q]}]}]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
`, strings.TrimPrefix(web.URL, "http://"), managerAt)))

	notifier, err := monitor.Alertmanager(monitor.Endpoint{URL: "http://" + managerAt + "/api/v2/alerts", Private: true}, 0)
	require.NoError(t, err)
	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{
		Rules: []monitor.Rule{monitor.ErrorRate(metrics, 0.05)}, Interval: 500 * time.Millisecond, Group: 100 * time.Millisecond,
		Routes: []monitor.Route{{Notifier: notifier}},
	})
	require.NoError(t, err)
	defer alerts.Close()
	require.Eventually(t, func() bool {
		for range 30 { // fewer are no rate
			resp, err := http.Post(web.URL+"/v1/embeddings", "application/json", strings.NewReader(`{"input":"a"}`))
			if err == nil {
				resp.Body.Close()
			}
		}
		names := alertNames(managerAt)
		return slices.Contains(names, "RequestsFail") && slices.ContainsFunc(names, func(n string) bool { return n != "RequestsFail" })
	}, 2*time.Minute, 100*time.Millisecond)
	t.Log(alertNames(managerAt))
}
