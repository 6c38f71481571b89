package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
)

// sums adds up each row of a padded batch, as a model would.
func sums(_ context.Context, in [][]float32) ([]float32, error) {
	longest := 0
	for _, row := range in {
		longest = max(longest, len(row))
	}
	padded := make([]float32, len(in)*longest)
	for i, row := range in {
		copy(padded[i*longest:], row)
	}
	out := make([]float32, len(in))
	for i := range out {
		for _, v := range padded[i*longest : (i+1)*longest] {
			out[i] += v
		}
	}
	return out, nil
}

func rowLength(row []float32) int { return len(row) }

func newBatcher[In, Out any](
	t testing.TB, rt *optimize.Runtime, o optimize.BatchOptions[In], step optimize.BatchStep[In, Out],
) *optimize.Batcher[In, Out] {
	t.Helper()
	b, err := optimize.NewBatcher(rt, "batch", o, step)
	require.NoError(t, err)
	return b
}

// alike is a table in which every batch of equal lengths pays.
func alike() optimize.BatchTable {
	return optimize.BatchTable{{Length: 1, Gains: []float64{1.5, 2, 2.5}}, {Length: 1000, Gains: []float64{1.5, 2, 2.5}}}
}

func TestBatcherContract(t *testing.T) {
	for name, o := range map[string]optimize.BatchOptions[int]{
		"defaults":       {},
		"all alike":      {Length: func(int) int { return 1 }, Table: alike()},
		"batches of one": {MaxItems: 1},
		"held back":      {Table: alike(), MaxDelay: time.Millisecond, MaxItems: 4},
		"buckets":        {Table: alike(), Multiple: 8},
	} {
		t.Run(name, func(t *testing.T) {
			if o.Length == nil {
				o.Length = func(n int) int { return n }
			}
			pipetest.Contract(t, pipetest.Case[int, int]{
				Name: "batch",
				New: func(t *testing.T, obs quintet.Observer) quintet.Pipeline[int, int] {
					return newBatcher(t, runtimeWith(t, optimize.Options{Workers: 2, Observer: obs}), o, halves)
				},
				Good: []int{2, 4, 6, 8, 100},
				Bad:  []int{1, 3},
			})
		})
	}
}

