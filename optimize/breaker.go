package optimize

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/quintet-ai/quintet"
)

// BreakerState says what a breaker does with calls.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // calls pass
	BreakerOpen     BreakerState = "open"      // calls fail at once
	BreakerHalfOpen BreakerState = "half-open" // a few calls pass, to see
)

// BreakerOptions configures [Breaker]. The zero value opens after five failures
// for 30 seconds.
type BreakerOptions struct {
	// Failures in a row open the breaker. Default: 5.
	Failures int

	// Open is how long it stays open before it lets probes pass. Default: 30 s.
	Open time.Duration

	// Probes pass at once when it is half-open; when as many in a row succeed,
	// it closes, and when one fails, it opens again. Default: 1.
	Probes int

	// Failure says which of the errors that may count as failures do. Default: all.
	Failure func(error) bool

	// Changed is told each change of state, one at a time. It must not block
	// and must not call the step. Default: nobody is told.
	Changed func(from, to BreakerState)
}

func (o BreakerOptions) withDefaults() (BreakerOptions, error) {
	if o.Failures < 0 || o.Open < 0 || o.Probes < 0 || o.Probes > math.MaxInt32 {
		return o, fmt.Errorf("limit of a breaker out of range: %w", quintet.ErrOption)
	}
	if o.Failures == 0 {
		o.Failures = 5
	}
	if o.Open == 0 {
		o.Open = 30 * time.Second
	}
	if o.Probes == 0 {
		o.Probes = 1
	}
	if o.Failure == nil {
		o.Failure = func(error) bool { return true }
	}
	return o, nil
}

// Breaker returns a step that stops calling f for a while after it failed again
// and again, so that a remote service that is down costs no waiting and is left
// in peace. It is not for a local model.
//
// While the breaker is open, calls fail at once with [quintet.ErrBusy] in a
// [*RetryAfterError] that says when it lets the next probe pass; so do calls
// beyond Probes while it is half-open. Errors that say nothing about f's health
// count neither as failure nor as success: those of the causes
// [quintet.ErrInput], [quintet.ErrOption], [quintet.ErrModel],
// [quintet.ErrUnsupported] and [quintet.ErrClosed], and [context.Canceled].
// A deadline that passes is a failure, and so is a panic.
//
// If the options make no sense, every call returns [quintet.ErrOption].
func Breaker[In, Out any](f Step[In, Out], o BreakerOptions) Step[In, Out] {
	o, err := o.withDefaults()
	if err != nil {
		return refuse[In, Out](err)
	}
	b := newBreaker(o)
	return func(ctx context.Context, in In) (out Out, err error) {
		done, err := b.allow(ctx)
		if err != nil {
			return out, err
		}
		err = errAborted
		defer func() { done(err) }() // runs on a panic too
		return f(ctx, in)
	}
}

// errAborted is the result of a call that ended its goroutine or panicked.
var errAborted = errors.New("call did not return")

type breaker struct {
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]
	opened  atomic.Pointer[time.Time] // when it opened last
	open    time.Duration
}

func newBreaker(o BreakerOptions) *breaker {
	b := &breaker{open: o.Open}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: uint32(o.Probes),
		Timeout:     o.Open,
		ReadyToTrip: func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= o.Failures },
		IsExcluded:  func(err error) bool { return err != nil && (isNeutral(err) || !o.Failure(err)) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				now := time.Now()
				b.opened.Store(&now)
			}
			if o.Changed != nil {
				o.Changed(BreakerState(from.String()), BreakerState(to.String()))
			}
		},
	})
	return b
}

// allow asks whether a call may pass; done takes its error.
func (b *breaker) allow(ctx context.Context) (done func(error), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	done, err = b.circuit.Allow()
	switch {
	case err == nil:
		return done, nil
	case errors.Is(err, gobreaker.ErrOpenState):
		left := b.open
		if at := b.opened.Load(); at != nil {
			left = max(0, b.open-time.Since(*at))
		}
		return nil, &RetryAfterError{left, fmt.Errorf("breaker is open: %w", quintet.ErrBusy)}
	}
	return nil, &RetryAfterError{0, fmt.Errorf("breaker is half-open: %w", quintet.ErrBusy)}
}

// isNeutral reports whether err says nothing about the health of what was called.
func isNeutral(err error) bool {
	var p *PanicError
	return isLasting(err) && !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &p)
}
