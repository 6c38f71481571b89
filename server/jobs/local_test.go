package jobs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/jobtest"
)

func TestQueueInMemory(t *testing.T) {
	jobtest.Queue(t, func(t *testing.T) jobs.Queue {
		q, err := jobs.New(jobs.Options{})
		require.NoError(t, err)
		return q
	})
}

func TestQueueInADirectory(t *testing.T) {
	jobtest.Queue(t, func(t *testing.T) jobs.Queue {
		q, err := jobs.Open(t.TempDir(), jobs.Options{})
		require.NoError(t, err)
		return q
	})
}
