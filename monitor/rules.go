package monitor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"
)

// Unhealthy is a rule for every check that is down: Critical, or Warning for one that
// is Optional, which has a rule of its own, [Degrading].
func Unhealthy(h *Health) Rule {
	return Rule{Name: "unhealthy", Severity: Critical, Find: func(context.Context) ([]Condition, error) {
		return failing(h, false), nil
	}}
}

// Degrading is a rule of severity Warning for every optional check that is down.
func Degrading(h *Health) Rule {
	return Rule{Name: "degraded", Severity: Warning, Find: func(context.Context) ([]Condition, error) {
		return failing(h, true), nil
	}}
}

func failing(h *Health, optional bool) (found []Condition) {
	for _, c := range h.Report().Checks {
		if c.Status == Down && c.Optional == optional {
			found = append(found, Condition{
				Labels:  map[string]string{"check": c.Name},
				Summary: fmt.Sprintf("check %s is down: %s", c.Name, cmp.Or(c.Error, "it was until now")),
			})
		}
	}
	return found
}

// ErrorRate is a rule of severity Error for every pipeline of which more than a share
// of the calls since the last look failed, 0 < share < 1. What the caller did wrong or
// gave up (causes input, option, canceled) is no failure, and fewer than 20 calls are no rate.
func ErrorRate(m *Metrics, share float64) Rule {
	since := changes{m: m}
	return Rule{Name: "error_rate", Severity: Error, Find: func(context.Context) ([]Condition, error) {
		return since.each(func(p PipelineMetrics) (string, float64, bool) {
			failed := p.Failed() - p.Errors["input"] - p.Errors["option"] - p.Errors["canceled"]
			rate := float64(failed) / float64(p.Calls)
			return fmt.Sprintf("%.1f %% of %d calls failed", 100*rate, p.Calls), rate, rate > share
		}), nil
	}}
}

// Slow is a rule of severity Warning for every pipeline whose quantile q of the time a
// call takes, 0 < q < 1, was above limit since the last look. Fewer than 20 calls
// are no quantile.
func Slow(m *Metrics, q float64, limit time.Duration) Rule {
	since := changes{m: m}
	return Rule{Name: "slow", Severity: Warning, Find: func(context.Context) ([]Condition, error) {
		return since.each(func(p PipelineMetrics) (string, float64, bool) {
			took := p.Took.Quantile(q)
			return fmt.Sprintf("%.0f %% of the calls took up to %.3g s, limit %v", 100*q, took, limit), took, took > limit.Seconds()
		}), nil
	}}
}

// Above is a rule for a value that is greater than limit, such as the length of a queue.
func Above(name string, s Severity, value func() float64, limit float64) Rule {
	return Rule{Name: name, Severity: s, Find: func(context.Context) ([]Condition, error) {
		v := value()
		if !(v > limit) && !math.IsNaN(v) {
			return nil, nil
		}
		return []Condition{{Summary: fmt.Sprintf("%s is %.4g, limit %.4g", name, v, limit), Value: v}}, nil
	}}
}

// changes are the counts since the last look. A rule is asked by one goroutine.
type changes struct {
	m    *Metrics
	last map[seriesKey]PipelineMetrics
}

// each returns a condition for every pipeline of at least 20 new calls for which bad
// says so.
func (c *changes) each(bad func(PipelineMetrics) (summary string, value float64, is bool)) (found []Condition) {
	now := make(map[seriesKey]PipelineMetrics)
	for _, p := range c.m.Snapshot().Pipelines {
		k := seriesKey{p.Pipeline, p.Op}
		now[k] = p
		p = p.since(c.last[k])
		if p.Calls < 20 {
			continue
		}
		if summary, value, is := bad(p); is {
			labels := map[string]string{"pipeline": p.Pipeline, "op": p.Op}
			found = append(found, Condition{labels, p.Pipeline + " " + p.Op + ": " + summary, value})
		}
	}
	c.last = now
	return found
}

// since returns what was counted after an earlier snapshot of the same series.
func (p PipelineMetrics) since(earlier PipelineMetrics) PipelineMetrics {
	errs := make(map[string]uint64, len(p.Errors))
	for k, n := range p.Errors {
		errs[k] = n - earlier.Errors[k]
	}
	p.Errors = errs
	p.Calls -= earlier.Calls
	p.Items -= earlier.Items
	p.CacheHits -= earlier.CacheHits
	p.Took, p.Queued, p.Batch = p.Took.Sub(earlier.Took), p.Queued.Sub(earlier.Queued), p.Batch.Sub(earlier.Batch)
	return p
}
