package asynqjobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Serve implements [jobs.Queue]. While the server does not answer it tries on. A
// handler that heeds no context is left behind a minute after Drain, and its job starts
// anew elsewhere.
func (q *Queue) Serve(ctx context.Context, m *jobs.Mux, o jobs.ServeOptions) error {
	o, err := o.WithDefaults()
	if err != nil {
		return err
	}
	if !q.begin() {
		return fmt.Errorf("asynqjobs: %w", quintet.ErrClosed)
	}
	defer q.serving.Done()
	ctx, stop := context.WithCancel(context.WithValue(ctx, serving{}, true)) // ends when no more jobs are to start
	defer stop()
	defer context.AfterFunc(q.closing, stop)()
	work, abandon := context.WithCancel(context.WithoutCancel(ctx)) // ends when running jobs must give up
	defer abandon()
	w := &worker{Queue: q, mux: m, observer: o.Observer, work: work, running: make(map[string]*attempt)}
	over := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { every(over, watchEvery, w.watch) })
	all.Go(func() { every(over, sweepEvery, w.sweep) })
	for _, p := range o.Periodic {
		all.Go(func() { p.Run(ctx, q) })
	}
	s := asynq.NewServerFromRedisClient(q.redis, q.config(o))
	err = s.Start(asynq.HandlerFunc(w.process))
	if err == nil {
		<-ctx.Done()
		grace := time.AfterFunc(o.Drain, abandon)
		defer grace.Stop()
		s.Shutdown()
	}
	stop()
	close(over)
	all.Wait()
	return err
}

// begin reports whether the queue is open, and if so makes Close wait.
func (q *Queue) begin() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing.Err() != nil {
		return false
	}
	q.serving.Add(1)
	return true
}

// config makes asynq deliver tickets until they are done with: what is an error to it is
// never one that counts, because jobs count their attempts themselves.
func (q *Queue) config(o jobs.ServeOptions) asynq.Config {
	return asynq.Config{
		Concurrency: o.Workers, Queues: map[string]int{q.opt.Name: 1},
		TaskCheckInterval: q.opt.Poll, DelayedTaskCheckInterval: q.opt.Poll,
		ShutdownTimeout: o.Drain + time.Minute,
		IsFailure:       func(error) bool { return false },
		RetryDelayFunc:  func(_ int, err error, _ *asynq.Task) time.Duration { return delay(err) },
		Logger:          logger{q.opt.Logger},
	}
}

// again is the error that makes a ticket come again.
type again struct{ at time.Time }

// Error implements error.
func (a again) Error() string { return "again at " + a.at.Format(time.RFC3339Nano) }

// delay returns when a ticket is to come again; at once after a worker's death.
func delay(err error) time.Duration {
	var a again
	if !errors.As(err, &a) || !a.at.After(time.Now()) {
		return 0
	}
	return time.Until(wholeSecond(a.at)) + time.Millisecond
}

// worker runs the jobs of one Serve.
type worker struct {
	*Queue
	mux      *jobs.Mux
	observer quintet.Observer
	work     context.Context

	mu      sync.Mutex
	running map[string]*attempt // by ID
}

// attempt is a job that runs.
type attempt struct {
	jobs.Info
	run, ticket string
	ready       time.Time
	cancel      context.CancelFunc
}

// process takes a ticket. lease ends when asynq may give it to somebody else. An error
// makes it come again.
func (w *worker) process(lease context.Context, t *asynq.Task) error {
	a := &attempt{run: rand.Text(), ticket: string(t.Payload())}
	answer, err := w.Queue.run(w.calls(), w.scripts.start, a.ticket, micros(time.Now()), a.run)
	switch {
	case err != nil:
		return again{time.Now().Add(time.Second)}
	case word(answer, 0) == "gone":
		return nil
	case word(answer, 0) == "early":
		return again{moment(word(answer, 1))}
	}
	fields, _ := answer[2].([]any)
	r := recordOf(fields)
	a.ready = moment(r["ready"])
	if a.Info, err = r.info(word(answer, 1), time.Now()); err != nil {
		err = jobs.Permanent(err)
	}
	return w.attempt(lease, a, err)
}

