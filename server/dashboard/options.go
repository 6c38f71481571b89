package dashboard

import (
	"fmt"
	"maps"
	"runtime/debug"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Options configures [New]. What is nil is not shown. The dashboard closes none of it.
type Options struct {
	// Metrics are drawn as throughput and latency.
	Metrics *monitor.Metrics

	// Health is shown as state and checks.
	Health *monitor.Health

	// Alerts are shown and may be acknowledged and silenced.
	Alerts *monitor.Alerts

	// Jobs are counted and the newest listed by kind and state.
	Jobs jobs.Queue

	// JobDetails shows owners and errors of jobs too, which may tell what users did.
	JobDetails bool

	// Runtime is asked for its devices and loaded models.
	Runtime *optimize.Runtime

	// Models are listed by name, such as those of server.Pipelines.
	Models map[string]optimize.Session

	// System returns more figures to list, such as those of a package that knows the
	// machine. It is called every Interval and must be quick. Default: none.
	System func() []monitor.GaugeValue

	// Name of the service in the title. Default: "Quintet".
	Name string

	// Version of the service. Default: that of the program's module.
	Version string

	// Interval is the time between two points of a chart. Default: 2 s.
	Interval time.Duration

	// History is how many points are kept. Default: 450, which are 15 minutes.
	History int

	// ReadOnly refuses to acknowledge and to silence.
	ReadOnly bool
}

func (o Options) withDefaults() (Options, error) {
	if o.Interval < 0 || o.History < 0 || o.History > 100_000 {
		return o, fmt.Errorf("interval %v or history of %d points: %w", o.Interval, o.History, quintet.ErrOption)
	}
	if o.Interval == 0 {
		o.Interval = 2 * time.Second
	}
	if o.History == 0 {
		o.History = 450
	}
	if o.Name == "" {
		o.Name = "Quintet"
	}
	if b, ok := debug.ReadBuildInfo(); ok && o.Version == "" {
		o.Version = b.Main.Version
	}
	if o.System == nil {
		o.System = func() []monitor.GaugeValue { return nil }
	}
	o.Models = maps.Clone(o.Models)
	return o, nil
}
