package asynqjobs_test

import (
	"testing"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs"
)

// BenchmarkEnqueue compares adding a job with adding a bare task of asynq, which has no
// owner, list or result.
func BenchmarkEnqueue(b *testing.B) {
	s := start(b)
	o := s.options()
	o.MaxJobs = 1 << 30
	q := open(b, o)
	b.Run("queue=asynqjobs", func(b *testing.B) {
		for b.Loop() {
			_, err := q.Enqueue(b.Context(), jobs.Spec{Kind: "x"})
			require.NoError(b, err)
		}
	})
	raw := s.client()
	defer raw.Close()
	client := asynq.NewClientFromRedisClient(raw)
	b.Run("queue=asynq", func(b *testing.B) {
		for b.Loop() {
			_, err := client.EnqueueContext(b.Context(), asynq.NewTask("x", nil))
			require.NoError(b, err)
		}
	})
}
