package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

var background = context.Background()

var errRemote = errors.New("connection refused")

// failing is a step that fails with each error in turn and then succeeds.
func failing(calls *int, errs ...error) optimize.Step[int, int] {
	return func(_ context.Context, n int) (int, error) {
		*calls++
		if *calls <= len(errs) {
			return -1, errs[*calls-1]
		}
		return n, nil
	}
}

func TestRetry(t *testing.T) {
	hint := func(d time.Duration) error { return &optimize.RetryAfterError{After: d, Err: quintet.ErrBusy} }
	tests := map[string]struct {
		errs     []error
		o        optimize.RetryOptions
		calls    int
		message  string // "" is success
		min, max time.Duration
	}{
		"no failure":               {nil, optimize.RetryOptions{}, 1, "", 0, 0},
		"two failures":             {[]error{errRemote, errRemote}, optimize.RetryOptions{}, 3, "", 0, 300 * time.Millisecond},
		"one failure too many":     {[]error{errRemote, errRemote, errRemote}, optimize.RetryOptions{}, 3, "attempt 3 of 3: connection refused", 0, 300 * time.Millisecond},
		"one attempt":              {[]error{errRemote}, optimize.RetryOptions{Attempts: 1}, 1, "connection refused", 0, 0},
		"a hint":                   {[]error{hint(5 * time.Second)}, optimize.RetryOptions{}, 2, "", 5 * time.Second, 5 * time.Second},
		"a hint below 0":           {[]error{hint(-5)}, optimize.RetryOptions{}, 2, "", 0, 0},
		"a hint beyond Max":        {[]error{hint(time.Hour)}, optimize.RetryOptions{}, 1, "too many calls in flight; try again in 1h0m0s", 0, 0},
		"invalid input":            {[]error{quintet.ErrInput}, optimize.RetryOptions{}, 1, "invalid input", 0, 0},
		"invalid input at last":    {[]error{errRemote, quintet.ErrInput}, optimize.RetryOptions{}, 2, "attempt 2 of 3: invalid input", 0, 100 * time.Millisecond},
		"an invalid option":        {[]error{quintet.ErrOption}, optimize.RetryOptions{}, 1, "invalid option", 0, 0},
		"a model of no use":        {[]error{quintet.ErrModel}, optimize.RetryOptions{}, 1, "model cannot be used", 0, 0},
		"not supported":            {[]error{quintet.ErrUnsupported}, optimize.RetryOptions{}, 1, "not supported here", 0, 0},
		"closed":                   {[]error{quintet.ErrClosed}, optimize.RetryOptions{}, 1, "closed", 0, 0},
		"busy":                     {[]error{quintet.ErrBusy}, optimize.RetryOptions{}, 2, "", 0, 100 * time.Millisecond},
		"a context of its own":     {[]error{context.Canceled}, optimize.RetryOptions{}, 1, "context canceled", 0, 0},
		"a deadline of its own":    {[]error{context.DeadlineExceeded}, optimize.RetryOptions{}, 1, "context deadline exceeded", 0, 0},
		"a wrapped cause":          {[]error{fmt.Errorf("x: %w", quintet.ErrModel)}, optimize.RetryOptions{}, 1, "x: model cannot be used", 0, 0},
		"a panic turned error":     {[]error{&optimize.PanicError{Err: errRemote}}, optimize.RetryOptions{}, 1, "panic: connection refused\n\n", 0, 0},
		"an error not to be tried": {[]error{errRemote}, optimize.RetryOptions{Retryable: func(error) bool { return false }}, 1, "connection refused", 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls, began := 0, time.Now()
				out, err := optimize.Retry(failing(&calls, tt.errs...), tt.o)(background, 7)
				took := time.Since(began)
				require.Equal(t, tt.calls, calls)
				require.GreaterOrEqual(t, took, tt.min)
				require.LessOrEqual(t, took, tt.max)
				if tt.message == "" {
					require.NoError(t, err)
					require.Equal(t, 7, out)
					return
				}
				require.EqualError(t, err, tt.message)
				require.ErrorIs(t, err, tt.errs[calls-1])
				require.Zero(t, out)
			})
		})
	}
}

// Waits of full jitter fill their bounds, and never leave them.
func TestRetryWaitsWithFullJitter(t *testing.T) {
	const base, most = 100 * time.Millisecond, 500 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		var longest, sum [6]time.Duration
		const rounds = 500
		for range rounds {
			var at []time.Time
			f := func(context.Context, int) (int, error) {
				at = append(at, time.Now())
				return 0, errRemote
			}
			_, err := optimize.Retry(f, optimize.RetryOptions{Attempts: 7, Base: base, Max: most})(background, 0)
			require.ErrorIs(t, err, errRemote)
			require.Len(t, at, 7)
			for i := range longest {
				wait := at[i+1].Sub(at[i])
				longest[i] = max(longest[i], wait)
				sum[i] += wait
			}
		}
		for i, l := range longest {
			bound := min(base<<i, most)
			require.LessOrEqual(t, l, bound)
			require.Greater(t, l, bound*9/10, "of %d tries one is in the last tenth, but for a chance below 1e-22", rounds)
			require.InEpsilon(t, bound/2, sum[i]/rounds, 0.2, "the mean is the middle")
		}
	})
}

func TestRetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short, cancel := context.WithTimeout(background, 3*time.Second)
		defer cancel()
		calls := 0
		f := failing(&calls, &optimize.RetryAfterError{After: 9 * time.Second, Err: errRemote})
		_, err := optimize.Retry(f, optimize.RetryOptions{})(short, 0)
		require.EqualError(t, err, "context deadline exceeded after attempt 1 of 3: connection refused; try again in 9s")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errRemote)

		_, err = optimize.Retry(f, optimize.RetryOptions{})(short, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, calls, "an ended context starts no attempt")
	})
}

func TestRetryBoundsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := func(ctx context.Context, n int) (int, error) {
			if calls++; calls < 3 {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return n, nil
		}
		o := optimize.RetryOptions{Timeout: time.Minute}
		out, err := optimize.Retry(f, o)(background, 7)
		require.NoError(t, err)
		require.Equal(t, 7, out)

		calls, o.Attempts = 0, 2
		_, err = optimize.Retry(f, o)(background, 7)
		require.EqualError(t, err, "attempt 2 of 2: context deadline exceeded")

		calls = 0
		short, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_, err = optimize.Retry(f, o)(short, 7)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, calls, "the caller's own deadline is not retried")
	})
}
