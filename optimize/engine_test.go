package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
)

// half refuses odd numbers.
func half(_ context.Context, n int) (int, error) {
	if n%2 != 0 {
		return 0, fmt.Errorf("%d is odd: %w", n, quintet.ErrInput)
	}
	return n / 2, nil
}

// halves is half for a batch.
func halves(ctx context.Context, in []int) ([]int, error) {
	out, errs := make([]int, len(in)), []error{}
	for i, n := range in {
		var err error
		if out[i], err = half(ctx, n); err != nil {
			errs = append(errs, optimize.FailItem(i, err))
		}
	}
	return out, errors.Join(errs...)
}

func runtimeWith(t testing.TB, o optimize.Options) *optimize.Runtime {
	t.Helper()
	rt, err := optimize.New(o)
	require.NoError(t, err)
	return rt
}

func TestEngineContract(t *testing.T) {
	for name, open := range map[string]func(rt *optimize.Runtime) quintet.Pipeline[int, int]{
		"step": func(rt *optimize.Runtime) quintet.Pipeline[int, int] { return optimize.NewEngine(rt, "half", half) },
		"batches of 1": func(rt *optimize.Runtime) quintet.Pipeline[int, int] {
			return optimize.NewBatchEngine(rt, "half", 0, halves)
		},
		"batches of 4": func(rt *optimize.Runtime) quintet.Pipeline[int, int] {
			return optimize.NewBatchEngine(rt, "half", 4, halves)
		},
		"batches of 999": func(rt *optimize.Runtime) quintet.Pipeline[int, int] {
			return optimize.NewBatchEngine(rt, "half", 999, halves)
		},
	} {
		t.Run(name, func(t *testing.T) {
			pipetest.Contract(t, pipetest.Case[int, int]{
				Name: "half",
				New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[int, int] {
					return open(runtimeWith(t, optimize.Options{Workers: 3, Observer: o}))
				},
				Good: []int{2, 4, 6, 8, 10},
				Bad:  []int{1, 3},
			})
		})
	}
}

func TestNewRejectsNegativeWorkers(t *testing.T) {
	_, err := optimize.New(optimize.Options{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.EqualError(t, err, "optimize: Workers is -1: invalid option")
}

func TestDefaultRuntime(t *testing.T) {
	require.Same(t, optimize.Default(), optimize.Default())
	require.Positive(t, optimize.Default().Workers())
	devices := optimize.Default().Devices()
	require.Len(t, devices, 1)
	require.Equal(t, "cpu", devices[0].Name)
	require.True(t, devices[0].Available)
	require.Contains(t, devices[0].Detail, "kernels")
	v, err := optimize.NewEngine(nil, "half", half).Run(t.Context(), 4)
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

func TestWorkersBoundWhatRunsAtOnce(t *testing.T) {
	for name, workers := range map[string]int{"one": 1, "three": 3} {
		t.Run(name, func(t *testing.T) {
			var running, most atomic.Int64
			rt := runtimeWith(t, optimize.Options{Workers: workers})
			e := optimize.NewEngine(rt, "count", func(context.Context, int) (int, error) {
				n := running.Add(1)
				defer running.Add(-1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				return 0, nil
			})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { _, _ = e.RunBatch(t.Context(), make([]int, 100)) })
				wg.Go(func() { _, _ = e.Run(t.Context(), 0) })
			}
			wg.Wait()
			require.LessOrEqual(t, most.Load(), int64(workers))
		})
	}
}

func TestAWaitForAWorkerEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := runtimeWith(t, optimize.Options{Workers: 1})
		release := make(chan struct{})
		e := optimize.NewEngine(rt, "slow", func(context.Context, int) (int, error) { <-release; return 0, nil })
		go func() { _, _ = e.Run(t.Context(), 0) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { _, err := e.Run(ctx, 0); done <- err }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		close(release)
		require.NoError(t, e.Close())
	})
}

func TestAPanicIsAnErrorWithItsStack(t *testing.T) {
	boom := errors.New("boom")
	rt := runtimeWith(t, optimize.Options{Workers: 2})
	step := optimize.NewEngine(rt, "bug", func(_ context.Context, n int) (int, error) {
		if n == 1 {
			panic(boom)
		}
		return n, nil
	})
	batch := optimize.NewBatchEngine(rt, "bug", 2, func(_ context.Context, in []int) ([]int, error) {
		if slices.Contains(in, 1) {
			panic(boom)
		}
		return in, nil
	})
	for name, p := range map[string]quintet.Pipeline[int, int]{"step": step, "batch": batch} {
		t.Run(name, func(t *testing.T) {
			_, err := p.Run(t.Context(), 1)
			var panicked *optimize.PanicError
			require.ErrorAs(t, err, &panicked)
			require.ErrorIs(t, err, boom)
			require.Contains(t, string(panicked.Stack), "TestAPanicIsAnErrorWithItsStack")
			require.True(t, strings.HasPrefix(err.Error(), "bug.Run: panic: boom"))

			out, err := p.RunBatch(t.Context(), []int{5, 6, 7, 8, 1})
			require.ErrorIs(t, err, boom)
			require.Equal(t, []int{5, 6}, out[:2], "the others are unaffected")
			_, err = p.Run(t.Context(), 2)
			require.NoError(t, err, "the slot was given back")
		})
	}
}

