package prom

import (
	"context"
	"strconv"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/jobs"
)

func (o Options) jobs(b *builder) func(*scrape) error {
	now := b.gauge("quintet_jobs", "Jobs that are not finished, by state.", "state")
	finished := b.counter("quintet_jobs_finished_total", "Jobs that are finished, by state.", "state")
	retries := b.counter("quintet_job_retries_total", "Attempts that failed and were followed by another.")
	oldest := b.gauge("quintet_jobs_oldest_ready_seconds", "How long the oldest waiting job has been ready.")
	return func(c *scrape) error {
		ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
		defer cancel()
		s, err := o.Jobs(ctx)
		if err != nil {
			return err
		}
		c.set(now, float64(s.Scheduled), string(jobs.Scheduled))
		c.set(now, float64(s.Queued), string(jobs.Queued))
		c.set(now, float64(s.Running), string(jobs.Running))
		c.set(finished, float64(s.Done), string(jobs.Done))
		c.set(finished, float64(s.Failed), string(jobs.Failed))
		c.set(finished, float64(s.Canceled), string(jobs.Canceled))
		c.set(retries, float64(s.Retries))
		c.set(oldest, s.Oldest.Seconds())
		return nil
	}
}

func (o Options) health(b *builder) func(*scrape) error {
	live := b.gauge("quintet_live", "Whether no check asks for a restart.")
	ready := b.gauge("quintet_ready", "Whether requests should be sent here.")
	up := b.gauge("quintet_check_up", "Whether a check is up; neither down nor unknown.", "check", "optional")
	took := b.gauge("quintet_check_duration_seconds", "Time that the last run of a check took.", "check")
	at := b.gauge("quintet_check_timestamp_seconds", "When the last run of a check began.", "check")
	return func(c *scrape) error {
		c.set(live, oneIf(o.Health.Live() == nil))
		c.set(ready, oneIf(o.Health.Ready() == nil))
		for _, r := range o.Health.Report().Checks {
			c.set(up, oneIf(r.Status == monitor.Up), r.Name, strconv.FormatBool(r.Optional))
			if !r.Checked.IsZero() {
				c.set(took, r.Took.Seconds(), r.Name)
				c.set(at, float64(r.Checked.UnixNano())/1e9, r.Name)
			}
		}
		return nil
	}
}

func (o Options) alerts(b *builder) func(*scrape) error {
	active := b.gauge("quintet_alerts", "Active alerts.", "severity", "state")
	sent := b.counter("quintet_alert_messages_total", "Messages about alerts, by what became of them.", "result")
	dropped := b.counter("quintet_alerts_dropped_total", "Alerts for which there was no room.")
	return func(c *scrape) error {
		type kind struct {
			severity monitor.Severity
			state    monitor.State
		}
		counts := make(map[kind]int)
		for _, a := range o.Alerts.Active() {
			counts[kind{a.Severity, a.State}]++
		}
		for s := monitor.Info; s <= monitor.Critical; s++ {
			for _, state := range []monitor.State{monitor.Pending, monitor.Firing, monitor.Acknowledged, monitor.Silenced} {
				c.set(active, float64(counts[kind{s, state}]), s.String(), string(state))
			}
		}
		s := o.Alerts.Stats()
		c.set(sent, float64(s.Sent), "sent")
		c.set(sent, float64(s.Failed), "failed")
		c.set(dropped, float64(s.Dropped))
		return nil
	}
}
