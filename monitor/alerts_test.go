package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// inbox is a notifier that remembers, as "name" or "name resolved".
type inbox struct {
	mu   sync.Mutex
	got  []string
	fail func() error
}

func (b *inbox) Notify(_ context.Context, alerts []monitor.Alert) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(); err != nil {
			return err
		}
	}
	for _, a := range alerts {
		name := a.Name
		if a.Resolved() {
			name += " resolved"
		}
		b.got = append(b.got, name)
	}
	return nil
}

func (b *inbox) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.got
	b.got = nil
	return got
}

// toggle is a rule that finds what the test says.
type toggle struct {
	mu    sync.Mutex
	found []monitor.Condition
	err   error
}

func (r *toggle) set(found ...monitor.Condition) { r.mu.Lock(); r.found = found; r.mu.Unlock() }

func (r *toggle) find(context.Context) ([]monitor.Condition, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found, r.err
}

func alerts(t *testing.T, o monitor.AlertsOptions) *monitor.Alerts {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	a, err := monitor.NewAlerts(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

func TestAlertFiresAfterForRepeatsAndResolves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r toggle
		var b inbox
		a := alerts(t, monitor.AlertsOptions{
			Rules:    []monitor.Rule{{Name: "queue", Severity: monitor.Error, For: time.Minute, KeepFiring: 30 * time.Second, Find: r.find}},
			Routes:   []monitor.Route{{Notifier: &b}},
			Interval: 10 * time.Second, Group: time.Second, Repeat: time.Hour,
		})
		pass(5 * time.Second)
		require.Empty(t, a.Active())
		r.set(monitor.Condition{Summary: "it is long"})
		pass(30 * time.Second)
		require.Equal(t, monitor.Pending, a.Active()[0].State)
		require.Empty(t, b.take())
		pass(time.Minute)
		require.Equal(t, monitor.Firing, a.Active()[0].State)
		require.Equal(t, []string{"queue"}, b.take())
		pass(59 * time.Minute)
		require.Empty(t, b.take(), "told once")
		pass(2 * time.Minute)
		require.Equal(t, []string{"queue"}, b.take(), "told again")
		r.set()
		pass(20 * time.Second)
		require.Len(t, a.Active(), 1, "kept for a while")
		r.set(monitor.Condition{Summary: "again"})
		pass(15 * time.Second)
		require.Empty(t, b.take(), "what comes and goes is one alert")
		r.set()
		pass(time.Minute)
		require.Empty(t, a.Active())
		require.Equal(t, []string{"queue resolved"}, b.take())
	})
}

func TestShortConditionIsNeverTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r toggle
		var b inbox
		alerts(t, monitor.AlertsOptions{
			Rules: []monitor.Rule{{Name: "blip", For: time.Minute, Find: r.find}}, Routes: []monitor.Route{{Notifier: &b}},
		})
		r.set(monitor.Condition{})
		pass(40 * time.Second)
		r.set()
		pass(5 * time.Minute)
		require.Empty(t, b.take())
	})
}

func TestAcknowledgedAlertIsNotRepeatedAndStillResolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r toggle
		var b inbox
		a := alerts(t, monitor.AlertsOptions{
			Rules: []monitor.Rule{{Name: "down", Find: r.find}}, Routes: []monitor.Route{{Notifier: &b}}, Repeat: time.Minute,
		})
		r.set(monitor.Condition{Labels: map[string]string{"check": "db"}})
		pass(40 * time.Second)
		require.Equal(t, []string{"down"}, b.take())
		active := a.Active()[0]
		require.Equal(t, active.Fingerprint(), active.ID)
		require.NoError(t, a.Acknowledge(active.ID, "ann"))
		pass(10 * time.Minute)
		require.Empty(t, b.take())
		require.Equal(t, monitor.Acknowledged, a.Active()[0].State)
		require.Equal(t, "ann", a.Active()[0].By)
		r.set()
		pass(time.Minute)
		require.Equal(t, []string{"down resolved"}, b.take())
		require.ErrorIs(t, a.Acknowledge(active.ID, "ann"), quintet.ErrInput)
	})
}