func TestBatchOptionsAreChecked(t *testing.T) {
	length := func(int) int { return 1 }
	for name, o := range map[string]optimize.BatchOptions[int]{
		"a batcher needs Length: invalid option":                {},
		"negative limit of a batcher: invalid option":           {Length: length, MaxDelay: -1},
		"row 1 of the batch table has length 8: invalid option": {Length: length, Table: optimize.BatchTable{{Length: 8}, {Length: 8}}},
		"row 0 of the batch table has gain 0: invalid option":   {Length: length, Table: optimize.BatchTable{{Length: 8, Gains: []float64{0}}}},
		"row 0 of the batch table has cost -1: invalid option":  {Length: length, Table: optimize.BatchTable{{Length: 8, Alone: -1}}},
		"row 1 of the batch table has cost 0: invalid option":   {Length: length, Table: optimize.BatchTable{{Length: 8, Alone: 1}, {Length: 9}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := optimize.NewBatcher(nil, "batch", o, halves)
			require.EqualError(t, err, "optimize: "+name)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestEveryInputIsAnsweredOnceInItsOwnPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for name, o := range map[string]optimize.BatchOptions[[]float32]{
		"CPU table":   {},
		"paying ones": {Table: alike(), MaxItems: 7, MaxLength: 300},
		"held back":   {Table: alike(), MaxDelay: 100 * time.Microsecond},
	} {
		t.Run(name, func(t *testing.T) {
			rt := runtimeWith(t, optimize.Options{Workers: 2})
			var ran atomic.Int64
			o.Length = rowLength
			b := newBatcher(t, rt, o, func(ctx context.Context, in [][]float32) ([]float32, error) {
				ran.Add(int64(len(in)))
				longest := 0
				for _, row := range in {
					longest = max(longest, len(row))
				}
				if o.MaxItems > 0 && len(in) > o.MaxItems || o.MaxLength > 0 && len(in) > 1 && len(in)*longest > o.MaxLength {
					return nil, fmt.Errorf("%d inputs of %d", len(in), longest)
				}
				runtime.Gosched()
				return sums(ctx, in)
			})
			var in [][]float32
			var want []float32
			for range 2000 {
				row := make([]float32, rng.IntN(200))
				for i := range row {
					row[i] = float32(rng.IntN(9))
				}
				w, _ := sums(t.Context(), [][]float32{row})
				in, want = append(in, row), append(want, w[0])
			}
			var wg sync.WaitGroup
			for i := range in {
				wg.Go(func() {
					if got, err := b.Run(t.Context(), in[i]); err != nil || got != want[i] {
						t.Errorf("input %d: %v, %v, want %v", i, got, err, want[i])
					}
				})
			}
			wg.Go(func() {
				got, err := b.RunBatch(t.Context(), in)
				if err != nil || !slices.Equal(want, got) {
					t.Errorf("RunBatch: %v", err)
				}
			})
			wg.Go(func() {
				i := 0
				for got, err := range b.Stream(t.Context(), slices.Values(in)) {
					if err != nil || got != want[i] {
						t.Errorf("result %d: %v, %v, want %v", i, got, err, want[i])
					}
					i++
				}
			})
			wg.Wait()
			require.EqualValues(t, 3*len(in), ran.Load())
			s := b.Stats()
			require.EqualValues(t, 2*len(in), s.Alone+s.Batched)
			require.Zero(t, s.Waiting)
			require.NoError(t, b.Close())
		})
	}
}

// gate is a step that reports its batches and waits for permission.
type gate struct {
	batches chan []int
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan []int, 100), make(chan struct{})} }

func (g *gate) step(ctx context.Context, in []int) ([]int, error) {
	g.batches <- slices.Clone(in)
	select {
	case <-g.open:
		return in, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func itself(n int) int { return n }

// start runs an input and waits until it is queued or runs.
func start(ctx context.Context, b *optimize.Batcher[int, int], n int) chan error {
	done := make(chan error, 1)
	go func() {
		v, err := b.Run(ctx, n)
		if err == nil && v != n {
			err = fmt.Errorf("got %d for %d", v, n)
		}
		done <- err
	}()
	synctest.Wait()
	return done
}

func gated(t *testing.T, workers int, o optimize.BatchOptions[int]) (*gate, *optimize.Batcher[int, int]) {
	t.Helper()
	g := newGate()
	o.Length = itself
	if o.Table == nil {
		o.Table = alike()
	}
	return g, newBatcher(t, runtimeWith(t, optimize.Options{Workers: workers}), o, g.step)
}

func TestCallsThatFindNoWorkerRunTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, b := gated(t, 1, optimize.BatchOptions[int]{})
		var done []chan error
		for _, n := range []int{10, 11, 500, 12, 11, 480, 13} {
			done = append(done, start(t.Context(), b, n))
		}
		require.Equal(t, []int{10}, <-g.batches, "an idle worker starts at once")
		require.Empty(t, g.batches)
		close(g.open)
		for _, d := range done {
			require.NoError(t, <-d)
		}
		require.ElementsMatch(t, []int{11, 12, 11, 13}, <-g.batches, "the oldest and what suits it")
		require.ElementsMatch(t, []int{500, 480}, <-g.batches)
		require.Equal(t, optimize.BatchStats{
			Alone: 1, Batched: 6, Batches: 2, Largest: 4, Length: 47 + 980, Padded: 52 + 1000,
		}, b.Stats())
	})
}

func TestAnOutlierIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, b := gated(t, 1, optimize.BatchOptions[int]{MaxItems: 2})
		var done []chan error
		for _, n := range []int{1, 900, 10, 10, 10, 10} {
			done = append(done, start(t.Context(), b, n))
		}
		require.Equal(t, []int{1}, <-g.batches)
		close(g.open)
		for _, d := range done {
			require.NoError(t, <-d)
		}
		require.Equal(t, []int{900}, <-g.batches, "the oldest goes first, alone if nothing suits it")
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, b := gated(t, 1, optimize.BatchOptions[int]{MaxQueue: 2})
		a, c, d := start(t.Context(), b, 1), start(t.Context(), b, 2), start(t.Context(), b, 3)
		err := <-start(t.Context(), b, 4)
		require.ErrorIs(t, err, quintet.ErrBusy)
		require.EqualError(t, err, "batch.Run: 2 calls wait already: too many calls in flight")
		close(g.open)
		for _, done := range []chan error{a, c, d} {
			require.NoError(t, <-done)
		}
		require.EqualValues(t, 1, b.Stats().Refused)
		require.NoError(t, <-start(t.Context(), b, 5), "there is room again")
	})
}

func TestCancelledCallsLeaveTheQueue(t *testing.T) {
	for name, leaver := range map[string]int{"the one that leads": 0, "one in the middle": 1, "the youngest": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, b := gated(t, 1, optimize.BatchOptions[int]{})
				running := start(t.Context(), b, 1)
				<-g.batches
				ctx, cancel := context.WithCancel(t.Context())
				var waiting []chan error
				for i := range 3 {
					c := t.Context()
					if i == leaver {
						c = ctx
					}
					waiting = append(waiting, start(c, b, 10+i))
				}
				cancel()
				require.ErrorIs(t, <-waiting[leaver], context.Canceled, "while the worker is busy")
				require.Equal(t, 2, b.Stats().Waiting)
				close(g.open)
				require.NoError(t, <-running)
				want := slices.Delete([]int{10, 11, 12}, leaver, leaver+1)
				require.ElementsMatch(t, want, <-g.batches)
				for i, done := range waiting {
					if i != leaver {
						require.NoError(t, <-done)
					}
				}
				require.EqualValues(t, 1, b.Stats().Departed)
			})
		})
	}
}

func TestADeadlineEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, b := gated(t, 1, optimize.BatchOptions[int]{})
		running := start(t.Context(), b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		begin := time.Now()
		_, err := b.Run(ctx, 2)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 30*time.Millisecond, time.Since(begin))
		close(g.open)
		require.NoError(t, <-running)
	})
}

func TestABatchIsStoppedWhenNobodyWantsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, b := gated(t, 1, optimize.BatchOptions[int]{})
		first := start(t.Context(), b, 1)
		one, cancelOne := context.WithCancel(t.Context())
		two, cancelTwo := context.WithTimeout(t.Context(), time.Hour)
		defer cancelTwo()
		a, c := start(one, b, 10), start(two, b, 10)
		g.open <- struct{}{}
		require.NoError(t, <-first)
		synctest.Wait()
		require.Len(t, g.batches, 2)
		cancelOne()
		synctest.Wait()
		require.Empty(t, a, "the batch still reads its input")
		begin := time.Now()
		require.ErrorIs(t, <-c, context.DeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(begin).Round(time.Second))
		require.ErrorIs(t, <-a, context.Canceled, "each has the reason of its own context")
	})
}

