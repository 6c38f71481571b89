//go:build unix

package riverjobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs"
)

type bare struct{}

func (bare) Kind() string { return "bare" }

// BenchmarkEnqueue compares adding a job with adding a bare job of River, which has no
// owner or unique key and is known by a number that can be guessed.
func BenchmarkEnqueue(b *testing.B) {
	s := start(b).way(b)
	s.MaxJobs = 1 << 30
	q := open(b, s.Options)
	b.Run("queue=riverjobs", func(b *testing.B) {
		for b.Loop() {
			_, err := q.Enqueue(b.Context(), jobs.Spec{Kind: "x"})
			require.NoError(b, err)
		}
	})
	pool, err := pgxpool.New(b.Context(), s.URL)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	c, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	require.NoError(b, err)
	b.Run("queue=river", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Insert(b.Context(), bare{}, nil)
			require.NoError(b, err)
		}
	})
}

// BenchmarkServe measures jobs that are added and done, by 8 workers.
func BenchmarkServe(b *testing.B) {
	s := start(b).way(b)
	s.MaxJobs = 1 << 30
	q := open(b, s.Options)
	m, done := jobs.NewMux(), make(chan bool, 1<<20)
	err := jobs.Register(m, "x", func(context.Context, struct{}) (bool, error) { done <- true; return true, nil }, jobs.KindOptions{})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, m, jobs.ServeOptions{Workers: 8, Drain: time.Second}) }()
	for b.Loop() {
		_, err := q.Enqueue(b.Context(), jobs.Spec{Kind: "x"})
		require.NoError(b, err)
	}
	for range b.N {
		<-done
	}
	b.StopTimer()
	stop()
	require.NoError(b, <-ended)
}
