// Package worker runs the attempts of jobs that a store on a server hands out: what
// queues on Redis and PostgreSQL have in common.
package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Job is an attempt that was started.
type Job struct {
	jobs.Info
	Run    string    // names the attempt; who has another one may not settle
	Ticket string    // by which the engine delivered it, if it knows
	Ready  time.Time // since when it could start
	Err    error     // why it cannot be run

	cancel context.CancelFunc
}

// Verdict is what is to become of a job after an attempt, unless somebody asked for its
// cancellation.
type Verdict string

// The verdicts.
const (
	Done    Verdict = "done"
	Failed  Verdict = "failed"
	Again   Verdict = "again"   // at a later time
	Drained Verdict = "drained" // at once, and the attempt does not count
)

// Outcome is how an attempt ended.
type Outcome struct {
	Verdict Verdict
	Text    string    // the result of one that is done, the error of others
	At      time.Time // for Again
}

// Store holds the jobs. Its errors that are [jobs.ErrUnavailable] pass.
type Store interface {
	// Start returns the job that is to run, marked as running, or nil if there is none.
	Start(ctx context.Context, ticket string) (*Job, error)

	// Settle notes the outcome, if the attempt is still the job's last.
	Settle(ctx context.Context, j *Job, o Outcome) error

	// Stale returns those of the attempts that are to end: canceled, forgotten or lost
	// to somebody else. It is called twice a second while there are any.
	Stale(ctx context.Context, running []*Job) []*Job

	// Sweep does what is to be done from time to time.
	Sweep(ctx context.Context)
}

const (
	watchEvery = 500 * time.Millisecond
	settleIn   = 200 * time.Millisecond // pause between attempts to settle
)

// Worker runs the jobs of one Serve.
type Worker struct {
	store    Store
	mux      *jobs.Mux
	observer quintet.Observer
	work     context.Context // ends when running jobs must give up

	mu      sync.Mutex
	running map[string]*Job // by ID
}

// Config configures [Serve].
type Config struct {
	Queue   jobs.Queue
	Store   Store
	Mux     *jobs.Mux
	Options jobs.ServeOptions // with defaults
	Closing context.Context   // ends when the queue does
	Sweep   time.Duration     // between two sweeps

	// Engine calls [Worker.Process] for every ticket, until the function that it
	// returns is called, which waits for all calls.
	Engine func(ctx context.Context, w *Worker) (shutdown func(), err error)
}

// Serve runs jobs until ctx or Closing ends, and then waits for those that run.
func Serve(ctx context.Context, c Config) error {
	ctx, stop := context.WithCancel(context.WithValue(ctx, serving{}, true)) // ends when no more jobs are to start
	defer stop()
	defer context.AfterFunc(c.Closing, stop)()
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	w := &Worker{store: c.Store, mux: c.Mux, observer: c.Options.Observer, work: work, running: make(map[string]*Job)}
	over := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { every(over, watchEvery, w.watch) })
	all.Go(func() { every(over, c.Sweep, func() { c.Store.Sweep(w.calls()) }) })
	for _, p := range c.Options.Periodic {
		all.Go(func() { p.Run(ctx, c.Queue) })
	}
	shutdown, err := c.Engine(ctx, w)
	if err == nil {
		<-ctx.Done()
		grace := time.AfterFunc(c.Options.Drain, abandon)
		defer grace.Stop()
		shutdown()
	}
	stop()
	close(over)
	all.Wait()
	return err
}

type serving struct{}

// Serving reports whether a call comes from a Serve, for which Close waits.
func Serving(ctx context.Context) bool { return ctx.Value(serving{}) != nil }

// calls returns the context of calls that must be made though work has ended.
func (w *Worker) calls() context.Context { return context.WithoutCancel(w.work) }

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

// Process runs the job that a ticket stands for, and reports whether there was one. Lease
// ends when the engine may give the ticket to somebody else. It returns the store's
// errors.
func (w *Worker) Process(lease context.Context, ticket string) (ran bool, err error) {
	j, err := w.store.Start(w.calls(), ticket)
	if j == nil || err != nil {
		return false, err
	}
	return true, w.settle(lease, j, w.attempt(lease, j))
}

// errKilled is the error of a job that was started as often as it may be and never
// ended, because its process did.
var errKilled = errors.New("the process ended during every attempt")

// attempt runs a job once.
func (w *Worker) attempt(lease context.Context, j *Job) Outcome {
	ctx, cancel := context.WithCancel(w.work)
	defer cancel()
	defer context.AfterFunc(lease, cancel)()
	j.cancel = cancel
	w.note(j)
	defer w.unnote(j)
	o, _ := w.mux.Options(j.Kind)
	most := cmp.Or(j.MaxAttempts, o.MaxAttempts)
	var result json.RawMessage
	err := j.Err
	switch {
	case err != nil:
	case j.Attempt > most:
		err = errKilled
	default:
		result, err = w.mux.Run(ctx, j.Info)
	}
	w.observer.Observe(quintet.Event{
		Pipeline: "jobs", Op: j.Kind, Items: 1, Took: time.Since(j.Ready), Queued: j.Started.Sub(j.Ready), Err: err,
	})
	switch {
	case err == nil:
		return Outcome{Verdict: Done, Text: string(result)}
	case errors.Is(err, context.Canceled) && (w.work.Err() != nil || lease.Err() != nil):
		return Outcome{Verdict: Drained, Text: err.Error()}
	case jobs.IsPermanent(err) || j.Attempt >= most:
		return Outcome{Verdict: Failed, Text: err.Error()}
	}
	return Outcome{Verdict: Again, Text: err.Error(), At: time.Now().Add(o.Pause(j.Attempt))}
}

// settle notes the outcome of an attempt. It tries as long as nobody else may start the
// job, but not for long when Serve is to end.
func (w *Worker) settle(lease context.Context, j *Job, o Outcome) error {
	pause := time.NewTicker(settleIn)
	defer pause.Stop()
	for left := 5; ; {
		err := w.store.Settle(w.calls(), j, o)
		if !errors.Is(err, jobs.ErrUnavailable) {
			return err
		}
		if w.work.Err() != nil {
			left--
		}
		select {
		case <-lease.Done():
			return err
		case <-pause.C:
		}
		if left == 0 {
			return err
		}
	}
}

func (w *Worker) note(j *Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[j.ID] = j
}

func (w *Worker) unnote(j *Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[j.ID] == j {
		delete(w.running, j.ID)
	}
}

// watch ends the contexts of stale attempts.
func (w *Worker) watch() {
	w.mu.Lock()
	all := make([]*Job, 0, len(w.running))
	for _, j := range w.running {
		all = append(all, j)
	}
	w.mu.Unlock()
	if len(all) == 0 {
		return
	}
	for _, j := range w.store.Stale(w.calls(), all) {
		j.cancel()
	}
}
