package asynqjobs_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/asynqjobs"
	"github.com/quintet-ai/quintet/server/jobs/jobtest"
)

func TestQueue(t *testing.T) {
	s := start(t)
	var n atomic.Int32
	jobtest.Queue(t, func(t *testing.T) jobs.Queue {
		o := s.options()
		o.Name = fmt.Sprint("queue", n.Add(1))
		q, err := asynqjobs.Open(o)
		require.NoError(t, err)
		return q
	})
}

func TestQueueOfTwoProcesses(t *testing.T) {
	s := start(t)
	var n atomic.Int32
	jobtest.Shared(t, func(t *testing.T) (a, b jobs.Queue) {
		o := s.options()
		o.Name = fmt.Sprint("shared", n.Add(1))
		a, err := asynqjobs.Open(o)
		require.NoError(t, err)
		b, err = asynqjobs.Open(o)
		require.NoError(t, err)
		return a, b
	})
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]asynqjobs.Options{
		"negative timeout": {Timeout: -1}, "negative poll": {Poll: -1}, "negative bound": {MaxJobs: -1},
		"braces": {Name: "a}b"}, "a blank": {Name: "a b"}, "a long name": {Name: strings.Repeat("x", 101)},
	} {
		_, err := asynqjobs.Open(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

func TestFullQueueIsBusy(t *testing.T) {
	o := start(t).options()
	o.MaxJobs = 2
	q := open(t, o)
	for range 2 {
		_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		require.NoError(t, err)
	}
	_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NotErrorIs(t, err, jobs.ErrUnavailable)
}

func TestFinishedJobsAreBounded(t *testing.T) {
	o := start(t).options()
	o.MaxFinished = 1
	q := open(t, o)
	var ids []string
	for range 3 {
		i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		require.NoError(t, err)
		require.NoError(t, q.Cancel(t.Context(), "", i.ID))
		ids = append(ids, i.ID)
	}
	_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	for i, id := range ids {
		_, err := q.Get(t.Context(), "", id)
		if i < 2 {
			require.ErrorIs(t, err, jobs.ErrNotFound)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestNothingOfAForgottenOwnerIsLeft(t *testing.T) {
	s := start(t)
	q, raw := open(t, s.options()), s.client()
	defer raw.Close()
	for n := range 450 {
		_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x", Owner: "ann", UniqueKey: fmt.Sprint(n), Args: []byte(`"a secret of ann"`)})
		require.NoError(t, err)
	}
	n, err := q.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 450, n)
	keys, err := raw.Keys(t.Context(), "quintet:*").Result()
	require.NoError(t, err)
	require.Empty(t, keys)
}

func TestJobWhoseTicketGotLostRuns(t *testing.T) {
	s := start(t)
	o := s.options()
	o.Timeout = time.Second
	q, raw := open(t, o), s.client()
	defer raw.Close()
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	tickets, err := raw.HKeys(t.Context(), "quintet:{quintet}:tickets").Result()
	require.NoError(t, err)
	require.Len(t, tickets, 1)
	keys, err := raw.Keys(t.Context(), "asynq:*").Result()
	require.NoError(t, err)
	require.NoError(t, raw.Del(t.Context(), keys...).Err())
	old := redis.Z{Member: tickets[0], Score: float64(time.Now().Add(-time.Minute).UnixMicro())}
	require.NoError(t, raw.ZAdd(t.Context(), "quintet:{quintet}:outbox", old).Err(), "as if its process had died before")
	serve(t, q, instant(t))
	await(t, q, i.ID, jobs.Done)
}

// instant knows the kind x, which does nothing.
func instant(t *testing.T) *jobs.Mux {
	t.Helper()
	m := jobs.NewMux()
	err := jobs.Register(m, "x", func(context.Context, struct{}) (bool, error) { return true, nil }, jobs.KindOptions{})
	require.NoError(t, err)
	return m
}

// serve runs jobs until the test ends.
func serve(t *testing.T, q *asynqjobs.Queue, m *jobs.Mux) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, m, jobs.ServeOptions{}) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
}

// await returns a job when it is in a state.
func await(t *testing.T, q *asynqjobs.Queue, id string, want jobs.State) (i jobs.Info) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		i, err = q.Get(t.Context(), "", id)
		return err == nil && i.State == want
	}, 60*time.Second, 10*time.Millisecond, "job never was %s", want)
	return i
}
