package prom

import (
	"fmt"
	"maps"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// pipelines reads the metrics and their gauges in one snapshot.
func (o Options) pipelines(b *builder) func(*scrape) error {
	requests := b.counter("quintet_requests_total", "Calls of a pipeline.", "pipeline", "op")
	items := b.counter("quintet_items_total", "Inputs of the calls of a pipeline.", "pipeline", "op")
	cached := b.counter("quintet_cached_requests_total", "Calls that a cache answered.", "pipeline", "op")
	failed := b.counter("quintet_errors_total", "Calls that failed, by cause.", "pipeline", "op", "cause")
	took := b.histogram("quintet_request_duration_seconds", "Time from a call to its result.", "pipeline", "op")
	queued := b.histogram("quintet_queue_duration_seconds", "Time that a call waited before it began.", "pipeline", "op")
	batch := b.histogram("quintet_batch_size", "Largest number of items that a call executed together.", "pipeline", "op")
	gauges := b.gauges(o.Metrics.Snapshot().Gauges)
	return func(c *scrape) error {
		s := o.Metrics.Snapshot()
		for _, p := range s.Pipelines {
			c.set(requests, float64(p.Calls), p.Pipeline, p.Op)
			c.set(items, float64(p.Items), p.Pipeline, p.Op)
			c.set(cached, float64(p.CacheHits), p.Pipeline, p.Op)
			for cause, n := range p.Errors {
				c.set(failed, float64(n), p.Pipeline, p.Op, cause)
			}
			c.distribution(took, p.Took, p.Pipeline, p.Op)
			c.distribution(queued, p.Queued, p.Pipeline, p.Op)
			c.distribution(batch, p.Batch, p.Pipeline, p.Op)
		}
		for i, g := range s.Gauges {
			c.set(gauges[i], g.Value, labelValues(g)...)
		}
		return nil
	}
}

// gauges makes a family for each gauge; equal ones are one for a registry. A gauge
// that comes twice, which a registry would notice only at a scrape, is an error.
func (b *builder) gauges(all []monitor.GaugeValue) []family {
	out := make([]family, len(all))
	seen := make(map[string]bool, len(all))
	help := make(map[string]string)
	for _, g := range all {
		if id := fmt.Sprintf("%q%q", g.Name, g.Labels); seen[id] { // fmt prints maps by key
			b.err = fmt.Errorf("two gauges %s%v: %w", g.Name, g.Labels, quintet.ErrOption)
		} else {
			seen[id] = true
		}
		if h, ok := help[g.Name]; !ok || h == "" {
			help[g.Name] = g.Help
		}
	}
	for i, g := range all {
		if help[g.Name] == "" {
			help[g.Name] = "A gauge of the program."
		}
		out[i] = b.gauge(g.Name, help[g.Name], slices.Sorted(maps.Keys(g.Labels))...)
	}
	return out
}

// labelValues are in the order of the keys.
func labelValues(g monitor.GaugeValue) []string {
	values := make([]string, 0, len(g.Labels))
	for _, k := range slices.Sorted(maps.Keys(g.Labels)) {
		values = append(values, g.Labels[k])
	}
	return values
}
