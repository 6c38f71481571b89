package prom

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Options configures [New]. What is nil has no metrics. Functions are called at each
// scrape: they must be quick and safe for concurrent use.
type Options struct {
	// Metrics counts the events of pipelines. Its gauges are exported too.
	Metrics *monitor.Metrics

	// Health has the states of checks.
	Health *monitor.Health

	// Alerts has the active alerts.
	Alerts *monitor.Alerts

	// Runtime has models and devices. Devices are asked for once, by New.
	Runtime *optimize.Runtime

	// Jobs counts jobs, such as the method Stats of a queue. It should end when ctx
	// does; an error leaves the metrics of jobs out of this scrape.
	Jobs func(ctx context.Context) (jobs.Stats, error)

	// Caches count lookups, by the name of the cache.
	Caches map[string]func() optimize.CacheStats

	// Batchers count batches, by the name of the batcher.
	Batchers map[string]func() optimize.BatchStats

	// Labels are added to every metric, such as the name of the service. Those that a
	// scrape adds, job and instance, need not be here. Default: none.
	Labels map[string]string

	// Timeout bounds Jobs. Default: 2 s.
	Timeout time.Duration
}

func (o Options) withDefaults() (Options, error) {
	for name, stats := range o.Caches {
		if stats == nil {
			return o, fmt.Errorf("cache %q has no function: %w", name, quintet.ErrOption)
		}
	}
	for name, stats := range o.Batchers {
		if stats == nil {
			return o, fmt.Errorf("batcher %q has no function: %w", name, quintet.ErrOption)
		}
	}
	if o.Timeout < 0 {
		return o, fmt.Errorf("timeout is %v: %w", o.Timeout, quintet.ErrOption)
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	return o, nil
}
