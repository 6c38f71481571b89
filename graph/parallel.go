package graph

import (
	"context"
	"fmt"
	"runtime"

	"github.com/quintet-ai/quintet"
)

// workersOrDefault refuses a negative number of workers and fills in 0.
func workersOrDefault(workers int) (int, error) {
	if workers < 0 {
		return 0, fmt.Errorf("graph: Workers is %d: %w", workers, quintet.ErrOption)
	}
	if workers == 0 {
		return runtime.GOMAXPROCS(0), nil
	}
	return workers, nil
}

// forBlocks calls f once for each block in [0, blocks), on at most workers
// goroutines of which the caller's is one; worker numbers them from 0. It looks
// at ctx before each block and returns its error if a block was left out. A
// panic of f surfaces in the caller.
func forBlocks(ctx context.Context, blocks, workers int, f func(block, worker int)) error {
	t := newTeam(min(workers, blocks))
	defer t.close()
	return t.forBlocks(ctx, blocks, f)
}
