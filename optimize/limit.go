package optimize

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
)

// LimitOptions configures [Limit]. The zero value lets 8 calls run and 64 wait.
type LimitOptions struct {
	// Concurrent bounds how many calls run at once. Default: 8.
	Concurrent int

	// Queue bounds how many further calls wait. Default: 8 for each that runs.
	Queue int

	// NoQueue lets no call wait for another.
	NoQueue bool

	// Rate bounds how many calls start per second on average; what exceeds it
	// waits in its running place. Default: no bound.
	Rate float64

	// Burst is how many calls Rate lets start together after a pause.
	// Default: 1.
	Burst int
}

func (o LimitOptions) withDefaults() (LimitOptions, error) {
	switch {
	case o.Concurrent < 0 || o.Concurrent > math.MaxInt32 || o.Queue < 0 || o.Burst < 0:
		return o, fmt.Errorf("limit of calls out of range: %w", quintet.ErrOption)
	case !(o.Rate == 0 || o.Rate >= 1e-6 && o.Rate <= 1e9): // refuses NaN too
		return o, fmt.Errorf("rate of %v calls per second: %w", o.Rate, quintet.ErrOption)
	case o.NoQueue && o.Queue > 0:
		return o, fmt.Errorf("both Queue and NoQueue: %w", quintet.ErrOption)
	}
	if o.Concurrent == 0 {
		o.Concurrent = 8
	}
	if o.Queue == 0 && !o.NoQueue {
		o.Queue = 8 * o.Concurrent
	}
	if o.Burst == 0 {
		o.Burst = 1
	}
	return o, nil
}

// Limit returns a step that calls f for a bounded number of callers at once and
// lets a bounded number wait, first come, first served; any more get
// [quintet.ErrBusy] at once. The end of ctx ends the wait. It is for remote
// services that must not be flooded; pipelines with a local model are bounded by
// the workers of their [Runtime] already.
//
// A caller whose ctx ends while it waits for Rate loses its turn, nobody else
// gets it. If the options make no sense, every call returns [quintet.ErrOption].
func Limit[In, Out any](f Step[In, Out], o LimitOptions) Step[In, Out] {
	o, err := o.withDefaults()
	if err != nil {
		return refuse[In, Out](err)
	}
	l := &limiter{running: make(chan struct{}, o.Concurrent), queue: int64(o.Queue)}
	if o.Rate > 0 {
		l.interval = time.Duration(float64(time.Second) / o.Rate)
		l.burst = time.Duration(min(float64(o.Burst-1)*float64(l.interval), math.MaxInt64/4))
	}
	return func(ctx context.Context, in In) (out Out, err error) {
		if err := l.enter(ctx); err != nil {
			return out, err
		}
		defer l.leave()
		if err := l.pace(ctx); err != nil {
			return out, err
		}
		return f(ctx, in)
	}
}

type limiter struct {
	running chan struct{}
	waiting atomic.Int64
	queue   int64

	interval time.Duration // between starts; 0 is no rate
	burst    time.Duration // how far starts may lag behind
	mu       sync.Mutex
	next     time.Time // of the next start
}

// enter waits for a place to run in. A place that is given back goes to the
// longest waiter before anybody else can see it free: channels are fair.
func (l *limiter) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l.running <- struct{}{}:
		return nil
	default:
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > l.queue {
		return fmt.Errorf("%d calls run and %d wait: %w", cap(l.running), l.queue, quintet.ErrBusy)
	}
	select {
	case l.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *limiter) leave() { <-l.running }

// pace waits until the next start is due (a leaky bucket as a meter).
func (l *limiter) pace(ctx context.Context) error {
	if l.interval == 0 {
		return nil
	}
	l.mu.Lock()
	now := time.Now()
	start := now.Add(-l.burst)
	if l.next.After(start) {
		start = l.next
	}
	l.next = start.Add(l.interval)
	l.mu.Unlock()

	wait := start.Sub(now)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
