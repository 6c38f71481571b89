package monitor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

func find(t *testing.T, r monitor.Rule) []monitor.Condition {
	t.Helper()
	found, err := r.Find(t.Context())
	require.NoError(t, err)
	return found
}

func TestRulesOfHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := make(chan struct{})
		bad := func(context.Context) error {
			<-asked
			return errRefused
		}
		h := health(t, monitor.HealthOptions{Checks: []monitor.Check{{Name: "db", Run: bad}, {Name: "cache", Run: bad, Optional: true}}})
		require.Empty(t, find(t, monitor.Unhealthy(h)), "unknown is not down")
		close(asked)
		synctest.Wait()
		down, degraded := find(t, monitor.Unhealthy(h)), find(t, monitor.Degrading(h))
		require.Len(t, down, 1)
		require.Equal(t, map[string]string{"check": "db"}, down[0].Labels)
		require.Equal(t, "check db is down: connection refused", down[0].Summary)
		require.Len(t, degraded, 1)
		require.Equal(t, "cache", degraded[0].Labels["check"])
	})
}

func TestRulesOfMetricsLookAtWhatIsNew(t *testing.T) {
	m := metrics(t, monitor.MetricsOptions{})
	rate, slow := monitor.ErrorRate(m, 0.1), monitor.Slow(m, 0.9, time.Second)
	observe := func(n int, took time.Duration, err error) {
		for range n {
			m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: took, Err: err})
		}
	}
	observe(5, time.Minute, quintet.ErrModel)
	require.Empty(t, find(t, rate), "five calls are no rate")
	require.Empty(t, find(t, slow))
	observe(80, time.Millisecond, nil)
	observe(20, 10*time.Second, quintet.ErrModel)
	found := find(t, rate)
	require.Len(t, found, 1)
	require.InDelta(t, 0.2, found[0].Value, 1e-9)
	require.Equal(t, "text Run: 20.0 % of 100 calls failed", found[0].Summary)
	require.Len(t, find(t, slow), 1)
	observe(100, time.Millisecond, quintet.ErrInput)
	require.Empty(t, find(t, rate), "the caller's mistakes are no failures")
	require.Empty(t, find(t, slow))
}

func TestAbove(t *testing.T) {
	v := 1.0
	r := monitor.Above("queue", monitor.Warning, func() float64 { return v }, 10)
	require.Empty(t, find(t, r))
	v = 11
	require.Equal(t, []monitor.Condition{{Summary: "queue is 11, limit 10", Value: 11}}, find(t, r))
}
