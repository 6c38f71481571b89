package jobtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Queue checks what every queue promises. Open returns an empty queue that is closed
// by the test; it is called once for each part, and the parts run in parallel.
func Queue(t *testing.T, open func(t *testing.T) jobs.Queue) {
	for name, part := range map[string]func(*testing.T, *bench){
		"a job is done and its result is kept":       done,
		"higher priorities start first":              priorities,
		"low priorities do not starve":               starvation,
		"a failing job is tried again":               retries,
		"attempts are bounded":                       attempts,
		"a permanent error fails at once":            permanently,
		"a panic is an error":                        panics,
		"an unknown kind fails at once":              unknown,
		"arguments that do not fit fail at once":     misfits,
		"a job waits for its time":                   scheduled,
		"an attempt ends at its timeout":             timeouts,
		"a waiting job can be canceled":              cancelWaiting,
		"a running job can be canceled":              cancelRunning,
		"a unique job is added once":                 unique,
		"jobs are seen by their owners only":         owners,
		"an owner is forgotten":                      forget,
		"a failed job can be tried again":            again,
		"results are forgotten after their time":     expiry,
		"a drained job runs again":                   drain,
		"periodic jobs run once a tick":              periodic,
		"many producers and workers lose nothing":    crowd,
		"refused specs leave nothing behind":         refusals,
		"a closed queue says so":                     closed,
		"handlers know their job, observers attempt": events,
		"lists are short and the newest come first":  lists,
		"a queue counts its jobs":                    counts,
		"what ended stays as it is":                  ended,
		"a forgotten job that runs is told":          forgetRunning,
		"a canceled schedule can be tried now":       againAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bench{Queue: open(t), mux: jobs.NewMux()}
			defer func() { require.NoError(t, b.Close()) }()
			part(t, b)
		})
	}
}

// bench is a queue under test.
type bench struct {
	jobs.Queue
	mux *jobs.Mux
}

// quick are options whose pauses a test can wait for.
var quick = jobs.KindOptions{MaxAttempts: 3, Backoff: 10 * time.Millisecond, MaxBackoff: 20 * time.Millisecond}

// serve runs jobs until the returned function is called.
func (b *bench) serve(t *testing.T, o jobs.ServeOptions) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Serve(ctx, b.mux, o) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(t, <-ended)
		})
	}
	t.Cleanup(stop)
	return stop
}

func (b *bench) add(t *testing.T, s jobs.Spec) jobs.Info {
	t.Helper()
	i, err := b.Enqueue(t.Context(), s)
	require.NoError(t, err)
	return i
}

// wait returns a job when it is in a state.
func (b *bench) wait(t *testing.T, id string, want jobs.State) (i jobs.Info) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		i, err = b.Get(t.Context(), "", id)
		require.NoError(t, err)
		return i.State == want
	}, 20*time.Second, 2*time.Millisecond, "job never was %s", want)
	return i
}

func register[A, R any](t *testing.T, b *bench, kind string, o jobs.KindOptions, f func(context.Context, A) (R, error)) {
	t.Helper()
	require.NoError(t, jobs.Register(b.mux, kind, f, o))
}

func spec[A any](t *testing.T, kind string, args A) jobs.Spec {
	t.Helper()
	s, err := jobs.NewSpec(kind, args)
	require.NoError(t, err)
	return s
}

type none struct{}

func done(t *testing.T, b *bench) {
	type sum struct{ A, B int }
	register(t, b, "add", quick, func(_ context.Context, s sum) (int, error) { return s.A + s.B, nil })
	b.serve(t, jobs.ServeOptions{})
	i := b.add(t, spec(t, "add", sum{2, 3}))
	require.False(t, i.Created.IsZero())
	require.Len(t, i.ID, 26)
	i = b.wait(t, i.ID, jobs.Done)
	got, err := jobs.Result[int](i)
	require.NoError(t, err)
	require.Equal(t, 5, got)
	require.Equal(t, 1, i.Attempt)
	require.False(t, i.Started.Before(i.Created.Truncate(time.Millisecond)))
	require.False(t, i.Finished.Before(i.Started))
}

