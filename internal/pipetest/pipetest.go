// Package pipetest holds the one conformance suite that all pipelines pass.
package pipetest

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
)

// Case says how to make the pipeline under test and what to feed it.
type Case[In, Out any] struct {
	// Name is the name that the pipeline's errors and events carry.
	Name string

	// New returns a fresh pipeline on a runtime of its own with at least two
	// workers and the given observer. The suite closes it.
	New func(t *testing.T, o quintet.Observer) quintet.Pipeline[In, Out]

	// Good are at least two inputs with different results; the same input
	// must always give the same result.
	Good []In

	// Bad are inputs that must be refused with quintet.ErrInput.
	Bad []In
}

// Contract holds the pipeline of c against every sentence of
// [quintet.Pipeline].
func Contract[In, Out any](t *testing.T, c Case[In, Out]) {
	require.GreaterOrEqual(t, len(c.Good), 2, "the suite needs two good inputs")
	for name, test := range map[string]func(*testing.T, Case[In, Out]){
		"Run gives one result or one error":      runOne[In, Out],
		"RunBatch keeps length and order":        batchOrder[In, Out],
		"a bad item never sinks a batch":         batchErrors[In, Out],
		"Stream keeps order and its own errors":  streamOrder[In, Out],
		"Stream pulls no more than it must":      streamBounded[In, Out],
		"breaking a Stream leaves nothing":       streamBreak[In, Out],
		"a cancelled context stops every method": cancelled[In, Out],
		"Close waits and is final":               closed[In, Out],
		"methods may run at the same time":       concurrent[In, Out],
		"events tell what happened":              events[In, Out],
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			test(t, c)
			noGoroutineLeft(t, before)
		})
	}
}

func (c Case[In, Out]) open(t *testing.T) quintet.Pipeline[In, Out] {
	t.Helper()
	p := c.New(t, nil)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// want runs the good inputs one by one.
func (c Case[In, Out]) want(t *testing.T, p quintet.Pipeline[In, Out]) []Out {
	t.Helper()
	var out []Out
	for _, in := range c.Good {
		r, err := p.Run(t.Context(), in)
		require.NoError(t, err)
		out = append(out, r)
	}
	require.NotEqual(t, out[0], out[1], "the suite needs inputs with different results")
	return out
}

func (c Case[In, Out]) requireBad(t *testing.T, method string, index int, err error) {
	t.Helper()
	require.ErrorIs(t, err, quintet.ErrInput)
	var e *quintet.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, c.Name+"."+method, e.Op)
	require.Equal(t, index, e.Index)
	var inner *quintet.Error
	require.NotErrorAs(t, e.Err, &inner, "wrapped twice")
}

func runOne[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	require.Equal(t, c.want(t, p), c.want(t, p), "the same input, the same result")
	for _, in := range c.Bad {
		var zero Out
		out, err := p.Run(t.Context(), in)
		c.requireBad(t, "Run", -1, err)
		require.Equal(t, zero, out)
	}
}

