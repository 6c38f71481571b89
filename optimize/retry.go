package optimize

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/quintet-ai/quintet"
)

// RetryOptions configures [Retry]. The zero value makes three attempts.
type RetryOptions struct {
	// Attempts bounds how often the step is called. Default: 3.
	Attempts int

	// Base bounds the wait before the second attempt; the bound doubles with
	// each further one. Default: 100 ms.
	Base time.Duration

	// Max bounds every wait. Default: 10 s, or Base if that is longer.
	Max time.Duration

	// Timeout bounds each attempt. An attempt that it ends may be retried.
	// Default: no bound.
	Timeout time.Duration

	// Retryable says which of the errors that may be retried are. Default: all.
	Retryable func(error) bool
}

func (o RetryOptions) withDefaults() (RetryOptions, error) {
	if o.Attempts < 0 || o.Base < 0 || o.Max < 0 || o.Timeout < 0 {
		return o, fmt.Errorf("negative limit of a retry: %w", quintet.ErrOption)
	}
	if o.Attempts == 0 {
		o.Attempts = 3
	}
	if o.Base == 0 {
		o.Base = 100 * time.Millisecond
		if o.Max > 0 {
			o.Base = min(o.Base, o.Max)
		}
	}
	if o.Max == 0 {
		o.Max = max(10*time.Second, o.Base)
	}
	if o.Base > o.Max {
		return o, fmt.Errorf("retry waits %v at first but at most %v: %w", o.Base, o.Max, quintet.ErrOption)
	}
	if o.Retryable == nil {
		o.Retryable = func(error) bool { return true }
	}
	return o, nil
}

// RetryAfterError is an error that says when the next try makes sense. Steps
// return it to tell [Retry] how long to wait.
type RetryAfterError struct {
	After time.Duration // from now
	Err   error         // why
}

// Error prints the reason and the time.
func (e *RetryAfterError) Error() string { return fmt.Sprintf("%v; try again in %v", e.Err, e.After) }

// Unwrap returns the reason.
func (e *RetryAfterError) Unwrap() error { return e.Err }

// Retry returns a step that calls f again when it fails, as a remote service may.
// It is not for a local model: what failed there fails again.
//
// The wait before attempt n+1 is random between 0 and Base·2ⁿ⁻¹, at most Max
// (exponential backoff with full jitter). A [*RetryAfterError] sets the wait
// itself; one that asks for more than Max ends the attempts, and so does the end
// of ctx. Errors that no repetition mends are returned at once: those of the
// causes [quintet.ErrInput], [quintet.ErrOption], [quintet.ErrModel],
// [quintet.ErrUnsupported] and [quintet.ErrClosed], of a context, and a
// [*PanicError]. From the second attempt on, the error says how many there were.
//
// If the options make no sense, every call returns [quintet.ErrOption].
func Retry[In, Out any](f Step[In, Out], o RetryOptions) Step[In, Out] {
	o, err := o.withDefaults()
	if err != nil {
		return refuse[In, Out](err)
	}
	return func(ctx context.Context, in In) (Out, error) { return retry(ctx, f, in, o) }
}

func retry[In, Out any](ctx context.Context, f Step[In, Out], in In, o RetryOptions) (Out, error) {
	var zero Out
	var last error
	attempts := 0
	out, err := backoff.Retry(ctx, func() (Out, error) {
		attempts++
		out, expired, err := tryOnce(ctx, f, in, o.Timeout)
		last = err
		return out, o.verdict(err, expired)
	},
		backoff.WithBackOff(o.waits()),
		backoff.WithMaxTries(uint(o.Attempts)),
		backoff.WithMaxElapsedTime(0), // Attempts and ctx are the bounds
	)
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil && !errors.Is(last, ctx.Err()):
		return zero, fmt.Errorf("%w after attempt %d of %d: %w", ctx.Err(), attempts, o.Attempts, last)
	case attempts == 1:
		return zero, last
	}
	return zero, fmt.Errorf("attempt %d of %d: %w", attempts, o.Attempts, last)
}

// waits is full jitter: a factor of 1 spreads a wait from 0 to twice its middle.
func (o RetryOptions) waits() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     o.Base / 2,
		MaxInterval:         o.Max / 2,
		Multiplier:          2,
		RandomizationFactor: 1,
	}
}

// tryOnce calls f within limit; expired says that the limit, not ctx, ended it.
func tryOnce[In, Out any](ctx context.Context, f Step[In, Out], in In, limit time.Duration) (
	out Out, expired bool, err error,
) {
	if err := ctx.Err(); err != nil {
		return out, false, err
	}
	if limit == 0 {
		out, err = f(ctx, in)
		return out, false, err
	}
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err = f(inner, in)
	expired = errors.Is(err, context.DeadlineExceeded) && inner.Err() != nil && ctx.Err() == nil
	return out, expired, err
}

// verdict turns the error of an attempt into what backoff does next.
func (o RetryOptions) verdict(err error, expired bool) error {
	if err == nil {
		return nil
	}
	var hint *RetryAfterError
	hinted := errors.As(err, &hint)
	switch {
	case isLasting(err) && !expired || !o.Retryable(err) || hinted && hint.After > o.Max:
		return backoff.Permanent(err)
	case hinted:
		return &backoff.RetryAfterError{Duration: max(0, hint.After)}
	}
	return err
}

// isLasting reports whether err would come back however often one tried.
func isLasting(err error) bool {
	for _, cause := range []error{
		quintet.ErrInput, quintet.ErrOption, quintet.ErrModel, quintet.ErrUnsupported, quintet.ErrClosed,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	var p *PanicError
	return errors.As(err, &p)
}

// refuse returns a step that always fails: options are refused in the first
// call, so that the parts compose without an error in between.
func refuse[In, Out any](err error) Step[In, Out] {
	return func(context.Context, In) (Out, error) {
		var zero Out
		return zero, err
	}
}
