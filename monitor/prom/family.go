package prom

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/quintet-ai/quintet/monitor"
)

// family is a metric of any labels.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// source is what is read together.
type source struct {
	name     string
	families []family
	collect  func(*scrape) error
}

func (s source) read(c *scrape) (err error) {
	defer func() {
		if v := recover(); v != nil { // a registry would not survive it
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return s.collect(c)
}

// builder makes families and remembers those of the source that is built.
type builder struct {
	labels prometheus.Labels
	made   []family
	err    error
}

func (b *builder) take() (made []family) {
	made, b.made = b.made, nil
	return made
}

func (b *builder) family(kind prometheus.ValueType, name, help string, labels []string) family {
	f := family{prometheus.NewDesc(name, help, labels, b.labels), kind}
	b.made = append(b.made, f)
	return f
}

func (b *builder) gauge(name, help string, labels ...string) family {
	return b.family(prometheus.GaugeValue, name, help, labels)
}

func (b *builder) counter(name, help string, labels ...string) family {
	return b.family(prometheus.CounterValue, name, help, labels)
}

func (b *builder) histogram(name, help string, labels ...string) family {
	return b.family(prometheus.UntypedValue, name, help, labels)
}

// scrape is one reading of all sources.
type scrape struct{ to chan<- prometheus.Metric }

func (c *scrape) set(f family, v float64, labels ...string) {
	c.send(f, labels, func() (prometheus.Metric, error) {
		return prometheus.NewConstMetric(f.desc, f.kind, v, labels...)
	})
}

func (c *scrape) distribution(f family, h monitor.Histogram, labels ...string) {
	buckets := make(map[float64]uint64, len(h.Bounds))
	var below uint64
	for i, bound := range h.Bounds {
		below += h.Counts[i]
		buckets[bound] = below
	}
	c.send(f, labels, func() (prometheus.Metric, error) {
		return prometheus.NewConstHistogram(f.desc, h.Count(), h.Sum, buckets, labels...)
	})
}

func (c *scrape) send(f family, labels []string, metric func() (prometheus.Metric, error)) {
	for i, v := range labels {
		labels[i] = printable(v)
	}
	m, err := metric()
	if err != nil {
		m = prometheus.NewInvalidMetric(f.desc, err)
	}
	c.to <- m
}

// printable quotes what is no UTF-8, which a label must be.
func printable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strconv.QuoteToASCII(s)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
