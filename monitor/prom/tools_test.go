package prom_test

import (
	"encoding/json"
	"fmt"
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

	"github.com/quintet-ai/quintet/monitor/prom"
)

func TestPromtoolFindsNothingToSay(t *testing.T) {
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool")
	}
	e, err := prom.New(service(t))
	require.NoError(t, err)
	c := exec.Command(program, "check", "metrics")
	c.Stdin = strings.NewReader(scrape(t, e))
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Empty(t, string(out))
}

// prometheusOf starts Debian's Prometheus, which scrapes target, and returns its address.
func prometheusOf(t *testing.T, target string) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 200ms}\nscrape_configs: [{job_name: q, static_configs: [{targets: [%q]}]}]\n", target)
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	c := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return addr
}

// query returns the value of a PromQL expression, "" if it has none yet.
func query(addr, expr string) string {
	resp, err := http.Get("http://" + addr + "/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]json.RawMessage }
		}
	}
	if json.NewDecoder(resp.Body).Decode(&answer) != nil || len(answer.Data.Result) != 1 {
		return ""
	}
	return strings.Trim(string(answer.Data.Result[0].Value[1]), `"`)
}

func TestPrometheusScrapes(t *testing.T) {
	e, err := prom.New(service(t))
	require.NoError(t, err)
	s := httptest.NewServer(e.Handler())
	defer s.Close()
	addr := prometheusOf(t, s.Listener.Addr().String())
	require.Eventually(t, func() bool { return query(addr, "quintet_ready") == "1" }, 60*time.Second, 50*time.Millisecond)
	for expr, want := range map[string]string{
		`sum(quintet_requests_total{pipeline="text"})`:                                                  "3",
		`sum(quintet_items_total) / sum(quintet_requests_total)`:                                        "8.75",
		`quintet_errors_total{cause="busy"}`:                                                            "1",
		`quintet_request_duration_seconds_bucket{pipeline="text",op="Run",le="0.1"}`:                    "1",
		`round(histogram_quantile(0.5, quintet_request_duration_seconds_bucket{op="RunBatch"}), 0.001)`: "0.055",
		`quintet_batcher_padded_length_total / quintet_batcher_length_total`:                            "1.2",
		`sum(quintet_batcher_calls_total) / sum(quintet_batcher_executions_total)`:                      "2.5",
		`quintet_cache_hits_total / (quintet_cache_hits_total + quintet_cache_misses_total)`:            "0.75",
		`quintet_alerts{severity="critical",state="acknowledged"}`:                                      "1",
		`sum(quintet_jobs)`:                    "6",
		`count(quintet_collect_success == 1)`:  "7",
		`quintet_device_available{kind="cpu"}`: "1",
		`shop_queue_length{shop="north"}`:      "3",
	} {
		require.Equal(t, want, query(addr, expr), expr)
	}
}
