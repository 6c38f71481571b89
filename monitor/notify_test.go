package monitor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

var (
	start   = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	firing  = monitor.Alert{Name: "disk", Severity: monitor.Critical, Labels: map[string]string{"check": "<disk>"}, Summary: "full & <slow>", Value: 0.97, Starts: start}
	settled = monitor.Alert{Name: "disk", Severity: monitor.Critical, Labels: firing.Labels, Summary: "was full", Starts: start, Ends: start.Add(time.Hour)}
)

// receiver keeps what was posted and answers as it is told.
type receiver struct {
	*httptest.Server
	status int
	header http.Header
	got    []request
}

type request struct {
	header http.Header
	body   []byte
}

func receive(t *testing.T) *receiver {
	r := &receiver{status: http.StatusOK, header: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err == nil {
			r.got = append(r.got, request{q.Header, body})
		}
		for k, v := range r.header {
			w.Header()[k] = v
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) endpoint() monitor.Endpoint {
	return monitor.Endpoint{URL: r.URL + "/hook", Private: true}
}

func TestWebhookIsSigned(t *testing.T) {
	r := receive(t)
	secret := []byte("0123456789abcdef0123456789abcdef")
	n, err := monitor.Webhook(r.endpoint(), secret)
	require.NoError(t, err)
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{firing, settled}))
	got := r.got[0]
	require.NoError(t, monitor.VerifyWebhook(secret, got.header, got.body, time.Minute))
	var body struct {
		Version int
		Alerts  []struct {
			Name, Severity, Fingerprint string
			Resolved                    bool
		}
	}
	require.NoError(t, json.Unmarshal(got.body, &body))
	require.Equal(t, 1, body.Version)
	require.Equal(t, "critical", body.Alerts[0].Severity)
	require.Equal(t, firing.Fingerprint(), body.Alerts[1].Fingerprint)
	require.True(t, body.Alerts[1].Resolved)

	for name, damage := range map[string]func(h http.Header, b []byte) ([]byte, []byte){
		"another secret": func(_ http.Header, b []byte) ([]byte, []byte) { return []byte("other"), b },
		"another body":   func(_ http.Header, b []byte) ([]byte, []byte) { return secret, append(bytes.Clone(b), ' ') },
		"another time": func(h http.Header, b []byte) ([]byte, []byte) {
			h.Set("X-Quintet-Timestamp", "1")
			return secret, b
		},
		"no signature": func(h http.Header, b []byte) ([]byte, []byte) {
			h.Del("X-Quintet-Signature")
			return secret, b
		},
	} {
		h := got.header.Clone()
		key, b := damage(h, got.body)
		require.ErrorIs(t, monitor.VerifyWebhook(key, h, b, time.Minute), quintet.ErrInput, name)
	}
	require.ErrorIs(t, monitor.VerifyWebhook(secret, got.header, got.body, -time.Second), quintet.ErrInput, "too old")
}

func TestSlackTextIsEscaped(t *testing.T) {
	r := receive(t)
	n, err := monitor.Slack(r.endpoint())
	require.NoError(t, err)
	many := []monitor.Alert{firing, settled}
	for len(many) < 25 {
		many = append(many, firing)
	}
	require.NoError(t, n.Notify(t.Context(), many))
	var body struct{ Text string }
	require.NoError(t, json.Unmarshal(r.got[0].body, &body))
	lines := strings.Split(body.Text, "\n")
	require.Equal(t, "*CRITICAL* disk: full &amp; &lt;slow&gt; (check=&lt;disk&gt;)", lines[0])
	require.Equal(t, "*RESOLVED* disk: was full (check=&lt;disk&gt;)", lines[1])
	require.Equal(t, "and 5 more", lines[20])
}

func TestPagerDutyTriggersAndResolves(t *testing.T) {
	r := receive(t)
	n, err := monitor.PagerDuty("key", "api-1", r.endpoint())
	require.NoError(t, err)
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{firing, settled}))
	require.JSONEq(t, `{"routing_key":"key","event_action":"trigger","dedup_key":"`+firing.Fingerprint()+`",
		"payload":{"summary":"disk: full & <slow>","source":"api-1","severity":"critical","timestamp":"2026-01-02T03:04:05Z",
		"custom_details":{"check":"<disk>"}}}`, string(r.got[0].body))
	require.JSONEq(t, `{"routing_key":"key","event_action":"resolve","dedup_key":"`+firing.Fingerprint()+`"}`, string(r.got[1].body))
}

func TestServicesThatRefuse(t *testing.T) {
	r := receive(t)
	n, err := monitor.Slack(r.endpoint())
	require.NoError(t, err)
	notify := func(status int, retryAfter string) error {
		r.status, r.header = status, http.Header{}
		if retryAfter != "" {
			r.header.Set("Retry-After", retryAfter)
		}
		return n.Notify(t.Context(), []monitor.Alert{firing})
	}
	require.ErrorIs(t, notify(http.StatusNotFound, ""), quintet.ErrInput, "it will not change")
	err = notify(http.StatusBadGateway, "")
	require.ErrorContains(t, err, "502")
	require.NotErrorIs(t, err, quintet.ErrInput)
	var later *monitor.RetryAfterError
	require.ErrorAs(t, notify(http.StatusTooManyRequests, "30"), &later)
	require.Equal(t, 30*time.Second, later.After)
	require.False(t, errors.As(notify(http.StatusTooManyRequests, ""), &later))
}

func TestPrivateEndpointsAreRefusedWithoutTheOption(t *testing.T) {
	r := receive(t)
	n, err := monitor.Webhook(monitor.Endpoint{URL: r.URL}, nil)
	require.NoError(t, err)
	err = n.Notify(t.Context(), []monitor.Alert{firing})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.NotContains(t, err.Error(), r.URL)
	require.Empty(t, r.got)
	for _, url := range []string{"", "ftp://example.org", "http://", "://"} {
		_, err := monitor.Slack(monitor.Endpoint{URL: url})
		require.ErrorIs(t, err, quintet.ErrOption, url)
	}
	_, err = monitor.PagerDuty("", "x", monitor.Endpoint{})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestLogLevelsFollowSeverity(t *testing.T) {
	var out bytes.Buffer
	n := monitor.Log(slog.New(slog.NewJSONHandler(&out, nil)))
	mild, info := firing, firing
	mild.Severity, info.Severity = monitor.Warning, monitor.Info
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{firing, settled, mild, info}))
	var levels []string
	for line := range strings.Lines(out.String()) {
		var record struct{ Level, Name, Severity string }
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		require.Equal(t, "disk", record.Name)
		levels = append(levels, record.Level)
	}
	require.Equal(t, []string{"ERROR", "INFO", "WARN", "INFO"}, levels)
}
