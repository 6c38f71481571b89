package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// ErrNotFound says that no such job is known, or that it is somebody else's. It is a
// [quintet.ErrInput].
var ErrNotFound = fmt.Errorf("no such job: %w", quintet.ErrInput)

// Queue holds jobs and runs them. [Local] is one; others are on Redis and PostgreSQL.
// It is safe for concurrent use. After Close all methods return [quintet.ErrClosed].
type Queue interface {
	// Enqueue adds a job. It is [quintet.ErrInput] for what [Spec.Check] refuses,
	// [quintet.ErrBusy] when the queue is full.
	Enqueue(ctx context.Context, s Spec) (Info, error)

	// Get returns a job. An owner that is not empty sees its own only; for others
	// the job is [ErrNotFound], as is one that is not known any more.
	Get(ctx context.Context, owner, id string) (Info, error)

	// List returns the chosen jobs, the newest first, without arguments and results.
	List(ctx context.Context, f Filter) ([]Info, error)

	// Cancel keeps a job that waits from running and ends the context of one that
	// runs, which is canceled when its handler has returned an error. A job in a
	// final state stays as it is. Owner is as in Get.
	Cancel(ctx context.Context, owner, id string) error

	// Retry queues a job that failed or was canceled again, with no attempts used.
	// Any other state is [quintet.ErrInput]. Owner is as in Get.
	Retry(ctx context.Context, owner, id string) error

	// Forget cancels and removes all jobs of an owner, with arguments and results,
	// and returns how many. An empty owner is [quintet.ErrInput].
	Forget(ctx context.Context, owner string) (int, error)

	// Stats counts jobs.
	Stats(ctx context.Context) (Stats, error)

	// Serve runs jobs with the handlers of m until ctx ends. Then it starts no more,
	// waits Drain for those that run, ends their contexts and lets another Serve do
	// them again. It returns nil when ctx ended. It may run more than once at a time.
	Serve(ctx context.Context, m *Mux, o ServeOptions) error

	// Close ends every Serve and frees what the queue holds. Closing twice is harmless.
	Close() error
}

// ServeOptions configures [Queue.Serve].
type ServeOptions struct {
	// Workers is how many jobs run at a time. Default: 4.
	Workers int

	// Drain is how long running jobs may take after ctx ended. Default: 30 s.
	Drain time.Duration

	// Periodic are jobs that are added again and again.
	Periodic []Periodic

	// Observer hears of every attempt: Pipeline is "jobs", Op the kind, Queued the
	// time from readiness to start. Default: nobody.
	Observer quintet.Observer
}

// WithDefaults refuses numbers that make no sense with [quintet.ErrOption] and fills
// in the others. Queues call it.
func (o ServeOptions) WithDefaults() (ServeOptions, error) {
	if o.Workers < 0 || o.Workers > 10_000 || o.Drain < 0 {
		return o, fmt.Errorf("%d workers or negative drain: %w", o.Workers, quintet.ErrOption)
	}
	for _, p := range o.Periodic {
		if err := p.check(); err != nil {
			return o, err
		}
	}
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Drain == 0 {
		o.Drain = 30 * time.Second
	}
	if o.Observer == nil {
		o.Observer = quintet.ObserverFunc(func(quintet.Event) {})
	}
	return o, nil
}

// Periodic is a job that is added every so often, on whole multiples of Every since
// 1970, once for all processes that serve one queue. Ticks that nobody served are not
// made up for.
type Periodic struct {
	// Spec is the job. Its UniqueKey is made of the kind and the tick; RunAt is ignored.
	Spec Spec

	// Every is the time between two, at least 1 s.
	Every time.Duration
}

func (p Periodic) check() error {
	if p.Every < time.Second {
		return fmt.Errorf("job %q every %v, want at least 1 s: %w", p.Spec.Kind, p.Every, quintet.ErrOption)
	}
	if err := p.Spec.Check(1 << 20); err != nil {
		return fmt.Errorf("periodic: %w: %w", err, quintet.ErrOption)
	}
	return nil
}

// Run adds the job at every tick until ctx ends. Queues call it in their Serve. What
// Enqueue cannot add now, it tries again at the next tick.
func (p Periodic) Run(ctx context.Context, q Queue) {
	for {
		now := time.Now()
		tick := now.Truncate(p.Every).Add(p.Every)
		timer := time.NewTimer(tick.Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		s := p.Spec
		s.RunAt = time.Time{}
		s.UniqueKey = fmt.Sprintf("tick %s %d", p.Spec.UniqueKey, tick.UnixNano())
		if _, err := q.Enqueue(ctx, s); errors.Is(err, quintet.ErrClosed) {
			return
		}
	}
}
