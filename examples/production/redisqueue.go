package main

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/jobs"
)

// openRedisQueue returns the queue that processes share.
func openRedisQueue(config.Redis) (jobs.Queue, error) {
	return nil, fmt.Errorf("jobs on Redis: %w", quintet.ErrUnsupported)
}