func TestMaxDelayCollectsABatch(t *testing.T) {
	const delay = 10 * time.Millisecond
	o := optimize.BatchOptions[int]{MaxDelay: delay, MaxItems: 3}
	took := func(t *testing.T, want time.Duration, begin time.Time) {
		t.Helper()
		require.Equal(t, want, time.Since(begin))
	}
	t.Run("until it is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g, b := gated(t, 1, o)
			close(g.open)
			begin := time.Now()
			a := start(t.Context(), b, 5)
			time.Sleep(delay / 2)
			c := start(t.Context(), b, 5)
			require.NoError(t, <-a)
			require.NoError(t, <-c)
			took(t, delay, begin)
			require.Equal(t, []int{5, 5}, <-g.batches)
		})
	})
	t.Run("until it is full", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g, b := gated(t, 1, o)
			close(g.open)
			begin := time.Now()
			a, c, d := start(t.Context(), b, 5), start(t.Context(), b, 5), start(t.Context(), b, 5)
			for _, done := range []chan error{a, c, d} {
				require.NoError(t, <-done)
			}
			took(t, 0, begin)
			require.Equal(t, []int{5, 5, 5}, <-g.batches)
		})
	})
	t.Run("half of what a deadline leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g, b := gated(t, 1, o)
			close(g.open)
			begin := time.Now()
			a := start(t.Context(), b, 5)
			ctx, cancel := context.WithTimeout(t.Context(), delay/2)
			defer cancel()
			require.NoError(t, <-start(ctx, b, 5))
			took(t, delay/4, begin)
			require.NoError(t, <-a)
		})
	})
}

func TestAFailingBatchIsRunOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, fail := range map[string]func() error{
			"error": func() error { return quintet.ErrModel },
			"panic": func() error { panic(quintet.ErrModel) },
		} {
			begun, open := make(chan struct{}), make(chan struct{})
			b := newBatcher(t, runtimeWith(t, optimize.Options{Workers: 1}),
				optimize.BatchOptions[int]{Length: func(int) int { return 1 }, Table: alike()},
				func(_ context.Context, in []int) ([]int, error) {
					if in[0] == 0 {
						close(begun)
						<-open
					}
					if slices.Contains(in, 13) {
						return nil, fail()
					}
					return in, nil
				})
			first := start(t.Context(), b, 0)
			<-begun
			good, bad, fine := start(t.Context(), b, 7), start(t.Context(), b, 13), start(t.Context(), b, 8)
			close(open)
			require.NoError(t, <-first, name)
			require.NoError(t, <-good, name)
			require.NoError(t, <-fine, name)
			err := <-bad
			require.ErrorIs(t, err, quintet.ErrModel, name)
			require.True(t, strings.HasPrefix(err.Error(), "batch.Run: "), name)
		}
	})
}

func TestAStepThatExitsFailsItsCalls(t *testing.T) {
	b := newBatcher(t, runtimeWith(t, optimize.Options{Workers: 1}), optimize.BatchOptions[int]{Length: itself},
		func(_ context.Context, in []int) ([]int, error) {
			if slices.Contains(in, 13) {
				runtime.Goexit()
			}
			return in, nil
		})
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = b.Run(t.Context(), 13) })
	wg.Wait()
	_, err := b.Run(t.Context(), 1)
	require.NoError(t, err, "the slot was given back")
	require.NoError(t, b.Close(), "nothing runs any more")
}

func TestABatchedStepMayCallABatcherOfItsRuntime(t *testing.T) {
	rt := runtimeWith(t, optimize.Options{Workers: 1})
	o := optimize.BatchOptions[int]{Length: itself, Table: alike()}
	inner := newBatcher(t, rt, o, halves)
	outer := newBatcher(t, rt, o, func(ctx context.Context, in []int) ([]int, error) {
		out := make([]int, len(in))
		for i, n := range in {
			a, err := inner.Run(ctx, n)
			if err != nil {
				return nil, err
			}
			many, err := inner.RunBatch(ctx, []int{n, n})
			if err != nil {
				return nil, err
			}
			for c := range inner.Stream(ctx, slices.Values([]int{n, n, n})) {
				a += c
			}
			out[i] = a + many[0] + many[1]
		}
		return out, nil
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if v, err := outer.Run(t.Context(), 2*i); err != nil || v != 6*i {
				t.Errorf("%d: %d, %v", i, v, err)
			}
		})
	}
	wg.Wait()
}

