package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
)

// MetricsOptions configures [NewMetrics]. The zero value suits most services.
type MetricsOptions struct {
	// Seconds are the upper bounds of the buckets that durations are counted in,
	// ascending. Default: 0.5 ms to 60 s, each about twice the one before.
	Seconds []float64

	// Gauges are read when somebody asks for a [Snapshot].
	Gauges []Gauge

	// MaxSeries bounds how many pairs of pipeline and operation are told apart.
	// Events of others count as those of pipeline "other". Default: 1,000.
	MaxSeries int
}

// Gauge is a value that goes up and down, such as the length of a queue.
type Gauge struct {
	// Name is in the form of Prometheus: quintet_queue_length.
	Name string

	// Help says in a sentence what is measured.
	Help string

	// Labels tell gauges of one name apart. All of one name have the same keys.
	Labels map[string]string

	// Value is called at each snapshot. It must be quick and safe for concurrent use.
	Value func() float64
}

func (o MetricsOptions) withDefaults() (MetricsOptions, error) {
	o.Gauges = slices.Clone(o.Gauges)
	for _, g := range o.Gauges {
		if g.Name == "" || g.Value == nil {
			return o, fmt.Errorf("gauge %q needs a name and a function: %w", g.Name, quintet.ErrOption)
		}
	}
	if o.MaxSeries < 0 {
		return o, fmt.Errorf("MaxSeries is %d: %w", o.MaxSeries, quintet.ErrOption)
	}
	for i, b := range o.Seconds {
		if math.IsNaN(b) || i > 0 && b <= o.Seconds[i-1] {
			return o, fmt.Errorf("bounds of buckets are not ascending: %w", quintet.ErrOption)
		}
	}
	o.MaxSeries = cmp.Or(o.MaxSeries, 1000)
	if o.Seconds = slices.Clone(o.Seconds); len(o.Seconds) == 0 {
		o.Seconds = seconds
	}
	return o, nil
}

var (
	seconds    = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	batchSizes = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}
)

// Metrics counts events. It is a [quintet.Observer] to be given to runtimes, safe for
// concurrent use; Observe takes well under a microsecond and allocates only for
// the first event of a pipeline.
type Metrics struct {
	opt    MetricsOptions
	series sync.Map // of seriesKey to *series
	count  atomic.Int64
}

var _ quintet.Observer = (*Metrics)(nil)

// NewMetrics returns counters at zero.
func NewMetrics(o MetricsOptions) (*Metrics, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Metrics{opt: o}, nil
}

type seriesKey struct{ pipeline, op string }

// series is what is counted of one operation.
type series struct {
	calls, items, hits  atomic.Uint64
	errors              [len(causeNames)]atomic.Uint64
	took, queued, batch histogram
}

// Observe counts an event.
func (m *Metrics) Observe(e quintet.Event) {
	s := m.of(seriesKey{e.Pipeline, e.Op})
	s.calls.Add(1)
	s.items.Add(uint64(max(0, e.Items)))
	if e.CacheHit {
		s.hits.Add(1)
	}
	if e.Err != nil {
		s.errors[causeIndex(e.Err)].Add(1)
	}
	s.took.add(e.Took.Seconds())
	s.queued.add(e.Queued.Seconds())
	if e.Batch > 0 {
		s.batch.add(float64(e.Batch))
	}
}

// of returns the series of k, made at its first event.
func (m *Metrics) of(k seriesKey) *series {
	if s, ok := m.series.Load(k); ok {
		return s.(*series)
	}
	if m.count.Add(1) > int64(m.opt.MaxSeries) {
		m.count.Add(-1)
		k = seriesKey{"other", "other"}
	}
	fresh := &series{
		took:   newHistogram(m.opt.Seconds),
		queued: newHistogram(m.opt.Seconds),
		batch:  newHistogram(batchSizes),
	}
	s, there := m.series.LoadOrStore(k, fresh)
	if there && k.pipeline != "other" {
		m.count.Add(-1)
	}
	return s.(*series)
}