// order runs jobs one at a time and returns the names in the order of their starts.
func order(t *testing.T, b *bench, all ...jobs.Spec) (names []string) {
	var mu sync.Mutex
	register(t, b, "note", quick, func(_ context.Context, name string) (none, error) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, name)
		return none{}, nil
	})
	last := ""
	for _, s := range all {
		last = b.add(t, s).ID
	}
	stop := b.serve(t, jobs.ServeOptions{Workers: 1})
	b.wait(t, last, jobs.Done)
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(names) == len(all) }, 20*time.Second, time.Millisecond)
	stop()
	return names
}

func note(t *testing.T, name string, p jobs.Priority) jobs.Spec {
	s := spec(t, "note", name)
	s.Priority = p
	return s
}

func priorities(t *testing.T, b *bench) {
	require.Equal(t, []string{"c", "h", "n1", "n2", "l"}, order(t, b,
		note(t, "l", jobs.Low), note(t, "n1", jobs.Normal), note(t, "h", jobs.High), note(t, "c", jobs.Critical), note(t, "n2", jobs.Normal)))
}

func starvation(t *testing.T, b *bench) {
	all := []jobs.Spec{note(t, "low", jobs.Low)}
	for i := range 60 {
		all = append(all, note(t, fmt.Sprint(i), jobs.Critical))
	}
	for i, name := range order(t, b, all...) {
		if name == "low" {
			require.Less(t, i, 59)
			return
		}
	}
	t.Fatal("the low one never ran")
}

func retries(t *testing.T, b *bench) {
	var runs atomic.Int32
	register(t, b, "flaky", quick, func(context.Context, none) (string, error) {
		if runs.Add(1) < 3 {
			return "", errors.New("not yet")
		}
		return "now", nil
	})
	b.serve(t, jobs.ServeOptions{})
	i := b.wait(t, b.add(t, jobs.Spec{Kind: "flaky"}).ID, jobs.Done)
	require.Equal(t, 3, i.Attempt)
	require.JSONEq(t, `"now"`, string(i.Result))
}

func attempts(t *testing.T, b *bench) {
	var runs atomic.Int32
	register(t, b, "hopeless", quick, func(context.Context, none) (none, error) { runs.Add(1); return none{}, errors.New("no disk") })
	b.serve(t, jobs.ServeOptions{})
	s := jobs.Spec{Kind: "hopeless", MaxAttempts: 2}
	i := b.wait(t, b.add(t, s).ID, jobs.Failed)
	require.EqualValues(t, 2, runs.Load())
	require.Contains(t, i.Error, "no disk")
	_, err := jobs.Result[none](i)
	require.ErrorContains(t, err, "no disk")
}

// failsAtOnce wants a job to fail in its first attempt.
func failsAtOnce(t *testing.T, b *bench, s jobs.Spec, why string) {
	t.Helper()
	b.serve(t, jobs.ServeOptions{})
	i := b.wait(t, b.add(t, s).ID, jobs.Failed)
	require.Equal(t, 1, i.Attempt)
	require.Contains(t, i.Error, why)
}

func permanently(t *testing.T, b *bench) {
	register(t, b, "bad", quick, func(context.Context, none) (none, error) {
		return none{}, fmt.Errorf("wrapped: %w", jobs.Permanent(errors.New("no such picture")))
	})
	failsAtOnce(t, b, jobs.Spec{Kind: "bad"}, "no such picture")
}

func panics(t *testing.T, b *bench) {
	register(t, b, "panic", quick, func(context.Context, none) (none, error) { panic("boom") })
	b.serve(t, jobs.ServeOptions{})
	i := b.wait(t, b.add(t, jobs.Spec{Kind: "panic"}).ID, jobs.Failed)
	require.Contains(t, i.Error, "boom")
	require.Equal(t, 2, i.Attempt)
}

