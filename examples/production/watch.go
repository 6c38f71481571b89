package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/mail"
	"github.com/quintet-ai/quintet/monitor/prom"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/dashboard"
)

// checks are what health depends on. Without its cache, or on a busy machine, a process
// works on; without its stores or its queue it should get no requests.
func (a *app) checks() []monitor.Check {
	var all []monitor.Check
	if a.role.api {
		all = append(all, monitor.Check{Name: "storage", Run: func(ctx context.Context) error { return probe(ctx, a.config.Storage.Path) }})
	}
	switch v := a.vectors.(type) {
	case nil:
	case *databaseStore:
		all = append(all, monitor.Check{Name: "database", Run: v.Ping})
	default:
		all = append(all, monitor.Check{Name: "vectors", Run: func(ctx context.Context) error { _, err := v.Stats(ctx); return err }})
	}
	if a.queue != nil {
		all = append(all, monitor.Check{Name: "jobs", Run: func(ctx context.Context) error { _, err := a.queue.Stats(ctx); return err }})
	}
	if a.redis != nil {
		all = append(all, monitor.Check{Name: "cache", Optional: true, Run: a.redis.Ping})
	}
	for _, c := range a.machine.Checks() {
		c.Optional = true
		all = append(all, c)
	}
	return all
}

// rules are those of the process itself. Prometheus has more, over all of them.
func (a *app) rules() []monitor.Rule {
	unhealthy := monitor.Unhealthy(a.health)
	unhealthy.KeepFiring = 30 * time.Second
	all := []monitor.Rule{unhealthy, monitor.Degrading(a.health), monitor.ErrorRate(a.metrics, 0.05), monitor.Slow(a.metrics, 0.99, 10*time.Second)}
	if a.queue != nil {
		old := monitor.Above("old_jobs", monitor.Warning, a.oldest, 600)
		old.For = time.Minute
		all = append(all, old)
	}
	return all
}

// oldest is how many seconds the job that waits longest has been ready.
func (a *app) oldest() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s, err := a.queue.Stats(ctx)
	if err != nil {
		return 0 // the check of the queue tells
	}
	return s.Oldest.Seconds()
}

// routes are who is told of alerts.
func routes(m config.Monitoring, logger *slog.Logger) ([]monitor.Route, error) {
	out := []monitor.Route{{Notifier: monitor.Log(logger)}}
	add := func(least monitor.Severity, n monitor.Notifier, err error) error {
		out = append(out, monitor.Route{Notifier: n, MinSeverity: least})
		return err
	}
	if !m.SlackURL.Empty() {
		n, err := monitor.Slack(monitor.Endpoint{URL: m.SlackURL.Reveal()})
		if err := add(monitor.Warning, n, err); err != nil {
			return nil, err
		}
	}
	if !m.WebhookURL.Empty() {
		n, err := monitor.Webhook(monitor.Endpoint{URL: m.WebhookURL.Reveal(), Private: true}, []byte(m.WebhookSecret.Reveal()))
		if err := add(monitor.Info, n, err); err != nil {
			return nil, err
		}
	}
	if !m.PagerDutyKey.Empty() {
		n, err := monitor.PagerDuty(m.PagerDutyKey.Reveal(), "quintetd", monitor.Endpoint{})
		if err := add(monitor.Critical, n, err); err != nil {
			return nil, err
		}
	}
	if m.SMTPHost != "" {
		n, err := mail.New(mail.Options{
			Host: m.SMTPHost, Port: m.SMTPPort, User: m.SMTPUser, Password: m.SMTPPassword.Reveal(), From: m.MailFrom, To: m.MailTo,
		})
		if err := add(monitor.Error, n, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// exporter shows Prometheus what the process does.
func (a *app) exporter() (*prom.Exporter, error) {
	o := prom.Options{Metrics: a.metrics, Health: a.health, Alerts: a.alerts, Runtime: a.runtime}
	if a.queue != nil {
		o.Jobs = a.queue.Stats
	}
	if a.embedder.cache != nil {
		o.Caches = map[string]func() optimize.CacheStats{"embeddings": a.embedder.cache.Stats}
	}
	return prom.New(o)
}

// board is the dashboard, for those who may act on alerts or for all who look.
func (a *app) board(readOnly bool) (*dashboard.Dashboard, error) {
	d, err := dashboard.New(dashboard.Options{
		Metrics: a.metrics, Health: a.health, Alerts: a.alerts, Jobs: a.queue, Runtime: a.runtime, ReadOnly: readOnly,
	})
	if err == nil {
		a.onClose("dashboard", d.Close)
	}
	return d, err
}

// monitoring answers at the port for operators.
func monitoring(h *monitor.Health, metrics http.Handler, board http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", h.LiveHandler())
	mux.Handle("GET /readyz", h.ReadyHandler())
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	mux.Handle("GET /dashboard/", http.StripPrefix("/dashboard", board))
	return mux
}
