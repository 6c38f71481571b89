package otel_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor/otel"
)

func TestSpansOfEvents(t *testing.T) {
	for name, texts := range map[string]bool{"causes only": false, "with texts": true} {
		t.Run(name, func(t *testing.T) {
			spans := tracetest.NewInMemoryExporter()
			o, err := otel.New(otel.Options{Tracers: trace.NewTracerProvider(trace.WithSyncer(spans)), ErrorTexts: texts})
			require.NoError(t, err)
			o.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 3 * time.Second, Queued: time.Second, Batch: 4, CacheHit: true})
			o.Observe(quintet.Event{Pipeline: "text", Op: "Run", Err: fmt.Errorf("secret: %w", quintet.ErrBusy)})

			all := spans.GetSpans()
			require.Len(t, all, 2)
			good, bad := all[0], all[1]
			require.Equal(t, "text.Run", good.Name)
			require.Equal(t, 3*time.Second, good.EndTime.Sub(good.StartTime))
			require.False(t, good.Parent.IsValid())
			require.Equal(t, codes.Unset, good.Status.Code)
			require.ElementsMatch(t, []attribute.KeyValue{
				attribute.String("quintet.pipeline", "text"), attribute.String("quintet.op", "Run"), attribute.Int("quintet.items", 1),
				attribute.Int("quintet.batch", 4), attribute.Float64("quintet.queued", 1), attribute.Bool("quintet.cache_hit", true),
			}, good.Attributes)
			require.Equal(t, codes.Error, bad.Status.Code)
			require.Contains(t, bad.Attributes, attribute.String("error.type", "busy"))
			if texts {
				require.Equal(t, "secret: too many calls in flight", bad.Status.Description)
			} else {
				require.Equal(t, "busy", bad.Status.Description)
			}
		})
	}
}

func TestMetricsOfEvents(t *testing.T) {
	reader := metric.NewManualReader()
	o, err := otel.New(otel.Options{Meters: metric.NewMeterProvider(metric.WithReader(reader)), Seconds: []float64{.1, 1}})
	require.NoError(t, err)
	o.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 50 * time.Millisecond, Batch: 4})
	o.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 3, Took: 2 * time.Second, Err: context.Canceled})

	var got metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &got))
	require.Len(t, got.ScopeMetrics, 1)
	byName := make(map[string]metricdata.Metrics)
	for _, m := range got.ScopeMetrics[0].Metrics {
		byName[m.Name] = m
	}
	of := attribute.NewSet(attribute.String("quintet.pipeline", "text"), attribute.String("quintet.op", "Run"))
	canceled := attribute.NewSet(append(of.ToSlice(), attribute.String("error.type", "canceled"))...)
	sum := func(set attribute.Set, n int64) metricdata.Sum[int64] {
		return metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true,
			DataPoints: []metricdata.DataPoint[int64]{{Attributes: set, Value: n}}}
	}
	ignore := metricdatatest.IgnoreTimestamp()
	metricdatatest.AssertAggregationsEqual(t, sum(of, 2), byName["quintet.requests"].Data, ignore)
	metricdatatest.AssertAggregationsEqual(t, sum(of, 4), byName["quintet.items"].Data, ignore)
	metricdatatest.AssertAggregationsEqual(t, sum(canceled, 1), byName["quintet.errors"].Data, ignore)
	took := byName["quintet.request.duration"].Data.(metricdata.Histogram[float64]).DataPoints[0]
	require.Equal(t, []uint64{1, 0, 1}, took.BucketCounts)
	require.InDelta(t, 2.05, took.Sum, 1e-9)
	batch := byName["quintet.batch.size"].Data.(metricdata.Histogram[int64]).DataPoints[0]
	require.EqualValues(t, 1, batch.Count)
	require.Equal(t, "s", byName["quintet.queue.duration"].Unit)
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	_, err := otel.New(otel.Options{})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = otel.New(otel.Options{Meters: noop.NewMeterProvider(), Seconds: []float64{1, 1}})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func ExampleNew() {
	spans := tracetest.NewInMemoryExporter()
	o, err := otel.New(otel.Options{Tracers: trace.NewTracerProvider(trace.WithSyncer(spans))})
	if err != nil {
		fmt.Println(err)
		return
	}
	o.Observe(quintet.Event{Pipeline: "vision", Op: "RunBatch", Items: 8, Took: 40 * time.Millisecond})
	for _, s := range spans.GetSpans() {
		fmt.Println(s.Name, s.EndTime.Sub(s.StartTime))
	}
	// Output:
	// vision.RunBatch 40ms
}

func BenchmarkObserve(b *testing.B) {
	o, err := otel.New(otel.Options{Meters: metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))})
	require.NoError(b, err)
	e := quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: time.Millisecond, Batch: 1}
	b.ReportAllocs()
	for b.Loop() {
		o.Observe(e)
	}
}
