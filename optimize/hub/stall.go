package hub

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errStalled = errors.New("server sends nothing")

// watch returns a context that ends when alive was not called for limit.
func watch(ctx context.Context, limit time.Duration) (inner context.Context, alive, stop func()) {
	inner, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(fmt.Errorf("%w for %v", errStalled, limit)) })
	return inner, func() { timer.Reset(limit) }, func() {
		timer.Stop()
		cancel(nil)
	}
}

// explain replaces the error of a request whose context ended by the reason. If
// that was not the caller's own, the request may be sent again.
func explain(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errStalled):
		return &transient{cause}
	case cause != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded): // the Client's own
		return &transient{errors.New(err.Error())}
	}
	return err
}
