package optimize_test

import (
	"context"
	"math"
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

func TestResilienceRefusesOptions(t *testing.T) {
	ok := failWith(nil)
	tests := map[string]optimize.Step[int, int]{
		"retry, attempts":      optimize.Retry(ok, optimize.RetryOptions{Attempts: -1}),
		"retry, base":          optimize.Retry(ok, optimize.RetryOptions{Base: -1}),
		"retry, max":           optimize.Retry(ok, optimize.RetryOptions{Max: -1}),
		"retry, timeout":       optimize.Retry(ok, optimize.RetryOptions{Timeout: -1}),
		"retry, base over max": optimize.Retry(ok, optimize.RetryOptions{Base: 2, Max: 1}),
		"breaker, failures":    optimize.Breaker(ok, optimize.BreakerOptions{Failures: -1}),
		"breaker, open":        optimize.Breaker(ok, optimize.BreakerOptions{Open: -1}),
		"breaker, probes":      optimize.Breaker(ok, optimize.BreakerOptions{Probes: -1}),
		"limit, concurrent":    optimize.Limit(ok, optimize.LimitOptions{Concurrent: -1}),
		"limit, far too many":  optimize.Limit(ok, optimize.LimitOptions{Concurrent: math.MaxInt}),
		"limit, queue":         optimize.Limit(ok, optimize.LimitOptions{Queue: -1}),
		"limit, two queues":    optimize.Limit(ok, optimize.LimitOptions{Queue: 1, NoQueue: true}),
		"limit, rate":          optimize.Limit(ok, optimize.LimitOptions{Rate: -1}),
		"limit, no rate":       optimize.Limit(ok, optimize.LimitOptions{Rate: math.NaN()}),
		"limit, endless rate":  optimize.Limit(ok, optimize.LimitOptions{Rate: math.Inf(1)}),
		"limit, burst":         optimize.Limit(ok, optimize.LimitOptions{Burst: -1}),
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := f(background, 1)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

// Every call of a pile of parts ends in its result or an error, whatever the
// service does, and no more than Concurrent calls reach it at once.
func TestPartsCompose(t *testing.T) {
	rng := synth.Rand(31)
	fates := make([]int, 5000)
	for i := range fates {
		fates[i] = rng.IntN(6)
	}
	synctest.Test(t, func(t *testing.T) {
		var next, running, most atomic.Int64
		remote := func(ctx context.Context, n int) (int, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(10 * time.Millisecond)
			switch fates[next.Add(1)%int64(len(fates))] {
			case 0:
				return 0, errRemote
			case 1:
				return 0, quintet.ErrInput
			case 2:
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return n, nil
		}
		f := optimize.Limit(
			optimize.Retry(
				optimize.Breaker(remote, optimize.BreakerOptions{Failures: 2, Open: time.Second}),
				optimize.RetryOptions{Timeout: 100 * time.Millisecond}),
			optimize.LimitOptions{Concurrent: 4})
		var wg sync.WaitGroup
		var good, bad atomic.Int64
		for i := range 500 {
			wg.Go(func() {
				out, err := f(background, i)
				switch {
				case err == nil && out == i:
					good.Add(1)
				case err != nil && out == 0:
					bad.Add(1)
				}
			})
			time.Sleep(5 * time.Millisecond)
		}
		wg.Wait()
		require.EqualValues(t, 500, good.Load()+bad.Load())
		require.NotZero(t, good.Load())
		require.LessOrEqual(t, most.Load(), int64(4))
	})
}

func BenchmarkResilience(b *testing.B) {
	ok := failWith(nil)
	for name, f := range map[string]optimize.Step[int, int]{
		"none":     ok,
		"retry":    optimize.Retry(ok, optimize.RetryOptions{}),
		"breaker":  optimize.Breaker(ok, optimize.BreakerOptions{}),
		"limit":    optimize.Limit(ok, optimize.LimitOptions{}),
		"fallback": optimize.Fallback(ok, ok),
	} {
		b.Run("part="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = f(background, 1)
			}
		})
	}
}