// calls returns the context of calls to Redis that must be made though work has ended.
func (w *worker) calls() context.Context { return context.WithoutCancel(w.work) }

// errKilled is the error of a job that was started as often as it may be and never
// ended, because its process did.
var errKilled = errors.New("the process ended during every attempt")

// attempt runs a job once, unless err says that it cannot be, and notes the outcome.
func (w *worker) attempt(lease context.Context, a *attempt, err error) error {
	ctx, cancel := context.WithCancel(w.work)
	defer cancel()
	defer context.AfterFunc(lease, cancel)()
	a.cancel = cancel
	w.note(a)
	defer w.unnote(a)
	o, _ := w.mux.Options(a.Kind)
	most := cmp.Or(a.MaxAttempts, o.MaxAttempts)
	var result json.RawMessage
	switch {
	case err != nil:
	case a.Attempt > most:
		err = jobs.Permanent(errKilled)
	default:
		result, err = w.mux.Run(ctx, a.Info)
	}
	w.observer.Observe(quintet.Event{
		Pipeline: "jobs", Op: a.Kind, Items: 1, Took: time.Since(a.ready), Queued: a.Started.Sub(a.ready), Err: err,
	})
	outcome, text, at := "done", string(result), time.Now()
	if err != nil {
		text = err.Error()
		switch {
		case errors.Is(err, context.Canceled) && (w.work.Err() != nil || lease.Err() != nil):
			outcome = "drained"
		case jobs.IsPermanent(err) || a.Attempt >= most:
			outcome = "failed"
		default:
			outcome, at = "again", at.Add(o.Pause(a.Attempt))
		}
	}
	return w.settle(lease, a, outcome, text, at)
}

// settle notes the outcome of an attempt. It tries as long as nobody else may start the
// job, but not for long when Serve is to end.
func (w *worker) settle(lease context.Context, a *attempt, outcome, text string, at time.Time) error {
	for left := 5; ; {
		answer, err := w.Queue.run(w.calls(), w.scripts.settle,
			a.ID, a.ticket, a.run, outcome, micros(time.Now()), text, micros(at))
		switch {
		case err == nil && word(answer, 0) == "ended":
			return nil
		case err == nil:
			return again{moment(word(answer, 1))}
		}
		if w.work.Err() != nil {
			left--
		}
		pause := time.NewTimer(200 * time.Millisecond)
		select {
		case <-lease.Done():
			left = 0
		case <-pause.C:
		}
		if pause.Stop(); left == 0 {
			return again{time.Now()}
		}
	}
}

func (w *worker) note(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[a.ID] = a
}

func (w *worker) unnote(a *attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[a.ID] == a {
		delete(w.running, a.ID)
	}
}

const (
	watchEvery = 500 * time.Millisecond
	sweepEvery = 2 * time.Second
)

// every calls f again and again until over is closed.
func every(over <-chan struct{}, d time.Duration, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			f()
		}
	}
}

// watch ends the contexts of jobs that were canceled or forgotten, or that somebody
// else runs.
func (w *worker) watch() {
	w.mu.Lock()
	all := make([]*attempt, 0, len(w.running))
	for _, a := range w.running {
		all = append(all, a)
	}
	w.mu.Unlock()
	if len(all) == 0 {
		return
	}
	fields := make([]*redis.SliceCmd, len(all))
	err := w.do(w.calls(), func(ctx context.Context) error {
		_, err := w.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, a := range all {
				fields[i] = p.HMGet(ctx, w.root+"job:"+a.ID, "run", "asked")
			}
			return nil
		})
		return err
	})
	if err != nil {
		return
	}
	for i, a := range all {
		if v := fields[i].Val(); word(v, 0) != a.run || word(v, 1) != "" {
			a.cancel()
		}
	}
}

// sweep forgets jobs whose time has come and issues the tickets that were left in the
// outbox.
func (w *worker) sweep() {
	now := time.Now()
	due, err := w.Queue.run(w.calls(), w.scripts.sweep, micros(now), micros(now.Add(-2*w.opt.Timeout)), w.opt.MaxFinished)
	if err != nil {
		return
	}
	for i := 0; i+1 < len(due); i += 2 {
		w.issue(w.calls(), word(due, i), moment(word(due, i+1)))
	}
}