func TestAStepMayCallAPipelineOfItsOwnRuntime(t *testing.T) {
	rt := runtimeWith(t, optimize.Options{Workers: 1})
	inner := optimize.NewEngine(rt, "inner", half)
	outer := optimize.NewEngine(rt, "outer", func(ctx context.Context, n int) (int, error) {
		a, err := inner.Run(ctx, n)
		if err != nil {
			return 0, err
		}
		b, err := inner.RunBatch(ctx, []int{n, n})
		if err != nil {
			return 0, err
		}
		for c := range inner.Stream(ctx, slices.Values([]int{n, n, n})) {
			a += c
		}
		return a + b[0] + b[1], nil
	})
	v, err := outer.Run(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, 6, v)
}

func TestABatchStepThatBreaksItsPromise(t *testing.T) {
	for name, tt := range map[string]struct {
		step optimize.BatchStep[int, int]
		want string
	}{
		"too few results": {
			func(context.Context, []int) ([]int, error) { return []int{1}, nil },
			"odd.RunBatch [0]: step returned 1 results for 2 inputs",
		},
		"an item error out of range": {
			func(_ context.Context, in []int) ([]int, error) { return in, optimize.FailItem(7, errors.New("who?")) },
			"odd.RunBatch [0]: step [7]: who?",
		},
		"an error for all": {
			func(context.Context, []int) ([]int, error) { return nil, errors.New("no model") },
			"odd.RunBatch [0]: no model",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rt := runtimeWith(t, optimize.Options{Workers: 1})
			out, err := optimize.NewBatchEngine(rt, "odd", 2, tt.step).RunBatch(t.Context(), []int{1, 2})
			require.Equal(t, []int{0, 0}, out)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRunBatchSpreadsBeforeItGrowsBatches(t *testing.T) {
	var mu sync.Mutex
	var sizes []int
	rt := runtimeWith(t, optimize.Options{Workers: 4})
	e := optimize.NewBatchEngine(rt, "sizes", 16, func(_ context.Context, in []int) ([]int, error) {
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(in))
		return in, nil
	})
	for n, want := range map[int][]int{3: {1, 1, 1}, 8: {2, 2, 2, 2}, 64: {16, 16, 16, 16}, 70: {6, 16, 16, 16, 16}} {
		sizes = nil
		_, err := e.RunBatch(t.Context(), make([]int, n))
		require.NoError(t, err)
		slices.Sort(sizes)
		require.Equal(t, want, sizes, "%d items", n)
	}
}

// A slow source must not hold back the results that are ready: each is yielded
// before the input after the next is asked for.
func TestStreamYieldsWhatIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := runtimeWith(t, optimize.Options{Workers: 8})
		e := optimize.NewEngine(rt, "half", half)
		pulled, yielded := 0, 0
		for range e.Stream(t.Context(), func(yield func(int) bool) {
			for pulled < 6 {
				synctest.Wait() // what runs has finished
				require.GreaterOrEqual(t, yielded, pulled-1)
				pulled++
				if !yield(2) {
					return
				}
			}
		}) {
			yielded++
		}
		require.Equal(t, 6, yielded)
	})
}

func TestEventsOfAStreamAndOfFailures(t *testing.T) {
	var events []quintet.Event
	var other int
	rt := runtimeWith(t, optimize.Options{Workers: 1, Observer: quintet.Observers{
		quintet.ObserverFunc(func(e quintet.Event) { events = append(events, e) }),
		quintet.ObserverFunc(func(quintet.Event) { other++ }),
	}})
	e := optimize.NewBatchEngine(rt, "half", 2, halves)
	for range e.Stream(t.Context(), slices.Values([]int{2, 3, 4})) {
	}
	require.Len(t, events, 3)
	require.Equal(t, 3, other)
	require.Equal(t, []int{2, 2, 1}, []int{events[0].Batch, events[1].Batch, events[2].Batch})
	require.ErrorIs(t, events[1].Err, quintet.ErrInput)
	events = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Run(ctx, 2)
	require.Equal(t, err, events[0].Err)
	require.Equal(t, events[0].Took, events[0].Queued, "it never left the queue")
}

func BenchmarkEngine(b *testing.B) {
	empty := func(context.Context, int) (int, error) { return 0, nil }
	rt := runtimeWith(b, optimize.Options{})
	observed := runtimeWith(b, optimize.Options{Observer: quintet.ObserverFunc(func(quintet.Event) {})})
	ctx := b.Context()
	b.Run("call=step", func(b *testing.B) {
		for b.Loop() {
			_, _ = empty(ctx, 1)
		}
	})
	for name, rt := range map[string]*optimize.Runtime{"": rt, "+observer": observed} {
		e := optimize.NewEngine(rt, "empty", empty)
		b.Run("call=Run"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = e.Run(ctx, 1)
			}
		})
		b.Run("call=RunBatch"+name+"/items=1000", func(b *testing.B) {
			b.ReportAllocs()
			in := make([]int, 1000)
			for b.Loop() {
				_, _ = e.RunBatch(ctx, in)
			}
		})
	}
}