func TestAPanicOfLengthFailsItsInputOnly(t *testing.T) {
	b := newBatcher(t, runtimeWith(t, optimize.Options{Workers: 1}), optimize.BatchOptions[int]{
		Length: func(n int) int { return []int{1, 1}[n] },
	}, func(_ context.Context, in []int) ([]int, error) { return in, nil })
	out, err := b.RunBatch(t.Context(), []int{1, 7, 0})
	require.Equal(t, []int{1, 0, 0}, out)
	var failed []int
	for i, err := range quintet.ItemErrors(err) {
		failed = append(failed, i)
		var panicked *optimize.PanicError
		require.ErrorAs(t, err, &panicked)
	}
	require.Equal(t, []int{1}, failed)
}

func TestEventsOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var events []quintet.Event
		g := newGate()
		rt := runtimeWith(t, optimize.Options{Workers: 1, Observer: quintet.ObserverFunc(func(e quintet.Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		})})
		b := newBatcher(t, rt, optimize.BatchOptions[int]{Length: itself, Table: alike()}, g.step)
		done := []chan error{start(t.Context(), b, 1), start(t.Context(), b, 9), start(t.Context(), b, 9)}
		time.Sleep(time.Second)
		close(g.open)
		for _, d := range done {
			require.NoError(t, <-d)
		}
		require.Len(t, events, 3)
		slices.SortFunc(events, func(a, b quintet.Event) int { return a.Batch - b.Batch })
		for i, want := range []quintet.Event{
			{Took: time.Second, Batch: 1}, {Took: time.Second, Queued: time.Second, Batch: 2}, {Took: time.Second, Queued: time.Second, Batch: 2},
		} {
			want.Pipeline, want.Op, want.Items = "batch", "Run", 1
			require.Equal(t, want, events[i])
		}
	})
}

func TestPlainBatchEnginesShareTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		e := optimize.NewBatchEngine(runtimeWith(t, optimize.Options{Workers: 1}), "plain", 8, g.step)
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				if v, err := e.Run(t.Context(), i); err != nil || v != i {
					t.Errorf("%d: %d, %v", i, v, err)
				}
			})
		}
		synctest.Wait()
		require.Len(t, <-g.batches, 1)
		close(g.open)
		wg.Wait()
		require.Len(t, <-g.batches, 4)
	})
}

func TestPaddedRoundsUp(t *testing.T) {
	b := newBatcher(t, nil, optimize.BatchOptions[int]{Length: itself, Multiple: 8}, halves)
	for n, want := range map[int]int{-1: 8, 0: 8, 1: 8, 8: 8, 9: 16, 100: 104} {
		require.Equal(t, want, b.Padded(n))
	}
}

func TestThousandsOfCallsWithDeadlines(t *testing.T) {
	rt := runtimeWith(t, optimize.Options{Workers: 2})
	b := newBatcher(t, rt, optimize.BatchOptions[int]{Length: func(n int) int { return 8 + n%17 }, MaxQueue: 500}, halves)
	var ok, busy, late atomic.Int64
	var wg sync.WaitGroup
	for i := range 10_000 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 0 {
				ctx, cancel = context.WithTimeout(ctx, time.Duration(i)*time.Microsecond/10)
				defer cancel()
			}
			v, err := b.Run(ctx, 2*i)
			switch {
			case err == nil && v == i:
				ok.Add(1)
			case errors.Is(err, quintet.ErrBusy):
				busy.Add(1)
			case errors.Is(err, context.DeadlineExceeded):
				late.Add(1)
			default:
				t.Errorf("%d: %d, %v", i, v, err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 10_000, ok.Load()+busy.Load()+late.Load())
	require.Zero(t, b.Stats().Waiting)
	require.NoError(t, b.Close())
	_, err := b.Run(t.Context(), 2)
	require.ErrorIs(t, err, quintet.ErrClosed)
}
