package monitor_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/monitor"
)

// alertmanager starts Debian's Alertmanager and returns its address.
func alertmanager(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Skip("no prometheus-alertmanager")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	require.NoError(t, os.WriteFile(config, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	c := exec.Command(program, "--config.file="+config, "--storage.path="+dir, "--web.listen-address="+addr, "--cluster.listen-address=")
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + addr + "/-/ready")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond)
	return addr
}

func TestAlertmanagerTakesAlerts(t *testing.T) {
	addr := alertmanager(t)
	n, err := monitor.Alertmanager(monitor.Endpoint{URL: "http://" + addr + "/api/v2/alerts", Private: true}, 0)
	require.NoError(t, err)
	a := monitor.Alert{Name: "disk", Severity: monitor.Critical, Labels: map[string]string{"check-name": "disk"}, Summary: "97 % full", Starts: time.Now()}
	listed := func() (out []struct {
		Labels      map[string]string
		Annotations map[string]string
		EndsAt      time.Time
	}) {
		resp, err := http.Get(fmt.Sprintf("http://%s/api/v2/alerts", addr))
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(body, &out), "%s", body)
		return out
	}
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{a}))
	got := listed()
	require.Len(t, got, 1)
	require.Equal(t, map[string]string{"alertname": "disk", "severity": "critical", "check_name": "disk"}, got[0].Labels)
	require.Equal(t, "97 % full", got[0].Annotations["summary"])
	require.Greater(t, time.Until(got[0].EndsAt), 4*time.Hour)
	a.Ends = time.Now()
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{a}))
	require.Empty(t, listed(), "it is over")
}
