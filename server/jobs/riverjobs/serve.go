package riverjobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

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
		return fmt.Errorf("riverjobs: %w", quintet.ErrClosed)
	}
	defer q.serving.Done()
	return worker.Serve(ctx, worker.Config{
		Queue: q, Store: &store{Queue: q}, Mux: m, Options: o, Closing: q.closing, Sweep: q.opt.Poll,
		Engine: func(ctx context.Context, w *worker.Worker) (shutdown func(), err error) {
			c, err := q.start(ctx, w, o.Workers)
			if c == nil || err != nil {
				return func() {}, err
			}
			return func() {
				last, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Drain+time.Minute)
				defer cancel()
				_ = c.Stop(last) // what does not end by then is left behind
			}, nil
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

// start makes River deliver tickets, as soon as the server answers. It returns nil if
// ctx ended before.
func (q *Queue) start(ctx context.Context, w *worker.Worker, workers int) (*river.Client[pgx.Tx], error) {
	handlers := river.NewWorkers()
	err := river.AddWorkerSafely(handlers, river.WorkFunc(func(lease context.Context, _ *river.Job[ticket]) error {
		// One ticket serves as long as there are jobs, which is quicker than to fetch the
		// next; theirs find none. A job that could not be started gets another ticket.
		for ran := true; ran && ctx.Err() == nil; {
			ran, _ = w.Process(lease, "")
		}
		return nil
	}))
	if err != nil {
		return nil, err
	}
	try := time.NewTicker(time.Second)
	defer try.Stop()
	for ctx.Err() == nil {
		if q.Ping(ctx) == nil {
			c, err := river.NewClient(riverpgxv5.New(q.pool), &river.Config{
				Schema: q.opt.Schema, Logger: q.opt.Logger, Workers: handlers, JobTimeout: -1,
				Queues:        map[string]river.QueueConfig{q.opt.Name: {MaxWorkers: workers}},
				FetchCooldown: min(q.opt.Poll, river.FetchCooldownDefault), FetchPollInterval: q.opt.Poll,
			})
			if err != nil {
				return nil, fmt.Errorf("riverjobs: %w: %w", err, quintet.ErrOption)
			}
			life, end := context.WithCancel(context.WithoutCancel(ctx)) // Stop ends it later than ctx
			release := context.AfterFunc(ctx, end)
			err = c.Start(life)
			if release(); err == nil {
				return c, nil
			}
			end()
		}
		select {
		case <-ctx.Done():
		case <-try.C:
		}
	}
	return nil, nil
}
