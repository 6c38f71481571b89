package jobtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

func lists(t *testing.T, b *bench) {
	var want []string
	for n := range 5 {
		s := spec(t, "x", n)
		s.Owner = "ann"
		i := b.add(t, s)
		require.JSONEq(t, fmt.Sprint(n), string(i.Args))
		want = append([]string{i.ID}, want...)
	}
	for limit, n := range map[int]int{0: 5, 3: 3, 5000: 5} {
		all, err := b.List(t.Context(), jobs.Filter{Owner: "ann", Limit: limit})
		require.NoError(t, err)
		require.Len(t, all, n)
		for i, info := range all {
			require.Equal(t, want[i], info.ID)
			require.Empty(t, info.Args)
			require.Equal(t, jobs.Queued, info.State)
		}
	}
}

func counts(t *testing.T, b *bench) {
	register(t, b, "hang", quick, func(ctx context.Context, _ none) (none, error) { <-ctx.Done(); return none{}, ctx.Err() })
	b.add(t, jobs.Spec{Kind: "hang", RunAt: time.Now().Add(time.Hour)})
	first := b.add(t, jobs.Spec{Kind: "hang"})
	second := b.add(t, jobs.Spec{Kind: "hang", Priority: jobs.Low})
	s, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 0}, []int{s.Scheduled, s.Queued, s.Running})
	require.Positive(t, s.Oldest)
	b.serve(t, jobs.ServeOptions{Workers: 1})
	b.wait(t, first.ID, jobs.Running)
	s, err = b.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1}, []int{s.Scheduled, s.Queued, s.Running})
	require.NoError(t, b.Cancel(t.Context(), "", second.ID))
	require.NoError(t, b.Cancel(t.Context(), "", first.ID))
	b.wait(t, first.ID, jobs.Canceled)
	s, err = b.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 0, 0}, []int{s.Scheduled, s.Queued, s.Running})
	require.EqualValues(t, 2, s.Canceled)
	require.Zero(t, s.Oldest)
}

func ended(t *testing.T, b *bench) {
	register(t, b, "x", quick, func(context.Context, none) (string, error) { return "kept", nil })
	b.serve(t, jobs.ServeOptions{})
	i := b.wait(t, b.add(t, jobs.Spec{Kind: "x", Owner: "ann"}).ID, jobs.Done)
	require.NoError(t, b.Cancel(t.Context(), "ann", i.ID))
	got, err := b.Get(t.Context(), "ann", i.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Done, got.State)
	require.JSONEq(t, `"kept"`, string(got.Result))
	require.ErrorIs(t, b.Retry(t.Context(), "ann", i.ID), quintet.ErrInput)
}

func forgetRunning(t *testing.T, b *bench) {
	started, told := make(chan none), make(chan none)
	register(t, b, "hang", quick, func(ctx context.Context, _ none) (none, error) {
		close(started)
		<-ctx.Done()
		close(told)
		return none{}, ctx.Err()
	})
	register(t, b, "next", quick, func(context.Context, none) (none, error) { return none{}, nil })
	b.serve(t, jobs.ServeOptions{Workers: 1})
	i := b.add(t, jobs.Spec{Kind: "hang", Owner: "ann", UniqueKey: "k"})
	<-started
	n, err := b.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	<-told
	b.wait(t, b.add(t, jobs.Spec{Kind: "next"}).ID, jobs.Done)
	_, err = b.Get(t.Context(), "", i.ID)
	require.ErrorIs(t, err, jobs.ErrNotFound)
	require.NotEqual(t, i.ID, b.add(t, jobs.Spec{Kind: "hang", Owner: "ann", UniqueKey: "k", RunAt: time.Now().Add(time.Hour)}).ID)
}

func againAtOnce(t *testing.T, b *bench) {
	register(t, b, "x", quick, func(context.Context, none) (none, error) { return none{}, nil })
	b.serve(t, jobs.ServeOptions{})
	i := b.add(t, jobs.Spec{Kind: "x", RunAt: time.Now().Add(time.Hour)})
	require.NoError(t, b.Cancel(t.Context(), "", i.ID))
	require.Equal(t, jobs.Canceled, b.wait(t, i.ID, jobs.Canceled).State)
	require.NoError(t, b.Retry(t.Context(), "", i.ID))
	require.Equal(t, 1, b.wait(t, i.ID, jobs.Done).Attempt)
}