func unknown(t *testing.T, b *bench) { failsAtOnce(t, b, jobs.Spec{Kind: "nobody"}, "nobody") }

func misfits(t *testing.T, b *bench) {
	register(t, b, "strict", quick, func(context.Context, struct{ Width int }) (none, error) { return none{}, nil })
	failsAtOnce(t, b, jobs.Spec{Kind: "strict", Args: []byte(`{"Widht":1}`)}, "Widht")
}

func scheduled(t *testing.T, b *bench) {
	register(t, b, "later", quick, func(context.Context, none) (none, error) { return none{}, nil })
	b.serve(t, jobs.ServeOptions{})
	at := time.Now().Add(1200 * time.Millisecond)
	i := b.add(t, jobs.Spec{Kind: "later", RunAt: at})
	require.Equal(t, jobs.Scheduled, i.State)
	i = b.wait(t, i.ID, jobs.Done)
	require.False(t, i.Started.Before(at.Add(-50*time.Millisecond)))
}

func timeouts(t *testing.T, b *bench) {
	o := quick
	o.MaxAttempts = 1
	register(t, b, "slow", o, func(ctx context.Context, _ none) (none, error) { <-ctx.Done(); return none{}, ctx.Err() })
	failsAtOnce(t, b, jobs.Spec{Kind: "slow", Timeout: time.Second}, context.DeadlineExceeded.Error())
}

func cancelWaiting(t *testing.T, b *bench) {
	var runs atomic.Int32
	register(t, b, "run", quick, func(context.Context, none) (none, error) { runs.Add(1); return none{}, nil })
	queued, later := b.add(t, jobs.Spec{Kind: "run"}), b.add(t, jobs.Spec{Kind: "run", RunAt: time.Now().Add(time.Hour)})
	for _, i := range []jobs.Info{queued, later} {
		require.NoError(t, b.Cancel(t.Context(), "", i.ID))
		b.wait(t, i.ID, jobs.Canceled)
	}
	b.serve(t, jobs.ServeOptions{})
	b.wait(t, b.add(t, jobs.Spec{Kind: "run"}).ID, jobs.Done)
	require.EqualValues(t, 1, runs.Load())
	require.ErrorIs(t, b.Cancel(t.Context(), "", "no such id"), jobs.ErrNotFound)
}

