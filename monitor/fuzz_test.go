package monitor_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/monitor"
)

// Nothing that a stranger can write verifies without the secret.
func FuzzVerifyWebhook(f *testing.F) {
	f.Add("1", "sha256=00", []byte(`{}`))
	f.Add("", "", []byte(nil))
	f.Add("-9223372036854775808", "sha256=", []byte("x"))
	f.Fuzz(func(t *testing.T, at, signature string, body []byte) {
		h := http.Header{"X-Quintet-Timestamp": {at}, "X-Quintet-Signature": {signature}}
		require.Error(t, monitor.VerifyWebhook([]byte("a secret that nobody knows"), h, body, time.Hour))
	})
}

// An alert that was marshalled comes back as it was.
func FuzzAlertJSON(f *testing.F) {
	f.Add(`{"name":"a","severity":"critical","labels":{"a":"b"},"summary":"s","value":1,"starts":"2026-01-02T03:04:05Z"}`)
	f.Add(`{"severity":7}`)
	f.Fuzz(func(t *testing.T, s string) {
		var a, b monitor.Alert
		if json.Unmarshal([]byte(s), &a) != nil {
			return
		}
		out, err := json.Marshal(a)
		if err != nil {
			return // a year that RFC 3339 cannot write
		}
		require.NoError(t, json.Unmarshal(out, &b))
		require.Equal(t, a.Fingerprint(), b.Fingerprint())
		require.Equal(t, a.Severity, b.Severity)
		require.True(t, a.Starts.Equal(b.Starts))
	})
}
