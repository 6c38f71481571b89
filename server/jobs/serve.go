package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// Serve implements [Queue].
func (q *Local) Serve(ctx context.Context, m *Mux, o ServeOptions) error {
	o, err := o.WithDefaults()
	if err != nil {
		return err
	}
	q.mu.Lock()
	if q.closing.Err() != nil {
		q.mu.Unlock()
		return fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	q.serving.Add(1)
	q.mu.Unlock()
	defer q.serving.Done()

	ctx, stop := context.WithCancel(ctx) // ends when no more jobs are to start
	defer stop()
	defer context.AfterFunc(q.closing, stop)()
	defer context.AfterFunc(ctx, func() { q.mu.Lock(); q.wake.Broadcast(); q.mu.Unlock() })()
	work, abandon := context.WithCancel(context.WithoutCancel(ctx)) // ends when running jobs must give up
	defer abandon()
	var all sync.WaitGroup
	for _, p := range o.Periodic {
		all.Go(func() { p.Run(ctx, q) })
	}
	for range o.Workers {
		all.Go(func() {
			for j := q.take(ctx); j != nil; j = q.take(ctx) {
				q.attempt(work, m, o.Observer, j)
			}
		})
	}
	<-ctx.Done()
	grace := time.AfterFunc(o.Drain, abandon)
	defer grace.Stop()
	all.Wait()
	return nil
}

// take waits for a job and marks it as running; it is nil when ctx has ended.
func (q *Local) take(ctx context.Context) *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for ctx.Err() == nil {
		if j := q.waiting.pop(); j != nil {
			j.State, j.Started = Running, time.Now()
			j.Attempt++
			q.running++
			q.store.put(j)
			return j
		}
		q.wake.Wait()
	}
	if q.waiting.n > 0 {
		q.wake.Signal() // this one may have been meant for another Serve
	}
	return nil
}

// attempt runs a job once and notes the outcome. When work ends the job is queued
// again, for the next who serves.
func (q *Local) attempt(work context.Context, m *Mux, obs quintet.Observer, j *job) {
	q.mu.Lock()
	info, queued := j.Info, j.Started.Sub(j.ready)
	q.mu.Unlock()
	o, _ := m.Options(info.Kind)
	ctx, cancel := context.WithTimeout(work, cmp.Or(info.Timeout, o.Timeout))
	defer cancel()
	q.mu.Lock()
	if j.cancel = cancel; j.asked {
		cancel()
	}
	q.mu.Unlock()

	result, err := json.RawMessage(nil), error(errKilled)
	if info.Attempt <= cmp.Or(info.MaxAttempts, o.MaxAttempts) {
		result, err = m.run(ctx, info)
	}
	obs.Observe(quintet.Event{
		Pipeline: "jobs", Op: info.Kind, Items: 1, Took: queued + time.Since(info.Started), Queued: queued, Err: err,
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	if j.gone {
		return
	}
	q.settle(j, o, result, err, work.Err() != nil)
}

// errKilled is the error of a job that was started as often as it may be and never
// ended, because its process did.
var errKilled = errors.New("the process ended during every attempt")

// settle decides what becomes of a job after an attempt. The caller holds mu.
func (q *Local) settle(j *job, o KindOptions, result json.RawMessage, err error, abandoned bool) {
	j.cancel = nil
	if err == nil {
		j.Result, j.Error = result, ""
		q.finish(j, Done)
		return
	}
	j.Error = err.Error()
	switch asked := j.asked; {
	case asked:
		j.asked = false
		q.finish(j, Canceled)
	case abandoned && errors.Is(err, context.Canceled):
		j.Attempt-- // it did nothing wrong
		q.line(j)
		q.store.put(j)
	case IsPermanent(err) || j.Attempt >= cmp.Or(j.MaxAttempts, o.MaxAttempts):
		q.finish(j, Failed)
	default:
		q.stats.Retries++
		j.RunAt = time.Now().Add(o.Pause(j.Attempt))
		q.line(j)
		q.store.put(j)
	}
}