// Snapshot is what was counted until a moment.
type Snapshot struct {
	At        time.Time         `json:"at"`        // when
	Pipelines []PipelineMetrics `json:"pipelines"` // by pipeline, then operation
	Gauges    []GaugeValue      `json:"gauges"`    // in the order of the options
}

// PipelineMetrics is what was counted of one operation of one pipeline.
type PipelineMetrics struct {
	Pipeline  string            `json:"pipeline"`         // as in the events
	Op        string            `json:"op"`               // as in the events
	Calls     uint64            `json:"calls"`            // events
	Items     uint64            `json:"items"`            // inputs of the calls
	CacheHits uint64            `json:"cache_hits"`       // calls that a cache answered
	Errors    map[string]uint64 `json:"errors,omitempty"` // failed calls by cause, see [Cause]
	Took      Histogram         `json:"took"`             // seconds from call to result
	Queued    Histogram         `json:"queued"`           // seconds of waiting within Took
	Batch     Histogram         `json:"batch"`            // items that were executed together
}

// Failed returns how many calls failed, whatever the cause.
func (p PipelineMetrics) Failed() uint64 {
	var n uint64
	for _, v := range p.Errors {
		n += v
	}
	return n
}

// GaugeValue is a gauge at the moment of a snapshot.
type GaugeValue struct {
	Name   string            `json:"name"`             // as in the gauge
	Help   string            `json:"help,omitempty"`   // as in the gauge
	Labels map[string]string `json:"labels,omitempty"` // as in the gauge; not a copy
	Value  float64           `json:"value"`            // what Value returned
}

// Snapshot returns the counts so far. Events that come meanwhile may be in some
// counts and not in others.
func (m *Metrics) Snapshot() Snapshot {
	out := Snapshot{At: time.Now(), Gauges: make([]GaugeValue, len(m.opt.Gauges))}
	m.series.Range(func(k, v any) bool {
		out.Pipelines = append(out.Pipelines, v.(*series).snapshot(k.(seriesKey)))
		return true
	})
	slices.SortFunc(out.Pipelines, func(a, b PipelineMetrics) int {
		return strings.Compare(a.Pipeline+"\x00"+a.Op, b.Pipeline+"\x00"+b.Op)
	})
	for i, g := range m.opt.Gauges {
		out.Gauges[i] = GaugeValue{g.Name, g.Help, g.Labels, g.Value()}
	}
	return out
}

func (s *series) snapshot(k seriesKey) PipelineMetrics {
	p := PipelineMetrics{
		Pipeline: k.pipeline, Op: k.op,
		Calls: s.calls.Load(), Items: s.items.Load(), CacheHits: s.hits.Load(),
		Took: s.took.snapshot(), Queued: s.queued.snapshot(), Batch: s.batch.snapshot(),
	}
	for i := range s.errors {
		if n := s.errors[i].Load(); n > 0 {
			if p.Errors == nil {
				p.Errors = make(map[string]uint64)
			}
			p.Errors[causeNames[i]] = n
		}
	}
	return p
}

// causes in the order in which they are looked for: who gave up is asked first.
var causes = [...]error{
	context.Canceled, context.DeadlineExceeded, quintet.ErrInput, quintet.ErrOption, quintet.ErrModel,
	quintet.ErrUnsupported, quintet.ErrBusy, quintet.ErrClosed,
}

var causeNames = [len(causes) + 1]string{
	"canceled", "deadline", "input", "option", "model", "unsupported", "busy", "closed", "other",
}

// Cause names the cause of an error for a counter: "canceled", "deadline", "input",
// "option", "model", "unsupported", "busy", "closed" or "other"; "" for nil.
func Cause(err error) string {
	if err == nil {
		return ""
	}
	return causeNames[causeIndex(err)]
}

func causeIndex(err error) int {
	for i, c := range causes {
		if errors.Is(err, c) {
			return i
		}
	}
	return len(causes)
}
