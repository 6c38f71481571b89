package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
)

// outbox is a route with what waits for its notifier.
type outbox struct {
	Route
	group, timeout time.Duration
	attempts       int
	log            *slog.Logger
	queue          chan Alert

	sent, failed, dropped atomic.Uint64
}

func newOutbox(r Route, o AlertsOptions) *outbox {
	return &outbox{
		Route: r, group: o.Group, timeout: o.SendTimeout, attempts: o.Attempts, log: o.Logger,
		queue: make(chan Alert, o.Queue),
	}
}

// put never waits.
func (b *outbox) put(a Alert) {
	select {
	case b.queue <- a:
	default:
		b.dropped.Add(1)
	}
}

// loop sends groups until ctx ends, and then what is left.
func (b *outbox) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			if left := b.drain(nil); len(left) > 0 {
				b.deliver(context.WithoutCancel(ctx), left, 1)
			}
			return
		case first := <-b.queue:
			wait(ctx, b.group)
			b.deliver(ctx, b.drain([]Alert{first}), b.attempts)
		}
	}
}

// drain takes what is in the queue now.
func (b *outbox) drain(to []Alert) []Alert {
	for {
		select {
		case a := <-b.queue:
			to = append(to, a)
		default:
			return to
		}
	}
}

// deliver tries to tell the alerts.
func (b *outbox) deliver(ctx context.Context, alerts []Alert, attempts int) {
	pause := time.Second
	for i := 1; ; i++ {
		err := b.try(ctx, alerts)
		switch {
		case err == nil:
			b.sent.Add(1)
			return
		case i >= attempts || errors.Is(err, quintet.ErrInput):
			b.failed.Add(1)
			b.log.Error("alerts could not be delivered", "alerts", len(alerts), "first", alerts[0].Name, "attempts", i, "error", err)
			return
		}
		var later *RetryAfterError
		if errors.As(err, &later) {
			pause = max(pause, min(later.After, 5*time.Minute))
		}
		if wait(ctx, pause); ctx.Err() != nil { // closing: one last attempt
			ctx, attempts = context.WithoutCancel(ctx), i+1
		}
		pause = min(2*pause, time.Minute)
	}
}

func (b *outbox) try(ctx context.Context, alerts []Alert) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the notifier panicked: %v: %w", v, quintet.ErrInput)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Notifier.Notify(ctx, alerts)
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// RetryAfterError is an error of a notifier whose service says when to try again.
type RetryAfterError struct {
	After time.Duration // from now
	Err   error         // what happened
}

// Error says both.
func (e *RetryAfterError) Error() string {
	return fmt.Sprintf("%v: try again after %v", e.Err, e.After)
}

// Unwrap returns Err.
func (e *RetryAfterError) Unwrap() error { return e.Err }