func TestSilencedAlertIsToldWhenTheSilenceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r toggle
		var b inbox
		a := alerts(t, monitor.AlertsOptions{
			Rules: []monitor.Rule{{Name: "down", Find: r.find}}, Routes: []monitor.Route{{Notifier: &b}},
		})
		id, err := a.Silence(monitor.Silence{Match: map[string]string{"alert": "down", "zone": "a"}, Until: time.Now().Add(time.Hour), By: "ops"})
		require.NoError(t, err)
		r.set(monitor.Condition{Labels: map[string]string{"zone": "a"}}, monitor.Condition{Labels: map[string]string{"zone": "b"}})
		pass(time.Minute)
		require.Equal(t, []string{"down"}, b.take(), "zone b only")
		require.Len(t, a.Silences(), 1)
		pass(time.Hour)
		require.Equal(t, []string{"down"}, b.take(), "zone a, now that the silence is over")
		require.Empty(t, a.Silences())
		require.ErrorIs(t, a.Unsilence(id), quintet.ErrInput)
	})
}

func TestSilenceRefusesWhatMatchesEverything(t *testing.T) {
	a := alerts(t, monitor.AlertsOptions{})
	later := time.Now().Add(time.Hour)
	for name, s := range map[string]monitor.Silence{
		"no labels": {Until: later, By: "a"}, "nobody": {Match: map[string]string{"a": "b"}, Until: later},
		"past": {Match: map[string]string{"a": "b"}, By: "a", Until: time.Now()},
	} {
		_, err := a.Silence(s)
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	id, err := a.Silence(monitor.Silence{Match: map[string]string{"a": "b"}, By: "a", Until: later})
	require.NoError(t, err)
	require.NoError(t, a.Unsilence(id))
}

func TestRoutesTakeWhatTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all, pager, db inbox
		a := alerts(t, monitor.AlertsOptions{Routes: []monitor.Route{
			{Notifier: &all}, {Notifier: &pager, MinSeverity: monitor.Critical}, {Notifier: &db, Match: map[string]string{"check": "db"}},
		}})
		for i, labels := range []map[string]string{{"check": "db"}, {"check": "redis"}, nil} {
			_, err := a.Raise(monitor.Alert{Name: fmt.Sprint(i), Severity: monitor.Severity(i + 1), Labels: labels})
			require.NoError(t, err)
		}
		pass(time.Minute)
		require.ElementsMatch(t, []string{"0", "1", "2"}, all.take())
		require.Equal(t, []string{"2"}, pager.take())
		require.Equal(t, []string{"0"}, db.take())
	})
}

func TestRaisedAlertLastsUntilItIsResolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b inbox
		a := alerts(t, monitor.AlertsOptions{Routes: []monitor.Route{{Notifier: &b}}, MaxActive: 1})
		id, err := a.Raise(monitor.Alert{Name: "disk"})
		require.NoError(t, err)
		again, err := a.Raise(monitor.Alert{Name: "disk", Severity: monitor.Error})
		require.NoError(t, err)
		require.Equal(t, id, again)
		pass(time.Hour)
		require.Equal(t, []string{"disk"}, b.take())
		require.Equal(t, monitor.Error, a.Active()[0].Severity)
		_, err = a.Raise(monitor.Alert{Name: "other"})
		require.ErrorIs(t, err, quintet.ErrBusy)
		_, err = a.Raise(monitor.Alert{})
		require.ErrorIs(t, err, quintet.ErrInput)
		require.NoError(t, a.Resolve(id))
		require.ErrorIs(t, a.Resolve(id), quintet.ErrInput)
		pass(time.Minute)
		require.Equal(t, []string{"disk resolved"}, b.take())
	})
}

func TestDeliveryIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		b := inbox{fail: func() error {
			if tries++; tries < 3 {
				return &monitor.RetryAfterError{After: time.Minute, Err: errors.New("busy")}
			}
			return nil
		}}
		refusing := inbox{fail: func() error { return fmt.Errorf("no such channel: %w", quintet.ErrInput) }}
		a := alerts(t, monitor.AlertsOptions{Routes: []monitor.Route{{Notifier: &b}, {Notifier: &refusing}}})
		_, err := a.Raise(monitor.Alert{Name: "disk"})
		require.NoError(t, err)
		pass(90 * time.Second)
		require.Empty(t, b.take())
		pass(time.Minute)
		require.Equal(t, []string{"disk"}, b.take())
		require.Equal(t, monitor.AlertStats{Active: 1, Sent: 1, Failed: 1}, a.Stats())
	})
}

func TestHungNotifierHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b inbox
		hung := monitor.NotifierFunc(func(ctx context.Context, _ []monitor.Alert) error { <-ctx.Done(); return ctx.Err() })
		a := alerts(t, monitor.AlertsOptions{Routes: []monitor.Route{{Notifier: hung}, {Notifier: &b}}, Queue: 10, Group: time.Millisecond})
		start := time.Now()
		for i := range 100 {
			_, err := a.Raise(monitor.Alert{Name: fmt.Sprint(i)})
			require.NoError(t, err)
			pass(10 * time.Millisecond)
		}
		require.Equal(t, time.Second, time.Since(start))
		require.Len(t, b.take(), 100)
		require.Positive(t, a.Stats().Dropped)
	})
}

func TestBrokenRulesAreAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := toggle{err: errors.New("no metrics")}
		a := alerts(t, monitor.AlertsOptions{Rules: []monitor.Rule{
			{Name: "fails", Find: failing.find},
			{Name: "panics", Find: func(context.Context) ([]monitor.Condition, error) { panic("boom") }},
		}})
		synctest.Wait()
		active := a.Active()
		require.Len(t, active, 2)
		for _, x := range active {
			require.Equal(t, "broken", x.Labels["rule"])
		}
	})
}

func TestCloseTellsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b inbox
		a, err := monitor.NewAlerts(monitor.AlertsOptions{Routes: []monitor.Route{{Notifier: &b}}, Group: time.Hour})
		require.NoError(t, err)
		_, err = a.Raise(monitor.Alert{Name: "last words"})
		require.NoError(t, err)
		require.NoError(t, a.Close())
		require.NoError(t, a.Close())
		require.Equal(t, []string{"last words"}, b.take())
	})
}

func TestAlertsRefuseBadOptions(t *testing.T) {
	find := (&toggle{}).find
	for name, o := range map[string]monitor.AlertsOptions{
		"negative":     {Interval: -1},
		"no name":      {Rules: []monitor.Rule{{Find: find}}},
		"no function":  {Rules: []monitor.Rule{{Name: "a"}}},
		"severity":     {Rules: []monitor.Rule{{Name: "a", Find: find, Severity: 9}}},
		"negative For": {Rules: []monitor.Rule{{Name: "a", Find: find, For: -1}}},
		"no notifier":  {Routes: []monitor.Route{{}}},
	} {
		_, err := monitor.NewAlerts(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

// The fingerprint is a function of name and labels, and of nothing else.
func TestFingerprint(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	seen := map[string]string{}
	letter := func() string { return string([]byte{"abc\"="[rnd.IntN(5)]}) }
	for range 5000 {
		x := monitor.Alert{Name: letter(), Labels: map[string]string{letter(): letter(), letter(): letter()}}
		identity := fmt.Sprint(len(x.Labels), fmt.Sprintf("%q %q", x.Name, x.Labels))
		fp := x.Fingerprint()
		require.Len(t, fp, 16)
		if before, ok := seen[fp]; ok {
			require.Equal(t, before, identity)
		}
		seen[fp] = identity
		x.Summary, x.Value, x.Severity = "other", 1, monitor.Critical
		require.Equal(t, fp, x.Fingerprint())
	}
}