func batchOrder[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	want := c.want(t, p)
	in, wantMany := slices.Repeat(c.Good, 9), slices.Repeat(want, 9)
	got, err := p.RunBatch(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, wantMany, got)
	got, err = p.RunBatch(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func batchErrors[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	want := c.want(t, p)
	for _, bad := range c.Bad {
		got, err := p.RunBatch(t.Context(), []In{c.Good[0], bad, c.Good[1], bad})
		var zero Out
		require.Equal(t, []Out{want[0], zero, want[1], zero}, got)
		var failed []int
		for i, err := range quintet.ItemErrors(err) {
			failed = append(failed, i)
			c.requireBad(t, "RunBatch", i, err)
		}
		require.Equal(t, []int{1, 3}, failed)
	}
}

func streamOrder[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	want := c.want(t, p)
	in, wantMany := slices.Repeat(c.Good, 9), slices.Repeat(want, 9)
	bad := -1
	if len(c.Bad) > 0 {
		var zero Out
		bad = len(c.Good) + 1
		in, wantMany = slices.Insert(in, bad, c.Bad[0]), slices.Insert(wantMany, bad, zero)
	}
	i := 0
	for out, err := range p.Stream(t.Context(), slices.Values(in)) {
		if i == bad {
			c.requireBad(t, "Stream", i, err)
		} else {
			require.NoError(t, err)
		}
		require.Equal(t, wantMany[i], out, "result %d", i)
		i++
	}
	require.Equal(t, len(in), i)
}

// endless yields the good inputs for ever and counts them.
func (c Case[In, Out]) endless(pulled *atomic.Int64) func(func(In) bool) {
	return func(yield func(In) bool) {
		for i := 0; ; i++ {
			pulled.Add(1)
			if !yield(c.Good[i%len(c.Good)]) {
				return
			}
		}
	}
}

func streamBounded[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	var pulled atomic.Int64
	for range p.Stream(t.Context(), c.endless(&pulled)) {
		break
	}
	require.Less(t, pulled.Load(), int64(10_000), "an endless source was read without bound")
}

func streamBreak[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	before := runtime.NumGoroutine()
	n := 0
	for _, err := range p.Stream(t.Context(), c.endless(new(atomic.Int64))) {
		require.NoError(t, err)
		if n++; n == 3 {
			break
		}
	}
	noGoroutineLeft(t, before)
	_, err := p.Run(t.Context(), c.Good[0])
	require.NoError(t, err, "the pipeline works on")
}

func cancelled[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Run(done, c.Good[0])
	require.ErrorIs(t, err, context.Canceled)

	out, err := p.RunBatch(done, c.Good)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, out, len(c.Good))
	n := 0
	for range quintet.ItemErrors(err) {
		n++
	}
	require.Equal(t, len(c.Good), n, "every item says that it did not run")

	// Cancelled while it runs, an endless stream ends, and says why.
	live, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n = 0
	for _, err := range p.Stream(live, c.endless(new(atomic.Int64))) {
		if last = err; n == 2 {
			cancel()
		}
		n++
	}
	require.ErrorIs(t, last, context.Canceled)
}

func closed[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.New(t, nil)
	for _, err := range p.Stream(t.Context(), slices.Values(c.Good)) {
		require.NoError(t, err)
	}
	streaming, release := make(chan struct{}), make(chan struct{})
	var returned atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for range p.Stream(t.Context(), slices.Values(c.Good)) {
			close(streaming)
			<-release
			break
		}
	})
	<-streaming
	wg.Go(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		returned.Store(true)
	})
	for { // Close is at work once new calls are refused
		if _, err := p.Run(t.Context(), c.Good[0]); err != nil {
			require.ErrorIs(t, err, quintet.ErrClosed)
			break
		}
		runtime.Gosched()
	}
	require.False(t, returned.Load(), "Close returned while a stream was open")
	close(release)
	wg.Wait()
	require.NoError(t, p.Close(), "closing twice is harmless")

	out, err := p.RunBatch(t.Context(), c.Good)
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.Len(t, out, len(c.Good))
	n := 0
	for _, err := range p.Stream(t.Context(), slices.Values(c.Good)) {
		require.ErrorIs(t, err, quintet.ErrClosed)
		n++
	}
	require.Equal(t, 1, n)
}

func concurrent[In, Out any](t *testing.T, c Case[In, Out]) {
	p := c.open(t)
	want := c.want(t, p)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, in := range c.Good {
				got, err := p.Run(t.Context(), in)
				if err != nil || !reflect.DeepEqual(want[i], got) {
					t.Errorf("Run %d: %v, %v", i, got, err)
				}
			}
		})
		wg.Go(func() {
			got, err := p.RunBatch(t.Context(), c.Good)
			if err != nil || !reflect.DeepEqual(want, got) {
				t.Errorf("RunBatch: %v, %v", got, err)
			}
		})
		wg.Go(func() {
			i := 0
			for got, err := range p.Stream(t.Context(), slices.Values(c.Good)) {
				if err != nil || !reflect.DeepEqual(want[i], got) {
					t.Errorf("Stream %d: %v, %v", i, got, err)
				}
				i++
			}
		})
	}
	wg.Wait()
}

func events[In, Out any](t *testing.T, c Case[In, Out]) {
	var mu sync.Mutex
	var seen []quintet.Event
	p := c.New(t, quintet.ObserverFunc(func(e quintet.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Pipeline != "session" { // those of models are the runtime's
			seen = append(seen, e)
		}
	}))
	defer p.Close()
	_, err := p.Run(t.Context(), c.Good[0])
	require.NoError(t, err)
	_, err = p.RunBatch(t.Context(), c.Good)
	require.NoError(t, err)
	for _, err := range p.Stream(t.Context(), slices.Values(c.Good)) {
		require.NoError(t, err)
	}
	want := map[string]int{"Run": 1, "RunBatch": len(c.Good), "Stream": len(c.Good)}
	items := map[string]int{}
	for _, e := range seen {
		require.Equal(t, c.Name, e.Pipeline)
		require.NoError(t, e.Err)
		require.GreaterOrEqual(t, e.Queued, time.Duration(0))
		require.GreaterOrEqual(t, e.Took, e.Queued)
		require.Positive(t, e.Batch)
		items[e.Op] += e.Items
	}
	require.Equal(t, want, items)
	for _, in := range c.Bad {
		seen = nil
		_, err = p.Run(t.Context(), in)
		require.Len(t, seen, 1)
		require.Equal(t, err, seen[0].Err)
	}
}

// noGoroutineLeft waits for goroutines that have done their work to exit, which
// they do on their own time.
func noGoroutineLeft(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks)
		}
		time.Sleep(time.Millisecond) // no channel tells when a goroutine is gone
	}
}
