package asynqjobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/internal/worker"
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
	return worker.Serve(ctx, worker.Config{
		Queue: q, Store: store{q}, Mux: m, Options: o, Closing: q.closing, Sweep: 2 * time.Second,
		Engine: func(_ context.Context, w *worker.Worker) (shutdown func(), err error) {
			s := asynq.NewServerFromRedisClient(q.redis, q.config(o))
			return s.Shutdown, s.Start(asynq.HandlerFunc(func(lease context.Context, t *asynq.Task) error {
				_, err := w.Process(lease, string(t.Payload()))
				return err
			}))
		},
	})
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

// delay returns when a ticket is to come again: at once after a worker's death, in a
// second when Redis has trouble.
func delay(err error) time.Duration {
	var a again
	switch {
	case errors.Is(err, jobs.ErrUnavailable):
		return time.Second
	case !errors.As(err, &a) || !a.at.After(time.Now()):
		return 0
	}
	return time.Until(wholeSecond(a.at)) + time.Millisecond
}

// store is what workers see of a queue.
type store struct{ *Queue }

// Start implements [worker.Store].
func (q store) Start(ctx context.Context, ticket string) (*worker.Job, error) {
	run := rand.Text()
	answer, err := q.run(ctx, q.scripts.start, ticket, micros(time.Now()), run)
	switch {
	case err != nil:
		return nil, err
	case word(answer, 0) == "gone":
		return nil, nil
	case word(answer, 0) == "early":
		return nil, again{moment(word(answer, 1))}
	}
	fields, _ := answer[2].([]any)
	r := recordOf(fields)
	j := &worker.Job{Run: run, Ticket: ticket, Ready: moment(r["ready"])}
	if j.Info, err = r.info(word(answer, 1), time.Now()); err != nil {
		j.Err = jobs.Permanent(err)
	}
	return j, nil
}

// Settle implements [worker.Store].
func (q store) Settle(ctx context.Context, j *worker.Job, o worker.Outcome) error {
	answer, err := q.run(ctx, q.scripts.settle,
		j.ID, j.Ticket, j.Run, string(o.Verdict), micros(time.Now()), o.Text, micros(o.At))
	if err == nil && word(answer, 0) == "again" {
		return again{moment(word(answer, 1))}
	}
	return err
}

// Stale implements [worker.Store].
func (q store) Stale(ctx context.Context, running []*worker.Job) (stale []*worker.Job) {
	fields := make([]*redis.SliceCmd, len(running))
	err := q.do(ctx, func(ctx context.Context) error {
		_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, j := range running {
				fields[i] = p.HMGet(ctx, q.root+"job:"+j.ID, "run", "asked")
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil
	}
	for i, j := range running {
		if v := fields[i].Val(); word(v, 0) != j.Run || word(v, 1) != "" {
			stale = append(stale, j)
		}
	}
	return stale
}

// Sweep forgets jobs whose time has come and issues the tickets that were left in the
// outbox.
func (q store) Sweep(ctx context.Context) {
	now := time.Now()
	due, err := q.run(ctx, q.scripts.sweep, micros(now), micros(now.Add(-2*q.opt.Timeout)), q.opt.MaxFinished)
	if err != nil {
		return
	}
	for i := 0; i+1 < len(due); i += 2 {
		q.issue(ctx, word(due, i), moment(word(due, i+1)))
	}
}
