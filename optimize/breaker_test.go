package optimize_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		calls := 0
		var changes []string
		f := optimize.Breaker(func(context.Context, int) (int, error) {
			calls++
			if down.Load() {
				return 0, errRemote
			}
			return 1, nil
		}, optimize.BreakerOptions{Failures: 3, Open: time.Minute, Probes: 2, Changed: func(from, to optimize.BreakerState) {
			changes = append(changes, string(from+" to "+to))
		}})
		for range 3 {
			_, err := f(background, 0)
			require.ErrorIs(t, err, errRemote)
		}
		time.Sleep(20 * time.Second)
		_, err := f(background, 0)
		require.EqualError(t, err, "breaker is open: too many calls in flight; try again in 40s")
		require.ErrorIs(t, err, quintet.ErrBusy)
		require.Equal(t, 3, calls, "an open breaker lets nothing pass")

		time.Sleep(41 * time.Second)
		_, err = f(background, 0)
		require.ErrorIs(t, err, errRemote, "a probe")
		_, err = f(background, 0)
		require.ErrorIs(t, err, quintet.ErrBusy, "the probe failed")

		time.Sleep(61 * time.Second)
		down.Store(false)
		for range 3 {
			_, err = f(background, 0)
			require.NoError(t, err)
		}
		require.Equal(t, []string{
			"closed to open", "open to half-open", "half-open to open", "open to half-open", "half-open to closed",
		}, changes)
	})
}

func TestBreakerLetsFewProbesPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan error)
		f := optimize.Breaker(func(context.Context, int) (int, error) { return 0, <-release },
			optimize.BreakerOptions{Failures: 1})
		go func() { release <- errRemote }()
		_, err := f(background, 0)
		require.ErrorIs(t, err, errRemote)
		time.Sleep(31 * time.Second)
		go func() { _, _ = f(background, 0) }()
		synctest.Wait()
		_, err = f(background, 0)
		require.ErrorIs(t, err, quintet.ErrBusy)
		require.ErrorContains(t, err, "breaker is half-open")
		release <- nil
		synctest.Wait()
		go func() { release <- nil }()
		_, err = f(background, 0)
		require.NoError(t, err)
	})
}

func TestWhatBreaksABreaker(t *testing.T) {
	tests := map[string]struct {
		f    optimize.Step[int, int]
		o    optimize.BreakerOptions
		open bool
	}{
		"a failure":             {failWith(errRemote), optimize.BreakerOptions{}, true},
		"a busy service":        {failWith(quintet.ErrBusy), optimize.BreakerOptions{}, true},
		"a deadline":            {failWith(context.DeadlineExceeded), optimize.BreakerOptions{}, true},
		"a panic turned error":  {failWith(&optimize.PanicError{Err: errRemote}), optimize.BreakerOptions{}, true},
		"a panic":               {func(context.Context, int) (int, error) { panic("x") }, optimize.BreakerOptions{}, true},
		"a goroutine that ends": {func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }, optimize.BreakerOptions{}, true},
		"success":               {failWith(nil), optimize.BreakerOptions{}, false},
		"a cancelled call":      {failWith(context.Canceled), optimize.BreakerOptions{}, false},
		"invalid input":         {failWith(quintet.ErrInput), optimize.BreakerOptions{}, false},
		"an invalid option":     {failWith(quintet.ErrOption), optimize.BreakerOptions{}, false},
		"a model of no use":     {failWith(quintet.ErrModel), optimize.BreakerOptions{}, false},
		"closed":                {failWith(quintet.ErrClosed), optimize.BreakerOptions{}, false},
		"an error of no weight": {failWith(errRemote), optimize.BreakerOptions{Failure: func(error) bool { return false }}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var state atomic.Value
			tt.o.Changed = func(_, to optimize.BreakerState) { state.Store(to) }
			f := optimize.Breaker(tt.f, tt.o)
			for range 5 {
				done := make(chan struct{})
				go func() {
					defer close(done)
					defer func() { _ = recover() }()
					_, _ = f(background, 0)
				}()
				<-done
			}
			require.Equal(t, tt.open, state.Load() == optimize.BreakerOpen)
		})
	}
}

func failWith(err error) optimize.Step[int, int] {
	return func(_ context.Context, n int) (int, error) { return n, err }
}

func TestBreakerWithAnEndedContext(t *testing.T) {
	done, cancel := context.WithCancel(background)
	cancel()
	_, err := optimize.Breaker(failWith(nil), optimize.BreakerOptions{})(done, 1)
	require.ErrorIs(t, err, context.Canceled)
}
