package otel

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// scope names this package for OpenTelemetry.
const scope = "github.com/quintet-ai/quintet/monitor/otel"

// Options configures [New]. What is nil gets nothing; one of both is needed.
type Options struct {
	// Tracers makes the tracer of the spans.
	Tracers trace.TracerProvider

	// Meters makes the instruments of the metrics.
	Meters metric.MeterProvider

	// ErrorTexts records the texts of errors in spans. They may quote inputs.
	ErrorTexts bool

	// Seconds are the upper bounds of the buckets of durations, ascending. Default:
	// 0.5 ms to 60 s, each about twice the one before.
	Seconds []float64
}

// Observer turns events into spans and metrics. It is safe for concurrent use; how
// long Observe takes is up to the providers, whose span processor should batch.
type Observer struct {
	tracer  trace.Tracer // nil for none
	metrics *instruments // nil for none
	texts   bool
}

var _ quintet.Observer = (*Observer)(nil)

// instruments are the metrics.
type instruments struct {
	requests, items, errors metric.Int64Counter
	took, queued            metric.Float64Histogram
	batch                   metric.Int64Histogram
}

// New returns an observer. Options without a provider are [quintet.ErrOption].
func New(o Options) (*Observer, error) {
	if o.Tracers == nil && o.Meters == nil {
		return nil, fmt.Errorf("neither tracers nor meters: %w", quintet.ErrOption)
	}
	for i := 1; i < len(o.Seconds); i++ {
		if !(o.Seconds[i] > o.Seconds[i-1]) {
			return nil, fmt.Errorf("bounds of buckets are not ascending: %w", quintet.ErrOption)
		}
	}
	if len(o.Seconds) == 0 {
		o.Seconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	}
	obs := &Observer{texts: o.ErrorTexts}
	if o.Tracers != nil {
		obs.tracer = o.Tracers.Tracer(scope)
	}
	if o.Meters != nil {
		var err error
		if obs.metrics, err = newInstruments(o.Meters.Meter(scope), o.Seconds); err != nil {
			return nil, fmt.Errorf("%w: %w", err, quintet.ErrOption)
		}
	}
	return obs, nil
}

func newInstruments(m metric.Meter, seconds []float64) (*instruments, error) {
	var first error
	counter := func(name, unit, text string) metric.Int64Counter {
		c, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(text))
		if first == nil {
			first = err
		}
		return c
	}
	duration := func(name, text string) metric.Float64Histogram {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(text),
			metric.WithExplicitBucketBoundaries(seconds...))
		if first == nil {
			first = err
		}
		return h
	}
	batch, err := m.Int64Histogram("quintet.batch.size", metric.WithUnit("{item}"),
		metric.WithDescription("Largest number of items that a call executed together."),
		metric.WithExplicitBucketBoundaries(1, 2, 4, 8, 16, 32, 64, 128, 256, 512))
	if err != nil {
		return nil, err
	}
	return &instruments{
		requests: counter("quintet.requests", "{call}", "Calls of a pipeline."),
		items:    counter("quintet.items", "{item}", "Inputs of the calls."),
		errors:   counter("quintet.errors", "{call}", "Calls that failed, by error.type."),
		took:     duration("quintet.request.duration", "Time from a call to its result."),
		queued:   duration("quintet.queue.duration", "Time that a call waited before it began."),
		batch:    batch,
	}, first
}

// Observe records an event.
func (o *Observer) Observe(e quintet.Event) {
	if o.metrics != nil {
		o.metrics.record(e)
	}
	if o.tracer != nil {
		o.span(e, time.Now())
	}
}

func (m *instruments) record(e quintet.Event) {
	ctx := context.Background()
	of := []attribute.KeyValue{attribute.String("quintet.pipeline", e.Pipeline), attribute.String("quintet.op", e.Op)}
	set := metric.WithAttributeSet(attribute.NewSet(of...))
	m.requests.Add(ctx, 1, set)
	m.items.Add(ctx, int64(max(0, e.Items)), set)
	m.took.Record(ctx, e.Took.Seconds(), set)
	m.queued.Record(ctx, e.Queued.Seconds(), set)
	if e.Batch > 0 {
		m.batch.Record(ctx, int64(e.Batch), set)
	}
	if e.Err != nil {
		of = append(of, attribute.String("error.type", monitor.Cause(e.Err)))
		m.errors.Add(ctx, 1, metric.WithAttributeSet(attribute.NewSet(of...)))
	}
}

// span makes a span that ended at end.
func (o *Observer) span(e quintet.Event, end time.Time) {
	_, s := o.tracer.Start(context.Background(), e.Pipeline+"."+e.Op,
		trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindInternal), trace.WithTimestamp(end.Add(-e.Took)),
		trace.WithAttributes(
			attribute.String("quintet.pipeline", e.Pipeline),
			attribute.String("quintet.op", e.Op),
			attribute.Int("quintet.items", e.Items),
			attribute.Int("quintet.batch", e.Batch),
			attribute.Float64("quintet.queued", e.Queued.Seconds()),
			attribute.Bool("quintet.cache_hit", e.CacheHit),
		))
	if e.Err != nil {
		s.SetAttributes(attribute.String("error.type", monitor.Cause(e.Err)))
		text := monitor.Cause(e.Err)
		if o.texts {
			text = e.Err.Error()
		}
		s.SetStatus(codes.Error, text)
	}
	s.End(trace.WithTimestamp(end))
}
