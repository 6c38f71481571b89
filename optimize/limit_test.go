package optimize_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		var order []int
		var mu sync.Mutex
		f := optimize.Limit(func(_ context.Context, n int) (int, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			mu.Lock()
			order = append(order, n)
			mu.Unlock()
			time.Sleep(time.Second)
			return n, nil
		}, optimize.LimitOptions{Concurrent: 2, Queue: 3})
		var wg sync.WaitGroup
		var busy atomic.Int64
		for i := range 9 {
			wg.Go(func() {
				if _, err := f(background, i); errors.Is(err, quintet.ErrBusy) {
					busy.Add(1)
				}
			})
			synctest.Wait() // so that they come in order
		}
		wg.Wait()
		require.EqualValues(t, 4, busy.Load())
		require.EqualValues(t, 2, most.Load())
		require.ElementsMatch(t, []int{0, 1}, order[:2])
		require.Equal(t, 4, order[4], "first come, first served")

		_, err := f(background, 9)
		require.NoError(t, err, "places are given back")
	})
}

func TestLimitWaitsAsLongAsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		slow := func(context.Context, int) (int, error) {
			<-end
			return 0, nil
		}
		f := optimize.Limit(slow, optimize.LimitOptions{Concurrent: 1, Queue: 1})
		go func() { _, _ = f(background, 0) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		for range 3 { // the place in the queue is given back
			_, err := f(short, 1)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		full := optimize.Limit(slow, optimize.LimitOptions{Concurrent: 1, NoQueue: true})
		go func() { _, _ = full(background, 0) }()
		synctest.Wait()
		_, err := full(background, 1)
		require.EqualError(t, err, "1 calls run and 0 wait: too many calls in flight")
	})
}

func TestLimitGivesPlacesBackAfterAPanic(t *testing.T) {
	f := optimize.Limit(func(_ context.Context, n int) (int, error) {
		if n == 0 {
			panic("x")
		}
		return n, nil
	}, optimize.LimitOptions{Concurrent: 1, NoQueue: true})
	require.Panics(t, func() { _, _ = f(background, 0) })
	_, err := f(background, 1)
	require.NoError(t, err)
}

// In no window may more calls start than rate and burst allow.
func TestLimitKeepsTheRate(t *testing.T) {
	const rate, burst = 10, 4
	synctest.Test(t, func(t *testing.T) {
		rng := synth.Rand(30)
		var mu sync.Mutex
		var starts []time.Time
		f := optimize.Limit(func(context.Context, int) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			starts = append(starts, time.Now())
			return 0, nil
		}, optimize.LimitOptions{Concurrent: 100, Queue: 10_000, Rate: rate, Burst: burst})
		var wg sync.WaitGroup
		began := time.Now()
		for range 300 {
			wg.Go(func() { _, _ = f(background, 0) })
			if rng.IntN(10) == 0 {
				time.Sleep(time.Duration(rng.IntN(1000)) * time.Millisecond)
			}
		}
		wg.Wait()
		require.Len(t, starts, 300)
		for i, a := range starts {
			for j, b := range starts[i:] {
				allowed := burst + rate*b.Sub(a).Seconds()
				require.LessOrEqual(t, float64(j+1), allowed+1e-6)
			}
		}
		require.LessOrEqual(t, time.Since(began), 31*time.Second, "and nothing is held back for longer")

		short, cancel := context.WithTimeout(background, time.Millisecond)
		defer cancel()
		for range burst + 1 {
			_, _ = f(background, 0)
		}
		_, err := f(short, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
