package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/system"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/rediscache"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// app is what a process consists of. What its role or its settings leave out is nil.
type app struct {
	config config.Config
	role   role
	logger *slog.Logger

	redis    *rediscache.Client
	machine  *system.System
	runtime  *optimize.Runtime
	metrics  *monitor.Metrics
	embedder cachedEmbedder
	vectors  vector.Store[string]
	queue    jobs.Queue
	health   *monitor.Health
	alerts   *monitor.Alerts
	export   http.Handler
	server   *server.Server
	kinds    *jobs.Mux

	parts []part // in the order in which they were opened
}

// part is something to be closed.
type part struct {
	name  string
	close func() error
}

func (a *app) onClose(name string, f func() error) { a.parts = append(a.parts, part{name, f}) }

// close closes all parts, the last one opened first.
func (a *app) close() error {
	var errs []error
	for _, p := range slices.Backward(a.parts) {
		err := p.close()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		}
		a.logger.Info("closed", "part", p.name, "error", err)
	}
	return errors.Join(errs...)
}

// open makes the parts in an order in which each finds what it needs. It waits for no
// other machine. After an error what is open is closed again.
func open(c config.Config, r role, logger *slog.Logger) (a *app, err error) {
	a = &app{config: c, role: r, logger: logger}
	for _, step := range []func() error{a.openRuntime, a.openStores, a.openMonitor, a.openServer} {
		if err := step(); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	return a, nil
}

func (a *app) openRuntime() (err error) {
	var paths []string
	if a.role.api {
		if err := os.MkdirAll(a.config.Storage.Path, 0o700); err != nil {
			return err
		}
		paths = append(paths, a.config.Storage.Path)
	}
	if a.machine, err = system.New(system.Options{Paths: paths}); err != nil {
		return err
	}
	if a.metrics, err = monitor.NewMetrics(monitor.MetricsOptions{Gauges: a.machine.Gauges()}); err != nil {
		return err
	}
	p := a.config.Performance
	if p.GPU {
		a.logger.Warn("GPU_ENABLED has no effect: the embedded models run on the processor")
	}
	a.runtime, err = optimize.New(optimize.Options{
		Workers: p.MaxWorkers, MemoryBudget: int64(p.ModelMemoryMB) << 20, Observer: a.metrics,
	})
	return err
}

func (a *app) openStores() (err error) {
	if a.redis, err = connect(a.config.Redis); err != nil {
		return err
	}
	if a.redis != nil {
		a.onClose("cache", a.redis.Close)
	}
	if a.embedder, err = newEmbedder(a.config.Performance, a.runtime, a.redis); err != nil {
		return err
	}
	a.onClose("embedder", a.embedder.Close)
	if a.vectors, err = openVectors(a.config, a.role); err != nil {
		return err
	}
	if a.vectors != nil {
		a.onClose("vectors", a.vectors.Close)
	}
	if a.queue, err = openQueue(a.config, a.role); err != nil {
		return err
	}
	if a.queue != nil {
		a.onClose("jobs", a.queue.Close)
	}
	return nil
}

func (a *app) openMonitor() (err error) {
	m := a.config.Monitoring
	if a.health, err = monitor.NewHealth(monitor.HealthOptions{
		Checks: a.checks(), Interval: m.CheckInterval, OnChange: func(r monitor.CheckReport) {
			level := slog.LevelInfo
			if r.Status == monitor.Down && !r.Optional {
				level = slog.LevelWarn
			}
			a.logger.Log(context.Background(), level, "check", "name", r.Name, "status", r.Status.String(), "error", r.Error)
		},
	}); err != nil {
		return err
	}
	a.onClose("health", a.health.Close)
	if m.Enabled {
		to, err := routes(m, a.logger)
		if err != nil {
			return err
		}
		if a.alerts, err = monitor.NewAlerts(monitor.AlertsOptions{Rules: a.rules(), Routes: to, Logger: a.logger}); err != nil {
			return err
		}
		a.onClose("alerts", a.alerts.Close)
	}
	if m.Prometheus {
		e, err := a.exporter()
		if err != nil {
			return err
		}
		a.export = e.Handler()
	}
	return nil
}

// openServer makes the server, which a worker needs too: it knows the kinds of job.
func (a *app) openServer() error {
	if !a.role.api && !a.role.worker {
		return nil
	}
	p := server.Pipelines{
		Text: &text.Options{}, Vision: &vision.Options{}, Audio: &audio.Options{}, Graph: &graph.Options{},
		Embedder: a.embedder, Vectors: a.vectors, Jobs: a.queue,
		Kinds: []string{"text", "image", "health", "cleanup", "performance"},
	}
	if a.vectors != nil {
		p.Kinds = append(p.Kinds, "vector")
	}
	o, err := a.serverOptions()
	if err != nil {
		return err
	}
	if a.server, err = server.New(p, o); err != nil {
		return err
	}
	a.kinds = jobs.NewMux()
	return a.server.RegisterJobs(a.kinds)
}

func (a *app) serverOptions() (server.Options, error) {
	c := a.config
	o := server.Options{
		MaxBody: int64(c.API.MaxBodyMB) << 20, Timeout: c.API.Timeout, InFlight: c.API.Workers,
		Rate: float64(c.Security.RatePerMinute) / 60, NoRate: c.Security.RatePerMinute == 0,
		Proxies: c.Security.TrustedProxies, Allow: c.Security.AllowedIPs, Origins: c.Security.CORSOrigins,
		Production: c.General.Environment == config.Production, Metrics: a.export,
		Health: a.health, Observer: a.metrics, Runtime: a.runtime, Logger: a.logger,
	}
	var err error
	if o.Auth, err = authenticator(c.Security); err != nil || !a.role.api {
		if o.Auth == nil {
			o.Production = false // nobody can call a worker
		}
		return o, err
	}
	key := []byte(nil)
	if !c.Security.SecretKey.Empty() {
		key = []byte(c.Security.SecretKey.Reveal())
	}
	log, err := audit.Open(filepath.Join(a.config.Storage.Path, "audit"), audit.Options{Key: key})
	if err != nil {
		return o, err
	}
	a.onClose("audit", log.Close)
	o.Audit = log
	board, err := a.board(false)
	o.Dashboard = board
	return o, err
}

// work runs jobs until ctx ends. A queue that is gone is asked again every second.
func (a *app) work(ctx context.Context) {
	o := jobs.ServeOptions{
		Workers: max(a.config.Performance.MaxWorkers, 2), Drain: 30 * time.Second, Observer: a.metrics,
		Periodic: []jobs.Periodic{{Spec: jobs.Spec{Kind: "cleanup", ResultTTL: time.Minute}, Every: time.Hour}},
	}
	for {
		err := a.queue.Serve(ctx, a.kinds, o)
		if ctx.Err() != nil || errors.Is(err, quintet.ErrClosed) {
			a.logger.Info("workers stopped", "error", err)
			return
		}
		a.logger.Error("workers stopped and will start again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
