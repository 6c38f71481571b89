package dashboard

import (
	"cmp"
	"context"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/jobs"
)

// maxPipelines bounds the pipelines that have a history of their own; the others share
// that of "other".
const maxPipelines = 16

// sample is one point of all charts.
type sample struct {
	at         time.Time
	heap       float64 // bytes of live and dead objects
	goroutines float64
	queued     float64 // jobs that are ready and wait
	running    float64 // jobs
	flows      map[string]flow
}

// flow is what went through a pipeline between two samples.
type flow struct {
	calls, failed float64 // a second
	p50, p95, p99 float64 // seconds; NaN without calls
	waited        float64 // 95th percentile in seconds; NaN without calls
}

// total is what went through a pipeline since the start.
type total struct {
	calls, failed uint64
	took, queued  monitor.Histogram
}

type totals map[string]total

// sample takes one sample.
func (d *Dashboard) sample(ctx context.Context, now time.Time) {
	s := process(now)
	jobs := d.askJobs(ctx)
	if jobs != nil {
		s.queued, s.running = float64(jobs.Stats.Queued), float64(jobs.Stats.Running)
	}
	gauges := d.opt.System()
	var counted monitor.Snapshot
	if d.opt.Metrics != nil {
		counted = d.opt.Metrics.Snapshot()
		gauges = slices.Concat(counted.Gauges, gauges)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.jobs, d.gauges = jobs, gauges
	if d.opt.Metrics != nil {
		sums := d.sum(counted)
		if seconds := now.Sub(d.lastAt).Seconds(); d.last != nil && seconds > 0 {
			s.flows = sums.since(d.last, seconds)
		}
		d.last, d.lastAt = sums, now
		counted.At = now
		d.lookBack(counted)
	}
	d.samples = append(d.samples, s)
	if over := len(d.samples) - d.opt.History; over > 0 {
		d.samples = slices.Delete(d.samples, 0, over)
	}
}

// process reads figures of the Go runtime.
func process(now time.Time) sample {
	read := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/sched/goroutines:goroutines"}}
	metrics.Read(read)
	return sample{at: now, heap: float64(read[0].Value.Uint64()), goroutines: float64(read[1].Value.Uint64())}
}

// askJobs counts jobs and lists the newest; nil without a queue, or if it does not answer.
func (d *Dashboard) askJobs(ctx context.Context) *jobsView {
	if d.opt.Jobs == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, max(d.opt.Interval, time.Second))
	defer cancel()
	stats, err := d.opt.Jobs.Stats(ctx)
	if err != nil {
		return nil
	}
	if !d.watched() { // a list costs a queue with many jobs more than a count
		return &jobsView{Stats: stats, Newest: []jobView{}}
	}
	newest, err := d.opt.Jobs.List(ctx, jobs.Filter{Limit: 20})
	if err != nil {
		return nil
	}
	return newJobsView(stats, newest, d.opt.JobDetails)
}

// watched reports whether somebody asked for data lately.
func (d *Dashboard) watched() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Since(d.asked) < max(10*d.opt.Interval, time.Minute)
}

// sum adds the operations of each pipeline. The caller holds mu.
func (d *Dashboard) sum(s monitor.Snapshot) totals {
	out := totals{}
	for _, p := range s.Pipelines {
		name := d.known(p.Pipeline)
		t := out[name]
		t.calls += p.Calls
		t.failed += p.Failed()
		t.took, t.queued = plus(t.took, p.Took), plus(t.queued, p.Queued)
		out[name] = t
	}
	return out
}

// known returns the name under which a pipeline has a history. The caller holds mu.
func (d *Dashboard) known(name string) string {
	if i, ok := slices.BinarySearch(d.pipelines, name); !ok {
		if len(d.pipelines) >= maxPipelines-1 {
			name = "other"
			i, ok = slices.BinarySearch(d.pipelines, name)
		}
		if !ok {
			d.pipelines = slices.Insert(d.pipelines, i, name)
		}
	}
	return name
}

// plus adds histograms with equal bounds; a is the zero value or is changed.
func plus(a, b monitor.Histogram) monitor.Histogram {
	if a.Counts == nil {
		return monitor.Histogram{Bounds: b.Bounds, Counts: slices.Clone(b.Counts), Sum: b.Sum}
	}
	for i, n := range b.Counts {
		a.Counts[i] += n
	}
	a.Sum += b.Sum
	return a
}

// since returns what went through the pipelines after earlier.
func (t totals) since(earlier totals, seconds float64) map[string]flow {
	out := make(map[string]flow, len(t))
	for name, now := range t {
		before := earlier[name]
		took := now.took.Sub(before.took)
		out[name] = flow{
			calls: float64(now.calls-before.calls) / seconds, failed: float64(now.failed-before.failed) / seconds,
			p50: took.Quantile(0.5), p95: took.Quantile(0.95), p99: took.Quantile(0.99),
			waited: now.queued.Sub(before.queued).Quantile(0.95),
		}
	}
	return out
}

// lookBack makes the table of operations: what they did since about a minute ago. The
// caller holds mu.
func (d *Dashboard) lookBack(now monitor.Snapshot) {
	if len(d.minute) == 0 {
		d.minute = []monitor.Snapshot{now}
		return
	}
	d.operations = operationsSince(d.minute[0], now)
	if now.At.Sub(d.minute[len(d.minute)-1].At) >= 10*time.Second {
		d.minute = append(d.minute, now)
	}
	if len(d.minute) > 1 && now.At.Sub(d.minute[1].At) >= time.Minute {
		d.minute = slices.Delete(d.minute, 0, 1)
	}
}

// operationsSince compares two snapshots, the busiest operation first.
func operationsSince(earlier, now monitor.Snapshot) []operation {
	before := make(map[[2]string]monitor.PipelineMetrics, len(earlier.Pipelines))
	for _, p := range earlier.Pipelines {
		before[[2]string{p.Pipeline, p.Op}] = p
	}
	seconds := now.At.Sub(earlier.At).Seconds()
	out := make([]operation, 0, len(now.Pipelines))
	for _, p := range now.Pipelines {
		b := before[[2]string{p.Pipeline, p.Op}]
		took, calls := p.Took.Sub(b.Took), float64(p.Calls-b.Calls)
		out = append(out, operation{
			Pipeline: p.Pipeline, Op: p.Op, Total: p.Calls, Calls: number(calls / seconds),
			Failed: number(float64(p.Failed()-b.Failed()) / calls), Hits: number(float64(p.CacheHits-b.CacheHits) / calls),
			Batch: number(p.Batch.Sub(b.Batch).Mean()),
			P50:   number(took.Quantile(0.5)), P95: number(took.Quantile(0.95)), P99: number(took.Quantile(0.99)),
		})
	}
	slices.SortStableFunc(out, func(a, b operation) int { return cmp.Compare(b.Calls, a.Calls) })
	return out
}
