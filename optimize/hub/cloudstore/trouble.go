package cloudstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"gocloud.dev/gcerrors"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// The causes that are this package's own.
var (
	// ErrNotFound says that no such object or bucket is there. It is a [fs.ErrNotExist].
	ErrNotFound = fmt.Errorf("no such object or bucket: %w", fs.ErrNotExist)

	// ErrExists says that an object is there already that was not to be replaced. It is
	// a [fs.ErrExist].
	ErrExists = fmt.Errorf("object is there already: %w", fs.ErrExist)

	// ErrUnavailable says that a bucket did not do what it was asked in all attempts. It
	// is a [quintet.ErrBusy].
	ErrUnavailable = fmt.Errorf("bucket does not answer: %w", quintet.ErrBusy)
)

// digest is the key of the digest in the metadata of an object.
const digest = "sha256"

// isSHA256 reports whether s is a digest in lower case.
func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}

// transient is an error after which the bucket may be asked again.
type transient struct{ error }

// Unwrap returns what happened.
func (t *transient) Unwrap() error { return t.error }

func isTransient(err error) bool {
	var t *transient
	return errors.As(err, &t)
}

var errStalled = errors.New("nothing moves")

// watch returns a context that ends when alive was not called for limit.
func watch(ctx context.Context, limit time.Duration) (inner context.Context, alive, stop func()) {
	inner, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(fmt.Errorf("%w for %v", errStalled, limit)) })
	return inner, func() { timer.Reset(limit) }, func() {
		timer.Stop()
		cancel(nil)
	}
}

// explain says what an error of the bucket means. Its context is that of watch.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errStalled):
		return &transient{cause}
	case cause != nil:
		return ctx.Err()
	}
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return ErrNotFound
	case gcerrors.PermissionDenied:
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	case gcerrors.AlreadyExists:
		return ErrExists
	case gcerrors.InvalidArgument, gcerrors.Unimplemented:
		return fmt.Errorf("%w: %w", err, quintet.ErrUnsupported)
	case gcerrors.FailedPrecondition:
		return &precondition{err}
	}
	return &transient{errors.New(err.Error())} // it may be of a context, but not the caller's
}

// precondition is an error of a put that must not replace something.
type precondition struct{ error }

// retry calls f until it does well or fails for good.
func (s *Store) retry(ctx context.Context, f func(context.Context) error) error {
	if s.closed.Load() {
		return quintet.ErrClosed
	}
	step := func(ctx context.Context, _ struct{}) (struct{}, error) { return struct{}{}, f(ctx) }
	_, err := optimize.Retry(step, optimize.RetryOptions{
		Attempts: s.opt.Attempts, Base: s.opt.Base, Max: max(s.opt.Base, 30*time.Second), Retryable: isTransient,
	})(ctx, struct{}{})
	return err
}

// explain says of what an error is.
func (s *Store) explain(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case isTransient(err):
		return fmt.Errorf("cloudstore: %s: %w: %w", what, ErrUnavailable, err)
	}
	return fmt.Errorf("cloudstore: %s: %w", what, err)
}