func cancelRunning(t *testing.T, b *bench) {
	started := make(chan none)
	register(t, b, "hang", quick, func(ctx context.Context, _ none) (none, error) {
		close(started)
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	b.serve(t, jobs.ServeOptions{})
	i := b.add(t, jobs.Spec{Kind: "hang"})
	<-started
	require.NoError(t, b.Cancel(t.Context(), "", i.ID))
	require.Equal(t, 1, b.wait(t, i.ID, jobs.Canceled).Attempt)
}

func unique(t *testing.T, b *bench) {
	register(t, b, "once", quick, func(context.Context, none) (none, error) { return none{}, nil })
	s := jobs.Spec{Kind: "once", UniqueKey: "2026-11", Owner: "ann"}
	first := b.add(t, s)
	require.Equal(t, first.ID, b.add(t, s).ID)
	other := s
	other.Owner = "bob"
	require.NotEqual(t, first.ID, b.add(t, other).ID)
	b.serve(t, jobs.ServeOptions{})
	b.wait(t, first.ID, jobs.Done)
	require.Equal(t, first.ID, b.add(t, s).ID, "also after its end")
}

func owners(t *testing.T, b *bench) {
	ann, bob := b.add(t, jobs.Spec{Kind: "x", Owner: "ann"}), b.add(t, jobs.Spec{Kind: "x", Owner: "bob"})
	_, err := b.Get(t.Context(), "bob", ann.ID)
	require.ErrorIs(t, err, jobs.ErrNotFound)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorIs(t, b.Cancel(t.Context(), "bob", ann.ID), jobs.ErrNotFound)
	require.ErrorIs(t, b.Retry(t.Context(), "bob", ann.ID), jobs.ErrNotFound)
	i, err := b.Get(t.Context(), "ann", ann.ID)
	require.NoError(t, err)
	require.Equal(t, "ann", i.Owner)
	for f, want := range map[jobs.Filter][]string{
		{Owner: "ann"}: {ann.ID}, {Owner: "bob"}: {bob.ID}, {Owner: "eve"}: {}, {State: jobs.Done}: {}, {Kind: "x"}: {ann.ID, bob.ID},
	} {
		all, err := b.List(t.Context(), f)
		require.NoError(t, err)
		ids := []string{}
		for _, i := range all {
			ids = append(ids, i.ID)
		}
		require.ElementsMatch(t, want, ids)
	}
}

func forget(t *testing.T, b *bench) {
	register(t, b, "x", quick, func(context.Context, none) (none, error) { return none{}, nil })
	ended := b.add(t, jobs.Spec{Kind: "x", Owner: "ann"})
	stop := b.serve(t, jobs.ServeOptions{})
	b.wait(t, ended.ID, jobs.Done)
	stop()
	waits, other := b.add(t, jobs.Spec{Kind: "x", Owner: "ann"}), b.add(t, jobs.Spec{Kind: "x", Owner: "bob"})
	n, err := b.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for _, i := range []jobs.Info{ended, waits} {
		_, err := b.Get(t.Context(), "", i.ID)
		require.ErrorIs(t, err, jobs.ErrNotFound)
	}
	_, err = b.Get(t.Context(), "", other.ID)
	require.NoError(t, err)
	_, err = b.Forget(t.Context(), "")
	require.ErrorIs(t, err, quintet.ErrInput)
}

func again(t *testing.T, b *bench) {
	var well atomic.Bool
	register(t, b, "disk", quick, func(context.Context, none) (none, error) {
		if !well.Load() {
			return none{}, jobs.Permanent(errors.New("full"))
		}
		return none{}, nil
	})
	b.serve(t, jobs.ServeOptions{})
	i := b.wait(t, b.add(t, jobs.Spec{Kind: "disk"}).ID, jobs.Failed)
	well.Store(true)
	require.NoError(t, b.Retry(t.Context(), "", i.ID))
	require.Equal(t, 1, b.wait(t, i.ID, jobs.Done).Attempt)
	require.ErrorIs(t, b.Retry(t.Context(), "", i.ID), quintet.ErrInput, "it is done")
}

func expiry(t *testing.T, b *bench) {
	register(t, b, "x", quick, func(context.Context, none) (none, error) { return none{}, nil })
	i := b.add(t, jobs.Spec{Kind: "x", ResultTTL: time.Second, UniqueKey: "k"})
	b.serve(t, jobs.ServeOptions{})
	require.Eventually(t, func() bool {
		_, err := b.Get(t.Context(), "", i.ID)
		return errors.Is(err, jobs.ErrNotFound)
	}, 20*time.Second, 10*time.Millisecond)
	require.NotEqual(t, i.ID, b.add(t, jobs.Spec{Kind: "x", UniqueKey: "k"}).ID)
}

func drain(t *testing.T, b *bench) {
	started := make(chan none, 2)
	var release atomic.Bool
	register(t, b, "long", quick, func(ctx context.Context, _ none) (none, error) {
		started <- none{}
		if !release.Load() {
			<-ctx.Done()
			return none{}, ctx.Err()
		}
		return none{}, nil
	})
	stop := b.serve(t, jobs.ServeOptions{Drain: 100 * time.Millisecond})
	i := b.add(t, jobs.Spec{Kind: "long", MaxAttempts: 1})
	<-started
	stop()
	release.Store(true)
	b.serve(t, jobs.ServeOptions{})
	b.wait(t, i.ID, jobs.Done)
}

func periodic(t *testing.T, b *bench) {
	var mu sync.Mutex
	ticks := map[string]int{}
	register(t, b, "tick", quick, func(ctx context.Context, _ none) (none, error) {
		i, _ := jobs.FromContext(ctx)
		mu.Lock()
		defer mu.Unlock()
		ticks[i.UniqueKey]++
		return none{}, nil
	})
	o := jobs.ServeOptions{Periodic: []jobs.Periodic{{Spec: jobs.Spec{Kind: "tick"}, Every: time.Second}}}
	b.serve(t, o)
	b.serve(t, o) // a second process, as it were
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(ticks) >= 2 }, 20*time.Second, 10*time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	for k, n := range ticks {
		require.Equal(t, 1, n, k)
	}
}

func crowd(t *testing.T, b *bench) {
	const producers, each = 4, 50
	var mu sync.Mutex
	ran := map[int]int{}
	register(t, b, "n", quick, func(_ context.Context, n int) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		ran[n]++
		return n, nil
	})
	b.serve(t, jobs.ServeOptions{Workers: 4})
	b.serve(t, jobs.ServeOptions{Workers: 4})
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for i := range each {
				s, err := jobs.NewSpec("n", p*each+i)
				if err == nil {
					_, err = b.Enqueue(t.Context(), s)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(ran) == producers*each }, 30*time.Second, 5*time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	for n, times := range ran {
		require.Equal(t, 1, times, n)
	}
}

func refusals(t *testing.T, b *bench) {
	for name, s := range map[string]jobs.Spec{
		"no kind": {}, "bad JSON": {Kind: "x", Args: []byte("{")}, "negative": {Kind: "x", MaxAttempts: -1},
		"priority": {Kind: "x", Priority: 9}, "long owner": {Kind: "x", Owner: string(make([]byte, 300))},
		"long arguments": {Kind: "x", Args: append(append([]byte{'"'}, make([]byte, 2<<20)...), '"')},
	} {
		_, err := b.Enqueue(t.Context(), s)
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	all, err := b.List(t.Context(), jobs.Filter{})
	require.NoError(t, err)
	require.Empty(t, all)
	require.ErrorIs(t, b.Serve(t.Context(), b.mux, jobs.ServeOptions{Workers: -1}), quintet.ErrOption)
}

func closed(t *testing.T, b *bench) {
	i := b.add(t, jobs.Spec{Kind: "x"})
	require.NoError(t, b.Close())
	ctx := t.Context()
	_, err := b.Enqueue(ctx, jobs.Spec{Kind: "x"})
	require.ErrorIs(t, err, quintet.ErrClosed)
	_, err = b.Get(ctx, "", i.ID)
	require.ErrorIs(t, err, quintet.ErrClosed)
	_, err = b.List(ctx, jobs.Filter{})
	require.ErrorIs(t, err, quintet.ErrClosed)
	_, err = b.Stats(ctx)
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.ErrorIs(t, b.Cancel(ctx, "", i.ID), quintet.ErrClosed)
	require.ErrorIs(t, b.Serve(ctx, b.mux, jobs.ServeOptions{}), quintet.ErrClosed)
}

func events(t *testing.T, b *bench) {
	var mu sync.Mutex
	var seen []quintet.Event
	register(t, b, "x", quick, func(ctx context.Context, _ none) (string, error) {
		i, ok := jobs.FromContext(ctx)
		if !ok || i.Attempt == 1 {
			return "", errors.New("first")
		}
		return i.ID, nil
	})
	b.serve(t, jobs.ServeOptions{Observer: quintet.ObserverFunc(func(e quintet.Event) { mu.Lock(); seen = append(seen, e); mu.Unlock() })})
	i := b.wait(t, b.add(t, jobs.Spec{Kind: "x"}).ID, jobs.Done)
	id, err := jobs.Result[string](i)
	require.NoError(t, err)
	require.Equal(t, i.ID, id)
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, seen, 2)
	require.Equal(t, "jobs x", seen[0].Pipeline+" "+seen[0].Op)
	require.Error(t, seen[0].Err)
	require.NoError(t, seen[1].Err)
	s, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, s.Done)
	require.EqualValues(t, 1, s.Retries)
}
