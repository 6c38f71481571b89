package prom

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/quintet-ai/quintet"
)

// Exporter is a collector over what its options name. It keeps nothing itself: each
// scrape reads the counts anew. It is safe for concurrent use and registers itself
// nowhere.
type Exporter struct {
	sources  []source
	success  family
	registry *prometheus.Registry // for Handler
}

var _ prometheus.Collector = (*Exporter)(nil)

// New returns an exporter. A gauge or label whose name Prometheus does not take, or
// that has the name of another metric, of the Go runtime too, is [quintet.ErrOption].
func New(o Options) (*Exporter, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &builder{labels: o.Labels}
	e := &Exporter{success: b.gauge("quintet_collect_success", "Whether a source of metrics could be read.", "source")}
	b.take()
	for _, s := range []struct {
		name  string
		there bool
		build func(*builder) func(*scrape) error
	}{
		{"batchers", len(o.Batchers) > 0, o.batchers},
		{"caches", len(o.Caches) > 0, o.caches},
		{"runtime", o.Runtime != nil, o.runtime},
		{"jobs", o.Jobs != nil, o.jobs},
		{"health", o.Health != nil, o.health},
		{"alerts", o.Alerts != nil, o.alerts},
		{"pipelines", o.Metrics != nil, o.pipelines},
	} {
		if s.there {
			collect := s.build(b)
			e.sources = append(e.sources, source{s.name, b.take(), collect})
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	e.registry = prometheus.NewRegistry()
	process := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), process, e} {
		if err := e.registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w: %w", err, quintet.ErrOption)
		}
	}
	return e, nil
}

// Describe sends what Collect may send.
func (e *Exporter) Describe(to chan<- *prometheus.Desc) {
	to <- e.success.desc
	for _, s := range e.sources {
		for _, f := range s.families {
			to <- f.desc
		}
	}
}

// Collect reads all sources. One that fails or panics is left out, and counts 0 in
// quintet_collect_success.
func (e *Exporter) Collect(to chan<- prometheus.Metric) {
	c := &scrape{to: to}
	for _, s := range e.sources {
		ok := 1.0
		if s.read(c) != nil {
			ok = 0
		}
		c.set(e.success, ok, s.name)
	}
}

// Handler answers scrapes with the metrics of the exporter, of the Go runtime and of
// the process. Who has a registry registers the exporter there instead.
func (e *Exporter) Handler() http.Handler {
	return promhttp.HandlerFor(e.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 8,
	})
}
