package monitor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// faulty is a check whose outcome the test decides.
type faulty struct{ bad atomic.Bool }

var errRefused = errors.New("connection refused")

func (f *faulty) run(context.Context) error {
	if f.bad.Load() {
		return errRefused
	}
	return nil
}

func health(t *testing.T, o monitor.HealthOptions) *monitor.Health {
	t.Helper()
	h, err := monitor.NewHealth(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func TestHealthIsUnknownUntilEveryCheckRan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) error {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return nil
		}
		h := health(t, monitor.HealthOptions{Checks: []monitor.Check{{Name: "slow", Run: slow}}})
		synctest.Wait()
		require.ErrorContains(t, h.Ready(), `check "slow" has not run yet`)
		require.NoError(t, h.Live())
		require.Equal(t, monitor.Unknown, h.Report().Status)
		time.Sleep(time.Second)
		synctest.Wait()
		require.NoError(t, h.Ready())
		require.Equal(t, monitor.Up, h.Report().Status)
		require.Equal(t, time.Second, h.Report().Checks[0].Took)
	})
}

func TestOneFailureMovesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f faulty
		var changes []monitor.CheckReport
		h := health(t, monitor.HealthOptions{
			Checks:   []monitor.Check{{Name: "redis", Run: f.run, FailAfter: 3}},
			Interval: time.Second, RecoverAfter: 2,
			OnChange: func(r monitor.CheckReport) { changes = append(changes, r) },
		})
		pass := func(n int) { time.Sleep(time.Duration(n) * time.Second); synctest.Wait() }
		pass(1)
		f.bad.Store(true)
		pass(2)
		require.NoError(t, h.Ready(), "two failures are not three")
		f.bad.Store(false)
		pass(3)
		f.bad.Store(true)
		pass(5)
		err := h.Ready()
		require.ErrorIs(t, err, errRefused)
		require.ErrorContains(t, err, `check "redis": connection refused`)
		f.bad.Store(false)
		pass(1)
		require.Error(t, h.Ready(), "one success is not two")
		pass(3)
		require.NoError(t, h.Ready())
		var states []string
		for _, c := range changes {
			states = append(states, c.Status.String())
		}
		require.Equal(t, []string{"up", "down", "up"}, states)
	})
}

func TestHungCheckIsDownAndCostsOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var started atomic.Int32
		hang := func(context.Context) error { // heeds nothing
			started.Add(1)
			<-release
			return nil
		}
		h := health(t, monitor.HealthOptions{Interval: time.Second, Timeout: time.Second, Checks: []monitor.Check{{Name: "hung", Run: hang}}})
		time.Sleep(time.Minute)
		synctest.Wait()
		require.ErrorIs(t, h.Ready(), context.DeadlineExceeded)
		require.EqualValues(t, 1, started.Load())
		close(release)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.NoError(t, h.Ready())
		require.Greater(t, started.Load(), int32(1))
	})
}

func TestOptionalAndLivenessChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := func(context.Context) error { return errRefused }
		good := func(context.Context) error { return nil }
		optional := health(t, monitor.HealthOptions{Checks: []monitor.Check{{Name: "a", Run: good}, {Name: "cache", Run: bad, Optional: true}}})
		wedged := health(t, monitor.HealthOptions{Checks: []monitor.Check{{Name: "loop", Run: bad, Liveness: true}}})
		panics := health(t, monitor.HealthOptions{Checks: []monitor.Check{{Name: "p", Run: func(context.Context) error { panic("boom") }}}})
		synctest.Wait()
		require.NoError(t, optional.Ready())
		require.Equal(t, monitor.Degraded, optional.Report().Status)
		require.ErrorIs(t, wedged.Live(), errRefused)
		require.NoError(t, panics.Live())
		require.ErrorContains(t, panics.Ready(), "panic: boom")
	})
}

func TestDrainAndCloseEndReadiness(t *testing.T) {
	h, err := monitor.NewHealth(monitor.HealthOptions{})
	require.NoError(t, err)
	require.NoError(t, h.Ready())
	h.Drain()
	require.ErrorIs(t, h.Ready(), quintet.ErrClosed)
	require.NoError(t, h.Live())
	require.True(t, h.Report().Draining)
	require.NoError(t, h.Close())
	require.NoError(t, h.Close())
	require.ErrorIs(t, h.Ready(), quintet.ErrClosed)
}

func TestHealthHandlersSayNoMoreThanTheState(t *testing.T) {
	ran := make(chan struct{})
	h := health(t, monitor.HealthOptions{
		Checks:   []monitor.Check{{Name: "db", Run: func(context.Context) error { return errors.New("password of db.internal is wrong") }}},
		OnChange: func(monitor.CheckReport) { close(ran) },
	})
	<-ran
	for want, handler := range map[int]http.Handler{200: h.LiveHandler(), 503: h.ReadyHandler()} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		require.Equal(t, want, w.Code)
		require.Less(t, w.Body.Len(), 20)
	}
}

func TestHealthRefusesBadOptions(t *testing.T) {
	run := func(context.Context) error { return nil }
	for name, o := range map[string]monitor.HealthOptions{
		"no name":           {Checks: []monitor.Check{{Run: run}}},
		"no function":       {Checks: []monitor.Check{{Name: "a"}}},
		"the same name":     {Checks: []monitor.Check{{Name: "a", Run: run}, {Name: "a", Run: run}}},
		"negative":          {Interval: -1},
		"negative of check": {Checks: []monitor.Check{{Name: "a", Run: run, Timeout: -1}}},
	} {
		_, err := monitor.NewHealth(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

func TestNamesOfStatesGoBothWays(t *testing.T) {
	for _, s := range []monitor.Status{monitor.Up, monitor.Degraded, monitor.Unknown, monitor.Down} {
		b, err := s.MarshalText()
		require.NoError(t, err)
		var back monitor.Status
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, s, back)
	}
	for _, s := range []monitor.Severity{monitor.Info, monitor.Warning, monitor.Error, monitor.Critical} {
		b, err := s.MarshalText()
		require.NoError(t, err)
		var back monitor.Severity
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, s, back)
	}
	require.ErrorIs(t, new(monitor.Status).UnmarshalText([]byte("fine")), quintet.ErrInput)
	require.ErrorIs(t, new(monitor.Severity).UnmarshalText([]byte("fine")), quintet.ErrInput)
	require.True(t, strings.HasPrefix(monitor.Status(9).String(), "status("))
}
