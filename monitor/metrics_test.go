package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

func metrics(t *testing.T, o monitor.MetricsOptions) *monitor.Metrics {
	t.Helper()
	m, err := monitor.NewMetrics(o)
	require.NoError(t, err)
	return m
}

func TestMetricsCountEvents(t *testing.T) {
	m := metrics(t, monitor.MetricsOptions{Gauges: []monitor.Gauge{{Name: "queue", Value: func() float64 { return 7 }}}})
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: time.Millisecond, Batch: 1})
	m.Observe(quintet.Event{Pipeline: "text", Op: "RunBatch", Items: 30, Took: 3 * time.Second, Queued: time.Second, Batch: 16})
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, CacheHit: true})
	m.Observe(quintet.Event{Pipeline: "audio", Op: "Run", Items: 1, Err: fmt.Errorf("x: %w", quintet.ErrInput)})
	s := m.Snapshot()
	require.Len(t, s.Pipelines, 3)
	audio, run, batch := s.Pipelines[0], s.Pipelines[1], s.Pipelines[2]
	require.Equal(t, map[string]uint64{"input": 1}, audio.Errors)
	require.EqualValues(t, 1, audio.Failed())
	require.EqualValues(t, 2, run.Calls)
	require.EqualValues(t, 1, run.CacheHits)
	require.EqualValues(t, 30, batch.Items)
	require.InDelta(t, 3, batch.Took.Sum, 1e-9)
	require.InDelta(t, 1, batch.Queued.Mean(), 1e-9)
	require.EqualValues(t, 1, batch.Batch.Count())
	require.Equal(t, 7.0, s.Gauges[0].Value)
}

func TestMetricsOfManyGoroutinesAddUp(t *testing.T) {
	m := metrics(t, monitor.MetricsOptions{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for range 1000 {
				m.Observe(quintet.Event{Pipeline: fmt.Sprint(g % 3), Op: "Run", Items: 2, Took: time.Second})
			}
		})
	}
	wg.Wait()
	var calls, items uint64
	var sum float64
	for _, p := range m.Snapshot().Pipelines {
		calls, items, sum = calls+p.Calls, items+p.Items, sum+p.Took.Sum
	}
	require.EqualValues(t, 8000, calls)
	require.EqualValues(t, 16000, items)
	require.InDelta(t, 8000, sum, 1e-6)
}

func TestPipelinesBeyondTheLimitAreCountedTogether(t *testing.T) {
	m := metrics(t, monitor.MetricsOptions{MaxSeries: 3})
	for i := range 100 {
		m.Observe(quintet.Event{Pipeline: fmt.Sprint(i), Op: "Run"})
	}
	s := m.Snapshot()
	require.Len(t, s.Pipelines, 4)
	i := slices.IndexFunc(s.Pipelines, func(p monitor.PipelineMetrics) bool { return p.Pipeline == "other" })
	require.EqualValues(t, 97, s.Pipelines[i].Calls)
}

func TestCause(t *testing.T) {
	for want, err := range map[string]error{
		"": nil, "canceled": context.Canceled, "deadline": context.DeadlineExceeded, "input": quintet.ErrInput,
		"option": quintet.ErrOption, "model": quintet.ErrModel, "unsupported": quintet.ErrUnsupported,
		"busy": quintet.ErrBusy, "closed": quintet.ErrClosed, "other": errors.New("disk"),
	} {
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
		require.Equal(t, want, monitor.Cause(err))
	}
}

// A quantile lies in the bucket that holds the value of that rank.
func TestQuantileIsInTheBucketOfItsRank(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	bounds := []float64{1, 2, 5, 10, 20}
	for range 200 {
		h := monitor.Histogram{Bounds: bounds, Counts: make([]uint64, 6)}
		values := make([]float64, 1+rnd.IntN(50))
		for i := range values {
			values[i] = rnd.Float64() * 20
			at, _ := slices.BinarySearch(bounds, values[i])
			h.Counts[at]++
		}
		slices.Sort(values)
		q := rnd.Float64()
		rank := max(0, int(math.Ceil(q*float64(len(values))))-1)
		want, _ := slices.BinarySearch(bounds, values[rank])
		got := h.Quantile(q)
		low := 0.0
		if want > 0 {
			low = bounds[want-1]
		}
		require.GreaterOrEqual(t, got, low)
		require.LessOrEqual(t, got, bounds[want])
	}
	require.True(t, math.IsNaN(monitor.Histogram{Bounds: bounds, Counts: make([]uint64, 6)}.Quantile(0.5)))
	require.Equal(t, 20.0, monitor.Histogram{Bounds: bounds, Counts: []uint64{0, 0, 0, 0, 0, 3}}.Quantile(0.5))
}

func TestMetricsRefuseBadOptions(t *testing.T) {
	for name, o := range map[string]monitor.MetricsOptions{
		"descending": {Seconds: []float64{2, 1}}, "equal": {Seconds: []float64{1, 1}}, "NaN": {Seconds: []float64{1, math.NaN()}},
		"no gauge": {Gauges: []monitor.Gauge{{Name: "a"}}}, "negative": {MaxSeries: -1},
	} {
		_, err := monitor.NewMetrics(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

func BenchmarkObserve(b *testing.B) {
	m, err := monitor.NewMetrics(monitor.MetricsOptions{})
	require.NoError(b, err)
	e := quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 3 * time.Millisecond, Batch: 4}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(e)
	}
}
