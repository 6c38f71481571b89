package jobtest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs"
)

// Shared checks what queues promise that are open in several processes at a time. Open
// returns two on the same jobs, of which there are none, and is called as for [Queue].
func Shared(t *testing.T, open func(t *testing.T) (a, b jobs.Queue)) {
	for name, part := range map[string]func(t *testing.T, a, b *bench){
		"what one adds the other runs":             runsOfOther,
		"what one runs the other cancels":          cancelsOfOther,
		"a unique job is added once by both":       uniqueToBoth,
		"what one forgets the other does not know": forgottenByBoth,
		"what one drains the other runs":           drainedToOther,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, y := open(t)
			a, b := &bench{Queue: x, mux: jobs.NewMux()}, &bench{Queue: y, mux: jobs.NewMux()}
			defer func() { require.NoError(t, a.Close()); require.NoError(t, b.Close()) }()
			part(t, a, b)
		})
	}
}

func runsOfOther(t *testing.T, a, b *bench) {
	register(t, b, "double", quick, func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	b.serve(t, jobs.ServeOptions{})
	got, err := jobs.Result[int](a.wait(t, a.add(t, spec(t, "double", 4)).ID, jobs.Done))
	require.NoError(t, err)
	require.Equal(t, 8, got)
}

func cancelsOfOther(t *testing.T, a, b *bench) {
	started := make(chan none)
	register(t, b, "hang", quick, func(ctx context.Context, _ none) (none, error) {
		close(started)
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	b.serve(t, jobs.ServeOptions{})
	i := a.add(t, jobs.Spec{Kind: "hang"})
	<-started
	require.NoError(t, a.Cancel(t.Context(), "", i.ID))
	a.wait(t, i.ID, jobs.Canceled)
}

func uniqueToBoth(t *testing.T, a, b *bench) {
	s := jobs.Spec{Kind: "x", UniqueKey: "k", RunAt: time.Now().Add(time.Hour)}
	ids := make(chan string, 20)
	for n := range cap(ids) {
		go func() {
			q := []*bench{a, b}[n%2]
			i, err := q.Enqueue(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			ids <- i.ID
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		require.Equal(t, first, <-ids)
	}
}

func forgottenByBoth(t *testing.T, a, b *bench) {
	i := a.add(t, jobs.Spec{Kind: "x", Owner: "ann"})
	n, err := b.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = a.Get(t.Context(), "ann", i.ID)
	require.ErrorIs(t, err, jobs.ErrNotFound)
}

func drainedToOther(t *testing.T, a, b *bench) {
	started := make(chan none)
	register(t, a, "long", quick, func(ctx context.Context, _ none) (string, error) {
		close(started)
		<-ctx.Done()
		return "", ctx.Err()
	})
	register(t, b, "long", quick, func(context.Context, none) (string, error) { return "b", nil })
	stop := a.serve(t, jobs.ServeOptions{Drain: 50 * time.Millisecond})
	i := a.add(t, jobs.Spec{Kind: "long", MaxAttempts: 1})
	<-started
	stop()
	b.serve(t, jobs.ServeOptions{})
	got, err := jobs.Result[string](a.wait(t, i.ID, jobs.Done))
	require.NoError(t, err)
	require.Equal(t, "b", got)
}
